"""What is wrong with an authored file, where it stands and in which field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
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


class ReportError(Exception):
    """The files cannot be written; the text names the folder and says why."""


# What can go wrong with the database, each with a hint on what to do. Nothing was written when one is raised


class StoreError(Exception):
    """The database cannot do what was asked; `hint` says what the user can do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Unreadable(StoreError):
    """The file is no database of this app, truncated or damaged."""


class Damaged(Unreadable):
    """The file is a database of this app, and something in it is not as it was written."""

    def __init__(self, message: str, *, hint: str = "Run `studytui doctor`.") -> None:
        super().__init__(message, hint=hint)


class DamagedText(Damaged):
    """The stored copy of a card's text is not as it was written; the course's files still have it."""

    def __init__(self, key: str, path: str, line: int, card_no: int) -> None:
        super().__init__(f'Row {card_no} of card_text, the stored text of card "{key}" ({path}:{line}), is damaged.')
        self.key = key
        self.card_no = card_no


class NewerVersion(StoreError):
    """The database was written by a newer version of the app."""


class ReadOnly(StoreError):
    """The folder or file cannot be written."""


class DiskFull(StoreError):
    """The disk is full; the answer is still on the screen."""


class LeftOut(StoreError):
    """The backup is made and whole, but for own files that cannot be read."""


class Busy(StoreError):
    """Another window holds the database."""


class StaleCard(StoreError):
    """The card changed since it was shown: another window answered it."""


class DuplicateReview(StoreError):
    """This showing is in the log already: the answer is safe."""


class NotKept(StoreError):
    """The database took an answer and has no row of it: another program's trigger, or a bug. Nothing was written."""


class Replaced(StoreError):
    """`study.db` is no longer the file that was opened: replaced, rewritten or removed by another program."""


class KeptBeside(StoreError):
    """The file was replaced; what this machine's database held was kept in a file of its own before it was left."""


class NoDatabase(StoreError):
    """There is no database, or one without an answer, beside backups that hold some; `newest` is the last of them."""

    def __init__(self, message: str, *, hint: str, newest: Path) -> None:
        super().__init__(message, hint=hint)
        self.newest = newest
