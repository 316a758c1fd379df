"""A digest for each row of the log; the database's identity; the learner's small states and own files."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from alembic import op

from studytui.store.connection import lenient
from studytui.store.log import digest

revision = "0002"
down_revision = "0001"

COLUMNS = (
    "review_uid", "card_id", "action", "undoes", "session_uid", "at_utc", "utc_offset_minutes", "study_day", "grade",
    "suggested_grade", "confidence", "duration_ms", "hints_used", "correct", "response", "evidence", "state_before",
    "state_after",
)  # fmt: skip
STATEMENTS = (
    "ALTER TABLE review ADD COLUMN digest VARCHAR DEFAULT '' NOT NULL",
    """
CREATE TABLE identity (
    id INTEGER NOT NULL,
    uid VARCHAR NOT NULL,
    PRIMARY KEY (id)
)
    """,
    """
CREATE TABLE learner_state (
    scope VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    changed_at VARCHAR NOT NULL,
    PRIMARY KEY (scope, name)
)
    """,
    """
CREATE TABLE own_file (
    path VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (path)
)
    """,
)


def upgrade() -> None:
    """Make the tables and fill the digests of the rows that are there; one that holds what is no text gets none."""
    for statement in STATEMENTS:
        op.execute(statement)
    connection: Any = op.get_bind().connection.driver_connection
    connection.execute("INSERT INTO identity (id, uid) VALUES (1, ?)", (secrets.token_hex(16),))
    connection.text_factory = lenient
    try:
        rows = connection.execute(f"SELECT id, {', '.join(COLUMNS)} FROM review")
        connection.executemany("UPDATE review SET digest = ? WHERE id = ?", _digests(rows))
    finally:
        connection.text_factory = str


def _digests(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, int]]:
    for row in rows:
        with suppress(TypeError):
            yield digest(row[1:]), row[0]
