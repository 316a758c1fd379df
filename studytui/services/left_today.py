"""What a study day will still bring: the one count that home, review, `due`, statistics and forecast all show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from studytui.domain.queue import Counts, Limits, Scope, Waiting, first_of_groups, spread
from studytui.domain.settings import Settings
from studytui.domain.sm2 import add_days
from studytui.store import Store

FORECAST_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class LeftToday:
    """The cards of a scope that will come, and the sibling groups whose new card goes before its due one today.

    `new_done` and `reviews_done` are what the course has seen on the day, in any scope; `limits` is what that left.
    """

    counts: Counts
    limits: Limits
    new_done: int = 0
    reviews_done: int = 0
    new_first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes today by section and chapter ("" is the course), which cards these are, and the days from today on."""

    due: dict[str, int]
    cards: frozenset[int]
    forecast: tuple[int, ...]


def left_today(
    store: Store, course_no: int, day: date, settings: Settings, *, scope: Scope | None = None, locked: bool = False
) -> LeftToday:
    """What is left of a study day; nothing in a locked course.

    Raises:
        StoreError: the database cannot be read.
    """
    done = store.done_today(course_no, day)
    if locked:
        return LeftToday(Counts(), Limits(0, 0), done.new, done.reviews)
    limits = settings.limits.left(new_today=done.new, reviews_today=done.reviews)
    bury = settings.bury_siblings
    first = store.new_first(course_no, day, limits=limits) if bury else ()
    counts = store.counts(course_no, day, limits=limits, scope=scope, bury_siblings=bury, first=first)
    return LeftToday(counts, limits, done.new, done.reviews, first)


def outlook(
    store: Store, course_no: int, day: date, settings: Settings, *, days: int = FORECAST_DAYS, locked: bool = False
) -> Outlook:
    """The due cards of today and of the days after, within the daily limits and one sibling a day.

    What a day cannot bring waits for the next; what is answered on the way, and new cards, are not foreseen.

    Raises:
        StoreError: the database cannot be read.
    """
    if locked:
        return Outlook({}, frozenset(), (0,) * days)
    left = left_today(store, course_no, day, settings)
    found = store.coming(
        course_no, day, add_days(day, days), first=left.new_first, bury_siblings=settings.bury_siblings
    )
    waiting = [Waiting(card.no, card.group, card.due_on, card.is_hidden or card.gives_way) for card in found]
    today = frozenset(card.no for card in first_of_groups(waiting, day))
    due: dict[str, int] = {}
    for card in found:
        if card.no in today:
            for place in ("", card.chapter, card.section):
                due[place] = min(left.limits.reviews_per_day, due.get(place, 0) + 1)
    ahead = [add_days(day, number) for number in range(days)]
    forecast = spread(waiting, ahead, first=left.counts.due, limit=settings.reviews_per_day)
    return Outlook(due, today, tuple(forecast))
