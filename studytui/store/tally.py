"""What a study day has seen, without reading the whole day again after each answer."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Final

from studytui.domain.queue import DayAnswers
from studytui.domain.sm2 import add_days
from studytui.store import statements
from studytui.store.records import Done

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
        earlier = connection.execute(statements.LAST_BEFORE_DAY, (from_day, REACH_ROWS)).fetchone()
        self._start = self._seen = earlier[0] if earlier else 0

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Read what was added since the last time; raises sqlite3.Error."""
        (newest,) = connection.execute(statements.NEWEST).fetchone()
        if newest is None or newest <= self._seen:
            return
        values = {
            "seen": self._seen,
            "newest": newest,
            "start": self._start,
            "day": self.day.isoformat(),
            "course": self.course_no,
        }
        for row_id, undoes, card_no, action, was_new in connection.execute(statements.DAY_SINCE, values).fetchall():
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
