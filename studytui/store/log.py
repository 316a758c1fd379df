"""Appending to the log: a row and the card's new state, in the transaction of the caller."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from studytui.domain.plain_text import storable
from studytui.domain.queue import DayAnswers
from studytui.domain.sm2 import add_days
from studytui.errors import NotKept, StaleCard
from studytui.store import records
from studytui.store.connection import reading
from studytui.store.records import (
    NEWEST,
    STANDS,
    Action,
    CardState,
    Done,
    ReviewRecord,
    Stamp,
    Undone,
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
"""Values of `records.LOG_COLUMNS`."""
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


def digest(row: Sequence[Any]) -> str:
    """What tells a log row from a changed one: the seal of its values of `LOG_COLUMNS`, as they will be stored."""
    return seal([int(value) if isinstance(value, bool) else value for value in row])


def answer_row(record: ReviewRecord) -> LogRow:
    """The log row of a graded answer.

    Raises:
        ValueError: the moment has no time zone.
    """
    return (
        record.review_uid,
        record.card.no,
        record.action,
        None,
        *_when(record.stamp),
        record.grade,
        record.suggested_grade,
        record.confidence,
        record.duration_ms,
        record.hints_used,
        record.correct,
        storable(_encode(record.response)),
        storable(_encode(record.evidence)),
        record.card.state.to_json(),
        record.after.to_json(),
    )


def act_row(
    action: Action,
    card_no: int,
    stamp: Stamp,
    *,
    before: CardState,
    after: CardState,
    undoes: int | None = None,
    evidence: Mapping[str, Any] = NOTHING,
) -> LogRow:
    """The log row of an act that is no answer; `evidence` is what it did beside the state.

    Raises:
        ValueError: the moment has no time zone.
    """
    no_answer = (None, None, None, 0, 0, None, "null", storable(_encode(dict(evidence))))
    return (
        stamp.uid(), card_no, action, undoes, *_when(stamp), *no_answer, before.to_json(), after.to_json()
    )  # fmt: skip


def _when(stamp: Stamp) -> tuple[Any, ...]:
    return stamp.session_uid, *moment(stamp.at), stamp.day.isoformat()


# The one writer of rows: each function runs within the transaction of the caller


def answer(connection: sqlite3.Connection, record: ReviewRecord) -> int:
    """Append an answer; returns the row's id. Raises as `Store.answer`, and sqlite3.Error."""
    if record.action == "cram":
        present, last = state_of(connection, record.card.no)
        card = replace(record.card, state=present, last_review_id=last)
        record = replace(record, card=card, after=present)
    card = record.card
    return append(connection, answer_row(record), card.no, after=record.after, expected=card.last_review_id)


def act(
    connection: sqlite3.Connection,
    action: Action,
    after: Mapping[int, CardState],
    stamp: Stamp,
    evidence: Mapping[int, Mapping[str, Any]],
) -> list[int]:
    """Append a row for each card; returns their ids. Raises as `Store.act`, and sqlite3.Error."""
    added = []
    for card_no, wanted in after.items():
        before, last = state_of(connection, card_no)
        result = changed(action, before, wanted)
        about = evidence.get(card_no, NOTHING)
        row = act_row(action, card_no, stamp, before=before, after=result, evidence=about)
        added.append(append(connection, row, card_no, after=result, expected=last))
    return added


def undo(connection: sqlite3.Connection, course_no: int, stamp: Stamp) -> Undone | None:
    """Take back the course's last act that stands. Raises as `Store.undo`, and sqlite3.Error."""
    found = connection.execute(records.LAST_LIVE, (course_no,)).fetchone()
    if found is None:
        return None
    review_id, card_no, action, grade, state_before, key, section = found
    _take_back(connection, review_id, card_no, state_before, stamp)
    return Undone(action, card_no, grade, review_id, key, section)


def undo_session(connection: sqlite3.Connection, session_uid: str, stamp: Stamp) -> int:
    """Take back each act of a session that is still its card's last. Raises as `Store.undo`, and sqlite3.Error."""
    standing = connection.execute(_STANDING, (session_uid,)).fetchall()
    for review_id, card_no, state_before in standing:
        _take_back(connection, review_id, card_no, state_before, stamp)
    return len(standing)


def moves(connection: sqlite3.Connection, review_id: int, session_uid: str) -> dict[str, Any]:
    """What the log says of the moves that stand, by the cards' keys: of the row, or of all rows of a session.

    Raises:
        ValueError: that is no JSON.
        sqlite3.Error: the database refuses.
    """
    rows = connection.execute(_MOVES, {"row": review_id, "session": session_uid}).fetchall()
    return {key: json.loads(evidence) for key, evidence in rows}


def _take_back(connection: sqlite3.Connection, review_id: int, card_no: int, state_before: str, stamp: Stamp) -> None:
    before, last = state_of(connection, card_no)
    restored = CardState.from_json(state_before)
    row = act_row("undo", card_no, stamp, before=before, after=restored, undoes=review_id)
    append(connection, row, card_no, after=restored, expected=last)


_MOVES: Final = (
    "SELECT c.key, r.evidence FROM review r CROSS JOIN card c ON c.id = r.card_id WHERE r.action = 'move'"
    f" AND CASE WHEN :session = '' THEN r.id = :row ELSE r.session_uid = :session END AND {STANDS} ORDER BY r.id"
)
# A card that something else happened to since is left out: only a card's last act can be taken back.
_STANDING: Final = (
    "SELECT r.id, r.card_id, r.state_before FROM review r WHERE r.session_uid = ? AND r.action <> 'undo'"
    f" AND {STANDS} AND NOT EXISTS (SELECT 1 FROM review l WHERE l.card_id = r.card_id"
    f" AND l.id > r.id AND l.action <> 'undo' AND {STANDS.replace('r.id', 'l.id')}) ORDER BY r.id DESC"
)


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
    return card_state(row[:-1]), row[-1]


# The study days in a row up to today, read from the log's end only as far as they reach


CHUNK_ROWS: Final = 4000
"""So many rows are looked at together. If all of them are older than the first day that is missing, nobody studied on
it: as in `Tally`, more answers of a wrong clock than that are not seen through."""
SAMPLE_EVERY: Final = 40
"""Who answers hundreds of cards a day has each day among every so-manyth row; only where one lacks all are read."""
LONGEST: Final = 3 * 366
"""Days in a row are counted so far."""

_DAYS: Final = (
    "SELECT DISTINCT r.study_day FROM review r CROSS JOIN card c ON c.id = r.card_id"
    " WHERE {rows} AND r.action = 'review' AND c.course_id IN (SELECT value FROM json_each(:courses))"
    f" AND {STANDS}"
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


# What a gate's verdict is made from: the attempts at its parts, and the scheduled reviews of the cards behind it


_ATTEMPTS: Final = (
    f"SELECT r.id, r.review_uid, c.key, r.at_utc, r.study_day, r.correct, r.evidence, NOT {STANDS}"
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
    f" WHERE r.card_id = ? AND r.action IN ('review', 'reset') AND {STANDS} ORDER BY r.id"
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
    with reading(path) as connection:
        found = connection.execute(_ATTEMPTS, (course_no,)).fetchall()
        return [_gate_row(row) for row in found]


def course_cards(path: Path, course_no: int) -> Iterator[CourseCard]:
    """The cards of a course in its order, without those that left it.

    Raises:
        DamagedText: a card's text is not as it was written; `Store.mended` reads it again from the file.
        StoreError: the database cannot be read.
    """
    with reading(path) as connection:
        for no, key, due_on, suspended, payload, sha256, file, line in connection.execute(_CARDS, (course_no,)):
            of_types((key, file, line), str, str, int)
            require_whole_text(payload, sha256, key=key, path=file, line=line, card_no=no)
            yield CourseCard(no, key, text_day(due_on), bool(suspended), payload)


def scheduled_reviews(path: Path, card_nos: Collection[int]) -> dict[int, tuple[tuple[date, int | None], ...]]:
    """The scheduled reviews of cards that stand, oldest first: study day and grade; None where a card was started over.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(path) as connection:
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


# What is dated later than now: answers and acts of a time when the clock was ahead. Plain SQL on any connection


TOLERANCE: Final = timedelta(hours=1)
"""A clock that was ahead by less is not worth a word."""
TRAVEL_DAYS: Final = 1
"""A traveller's study day goes back by one, with every clock right."""

_MISDATED_CARDS: Final = (
    "SELECT c.id, c.key, c.due_on FROM card c LEFT JOIN review r ON r.id = c.last_review_id"
    " WHERE c.course_id = ? AND c.archived = 0 AND c.due_on > ? AND (c.reviewed_on > ? OR r.at_utc > ?)"
    " ORDER BY c.due_on DESC, c.position"
)


@dataclass(frozen=True, slots=True)
class CardAhead:
    """A card that waits for a day which a clock that was ahead gave it."""

    no: int
    key: str
    due_on: date


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
