"""Before and after a database is opened: is it there, is its log its own, does it hold what it was left with?"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from studytui.errors import ReadOnly, StoreError
from studytui.store import wal
from studytui.store.wal import BACKUPS, remove_left_overs

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

    from studytui.store.backup import keep_journal

    kept = keep_journal(path, at=datetime.now(UTC))
    connection.execute("ATTACH ? AS other", (f"{kept.absolute().as_uri()}?mode=ro&immutable=1",))
    try:
        (count,) = connection.execute(_LACKED).fetchone()
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.execute("DETACH other")
    return (count, kept) if count else None


# A backup for each study day on which something is recorded, made in a thread that no answer waits for


class DailyBackups:
    """Makes the copies of one database. `on_trouble` is told, in the thread, of a copy that could not be made."""

    def __init__(self, path: Path, on_trouble: Callable[[StoreError], None], own: Path | None = None) -> None:
        self._path = path
        self._own = own
        self._on_trouble = on_trouble
        self._day: date | None = None
        self._thread: threading.Thread | None = None

    def need(self, day: date) -> None:
        """See to it that there is a copy of a study day; costs nothing from the second time on."""
        if day == self._day:
            return
        self.finish()
        self._day = day
        self._thread = threading.Thread(target=self._make, args=(day,), name="daily backup")
        self._thread.start()

    def finish(self) -> None:
        """Wait for the copy in the making."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _make(self, day: date) -> None:
        from studytui.store import backup

        try:
            backup.daily(self._path, today=day, own=self._own)
        except StoreError as error:
            self._on_trouble(error)
