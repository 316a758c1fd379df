"""One round of the diagnosis: a fault is planted, each experiment is predicted before it is paid for, a lens is named.

Standard library only. Whoever plays brings the outcomes; `labs.inspect.system` computes them in the worker.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, TypeAlias

from labs.inspect.diagnosis import (
    COINS,
    LENS_OF,
    UNDERSTOOD,
    WHOLE,
    Answer,
    Experiment,
    Fault,
    Lens,
    Outcome,
    affordable,
    draw_fault,
    score,
    spent,
    still_open,
)
from labs.models import weights

Prediction: TypeAlias = Literal["above", "below"]
LIMITS: Final[Mapping[Experiment, float]] = {
    "probe": WHOLE,
    "crops": WHOLE,
    "reset": WHOLE,
    "told": UNDERSTOOD,
    "zoom": UNDERSTOOD,
    "asked": UNDERSTOOD,
    "blank": 0.0,
}
"""What a prediction is held against: an AUC, a share of burned boards, a margin in nats."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A planted fault, and the set of boards on which the rule can name its lens: a seed for `boards_of`."""

    fault: Fault
    boards: int

    @property
    def lens(self) -> Lens:
        """What is to be named."""
        return LENS_OF[self.fault]


def pose(seed: int) -> Posed:
    """A round: the lens is drawn first, then its fault, then a set of boards from those the recipe found to decide it.

    Raises:
        WeightsDamaged: the card of the faults cannot be read.
    """
    chance = random.Random(f"{seed}:inspection round")
    fault = draw_fault(chance)
    return Posed(fault, chance.choice(_sets()[fault]))


@cache
def _sets() -> Mapping[Fault, list[int]]:
    found: Mapping[Fault, list[int]] = weights.card("inspection_faults")["stated"]["seeds"]
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: what was run, what was expected, what came."""

    experiment: Experiment
    predicted: Prediction
    outcome: Outcome

    @property
    def came_true(self) -> bool:
        """Whether the value lies on the side that was predicted; at the limit it is above."""
        return (self.outcome.value >= LIMITS[self.experiment]) is (self.predicted == "above")


@dataclass(slots=True)
class Round:
    """A round that is being played."""

    posed: Posed
    log: list[Entry] = field(default_factory=list)

    @property
    def values(self) -> dict[Experiment, float]:
        """What the experiments gave that were run."""
        return {entry.experiment: entry.outcome.value for entry in self.log}

    @property
    def coins(self) -> int:
        """What is left to spend."""
        return COINS - spent(self.values)

    @property
    def on_offer(self) -> list[Experiment]:
        """Experiments that were not run yet and can be paid for."""
        return affordable(self.values)

    @property
    def open(self) -> frozenset[Lens]:
        """The lenses that the log leaves open; not to be shown before the round is over."""
        return still_open(self.values)

    def enter(self, experiment: Experiment, predicted: Prediction, outcome: Outcome) -> Entry:
        """Pay for an experiment and write down what came.

        Raises:
            ValueError: it was run already, or the coins do not pay for it.
        """
        if experiment not in self.on_offer:
            reason = "was run already" if experiment in self.values else f"costs more than {self.coins} coins"
            raise ValueError(f"{experiment} {reason}")
        self.log.append(Entry(experiment, predicted, outcome))
        return self.log[-1]

    def grade(self, said: Answer) -> int:
        """What the answer is worth, from 1 to 5."""
        return score(said, self.posed.lens, self.values)
