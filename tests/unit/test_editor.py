"""The command line that opens an editor at a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.services.editor import command

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
