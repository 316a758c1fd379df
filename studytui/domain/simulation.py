"""What the coming days will bring: the scheduler run ahead of time, on numbers alone, with a learner's own pass rates.

The rules are those of a study day (`domain.queue`, `domain.sm2`): due cards by date within the day's limit, one sibling
a day, new cards where no sibling is due, everything graded below 4 asked again at most three times. Grades are not
thrown but dealt out evenly: of a hundred answers as many fail as a hundred answers of this learner do. So two runs are
the same, and one run is close to the mean of many.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Final

from studytui.domain.queue import REASK_GAPS, Limits, ReviewOrder, new_may_go_first
from studytui.domain.sm2 import (
    INITIAL_EASE,
    LEECH_LAPSES,
    LEECH_REPEAT,
    PASSING_GRADE,
    SETTLED_GRADE,
    add_days,
    new_ease,
    next_interval_days,
)
from studytui.domain.statistics import ENOUGH, Pace, Sight, Timed

GRADES: Final = (2, 3, 4, 5)
"""The grades that are told apart: 0 and 1 do to a schedule what 2 does."""
USUAL_GRADES: Final[dict[Sight, tuple[float, ...]]] = {
    "new": (0.25, 0.10, 0.55, 0.10),
    "due": (0.12, 0.08, 0.70, 0.10),
    "reask": (0.10, 0.10, 0.70, 0.10),
}
"""The share of each of `GRADES`, until the learner's own answers show it."""
OWN_FROM: Final = 200
"""From so many answers on the learner's own rates hold; before, what is usual stands in for the answers missing."""
KIND_WEIGHT: Final = 30
"""A kind of card has rates of its own as far as it has more answers than this."""
RUNS: Final = 3
"""Runs whose mean is taken: in each the grades are dealt out from another place."""
_GOLDEN: Final = 0.6180339887498949
"""Steps of the golden ratio fill the line from 0 to 1 evenly, however many are taken."""


@dataclass(frozen=True, slots=True)
class GradeRates:
    """How often each of `GRADES` is given, by kind of card and sight."""

    shares: Mapping[Sight, tuple[float, ...]] = field(default_factory=lambda: USUAL_GRADES)
    by_kind: Mapping[tuple[str, Sight], tuple[float, ...]] = field(default_factory=dict)
    answers: int = 0

    @classmethod
    def of(cls, answers: Iterable[Timed]) -> GradeRates:
        """The rates of these answers."""
        counts: defaultdict[Sight, Counter[int]] = defaultdict(Counter)
        kinds: defaultdict[tuple[str, Sight], Counter[int]] = defaultdict(Counter)
        total = 0
        for answer in answers:
            grade = max(GRADES[0], answer.grade)
            counts[answer.sight][grade] += 1
            kinds[answer.kind, answer.sight][grade] += 1
            total += 1
        usual = max(ENOUGH, OWN_FROM - total)
        shares = {sight: _blend(counts[sight], prior, usual) for sight, prior in USUAL_GRADES.items()}
        by_kind = {key: _blend(found, shares[key[1]], KIND_WEIGHT) for key, found in kinds.items()}
        return cls(shares, by_kind, total)

    def of_kind(self, kind: str, sight: Sight) -> tuple[float, ...]:
        """The share of each of `GRADES`."""
        return self.by_kind.get((kind, sight)) or self.shares[sight]

    @property
    def recalled(self) -> float:
        """The share of due cards that are recalled on their day."""
        return 1 - self.shares["due"][0]


def _blend(counts: Counter[int], prior: Sequence[float], weight: float) -> tuple[float, ...]:
    total = sum(counts.values()) + weight
    return tuple((counts[grade] + weight * share) / total for grade, share in zip(GRADES, prior, strict=True))


def recall_chance(interval_days: int, elapsed_days: int, recalled: float) -> float:
    """The chance of recalling a card: `recalled` on the day it is due, 1 on the day of its review, exponential between
    and after (H. Ebbinghaus' curve as memory models since have it: P = R^(t/I))."""
    return float(recalled ** (max(0, elapsed_days) / max(1, interval_days)))


@dataclass(frozen=True, slots=True)
class SimulatedCard:
    """A card as the simulation takes it. Cards come in the order in which they would be new; days are ordinals.

    `group` is shared by siblings; `wanted` tells the cards that a plan is about from the others; `asks_again` that it
    was missed on the first day and is still to be repeated.
    """

    kind: str
    section: str
    group: str
    ease_factor: int = INITIAL_EASE
    interval_days: int = 0
    repetitions: int = 0
    lapses: int = 0
    due_on: int | None = None
    reviewed_on: int | None = None
    asks_again: bool = False
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """The learner's settings as the simulation needs them. `limits` are a day's; with `wanted_only` no other card than
    those the plan is about is new."""

    limits: Callable[[date], Limits]
    bury_siblings: bool = True
    review_order: ReviewOrder = "due"
    leech_lapses: int = LEECH_LAPSES
    suspend_leeches: bool = True
    wanted_only: bool = False


@dataclass(frozen=True, slots=True)
class DayLoad:
    """What a day brings: cards due and new, answers with the re-asks, and minutes; of the due ones, how many were new
    when the simulation began."""

    day: date
    due: float
    new: float
    answers: float
    minutes: float
    due_from_new: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """The days, and what is known after the last: the chance of recall by section, summed over its wanted cards.

    Attributes:
        met_on: the day on which the last wanted card is met; None if one is not.
        unmet: wanted cards that are still new.
        late: due cards that the last day's limit left over.
        sections_met: when the last wanted card of a section is met, where that is on one of the days.
    """

    days: tuple[DayLoad, ...]
    known: dict[str, float]
    cards: dict[str, int]
    met_on: date | None
    unmet: float
    late: float
    sections_met: dict[str, date] = field(default_factory=dict)
    sections_unmet: frozenset[str] = frozenset()

    @property
    def share_known(self) -> float:
        """The expected share of the wanted cards that are recalled on the day after the last."""
        total = sum(self.cards.values())
        return sum(self.known.values()) / total if total else 0.0


def simulate(
    cards: Sequence[SimulatedCard],
    rules: Rules,
    rates: GradeRates,
    pace: Pace,
    *,
    start: date,
    days: int,
    runs: int = RUNS,
) -> Simulation:
    """Study every day from `start` on, `days` of them; the mean of `runs` runs."""
    found = [_Run(cards, rules, rates, pace, start, run / runs).study(days) for run in range(runs)]
    if len(found) == 1:
        return found[0]
    everywhere = set(found[0].sections_met)
    for one in found[1:]:
        everywhere &= set(one.sections_met)
    met = [one.met_on for one in found if one.met_on is not None]
    return Simulation(
        days=tuple(_mean_day(each) for each in zip(*(one.days for one in found), strict=True)),
        known={place: _mean(one.known[place] for one in found) for place in found[0].known},
        cards=found[0].cards,
        met_on=max(met) if len(met) == len(found) else None,
        unmet=_mean(one.unmet for one in found),
        late=_mean(one.late for one in found),
        sections_met={place: max(one.sections_met[place] for one in found) for place in sorted(everywhere)},
        sections_unmet=frozenset().union(*(one.sections_unmet for one in found)),
    )


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def _mean_day(found: Sequence[DayLoad]) -> DayLoad:
    names = ("due", "new", "answers", "minutes", "due_from_new")
    return DayLoad(found[0].day, *(_mean(getattr(one, name) for one in found) for name in names))


class _Deal:
    """Grades dealt out by rates: each in its share, evenly mixed."""

    def __init__(self, rates: GradeRates, sight: Sight, at: float) -> None:
        self._rates, self._sight, self._at = rates, sight, at
        self._bounds: dict[str, tuple[float, ...]] = {}

    def next(self, kind: str) -> int:
        bounds = self._bounds.get(kind)
        if bounds is None:
            bounds = self._bounds[kind] = tuple(accumulate(self._rates.of_kind(kind, self._sight)))
        self._at = at = (self._at + _GOLDEN) % 1.0
        for grade, bound in zip(GRADES, bounds, strict=True):
            if at < bound:
                return grade
        return GRADES[-1]


class _Run:
    """A course while it is studied: lists of numbers, one place a card, since a plan studies some thousand days."""

    def __init__(  # noqa: PLR0917  as `simulate`
        self, cards: Sequence[SimulatedCard], rules: Rules, rates: GradeRates, pace: Pace, start: date, at: float
    ) -> None:
        self.cards, self.rules, self.rates, self.start = cards, rules, rates, start
        self.deals: dict[Sight, _Deal] = {sight: _Deal(rates, sight, at) for sight in USUAL_GRADES}
        kinds = {card.kind for card in cards}
        self.seconds = {(kind, sight): pace.seconds(kind, sight) for kind in kinds for sight in USUAL_GRADES}
        self.ease = [card.ease_factor for card in cards]
        self.interval = [card.interval_days for card in cards]
        self.repetitions = [card.repetitions for card in cards]
        self.lapses = [card.lapses for card in cards]
        self.due_on = [card.due_on for card in cards]
        self.reviewed = [card.reviewed_on for card in cards]
        self.group = [card.group if rules.bury_siblings else str(no) for no, card in enumerate(cards)]
        self.suspended: set[int] = set()
        self.new = [
            no for no, card in enumerate(cards) if card.due_on is None and (card.wanted or not rules.wanted_only)
        ]
        self.coming: defaultdict[int, list[int]] = defaultdict(list)
        first = start.toordinal()
        for no, on in enumerate(self.due_on):
            if on is not None:
                self.coming[max(first, on)].append(no)
        self.waiting: list[int] = []
        """Due cards that earlier days left over, by limit or sibling."""
        self.unmet = Counter(card.section for card in cards if card.wanted and card.due_on is None)
        self.sections_met: dict[str, date] = {}

    def study(self, days: int) -> Simulation:
        """So many days in a row, each to its end."""
        met_on = None if self.unmet.total() else self.start
        loads = tuple(self._day(add_days(self.start, number), is_first=not number) for number in range(days))
        unmet = self.unmet.total()
        if self.sections_met and not unmet:
            met_on = max(self.sections_met.values())
        known, total = self._known(self.start.toordinal() + days)
        left = frozenset(section for section, count in self.unmet.items() if count)
        return Simulation(loads, known, total, met_on, unmet, len(self.waiting), self.sections_met, left)

    def _day(self, day: date, *, is_first: bool) -> DayLoad:
        today = day.toordinal()
        group, cards = self.group, self.cards
        seen = {group[no] for no, on in enumerate(self.reviewed) if on == today} if is_first else set()
        waiting = [no for no in (*self.waiting, *self.coming.pop(today, ())) if no not in self.suspended]
        waiting.sort(key=self._order)
        limits = self.rules.limits(day).with_due(len(waiting))
        blocked = {group[no] for no in waiting}
        ahead: frozenset[str] = frozenset()
        if new_may_go_first(day):
            ahead = _new_first(self.new, group, blocked, seen, limits.new_per_day)
        due = self._take_due(waiting, seen, ahead, limits.reviews_per_day)
        new = self._take_new(seen, blocked - ahead, limits.new_per_day)
        again = [card.kind for card in cards if card.asks_again] if is_first else []
        seconds = 0.0
        sights: tuple[tuple[Sight, list[int]], ...] = (("due", due), ("new", new))
        for sight, taken in sights:
            for no in taken:
                kind = cards[no].kind
                seconds += self.seconds[kind, sight]
                if self._answer(no, sight, today) < SETTLED_GRADE:
                    again.append(kind)
        for no in new:
            section = cards[no].section
            if cards[no].wanted:
                self.unmet[section] -= 1
                if not self.unmet[section]:
                    self.sections_met[section] = day
        answers = len(due) + len(new)
        deal = self.deals["reask"]
        for kind in again:
            for _ in REASK_GAPS:
                answers += 1
                seconds += self.seconds[kind, "reask"]
                if deal.next(kind) >= SETTLED_GRADE:
                    break
        from_new = sum(cards[no].due_on is None for no in due)
        return DayLoad(day, len(due), len(new), answers, seconds / 60, from_new)

    def _order(self, no: int) -> tuple[int, ...]:
        due_on = self.due_on[no] or 0
        return (self.ease[no], due_on, no) if self.rules.review_order == "hardest" else (due_on, no)

    def _take_due(self, waiting: Sequence[int], seen: set[str], ahead: frozenset[str], room: int) -> list[int]:
        """The due cards of the day; the rest waits on."""
        taken: list[int] = []
        self.waiting = []
        for no in waiting:
            name = self.group[no]
            if len(taken) < room and name not in seen and name not in ahead:
                taken.append(no)
                seen.add(name)
            else:
                self.waiting.append(no)
        return taken

    def _take_new(self, seen: set[str], blocked: set[str], room: int) -> list[int]:
        """The new cards of the day; the rest waits on."""
        taken: list[int] = []
        kept: list[int] = []
        for place, no in enumerate(self.new):
            if len(taken) >= room:
                kept += self.new[place:]
                break
            name = self.group[no]
            if name in seen or name in blocked:
                kept.append(no)
            else:
                taken.append(no)
                seen.add(name)
        self.new = kept
        return taken

    def _answer(self, no: int, sight: Sight, today: int) -> int:
        """`sm2.review` on a day's number; the grade."""
        grade = self.deals[sight].next(self.cards[no].kind)
        if grade >= PASSING_GRADE:
            self.ease[no] = new_ease(self.ease[no], grade)
            self.repetitions[no] += 1
        else:
            self.repetitions[no] = 0
            if sight == "due":
                self.lapses[no] += 1
                over = self.lapses[no] - self.rules.leech_lapses
                if self.rules.suspend_leeches and over >= 0 and over % LEECH_REPEAT == 0:
                    self.suspended.add(no)
        self.interval[no] = next_interval_days(self.repetitions[no], self.interval[no], self.ease[no])
        self.reviewed[no] = today
        self.due_on[no] = today + self.interval[no]
        self.coming[today + self.interval[no]].append(no)
        return grade

    def _known(self, day: int) -> tuple[dict[str, float], dict[str, int]]:
        """What is recalled on a day, by section, and the wanted cards there are."""
        known: defaultdict[str, float] = defaultdict(float)
        total: Counter[str] = Counter()
        for no, card in enumerate(self.cards):
            if card.wanted:
                total[card.section] += 1
                last = self.reviewed[no]
                known[card.section] += (
                    0.0 if last is None else recall_chance(self.interval[no], day - last, self.rates.recalled)
                )
        return dict(known), dict(total)


def _new_first(
    new: Sequence[int], group: Sequence[str], blocked: set[str], seen: set[str], limit: int
) -> frozenset[str]:
    """The groups whose new card goes before its due sibling on such a day: as many as the others leave room."""
    free: set[str] = set()
    behind: dict[str, None] = {}
    for no in new:
        if group[no] not in seen:
            if group[no] in blocked:
                behind.setdefault(group[no])
            else:
                free.add(group[no])
                if len(free) >= limit:
                    return frozenset()
    return frozenset(list(behind)[: limit - len(free)])
