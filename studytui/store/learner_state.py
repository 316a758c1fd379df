"""The learner's small states: where reading was left, drafts, results of free recall, modules, consents.

A row each, by scope and name, so that two windows never overwrite each other's. A value is JSON; what it means is known
to the service that wrote it, whose reader makes it out and raises one of `UNREADABLE` if it cannot.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from studytui.store.connection import connect, connect_to_read, translated
from studytui.store.digests import state_digest
from studytui.store.errors import NewerVersion, Unreadable

UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
SET_ASIDE: Final = "unreadable/"
"""What stands before the scope of a row that was set aside."""
IMPORTED: Final = "imported"
"""The scope of what was taken in from files: the hash of each by its name."""

# As bytes: a flipped bit may have left text that is no UTF-8, and that is no reason to end every other row's reading.
_GET: Final = "SELECT CAST(value AS BLOB), CAST(changed_at AS BLOB) FROM learner_state WHERE scope = ? AND name = ?"
_LIST: Final = "SELECT CAST(name AS BLOB), CAST(value AS BLOB) FROM learner_state WHERE scope = ? ORDER BY name"
_EVERYTHING: Final = (
    "SELECT CAST(scope AS BLOB), CAST(name AS BLOB), CAST(value AS BLOB), CAST(changed_at AS BLOB) FROM learner_state"
)
_PUT: Final = "INSERT OR REPLACE INTO learner_state (scope, name, value, changed_at, digest) VALUES (?, ?, ?, ?, ?)"

Read = TypeVar("Read")


class State(NamedTuple):
    """A small state: whose it is, its name there, and anything JSON can hold."""

    scope: str
    name: str
    value: Any


def get(connection: sqlite3.Connection, scope: str, name: str, read: Callable[[Any], Read]) -> Read | None:
    """What `read` makes of the value, or None if there is none.

    Raises:
        ValueError: it cannot be read.
        sqlite3.Error: the database refuses.
    """
    row = connection.execute(_GET, (scope, name)).fetchone()
    if row is None:
        return None
    try:
        return read(json.loads(row[0].decode()))
    except UNREADABLE as error:
        raise ValueError(f"{scope} {name} cannot be read") from error


def all_of(connection: sqlite3.Connection, scope: str, read: Callable[[Any], Read]) -> dict[str, Read]:
    """What `read` makes of the values of a scope, by name; those that cannot be read are left out.

    Raises:
        sqlite3.Error: the database refuses.
    """
    found = {}
    for name, value in connection.execute(_LIST, (scope,)):
        try:
            found[name.decode()] = read(json.loads(value.decode()))
        except UNREADABLE:
            continue
    return found


def put(connection: sqlite3.Connection, state: State, changed_at: str) -> None:
    """Write a row, in the transaction of the caller; `changed_at` is UTC as `rows.moment` writes it.

    Raises:
        sqlite3.Error: the database refuses.
    """
    scope, name, value = state
    text = json.dumps(value, separators=(",", ":"))
    connection.execute(_PUT, (scope, name, text, changed_at, state_digest(scope, name, text, changed_at)))


def delete(connection: sqlite3.Connection, scope: str, name: str) -> None:
    """Take a row away, if it is there, in the transaction of the caller. Raises sqlite3.Error."""
    connection.execute("DELETE FROM learner_state WHERE scope = ? AND name = ?", (scope, name))


def set_aside(connection: sqlite3.Connection, scope: str, name: str) -> None:
    """Keep a value that cannot be read where no other overwrites it, as text. Raises sqlite3.Error."""
    row = connection.execute(_GET, (scope, name)).fetchone()
    if row is not None:
        value, changed_at = (column.decode(errors="backslashreplace") for column in row)
        put(connection, State(SET_ASIDE + scope, f"{name} {changed_at}", value), changed_at)
        delete(connection, scope, name)


def carry_over(source: Path, target: Path) -> None:
    """Write the small states of one database into another from before there were any, which is brought up to date.

    Raises:
        StoreError: a file cannot be read or written; but of a damaged source nothing is carried over.
    """
    with closing(connect_to_read(target)) as connection, translated(target):
        if _has_table(connection):
            return
    rows = []
    with suppress(Unreadable, NewerVersion), closing(connect_to_read(source)) as connection, translated(source):
        rows = connection.execute(_EVERYTHING).fetchall() if _has_table(connection) else []
    if not rows:
        return
    from studytui.store.migrate import to_head

    to_head(target)
    with closing(connect(target)) as connection, translated(target):
        connection.execute("BEGIN IMMEDIATE")
        for scope, name, value, changed_at in rows:
            try:
                state = State(scope.decode(), name.decode(), json.loads(value.decode()))
                put(connection, state, changed_at.decode())
            except UNREADABLE:
                continue
        connection.execute("COMMIT")
        # A log beside a file that is about to be renamed would stay behind.
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


def import_once(
    connection: sqlite3.Connection, file: str, sha256: str, states: Iterable[State], changed_at: str
) -> None:
    """Write what a file holds and what is not there yet, unless it was taken in before. Raises sqlite3.Error."""
    mark = State(IMPORTED, file, sha256)
    known = connection.execute(_GET, (mark.scope, mark.name)).fetchone()
    if known is not None and known[0] == json.dumps(sha256).encode():
        return
    for state in states:
        if connection.execute(_GET, (state.scope, state.name)).fetchone() is None:
            put(connection, state, changed_at)
    put(connection, mark, changed_at)


def _has_table(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'learner_state'").fetchone()
    return row is not None
