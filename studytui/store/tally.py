"""How many reviews a study day has seen, without counting the whole day again after each answer."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from typing import Final

from studytui.store import statements
from studytui.store.records import Done

REACH: Final = timedelta(days=2)
"""How far a study day may go back within the log. A traveller's goes back by one; if a clock was set wrong by more and
right again, reviews from before do not count towards the day's limits."""


class Tally:
    """The scheduled reviews of one course on one study day that were not taken back.

    The log only grows, so it is enough to read what was added since the last time, by whichever window. It needs no
    index on days, which every answer would have to write: the day's start is found from the log's end.
    """

    def __init__(self, connection: sqlite3.Connection, course_no: int, day: date) -> None:
        """Raises sqlite3.Error."""
        self.course_no, self.day = course_no, day
        self._new = self._reviews = 0
        from_day = max(day, date.min + REACH) - REACH
        earlier = connection.execute(statements.LAST_BEFORE_DAY, (from_day.isoformat(),)).fetchone()
        self._start = self._seen = earlier[0] if earlier else 0

    def count(self, connection: sqlite3.Connection) -> Done:
        """What was done up to now; raises sqlite3.Error."""
        (newest,) = connection.execute(statements.NEWEST).fetchone()
        if newest is not None and newest > self._seen:
            values = {
                "seen": self._seen,
                "newest": newest,
                "start": self._start,
                "day": self.day.isoformat(),
                "course": self.course_no,
            }
            for was_undone, was_new in connection.execute(statements.DONE_SINCE, values).fetchall():
                step = -1 if was_undone else 1
                self._new += step * was_new
                self._reviews += step * (not was_new)
            self._seen = newest
        return Done(new=self._new, reviews=self._reviews)
