"""What was missed comes back: the cards of missed objectives are due today, and one key undoes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from studytui.library.compiled import decode
from studytui.services.card_acts import set_due_together
from studytui.services.rehearsal.attempts import Attempt
from studytui.services.workspace import Workspace
from studytui.store.records import ListedCard


@dataclass(frozen=True, slots=True)
class Forward:
    """Cards that would be, or were, brought forward to `day`; `objectives` are those that have any."""

    day: date
    cards: tuple[tuple[int, str], ...]
    objectives: tuple[str, ...]
    group_uid: str = ""

    @property
    def words(self) -> str:
        """How many, in words."""
        cards, objectives = len(self.cards), len(self.objectives)
        return f"{cards} card{'s' * (cards != 1)} of {objectives} objective{'s' * (objectives != 1)}"


def missed_objectives(attempts: Iterable[Attempt]) -> tuple[str, ...]:
    """The objectives of what was not wholly covered, in the order of the answers.

    A point that a follow-up then covered was known after all.
    """
    found: dict[str, None] = {}
    for attempt in attempts:
        made_up = {probe.probe_point for probe in attempt.probes if not probe.missed}
        for point in attempt.missed:
            if point.id not in made_up:
                found.update(dict.fromkeys(point.covers))
    return tuple(found)


def plan(workspace: Workspace, objectives: Iterable[str]) -> Forward:
    """The cards of these objectives that are not due yet. Statistics code is imported: call it in a thread.

    Suspended cards stay out; what is due already needs nothing.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    wanted = set(objectives)
    day = workspace.today()
    cards: list[tuple[int, str]] = []
    touched: set[str] = set()
    for row in reports.cards(workspace.store, workspace.course_no):
        covered = wanted.intersection(decode(row.payload).covers)
        if covered and _may_move(row, day):
            cards.append((row.no, row.key))
            touched |= covered
    return Forward(day, tuple(cards), tuple(sorted(touched)))


def bring_forward(workspace: Workspace, planned: Forward) -> Forward:
    """Make the cards due on the day, all or none; `card_acts.take_back` takes the result's group.

    Raises:
        StoreError: nothing was changed.
    """
    uid = set_due_together(workspace, {no: planned.day for no, _ in planned.cards})
    return replace(planned, group_uid=uid)


def taken_back_words(count: int) -> str:
    """So many cards were taken back, as a sentence."""
    return "1 card has its day back." if count == 1 else f"{count} cards have their days back."


def _may_move(row: ListedCard, day: date) -> bool:
    due_on = row.state.schedule.due_on
    return not row.state.suspended and (due_on is None or due_on > day)
