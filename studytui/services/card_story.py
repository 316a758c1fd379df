"""A card's own history: what each answer did to its schedule, and why it is due when it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from studytui.domain.sm2 import Schedule
from studytui.library.compiled import decode
from studytui.services.card_filter import Entry
from studytui.services.catalogue import entry_of
from studytui.services.course_lock import lock_of
from studytui.services.workspace import Workspace
from studytui.store.records import LogEntry

CRAMMED = "extra study"
_ACTS = {
    "suspend": "suspended",
    "unsuspend": "back in reviews",
    "bury": "hidden until the next day",
    "unbury": "shown again",
    "flag": "flagged",
    "unflag": "flag removed",
    "set_due": "due day set by you",
    "reset": "made new again",
    "cram": CRAMMED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log as a person reads it. `reason` says which rule of SM-2 made the new interval."""

    day: date
    what: str
    grade: int | None
    before: Schedule
    after: Schedule
    reason: str
    seconds: float
    undone: bool


@dataclass(frozen=True, slots=True)
class Story:
    """A card with its whole history, oldest first, and one sentence on why it is due when it is."""

    entry: Entry
    day: date
    events: tuple[Event, ...]
    why: str


def story(workspace: Workspace, card_no: int) -> Story:
    """Everything about one card. The statistics code is imported here: call it in a thread.

    Raises:
        LookupError: there is no card of that number.
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    stored = workspace.store.card_by_no(card_no)
    if stored is None:
        raise LookupError(f"there is no card of number {card_no}")
    day = workspace.today()
    entry = entry_of(stored.no, decode(stored.payload), stored.state, locked=lock_of(workspace) is not None)
    log = reports.history(workspace.store, card_no)
    events = tuple(_event(row) for row in log if row.action != "undo")
    return Story(entry, day, events, why_due(stored.state.schedule, [e for e in events if not e.undone], day))


def why_due(schedule: Schedule, events: Sequence[Event], day: date) -> str:
    """The reason in a sentence, from the last event that moved the schedule."""
    if schedule.due_on is None:
        return "The card is new: it has no schedule until its first review."
    moved = [event for event in events if event.before != event.after]
    last = moved[-1] if moved else None
    if schedule.reask_on == day:
        return (
            "It was graded below 4 today, so it is asked again today until it gets a 4 or 5, three times at most; "
            "that moves nothing."
        )
    days = (schedule.due_on - day).days
    when = "due today" if days == 0 else f"due in {days} d" if days > 0 else f"overdue by {-days} d"
    if last is None:
        return f"It is {when}, on {schedule.due_on:%Y-%m-%d}."
    if last.what == "due day set by you":
        return f"It is {when}: you set the day {schedule.due_on:%Y-%m-%d} on {last.day:%Y-%m-%d}."
    return f"It is {when}: reviewed on {last.day:%Y-%m-%d}, interval {schedule.interval_days} d. {last.reason}"


def _event(row: LogEntry) -> Event:
    before, after = row.before.schedule, row.after.schedule
    what = {"review": "review", "reask": "asked again"}.get(row.action) or _ACTS.get(row.action, row.action)
    return Event(
        day=row.study_day,
        what=what,
        grade=row.grade,
        before=before,
        after=after,
        reason=interval_rule(before, after, row.grade) if row.action == "review" else "",
        seconds=row.duration_ms / 1000,
        undone=row.undone,
    )


def interval_rule(before: Schedule, after: Schedule, grade: int | None) -> str:
    """Which rule of SM-2 gave the new interval, with its numbers."""
    if grade is None:
        return ""
    if grade < 3:
        return f"Grade {grade} restarts the repetitions: I = 1 d, EF stays {after.ease_factor / 100:.2f}."
    ease = f"EF {before.ease_factor / 100:.2f} → {after.ease_factor / 100:.2f}"
    if after.repetitions <= 2:
        return f"I({after.repetitions}) = {after.interval_days} d. {ease}."
    return (
        f"I({after.repetitions}) = ⌈{before.interval_days} × {after.ease_factor / 100:.2f}⌉ = "
        f"{after.interval_days} d. {ease}."
    )
