"""The time that what is left of a day will take, from the newest answers in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from studytui.domain.pace import Pace, Sight, Timed
from studytui.domain.queue import Counts, Scope
from studytui.store import Store

MOST_ANSWERS: Final = 600
"""So many of the newest answers show a learner's pace."""
REACH_ROWS: Final = 3000
"""How far back in the log they are looked for, whatever else stands there."""
MOST_CARDS: Final = 200
"""So many of the next cards show of which kinds a day is."""


@dataclass(frozen=True, slots=True)
class DayPace:
    """The learner's pace and the kinds of a day's cards: what any part of the day takes."""

    pace: Pace
    kinds: dict[Sight, dict[str, int]]

    def minutes(self, counts: Counts) -> int:
        """Whole minutes for what is left, at least one while anything is."""
        return max(1, round(self.pace.seconds_left(counts, self.kinds) / 60)) if counts.total else 0


def own_pace(store: Store, course_no: int) -> Pace:
    """The learner's pace on a course, from the newest answers; some milliseconds, however long the log is.

    Raises:
        StoreError: the database cannot be read.
    """
    return Pace.of(
        Timed(
            answer.kind,
            "reask" if answer.action == "reask" else "new" if answer.was_new else "due",
            answer.grade,
            answer.duration_ms / 1000,
        )
        for answer in store.recent_times(course_no, most=MOST_ANSWERS, reach=REACH_ROWS)
    )


def kinds_left(
    store: Store, course_no: int, day: date, counts: Counts, *, scope: Scope | None = None, bury_siblings: bool = True
) -> dict[Sight, dict[str, int]]:
    """Of which kinds the next cards of a day are.

    Raises:
        StoreError: the database cannot be read.
    """
    wanted: tuple[tuple[Sight, int], ...] = (("new", counts.new), ("due", counts.due), ("reask", counts.reask))
    return {
        sight: store.kinds(sight, course_no, day, most=min(count, MOST_CARDS), scope=scope, bury_siblings=bury_siblings)
        for sight, count in wanted
        if count
    }
