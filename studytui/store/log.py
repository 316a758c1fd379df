"""Appending to the log: a row and the card's new state, in the transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from studytui.domain.plain_text import storable
from studytui.store import statements
from studytui.store.digests import seal
from studytui.store.errors import NotKept, StaleCard
from studytui.store.records import Action, CardState, ReviewRecord
from studytui.store.rows import card_state, moment, state_values

LogRow: TypeAlias = tuple[Any, ...]
"""Values of `statements.LOG_COLUMNS`."""


def digest(row: Sequence[Any]) -> str:
    """What tells a log row from a changed one: the seal of its values of `LOG_COLUMNS`, as they will be stored."""
    return seal([int(value) if isinstance(value, bool) else value for value in row])


def answer_row(record: ReviewRecord) -> LogRow:
    """The log row of a graded answer.

    Raises:
        ValueError: `record.at` has no time zone.
    """
    return (
        record.review_uid,
        record.card_no,
        record.action,
        None,
        record.session_uid,
        *moment(record.at),
        record.study_day.isoformat(),
        record.grade,
        record.suggested_grade,
        record.confidence,
        record.duration_ms,
        record.hints_used,
        record.correct,
        storable(record.response),
        storable(record.evidence),
        record.before.to_json(),
        record.after.to_json(),
    )


def act_row(
    action: Action,
    card_no: int,
    *,
    review_uid: str,
    session_uid: str,
    at: datetime,
    study_day: date,
    before: CardState,
    after: CardState,
    undoes: int | None = None,
) -> LogRow:
    """The log row of an act that is no answer.

    Raises:
        ValueError: `at` has no time zone.
    """
    when = (*moment(at), study_day.isoformat())
    no_answer = (None, None, None, 0, 0, None, "null", "{}")
    return (
        review_uid, card_no, action, undoes, session_uid, *when, *no_answer, before.to_json(), after.to_json()
    )  # fmt: skip


def append(connection: sqlite3.Connection, row: LogRow, card_no: int, *, after: CardState, expected: int | None) -> int:
    """Write the row and make `after` the card's state; returns the row's id.

    Raises:
        StaleCard: the card's last log row is not `expected`.
        NotKept: the database took the row and does not have it.
        sqlite3.Error: the database refuses.
    """
    review_id = connection.execute(statements.INSERT_REVIEW, (*row, digest(row))).lastrowid
    assert review_id is not None
    values = (*state_values(after), review_id, card_no, expected)
    if connection.execute(statements.UPDATE_STATE, values).rowcount != 1:
        raise StaleCard("The card was answered in another window.", hint="Its state there stands.")
    if connection.execute(statements.UID_OF, (review_id,)).fetchone() != (row[0],):
        raise NotKept("The database took the answer and does not hold it.", hint="Run `studytui doctor`.")
    return review_id


def state_of(connection: sqlite3.Connection, card_no: int) -> tuple[CardState, int | None]:
    """A card's present state and the id of its last log row.

    Raises:
        StaleCard: there is no such card.
        sqlite3.Error: the database refuses.
    """
    row = connection.execute(statements.STATE_BY_NO, (card_no,)).fetchone()
    if row is None:
        raise StaleCard("The card is no longer in the database.")
    return card_state(row), row[11]
