"""Appending to the log: a row and the card's new state, in the transaction of the caller."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from studytui.domain.plain_text import storable
from studytui.domain.queue import DayAnswers
from studytui.domain.sm2 import add_days
from studytui.errors import NotKept, StaleCard
from studytui.store import records
from studytui.store.connection import connect_to_read, translated
from studytui.store.records import (
    NEWEST,
    Action,
    CardState,
    Done,
    ReviewRecord,
    card_state,
    changed,
    moment,
    of_types,
    require_whole_text,
    seal,
    state_values,
    text_day,
)

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
    review_id = connection.execute(records.INSERT_REVIEW, (*row, digest(row))).lastrowid
    assert review_id is not None
    values = (*state_values(after), review_id, card_no, expected)
    if connection.execute(records.UPDATE_STATE, values).rowcount != 1:
        raise StaleCard("The card was answered in another window.", hint="Its state there stands.")
    if connection.execute(records.UID_OF, (review_id,)).fetchone() != (row[0],):
        raise NotKept("The database took the answer and does not hold it.", hint="Run `studytui doctor`.")
    return review_id


def state_of(connection: sqlite3.Connection, card_no: int) -> tuple[CardState, int | None]:
    """A card's present state and the id of its last log row.

    Raises:
        StaleCard: there is no such card.
        sqlite3.Error: the database refuses.
    """
    row = connection.execute(records.STATE_BY_NO, (card_no,)).fetchone()
    if row is None:
        raise StaleCard("The card is no longer in the database.")
    return card_state(row), row[11]


# The study days in a row up to today, read from the log's end only as far as they reach


CHUNK_ROWS: Final = 4000
"""So many rows are looked at together. If all of them are older than the first day that is missing, nobody studied on
it: as in `tally`, more answers of a wrong clock than that are not seen through."""
SAMPLE_EVERY: Final = 40
"""Who answers hundreds of cards a day has each day among every so-manyth row; only where one lacks all are read."""
LONGEST: Final = 3 * 366
"""Days in a row are counted so far."""

_DAYS: Final = (
    "SELECT DISTINCT r.study_day FROM review r CROSS JOIN card c ON c.id = r.card_id"
    " WHERE {rows} AND r.action = 'review' AND c.course_id IN (SELECT value FROM json_each(:courses))"
    " AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id AND u.undoes IS NOT NULL)"
)
_ALL: Final = _DAYS.format(rows="r.id > :after AND r.id <= :upto")
_SAMPLE: Final = _DAYS.format(rows="r.id IN (SELECT value FROM json_each(:sample))")
_LATEST: Final = "SELECT max(study_day) FROM review WHERE id > :after AND id <= :upto"


def days_in_a_row(connection: sqlite3.Connection, course_nos: Sequence[int], day: date) -> tuple[int, bool]:
    """How many days in a row had a scheduled review that stands, and whether `day` is one of them.

    A day that is not over yet does not break the row.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    found: set[str] = set()
    (newest,) = connection.execute(NEWEST).fetchone()
    upto = newest or 0
    while True:
        after = max(0, upto - CHUNK_ROWS)
        sample = list(range(after + 1, upto + 1, SAMPLE_EVERY))
        values = {"after": after, "upto": upto, "courses": json.dumps(course_nos), "sample": json.dumps(sample)}
        days = {each for (each,) in connection.execute(_SAMPLE, values)}
        length, missing = _row(found | days, day)
        if upto == newest or not days or missing >= min(days):
            days = {each for (each,) in connection.execute(_ALL, values)}
            length, missing = _row(found | days, day)
            (latest,) = connection.execute(_LATEST, values).fetchone()
            if not after or (latest is not None and latest < missing):
                return length, day.isoformat() in found | days
        found |= days
        if length >= LONGEST:
            return LONGEST, day.isoformat() in found
        upto = after


def _row(found: set[str], day: date) -> tuple[int, str]:
    """The length of the row, and the first day back from `day` that breaks it."""
    at = day if day.isoformat() in found else add_days(day, -1)
    length = 0
    while at.isoformat() in found:
        length += 1
        if at == date.min:
            break
        at = add_days(at, -1)
    return length, at.isoformat()


# What a study day has seen, without reading the whole day again after each answer


REACH_DAYS: Final = 2
"""How far a study day may go back within the log: a traveller's goes back by one."""
REACH_ROWS: Final = 500
"""How many older rows may stand among the day's: answers given while the clock was wrong. Beyond them the day's earlier
answers are not found, and do not count towards its limits."""


class Tally:
    """The answers of one course on one study day that were not taken back.

    The log only grows, so it is enough to read what was added since the last time, by whichever window. It needs no
    index on days, which every answer would have to write: the day's start is found from the log's end.
    """

    def __init__(self, connection: sqlite3.Connection, course_no: int, day: date) -> None:
        """Raises sqlite3.Error."""
        self.course_no, self.day = course_no, day
        self.answers = DayAnswers()
        self._new = self._reviews = 0
        from_day = add_days(day, -REACH_DAYS).isoformat()
        earlier = connection.execute(records.LAST_BEFORE_DAY, (from_day, REACH_ROWS)).fetchone()
        self._start = self._seen = earlier[0] if earlier else 0

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Read what was added since the last time; raises sqlite3.Error."""
        (newest,) = connection.execute(records.NEWEST).fetchone()
        if newest is None or newest <= self._seen:
            return
        values = {
            "seen": self._seen,
            "newest": newest,
            "start": self._start,
            "day": self.day.isoformat(),
            "course": self.course_no,
        }
        for row_id, undoes, card_no, action, was_new in connection.execute(records.DAY_SINCE, values).fetchall():
            if undoes is None:
                self.answers.add(row_id, card_no, action)
            else:
                self.answers.take_back(undoes)
            if action == "review":
                step = 1 if undoes is None else -1
                self._new += step * was_new
                self._reviews += step * (not was_new)
        self._seen = newest

    @property
    def done(self) -> Done:
        """The scheduled reviews read so far."""
        return Done(new=self._new, reviews=self._reviews)


# Acts on several cards at once and taking them back together, in the transaction of the caller


_UNDONE: Final = "EXISTS (SELECT 1 FROM review u WHERE u.undoes = {row}.id AND u.undoes IS NOT NULL)"
# A card that something else happened to since is left out: only a card's last act can be taken back.
_STANDING: Final = (
    "SELECT r.id, r.card_id, r.state_before FROM review r WHERE r.session_uid = ? AND r.action <> 'undo'"
    f" AND NOT {_UNDONE.format(row='r')} AND NOT EXISTS (SELECT 1 FROM review l WHERE l.card_id = r.card_id"
    f" AND l.id > r.id AND l.action <> 'undo' AND NOT {_UNDONE.format(row='l')}) ORDER BY r.id DESC"
)


def act_on_many(
    connection: sqlite3.Connection,
    action: Action,
    after: Mapping[int, CardState],
    *,
    at: datetime,
    study_day: date,
    session_uid: str,
    new_uid: Callable[[], str],
) -> int:
    """One row of the log for each card; `after` by the card's number. Returns how many.

    Raises:
        StaleCard: there is no such card.
        ValueError: `action` is an answer or an undo, or `at` has no time zone.
        sqlite3.Error: the database refuses.
    """
    for card_no, wanted in after.items():
        before, last = state_of(connection, card_no)
        result = changed(action, before, wanted)
        row = act_row(
            action,
            card_no,
            review_uid=new_uid(),
            session_uid=session_uid,
            at=at,
            study_day=study_day,
            before=before,
            after=result,
        )
        append(connection, row, card_no, after=result, expected=last)
    return len(after)


def undo_group(
    connection: sqlite3.Connection,
    group_uid: str,
    *,
    at: datetime,
    study_day: date,
    session_uid: str,
    new_uid: Callable[[], str],
) -> int:
    """Take back each act of session `group_uid` that is still its card's last; returns how many.

    A card that was answered or moved since keeps what came after.

    Raises:
        ValueError: `at` has no time zone.
        sqlite3.Error: the database refuses.
    """
    standing = connection.execute(_STANDING, (group_uid,)).fetchall()
    for review_id, card_no, state_before in standing:
        before, last = state_of(connection, card_no)
        restored = CardState.from_json(state_before)
        row = act_row(
            "undo",
            card_no,
            review_uid=new_uid(),
            session_uid=session_uid,
            at=at,
            study_day=study_day,
            before=before,
            after=restored,
            undoes=review_id,
        )
        append(connection, row, card_no, after=restored, expected=last)
    return len(standing)


# What a gate's verdict is made from: the attempts at its parts, and the scheduled reviews of the cards behind i


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


def gate_rows(path: Path, course_no: int) -> list[GateRow]:
    """All that happened to the parts of a gate, newest last; what was taken back is among it.

    Raises:
        StoreError: the database cannot be read.
    """
    with _reading(path) as connection:
        found = connection.execute(_ATTEMPTS, (course_no,)).fetchall()
        return [_gate_row(row) for row in found]


def course_cards(path: Path, course_no: int) -> Iterator[CourseCard]:
    """The cards of a course in its order, without those that left it.

    Raises:
        DamagedText: a card's text is not as it was written; `Store.mended` reads it again from the file.
        StoreError: the database cannot be read.
    """
    with _reading(path) as connection:
        for no, key, due_on, suspended, payload, sha256, file, line in connection.execute(_CARDS, (course_no,)):
            of_types((key, file, line), str, str, int)
            require_whole_text(payload, sha256, key=key, path=file, line=line, card_no=no)
            yield CourseCard(no, key, text_day(due_on), bool(suspended), payload)


def scheduled_reviews(path: Path, card_nos: Collection[int]) -> dict[int, tuple[tuple[date, int | None], ...]]:
    """The scheduled reviews of cards that stand, oldest first: study day and grade; None where a card was started over.

    Raises:
        StoreError: the database cannot be read.
    """
    with _reading(path) as connection:
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
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect_to_read(path)) as connection, translated(path):
        yield connection


# What is dated later than now: answers and acts of a time when the clock was ahead. Plain SQL on any connection


TOLERANCE: Final = timedelta(hours=1)
"""A clock that was ahead by less is not worth a word."""
TRAVEL_DAYS: Final = 1
"""A traveller's study day goes back by one, with every clock right."""

_ROWS: Final = (
    "SELECT r.id, c.key, r.action, r.at_utc, r.study_day FROM review r JOIN card c ON c.id = r.card_id"
    " WHERE r.at_utc > ? ORDER BY r.id"
)
_MISDATED_CARDS: Final = (
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
        found += [
            CardAhead(no, key, date.fromisoformat(due)) for no, key, due in connection.execute(_MISDATED_CARDS, values)
        ]
    return sorted(found, key=lambda card: card.due_on, reverse=True)


def _bound(now: datetime) -> str:
    try:
        now += TOLERANCE
    except OverflowError:
        now = datetime.max.replace(tzinfo=UTC)
    return moment(now)[0]
