"""A digest for every other row that can be damaged; an index that answers for a long log what is asked of answers."""

from typing import Any

from alembic import op

from studytui.store.connection import lenient
from studytui.store.records import CARD_DIGEST_OF, seal, text_sha256

revision = "0003"
down_revision = "0002"

SEALED = (
    ("course", "id, key, title, version"),
    ("identity", "id, uid"),
    ("learner_state", "scope, name, value, changed_at"),
)


def upgrade() -> None:
    """Fill the digests of the rows that are there; one that holds what is no text gets none, and `doctor` names it.

    What a course's files say is read again at its next opening: a text that was damaged before it had a digest is not
    to be believed for having one.
    """
    for table in ("course", "source_file", "card_text", "identity", "learner_state"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN digest VARCHAR DEFAULT '' NOT NULL")
    op.execute(
        "CREATE INDEX ix_review_answers ON review (study_day, action, card_id, confidence, grade, correct)"
        " WHERE grade IS NOT NULL"
    )
    connection: Any = op.get_bind().connection.driver_connection
    connection.execute("DELETE FROM source_file")
    connection.text_factory = lenient
    try:
        for table, columns in SEALED:
            _seal(connection, table, f"SELECT rowid, {columns} FROM {table}")
        for no, payload in connection.execute("SELECT card_id, payload FROM card_text").fetchall():
            if isinstance(payload, str):
                connection.execute("UPDATE card_text SET sha256 = ? WHERE card_id = ?", (text_sha256(payload), no))
        cards = f"SELECT t.card_id, {CARD_DIGEST_OF} FROM card_text t JOIN card c ON c.id = t.card_id"
        _seal(connection, "card_text", cards)
    finally:
        connection.text_factory = str


def _seal(connection: Any, table: str, rows: str) -> None:
    for row_id, *values in connection.execute(rows).fetchall():
        try:
            digest = seal(values)
        except TypeError:
            continue
        connection.execute(f"UPDATE {table} SET digest = ? WHERE rowid = ?", (digest, row_id))
