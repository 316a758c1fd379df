"""A database's schema: made, brought up to date, and known for this app's own.

A trigger or a column of another program could lose answers in silence.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeAlias

from studytui.errors import Unreadable
from studytui.store.connection import connect, translated, version
from studytui.store.records import FINGERPRINTS, HEAD, identity_digest

Objects: TypeAlias = dict[tuple[str, str], str]
"""The SQL of each table, index, trigger and view, by kind and name; spaces evened out."""

_OBJECTS: Final = (
    "SELECT type, name, coalesce(sql, '') FROM sqlite_master"
    " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'alembic_version' ORDER BY type, name"
)


NEWEST: Final = Path(__file__).with_name("migrations") / "newest.sql"


def bring_up_to_date(path: Path) -> None:
    """Give a file the newest schema, in one transaction: an empty one at once, an older one by its migrations.

    Raises:
        StoreError: the file cannot be written; it is as it was.
    """
    with closing(connect(path)) as connection, translated(path):
        if version(connection) is None and _make(connection):
            return
    from studytui.store import migrate

    migrate.to_head(path)


def _make(connection: sqlite3.Connection) -> bool:
    """The newest schema in an empty database; whether it was one still, for another window may make it meanwhile."""
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if version(connection) is not None:
            return False
        for statement in NEWEST.read_text(encoding="utf-8").split(";\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
        uid = secrets.token_hex(16)
        connection.execute("INSERT INTO identity (id, uid, digest) VALUES (1, ?, ?)", (uid, identity_digest(uid)))
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return True


def require_own(connection: sqlite3.Connection, revision: str, path: Path) -> None:
    """Compare a database's schema with what the migrations up to its own revision make.

    Raises:
        Unreadable: there is something else in it, or something is missing; the sentence names it.
        sqlite3.Error: the file cannot be read.
    """
    objects = read(connection)
    if fingerprint(objects) == FINGERPRINTS.get(revision):
        return
    expected = made_by_migrations(revision)
    if expected is None:
        raise Unreadable(
            f"{path} says that its schema is “{revision}”, which studytui never had.",
            hint="Bring back a backup with `studytui restore FILE`; backups are in the folder beside it.",
        )
    for difference in _differences(objects, expected):
        raise Unreadable(
            f"{path} {difference}, so answers in it could not be trusted.",
            hint="Run `studytui doctor`; a backup comes back with `studytui restore FILE`.",
        )


def read(connection: sqlite3.Connection) -> Objects:
    """All that is declared in a database, but for what SQLite and alembic make for themselves.

    Raises:
        sqlite3.Error, UnicodeDecodeError: the schema cannot be read.
    """
    return {(kind, name): " ".join(str(sql).split()) for kind, name, sql in connection.execute(_OBJECTS)}


def fingerprint(objects: Objects) -> str:
    """BLAKE2b (16 bytes, in hex) of a schema."""
    text = "\n".join(f"{kind} {name} {sql}" for (kind, name), sql in sorted(objects.items()))
    return blake2b(text.encode(), digest_size=16).hexdigest()


@cache
def made_by_migrations(revision: str) -> Objects | None:
    """What the migrations make up to a revision; None if there is none of that name. Imports alembic.

    Not to be changed: the same object is returned each time.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    from studytui.store.migrate import revisions, upgrade

    if revision not in revisions():
        return None
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        engine = create_engine("sqlite://", creator=lambda: made, poolclass=StaticPool)
        try:
            with engine.begin() as connection:
                upgrade(connection, revision)
            return read(made)
        finally:
            engine.dispose()


def _differences(found: Objects, expected: Objects) -> Iterator[str]:
    for kind, name in found.keys() - expected.keys():
        yield f"holds the {kind} “{name}”, which studytui did not make"
    for kind, name in expected.keys() - found.keys():
        yield f"lacks the {kind} “{name}”"
    for (kind, name), sql in found.items():
        if sql != expected[kind, name]:
            yield f"holds another {kind} “{name}” than studytui makes"
