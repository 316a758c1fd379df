"""Cards whose days come from a time when the clock was ahead: which, and one act that makes them due today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from studytui.domain.clock import study_day
from studytui.services.card_acts import set_due_together
from studytui.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ClockAhead:
    """The cards, of the course and of its interview questions, and the latest day one of them waits for."""

    cards: tuple[int, ...]
    latest: date

    @property
    def words(self) -> str:
        """What was found, as a sentence. Whether the clock was wrong then or is wrong now, only the learner knows."""
        count = len(self.cards)
        return f"{count} card{'s are' if count > 1 else ' is'} dated after now (up to {self.latest.isoformat()})."


def clock_ahead(workspace: Workspace) -> ClockAhead | None:
    """The cards that a wrong clock sent ahead; None where there are none. It may be called in any thread.

    Raises:
        StoreError: the database cannot be read.
    """
    now = workspace.clock.now()
    courses = [no for no in (workspace.course_no, workspace.interview_no) if no is not None]
    with workspace.store.reading() as store:
        found = store.cards_ahead(courses, now, study_day(now, workspace.settings.rollover_hour))
    return ClockAhead(tuple(card.no for card in found), found[0].due_on) if found else None


def bring_back(workspace: Workspace, ahead: ClockAhead) -> str:
    """Make the cards due today, all or none; returns what `card_acts.take_back` takes.

    Raises:
        StoreError: nothing was changed.
    """
    day = workspace.today()
    return set_due_together(workspace, dict.fromkeys(ahead.cards, day))
