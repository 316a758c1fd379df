"""The program itself on a pseudo-terminal: keys in, what it prints out, its exit code."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rich.cells import cell_len

from tests.store.surroundings import with_root

ROWS, COLUMNS = 24, 80
NOTICE_COLUMN = 39
"""Where a notice begins at the left."""
_SEQUENCE = re.compile(
    r"\x1b(?:\[([0-9;?<=>]*)[ -/]*([@-~])|[\]P_^X].*?(?:\x07|\x1b\\)|(?![\[\]P_^X])[ -/]*[0-~])", re.DOTALL
)


def _words(text: str) -> str:
    return " ".join(re.sub(r"[│╭╮╰╯─▌▏▕]", " ", text).split())


class Screen:
    """What stands on a terminal after what was printed to it; as much of a terminal as the app asks for."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pending = ""
        self._cells = [[" "] * COLUMNS for _ in range(ROWS)]
        self._row = self._column = 0
        self.is_alternate = False
        self.has_mouse = False

    @property
    def text(self) -> str:
        """Line by line, with runs of white space as one space."""
        return "\n".join(" ".join("".join(row).split()) for row in self._cells)

    @property
    def words(self) -> str:
        """All of it as one line without borders, so that a sentence is found wherever it was wrapped."""
        return _words(self.text)

    def reads(self, text: str) -> bool:
        """Whether a text stands on the screen, or in a notice at its right with other things beside it."""
        return text in self.words or text in _words("\n".join("".join(row[NOTICE_COLUMN:]) for row in self._cells))

    def feed(self, data: bytes) -> None:
        text, self._pending = self._pending + self._decode(data), ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._put(text[at])
                at += 1
            elif sequence := _SEQUENCE.match(text, at):
                if sequence[2]:
                    self._obey(sequence[1], sequence[2])
                at = sequence.end()
            else:
                self._pending = text[at:]
                return

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row = min(ROWS - 1, self._row + 1)
        elif character >= " ":
            width = cell_len(character)
            if width and self._column < COLUMNS:
                self._cells[self._row][self._column : self._column + width] = [character, *[""] * (width - 1)]
                self._column += width

    def _obey(self, values: str, command: str) -> None:
        numbers = [int(number) for number in re.findall(r"\d+", values)]
        match command:
            case "H" | "f":
                row, column = (*numbers, 1, 1)[:2] if len(numbers) > 1 or not numbers else (numbers[0], 1)
                self._row, self._column = min(ROWS, row or 1) - 1, min(COLUMNS, column or 1) - 1
            case "J":
                self._cells = [[" "] * COLUMNS for _ in range(ROWS)]
            case "K":
                self._cells[self._row][self._column :] = [" "] * (COLUMNS - self._column)
            case "h" | "l" if values == "?1049":
                self.is_alternate = command == "h"
                self._cells = [[" "] * COLUMNS for _ in range(ROWS)]
            case "h" | "l" if values == "?1000":
                self.has_mouse = command == "h"


class OnTerminal:
    """A program on a terminal of its own, and what it has printed."""

    def __init__(
        self,
        *words: str,
        home: Path,
        program: tuple[str, ...] = ("-m", "studytui"),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, *program, *words],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  ctrl+c and ctrl+z are signals then
            env=with_root() | {"STUDYTUI_HOME": str(home), "TERM": "xterm-256color", **environment},
        )  # fmt: skip
        os.close(theirs)
        self.printed = b""
        self.screen = Screen()

    @property
    def echoes(self) -> bool:
        """The terminal shows what is typed, and hands it over line by line: as a shell wants it."""
        flags = termios.tcgetattr(self._ours)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def shows(self, text: str, seconds: float = 30.0) -> bool:
        """Whether a text comes to stand on the screen, wherever it is wrapped."""
        end = time.monotonic() + seconds
        while not self.screen.reads(text) and time.monotonic() < end and self.process.poll() is None:
            self.listen(0.2)
        return self.screen.reads(text)

    def send(self, text: str | bytes) -> None:
        """Type something."""
        os.write(self._ours, text if isinstance(text, bytes) else text.encode())

    def listen(self, seconds: float, until: bytes = b"\0") -> None:
        """Take what is printed, so that the program never waits for us, until something was printed."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and until not in self.printed:
            if select.select([self._ours], [], [], left)[0]:
                found = os.read(self._ours, 65_536)
                self.printed += found
                self.screen.feed(found)

    def ends(self, seconds: float) -> int | None:
        """The exit code; None if it has not ended by then."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                self.listen(0.1)
        return self.process.poll()

    def kill(self) -> None:
        """End it at once, if it still runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)
