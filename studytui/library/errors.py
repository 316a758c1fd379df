"""What is wrong with an authored file, where it stands and in which field."""

from __future__ import annotations


class CourseError(Exception):
    """A course cannot be read: a sentence with file, line, card and field, as far as they are known.

    `path` is relative to the course's folder; `line` counts from 1, 0 where there is none.
    """

    def __init__(self, message: str, *, path: str = "", line: int = 0, card: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.card = card
        self.field = field

    @property
    def where(self) -> str:
        """`content/cards/02.toml:14`."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        who = f"[{self.card}] " if self.card else ""
        field = f"{self.field}: " if self.field else ""
        return f"{self.where}: {who}{field}{self.message}" if self.path else f"{who}{field}{self.message}"
