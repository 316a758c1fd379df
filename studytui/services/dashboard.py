"""What the home screen shows beyond the counts: forecast, progress, streak. Statistics, so not for the first paint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from studytui.domain.clock import study_day
from studytui.domain.stages import STAGES, Stage, strength
from studytui.domain.stages import weakest as weakest_stage
from studytui.services.course_lock import lock_of
from studytui.services.left_today import outlook
from studytui.services.workspace import Workspace

STAGE_COUNTS: Final = ("total", "new", "lapsed", "learning", "young", "mature")
FEWEST_BEGUN: Final = 3
"""A section with fewer cards begun says nothing about its strength."""


@dataclass(frozen=True, slots=True)
class Share:
    """How far some cards are; the five stages add up to `total`. `due` is what a review of them would bring today."""

    total: int = 0
    new: int = 0
    lapsed: int = 0
    learning: int = 0
    young: int = 0
    mature: int = 0
    due: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(*(getattr(self, name) + getattr(other, name) for name in (*STAGE_COUNTS, "due")))

    @property
    def weakest(self) -> Stage | None:
        """The stage of the weakest card; None without cards."""
        return weakest_stage(name for name in STAGES if getattr(self, name))

    @property
    def strength(self) -> float | None:
        """0 (nothing learned) to 1 (all mature); None without cards."""
        return strength({name: getattr(self, name) for name in STAGES})


@dataclass(frozen=True, slots=True)
class Streak:
    """Study days in a row up to today (or yesterday, while today is still open)."""

    days: int
    studied_today: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The learner's standing on a study day.

    Attributes:
        forecast: due cards that will come on each of the next days, today first; none in a locked course.
        shares: the share of each section and chapter by its number, and of the course under "".
        weakest: of the sections begun, the one with the largest share of cards still at short intervals, or "".
    """

    forecast: tuple[int, ...]
    shares: dict[str, Share]
    streak: Streak
    weakest: str


def dashboard(workspace: Workspace) -> Dashboard:
    """Everything at once. The statistics code is imported here: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    course_no, settings = workspace.course_no, workspace.settings
    day = study_day(workspace.clock.now(), settings.rollover_hour)
    courses = [number for number in (course_no, workspace.interview_no) if number is not None]
    locked = lock_of(workspace) is not None
    with workspace.store.reading() as store:
        ahead = outlook(store, course_no, day, settings, locked=locked)
        streak = Streak(*store.days_in_a_row(courses, day))
    rows = reports.progress(workspace.store, course_no)
    shares = _shares((row.section, Share(*(getattr(row, name) for name in STAGE_COUNTS))) for row in rows)
    return Dashboard(
        forecast=ahead.forecast,
        shares={place: replace(share, due=ahead.due.get(place, 0)) for place, share in shares.items()},
        streak=streak,
        weakest=weakest({row.section: shares[row.section] for row in rows}),
    )


def weakest(sections: Mapping[str, Share]) -> str:
    """Of the sections with enough cards begun, the one with the largest share still learning; "" if none is."""
    begun = {section: share for section, share in sections.items() if share.total - share.new >= FEWEST_BEGUN}
    short = {section: share.learning + share.lapsed for section, share in begun.items()}
    worst = max(begun, key=lambda section: short[section] / (begun[section].total - begun[section].new), default="")
    return worst if worst and short[worst] else ""


def _shares(sections: Iterable[tuple[str, Share]]) -> dict[str, Share]:
    """Sections, their chapters and the course: each the sum of its sections."""
    shares: dict[str, Share] = {}
    for section, share in sections:
        for key in ("", section.split(".", 1)[0], section):
            shares[key] = shares.get(key, Share()) + share
    return shares
