"""What is shown next. The store answers what is there; this module decides between it, with no clock of its own."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

Origin: TypeAlias = Literal["reask", "due", "new", "cram"]
"""Why a card is shown: asked again today, due, for the first time, or because it was asked for beside the schedule."""
NewCards: TypeAlias = Literal["after", "before", "mixed"]
ReviewOrder: TypeAlias = Literal["due", "hardest", "shuffled"]
AnswerKind: TypeAlias = Literal["review", "reask", "cram"]

REASK_GAPS: Final = (5, 10, 20)
"""Answers to other cards before a missed one is asked again: the first, the second and the third time that day. After
them it waits for tomorrow. Where nothing else is left, it need not wait."""
REASK_EVERY: Final = 3
"""At most every so-manyth card is asked again as long as others wait."""
NEW_FIRST_EVERY: Final = 3
"""Every so many days a new card may go before its due sibling, where nothing else fills the day's new cards."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Cards that will come today, within the daily limits and one sibling a day."""

    new: int = 0
    due: int = 0
    reask: int = 0

    @property
    def total(self) -> int:
        return self.new + self.due + self.reask


@dataclass(frozen=True, slots=True)
class Limits:
    """How many cards a study day may bring; `cards_per_day` is for new and due ones together, and due ones go first.

    Re-asks are never limited.
    """

    new_per_day: int = 10
    reviews_per_day: int = 200
    cards_per_day: int | None = None

    def left(self, *, new_today: int, reviews_today: int) -> Limits:
        """What remains after what was done today; never negative."""
        cards = None if self.cards_per_day is None else max(0, self.cards_per_day - new_today - reviews_today)
        return Limits(
            new_per_day=max(0, self.new_per_day - new_today),
            reviews_per_day=max(0, self.reviews_per_day - reviews_today),
            cards_per_day=cards,
        )

    def with_due(self, due: int) -> Limits:
        """The limits of each kind on a day on which so many cards are due."""
        cards = self.cards_per_day
        if cards is None:
            return self
        return Limits(min(self.new_per_day, max(0, cards - due)), min(self.reviews_per_day, cards), cards)


@dataclass(frozen=True, slots=True)
class Scope:
    """Restricts a session to a chapter or a section; empty is the whole course."""

    chapter: str = ""
    section: str = ""

    def holds(self, chapter: str, section: str) -> bool:
        """True for a card that stands there."""
        return section == self.section if self.section else chapter == self.chapter if self.chapter else True


class DayAnswers:
    """The answers of a course's study day that stand, in the order of the log: what a missed card waits for.

    Nothing else is remembered about re-asks, so leaving a session and coming back, or another window, changes nothing.
    """

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._rows: dict[int, tuple[int, AnswerKind]] = {}
        self._of_card: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, row_id: int, card_no: int, kind: AnswerKind) -> None:
        """An answer was given; ids grow with time."""
        if row_id not in self._rows:
            self._rows[row_id] = (card_no, kind)
            insort(self._ids, row_id)
            insort(self._of_card.setdefault(card_no, []), row_id)

    def take_back(self, row_id: int) -> None:
        """An answer was undone; what is not there is passed over."""
        found = self._rows.pop(row_id, None)
        if found is not None:
            self._ids.remove(row_id)
            self._of_card[found[0]].remove(row_id)

    @property
    def last_card(self) -> int | None:
        """The card of the last answer."""
        return self._rows[self._ids[-1]][0] if self._ids else None

    def since(self, card_no: int) -> int | None:
        """Answers to other cards since the card's last one; None where it has none today."""
        own = self._of_card.get(card_no)
        return len(self._ids) - bisect_right(self._ids, own[-1]) if own else None

    def reasks(self, card_no: int) -> int:
        """How often the card was asked again since its last scheduled review today."""
        count = 0
        for row_id in reversed(self._of_card.get(card_no, ())):
            kind = self._rows[row_id][1]
            if kind == "review":
                break
            count += kind == "reask"
        return count

    def is_spent(self, card_no: int) -> bool:
        """True if the card was asked again as often as a day allows."""
        return self.reasks(card_no) >= len(REASK_GAPS)

    def left_to_wait(self, card_no: int) -> int:
        """Answers to other cards until the card may be asked again; 0 if it may be now."""
        since = self.since(card_no)
        gap = REASK_GAPS[min(self.reasks(card_no), len(REASK_GAPS) - 1)]
        return 0 if since is None else max(0, gap - since)

    @property
    def since_reask(self) -> int:
        """Answers since the last re-ask, counted up to `REASK_EVERY`; as many where there was none."""
        for back, row_id in enumerate(reversed(self._ids)):
            if back >= REASK_EVERY or self._rows[row_id][1] == "reask":
                return back
        return REASK_EVERY

    def next_reask(self, waiting: Iterable[int], *, others_wait: bool) -> int | None:
        """Which of the missed cards is asked now, or None if it is another card's turn.

        While `others_wait`, one whose gap is over, and only as every third card; the one missed longest ago first.
        Where nothing else waits, the one with the least left to wait, but the same twice in a row only if it is alone.
        """
        if others_wait:
            if self.since_reask < REASK_EVERY - 1:
                return None
            waiting = [no for no in waiting if not self.left_to_wait(no)]
        return min(waiting, key=self._urgency, default=None)

    def _urgency(self, card_no: int) -> tuple[bool, int, int]:
        own = self._of_card.get(card_no)
        return card_no == self.last_card, self.left_to_wait(card_no), own[-1] if own else -1


def choose(
    counts: Counts, *, reask_ready: bool, new_cards: NewCards = "after", shown: int = 0, mix_every: int = 0
) -> Origin | None:
    """The origin of the next card, or None when the day is done.

    A re-ask whose turn it is (`DayAnswers.next_reask`) comes first; then due and new in the learner's order. With
    "mixed", every `mix_every`-th card is new (`shown` counts the cards so far).
    """
    if reask_ready:
        return "reask"
    if counts.due and counts.new:
        if new_cards == "mixed":
            return "new" if mix_every and shown % mix_every == mix_every - 1 else "due"
        return "new" if new_cards == "before" else "due"
    if counts.due:
        return "due"
    return "new" if counts.new else None


def mix_every(counts: Counts) -> int:
    """Spread the day's new cards evenly among the due ones: one new card every so many."""
    return max(2, (counts.due + counts.new) // counts.new) if counts.new else 0


def new_may_go_first(day: date) -> bool:
    """True on the days on which a new card may go before its due sibling, so that no group keeps one out for ever."""
    return day.toordinal() % NEW_FIRST_EVERY == 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card that is due by some day. It is `held` on the first one if it is buried or gives way to a sibling."""

    no: int
    group: str
    due_on: date
    held: bool = False


def first_of_groups(cards: Iterable[Waiting], day: date) -> list[Waiting]:
    """The cards that come on `day` if no limit cuts them: of each group the first that is due and not held."""
    found: dict[str, Waiting] = {}
    for card in cards:
        if card.due_on <= day and not card.held:
            found.setdefault(card.group, card)
    return list(found.values())
