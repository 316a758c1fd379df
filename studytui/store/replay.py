"""Replaying a card's log: the state must follow from it. Pure; `log_proof` reads the rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from studytui.domain import sm2
from studytui.store.acts import changed
from studytui.store.records import Action, CardState


@dataclass(frozen=True, slots=True)
class Logged:
    """What a row of the log says happened to a card."""

    id: int
    action: Action
    undoes: int | None
    study_day: date
    grade: int | None
    before: CardState
    after: CardState


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a log leads, its last row's id, and in which rows it contradicts itself."""

    state: CardState
    last_review_id: int | None
    faults: tuple[str, ...] = ()


def replay(log: Iterable[Logged]) -> Replayed:
    """Follow a card's log, oldest row first, from a new card on.

    Each row must start from where the one before ended, and end where SM-2, the act or the undo leads. After a fault
    the replay goes on from what the row says, so that each fault is told once.
    """
    state, last = CardState(), None
    standing: list[Logged] = []
    faults = []
    for row in log:
        if row.before != state:
            faults.append(f"row {row.id} starts from a state that the row before does not end with")
        faults += [f"row {row.id} {fault}" for fault in faults_of(row, standing[-1] if standing else None)]
        if row.action == "undo":
            standing = [other for other in standing if other.id != row.undoes]
        else:
            standing.append(row)
        state, last = row.after, row.id
    return Replayed(state, last, tuple(faults))


def faults_of(row: Logged, last: Logged | None) -> list[str]:
    """In what a row contradicts itself or `last`, the card's last act that stands before it."""
    match row.action:
        case "review" | "reask":
            return _answer_faults(row)
        case "undo":
            if last is None or last.id != row.undoes:
                return ["takes back what is not the card's last act"]
            return ["does not restore the state before the act it takes back"] * (row.after != last.before)
        case action:
            expected = changed(action, row.before, row.after)
            return [f"changes more than {action} may"] * (row.after != expected)


def _answer_faults(row: Logged) -> list[str]:
    before, after = row.before, row.after
    if row.grade is None:
        return ["is an answer without a grade"]
    faults = []
    if (row.action == "reask") is not before.schedule.is_reask(row.study_day):
        faults.append(f"is logged as {row.action} and is not one")
    # Whether the lapse made a leech depends on a setting of that day; it can only suspend and mark.
    marks = replace(
        before,
        schedule=sm2.review(before.schedule, row.grade, on=row.study_day),
        leech=before.leech or after.leech,
        suspended=before.suspended or (after.suspended and after.leech),
    )
    if after != marks:
        faults.append(f"does not end where SM-2 leads from a grade of {row.grade}")
    return faults
