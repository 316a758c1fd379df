"""The study day: the date a review counts for. It turns at a local hour (04:00 by default), not at midnight.

The rule uses the wall clock alone, so a daylight-saving change makes a study day an hour longer or shorter and nothing
else, and a traveller's day is the one the clock on the wall shows.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

DEFAULT_ROLLOVER_HOUR: Final = 4
LAST_DAY: Final = date.max - timedelta(days=1)
"""The last study day: each has a tomorrow, or a card reviewed on it would be due again at once."""


class Clock(Protocol):
    """Where the time comes from; tests inject their own."""

    def now(self) -> datetime:
        """The present moment, aware, in the learner's time zone."""
        ...


def study_day(moment: datetime, rollover_hour: int = DEFAULT_ROLLOVER_HOUR) -> date:
    """The study day of an aware local `moment`.

    Raises:
        ValueError: if `moment` has no time zone or the hour is not 0 to 23.
    """
    if moment.tzinfo is None:
        raise ValueError("a study day needs a moment with a time zone")
    if not 0 <= rollover_hour <= 23:
        raise ValueError(f"the day turns at an hour from 0 to 23, not {rollover_hour}")
    day = moment.date()
    if moment.hour < rollover_hour and day > date.min:
        day -= timedelta(days=1)
    return min(day, LAST_DAY)


def next_turn(moment: datetime, rollover_hour: int = DEFAULT_ROLLOVER_HOUR) -> datetime:
    """The local moment at which the study day of `moment` ends, in the same time zone."""
    day = study_day(moment, rollover_hour) + timedelta(days=1)
    return datetime.combine(day, time(rollover_hour), tzinfo=moment.tzinfo)
