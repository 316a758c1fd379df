"""Opening the database file and turning SQLite's errors into sentences."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from weakref import WeakSet

from studytui.store import wal
from studytui.store.errors import Busy, Damaged, DiskFull, NewerVersion, ReadOnly, Replaced, StoreError, Unreadable

HEAD: Final = "0003"
"""Schema version this code reads and writes; the newest file in migrations/versions."""
FIRST: Final = "0001"
BUSY_MS: Final = 5000
"""How long a call waits for another window, in milliseconds."""

NOT_IN_ROWS: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What Python raises that reads a row which holds what does not belong there."""

_QUIET_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8192",
)
# An answer changes seven pages. Small pages make them cheap to write; a short write-ahead log soon starts over, and
# writing over an existing file costs less than making it longer. Both were measured; durability is the same. The store
# itself puts the log into the file, once it has seen that the file is still the one it opened.
_WRITING_PRAGMAS: Final = ("PRAGMA page_size=2048", "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0")


class _Reader(sqlite3.Connection):
    """A connection of `connect_to_read`, known while it is open."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _READERS.add(self)

    def close(self) -> None:
        super().close()
        _READERS.discard(self)


_READERS: Final[WeakSet[_Reader]] = WeakSet()


def wait_for_readers(seconds: float = 3.0) -> None:
    """Wait until the connections to read are closed, which other threads have open.

    The last connection to a database puts its log into it and removes it; one that may only read would leave it there.
    """
    until = time.monotonic() + seconds
    while _READERS and time.monotonic() < until:
        time.sleep(0.01)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the app's pragmas; the file is made if it is not there.

    Raises:
        ReadOnly: the folder cannot be made or written.
        Replaced: the log beside it belongs to another file.
        Unreadable: the file is no database, damaged, or another program's; it is not touched.
        NewerVersion: a newer version of the app wrote it; it is not touched.
        StoreError: busy, disk full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReadOnly(
            f"The folder {path.parent} cannot be made: {error.strerror or error}.",
            hint="Set STUDYTUI_HOME to a folder you can write to.",
        ) from error
    return _opened(path, f"{path.absolute().as_uri()}?mode=rwc", _QUIET_PRAGMAS, _WRITING_PRAGMAS, sqlite3.Connection)


def connect_to_read(path: Path, *, at_rest: bool = False) -> sqlite3.Connection:
    """A connection that changes nothing, for reports, checks and copies.

    With `at_rest` nobody may be writing the file meanwhile; then it can be on a medium that takes no lock files either.

    Raises:
        ReadOnly: there is no such file, or it cannot be opened.
        Replaced, Unreadable, NewerVersion, StoreError: as for `connect`.
    """
    how = "mode=ro&immutable=1" if at_rest else "mode=ro"
    return _opened(path, f"{path.absolute().as_uri()}?{how}", _QUIET_PRAGMAS, ("PRAGMA query_only=ON",), _Reader)


def connect_to_examine(path: Path) -> sqlite3.Connection:
    """As `connect_to_read`, whatever the file says of its schema; one at rest may be on a medium that takes no files.

    Raises:
        ReadOnly: there is no such file, or it cannot be opened.
        Unreadable: it is no database at all.
        StoreError: busy.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return _opened(path, uri, _QUIET_PRAGMAS, ("PRAGMA query_only=ON",), sqlite3.Connection, known=False)
    except ReadOnly:
        if not path.exists() or path.with_name(f"{path.name}-wal").exists():
            raise
        return _opened(path, f"{uri}&immutable=1", _QUIET_PRAGMAS, (), sqlite3.Connection, known=False)


def connect_to_repair(path: Path) -> sqlite3.Connection:
    """As `connect`, whatever the file says of its schema; it has to be there. Raises as `connect_to_examine`."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    # Rows that are put right refer to each other, and come in any order.
    return _opened(
        path, uri, _QUIET_PRAGMAS, (*_WRITING_PRAGMAS, "PRAGMA foreign_keys=OFF"), sqlite3.Connection, known=False
    )


def require_files(path: Path) -> None:
    """Raises Unreadable if a folder, a pipe or a device stands where the database or a file of it belongs."""
    special = wal.special_file(path)
    if special is not None:
        raise Unreadable(
            f"{special} is a folder, a pipe or a device, not a file.",
            hint="Move it away; a backup comes back with `studytui restore FILE`.",
        )


def _opened(
    path: Path,
    uri: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
    factory: type[sqlite3.Connection],
    *,
    known: bool = True,
) -> sqlite3.Connection:
    require_files(path)
    if not wal.belongs(path):
        raise Replaced(
            f"The log beside {path} belongs to another file: another program replaced the database.",
            hint="Start studytui again; nothing is lost.",
        )
    with translated(path):
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, cached_statements=256, check_same_thread=False, factory=factory
        )
        try:
            for pragma in before:
                connection.execute(pragma)
            if known:
                require_known(version(connection))
            for pragma in after:
                _patiently(connection, pragma)
        except BaseException:
            connection.close()
            raise
    return connection


def _patiently(connection: sqlite3.Connection, pragma: str) -> None:
    """SQLite does not wait by itself where two windows change a new file to write-ahead mode at once."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute(pragma).fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def version(connection: sqlite3.Connection) -> str | None:
    """The schema version in the file, or None for an empty file.

    Raises:
        Unreadable: there are tables, but not this app's, or not all of them.
        sqlite3.Error: the file cannot be read.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    missing = {"alembic_version", "card", "review"} - tables
    if len(missing) == 3:
        if tables:
            raise Unreadable("The file holds tables of another program.", hint="Point STUDYTUI_HOME elsewhere.")
        return None
    if missing:
        raise Damaged(f"The database is damaged: it has no table {' and no table '.join(sorted(missing))}.")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if row is None else str(row[0])


def require_known(found: str | None) -> None:
    """Whether this code can read a file of this schema, None being an empty one.

    Raises:
        NewerVersion: the schema is newer than this code.
        Damaged: no version of the app ever wrote that.
    """
    if found is None or (FIRST <= found <= HEAD and len(found) == len(HEAD)):
        return
    if not (found.isascii() and found.isdigit() and len(found) == len(HEAD)) or found < FIRST:
        raise Damaged(f"Row 1 of alembic_version is damaged: the schema is said to be “{found[:20]}”, which never was.")
    if found > HEAD:
        raise NewerVersion(
            f"The database was written by a newer version of studytui (schema {found}, this one knows {HEAD}).",
            hint="Update studytui; the file was not touched.",
        )


@contextmanager
def translated(path: Path | str = "the database") -> Iterator[None]:
    """What SQLite raises inside the block, and what a damaged row makes Python raise, becomes a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except NOT_IN_ROWS as error:
        from studytui.store.damage import first_damage

        if sentence := first_damage(path):
            raise Damaged(sentence) from error
        raise


def explain(error: sqlite3.Error, path: Path | str = "the database") -> StoreError:
    """The StoreError that tells a user what an SQLite error means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    text = str(error)
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(
                "Another window has held the database for five seconds.", hint="Close it or try again; nothing is lost."
            )
        case sqlite3.SQLITE_FULL:
            return DiskFull("The disk is full.", hint="Make room and try again; nothing is lost.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return ReadOnly(
                f"{path} cannot be opened or written ({text}).",
                hint="Make it writable or set STUDYTUI_HOME to another folder.",
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return Unreadable(
                f"{path} is damaged or no database ({text}).",
                hint="Bring back a backup with `studytui restore FILE`; backups are in the folder beside it.",
            )
        case sqlite3.SQLITE_IOERR:
            return DiskFull(f"The disk refused to read or write ({text}).", hint="Check the disk and try again.")
    # What a statement cannot do with a value that does not belong there, it says without naming the row.
    from studytui.store.damage import first_damage

    return Damaged(first_damage(path) or f"{path} is damaged ({text}).")
