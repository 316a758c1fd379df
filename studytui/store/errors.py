"""What can go wrong with the database, each with a hint on what to do. Nothing was written when one is raised."""

from __future__ import annotations

from pathlib import Path


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
