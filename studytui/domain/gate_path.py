"""The shortest way from a verdict to ready: what to read again, which cards to bring forward, what to answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from studytui.domain.gate import GateVerdict, ItemVerdict
from studytui.domain.gate_parts import Computed, Written
from studytui.domain.retention import Recalled


@dataclass(frozen=True, slots=True)
class CardStep:
    """A card to be recalled on a day. `moves` is false where it is due by then anyway."""

    key: str
    on: date
    moves: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class Path:
    """What is left to do, all of it. Days are the first possible ones; None where nothing is missing."""

    sections: tuple[str, ...]
    answer: tuple[str, ...]
    labs: tuple[str, ...]
    cards: tuple[CardStep, ...]
    retention_on: date | None
    without_card: tuple[str, ...]
    """Objectives that no card covers: these items can only be tested out."""

    @property
    def to_move(self) -> tuple[CardStep, ...]:
        """The cards that would not come by themselves by then."""
        return tuple(step for step in self.cards if step.moves)


def shortest_path(verdict: GateVerdict, cards: Iterable[Recalled]) -> Path:
    """The steps for every item that is not ready."""
    known = {card.key: card for card in cards}
    open_items = [item for item in verdict.items if item.state != "ready"]
    open_parts = [part for item in open_items for part in item.parts if part.state != "ready"]
    return Path(
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


def _cards(items: Sequence[ItemVerdict], known: Mapping[str, Recalled], day: date) -> Iterator[CardStep]:
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
        yield CardStep(key, on, card.due_on is None or card.due_on > on, card.suspended)


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
