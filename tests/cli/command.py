"""Running a command as the shell does: words in, exit code and both outputs back."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from studytui.__main__ import main


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """A shell with the tiny course at hand."""

    course: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str, stdin: str = "") -> Done:
        """Run studytui with these words on the tiny course."""
        return run_here(["--course", str(self.course), *words], self.monkeypatch, self.capsys, stdin=stdin)


def run_here(
    words: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, stdin: str = ""
) -> Done:
    """Run studytui with these words in this process; standard input ends after `stdin`."""
    monkeypatch.setattr(sys, "argv", ["studytui", *words])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return Done(code, out, err)
