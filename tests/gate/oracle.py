"""The rules of a gate read slowly: every choice of days is tried, and dates are found by living through the days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise

from studytui.domain.gate import Computed, Item, Part, PartAttempt
from tests.gate.logs import CARDS, Log, Review

FAR = 60


def item_state(log: Log, item: Item) -> str:
    own = [a for a in log.attempts if not a.undone and a.key.startswith(f"{item.id}/")]
    if not own:
        return "unseen"
    states = [part_state(log, item, part) for part in item.parts] + [retention_state(log, item)]
    return "vague" if "vague" in states else "unseen" if "unseen" in states else "ready"


def part_state(log: Log, item: Item, part: Part) -> str:
    own = standing(log, item, part)
    if isinstance(part, Computed):
        for start in range(len(own)):
            row = own[start:]
            if all(a.passed for a in row) and len({a.problem for a in row}) >= part.count:
                return "ready"
        return "vague" if any(not a.passed for a in own) else "unseen"
    if not own:
        return "unseen"
    return "ready" if own[-1].passed else "vague"


def retention_state(log: Log, item: Item) -> str:
    if retained(log, item):
        return "ready"
    return "vague" if lapse(log, item) else "unseen"


def retained(log: Log, item: Item) -> bool:
    if len(days_all_shown(log, item)) >= log.gate.test_out_days:
        return True
    return all(recalled(log, objective) for objective in item.objectives) and lapse(log, item) is None


def recalled(log: Log, objective: str) -> bool:
    spacing = log.gate.spacing
    days = sorted({r.day for r in reviews_of(log, objective) if r.grade is not None and r.grade >= 3})
    return any(
        all((later - earlier).days >= spacing.apart_days for earlier, later in pairwise(chosen))
        for chosen in combinations(days, spacing.days)
    )


def lapse(log: Log, item: Item) -> date | None:
    """The day of the last lapse that lasts among the item's cards."""
    found = []
    for card, covers in CARDS.items():
        own = [r for r in log.reviews if r.card == card and not r.undone]
        if set(covers) & set(item.objectives) and own and own[-1].grade is not None and own[-1].grade < 3:
            found.append(own[-1].day)
    return max(found, default=None)


def days_all_shown(log: Log, item: Item) -> list[date]:
    """The days that count for testing out, by the definition: each looks at all that counted before it."""
    fallen = lapse(log, item)
    found: list[date] = []
    for day in sorted({a.day for a in log.attempts}):
        if fallen is not None and day <= fallen:
            continue
        if all(shown_on(log, item, part, day, found) for part in item.parts):
            found.append(day)
    return found


def shown_on(log: Log, item: Item, part: Part, day: date, before: list[date]) -> bool:
    own = standing(log, item, part)
    today = [a for a in own if a.day == day]
    if any(not a.passed for a in today) or not today:
        return False
    if not isinstance(part, Computed):
        return True
    old = {a.problem for a in own if a.day in before}
    return len({a.problem for a in today if a.problem not in old}) >= part.count


def standing(log: Log, item: Item, part: Part) -> list[PartAttempt]:
    return [a for a in log.attempts if not a.undone and a.key == item.key(part)]


def reviews_of(log: Log, objective: str) -> list[Review]:
    return [r for r in log.reviews if not r.undone and objective in CARDS[r.card]]


def first_retained_on(log: Log, item: Item) -> date | None:
    """Recall every card on every day that allows it, until it is enough."""
    lived = log
    for offset in range(FAR):
        day = log.day + timedelta(days=offset)
        more: list[Review] = []
        for card in CARDS:
            last = max(
                (r.day for r in log.reviews if r.card == card and not r.undone and r.grade is not None), default=None
            )
            if last is None or last < day:
                more.append(Review(card, day, 5))
        lived = replace(lived, reviews=(*lived.reviews, *more))
        if retained(lived, item):
            return day
    return None


def first_tested_out_on(log: Log, item: Item) -> date | None:
    """Answer every part right with numbers never seen, on every day, until it is enough."""
    lived = log
    for offset in range(FAR):
        day = log.day + timedelta(days=offset)
        more: list[PartAttempt] = []
        for part in item.parts:
            for turn in range(part.count if isinstance(part, Computed) else 1):
                no = 10_000 + len(lived.attempts) + len(more)
                more.append(PartAttempt(no, item.key(part), day, True, problem=f"new {day} {turn}"))
        lived = replace(lived, attempts=(*lived.attempts, *more))
        if len(days_all_shown(lived, item)) >= log.gate.test_out_days:
            return day
    return None
