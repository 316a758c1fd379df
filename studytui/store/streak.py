"""The study days in a row up to today, read from the log's end only as far as they reach."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Final

from studytui.domain.sm2 import add_days
from studytui.store.statements import NEWEST

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
