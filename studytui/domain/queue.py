"""What is shown next. The store answers what is there; this module decides between it, with no clock of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Origin: TypeAlias = Literal["reask", "due", "new", "cram"]
"""Why a card is shown: asked again today, due, for the first time, or because it was asked for beside the schedule."""
NewCards: TypeAlias = Literal["after", "before", "mixed"]
ReviewOrder: TypeAlias = Literal["due", "hardest", "shuffled"]

REASK_GAP: Final = 5
"""Other cards shown before a failed one comes back, as long as there are others."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Cards left today, within the daily limits."""

    new: int = 0
    due: int = 0
    reask: int = 0

    @property
    def total(self) -> int:
        return self.new + self.due + self.reask


@dataclass(frozen=True, slots=True)
class Limits:
    """How many cards a study day may bring. Re-asks are never limited."""

    new_per_day: int = 20
    reviews_per_day: int = 200

    def left(self, *, new_today: int, reviews_today: int) -> Limits:
        """What remains after what was done today; never negative."""
        return Limits(
            new_per_day=max(0, self.new_per_day - new_today),
            reviews_per_day=max(0, self.reviews_per_day - reviews_today),
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Restricts a session to a chapter or a section; empty is the whole course."""

    chapter: str = ""
    section: str = ""


def choose(
    counts: Counts, *, reask_ready: bool, new_cards: NewCards = "after", shown: int = 0, mix_every: int = 0
) -> Origin | None:
    """The origin of the next card, or None when the day is done.

    A re-ask that waited its gap comes first; then due and new in the learner's order; a re-ask still waiting comes when
    nothing else is left. With "mixed", every `mix_every`-th card is new (`shown` counts the cards so far).
    """
    if counts.reask and reask_ready:
        return "reask"
    if counts.due and counts.new:
        if new_cards == "mixed":
            return "new" if mix_every and shown % mix_every == mix_every - 1 else "due"
        return "new" if new_cards == "before" else "due"
    if counts.due:
        return "due"
    if counts.new:
        return "new"
    return "reask" if counts.reask else None


def mix_every(counts: Counts) -> int:
    """Spread the day's new cards evenly among the due ones: one new card every so many."""
    return max(2, (counts.due + counts.new) // counts.new) if counts.new else 0
