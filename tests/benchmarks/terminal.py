"""A program on a pseudo-terminal of 80 x 24 cells that answers as xterm does."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROWS: Final = 24
COLUMNS: Final = 80

_ESCAPES: Final = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor, modes
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: title, pointer
    rb"|\x1b[P_^X][^\x1b]*\x1b\\"  # strings to the device: pictures, queries
    rb"|\x1b[ -/]*[0-~]"
)
_REPLIES: Final = {
    b"\x1b[c": b"\x1b[?62;22c",  # who are you: a VT220 with colour, without pictures
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronised output: known
    b"\x1b[16t": b"\x1b[6;16;8t",  # cell size in pixels
}


class Vanished(Exception):
    """The program ended, or showed nothing of what was waited for; the text holds what it had shown."""


class Terminal:
    """Runs `command`; leaving the context kills it.

    A terminal that stays silent makes some programs wait for a time-out, so the usual queries are answered.
    """

    def __init__(
        self, command: Sequence[str | Path], environment: Mapping[str, str], *, cwd: Path | None = None
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, COLUMNS * 8, ROWS * 16))
            try:
                if cwd:
                    os.chdir(cwd)
                os.execvpe(command[0], [str(word) for word in command], dict(environment))
            finally:
                os._exit(127)
        self._seen = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    @property
    def text(self) -> str:
        """Everything printed so far, without escape sequences."""
        return _ESCAPES.sub(b"", self._seen).decode("utf-8", "replace")

    def wait_for(self, marker: str, *, seconds: float = 30.0) -> float:
        """Seconds from the start of the process until `marker` was printed.

        Raises:
            Vanished: the program ended or the time passed without it.
        """
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            if not select.select([self._fd], [], [], left)[0]:
                break
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                break
            now = time.perf_counter()
            for query, reply in _REPLIES.items():
                if query in chunk:
                    os.write(self._fd, reply)
            self._seen += chunk
            if marker in self.text:
                return now - self.started
        raise Vanished(f"{marker!r} was not shown; the terminal holds:\n{self.text[-2000:]}")

    def type(self, keys: str) -> None:
        """Send keys as typed."""
        os.write(self._fd, keys.encode())

    def memory_mb(self) -> float:
        """Resident memory of the process itself, not of its children, in megabytes of 10^6 bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024 / 1e6
