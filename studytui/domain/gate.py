"""Whether something stayed known: recalled on days far enough apart, and not failed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import LabLink
from studytui.domain.rubric import Question
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


def objective_recall(objective: str, cards: Iterable[Recalled], spacing: Spacing, day: date) -> ObjectiveRecall:
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


# What a gate asks for: its items, and their parts to explain, to compute and to give reasons for


PartKind: TypeAlias = Literal["explain", "compute", "reason"]
PASS_SCORE: Final = 0.75
"""The share of a rubric an answer has to cover where the file names none."""


@dataclass(frozen=True, slots=True)
class Written:
    """Explain from memory, or give the reason: an answer in words, held against a rubric."""

    id: str
    kind: PartKind
    title: str
    question: Question
    pass_score: float = PASS_SCORE
    line: int = 0


@dataclass(frozen=True, slots=True)
class Computed:
    """`count` right answers in a row to problems of a lab, each with numbers of its own."""

    id: str
    title: str
    lab: LabLink
    count: int = 1
    line: int = 0
    kind: PartKind = field(default="compute", init=False)


Part: TypeAlias = Written | Computed


@dataclass(frozen=True, slots=True)
class Item:
    """One foundation: its objectives, the sections that teach it and the parts that show it."""

    id: str
    title: str
    objectives: tuple[str, ...]
    sections: tuple[str, ...]
    parts: tuple[Part, ...]
    lenses: tuple[str, ...] = ()
    line: int = 0

    def key(self, part: Part) -> str:
        """How the log names a part."""
        return f"{self.id}/{part.id}"


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that must be shown before what the gate unlocks. `module` is how that is named on a command line."""

    id: str
    title: str
    unlocks: str
    module: str
    path: str
    items: tuple[Item, ...]
    spacing: Spacing = field(default_factory=Spacing)
    test_out_days: int = 2

    def parts(self) -> Iterable[tuple[Item, Part]]:
        """Every part with its item, in order."""
        return ((item, part) for item in self.items for part in item.parts)


# A gate between two modules: what has to be shown, and what a log of attempts and reviews says about it


State: TypeAlias = Literal["ready", "vague", "unseen"]
VERDICT_WORDS: Final[dict[State, str]] = {"ready": "ready", "vague": "shaky", "unseen": "not started"}
IN_PROGRESS: Final = "in progress"
VERDICTS: Final[dict[State, str]] = {"ready": "ready", "vague": "vague", "unseen": "not yet seen"}
"""The same for scripts, which know them by these names."""


@dataclass(frozen=True, slots=True)
class PartAttempt:
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
    asked_back: bool = False
    """The answer sounded right, and the interviewer asked back: its statements were seen."""


RETAKES: Final = 1
"""How often a part that failed when it was asked back may be answered again at once, with other statements."""
WAITS_DAYS: Final = 2
"""Days after which it may be answered again once those are used up."""


def may_answer_on(attempts: Iterable[PartAttempt]) -> date | None:
    """The first study day on which a part may be answered again; None for at once. Attempts stand oldest first.

    Those taken back count: what was seen was seen. An answer that failed before anything was asked back is no retake.
    """
    failed: list[PartAttempt] = []
    for attempt in attempts:
        if attempt.asked_back:
            failed = [] if attempt.passed else [*failed, attempt]
    if not failed or len(failed) % (RETAKES + 1):
        return None
    return add_days(failed[-1].day, WAITS_DAYS)


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """Where a part stands: `right` of `wanted` answers, and the attempts that make it so, the last one last."""

    part: Part
    key: str
    state: State
    right: int
    wanted: int
    counted: tuple[PartAttempt, ...] = ()

    @property
    def last(self) -> PartAttempt | None:
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


def gate_verdict(gate: Gate, attempts: Iterable[PartAttempt], cards: Iterable[Recalled], day: date) -> GateVerdict:
    """What a log says about a gate on study day `day`. `attempts` and the reviews of `cards` may come in any order."""
    by_part: dict[str, list[PartAttempt]] = {}
    for attempt in sorted(attempts, key=lambda attempt: attempt.no):
        if not attempt.undone:
            by_part.setdefault(attempt.key, []).append(attempt)
    known = list(cards)
    return GateVerdict(gate, day, tuple(_item(gate, item, by_part, known, day) for item in gate.items))


def _item(
    gate: Gate, item: Item, by_part: dict[str, list[PartAttempt]], cards: Sequence[Recalled], day: date
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


def part_verdict(key: str, part: Part, attempts: Sequence[PartAttempt]) -> PartVerdict:
    """Where a part stands by the attempts at it that stand, oldest first."""
    if isinstance(part, Written):
        last = attempts[-1:]
        passed = bool(last) and last[0].passed
        state: State = "ready" if passed else "vague" if last else "unseen"
        return PartVerdict(part, key, state, int(passed), 1, tuple(last))
    row: list[PartAttempt] = []
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
    gate: Gate, item: Item, tried: dict[str, list[PartAttempt]], cards: Sequence[Recalled], day: date
) -> RetentionVerdict:
    objectives = tuple(objective_recall(objective, cards, gate.spacing, day) for objective in item.objectives)
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
    gate: Gate, tried: dict[str, list[PartAttempt]], shown: Sequence[date], lapsed_on: date | None, day: date
) -> date:
    """The first day on which the days that are missing can all be there: one a day, from today or tomorrow on."""
    spoiled = any(not attempt.passed and attempt.day == day for attempts in tried.values() for attempt in attempts)
    first = add_days(day, int(spoiled or day in shown))
    if lapsed_on is not None:
        first = max(first, add_days(lapsed_on, 1))
    return add_days(first, gate.test_out_days - len(shown) - 1)


def _test_out_days(
    gate: Gate, item: Item, tried: dict[str, list[PartAttempt]], *, after: date | None
) -> tuple[date, ...]:
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


# The shortest way from a verdict to ready: what to read again, which cards to bring forward, what to answer


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A card to be recalled on a day. `moves` is false where it is due by then anyway."""

    key: str
    on: date
    moves: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What is left to do, all of it. Days are the first possible ones; None where nothing is missing."""

    sections: tuple[str, ...]
    answer: tuple[str, ...]
    labs: tuple[str, ...]
    cards: tuple[PlanStep, ...]
    retention_on: date | None
    without_card: tuple[str, ...]
    """Objectives that no card covers: these items can only be tested out."""

    @property
    def to_move(self) -> tuple[PlanStep, ...]:
        """The cards that would not come by themselves by then."""
        return tuple(step for step in self.cards if step.moves)


def shortest_plan(verdict: GateVerdict, cards: Iterable[Recalled]) -> StudyPlan:
    """The steps for every item that is not ready."""
    known = {card.key: card for card in cards}
    open_items = [item for item in verdict.items if item.state != "ready"]
    open_parts = [part for item in open_items for part in item.parts if part.state != "ready"]
    return StudyPlan(
        sections=_once(
            section
            for item in open_items
            if any(part.state != "ready" for part in item.parts)
            for section in item.item.sections
        ),
        answer=tuple(part.key for part in open_parts if isinstance(part.part, Written)),
        labs=_once(part.part.lab.exercise for part in open_parts if isinstance(part.part, Computed)),
        cards=tuple(_cards(open_items, known, verdict.day)),
        retention_on=verdict.retention_on,
        without_card=_once(
            one.objective
            for item in open_items
            if item.retention.state != "ready"
            for one in item.retention.objectives
            if not one.cards
        ),
    )


def _cards(items: Sequence[ItemVerdict], known: Mapping[str, Recalled], day: date) -> Iterator[PlanStep]:
    """The cards in a lapse, and beside them as few as cover what has to be recalled, on the first day it counts."""
    recalls = [one for item in items if item.retention.state != "ready" for one in item.retention.objectives]
    steps = {key: known[key].open_on(day) for one in recalls for key in one.lapsed}
    wanted: dict[date, set[str]] = {}
    for one in recalls:
        # A lapsed card covers its own objective, if its day is not too early to count.
        if one.recall_on is not None and not any(steps[key] >= one.recall_on for key in one.lapsed):
            wanted.setdefault(one.recall_on, set()).add(one.objective)
    for on, objectives in wanted.items():
        able = [card for card in known.values() if card.key not in steps and card.open_on(on) == on]
        steps |= dict.fromkeys(_cover(objectives, able), on)
    order = {key: place for place, key in enumerate(known)}
    for key, on in sorted(steps.items(), key=lambda step: (step[1], order[step[0]])):
        card = known[key]
        yield PlanStep(key, on, card.due_on is None or card.due_on > on, card.suspended)


def _cover(objectives: set[str], able: Sequence[Recalled]) -> Iterator[str]:
    """Cards among those able that cover the objectives between them, the most useful one first.

    Of equally useful ones: rather one in reviews than a suspended one, and one that was met before than a new one.
    """
    left = set(objectives)
    while left:
        best = max(
            able,
            key=lambda card: (len(left.intersection(card.covers)), not card.suspended, card.due_on is not None),
            default=None,
        )
        if best is None or not left.intersection(best.covers):
            return
        left.difference_update(best.covers)
        yield best.key


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
