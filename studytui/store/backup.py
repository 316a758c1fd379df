"""Copies of the database and of the learner's own files, one file each, beside it; and bringing one back.

Every copy is made with SQLite's backup interface (never by copying a file that may be in use), under another name,
checked, and only then given its own. Daily copies are thinned; those made before a migration are kept apart from them.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studytui.store import learner_state, own_files
from studytui.store.connection import connect_to_read, explain, translated, version
from studytui.store.errors import DiskFull, LeftOut, NewerVersion, ReadOnly, StoreError, Unreadable

if TYPE_CHECKING:
    from studytui.store.store import Store

FOLDER: Final = "backups"
DAYS: Final = 7
WEEKS: Final = 4
MONTHS: Final = 6
MIGRATIONS: Final = 5
STALE_SECONDS: Final = 86_400


def folder(database: Path) -> Path:
    """Where the backups of a database are."""
    return database.parent / FOLDER


def make(store: Store, target: Path | None, *, at: datetime) -> Path:
    """Copy the database to `target` (a new file, or a folder) or into the backups folder; returns the file written.

    Raises:
        StoreError: there is a file already, the copy cannot be written, or the database is damaged.
        LeftOut: the copy is made, but an own file cannot be read.
    """
    name = f"manual-{_stamp(at)}.db"
    if target is None:
        target = folder(store.path) / name
    elif target.is_dir():
        target /= name
    if target.exists():
        raise StoreError(f"{target} is there already.", hint="Name another file.")
    return _copy(store.path, target, own=store.own)


def daily(database: Path, *, today: date, own: Path | None = None) -> Path | None:
    """Today's copy, then thin the earlier ones; None if it is there already.

    Raises:
        StoreError: the copy cannot be written, or the database is damaged; no earlier copy is removed then.
        LeftOut: the copy is made, but an own file cannot be read.
    """
    target = folder(database) / f"daily-{today.isoformat()}.db"
    if target.exists():
        return None
    left_out = None
    try:
        _copy(database, target, own=own)
    except LeftOut as error:
        left_out = error
    _remove_unfinished(target)
    copies = {day: path for path in target.parent.glob("daily-*.db") if (day := _day_of(path))}
    _remove(copies[day] for day in copies.keys() - kept_days(copies))
    if left_out is not None:
        raise left_out
    return target


def before_migration(database: Path, schema: str, *, today: date, own: Path | None = None) -> Path:
    """A copy of the database as it is before it leaves `schema`; the last five such copies are kept.

    Raises:
        StoreError: the copy cannot be written, or the database is damaged.
    """
    target = folder(database) / f"schema-{schema}-{today.isoformat()}.db"
    with suppress(LeftOut):
        _copy(database, target, own=own)
    copies = sorted(target.parent.glob("schema-*.db"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    _remove(path for path in copies[:-MIGRATIONS] if path != target)
    return target


def kept_days(days: Iterable[date]) -> set[date]:
    """Of the days with a copy those to keep: the last 7, the newest of the last 4 weeks and of the last 6 months."""
    newest_first = sorted(days, reverse=True)
    weeks = _newest_of_each(newest_first, lambda day: day.isocalendar()[:2])
    months = _newest_of_each(newest_first, lambda day: (day.year, day.month))
    return {*newest_first[:DAYS], *weeks[:WEEKS], *months[:MONTHS]}


def restore(
    source: Path,
    database: Path,
    *,
    at: datetime,
    own: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Path | None:
    """Put a backup in the database's place; returns where what was there is kept, or None if there was nothing.

    The backup is copied and checked before anything is moved, and the file is replaced in one step. The own files in it
    are written below `own`, which is beside the database if it is not named; `say` is told of them in sentences.

    Raises:
        Unreadable: the backup is damaged or no database of this app.
        NewerVersion: a newer version of the app wrote it.
        Busy: a window has the database open.
        StoreError: there is no such file, or the disk refuses. In each case the database stays as it is.
    """
    if not source.is_file():
        raise StoreError(f"There is no file {source}.", hint=f"Backups are in {folder(database)}.")
    if database.exists() and source.samefile(database):
        raise StoreError(f"{source} is the database itself.", hint=f"Backups are in {folder(database)}.")
    own = own or database.with_name("own")
    fresh = _copy(source, database.with_name(f"{database.name}.restoring"))
    try:
        brought = own_files.take_out(fresh)
        kept = _set_aside(database, at, own) if database.exists() else None
        if kept is not None:
            learner_state.carry_over(kept, fresh)
        with own_files.written(brought, own, kept=kept, aside=folder(database) / f"own-{_stamp(at)}", say=say):
            _replace(fresh, database)
    except OSError as error:
        raise _refused(error, Path(error.filename or database)) from error
    finally:
        fresh.unlink(missing_ok=True)
    return kept


def _set_aside(database: Path, at: datetime, own: Path | None) -> Path:
    """Copy the present database into the backups, or move it there if it cannot be read; its log is taken in."""
    try:
        _take_in_log(database)
        kept = folder(database) / f"replaced-{_stamp(at)}.db"
        with suppress(LeftOut):
            _copy(database, kept, own=own)
    except (Unreadable, NewerVersion):
        kept = folder(database) / f"unread-{_stamp(at)}.db"
        _make_folder(kept)
        for ending in ("-wal", "-shm", ""):
            part = database.with_name(database.name + ending)
            if part.exists():
                _replace(part, kept.with_name(kept.name + ending))
    return kept


def _take_in_log(database: Path) -> None:
    """Leave the write-ahead mode, so that no log is left to be applied to the file that comes in its place.

    Raises:
        Busy: another window has the database open.
    """
    with translated(database):
        connection = sqlite3.connect(database, isolation_level=None, timeout=1.0)
        try:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        finally:
            connection.close()


def _copy(source: Path, target: Path, *, own: Path | None = None) -> Path:
    """A checked copy under its final name, or nothing; it carries the files below `own`.

    Raises:
        StoreError: it cannot be made.
        LeftOut: it is made, but an own file cannot be read.
    """
    _make_folder(target)
    try:
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".partial", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise _refused(error, target) from error
    partial = Path(name)
    try:
        _copy_pages(source, partial)
        left_out = own_files.pack(partial, own) if own is not None else []
        _replace(partial, target)
    finally:
        for leftover in (partial, partial.with_name(f"{partial.name}-journal")):
            leftover.unlink(missing_ok=True)
    if left_out:
        raise LeftOut(
            f"{target} is made, but not all of your own files can be read: {', '.join(left_out)}.",
            hint="Make them readable and run `studytui backup`.",
        )
    return target


def _make_folder(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(error, target) from error


def _copy_pages(source: Path, partial: Path) -> None:
    reading = _open_source(source)
    try:
        writing = sqlite3.connect(partial, isolation_level=None)
        try:
            with translated(source):
                if version(reading) is None:
                    raise Unreadable(f"{source} is empty.")
                reading.backup(writing)
                writing.execute("PRAGMA journal_mode=DELETE").fetchone()
                (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            raise explain(error, partial) from error
        finally:
            writing.close()
    finally:
        reading.close()
    if verdict != "ok":
        raise Unreadable(
            f"{source} is damaged ({verdict}).", hint="Bring back an earlier backup with `studytui restore FILE`."
        )


def _open_source(source: Path) -> sqlite3.Connection:
    try:
        return connect_to_read(source)
    except ReadOnly:
        # In write-ahead mode even reading needs a file beside it, which a medium to read from does not take.
        if source.with_name(f"{source.name}-wal").exists():
            raise
        return connect_to_read(source, at_rest=True)


def _replace(source: Path, target: Path) -> None:
    """Give a file its final name, durably."""
    try:
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(target)
        if os.name == "posix":
            directory = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
    except OSError as error:
        raise _refused(error, target) from error


def _refused(error: OSError, target: Path) -> StoreError:
    text = f"{target} cannot be written: {error.strerror or error}."
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFull(text, hint="Make room and try again; nothing is lost.")
    return ReadOnly(text, hint="Name a folder you can write to.")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(error, path) from error


def _remove_unfinished(newest: Path) -> None:
    """Copies that a crash cut short; one of today may be in the making."""
    before = newest.stat().st_mtime - STALE_SECONDS
    _remove(path for path in newest.parent.glob("*.partial") if path.stat().st_mtime < before)


def _newest_of_each(newest_first: list[date], period: Callable[[date], Hashable]) -> list[date]:
    found: dict[Hashable, date] = {}
    for day in newest_first:
        found.setdefault(period(day), day)
    return list(found.values())


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem.removeprefix("daily-"))
    except ValueError:
        return None


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
