"""Before and after a database is opened: is it there, is its log its own, does it hold what it was left with?"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studytui.errors import Busy, ReadOnly, StoreError
from studytui.store import backup, wal
from studytui.store.connection import connect, translated
from studytui.store.merge import merge, merge_file
from studytui.store.wal import BACKUPS, remove_left_overs

if TYPE_CHECKING:
    from studytui.store.store import Store


_HOLDS: Final = "SELECT 1 FROM review WHERE review_uid = ?"
_LACKED: Final = (
    "SELECT count(*) FROM other.review r WHERE NOT EXISTS"
    " (SELECT 1 FROM main.review m WHERE m.review_uid = r.review_uid)"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The file that was opened is not the one that was left here.

    Attributes:
        answers: rows of the log that were written on this machine and are not in the file.
        kept: the database that holds them.
        log: where the log of the other file was moved, if one was left.
    """

    answers: int = 0
    kept: Path | None = None
    log: Path | None = None

    def sentence(self) -> str:
        """What to tell the learner."""
        parts = ["study.db is not as studytui left it: another program replaced it, or it is damaged."]
        if self.log is not None:
            parts.append(f"The log of the file before is kept in {self.log}.")
        if self.kept is not None:
            count = (
                f"{self.answers} answer{'s' * (self.answers != 1)} given here {'are' if self.answers != 1 else 'is'}"
            )
            parts.append(
                f"{count} not in it; {'they are' if self.answers != 1 else 'it is'} kept in {self.kept}. "
                f"`studytui merge {self.kept}` adds {'them' if self.answers != 1 else 'it'}."
            )
        return " ".join(parts)


def make_ready(path: Path) -> Path | None:
    """Before SQLite opens the file: remove what was left half-made, and move away a log that is not its own.

    Returns where that log is.

    Raises:
        NoDatabase: there is no database, or an empty file, beside backups.
        ReadOnly: the log cannot be moved.
    """
    for place in {path.parent, path.with_name(BACKUPS), Path(os.path.realpath(path)).parent}:
        remove_left_overs(place)
    log = None
    if (left_over := wal.left_over(path)) is not None:
        from studytui.store import backup

        log = backup.set_aside_log(path, left_over, at=datetime.now(UTC))
    try:
        is_there = path.exists() and path.stat().st_size > 0
    except OSError as error:
        raise ReadOnly(
            f"{path} cannot be looked at: {error.strerror or error}.", hint="Set STUDYTUI_HOME to another folder."
        ) from error
    if not is_there:
        from studytui.store import backup

        backup.require_none(path)
    return log


def look_for_missing(connection: sqlite3.Connection, path: Path) -> tuple[int, Path] | None:
    """How many rows of this machine's log the database lacks, and where they are kept now; None if it lacks none.

    Raises:
        StoreError: they cannot be kept; the journal stays.
    """
    newest = wal.last_uid(path)
    try:
        if newest is None or connection.execute(_HOLDS, (newest,)).fetchone() is not None:
            return None
    except sqlite3.DatabaseError:
        return None  # what is damaged is told where it is read, and by `doctor`

    kept = keep_journal(path, at=datetime.now(UTC))
    connection.execute("ATTACH ? AS other", (f"{kept.absolute().as_uri()}?mode=ro&immutable=1",))
    try:
        (count,) = connection.execute(_LACKED).fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.execute("DETACH other")
    return (count, kept) if count else None


# When another program put its own file in the place of the one that is open: both machines' answers are kept


QUIET_SECONDS: Final = 2.0
"""A file that is no database and was written so lately may become one."""


def keep_beside(store: Store) -> Path:
    """Make a whole database of what the store's held, and close the store without a byte written into the new file.

    Raises:
        StoreError: it cannot be written; the store stays open, and its answers are in the journal too.
    """
    at = datetime.now(UTC)
    kept = _kept(store.path, at)
    if store.has_lost_its_name:
        try:
            backup.copy_open(store.connection, kept)
        except StoreError:
            _from_journal(store.path, kept)
    else:
        # The file itself was written over: pages of two databases would be mixed in what the connection reads.
        _from_journal(store.path, kept)
    log = store.orphaned_log
    store.close_untouched()
    if log is not None:
        # All that it held is in the copy.
        log.unlink(missing_ok=True)
        wal.index_of(store.path).unlink(missing_ok=True)
    wal.forget(store.path)
    backup.thin_moved(store.path, kept)
    return kept


def keep_journal(path: Path, *, at: datetime) -> Path:
    """Make a whole database of the newest backup and the journal, which begins anew.

    Raises:
        StoreError: it cannot be written; the journal stays.
    """
    kept = _from_journal(path, _kept(path, at))
    wal.forget(path)
    backup.thin_moved(path, kept)
    return kept


def go_on(kept: Path, path: Path) -> int:
    """Put one database in the place of the file at `path` that holds all its answers and all that are in `kept`.

    No store may have the file open. Returns how many answers of the file at `path` came in. A file there that is no
    database of this app is moved into the backups.

    Raises:
        Busy: another window has the new file open, or it is still being written.
        StoreError: the file is being written, or the disk refuses; it stays as it is.
    """
    at = datetime.now(UTC)
    if path.exists() and not is_database(path) and time.time() - path.stat().st_mtime < QUIET_SECONDS:
        raise Busy("The new file is still being written.", hint="Wait a moment and choose again.")

    def take_in(fresh: Path) -> int:
        if not path.exists():
            return 0
        with closing(connect(fresh)) as connection:
            added = merge_file(connection, path)
            with translated(fresh):
                connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        return added

    return backup.put_in_place(kept, path, at=at, change=take_in)


def is_database(path: Path) -> bool:
    """Whether there is a whole database of this app."""
    try:
        backup.require_restorable(path, path.with_name(f"{path.name}.none"))
    except (StoreError, OSError):
        return False
    return True


def _from_journal(path: Path, target: Path) -> Path:
    def add(fresh: Path) -> None:
        with closing(connect(fresh)) as connection, translated(fresh):
            connection.execute("BEGIN IMMEDIATE")
            merge(connection, wal.read(path))
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()

    return backup.make_from_newest(path, target, change=add)


def _kept(path: Path, at: datetime) -> Path:
    return backup.folder(path) / f"kept-{backup.stamp(at)}.db"
