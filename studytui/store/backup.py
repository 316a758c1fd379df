"""Copies of the database and of the learner's own files, one file each, beside it; and bringing one back.

Every copy is made with SQLite's backup interface (never by copying a file that may be in use), under another name,
checked, and only then given its own. Daily copies are thinned; those made before a migration are kept apart from them,
and so is what was moved out of the way: `replaced-`, `kept-` and `unread-` databases, and `log-` files.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TypeVar

from studytui.errors import Busy, DiskFull, LeftOut, NewerVersion, NoDatabase, ReadOnly, StoreError, Unreadable
from studytui.store import learner_state, wal
from studytui.store.connection import (
    connect,
    connect_to_read,
    explain,
    require_files,
    require_known,
    translated,
    version,
)
from studytui.store.merge import merge, merge_file
from studytui.store.schema import bring_up_to_date, require_own
from studytui.store.wal import BACKUPS, remove_left_overs

DAYS: Final = 7
WEEKS: Final = 4
MONTHS: Final = 6
LONGEST_PAUSE: Final = 366
"""Days without a copy in a row, after which the copies before are counted by themselves."""
MIGRATIONS: Final = 5
MOVED: Final = 5
"""How many of each kind that was moved out of the way are kept."""
_HEAD: Final = "SELECT review_uid FROM review ORDER BY id DESC LIMIT 1"
_HOLDS: Final = "SELECT 1 FROM review WHERE review_uid = ?"

Result = TypeVar("Result")


def folder(database: Path) -> Path:
    """Where the backups of a database are."""
    return database.with_name(BACKUPS)


def make(database: Path, target: Path | None, *, at: datetime, own: Path | None = None) -> Path:
    """Copy the database to `target` (a new file, or a folder) or into the backups folder; returns the file written.

    Raises:
        StoreError: there is a file already, the copy cannot be written, or the database is damaged.
        LeftOut: the copy is made, but an own file cannot be read.
    """
    name = f"manual-{stamp(at)}.db"
    if target is None:
        target = folder(database) / name
    elif target.is_dir():
        target /= name
    if target.exists():
        raise StoreError(f"{target} is there already.", hint="Name another file.")
    return _copy(database, target, own=own)


def daily(database: Path, *, today: date, own: Path | None = None) -> Path | None:
    """Today's copy, then thin the earlier ones; None if it is there already.

    A copy of a day after today was made while a clock was wrong. It counts for nothing and stays; when its day comes,
    it gives way to that day's own.

    Raises:
        StoreError: the copy cannot be written, or the database is damaged; no earlier copy is removed then.
        LeftOut: the copy is made, but an own file cannot be read.
    """
    target = folder(database) / f"daily-{today.isoformat()}.db"
    if target.exists() and not _is_older_than_its_day(target, database, today):
        return None
    remove_left_overs(target.parent)
    left_out = None
    try:
        _copy(database, target, own=own)
    except LeftOut as error:
        left_out = error
    with translated(target):
        wal.begin_anew(database, target)
    copies = {day: path for path in target.parent.glob("daily-*.db") if (day := _day_of(path)) and day <= today}
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


def before_merge(database: Path, *, at: datetime) -> Path:
    """A copy of the database as it is before answers of another copy come in.

    Raises:
        StoreError: the copy cannot be written, or the database is damaged.
    """
    copy = _copy(database, folder(database) / f"replaced-{stamp(at)}.db")
    thin_moved(database, copy)
    return copy


def kept_days(days: Iterable[date]) -> set[date]:
    """Of the days with a copy those to keep: the last 7, the newest of the last 4 weeks and of the last 6 months.

    Days with more than a year between them are kept by themselves: they are those of a clock that was wrong and of the
    right one, and nobody can tell which is which.
    """
    kept: set[date] = set()
    near: list[date] = []
    for day in (*sorted(days, reverse=True), None):
        if near and (day is None or (near[-1] - day).days > LONGEST_PAUSE):
            weeks = _newest_of_each(near, lambda day: day.isocalendar()[:2])
            months = _newest_of_each(near, lambda day: (day.year, day.month))
            kept |= {*near[:DAYS], *weeks[:WEEKS], *months[:MONTHS]}
            near = []
        if day is not None:
            near.append(day)
    return kept


def require_restorable(source: Path, database: Path) -> None:
    """Whether a file is there and may take the database's place.

    Raises:
        Unreadable: it is damaged, no database of this app, or holds what its schema does not have.
        NewerVersion: a newer version of the app wrote it.
        StoreError: there is no such file, or it is the database itself.
    """
    if not source.is_file():
        raise StoreError(f"There is no file {source}.", hint=f"Backups are in {folder(database)}.")
    if database.exists() and source.samefile(database):
        raise StoreError(f"{source} is the database itself.", hint=f"Backups are in {folder(database)}.")
    with _source(source) as reading, translated(source):
        _require_own(reading, source)
        _require_whole(reading, source)


def restore(
    source: Path,
    database: Path,
    *,
    at: datetime,
    own: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Path | None:
    """Put a backup in the database's place; returns where what was there is kept, or None if there was nothing.

    The backup is copied and checked before anything is moved, and the file is replaced in one step. Where the name is a
    link, the file it leads to is replaced. The own files in it are written below `own`, which is beside the database if
    it is not named; `say` is told of them in sentences.

    Raises:
        Unreadable: the backup is damaged, no database of this app, or holds what its schema does not have.
        NewerVersion: a newer version of the app wrote it.
        Busy: a window has the database open.
        StoreError: there is no such file, or the disk refuses. In each case the database stays as it is.
    """
    require_restorable(source, database)
    own = own or database.with_name("own")
    return _put(source, database, at=at, change=lambda _: None, own=own, say=say)[0]


def put_in_place(source: Path, database: Path, *, at: datetime, change: Callable[[Path], Result]) -> Result:
    """As `restore`, but the copy is changed before it takes the place; returns what `change` does."""
    return _put(source, database, at=at, change=change)[1]


def make_from_newest(database: Path, target: Path, *, change: Callable[[Path], object]) -> Path:
    """The newest sound backup, or an empty database where there is none, changed and written to `target`.

    Raises:
        StoreError: it cannot be written.
    """
    with _fresh(target) as fresh:
        newest = newest_backup(database)
        if newest is not None:
            with _source(newest) as reading:
                _copy_pages(reading, newest, fresh)
        _at_rest(fresh)
        change(fresh)
        _replace(fresh, target)
    return target


def copy_open(connection: sqlite3.Connection, target: Path) -> None:
    """Copy what a connection that is open reads, wherever its file is now.

    Raises:
        StoreError: the copy cannot be written, or is not whole.
    """
    with _fresh(target) as fresh:
        _copy_pages(connection, target, fresh)
        _replace(fresh, target)


def newest_backup(database: Path) -> Path | None:
    """The newest sound backup in the folder beside a database, None if there is none."""
    found = []
    for path in folder(database).glob("*.db"):
        with suppress(OSError):
            found.append((path.stat().st_mtime_ns, path.name, path))
    for _, _, path in sorted(found, reverse=True):
        with suppress(StoreError):
            require_restorable(path, database)
            return path
    return None


def require_none(database: Path) -> None:
    """For a database that is missing or empty: that there is no backup which it should come back from.

    Raises:
        NoDatabase: there is one.
    """
    newest = newest_backup(database)
    if newest is not None:
        what = "is empty" if database.exists() else "is missing"
        raise _no_database(f"{database} {what}, and there are backups beside it.", newest, database)


def require_no_other_answers(database: Path, uid: str) -> None:
    """For a database without an answer: that no backup of another one, which may have been here before, holds answers.

    Raises:
        NoDatabase: there is one.
    """
    newest = newest_backup(database)
    if newest is None:
        return
    with _source(newest) as reading, translated(newest):
        if reading.execute(_HEAD).fetchone() is None or _uid(reading) == uid:
            return
    raise _no_database(f"{database} holds no answer, and the backups beside it do.", newest, database)


def _no_database(what: str, newest: Path, database: Path) -> NoDatabase:
    return NoDatabase(
        what,
        hint=f"Bring the newest back with `studytui restore {newest}`; to start again, rename {folder(database)}.",
        newest=newest,
    )


def start_afresh(database: Path, *, at: datetime) -> Path:
    """Move all backups out of the way of a database that begins anew; returns the folder they are in.

    Raises:
        StoreError: they cannot be moved.
    """
    earlier = folder(database).with_name(f"{BACKUPS}-before-{stamp(at)}")
    try:
        folder(database).rename(earlier)
        for left_over in (database, wal.path_of(database)):
            if left_over.exists():
                left_over.rename(earlier / left_over.name)
    except OSError as error:
        raise _refused(error, earlier) from error
    return earlier


def set_aside_log(database: Path, log: Path, *, at: datetime) -> Path:
    """Move a log that belongs to another file into the backups; returns where it is.

    Raises:
        ReadOnly: it cannot be moved.
    """
    moved = folder(database) / f"log-{stamp(at)}.{log.name}"
    _make_folder(moved)
    try:
        shutil.move(log, moved)
        wal.index_of(database).unlink(missing_ok=True)
    except OSError as error:
        raise _refused(error, log) from error
    _remove(_oldest(moved.parent.glob("log-*"), moved))
    return moved


def _put(
    source: Path,
    database: Path,
    *,
    at: datetime,
    change: Callable[[Path], Result],
    own: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Path | None, Result]:
    target = Path(os.path.realpath(database))
    require_files(database)
    remove_left_overs(target.parent)
    with _fresh(target) as fresh:
        with _source(source) as reading:
            _copy_pages(reading, source, fresh)
        brought = learner_state.take_out(fresh) if own is not None else None
        kept = _set_aside(database, at, own) if database.exists() else None
        if kept is not None and brought is not None:
            learner_state.carry_over(kept, fresh)
        result = change(fresh)
        if kept is not None and not kept.name.startswith("unread-"):
            wal.forget(database)
        if own is None or brought is None:
            _replace(fresh, target)
        else:
            _replace_with_own(
                fresh, target, brought, own, kept=kept, aside=folder(database) / f"own-{stamp(at)}", say=say
            )
    thin_moved(database, kept)
    return kept, result


def _set_aside(database: Path, at: datetime, own: Path | None) -> Path:
    """Copy the present database into the backups, or move it there if it cannot be read; its log is taken in."""
    if (log := wal.left_over(database)) is not None:
        set_aside_log(database, log, at=at)
    try:
        _take_in_log(database)
        kept = folder(database) / f"replaced-{stamp(at)}.db"
        with suppress(LeftOut):
            _copy(database, kept, own=own)
    except (Unreadable, NewerVersion):
        kept = folder(database) / f"unread-{stamp(at)}.db"
        _make_folder(kept)
        target = Path(os.path.realpath(database))
        for ending in ("-wal", "-shm", ""):
            part = target.with_name(target.name + ending)
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
    with _fresh(target) as fresh:
        with _source(source) as reading:
            _copy_pages(reading, source, fresh)
        left_out = learner_state.pack(fresh, own) if own is not None else []
        _replace(fresh, target)
    if left_out:
        raise LeftOut(
            f"{target} is made, but not all of your own files can be read: {', '.join(left_out)}.",
            hint="Make them readable and run `studytui backup`.",
        )
    return target


@contextmanager
def _fresh(target: Path) -> Iterator[Path]:
    """An empty file beside the target, for what will take its name; nothing of it is left at the end."""
    _make_folder(target)
    try:
        # The number of the process tells the left-overs of one that was killed.
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.{os.getpid()}.", suffix=".partial", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise _refused(error, target) from error
    try:
        yield Path(name)
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            Path(f"{name}{ending}").unlink(missing_ok=True)


def _make_folder(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(error, target) from error


def _copy_pages(reading: sqlite3.Connection, source: Path, fresh: Path) -> None:
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None)) as writing, translated(source):
            if version(reading) is None:
                raise Unreadable(f"{source} is empty.")
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE").fetchone()
            _require_whole(writing, source)
    except sqlite3.Error as error:
        raise explain(error, fresh) from error


def _require_whole(connection: sqlite3.Connection, source: Path) -> None:
    """Raises Unreadable if a page, a constraint or an index is wrong, sqlite3.Error if the file cannot be read."""
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise Unreadable(
            f"{source} is damaged ({verdict}).", hint="Bring back an earlier backup with `studytui restore FILE`."
        )


def _require_own(connection: sqlite3.Connection, source: Path) -> None:
    found = version(connection)
    require_known(found)
    if found is None:
        raise Unreadable(f"{source} is empty.")
    require_own(connection, found, source)


@contextmanager
def _source(source: Path) -> Iterator[sqlite3.Connection]:
    """The file to be read; on a medium that takes no files, what SQLite needs beside it is made elsewhere.

    Raises:
        StoreError: it cannot be read.
    """
    with ExitStack() as stack:
        try:
            connection = connect_to_read(source)
        except ReadOnly:
            log = wal.log_of(source)
            if log.exists():
                elsewhere = stack.enter_context(tempfile.TemporaryDirectory(prefix="studytui-"))
                connection = connect_to_read(_with_log(source, log, Path(elsewhere)))
            else:
                connection = connect_to_read(source, at_rest=True)
        yield stack.enter_context(closing(connection))


def _with_log(source: Path, log: Path, place: Path) -> Path:
    try:
        copied = Path(shutil.copyfile(source, place / "study.db"))
        shutil.copyfile(log, wal.log_of(copied))
    except OSError as error:
        raise _refused(error, place) from error
    return copied


def _at_rest(fresh: Path) -> None:
    """An older or empty database gets this version's schema, and no log beside it."""
    bring_up_to_date(fresh)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection, translated(fresh):
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


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


def _replace_with_own(
    fresh: Path,
    target: Path,
    brought: learner_state.Brought,
    own: Path,
    *,
    kept: Path | None,
    aside: Path,
    say: Callable[[str], None],
) -> None:
    """Write the own files and give the database its name; if one fails, both are as they were."""
    try:
        with learner_state.written(brought, own, kept=kept, aside=aside, say=say):
            _replace(fresh, target)
    except OSError as error:
        raise _refused(error, Path(error.filename or target)) from error


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


def _oldest(paths: Iterable[Path], newest: Path) -> list[Path]:
    """All but the last few of a kind; the one just made stays whatever the clock says of it."""
    others = sorted((path for path in paths if path != newest), key=lambda path: path.stat().st_mtime_ns)
    return others[: 1 - MOVED]


def thin_moved(database: Path, newest: Path | None) -> None:
    """Keep the last few that were moved out of the way, and any that holds answers which no newer file holds."""
    place = folder(database)
    with suppress(OSError):
        for kind in ("replaced-*.db", "kept-*.db"):
            candidates = _oldest(place.glob(kind), newest or place)
            others = [database, *(path for path in place.glob("*.db") if path not in candidates)]
            _remove(path for path in candidates if _is_held_by(path, others))
        unread = _oldest(place.glob("unread-*.db"), newest or place)
        _remove(path.with_name(path.name + ending) for path in unread for ending in ("", "-wal", "-shm"))


def _is_held_by(copy: Path, others: Iterable[Path]) -> bool:
    """Whether another database holds the newest answer of a copy."""
    try:
        with _source(copy) as reading, translated(copy):
            head = reading.execute(_HEAD).fetchone()
    except StoreError:
        return False
    for other in others if head is not None else ():
        with suppress(StoreError), _source(other) as reading, translated(other):
            if reading.execute(_HOLDS, head).fetchone() is not None:
                return True
    return head is None


def _is_older_than_its_day(copy: Path, database: Path, day: date) -> bool:
    """Whether a day's copy lacks answers of the days before: then a clock that was wrong made it, too early."""
    try:
        with _source(copy) as reading, translated(copy):
            (newest,) = reading.execute("SELECT coalesce(max(id), 0) FROM review").fetchone()
        with _source(database) as reading, translated(database):
            query = "SELECT 1 FROM review WHERE id > ? AND study_day < ? LIMIT 1"
            return reading.execute(query, (newest, day.isoformat())).fetchone() is not None
    except StoreError:
        return False


def _uid(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT uid FROM identity WHERE id = 1").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


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


def stamp(at: datetime) -> str:
    """A moment as it stands in the names of files."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


# When another program put its own file in the place of the one that is open: both machines' answers are kept


QUIET_SECONDS: Final = 2.0
"""A file that is no database and was written so lately may become one."""


def kept_copy(path: Path, connection: sqlite3.Connection | None) -> Path:
    """Make a whole database of what was open at `path`: of the connection, if that is whole, or else of the journal.

    Raises:
        StoreError: it cannot be written.
    """
    kept = _kept(path, datetime.now(UTC))
    if connection is None:
        return _from_journal(path, kept)
    try:
        copy_open(connection, kept)
    except StoreError:
        _from_journal(path, kept)
    return kept


def forget_moved(path: Path, kept: Path, log: Path | None) -> None:
    """After the copy `kept` is made and the database is closed: its log and its journal are needed no more."""
    if log is not None:
        log.unlink(missing_ok=True)
        wal.index_of(path).unlink(missing_ok=True)
    wal.forget(path)
    thin_moved(path, kept)


def keep_journal(path: Path, *, at: datetime) -> Path:
    """Make a whole database of the newest backup and the journal, which begins anew.

    Raises:
        StoreError: it cannot be written; the journal stays.
    """
    kept = _from_journal(path, _kept(path, at))
    wal.forget(path)
    thin_moved(path, kept)
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

    return put_in_place(kept, path, at=at, change=take_in)


def is_database(path: Path) -> bool:
    """Whether there is a whole database of this app."""
    try:
        require_restorable(path, path.with_name(f"{path.name}.none"))
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

    return make_from_newest(path, target, change=add)


def _kept(path: Path, at: datetime) -> Path:
    return folder(path) / f"kept-{stamp(at)}.db"
