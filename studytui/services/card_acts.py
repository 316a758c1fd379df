"""What a learner does to a card outside a review: hide it, mark it, move it, start it over. Each act is logged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from studytui.domain.clock import study_day
from studytui.domain.sm2 import Schedule, add_days
from studytui.services.clock import new_uid
from studytui.services.workspace import Workspace
from studytui.store import CardState, StoredCard, Undone
from studytui.store.records import Action

_AHEAD: Final = re.compile(r"\+?(\d{1,5})\s*d?")

_ACTS: Final[dict[Action, str]] = {
    "suspend": "suspending",
    "unsuspend": "bringing back",
    "bury": "burying",
    "unbury": "showing again",
    "flag": "flagging",
    "unflag": "taking the flag off",
    "set_due": "setting the day of",
    "reset": "resetting",
}


@dataclass(slots=True)
class CardActs:
    """Acts on single cards. Each returns what happened as a sentence, or raises StoreError and nothing happened."""

    workspace: Workspace
    uid: str = field(init=False)

    def __post_init__(self) -> None:
        self.uid = new_uid(self.workspace.clock)

    @property
    def day(self) -> date:
        """Today's study day."""
        return self.workspace.today()

    def toggle_suspended(self, no: int) -> str:
        """Take a card out of reviews, or bring it back."""
        card = self._card(no)
        suspended = not card.state.suspended
        self._act("suspend" if suspended else "unsuspend", card, replace(card.state, suspended=suspended))
        return f"{card.key} is suspended." if suspended else f"{card.key} is back in reviews."

    def toggle_buried(self, no: int) -> str:
        """Hide a card until tomorrow, or show it again today."""
        card, now = self._card(no), self.workspace.clock.now()
        day = study_day(now, self.workspace.settings.rollover_hour)
        buried = card.state.buried_on != day
        after = replace(card.state, buried_on=day if buried else None)
        self._act("bury" if buried else "unbury", card, after, at=now)
        return f"{card.key} is hidden until tomorrow." if buried else f"{card.key} is shown again today."

    def toggle_flagged(self, no: int) -> str:
        """Flag a card, or take the flag off."""
        card = self._card(no)
        flagged = not card.state.flagged
        self._act("flag" if flagged else "unflag", card, replace(card.state, flagged=flagged))
        return f"{card.key} is flagged." if flagged else f"{card.key} is no longer flagged."

    def set_due(self, no: int, due_on: date) -> str:
        """Make a card due on a day; its interval and ease stay."""
        card = self._card(no)
        schedule = replace(card.state.schedule, due_on=due_on, reask_on=None)
        self._act("set_due", card, replace(card.state, schedule=schedule))
        return f"{card.key} is due on {due_on:%Y-%m-%d}."

    def reset(self, no: int) -> str:
        """Make a card new again; its log stays."""
        card = self._card(no)
        self._act("reset", card, replace(card.state, schedule=Schedule(), buried_on=None, leech=False))
        return f"{card.key} is new again."

    def undo(self) -> Undone | None:
        """Take back the last act on the course, a review or one of these."""
        now = self.workspace.clock.now()
        return self.workspace.store.undo_last(
            course_no=self.workspace.course_no,
            at=now,
            study_day=study_day(now, self.workspace.settings.rollover_hour),
            session_uid=self.uid,
            review_uid=new_uid(self.workspace.clock),
        )

    def _card(self, no: int) -> StoredCard:
        card = self.workspace.store.card_by_no(no)
        if card is None:
            raise LookupError(f"there is no card of number {no}")
        return card

    def _act(self, action: Action, card: StoredCard, after: CardState, *, at: datetime | None = None) -> None:
        at = at or self.workspace.clock.now()
        self.workspace.store.act(
            action,
            card.no,
            after=after,
            at=at,
            study_day=study_day(at, self.workspace.settings.rollover_hour),
            session_uid=self.uid,
            review_uid=new_uid(self.workspace.clock),
        )


def set_due_together(workspace: Workspace, days: Mapping[int, date]) -> str:
    """Make several cards due, each (by number) on its day, all or none; returns the group that `take_back` takes.

    Raises:
        StoreError: nothing was changed.
    """
    now = workspace.clock.now()
    uid = new_uid(workspace.clock)
    after: dict[int, CardState] = {}
    for no, day in days.items():
        if (stored := workspace.store.card_by_no(no)) is not None:
            after[no] = replace(stored.state, schedule=replace(stored.state.schedule, due_on=day, reask_on=None))
    workspace.store.act_on_many(
        "set_due",
        after,
        at=now,
        study_day=study_day(now, workspace.settings.rollover_hour),
        session_uid=uid,
        new_uid=lambda: new_uid(workspace.clock),
    )
    return uid


def take_back(workspace: Workspace, group_uid: str) -> int:
    """Take back what several cards went through together, except those something happened to since; returns how many.

    Raises:
        StoreError: nothing was changed.
    """
    now = workspace.clock.now()
    return workspace.store.undo_group(
        group_uid,
        at=now,
        study_day=study_day(now, workspace.settings.rollover_hour),
        session_uid=new_uid(workspace.clock),
        new_uid=lambda: new_uid(workspace.clock),
    )


def undone_words(undone: Undone, grade_word: str = "") -> str:
    """What an undo took back, of which card and where that stands. `grade_word` is what the learner calls the grade."""
    card = f"“{undone.key}”{f' (section {undone.section})' if undone.section else ''}"
    if undone.grade is not None:
        return f"Undone: {grade_word or undone.grade} on {card}."
    return f"Undone: {_ACTS.get(undone.action, undone.action)} {card}."


def read_day(text: str, today: date) -> date | None:
    """A day as it is typed: today, tomorrow, 3 or +3 (days from today), 2026-12-01. None if it is none of these."""
    text = text.strip().casefold()
    if text in {"today", "tomorrow"}:
        return add_days(today, int(text == "tomorrow"))
    if ahead := _AHEAD.fullmatch(text):
        return add_days(today, int(ahead[1]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
