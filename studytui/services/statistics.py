"""Statistics for `studytui stats`: totals, streak, forecast, chapters, sections and objectives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from studytui.domain.plain_text import safe
from studytui.domain.sm2 import add_days
from studytui.library.errors import CourseError
from studytui.services.calibration import Calibration, calibration
from studytui.services.dashboard import Dashboard, Share, dashboard
from studytui.services.mastery import WEAKEST_COUNTS, ObjectiveStanding, mastery
from studytui.services.overview import Today, today, waiting_words
from studytui.services.workspace import Workspace

RETENTION_DAYS: Final = 30
_NAME_CELLS: Final = 44


@dataclass(frozen=True, slots=True)
class Statistics:
    """The learner's standing. `retention` is the share of reviews of the last 30 days graded 3 or better, or None."""

    day: date
    now: Today
    board: Dashboard
    reviews: int
    seconds: float
    retention: float | None
    sections: tuple[tuple[str, str], ...]
    """(number, title) of chapters and their sections, in the order of the course."""
    calibration: Calibration
    objectives: tuple[ObjectiveStanding, ...] = ()
    """Every objective of the syllabus, in its order."""
    problem: str = ""
    """Why there are none: the syllabus cannot be read."""

    def to_json(self) -> dict[str, Any]:
        """Stable keys: day, due, overdue, new, reasks, minutes, streak_days, studied_today, reviews_30_days,
        seconds_30_days, retention_30_days, forecast, totals, sections (each with id, title and the shares), objectives
        (each with id, section, text, state and the shares), calibration (see there). Shares are total, new, lapsed,
        learning, young, mature, due."""
        shares = self.board.shares
        return {
            "day": self.day.isoformat(),
            "due": self.now.counts.due,
            "overdue": self.now.overdue,
            "new": self.now.counts.new,
            "reasks": self.now.counts.reask,
            "minutes": self.now.minutes,
            "streak_days": self.board.streak.days,
            "studied_today": self.board.streak.studied_today,
            "reviews_30_days": self.reviews,
            "seconds_30_days": round(self.seconds),
            "retention_30_days": None if self.retention is None else round(self.retention, 4),
            "forecast": list(self.board.forecast),
            "calibration": self.calibration.to_json(),
            "totals": asdict(shares.get("", Share())),
            "sections": [
                {"id": number, "title": title, **asdict(self._share(number))} for number, title in self.sections
            ],
            "objectives": [one.to_json() for one in self.objectives],
        }

    def lines(self, *, objectives: bool = True) -> Iterator[str]:
        """The same for the eye, with a line for each objective or without; `calibration` has lines of its own."""
        streak = self.board.streak
        yield waiting_words(self.now)
        still_open = "" if streak.studied_today else ", not studied yet today"
        yield f"Streak: {streak.days} day{'s' * (streak.days != 1)}{still_open}."
        kept = "no reviews yet" if self.retention is None else f"{self.retention:.0%} recalled"
        yield f"Last {RETENTION_DAYS} days: {self.reviews} reviews, {self.seconds / 60:.0f} minutes, {kept}."
        yield f"Next {len(self.board.forecast)} days: {' '.join(str(count) for count in self.board.forecast)}"
        yield ""
        yield _heading("")
        for number, title in (("", "The whole course"), *self.sections):
            name = f"  {number} {title}" if "." in number else f"{number} {title}".strip()
            yield _line(name, self._share(number))
        if objectives and self.objectives:
            yield ""
            yield WEAKEST_COUNTS
            yield _heading("objective", "state")
            for one in self.objectives:
                name = f"{one.objective.id} {one.objective.text}"
                yield f"{_line(name, one.share)}  {one.state or 'no card'}"

    def _share(self, number: str) -> Share:
        return self.board.shares.get(number, Share())


def statistics(workspace: Workspace) -> Statistics:
    """Everything at once.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    day = workspace.today()
    days = reports.daily(workspace.store, workspace.course_no, add_days(day, 1 - RETENTION_DAYS))
    seen_before = sum(each.reviews - each.new for each in days)
    passed = sum(each.passed for each in days)
    reviews = sum(each.reviews for each in days)
    numbered = []
    for chapter in workspace.course.chapters:
        numbered.append((str(chapter.number), chapter.title))
        numbered += [(section.id, section.title) for section in chapter.sections]
    objectives: tuple[ObjectiveStanding, ...] = ()
    problem = ""
    try:
        objectives = tuple(mastery(workspace).objectives.values())
    except CourseError as error:
        problem = f"{error} The objectives are left out."
    with workspace.store.reading() as store:
        now = today(replace(workspace, store=store))
    return Statistics(
        day=day,
        now=now,
        board=dashboard(workspace),
        reviews=reviews,
        seconds=sum(each.seconds for each in days),
        retention=passed / reviews if reviews and seen_before else None,
        sections=tuple(numbered),
        objectives=objectives,
        calibration=calibration(workspace),
        problem=problem,
    )


def _heading(name: str, state: str = "") -> str:
    return (
        f"{name:<{_NAME_CELLS}} {'cards':>6} {'new':>5} {'lapsed':>7} {'learning':>9} {'young':>6} {'mature':>7}"
        f" {'due':>5}  {state}"
    ).rstrip()


def _line(name: str, share: Share) -> str:
    name = safe(name)
    if len(name) > _NAME_CELLS:
        name = f"{name[: _NAME_CELLS - 1]}…"
    return (
        f"{name:<{_NAME_CELLS}} {share.total:>6} {share.new:>5} {share.lapsed:>7} {share.learning:>9} {share.young:>6}"
        f" {share.mature:>7} {share.due:>5}"
    )
