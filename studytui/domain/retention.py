"""Whether something stayed known: recalled on days far enough apart, and not failed since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from studytui.domain.sm2 import PASSING_GRADE, add_days


@dataclass(frozen=True, slots=True)
class Spacing:
    """Recalled on so many study days, each so many days after the one before it."""

    days: int = 2
    apart_days: int = 3


@dataclass(frozen=True, slots=True)
class Recalled:
    """A card of the course with its scheduled reviews that stand, oldest first: the study day and the grade of each.

    A grade of None starts the card over. `due_on` is None for a card that is new.
    """

    key: str
    covers: tuple[str, ...]
    reviews: tuple[tuple[date, int | None], ...] = ()
    due_on: date | None = None
    suspended: bool = False

    @property
    def days(self) -> frozenset[date]:
        """Study days on which it was recalled."""
        return frozenset(day for day, grade in self.reviews if grade is not None and grade >= PASSING_GRADE)

    @property
    def lapsed_on(self) -> date | None:
        """The day of its last review if that failed."""
        if not self.reviews:
            return None
        day, grade = self.reviews[-1]
        return day if grade is not None and grade < PASSING_GRADE else None

    def open_on(self, day: date) -> date:
        """The first study day from `day` on that can bring a scheduled review: one a day is all that counts."""
        reviewed = [on for on, grade in self.reviews if grade is not None]
        return max(day, add_days(reviewed[-1], 1)) if reviewed else day


@dataclass(frozen=True, slots=True)
class ObjectiveRecall:
    """How an objective was kept. `spaced` are the days that count, `lapsed` its cards whose last review failed.

    `recall_on` is the first day on which one more recall would count, None where enough were; `settle_on` the first day
    on which the last of its lapses can be over, None without one.
    """

    objective: str
    cards: tuple[str, ...]
    spacing: Spacing
    spaced: tuple[date, ...]
    lapsed: tuple[str, ...]
    lapsed_on: date | None
    recall_on: date | None
    settle_on: date | None

    @property
    def is_spaced(self) -> bool:
        """Recalled on days enough."""
        return len(self.spaced) >= self.spacing.days

    @property
    def is_met(self) -> bool:
        """Recalled on days enough, and none of its cards is in a lapse."""
        return self.is_spaced and not self.lapsed

    @property
    def first_on(self) -> date | None:
        """The first day on which all that is missing can be there; None if nothing is, or no card covers it."""
        days = [self.settle_on] if self.settle_on is not None else []
        if self.recall_on is not None:
            more = self.spacing.days - len(self.spaced) - 1
            days.append(add_days(self.recall_on, more * self.spacing.apart_days))
        return max(days, default=None)


def recall(objective: str, cards: Iterable[Recalled], spacing: Spacing, day: date) -> ObjectiveRecall:
    """How an objective was kept, seen from study day `day`, by the cards that cover it."""
    own = [card for card in cards if objective in card.covers]
    spaced = spaced_days((on for card in own for on in card.days), spacing)
    lapses = {card.key: on for card in own if (on := card.lapsed_on) is not None}
    recall_on = None
    if own and len(spaced) < spacing.days:
        recall_on = min(card.open_on(day) for card in own)
        if spaced:
            recall_on = max(recall_on, add_days(spaced[-1], spacing.apart_days))
    return ObjectiveRecall(
        objective=objective,
        cards=tuple(card.key for card in own),
        spacing=spacing,
        spaced=spaced,
        lapsed=tuple(lapses),
        lapsed_on=max(lapses.values(), default=None),
        recall_on=recall_on,
        settle_on=max((card.open_on(day) for card in own if card.key in lapses), default=None),
    )


def spaced_days(days: Iterable[date], spacing: Spacing) -> tuple[date, ...]:
    """The first days that lie far enough apart, at most as many as are asked for.

    Taking the earliest day each time leaves most room for the others, so no choice of days is longer.
    """
    chosen: list[date] = []
    for day in sorted(set(days)):
        if len(chosen) < spacing.days and (not chosen or (day - chosen[-1]).days >= spacing.apart_days):
            chosen.append(day)
    return tuple(chosen)
