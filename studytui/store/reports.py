"""Statistics and lists for screens and scripts.

Each call reads through a connection of its own, so it may run in any thread while the store is used.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from studytui.domain.sm2 import PASSING_GRADE
from studytui.domain.statistics import MATURE_DAYS, YOUNG_DAYS
from studytui.store.connection import reading
from studytui.store.records import (
    STATE_COLUMNS,
    Action,
    CardState,
    card_state,
    of_types,
    require_whole_text,
    truth,
)

if TYPE_CHECKING:
    from studytui.store.store import Store

# What the reports give: rows, each a value of its own


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of the log. `at` is UTC; `undoes` is the row it takes back, `undone` whether a later row took it back.

    `grade` to `correct` are None for what is no answer; `duration_ms` is in milliseconds.
    """

    id: int
    review_uid: str
    session_uid: str
    card_no: int
    key: str
    action: Action
    at: datetime
    utc_offset_minutes: int
    study_day: date
    grade: int | None
    suggested_grade: int | None
    confidence: int | None
    duration_ms: int
    hints_used: int
    correct: bool | None
    response: str
    evidence: str
    before: CardState
    after: CardState
    undoes: int | None
    undone: bool


@dataclass(frozen=True, slots=True)
class SureAnswers:
    """How many answers of a section came with this confidence (1 to 5) and were right, or were not.

    Right is what the machine found right, or what was graded 3 or better where nothing checked it; None where a
    grader could not tell and the learner did not say.
    """

    course_no: int
    section: str
    confidence: int
    correct: bool | None
    count: int


@dataclass(frozen=True, slots=True)
class ListedCard:
    """A card as lists show it."""

    no: int
    key: str
    position: int
    chapter: str
    section: str
    kind: str
    path: str
    line: int
    archived: bool
    state: CardState
    payload: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers that stand, counted by one thing about them (`of`: a day, a kind, an hour).

    `due` are scheduled reviews of cards seen before, `recalled` of them with grade 3 or better.
    """

    of: str
    answers: int
    seconds: float
    due: int
    recalled: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A card and how often it was answered and failed (below grade 3), beside the schedule too."""

    card_no: int
    answers: int
    misses: int


@dataclass(frozen=True, slots=True)
class Picked:
    """An option of a card (the author's index) that was chosen by mistake, and how often."""

    card_no: int
    option: int
    count: int


@dataclass(frozen=True, slots=True)
class LogFigures:
    """The log of a course, counted. `buttons` are (grade, seen before, count) of scheduled reviews."""

    days: tuple[Tally, ...] = ()
    kinds: tuple[Tally, ...] = ()
    chapters: tuple[Tally, ...] = ()
    hours: tuple[Tally, ...] = ()
    stages: tuple[Tally, ...] = ()
    buttons: tuple[tuple[int, bool, int], ...] = ()
    hardest: tuple[Missed, ...] = ()
    confused: tuple[Picked, ...] = ()


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What stands of a study day: scheduled reviews, of them passed (graded 3 or better) and of new cards; re-asks.

    `seconds` is the time spent on reviews and re-asks together.
    """

    day: date
    reviews: int
    passed: int
    new: int
    reasks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How far a section's cards are, by `domain.stages`: new + lapsed + learning + young + mature = total.

    `suspended` cards are counted in their stage too.
    """

    chapter: str
    section: str
    total: int
    new: int
    lapsed: int
    learning: int
    young: int
    mature: int
    suspended: int


_STANDS: Final = "r.id NOT IN (SELECT undoes FROM review WHERE undoes IS NOT NULL)"
# These go over a log that may be long; CROSS JOIN is SQLite's word for "in this order", from the log to the cards.
_DAILY: Final = (
    "SELECT r.study_day, sum(r.action = 'review'), sum(r.action = 'review' AND r.grade >= :passing),"
    " sum(r.action = 'review' AND r.state_before LIKE '%\"due_on\":null%'), sum(r.action = 'reask'),"
    " sum(r.duration_ms) / 1000.0 FROM review r CROSS JOIN card c ON c.id = r.card_id WHERE r.grade IS NOT NULL"
    " AND r.study_day >= :since AND r.action IN ('review', 'reask') AND c.course_id = :course"
    f" AND {_STANDS} GROUP BY r.study_day ORDER BY r.study_day"
)
_SURE: Final = (
    "SELECT c.course_id, c.section, r.confidence,"
    " CASE WHEN r.correct IS NULL AND c.course_id = :other THEN -1 ELSE coalesce(r.correct, r.grade >= :passing) END,"
    " count(*)"
    " FROM review r CROSS JOIN card c ON c.id = r.card_id WHERE r.confidence IS NOT NULL AND r.grade IS NOT NULL"
    f" AND c.course_id IN (:course, :other) AND {_STANDS} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
# The sum keeps SQLite from reading the whole log in the order of its cards.
_FORGOTTEN: Final = (
    "SELECT r.card_id, count(*) FROM review r CROSS JOIN card c ON c.id = r.card_id WHERE r.grade < :passing"
    " AND r.grade IS NOT NULL AND r.study_day >= :since AND r.action IN ('review', 'reask', 'cram')"
    f" AND c.course_id = :course AND {_STANDS} GROUP BY r.card_id + 0"
)
_PROGRESS: Final = (
    "SELECT chapter, section, count(*), sum(due_on IS NULL), sum(lapsed), sum(learned AND interval_days < :young),"
    " sum(learned AND interval_days >= :young AND interval_days < :mature),"
    " sum(learned AND interval_days >= :mature), sum(suspended) FROM (SELECT *,"
    " due_on IS NOT NULL AND lapses > 0 AND repetitions = 0 AS lapsed,"
    " due_on IS NOT NULL AND NOT (lapses > 0 AND repetitions = 0) AS learned"
    " FROM card WHERE course_id = :course AND archived = 0) GROUP BY chapter, section ORDER BY min(position)"
)
_CARDS: Final = (
    "SELECT c.id, c.key, c.position, c.chapter, c.section, c.kind, t.path, t.line, c.archived, t.payload, t.sha256,"
    f" {', '.join(f'c.{column}' for column in STATE_COLUMNS)} FROM card c JOIN card_text t ON t.card_id = c.id"
    " WHERE c.course_id = ? AND c.archived <= ? ORDER BY c.position, c.id"
)
_LOG: Final = (
    "SELECT r.id, r.review_uid, r.session_uid, r.card_id, c.key, r.action, r.at_utc, r.utc_offset_minutes, r.study_day,"
    " r.grade, r.suggested_grade, r.confidence, r.duration_ms, r.hints_used, r.correct, r.response, r.evidence,"
    " r.state_before, r.state_after, r.undoes, EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id)"
    " FROM review r JOIN card c ON c.id = r.card_id WHERE {} ORDER BY r.id"
)
_LOG_TYPES: Final = (
    int, str, str, int, str, str, str, int, str, int | None, int | None, int | None, int, int, int | None, str, str,
    str, str, int | None, int,
)  # fmt: skip
FIGURED_ROWS: Final = 100_000
"""The newest rows of the log that figures are made of: a hundred answers a day for almost three years."""
# These rows are read once, into a table that lasts as long as the query; what is counted is counted from that.
_FIGURES: Final = f"""
WITH answer AS MATERIALIZED (
  SELECT r.study_day AS day, r.card_id AS card, c.kind AS kind, c.chapter AS chapter, r.grade AS grade,
    r.action = 'review' AS scheduled, r.duration_ms AS ms,
    r.action = 'review' AND instr(r.state_before, '"due_on":null') = 0 AS due,
    CAST(substr(r.state_before, instr(r.state_before, '"interval_days":') + 16, 9) AS INTEGER) AS interval,
    (substr(r.at_utc, 12, 2) * 60 + substr(r.at_utc, 15, 2) + r.utc_offset_minutes + 2880) / 60 % 24 AS hour,
    CASE WHEN c.kind = 'choice' AND (r.correct = 0 OR r.correct IS NULL AND r.grade < :passing)
      AND r.response GLOB '[0-9]*' THEN CAST(r.response AS INTEGER) END AS picked
  FROM review r CROSS JOIN card c ON c.id = r.card_id
  WHERE r.id > (SELECT max(id) - {FIGURED_ROWS} FROM review) AND r.grade IS NOT NULL
    AND r.action IN ('review', 'reask', 'cram') AND c.course_id = :course AND {_STANDS}
), hardest AS (
  SELECT card, count(*) AS answers, sum(grade < :passing) AS misses FROM answer
  GROUP BY card HAVING misses >= :fewest ORDER BY misses DESC, answers, card LIMIT :most
), confused AS (
  SELECT card, picked, count(*) AS times FROM answer WHERE picked IS NOT NULL
  GROUP BY card, picked ORDER BY times DESC, card, picked LIMIT :most
)
SELECT 'days', CAST(day AS TEXT), count(*), sum(ms), sum(due), sum(due AND grade >= :passing) FROM answer GROUP BY day
UNION ALL
SELECT 'kinds', kind, count(*), sum(ms), sum(due), sum(due AND grade >= :passing) FROM answer GROUP BY kind
UNION ALL
SELECT 'chapters', chapter, count(*), sum(ms), sum(due), sum(due AND grade >= :passing) FROM answer GROUP BY chapter
UNION ALL
SELECT 'hours', CAST(hour AS TEXT), count(*), sum(ms), sum(due), sum(due AND grade >= :passing) FROM answer
  GROUP BY hour
UNION ALL
SELECT 'stages', CASE WHEN interval < {YOUNG_DAYS} THEN 'learning' WHEN interval < {MATURE_DAYS} THEN 'young'
  ELSE 'mature' END AS stage, count(*), sum(ms), sum(due), sum(due AND grade >= :passing)
  FROM answer WHERE due GROUP BY stage
UNION ALL
SELECT 'buttons', '', grade, due, count(*), 0 FROM answer WHERE scheduled GROUP BY grade, due
UNION ALL
SELECT 'hardest', '', card, answers, misses, 0 FROM hardest
UNION ALL
SELECT 'confused', '', card, picked, times, 0 FROM confused
"""
MOST_LISTED: Final = 12
FEWEST_MISSES: Final = 2
_SPREAD: Final = (
    "SELECT ease_factor, interval_days, count(*) FROM card WHERE course_id = ? AND archived = 0 AND due_on IS NOT NULL"
    " GROUP BY ease_factor, interval_days"
)
_ANSWERED: Final = (
    "SELECT r.study_day, count(*) FROM review r WHERE r.grade IS NOT NULL AND r.study_day >= ?"
    f" AND {_STANDS} GROUP BY r.study_day"
)


def figures(store: Store, course_no: int) -> LogFigures:
    """What stands of the log of a course, counted by day, kind, chapter, hour, stage and grade, in one reading of it.

    Of a log longer than `FIGURED_ROWS` the newest rows are taken.

    Raises:
        StoreError: the database cannot be read.
    """
    values = {"course": course_no, "passing": PASSING_GRADE, "fewest": FEWEST_MISSES, "most": MOST_LISTED}
    found: dict[str, list[Any]] = {name: [] for name in LogFigures.__dataclass_fields__}
    with reading(store.path) as connection:
        for row in _rows(connection.execute(_FIGURES, values), str, str, *(int,) * 4):
            found[row[0]].append(_counted(*row))
    return LogFigures(**{name: tuple(rows) for name, rows in found.items()})


def _counted(what: str, of: str, *numbers: int) -> object:
    one, two, three, four = numbers
    match what:
        case "buttons":
            return one, bool(two), three
        case "hardest":
            return Missed(one, two, three)
        case "confused":
            return Picked(one, two, three)
    return Tally(of, answers=one, seconds=two / 1000, due=three, recalled=four)


def spread(store: Store, course_no: int) -> list[tuple[int, int, int]]:
    """(ease factor, interval in days, cards) of the live cards of a course that were begun.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(store.path) as connection:
        rows = _rows(connection.execute(_SPREAD, (course_no,)), int, int, int)
        return [(ease, interval, count) for ease, interval, count in rows]


def history(store: Store, card_no: int) -> list[LogEntry]:
    """All that happened to a card, newest last.

    Raises:
        StoreError: the database cannot be read.
    """
    return _log(store, "r.card_id = ?", card_no)


def session_rows(store: Store, session_uid: str) -> list[LogEntry]:
    """All that happened in a session, newest last.

    Raises:
        StoreError: the database cannot be read.
    """
    return _log(store, "r.session_uid = ?", session_uid)


def course_rows(store: Store, course_no: int) -> list[LogEntry]:
    """All that happened to the cards of a course, newest last.

    Raises:
        StoreError: the database cannot be read.
    """
    return _log(store, "c.course_id = ?", course_no)


def sure_answers(store: Store, course_no: int, other_no: int | None = None) -> list[SureAnswers]:
    """What stands of the answers that came with a confidence, in one course or two, counted by what they say.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(store.path) as connection:
        rows = _rows(
            connection.execute(_SURE, {"course": course_no, "other": other_no, "passing": PASSING_GRADE}),
            int, str, int, int, int,
        )  # fmt: skip
        return [
            SureAnswers(no, section, sure, None if right < 0 else bool(right), count)
            for no, section, sure, right, count in rows
        ]


def cards(store: Store, course_no: int, *, archived: bool = False) -> list[ListedCard]:
    """The cards of a course in its order; archived ones come only if asked for.

    Raises:
        StoreError: the database cannot be read.
    """

    def read() -> list[ListedCard]:
        with reading(store.path) as connection:
            return [_listed(row) for row in connection.execute(_CARDS, (course_no, archived))]

    return store.mended(read)


def forgotten(store: Store, course_no: int, since: date) -> dict[int, int]:
    """By card number, how often it was failed (graded below 3) from study day `since` on, beside the schedule too.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(store.path) as connection:
        return dict(connection.execute(_FORGOTTEN, _since(course_no, since)).fetchall())


def daily(store: Store, course_no: int, since: date) -> list[DayTotal]:
    """What stands of each study day from `since` on that has an answer, oldest first.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(store.path) as connection:
        rows = _rows(connection.execute(_DAILY, _since(course_no, since)), str, int, int, int, int, float)
        return [DayTotal(date.fromisoformat(day), *counts) for day, *counts in rows]


def answered(store: Store, since: date) -> dict[date, int]:
    """How many answers stand of each study day from `since` on that has one, of every course; from an index alone.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(store.path) as connection:
        rows = _rows(connection.execute(_ANSWERED, (since.isoformat(),)), str, int)
        return {date.fromisoformat(day): count for day, count in rows}


def progress(store: Store, course_no: int) -> list[SectionProgress]:
    """How far each section's cards are, in the order of the course; a chapter is the sum of its sections.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(store.path) as connection:
        values = {"course": course_no, "young": YOUNG_DAYS, "mature": MATURE_DAYS}
        rows = _rows(connection.execute(_PROGRESS, values), str, str, *(int,) * 7)
        return [SectionProgress(*row) for row in rows]


def _since(course_no: int, since: date) -> dict[str, Any]:
    return {"course": course_no, "since": since.isoformat(), "passing": PASSING_GRADE}


def _rows(cursor: sqlite3.Cursor, *types: type) -> list[tuple[Any, ...]]:
    """The rows, of which each value is of its type: SQLite itself keeps anything in any column."""
    rows = cursor.fetchall()
    for row in rows:
        of_types(row, *types)
    return rows


def _log(store: Store, wanted: str, value: int | str) -> list[LogEntry]:
    with reading(store.path) as connection:
        return [_entry(row) for row in connection.execute(_LOG.format(wanted), (value,))]


def _listed(row: tuple[Any, ...]) -> ListedCard:
    of_types(row[:9], int, str, int, str, str, str, str, int, int)
    require_whole_text(row[9], row[10], key=row[1], path=row[6], line=row[7], card_no=row[0])
    values = (*row[:8], truth(row[8]), card_state(row[11:]), row[9])
    return ListedCard(*values)


def _entry(row: tuple[Any, ...]) -> LogEntry:
    of_types(row, *_LOG_TYPES)
    correct = None if row[14] is None else truth(row[14])
    before, after = CardState.from_json(row[17]), CardState.from_json(row[18])
    at, day = datetime.fromisoformat(row[6]), date.fromisoformat(row[8])
    values = (*row[:6], at, row[7], day, *row[9:14], correct, *row[15:17], before, after, row[19], bool(row[20]))
    return LogEntry(*values)
