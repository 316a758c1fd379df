"""The state of a day's study for the home screen and `studytui due`; what a session achieved for its last screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from studytui.domain.clock import study_day
from studytui.domain.queue import Counts, Limits
from studytui.domain.sm2 import PASSING_GRADE
from studytui.services.course_lock import lock_of
from studytui.services.left_today import left_today, outlook
from studytui.services.pace import DayPace, kinds_left, own_pace
from studytui.services.workspace import Workspace

MOST_QUESTIONS_DUE = 9999


@dataclass(frozen=True, slots=True)
class Today:
    """What is left and done on the study day; cheap, for the first paint."""

    day: date
    counts: Counts
    new_done: int
    reviews_done: int
    overdue: int = 0
    """All cards that are due, also those beyond the day's limit or kept for another day by a sibling."""
    minutes: int = 0
    """What is left takes about so long at the learner's own pace, with the re-asks that will come of it."""
    questions_due: int = 0
    """Interview questions that wait to be rehearsed again."""
    lock: str = ""
    """Why the course's cards are locked, and what to do; "" if they are not."""


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
    """What will still come today, within the daily limits, and what was done so far."""
    store, course_no, settings = workspace.store, workspace.course_no, workspace.settings
    day = study_day(workspace.clock.now(), settings.rollover_hour)
    lock = lock_of(workspace)
    left = left_today(store, course_no, day, settings, locked=lock is not None)
    if lock is not None:
        return Today(day, left.counts, left.new_done, left.reviews_done, lock=str(lock))
    kinds = kinds_left(store, course_no, day, left.counts, bury_siblings=settings.bury_siblings)
    return Today(
        day,
        left.counts,
        left.new_done,
        left.reviews_done,
        overdue=store.overdue(course_no, day),
        minutes=DayPace(own_pace(store, course_no), kinds).minutes(left.counts),
        questions_due=_questions_due(workspace, day),
    )


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

    day = workspace.today()
    rows = [row for row in reports.session_rows(workspace.store, session_uid) if not row.undone]
    scheduled = [row for row in rows if row.action == "review" and row.grade is not None]
    reasks = [row for row in rows if row.action == "reask"]
    crammed = [row for row in rows if row.action == "cram" and row.grade is not None]
    with workspace.store.reading() as store:
        locked = lock_of(workspace) is not None
        ahead = outlook(store, workspace.course_no, day, workspace.settings, days=2, locked=locked).forecast
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


def due_words(due: int, overdue: int) -> str:
    """How many cards are due: `12 due`, or `200 today of 454 overdue` where not all of them come today."""
    return f"{due} today of {overdue} overdue" if overdue > due else f"{due} due"


def waiting_words(state: Today) -> str:
    """All that waits on a day, in a line."""
    counts = state.counts
    return f"{due_words(counts.due, state.overdue)}, {counts.new} new, {counts.reask} to repeat ({state.day:%Y-%m-%d})."


def advice(state: Today, *, worst_section: str = "") -> str:
    """One sentence on what to do next."""
    if state.lock:
        return state.lock
    counts = state.counts
    then = f", then {counts.new} new" if counts.new else ""
    minutes = f" (about {_count(state.minutes, 'minute')})" if state.minutes else ""
    if counts.due:
        return f"Review what is due first{then}{minutes}."
    if counts.reask:
        return f"Repeat the {_count(counts.reask, 'card')} you missed{then}{minutes}."
    if counts.new:
        return f"Nothing due. Start {_count(counts.new, 'new card')}{minutes}, or read a section first."
    if worst_section:
        return f"Done for today. Section {worst_section} is your weakest: read it again or open one of its labs."
    return "Done for today. Read ahead, or try a lab."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def grade_counts(grades: list[int]) -> dict[int, int]:
    """How often each grade was given."""
    return dict(sorted(Counter(grades).items()))
