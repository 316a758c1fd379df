"""The app killed in the middle of an answer, on a terminal: what was typed until five seconds before is there again."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.rehearsal.tiny_interview import drafts_at, write_interview
from tests.terminal import OnTerminal
from tests.ui.tiny_course import write_course

LOSES_AT_MOST_S = 5.0
TYPES_FOR_S = 9.0
A_WORD_EVERY_S = 0.25


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of Unix")
def test_killing_the_app_loses_at_most_five_seconds_of_typing(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    write_interview(root)
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("start_labs = false\n", encoding="utf-8")
    terminal = OnTerminal("--course", str(root), "rehearse", "--question", "int-attention", home=home)
    typed: list[tuple[float, str]] = []
    try:
        terminal.listen(60, until=b"answering")
        assert b"answering" in terminal.printed, terminal.printed[-2000:]
        began = time.monotonic()
        while (now := time.monotonic()) - began < TYPES_FOR_S:
            typed.append((now, f"word{len(typed)} "))
            terminal.send(typed[-1][1])
            terminal.listen(A_WORD_EVERY_S)
        killed = time.monotonic()
    finally:
        terminal.kill()
    (draft,) = drafts_at(home)
    must = "".join(word for at, word in typed if at <= killed - LOSES_AT_MOST_S).strip()
    assert must
    assert draft.text.startswith(must)
    assert "".join(word for _, word in typed).startswith(draft.text)
    again = OnTerminal("--course", str(root), "rehearse", "--question", "int-attention", home=home)
    try:
        again.listen(60, until=b"is back")
        assert b"Your draft of" in again.printed
        assert b"word0 word1" in again.printed
    finally:
        again.kill()
