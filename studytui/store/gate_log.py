"""What a gate's verdict is made from: the attempts at its parts, and the scheduled reviews of the cards behind it.

Plain SQL through a connection of its own, so it may run in any thread, and a locked course opens without SQLModel.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from studytui.store.connection import connect_to_read, translated
from studytui.store.records import text_day
from studytui.store.rows import of_types, require_whole_text

if TYPE_CHECKING:
    from studytui.store.store import Store

_STANDS: Final = "NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id AND u.undoes IS NOT NULL)"
_ATTEMPTS: Final = (
    f"SELECT r.id, r.review_uid, c.key, r.at_utc, r.study_day, r.correct, r.evidence, NOT {_STANDS}"
    " FROM card c JOIN review r ON r.card_id = c.id"
    " WHERE c.course_id = ? AND r.action <> 'undo' ORDER BY r.id"
)
_CARDS: Final = (
    "SELECT c.id, c.key, c.due_on, c.suspended, t.payload, t.sha256, t.path, t.line"
    " FROM card c JOIN card_text t ON t.card_id = c.id"
    " WHERE c.course_id = ? AND c.archived = 0 ORDER BY c.position, c.id"
)
_REVIEWS: Final = (
    "SELECT r.study_day, CASE r.action WHEN 'review' THEN r.grade END FROM review r"
    f" WHERE r.card_id = ? AND r.action IN ('review', 'reset') AND {_STANDS} ORDER BY r.id"
)


@dataclass(frozen=True, slots=True)
class GateRow:
    """One row of a gate's log. `at` is UTC; `undone` tells that a later row took it back."""

    no: int
    review_uid: str
    key: str
    at: datetime
    study_day: date
    passed: bool
    evidence: str
    undone: bool


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A card of the course, by its number, with the payload that says what it covers."""

    no: int
    key: str
    due_on: date | None
    suspended: bool
    payload: str


def gate_rows(store: Store, course_no: int) -> list[GateRow]:
    """All that happened to the parts of a gate, newest last; what was taken back is among it.

    Raises:
        StoreError: the database cannot be read.
    """
    with _reading(store) as connection:
        found = connection.execute(_ATTEMPTS, (course_no,)).fetchall()
        return [_gate_row(row) for row in found]


def course_cards(store: Store, course_no: int) -> list[CourseCard]:
    """The cards of a course in its order, without those that left it.

    Raises:
        StoreError: the database cannot be read.
    """
    return store.mended(lambda: list(_course_cards(store, course_no)))


def _course_cards(store: Store, course_no: int) -> Iterator[CourseCard]:
    with _reading(store) as connection:
        for no, key, due_on, suspended, payload, sha256, path, line in connection.execute(_CARDS, (course_no,)):
            of_types((key, path, line), str, str, int)
            require_whole_text(payload, sha256, key=key, path=path, line=line, card_no=no)
            yield CourseCard(no, key, text_day(due_on), bool(suspended), payload)


def scheduled_reviews(store: Store, card_nos: Collection[int]) -> dict[int, tuple[tuple[date, int | None], ...]]:
    """The scheduled reviews of cards that stand, oldest first: study day and grade; None where a card was started over.

    Raises:
        StoreError: the database cannot be read.
    """
    with _reading(store) as connection:
        return {
            no: tuple((date.fromisoformat(day), grade) for day, grade in connection.execute(_REVIEWS, (no,)))
            for no in card_nos
        }


def _gate_row(row: tuple[Any, ...]) -> GateRow:
    no, uid, key, at, day, correct, evidence, undone = row
    of_types((uid, key, evidence), str, str, str)
    return GateRow(
        no, uid, key, datetime.fromisoformat(at), date.fromisoformat(day), bool(correct), evidence, bool(undone)
    )


@contextmanager
def _reading(store: Store) -> Iterator[sqlite3.Connection]:
    with closing(connect_to_read(store.path)) as connection, translated(store.path):
        yield connection
