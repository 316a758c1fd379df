"""What is dated later than now: answers and acts of a time when the clock was ahead. Plain SQL on any connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from studytui.domain.sm2 import add_days
from studytui.store.rows import moment

TOLERANCE: Final = timedelta(hours=1)
"""A clock that was ahead by less is not worth a word."""
TRAVEL_DAYS: Final = 1
"""A traveller's study day goes back by one, with every clock right."""

_ROWS: Final = (
    "SELECT r.id, c.key, r.action, r.at_utc, r.study_day FROM review r JOIN card c ON c.id = r.card_id"
    " WHERE r.at_utc > ? ORDER BY r.id"
)
_CARDS: Final = (
    "SELECT c.id, c.key, c.due_on FROM card c LEFT JOIN review r ON r.id = c.last_review_id"
    " WHERE c.course_id = ? AND c.archived = 0 AND c.due_on > ? AND (c.reviewed_on > ? OR r.at_utc > ?)"
    " ORDER BY c.due_on DESC, c.position"
)


@dataclass(frozen=True, slots=True)
class FutureRow:
    """A row of the log that is dated later than now."""

    id: int
    key: str
    action: str
    at: datetime
    study_day: date


@dataclass(frozen=True, slots=True)
class CardAhead:
    """A card that waits for a day which a clock that was ahead gave it."""

    no: int
    key: str
    due_on: date


def future_rows(connection: sqlite3.Connection, now: datetime) -> list[FutureRow]:
    """The rows of the log dated later than `now`, oldest id first. It reads the whole log.

    Raises:
        sqlite3.Error: the database cannot be read.
        ValueError: `now` has no time zone.
    """
    rows = connection.execute(_ROWS, (_bound(now),))
    return [
        FutureRow(no, key, action, datetime.fromisoformat(at), date.fromisoformat(day))
        for no, key, action, at, day in rows
    ]


def cards_ahead(connection: sqlite3.Connection, course_nos: Sequence[int], now: datetime, day: date) -> list[CardAhead]:
    """The cards not due by study day `day` whose last review or act is dated later than `now`; the latest first.

    A card that was made due since is not among them, whatever its log says. It reads the cards, not the log.

    Raises:
        sqlite3.Error: the database cannot be read.
        ValueError: `now` has no time zone.
    """
    found = []
    for course_no in course_nos:
        values = (course_no, day.isoformat(), add_days(day, TRAVEL_DAYS).isoformat(), _bound(now))
        found += [CardAhead(no, key, date.fromisoformat(due)) for no, key, due in connection.execute(_CARDS, values)]
    return sorted(found, key=lambda card: card.due_on, reverse=True)


def _bound(now: datetime) -> str:
    try:
        now += TOLERANCE
    except OverflowError:
        now = datetime.max.replace(tzinfo=UTC)
    return moment(now)[0]
