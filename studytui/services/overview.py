"""The state of a day's study for the home screen and `studytui due`; what a session achieved for its last screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from studytui.domain.clock import study_day
from studytui.domain.queue import Counts, Limits
from studytui.domain.sm2 import PASSING_GRADE
from studytui.services.workspace import Workspace

FORECAST_DAYS = 14
MOST_QUESTIONS_DUE = 9999


@dataclass(frozen=True, slots=True)
class Today:
    """What is left and done on the study day; cheap, for the first paint."""

    day: date
    counts: Counts
    new_done: int
    reviews_done: int
    questions_due: int = 0
    """Interview questions that wait to be rehearsed again."""
    lock: str = ""
    """Why the course's cards are locked, and what to do; "" if they are not."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Study days in a row up to today (or yesterday, while today is still open)."""

    days: int
    studied_today: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """A finished session: scheduled reviews and re-asks, share passed, time, and what comes tomorrow.

    `crammed` answers were given beside the schedule and moved nothing; `crammed_passed` of them were recalled.
    """

    reviews: int
    reasks: int
    new: int
    passed: int
    seconds: float
    grades: dict[int, int] = field(default_factory=dict)
    due_tomorrow: int = 0
    leeches: tuple[str, ...] = ()
    crammed: int = 0
    crammed_passed: int = 0

    @property
    def accuracy(self) -> float | None:
        """Share of scheduled reviews graded 3 or better, or None without any."""
        return self.passed / self.reviews if self.reviews else None


def today(workspace: Workspace) -> Today:
    """Counts within the daily limits and what was done so far."""
    settings = workspace.settings
    day = study_day(workspace.clock.now(), settings.rollover_hour)
    done = workspace.store.done_today(workspace.course_no, day)
    if (lock := workspace.lock()) is not None:
        return Today(day, Counts(), done.new, done.reviews, lock=str(lock))
    left = settings.limits.left(new_today=done.new, reviews_today=done.reviews)
    counts = workspace.store.counts(
        workspace.course_no, day, limits=left, scope=workspace.whole_course, bury_siblings=settings.bury_siblings
    )
    return Today(day, counts, done.new, done.reviews, _questions_due(workspace, day))


def _questions_due(workspace: Workspace, day: date) -> int:
    number = workspace.interview_no
    if number is None:
        return 0
    waiting = workspace.store.counts(number, day, limits=Limits(0, MOST_QUESTIONS_DUE), bury_siblings=False)
    return waiting.due + waiting.reask


def summary(workspace: Workspace, session_uid: str) -> Summary:
    """What a session achieved, taken-back answers left out. Statistics code is imported: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    day = study_day(workspace.clock.now(), workspace.settings.rollover_hour)
    rows = [row for row in reports.session_rows(workspace.store, session_uid) if not row.undone]
    scheduled = [row for row in rows if row.action == "review" and row.grade is not None]
    reasks = [row for row in rows if row.action == "reask"]
    crammed = [row for row in rows if row.action == "cram" and row.grade is not None]
    ahead = reports.forecast(workspace.store, workspace.course_no, day, 2)
    return Summary(
        reviews=len(scheduled),
        reasks=len(reasks),
        new=sum(row.before.schedule.is_new for row in scheduled),
        passed=sum((row.grade or 0) >= PASSING_GRADE for row in scheduled),
        seconds=sum(row.duration_ms for row in [*scheduled, *reasks, *crammed]) / 1000,
        grades=grade_counts([row.grade for row in [*scheduled, *crammed] if row.grade is not None]),
        due_tomorrow=ahead[1],
        leeches=tuple(row.key for row in scheduled if row.after.leech and not row.before.leech),
        crammed=len(crammed),
        crammed_passed=sum((row.grade or 0) >= PASSING_GRADE for row in crammed),
    )


def streak(studied: set[date], day: date) -> Streak:
    """Count back from `day`; a day that is not over yet does not break the row."""
    on_today = day in studied
    days, at = 0, day if on_today else day - timedelta(days=1)
    while at in studied:
        days += 1
        at -= timedelta(days=1)
    return Streak(days, on_today)


def advice(state: Today, *, worst_section: str = "") -> str:
    """One sentence on what to do next."""
    if state.lock:
        return state.lock
    counts = state.counts
    if counts.reask and not counts.due:
        return f"Settle the {counts.reask} card{'s' * (counts.reask > 1)} you missed today, then you are done."
    if counts.due:
        minutes = max(1, round((counts.due + counts.reask) * 0.25))
        return f"Review what is due first: about {minutes} minute{'s' * (minutes > 1)}."
    if counts.new:
        return f"Nothing is due. Meet {counts.new} new card{'s' * (counts.new > 1)}, or read a section first."
    if worst_section:
        return f"Done for today. Section {worst_section} is your weakest: read it again or open one of its labs."
    return "Done for today. Read ahead, or try a lab."


def grade_counts(grades: list[int]) -> dict[int, int]:
    """How often each grade was given."""
    return dict(sorted(Counter(grades).items()))
