"""The program itself on a pseudo-terminal: keys in, what it prints out, its exit code."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.store.surroundings import with_root


class OnTerminal:
    """A program on a terminal of its own, and what it has printed."""

    def __init__(self, *words: str, home: Path) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studytui", *words],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env=with_root() | {"STUDYTUI_HOME": str(home), "TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(theirs)
        self.printed = b""

    def send(self, text: str) -> None:
        """Type something."""
        os.write(self._ours, text.encode())

    def listen(self, seconds: float, until: bytes = b"\0") -> None:
        """Take what is printed, so that the program never waits for us, until something was printed."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and until not in self.printed:
            if select.select([self._ours], [], [], left)[0]:
                self.printed += os.read(self._ours, 65_536)

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
