"""A gate between two modules: what has to be shown, and what a log of attempts and reviews says about it. Pure.

The rules, all of them:

* Only what stands counts: attempts and reviews that were taken back are as if they had never been.
* A written part is ready if its last answer passed, vague if it did not, and not yet seen without an answer.
* A computed part is ready once so many answers in a row were right as it asks for, each to another problem. A wrong one
  starts the row anew and makes the part vague until it is complete.
* The retention part is `retention`'s: recalled on days far enough apart and not in a lapse, or tested out.
* A day counts for testing out if each part was shown on it without one wrong answer, the computed ones with problems
  that no earlier day that counts has used. Days up to a lapse that lasts count for nothing.
* An item is not yet seen while none of its parts was tried; vague if one of them is; ready if all of them are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.gate_parts import Computed, Gate, Item, Part, Written
from studytui.domain.retention import ObjectiveRecall, Recalled, recall
from studytui.domain.sm2 import add_days

State: TypeAlias = Literal["ready", "vague", "unseen"]
WORDS: Final[dict[State, str]] = {"ready": "ready", "vague": "vague", "unseen": "not yet seen"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer to one part, as the log has it. `no` grows with time.

    `said` is what was answered, `missing` what was not said or what was wrong; `problem` names a lab's problem with its
    numbers, so that answering the same one twice shows no more than answering it once.
    """

    no: int
    key: str
    day: date
    passed: bool
    said: str = ""
    missing: tuple[str, ...] = ()
    problem: str = ""
    undone: bool = False


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """Where a part stands: `right` of `wanted` answers, and the attempts that make it so, the last one last."""

    part: Part
    key: str
    state: State
    right: int
    wanted: int
    counted: tuple[Attempt, ...] = ()

    @property
    def last(self) -> Attempt | None:
        """The attempt that decided."""
        return self.counted[-1] if self.counted else None

    def is_shown_on(self, day: date) -> bool:
        """As many right answers as it asks for were given on that day alone."""
        return (
            len({attempt.problem for attempt in self.counted if attempt.passed and attempt.day == day}) >= self.wanted
        )


@dataclass(frozen=True, slots=True)
class RetentionVerdict:
    """Whether an item stayed known, and `by` what that is shown; `was_earned` tells that it was before a lapse.

    `first_on` is the first day on which recalling can show it, None if it is shown, or an objective has no card;
    `test_out_on` the first on which testing out could stand in for it.
    """

    state: State
    by: Literal["recall", "test-out", ""]
    objectives: tuple[ObjectiveRecall, ...]
    was_earned: bool
    test_out_days: tuple[date, ...]
    first_on: date | None
    test_out_on: date | None

    @property
    def lapsed(self) -> tuple[str, ...]:
        """The cards in a lapse, each once."""
        return tuple(dict.fromkeys(key for one in self.objectives for key in one.lapsed))

    @property
    def recalled(self) -> int:
        """How many objectives were recalled on days enough and are not in a lapse."""
        return sum(one.is_met for one in self.objectives)


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """An item, its parts and its retention."""

    item: Item
    state: State
    parts: tuple[PartVerdict, ...]
    retention: RetentionVerdict

    def to_ask(self, day: date) -> tuple[PartVerdict, ...]:
        """The parts to ask on a day: those that are not ready; else those that testing out still lacks; else all."""
        left = tuple(part for part in self.parts if part.state != "ready")
        return left or tuple(part for part in self.parts if not part.is_shown_on(day)) or self.parts

    @property
    def has_faded(self) -> bool:
        """All was shown once, and has lapsed since: only the retention part is asked for again."""
        shown = all(part.state == "ready" for part in self.parts)
        return shown and self.retention.state == "vague" and self.retention.was_earned


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The whole on a study day."""

    gate: Gate
    day: date
    items: tuple[ItemVerdict, ...]

    @property
    def is_ready(self) -> bool:
        return all(item.state == "ready" for item in self.items)

    @property
    def has_faded(self) -> bool:
        """Ready but for items that lapsed."""
        return not self.is_ready and all(item.state == "ready" or item.has_faded for item in self.items)

    @property
    def is_untouched(self) -> bool:
        """No part of any item was tried."""
        return all(not part.counted for item in self.items for part in item.parts)

    @property
    def retention_on(self) -> date | None:
        """The first day on which every item's retention part can be met; None if they are, or no card can show it."""
        days = [item.retention.first_on for item in self.items if item.retention.state != "ready"]
        return None if not days or None in days else max(day for day in days if day is not None)

    def item(self, item_id: str) -> ItemVerdict:
        """The verdict on an item.

        Raises:
            KeyError: the gate has none of that id.
        """
        for item in self.items:
            if item.item.id == item_id:
                return item
        raise KeyError(item_id)


def verdict(gate: Gate, attempts: Iterable[Attempt], cards: Iterable[Recalled], day: date) -> GateVerdict:
    """What a log says about a gate on study day `day`. `attempts` and the reviews of `cards` may come in any order."""
    by_part: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.no):
        if not attempt.undone:
            by_part.setdefault(attempt.key, []).append(attempt)
    known = list(cards)
    return GateVerdict(gate, day, tuple(_item(gate, item, by_part, known, day) for item in gate.items))


def _item(
    gate: Gate, item: Item, by_part: dict[str, list[Attempt]], cards: Sequence[Recalled], day: date
) -> ItemVerdict:
    tried = {item.key(part): by_part.get(item.key(part), []) for part in item.parts}
    parts = tuple(part_verdict(item.key(part), part, tried[item.key(part)]) for part in item.parts)
    retention = _retention(gate, item, tried, cards, day)
    states = [part.state for part in parts] + [retention.state]
    state: State = "ready"
    if not any(tried.values()):
        state = "unseen"
    elif "vague" in states:
        state = "vague"
    elif "unseen" in states:
        state = "unseen"
    return ItemVerdict(item, state, parts, retention)


def part_verdict(key: str, part: Part, attempts: Sequence[Attempt]) -> PartVerdict:
    """Where a part stands by the attempts at it that stand, oldest first."""
    if isinstance(part, Written):
        last = attempts[-1:]
        passed = bool(last) and last[0].passed
        state: State = "ready" if passed else "vague" if last else "unseen"
        return PartVerdict(part, key, state, int(passed), 1, tuple(last))
    row: list[Attempt] = []
    for attempt in reversed(attempts):
        if not attempt.passed:
            break
        row.insert(0, attempt)
    right = len({attempt.problem for attempt in row})
    failed = [attempt for attempt in attempts if not attempt.passed]
    if right >= part.count:
        return PartVerdict(part, key, "ready", part.count, part.count, tuple(row))
    # What is missing is told by the wrong answer, so that one decides, however many right ones follow it.
    counted = (*row, failed[-1]) if failed else tuple(row)
    return PartVerdict(part, key, "vague" if failed else "unseen", right, part.count, counted)


def _retention(
    gate: Gate, item: Item, tried: dict[str, list[Attempt]], cards: Sequence[Recalled], day: date
) -> RetentionVerdict:
    objectives = tuple(recall(objective, cards, gate.spacing, day) for objective in item.objectives)
    lapsed_on = max((one.lapsed_on for one in objectives if one.lapsed_on is not None), default=None)
    shown = _test_out_days(gate, item, tried, after=lapsed_on)
    if len(shown) >= gate.test_out_days:
        return RetentionVerdict("ready", "test-out", objectives, True, shown, None, None)
    if all(one.is_met for one in objectives):
        return RetentionVerdict("ready", "recall", objectives, True, shown, None, None)
    tested_out = len(_test_out_days(gate, item, tried, after=None)) >= gate.test_out_days
    if tested_out:  # only the lapse is in the way
        first: list[date | None] = [one.settle_on for one in objectives if one.settle_on is not None]
    else:
        first = [one.first_on for one in objectives if not one.is_met]
    return RetentionVerdict(
        state="vague" if lapsed_on is not None else "unseen",
        by="",
        objectives=objectives,
        was_earned=tested_out or all(one.is_spaced for one in objectives),
        test_out_days=shown,
        first_on=None if None in first else max(one for one in first if one is not None),
        test_out_on=_test_out_on(gate, tried, shown, lapsed_on, day),
    )


def _test_out_on(
    gate: Gate, tried: dict[str, list[Attempt]], shown: Sequence[date], lapsed_on: date | None, day: date
) -> date:
    """The first day on which the days that are missing can all be there: one a day, from today or tomorrow on."""
    spoiled = any(not attempt.passed and attempt.day == day for attempts in tried.values() for attempt in attempts)
    first = add_days(day, int(spoiled or day in shown))
    if lapsed_on is not None:
        first = max(first, add_days(lapsed_on, 1))
    return add_days(first, gate.test_out_days - len(shown) - 1)


def _test_out_days(gate: Gate, item: Item, tried: dict[str, list[Attempt]], *, after: date | None) -> tuple[date, ...]:
    """The first days, at most as many as are asked for, on which every part was shown without a wrong answer."""
    days = sorted({attempt.day for attempts in tried.values() for attempt in attempts})
    used: dict[str, set[str]] = {key: set() for key in tried}
    counted: list[date] = []
    for day in days:
        if after is not None and day <= after:
            continue
        fresh: dict[str, set[str]] = {}
        for part in item.parts:
            key = item.key(part)
            on_day = [attempt for attempt in tried[key] if attempt.day == day]
            if not on_day or not all(attempt.passed for attempt in on_day):
                break
            if isinstance(part, Computed):
                fresh[key] = {attempt.problem for attempt in on_day} - used[key]
                if len(fresh[key]) < part.count:
                    break
        else:
            counted.append(day)
            for key, problems in fresh.items():
                used[key] |= problems
            if len(counted) == gate.test_out_days:
                break
    return tuple(counted)
