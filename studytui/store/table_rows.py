"""What each column may hold, and reading a table of which some rows are damaged: the others are still read."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Final, TypeAlias, get_args

from studytui.domain.sm2 import MINIMUM_EASE
from studytui.store.connection import NOT_IN_ROWS
from studytui.store.records import Action, CardState

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

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "card": (
        _number("id", 1), _number("course_id", 1), _name("key"), _number("position"), _text("chapter"),
        _text("section"), _name("kind"), _text("sibling_group"), _truth("has_siblings"), _truth("archived"),
        _number("ease_factor", MINIMUM_EASE), _number("interval_days"), _number("repetitions"), _number("lapses"),
        _day("due_on"), _day("reviewed_on"), _day("reask_on"), _truth("suspended"), _day("buried_on"),
        _truth("flagged"), _truth("leech"),
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
