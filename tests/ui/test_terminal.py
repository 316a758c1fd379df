"""The app on a real terminal, which Pilot cannot see: what reaches it, what it sends back, and the learner's editor."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.widgets import Static

from studytui.ui.app import Output
from tests.terminal import OnTerminal, Screen
from tests.ui.tiny_course import CARDS_1, make_home, running, write_course

SECONDS = 120.0
CLIPBOARD = "\x1b]52;c;UFdO\x07"
HOSTILE = f"wrong{CLIPBOARD}\x9b2J\u202egnp\u2066.exe\u2028\x7f"


@contextmanager
def opened(tmp_path: Path, *words: str, cards: str = CARDS_1, **environment: str) -> Iterator[OnTerminal]:
    """The app on the tiny course, on a terminal of its own."""
    root = write_course(tmp_path / "course", cards=cards)
    terminal = OnTerminal("--course", str(root), *words, home=make_home(tmp_path / "home"), environment=environment)
    try:
        yield terminal
    finally:
        terminal.kill()


def rest(terminal: OnTerminal) -> str:
    assert terminal.ends(SECONDS) is not None, "it does not end"
    return terminal.printed.decode("utf-8", "replace")


def obeyed(text: str) -> list[str]:
    """What a terminal would have obeyed of HOSTILE."""
    return [command for command in (CLIPBOARD, "\x9b", "\u202e", "\u2066", "\u2028", "\x7f") if command in text]


async def test_what_a_widget_forgot_to_make_safe_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.app.screen.mount(Static(f"<{HOSTILE}\ud800>", markup=False))
        await run.settle()
        segments = [segment for strip in run.app.screen._compositor.render_strips() for segment in strip]
        text = "".join(segment.text for segment in segments)
        assert "<wrong]52;c;UFdO2Jgnp.exe�>" in text
        assert not any(ord(character) < 32 for character in text)


async def test_notifications_take_no_markup_and_no_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app.screen.notify(f"[red]{HOSTILE}[/nope]", title="[bold]\x1b[2J")
        await run.settle()
        (note,) = run.app._notifications
        assert not obeyed(note.message + note.title)
        assert "[red]wrong" in run.text


async def test_what_is_copied_commands_nothing_where_it_is_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app.copy_to_clipboard(f"two\nlines {HOSTILE}\ud800")
        assert run.app.clipboard.startswith("two\nlines wrong␛]52")
        assert not obeyed(run.app.clipboard)


def test_a_start_that_fails_tells_the_terminal_nothing_but_a_sentence(tmp_path: Path) -> None:
    course = tmp_path / "x\x1b]52;c;UFdO\x07\u202e"
    terminal = OnTerminal("--course", str(course), home=tmp_path / "home")
    try:
        text = rest(terminal)
        assert terminal.process.returncode == 2
        assert "studytui: " in text
        assert "]52;c;UFdO" in text.replace("\r\n", "")
        assert "\x1b" not in text
        assert not obeyed(text)
    finally:
        terminal.kill()


def test_a_file_that_is_wrong_is_named_on_the_home_screen_and_commands_nothing(tmp_path: Path) -> None:
    bad = CARDS_1.replace('"patch-what"', '"x\\u001b]52;c;UFdO\\u0007\\u009b\\u202e"')
    with opened(tmp_path, cards=bad) as terminal:
        assert terminal.shows("content/cards/01.toml:")
        terminal.send("q")
        text = rest(terminal)
        assert terminal.process.returncode == 0
        assert b"\x1b]52" not in terminal.printed
        assert not obeyed(text)


def test_a_crash_prints_a_traceback_that_commands_nothing_and_no_local_variables(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    script = tmp_path / "crash.py"
    script.write_text(
        "import sys\nfrom studytui.ui.screens.home import HomeScreen\nfrom studytui.__main__ import main\n"
        f"def boom(self):\n    secret = 'course text'\n    raise ValueError({HOSTILE!r})\n"
        "HomeScreen.on_mount = boom\n"
        f"sys.argv = ['studytui', '--course', {str(root)!r}]\nmain()\n",
        encoding="utf-8",
    )
    terminal = OnTerminal(home=tmp_path / "home", program=(str(script),))
    try:
        text = rest(terminal)
        after = text.rpartition("\x1b[?1049l")[2]
        assert "ValueError: wrong␛]52" in after.replace("\r\n", "")
        assert not obeyed(text.replace("\r", ""))
        assert "secret = 'course text'" not in text.replace("│", "")
    finally:
        terminal.kill()


def test_a_screen_is_the_same_however_what_is_printed_is_cut() -> None:
    coloured = "\x1b[2;5H\x1b[1;38;2;92;196;137mgood\x1b[0m"
    printed = f"{coloured}\x1b_Gi=31;OK\x1b\\\x1bP>|x\x1b\\\x1b(B\x1b]0;title\x07 day ▁".encode()
    whole, cut = Screen(), Screen()
    whole.feed(printed)
    for at in range(len(printed)):
        cut.feed(printed[at : at + 1])
    assert whole.words == cut.words == "good day ▁"


def test_bytes_that_are_no_text_are_left_out_with_a_word_and_the_app_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as terminal:
        assert terminal.shows("new")
        terminal.send(b"\xf6\xff\xfe")
        assert terminal.shows("not UTF-8 text")
        terminal.send("q")
        assert terminal.ends(SECONDS) == 0
        assert b"Traceback" not in terminal.printed


# the editor


@contextmanager
def in_review(tmp_path: Path, **environment: str) -> Iterator[OnTerminal]:
    """A review with its first card on the screen and the focus outside its field."""
    with opened(tmp_path, "review", VISUAL="", **environment) as terminal:
        assert terminal.shows("How many patches?")
        terminal.send("\x1b")
        assert terminal.shows("Keys are commands now")
        yield terminal


def program(tmp_path: Path, lines: str) -> str:
    """An editor of our own, in quotes since its name holds a blank."""
    path = tmp_path / "my editor"
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return f"'{path}'"


def goes_on(terminal: OnTerminal) -> None:
    """The app has the terminal again: it draws, takes keys, and gives it back at the end."""
    assert terminal.shows("How many patches?")
    assert (terminal.screen.is_alternate, terminal.screen.has_mouse, terminal.echoes) == (True, True, False)
    terminal.send("?")
    assert terminal.shows("Show or check the answer")
    terminal.send("\x1b")
    assert terminal.shows("How many patches?")
    for _ in range(3):
        if terminal.ends(0.5) is None:  # not so fast that it looks like a key held down
            terminal.send("q")
    assert terminal.ends(SECONDS) == 0
    assert (terminal.screen.is_alternate, terminal.screen.has_mouse, terminal.echoes) == (False, False, True)


@pytest.mark.parametrize("editor", ["/nonexistent", "/nonexistent --wait", "'open quote", "/"])
def test_an_editor_that_cannot_start_is_named_and_the_app_goes_on(tmp_path: Path, editor: str) -> None:
    with in_review(tmp_path, EDITOR=editor) as terminal:
        terminal.send("e")
        name = editor.removesuffix(" --wait")
        assert terminal.shows(f"The editor “{name}” cannot be started")
        assert terminal.shows("Set $VISUAL or $EDITOR to one that is installed.")
        goes_on(terminal)


def test_a_file_that_no_program_can_run_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\0\1")
    (tmp_path / "empty").chmod(0o755)
    with in_review(tmp_path, EDITOR=str(tmp_path / "empty")) as terminal:
        terminal.send("e")
        assert terminal.shows("Exec format error")
        goes_on(terminal)


def test_an_editor_that_ends_with_an_error_is_named_and_what_it_wrote_is_read(tmp_path: Path) -> None:
    editor = program(tmp_path, 'sed -i "s/How many patches/Now how many patches/" "$1"; exit 3')
    with in_review(tmp_path, EDITOR=editor) as terminal:
        terminal.send("e")
        assert terminal.shows("ended with code 3")
        assert terminal.shows("Now how many patches?")


def test_an_editor_that_is_killed_is_said_to_be(tmp_path: Path) -> None:
    with in_review(tmp_path, EDITOR=program(tmp_path, "kill -9 $$")) as terminal:
        terminal.send("e")
        assert terminal.shows("was ended by signal 9")
        goes_on(terminal)


def test_the_editor_has_the_terminal_as_a_shell_has_it_and_gives_it_back(tmp_path: Path) -> None:
    editor = program(tmp_path, 'echo "$*" > "$0.args"; echo IN THE EDITOR; read line; echo "$line" > "$0.typed"')
    with in_review(tmp_path, EDITOR=editor + ' -x "two words"') as terminal:
        terminal.send("e")
        assert terminal.shows("IN THE EDITOR")
        assert not terminal.screen.is_alternate
        assert terminal.echoes
        terminal.send("typed\n")
        goes_on(terminal)
    assert (tmp_path / "my editor.typed").read_text() == "typed\n"
    assert (tmp_path / "my editor.args").read_text() == f"-x two words {tmp_path}/course/content/cards/01.toml\n"


def test_an_interrupt_on_the_terminal_is_the_editors_alone(tmp_path: Path) -> None:
    editor = program(
        tmp_path, "trap \"echo caught > '$0.caught'; exit 0\" INT; echo IN THE EDITOR; while :; do sleep 0.1; done"
    )
    with in_review(tmp_path, EDITOR=editor) as terminal:
        terminal.send("e")
        assert terminal.shows("IN THE EDITOR")
        terminal.send("\x03")
        goes_on(terminal)
    assert (tmp_path / "my editor.caught").read_text() == "caught\n"


# what the terminal can


KITTY = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;18;9t\x1b[?62;c"
FENCE = b"\x1b[c"
TELL = """
from studytui.ui.app import StudyApp
from studytui.ui.terminal import way
heard = StudyApp.hear
def hear(self, answers):
    heard(self, answers)
    self.notify(f"told {answers.name} {way({}, answers)}")
StudyApp.hear = hear
from studytui.__main__ import main
main()
"""


@contextmanager
def telling(tmp_path: Path, **environment: str) -> Iterator[OnTerminal]:
    """The app, which says what it heard of its terminal."""
    root = write_course(tmp_path / "course")
    script = tmp_path / "tell.py"
    script.write_text(TELL, encoding="utf-8")
    words = ("--course", str(root), "review")
    home = make_home(tmp_path / "home")
    terminal = OnTerminal(*words, home=home, program=(str(script),), environment={"TMUX": "", "STY": "", **environment})
    try:
        yield terminal
    finally:
        terminal.kill()


def test_the_terminal_is_asked_before_the_first_paint_and_keys_come_through(tmp_path: Path) -> None:
    with telling(tmp_path) as terminal:
        terminal.listen(SECONDS, until=FENCE)
        assert b"How many" not in terminal.printed
        terminal.send(b"4" + KITTY[:20])
        terminal.listen(0.02)
        terminal.send(KITTY[20:] + b"2")
        assert terminal.shows("told kitty(0.41.1) kitty")
        assert terminal.shows("42")
        terminal.send("\x1b")
        assert terminal.shows("Keys are commands now")
        goes_on(terminal)


def test_a_silent_terminal_is_not_waited_for(tmp_path: Path) -> None:
    with telling(tmp_path) as terminal:
        assert terminal.shows("How many patches?")
        terminal.send("17")
        assert terminal.shows("17")
        terminal.send("\x1b")
        assert terminal.shows("Keys are commands now")
        goes_on(terminal)
        assert b"told" not in terminal.printed


@pytest.mark.parametrize("known", [{"STUDYTUI_PICTURES": "cells"}, {"TMUX": "session,1,0"}], ids=["set", "tmux"])
def test_nothing_is_asked_where_the_answer_is_known(tmp_path: Path, known: dict[str, str]) -> None:
    with telling(tmp_path, **known) as terminal:
        assert terminal.shows("How many patches?")
        assert FENCE not in terminal.printed
        assert b"\x1b_G" not in terminal.printed


def test_a_terminal_that_is_gone_keeps_nobody_waiting() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with suppress(BrokenPipeError), os.fdopen(writer, "w", encoding="utf-8") as file:
        output: Any = Output(file)
        thread = WriterThread(output)
        thread.start()

        def leave() -> None:
            for _ in range(MAX_QUEUED_WRITES * 3):
                thread.write("the farewell")
            thread.stop()

        leaving = threading.Thread(target=leave, daemon=True)
        leaving.start()
        leaving.join(20.0)
        assert not leaving.is_alive(), "it waits for a thread that has ended"
