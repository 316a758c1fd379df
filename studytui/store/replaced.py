"""When another program put its own file in the place of the one that is open: both machines' answers are kept.

What this machine's database held is made a whole database in the backups first. Then the learner chooses: to leave it
there beside the new file, or to go on with both, which puts one database with all answers in the new file's place.
"""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studytui.store import backup, journal, wal
from studytui.store.connection import connect, translated
from studytui.store.errors import Busy, StoreError
from studytui.store.merge import merge, merge_file

if TYPE_CHECKING:
    from studytui.store.store import Store

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
    journal.forget(store.path)
    backup.thin_moved(store.path, kept)
    return kept


def keep_journal(path: Path, *, at: datetime) -> Path:
    """Make a whole database of the newest backup and the journal, which begins anew.

    Raises:
        StoreError: it cannot be written; the journal stays.
    """
    kept = _from_journal(path, _kept(path, at))
    journal.forget(path)
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
            merge(connection, journal.read(path))
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()

    return backup.make_from_newest(path, target, change=add)


def _kept(path: Path, at: datetime) -> Path:
    return backup.folder(path) / f"kept-{backup.stamp(at)}.db"
