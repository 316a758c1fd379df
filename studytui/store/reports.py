"""Statistics and lists for screens and scripts. Imports SQLModel, so only where one of them is shown.

Each call reads through a connection of its own, so it may run in any thread while the store is used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, create_engine, exists, func, not_, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from studytui.domain.sm2 import PASSING_GRADE, Schedule
from studytui.domain.statistics import MATURE_DAYS, YOUNG_DAYS
from studytui.store.connection import connect_to_read, explain, translated
from studytui.store.records import (
    CardState,
    DayTotal,
    ListedCard,
    LogEntry,
    LogFigures,
    Missed,
    Picked,
    SectionProgress,
    SureAnswers,
    Tally,
    of_types,
    require_whole_text,
)
from studytui.store.tables import CARD, CARD_TEXT, REVIEW

if TYPE_CHECKING:
    from studytui.store.store import Store


_UNDO = REVIEW.alias("undo")
_UNDONE: Final = exists().where(_UNDO.c.undoes == REVIEW.c.id)
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
    "SELECT c.course_id, c.section, r.confidence, coalesce(r.correct, r.grade >= :passing), count(*)"
    " FROM review r CROSS JOIN card c ON c.id = r.card_id WHERE r.confidence IS NOT NULL AND r.grade IS NOT NULL"
    f" AND c.course_id IN (:course, :other) AND {_STANDS} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
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


def figures(store: Store, course_no: int) -> LogFigures:
    """What stands of the log of a course, counted by day, kind, chapter, hour, stage and grade, in one reading of it.

    Of a log longer than `FIGURED_ROWS` the newest rows are taken.

    Raises:
        StoreError: the database cannot be read.
    """
    values = {"course": course_no, "passing": PASSING_GRADE, "fewest": FEWEST_MISSES, "most": MOST_LISTED}
    found: dict[str, list[Any]] = {name: [] for name in LogFigures.__dataclass_fields__}
    with _reading(store) as connection:
        for row in connection.exec_driver_sql(_FIGURES, values).all():
            of_types(row, str, str, int, int, int, int)
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
    query = (
        select(CARD.c.ease_factor, CARD.c.interval_days, func.count())
        .where(CARD.c.course_id == course_no, CARD.c.archived.is_(False), CARD.c.due_on.is_not(None))
        .group_by(CARD.c.ease_factor, CARD.c.interval_days)
    )
    return [(row[0], row[1], row[2]) for row in _rows(store, query)]


def history(store: Store, card_no: int) -> list[LogEntry]:
    """All that happened to a card, newest last.

    Raises:
        StoreError: the database cannot be read.
    """
    return _log(store, REVIEW.c.card_id == card_no)


def session_rows(store: Store, session_uid: str) -> list[LogEntry]:
    """All that happened in a session, newest last.

    Raises:
        StoreError: the database cannot be read.
    """
    return _log(store, REVIEW.c.session_uid == session_uid)


def course_rows(store: Store, course_no: int) -> list[LogEntry]:
    """All that happened to the cards of a course, newest last.

    Raises:
        StoreError: the database cannot be read.
    """
    return _log(store, CARD.c.course_id == course_no)


def sure_answers(store: Store, course_no: int, other_no: int | None = None) -> list[SureAnswers]:
    """What stands of the answers that came with a confidence, in one course or two, counted by what they say.

    Raises:
        StoreError: the database cannot be read.
    """
    values = {"course": course_no, "other": other_no, "passing": PASSING_GRADE}
    with _reading(store) as connection:
        found = connection.exec_driver_sql(_SURE, values).all()
        for row in found:
            of_types(row, int, str, int, int, int)
    return [SureAnswers(no, section, sure, bool(right), count) for no, section, sure, right, count in found]


def cards(
    store: Store,
    course_no: int,
    *,
    chapter: str = "",
    section: str = "",
    kind: str = "",
    key: str = "",
    archived: bool = False,
) -> list[ListedCard]:
    """The cards of a course in its order; empty filters let everything through, archived ones come only if asked for.

    Raises:
        StoreError: the database cannot be read.
    """
    wanted = [CARD.c.course_id == course_no]
    wanted += [CARD.c[name] == value for name, value in _given(chapter=chapter, section=section, kind=kind, key=key)]
    if not archived:
        wanted.append(CARD.c.archived.is_(False))
    query = (
        select(CARD, CARD_TEXT.c.path, CARD_TEXT.c.line, CARD_TEXT.c.payload, CARD_TEXT.c.sha256)
        .join(CARD_TEXT, CARD_TEXT.c.card_id == CARD.c.id)
        .where(*wanted)
        .order_by(CARD.c.position, CARD.c.id)
    )

    def read() -> list[ListedCard]:
        with translated(store.path):
            return [_listed(row) for row in _rows(store, query)]

    return store.mended(read)


def forgotten(store: Store, course_no: int, since: date) -> dict[int, int]:
    """By card number, how often it was failed (graded below 3) from study day `since` on, beside the schedule too.

    Raises:
        StoreError: the database cannot be read.
    """
    query = (
        select(REVIEW.c.card_id, func.count())
        .join(CARD, CARD.c.id == REVIEW.c.card_id)
        .where(
            _of_courses([course_no]),
            REVIEW.c.study_day >= since,
            REVIEW.c.action.in_(("review", "reask", "cram")),
            REVIEW.c.grade < PASSING_GRADE,
            not_(_UNDONE),
        )
        .group_by(REVIEW.c.card_id + 0)  # for the same reason as in `_of_courses`
    )
    return {row[0]: row[1] for row in _rows(store, query)}


def daily(store: Store, course_no: int, since: date) -> list[DayTotal]:
    """What stands of each study day from `since` on that has an answer, oldest first.

    Raises:
        StoreError: the database cannot be read.
    """
    values = {"course": course_no, "since": since.isoformat(), "passing": PASSING_GRADE}
    with _reading(store) as connection:
        found = connection.exec_driver_sql(_DAILY, values).all()
        for row in found:
            of_types(row, str, int, int, int, int, float)
        return [DayTotal(date.fromisoformat(row[0]), *row[1:]) for row in found]


def answered(store: Store, since: date) -> dict[date, int]:
    """How many answers stand of each study day from `since` on that has one, of every course; from an index alone.

    Raises:
        StoreError: the database cannot be read.
    """
    query = (
        f"SELECT r.study_day, count(*) FROM review r WHERE r.grade IS NOT NULL AND r.study_day >= :since AND {_STANDS}"
    )
    with _reading(store) as connection:
        found = connection.exec_driver_sql(f"{query} GROUP BY r.study_day", {"since": since.isoformat()}).all()
        for row in found:
            of_types(row, str, int)
        return {date.fromisoformat(row[0]): row[1] for row in found}


def progress(store: Store, course_no: int) -> list[SectionProgress]:
    """How far each section's cards are, in the order of the course; a chapter is the sum of its sections.

    Raises:
        StoreError: the database cannot be read.
    """
    begun = CARD.c.due_on.is_not(None)
    interval = CARD.c.interval_days
    lapsed = and_(begun, CARD.c.lapses > 0, CARD.c.repetitions == 0)
    query = (
        select(
            CARD.c.chapter,
            CARD.c.section,
            func.count(),
            _count(CARD.c.due_on.is_(None)),
            _count(lapsed),
            _count(and_(begun, interval < YOUNG_DAYS, not_(lapsed))),
            _count(and_(begun, interval >= YOUNG_DAYS, interval < MATURE_DAYS, not_(lapsed))),
            _count(and_(begun, interval >= MATURE_DAYS, not_(lapsed))),
            _count(CARD.c.suspended.is_(True)),
        )
        .where(CARD.c.course_id == course_no, CARD.c.archived.is_(False))
        .group_by(CARD.c.chapter, CARD.c.section)
        .order_by(func.min(CARD.c.position))
    )
    return [SectionProgress(*row) for row in _rows(store, query)]


def _log(store: Store, wanted: ColumnElement[bool]) -> list[LogEntry]:
    query = (
        select(REVIEW, CARD.c.key, _UNDONE.label("undone"))
        .join(CARD, CARD.c.id == REVIEW.c.card_id)
        .where(wanted)
        .order_by(REVIEW.c.id)
    )
    with translated(store.path):
        return [_entry(row) for row in _rows(store, query)]


def _listed(row: Any) -> ListedCard:
    require_whole_text(row.payload, row.sha256, key=row.key, path=row.path, line=row.line, card_no=row.id)
    return ListedCard(
        no=row.id,
        key=row.key,
        position=row.position,
        chapter=row.chapter,
        section=row.section,
        kind=row.kind,
        path=row.path,
        line=row.line,
        archived=row.archived,
        state=_state(row),
        payload=row.payload,
    )


def _entry(row: Any) -> LogEntry:
    return LogEntry(
        id=row.id,
        review_uid=row.review_uid,
        session_uid=row.session_uid,
        card_no=row.card_id,
        key=row.key,
        action=row.action,
        at=datetime.fromisoformat(row.at_utc),
        utc_offset_minutes=row.utc_offset_minutes,
        study_day=row.study_day,
        grade=row.grade,
        suggested_grade=row.suggested_grade,
        confidence=row.confidence,
        duration_ms=row.duration_ms,
        hints_used=row.hints_used,
        correct=row.correct,
        response=row.response,
        evidence=row.evidence,
        before=CardState.from_json(row.state_before),
        after=CardState.from_json(row.state_after),
        undoes=row.undoes,
        undone=row.undone,
    )


def _state(row: Any) -> CardState:
    """From the columns of the table, which SQLAlchemy has made dates and truth values already."""
    return CardState(
        Schedule(
            ease_factor=row.ease_factor,
            interval_days=row.interval_days,
            repetitions=row.repetitions,
            lapses=row.lapses,
            due_on=row.due_on,
            reviewed_on=row.reviewed_on,
            reask_on=row.reask_on,
        ),
        suspended=row.suspended,
        buried_on=row.buried_on,
        flagged=row.flagged,
        leech=row.leech,
    )


def _of_courses(course_nos: Sequence[int]) -> ColumnElement[bool]:
    """The sum keeps SQLite from going from the cards to their rows, one here and one there: the log is read through."""
    return (CARD.c.course_id + 0).in_(course_nos)


def _given(**filters: str) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in filters.items() if value)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _rows(store: Store, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """The rows, of which each value is of its column's type: SQLite itself keeps anything in any column."""
    with _reading(store) as connection:
        found = connection.execute(query).all()
        for place, expected in _types(query):
            for row in found:
                if not isinstance(row[place], expected):
                    raise TypeError(f"{row[place]!r:.60} stands where {expected} belongs")
        return found


def _types(query: Select[*tuple[Any, ...]]) -> Iterator[tuple[int, type | tuple[type, ...]]]:
    for place, column in enumerate(query.selected_columns):
        with suppress(NotImplementedError):
            expected = column.type.python_type
            yield place, expected if getattr(column, "nullable", True) is False else (expected, type(None))


@contextmanager
def _reading(store: Store) -> Iterator[Connection]:
    engine = create_engine("sqlite://", creator=lambda: connect_to_read(store.path), poolclass=NullPool)
    try:
        with translated(store.path), engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise explain(error.orig, store.path) from error
        raise
    finally:
        engine.dispose()
