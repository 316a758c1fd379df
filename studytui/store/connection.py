"""Opening the database file and turning SQLite's errors into sentences."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeAlias, get_args
from weakref import WeakSet

from studytui.domain.sm2 import MINIMUM_EASE
from studytui.errors import Busy, Damaged, DiskFull, NewerVersion, ReadOnly, Replaced, StoreError, Unreadable
from studytui.store import wal
from studytui.store.records import DAY, HEAD, STATE_COLUMNS, TEXT, TRUTH, WHOLE, Action, CardState

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
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=256, factory=factory)
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
        if sentence := first_damage(path):
            raise Damaged(sentence) from error
        raise


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of `connect_to_read` for the block; what goes wrong in it becomes a StoreError."""
    with closing(connect_to_read(path)) as connection, translated(path):
        yield connection


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

    return Damaged(first_damage(path) or f"{path} is damaged ({text}).")


# What each column may hold, and reading a table of which some rows are damaged: the others are still read


Row: TypeAlias = tuple[Any, ...]
"""A row's number (rowid) and its values. Text that is no UTF-8 comes as bytes."""
Lost: TypeAlias = Callable[[int, int | None, str], None]
"""Told of rows that cannot be read: the first number, the last (None: to the end) and SQLite's reason."""

ACTIONS: Final = frozenset(get_args(Action))
MOST_OFFSET_MINUTES: Final = 24 * 60
_SHOWN: Final = 60
_LEAST_ROW: Final = -(2**63)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds in words, and whether a value is such."""

    name: str
    holds: str
    accepts: Callable[[Any], bool]


def is_whole(value: Any, least: int = 0, most: int = 2**63 - 1) -> bool:
    return type(value) is int and least <= value <= most


def is_name(value: Any) -> bool:
    return type(value) is str and bool(value.strip())


def is_day(value: Any) -> bool:
    """A day as the app writes it, YYYY-MM-DD."""
    if type(value) is not str:
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_moment(value: Any) -> bool:
    """A moment in UTC as ISO text."""
    if type(value) is not str:
        return False
    try:
        return datetime.fromisoformat(value).utcoffset() == timedelta(0)
    except ValueError:
        return False


def is_json(value: Any) -> bool:
    if type(value) is not str:
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def is_json_object(value: Any) -> bool:
    return is_json(value) and type(json.loads(value)) is dict


def _is_state(value: Any) -> bool:
    try:
        CardState.from_json(value)
    except NOT_IN_ROWS:
        return False
    return True


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_inner_path(value: Any) -> bool:
    return is_name(value) and not PurePosixPath(value).is_absolute() and ".." not in PurePosixPath(value).parts


def _of_hex(digits: int) -> Callable[[Any], bool]:
    pattern = re.compile(f"[0-9a-f]{{{digits}}}")
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _number(name: str, least: int = 0) -> Column:
    return Column(name, f"a whole number from {least}", lambda value: is_whole(value, least))


def _name(name: str) -> Column:
    return Column(name, "a text", is_name)


def _text(name: str) -> Column:
    return Column(name, "a text", _is_text)


def _truth(name: str) -> Column:
    return Column(name, "0 or 1", lambda value: is_whole(value, 0, 1))


def _day(name: str) -> Column:
    return Column(name, "a day or nothing", lambda value: value is None or is_day(value))


def _scale(name: str, least: int, most: int) -> Column:
    what = f"a number from {least} to {most} or nothing"
    return Column(name, what, lambda value: value is None or is_whole(value, least, most))


_DIGEST: Final = Column("digest", "a digest", _of_hex(32))
_MAYBE_DIGEST: Final = Column("digest", "a digest or empty", lambda value: value == "" or _DIGEST.accepts(value))
_SHA256: Final = Column("sha256", "a SHA-256", _of_hex(64))

_STATE_CHECKS: Final[dict[str, Callable[[str], Column]]] = {
    WHOLE: lambda name: _number(name, MINIMUM_EASE if name == "ease_factor" else 0), TRUTH: _truth, DAY: _day,
    TEXT: _text,
}  # fmt: skip

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "card": (
        _number("id", 1), _number("course_id", 1), _name("key"), _number("position"), _text("chapter"),
        _text("section"), _name("kind"), _text("sibling_group"), _truth("has_siblings"), _truth("archived"),
        *(_STATE_CHECKS[kind](name) for name, kind in STATE_COLUMNS.items()),
        Column("last_review_id", "a row of the log or nothing", lambda value: value is None or is_whole(value, 1)),
    ),
    "card_text": (
        _number("card_id", 1), _name("path"), _number("line"), _SHA256,
        Column("payload", "a JSON object", is_json_object), _DIGEST,
    ),
    "course": (_number("id", 1), _name("key"), _text("title"), _text("version"), _DIGEST),
    # A stamp need not be of a file: what stands for several has a count for a size, and a version for a hash.
    "source_file": (
        _number("course_id", 1), _name("path"), _number("size"),
        Column("mtime_ns", "a whole number", lambda value: type(value) is int), _name("sha256"), _DIGEST,
    ),
    "learner_state": (
        _name("scope"), _text("name"), Column("value", "JSON", is_json),
        Column("changed_at", "a moment in UTC", is_moment), _MAYBE_DIGEST,
    ),
    "own_file": (
        Column("path", "a path inside the folder of own files", _is_inner_path), _SHA256,
        Column("content", "bytes", lambda value: type(value) is bytes),
    ),
    "identity": (_number("id", 1), Column("uid", "32 hexadecimal digits", _of_hex(32)), _MAYBE_DIGEST),
    "review": (
        _number("id", 1), _name("review_uid"), _number("card_id", 1),
        Column("action", "an act the app knows", ACTIONS.__contains__),
        Column("undoes", "a row of the log or nothing", lambda value: value is None or is_whole(value, 1)),
        _name("session_uid"), Column("at_utc", "a moment in UTC", is_moment),
        Column(
            "utc_offset_minutes", "minutes within a day",
            lambda value: is_whole(value, -MOST_OFFSET_MINUTES, MOST_OFFSET_MINUTES),
        ),
        Column("study_day", "a day", is_day), _scale("grade", 0, 5), _scale("suggested_grade", 0, 5),
        _scale("confidence", 1, 5), _number("duration_ms"), _number("hints_used"), _scale("correct", 0, 1),
        Column("response", "JSON", is_json), Column("evidence", "a JSON object", is_json_object),
        Column("state_before", "a card's state", _is_state), Column("state_after", "a card's state", _is_state),
        _DIGEST,
    ),
}  # fmt: skip
"""Every table's columns, in its order; the tables in the order in which damage is looked for, the long one last."""


def faults(table: str, values: Row) -> Iterator[str]:
    """What is wrong with a row's values, each in words that follow the row's name."""
    for column, value in zip(TABLES[table], values, strict=True):
        try:
            fits = column.accepts(value)
        except TypeError:
            fits = False
        if not fits:
            yield f"{column.name} is {shown(value)}, not {column.holds}"


def shown(value: Any) -> str:
    """A damaged value for a person: cut short, bytes as such."""
    if value is None:
        return "empty"
    text = repr(value) if isinstance(value, str | bytes) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def rows(connection: sqlite3.Connection, table: str, lost: Lost) -> Iterator[Row]:
    """Every row that can be read, in the order of its number; `lost` is told of the others.

    Raises:
        sqlite3.Error: nothing of the table can be read, since it or a column of it is not there.
    """
    columns = ", ".join(column.name for column in TABLES[table])
    select = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid"
    last = _LEAST_ROW
    while True:
        try:
            for row in connection.execute(select, (last,)):
                if row[0] <= last:
                    raise sqlite3.DatabaseError("its rows are out of order")
                last = row[0]
                yield row
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if _is_missing(error):
                raise
            # Python's driver steps to the next row before it hands one over, so the row before the damage may be whole.
            row = _alone(connection, select, last)
            if row is not None:
                last = row[0]
                yield row
                continue
            following = _next_readable(connection, select, last)
            lost(last + 1 if last != _LEAST_ROW else 1, None if following is None else following - 1, str(error))
            if following is None:
                return
            last = following - 1
        else:
            return


def _alone(connection: sqlite3.Connection, select: str, last: int) -> Row | None:
    """The row after `last`, in bytes where it is no text; None if it cannot be read or is not there."""
    connection.text_factory = lenient
    try:
        row: Row | None = connection.execute(f"{select} LIMIT 1", (last,)).fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    finally:
        connection.text_factory = str
    return row if row is not None and row[0] > last else None


def lenient(raw: bytes) -> str | bytes:
    """As a connection's text_factory: text, or bytes where it is no UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _is_missing(error: Exception) -> bool:
    return "no such" in str(error)


def _next_readable(connection: sqlite3.Connection, select: str, last: int) -> int | None:
    """The number from which the table can be read again, or None: first in leaps, then halving the last one."""
    bad, step = max(last, 0), 1
    while not _reads(connection, select, bad + step):
        bad, step = bad + step, step * 2
        if step > 2**40:
            return None
    good = bad + step
    while good - bad > 1:
        middle = (good + bad) // 2
        if _reads(connection, select, middle):
            good = middle
        else:
            bad = middle
    return good


def _reads(connection: sqlite3.Connection, select: str, number: int) -> bool:
    if _alone(connection, select, number - 1) is not None:
        return True
    try:
        return connection.execute(f"{select} LIMIT 1", (number - 1,)).fetchone() is None
    except (sqlite3.Error, UnicodeDecodeError):
        return False


# Naming the row that made reading fail. Imported only then


class _Unreadable(Exception):
    """Rows that cannot be read at all."""


def first_damage(path: Path | str) -> str:
    """A sentence on the first row that holds what does not belong there, or on the file's pages; "" if all is well.

    It reads the small tables first and may take seconds where a long log has to be read.
    """
    if not isinstance(path, Path):
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            for table in TABLES:
                if sentence := _first_in(connection, table):
                    return sentence
            # A value may have been read from an index, whose rows are copies.
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            return "" if verdict == "ok" else f"{path} is damaged: {verdict}."
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return f"{path} is damaged ({error})."


def _first_in(connection: sqlite3.Connection, table: str) -> str:
    def lost(first: int, last: int | None, reason: str) -> None:
        which = f"Row {first}" if first == last else f"Rows from {first} on"
        raise _Unreadable(f"{which} of {table} cannot be read ({reason}).")

    try:
        for row in rows(connection, table, lost):
            if fault := next(faults(table, row[1:]), ""):
                return f"Row {row[0]} of {table} is damaged: {fault}."
    except _Unreadable as found:
        return str(found)
    return ""
