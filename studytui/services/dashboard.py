"""What the home screen shows beyond the counts: forecast, progress, streak. Statistics, so not for the first paint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from studytui.domain.clock import study_day
from studytui.services.overview import FORECAST_DAYS, Streak, streak
from studytui.services.workspace import Workspace

STREAK_REACH = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Share:
    """How far the cards of a chapter are; the four stages add up to `total`. `due` counts what waits on the day."""

    total: int = 0
    new: int = 0
    learning: int = 0
    young: int = 0
    mature: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The learner's standing on a study day.

    Attributes:
        forecast: cards due on each of the next days, what is overdue counted on the first.
        chapters: the share of each chapter by its number, and of the course under "".
        weakest: the section with the most lapses a card among those begun, or "".
        clock_is_behind: the log holds a study day later than today's.
    """

    forecast: tuple[int, ...]
    chapters: dict[str, Share]
    streak: Streak
    weakest: str
    clock_is_behind: bool


def dashboard(workspace: Workspace) -> Dashboard:
    """Everything at once. The statistics code is imported here: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    store, course_no = workspace.store, workspace.course_no
    day = study_day(workspace.clock.now(), workspace.settings.rollover_hour)
    studied = {row.day for row in reports.daily(store, course_no, day - STREAK_REACH) if row.reviews}
    return Dashboard(
        forecast=tuple(reports.forecast(store, course_no, day, FORECAST_DAYS)),
        chapters={},
        streak=streak(studied, day),
        weakest="",
        clock_is_behind=any(each > day for each in studied),
    )
