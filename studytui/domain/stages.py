"""How settled a card is: five stages, weakest first, read off its schedule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, get_args

from studytui.domain.sm2 import Schedule

Stage: TypeAlias = Literal["new", "lapsed", "learning", "young", "mature"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""Weakest first. A card not seen yet is weaker than one that lapsed: nothing at all is known of it."""
YOUNG_DAYS: Final = 7
"""From this interval on a card is young; below, it is being learned."""
MATURE_DAYS: Final = 21
_WORTH: Final[dict[Stage, float]] = {"new": 0, "lapsed": 0, "learning": 1 / 3, "young": 2 / 3, "mature": 1}


def stage(schedule: Schedule) -> Stage:
    """The stage by the last interval; lapsed if the last scheduled review of a card once begun was failed."""
    if schedule.is_new:
        return "new"
    if schedule.lapses and not schedule.repetitions:
        return "lapsed"
    if schedule.interval_days < YOUNG_DAYS:
        return "learning"
    return "young" if schedule.interval_days < MATURE_DAYS else "mature"


def weakest(stages: Iterable[Stage]) -> Stage | None:
    """The weakest of some stages; None for none."""
    return min(stages, key=STAGES.index, default=None)


def strength(counts: dict[Stage, int]) -> float | None:
    """How far so many cards of each stage are on the whole, 0 (nothing learned) to 1 (all mature); None without any.

    A card counts 1 when mature, ⅔ young, ⅓ learning, and nothing while new or lapsed.
    """
    total = sum(counts.values())
    return sum(_WORTH[name] * count for name, count in counts.items()) / total if total else None
