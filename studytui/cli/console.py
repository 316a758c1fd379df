"""The door of the command line: what standard input brings is text or refused, and what goes out is shown, not obeyed.

Commands print as they like; whatever stands in a text (a title, a path, an error, a traceback), the streams that
`open_doors` puts in place let no character through that a terminal would take as a command.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any, Final, TextIO

import typer

from studytui.domain.plain_text import json_text, on_one_line, visible

MOST_CHARACTERS: Final = 1_000_000
"""A longer line is no answer."""
_UTF8: Final = ("utf-8", "utf8", "utf_8")
_CLEAR_LINE: Final = "\r\x1b[K"


class Unwritable(OSError):
    """An output takes nothing (a full disk, a closed one); the text is a sentence."""


class NoInput(Exception):
    """Standard input is closed, or holds no text; the text is a sentence."""


class Door(io.TextIOBase):
    """Standard output or error, on which control characters, direction marks and halves of characters are signs.

    Letters that its encoding does not have are written as escapes. It has no `buffer`, so that nobody writes past it.
    """

    def __init__(self, stream: TextIO | None, name: str) -> None:
        self._stream = stream
        self._name = name
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation(f"{self._name} is closed")
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Raises Unwritable, or BrokenPipeError where a reader left."""
        self._send(visible(text))
        return len(text)

    def redraw(self, text: str) -> None:
        """Put a line in the place of the last one, and nothing in its place with ''."""
        self._send(_CLEAR_LINE + visible(text).replace("\n", " "))
        self.flush()

    def flush(self) -> None:
        """Raises Unwritable, or BrokenPipeError where a reader left."""
        if self._stream is not None:
            with self._told():
                self._stream.flush()

    def _send(self, text: str) -> None:
        with self._told():
            if self._stream is None:
                raise OSError(errno.EBADF, "it is closed")
            self._stream.write(text)

    @contextlib.contextmanager
    def _told(self) -> Any:
        try:
            yield
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise Unwritable(f"{self._name} cannot be written ({why}).") from error


class _Closed(io.TextIOBase):
    """Standard input that was closed before the program began."""

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]  # noqa: ARG002
        raise NoInput("standard input is closed; there is nothing to read an answer from.")

    def read(self, size: int | None = -1) -> str:  # noqa: ARG002
        return self.readline()


def open_doors() -> None:
    """Put the doors in the place of the standard streams, once and for the life of the process."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file that is opened gets this number, and what others print lands in it.
            os.open(os.devnull, os.O_RDWR)
    if not isinstance(sys.stdout, Door):
        sys.stdout = Door(sys.stdout, "standard output")
    if not isinstance(sys.stderr, Door):
        sys.stderr = Door(sys.stderr, "standard error")
    if sys.stdin is None:
        sys.stdin = _Closed()
    elif isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")


def close_doors() -> None:
    """Turn an output that failed into one that swallows the rest, so that Python does not complain at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                sink = os.open(os.devnull, os.O_WRONLY)
                os.dup2(sink, stream.fileno())
                os.close(sink)
                stream.flush()


def complain(sentence: str) -> None:
    """One line on standard error, if anybody can still be told."""
    with contextlib.suppress(OSError):
        print(f"studytui: {on_one_line(sentence)}", file=sys.stderr, flush=True)  # noqa: T201


def put_line(text: str) -> None:
    """One line on standard output, whatever line ends stand in the text."""
    typer.echo(on_one_line(text))


def print_json(data: Any, *, indent: int | None = 2) -> None:
    """JSON on standard output, on one line without an indent; with ASCII alone where it has not all letters."""
    typer.echo(json_text(data, ascii_only=sys.stdout.encoding.lower() not in _UTF8, indent=indent))


def progress(text: str) -> None:
    """One line on a terminal that the next one replaces; nothing where nobody looks."""
    if isinstance(sys.stderr, Door) and sys.stderr.isatty():
        sys.stderr.redraw(text)


def read_line(prompt: str = "") -> str | None:
    """One line of standard input without its end; None once there are no more.

    A line that is no text (bytes of another encoding) is no answer: it is said so, and the next one is taken.

    Raises:
        NoInput: standard input is closed.
    """
    while True:
        if prompt:
            print(prompt, end=" ", flush=True)  # noqa: T201
        line = sys.stdin.readline(MOST_CHARACTERS)
        if not line:
            return None
        if len(line) == MOST_CHARACTERS and not line.endswith("\n"):
            while (rest := sys.stdin.readline(MOST_CHARACTERS)) and not rest.endswith("\n"):
                pass
            typer.echo(f"That is longer than {MOST_CHARACTERS:,} characters; nothing was taken of it. Type it again.")
            continue
        if problem := _no_text(line):
            typer.echo(f"This is {problem}; nothing was taken of it. Type it again.")
            continue
        return line.rstrip("\r\n").removeprefix("\ufeff")


def read_all(most_characters: int) -> str:
    """Standard input to its end, or its first so many characters.

    Raises:
        NoInput: it is closed, or holds something else than text.
    """
    text = sys.stdin.read(most_characters)
    if problem := _no_text(text):
        raise NoInput(f"standard input holds {problem}.")
    return text.removeprefix("\ufeff")


def prompt(text: str, **options: Any) -> str:
    """As `typer.prompt`; what is no text is asked for again."""
    return str(typer.prompt(text, value_proc=_text, **options))


def _text(typed: str) -> str:
    if problem := _no_text(typed):
        raise typer.BadParameter(f"This is {problem}.")
    return typed


def _no_text(text: str) -> str:
    """What this is, where it is no text; else ''."""
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        return ""
    return f"no {(sys.stdin.encoding or 'utf-8').upper()} text"
