"""The command line that opens an editor at a line."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from studytui.ui.editing import command as any_command

command = partial(any_command, find=lambda name: name if name == "vi" else None, windows=False)
on_windows = partial(any_command, find=lambda name: None, windows=True)

FILE = Path("/course/my cards.toml")


@pytest.mark.parametrize(
    ("editor", "expected"),
    [
        ("vim", ["vim", "+41", str(FILE)]),
        ("/usr/bin/nvim", ["/usr/bin/nvim", "+41", str(FILE)]),
        ("nano -l", ["nano", "-l", "+41", str(FILE)]),
        ("emacsclient -t", ["emacsclient", "-t", "+41", str(FILE)]),
        ("micro", ["micro", "+41", str(FILE)]),
        ("kak", ["kak", "+41", str(FILE)]),
        ("gvim", ["gvim", "-f", "+41", str(FILE)]),
        ("gvim --nofork", ["gvim", "--nofork", "+41", str(FILE)]),
        ("code", ["code", "--wait", "--goto", f"{FILE}:41"]),
        ("code -w", ["code", "-w", "--goto", f"{FILE}:41"]),
        ("hx", ["hx", f"{FILE}:41"]),
        ("subl", ["subl", "--wait", f"{FILE}:41"]),
        ("kate", ["kate", "--block", "--line", "41", str(FILE)]),
        ("idea", ["idea", "--wait", "--line", "41", str(FILE)]),
        ("ed", ["ed", str(FILE)]),
        ("'/opt/my editor/vim' -u NONE", ["/opt/my editor/vim", "-u", "NONE", "+41", str(FILE)]),
    ],
)
def test_the_editor_is_told_the_line_in_its_own_way(editor: str, expected: list[str]) -> None:
    assert command(FILE, 41, {"EDITOR": editor}) == expected


def test_visual_comes_before_editor_and_vi_is_the_last_resort() -> None:
    assert command(FILE, 1, {"VISUAL": "nano", "EDITOR": "vim"})[0] == "nano"
    assert command(FILE, 1, {"VISUAL": "  ", "EDITOR": "vim"})[0] == "vim"
    assert command(FILE, 1, {"VISUAL": "''#", "EDITOR": "vim"}) != []
    assert command(FILE, 1, {}) == ["vi", "+1", str(FILE)]


def test_a_line_before_the_first_is_the_first() -> None:
    assert command(FILE, 0, {}) == ["vi", "+1", str(FILE)]


def test_an_open_quote_is_left_as_it_was_set() -> None:
    assert command(FILE, 3, {"EDITOR": "vim 'oops"})[0] == "vim 'oops"


def test_braces_in_a_path_stay_as_they_are() -> None:
    assert command(Path("/a/{line}.toml"), 2, {"EDITOR": "hx"}) == ["hx", "/a/{line}.toml:2"]


@pytest.mark.parametrize(
    ("editor", "expected"),
    [
        (r"C:\Program Files\Vim\vim91\gvim.exe", [r"C:\Program Files\Vim\vim91\gvim.exe", "-f", "+41", str(FILE)]),
        (r"C:\Program Files\Vim\gvim.exe --nofork", [r"C:\Program Files\Vim\gvim.exe", "--nofork", "+41", str(FILE)]),
        (
            r'"C:\Program Files\Microsoft VS Code\bin\code.cmd" --wait',
            [r"C:\Program Files\Microsoft VS Code\bin\code.cmd", "--wait", "--goto", f"{FILE}:41"],
        ),
        (
            r'"C:\Program Files (x86)\Notepad++\notepad++.exe" -multiInst',
            [r"C:\Program Files (x86)\Notepad++\notepad++.exe", "-multiInst", "-n41", str(FILE)],
        ),
        (r"\\server\my tools\Nano.EXE -l", [r"\\server\my tools\Nano.EXE", "-l", "+41", str(FILE)]),
        (
            r'code.cmd --user-data-dir "D:\my data"',
            ["code.cmd", "--user-data-dir", r"D:\my data", "--wait", "--goto", f"{FILE}:41"],
        ),
        (r"C:\tools\ed.exe", [r"C:\tools\ed.exe", str(FILE)]),
        (r'"C:\tools\mine', [r'"C:\tools\mine', str(FILE)]),
        ("   ", ["notepad", str(FILE)]),
        ('""', ["notepad", str(FILE)]),
    ],
)
def test_an_editor_on_windows_is_found_with_and_without_quotes(editor: str, expected: list[str]) -> None:
    assert on_windows(FILE, 41, {"EDITOR": editor}) == expected


@pytest.mark.parametrize(
    ("installed", "expected"),
    [({"nano", "vi"}, "nano"), ({"vi"}, "vi"), ({"sensible-editor", "nano", "vi"}, "sensible-editor"), (set(), "vi")],
)
def test_without_a_choice_the_platforms_usual_editor_opens(installed: set[str], expected: str) -> None:
    found = any_command(FILE, 7, {"EDITOR": " "}, find=lambda name: name if name in installed else None, windows=False)
    assert found == [expected, "+7", str(FILE)]


def test_a_script_on_windows_is_started_by_its_full_name() -> None:
    words = any_command(FILE, 2, {"EDITOR": "code"}, find=lambda name: rf"C:\bin\{name}.cmd", windows=True)
    assert words == [r"C:\bin\code.cmd", "--wait", "--goto", f"{FILE}:2"]


def test_an_editor_of_blanks_in_quotes_is_none() -> None:
    assert command(FILE, 1, {"VISUAL": "''", "EDITOR": "nano"})[0] == "nano"
