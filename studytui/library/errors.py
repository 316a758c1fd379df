"""What is wrong with an authored file, where it stands and in which field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

Read = TypeVar("Read")
LONGEST_MESSAGE: Final = 600
LONGEST_NAME: Final = 80
"""Characters; what a file holds may be repeated in a sentence, which stays one."""


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class CourseError(Exception):
    """A course cannot be read: a sentence with file, line, card and field, as far as they are known.

    `path` is relative to the course's folder; `line` counts from 1, 0 where there is none.
    """

    def __init__(self, message: str, *, path: str = "", line: int = 0, card: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = shortened(message, LONGEST_MESSAGE)
        self.path = path
        self.line = line
        self.card = card
        self.field = shortened(field, LONGEST_NAME)

    @property
    def where(self) -> str:
        """`content/cards/02.toml:14`."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        who = f"[{self.card}] " if self.card else ""
        field = f"{self.field}: " if self.field else ""
        return f"{self.where}: {who}{field}{self.message}" if self.path else f"{who}{field}{self.message}"


class DoubledId(CourseError):
    """A card can be read, and another one before it in the same file has its id."""


def all_or_none(read: list[Read], errors: Sequence[CourseError]) -> list[Read]:
    """What was read from a file in which nothing is wrong.

    Raises:
        CourseError: the first of the errors, and how many more there are.
    """
    if errors:
        first = errors[0]
        more = f" And {len(errors) - 1} more; `studytui check` lists them all." if len(errors) > 1 else ""
        raise CourseError(first.message + more, path=first.path, line=first.line, card=first.card, field=first.field)
    return read
