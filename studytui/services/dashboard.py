"""What the home screen shows beyond the counts: forecast, progress, streak. Statistics, so not for the first paint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from studytui.domain.clock import study_day
from studytui.domain.stages import STAGES, Stage, strength
from studytui.domain.stages import weakest as weakest_stage
from studytui.services.overview import FORECAST_DAYS, Streak, streak
from studytui.services.workspace import Workspace

if TYPE_CHECKING:
    from studytui.store.records import SectionProgress

COUNTED: Final = ("total", "new", "lapsed", "learning", "young", "mature", "due")
FEWEST_BEGUN: Final = 3
"""A section with fewer cards begun says nothing about its strength."""
STREAK_REACH: Final = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Share:
    """How far some cards are; the five stages add up to `total`. `due` counts what waits on the day."""

    total: int = 0
    new: int = 0
    lapsed: int = 0
    learning: int = 0
    young: int = 0
    mature: int = 0
    due: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    @property
    def weakest(self) -> Stage | None:
        """The stage of the weakest card; None without cards."""
        return weakest_stage(name for name in STAGES if getattr(self, name))

    @property
    def strength(self) -> float | None:
        """0 (nothing learned) to 1 (all mature); None without cards."""
        return strength({name: getattr(self, name) for name in STAGES})


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The learner's standing on a study day.

    Attributes:
        forecast: cards due on each of the next days, what is overdue counted on the first; none in a locked course.
        shares: the share of each section and chapter by its number, and of the course under "".
        weakest: of the sections begun, the one with the largest share of cards still at short intervals, or "".
        clock_is_behind: the log holds a study day later than today's.
    """

    forecast: tuple[int, ...]
    shares: dict[str, Share]
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
    studied = set(reports.studied_days(store, course_no, workspace.interview_no, day - STREAK_REACH))
    rows = reports.progress(store, course_no, day)
    locked = workspace.lock() is not None
    shares = _shares((row.section, _share(row, locked=locked)) for row in rows)
    return Dashboard(
        forecast=(0,) * FORECAST_DAYS if locked else tuple(reports.forecast(store, course_no, day, FORECAST_DAYS)),
        shares=shares,
        streak=streak(studied, day),
        weakest=weakest({row.section: shares[row.section] for row in rows}),
        clock_is_behind=any(each > day for each in studied),
    )


def weakest(sections: Mapping[str, Share]) -> str:
    """Of the sections with enough cards begun, the one with the largest share still learning; "" if none is."""
    begun = {section: share for section, share in sections.items() if share.total - share.new >= FEWEST_BEGUN}
    short = {section: share.learning + share.lapsed for section, share in begun.items()}
    worst = max(begun, key=lambda section: short[section] / (begun[section].total - begun[section].new), default="")
    return worst if worst and short[worst] else ""


def _share(row: SectionProgress, *, locked: bool) -> Share:
    """A section's share; in a locked course nothing is due."""
    share = Share(*(getattr(row, name) for name in COUNTED))
    return replace(share, due=0) if locked else share


def _shares(sections: Iterable[tuple[str, Share]]) -> dict[str, Share]:
    """Sections, their chapters and the course: each the sum of its sections."""
    shares: dict[str, Share] = {}
    for section, share in sections:
        for key in ("", section.split(".", 1)[0], section):
            shares[key] = shares.get(key, Share()) + share
    return shares
