"""Is the file of this name still the one that was opened? Asked before each write, at the price of a few microseconds.

A program that synchronises files may rename another file over `study.db`, write over it in place, remove it or cut it
short while the app has it open. SQLite notices none of it: it would go on in a file that no name leads to, or copy its
log into another machine's database. What tells is the file's place and times, which only a checkpoint of ours may
change, then the marks of `wal`, and the newest row of the log, which other windows of ours only ever add to.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final, TypeAlias

from studytui.store import statements, wal
from studytui.store.errors import Replaced

Place: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of anything, in nanoseconds."""

_HEAD: Final = (
    "SELECT i.uid, r.id, r.review_uid FROM identity i LEFT JOIN review r ON r.id = (SELECT max(id) FROM review)"
    " WHERE i.id = 1"
)
_KNOWN: Final = "SELECT 1 FROM review WHERE review_uid = ?"


class Moved(Exception):
    """The name leads to the same content in another file, or the log lost its name: open anew, and nothing is lost.

    `log_is_gone`: what the log held has to go into the file before.
    """

    def __init__(self, *, log_is_gone: bool) -> None:
        super().__init__()
        self.log_is_gone = log_is_gone


class Watch:
    """What is known of the file that a connection has open. `newest` is the log's last row, id and review_uid."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Raises sqlite3.Error, and Replaced if the file went away meanwhile."""
        self.path = path
        self._name = str(path)
        self._log_name = str(wal.log_of(path))
        self.uid, *newest = connection.execute(_HEAD).fetchone()
        self.newest: tuple[int, str] | None = None if newest[0] is None else (newest[0], newest[1])
        self._mark = wal.mark_of(path)
        self._place = _place(self._name)
        self._log_place = _log_place(self._log_name)
        self._own_mark: int | None = None
        self.marked = False
        """Whether this connection has marked the log since the last checkpoint."""

    def look(self) -> None:
        """Is the file the same, from outside?

        Raises:
            Replaced: it is not, or there is none.
            Moved: its content is the same in another place, or the log is gone.
        """
        place = _place(self._name)
        log_place = _log_place(self._log_name)
        if place != self._place:
            self._look_closer(place, log_place)
        if log_place != self._log_place:
            if log_place is not None:
                raise _replaced(self.path, "another program replaced its log")
            raise Moved(log_is_gone=True)

    def before_write(self, connection: sqlite3.Connection) -> None:
        """Within a transaction that holds the write lock: is the file the same, and does the log go on from here?

        Raises:
            Replaced, Moved: as `look`.
            sqlite3.Error: the database refuses.
        """
        self.look()
        row = connection.execute(_HEAD).fetchone()
        if row is None or row[0] != self.uid:
            raise _replaced(self.path, "it holds another database")
        if self.newest is not None and row[1:] != self.newest:
            self._follow(connection, row[1])
        self.newest = None if row[1] is None else row[1:]
        if not self.marked:
            self._own_mark = wal.mark(connection, self._mark or 0)
            self.marked = True

    def after_checkpoint(self) -> None:
        """A checkpoint of ours changed the file; the next write begins a log anew."""
        self._place, self._mark, self.marked = _place(self._name), wal.mark_of(self.path), False

    @property
    def is_unmarked(self) -> bool:
        """Whether no mark was ever put into the file."""
        return not self._mark

    def is_same_file(self) -> bool:
        """Whether the name still leads to the file that was opened, whatever was written over it."""
        try:
            return _place(self._name)[:2] == self._place[:2]
        except Replaced:
            return False

    def own_log(self) -> Path | None:
        """The log that the connection writes, if it still has its name."""
        same = self._log_place is not None and _log_place(self._log_name) == self._log_place
        return Path(self._log_name) if same else None

    def _look_closer(self, place: Place, log_place: tuple[int, int] | None) -> None:
        """Only a checkpoint changes the file; after one of another window its mark stands in our common log."""
        mark = wal.mark_of(self.path)
        if mark is None or (mark not in (self._mark, self._own_mark) and not wal.is_in_log(self.path, mark)):
            raise _replaced(self.path, "another program wrote another file in its place")
        if place[:2] != self._place[:2] and log_place == self._log_place:
            raise Moved(log_is_gone=False)
        if place[:2] != self._place[:2]:
            raise _replaced(self.path, "another program moved it away from its log")
        if place[2] < self._place[2]:
            raise _replaced(self.path, "another program cut it short")
        self._place, self._mark, self.marked = place, mark, False

    def _follow(self, connection: sqlite3.Connection, top: int | None) -> None:
        """Another window added rows, or put those of another machine in between; ours must still be there."""
        assert self.newest is not None
        known, uid = self.newest
        if top is not None and connection.execute(statements.UID_OF, (known,)).fetchone() == (uid,):
            return
        if connection.execute(_KNOWN, (uid,)).fetchone() is None:
            raise _replaced(self.path, "it lacks answers that were saved")


def _place(name: str) -> Place:
    try:
        found = os.stat(name)  # noqa: PTH116  a Path costs as much as the call
    except OSError as error:
        raise _replaced(name, "another program removed it") from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _log_place(name: str) -> tuple[int, int] | None:
    try:
        found = os.stat(name)  # noqa: PTH116  a Path costs as much as the call
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _replaced(path: Path | str, how: str) -> Replaced:
    return Replaced(
        f"{path} is no longer the file that studytui opened: {how}. Nothing was written into it.",
        hint="Your answers are safe in this window.",
    )
