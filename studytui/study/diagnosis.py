"""A round of the diagnosis as the fronts play it: what is asked of the lab, what was bought, and how it ended."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from labs.inspect.diagnosis import COINS, PRICES, SHOWN, Answer, Experiment, Lens, Outcome, diagnose
from labs.inspect.game import (
    AT_LEAST,
    DEFINITION,
    EXERCISE,
    HEADLINE,
    INSTRUMENTS,
    LIMITS,
    WHOLE_ROUND,
    Entry,
    Prediction,
    Round,
    lesson,
    path_of_the_rule,
    pose,
)
from labs.protocol import Evidence, Problem, Progress
from studytui.study.labs import LabClient, Solved

NO_UNDO: Final = "An experiment that was paid for stays bought: undo is for answers to cards."
PARTS: Final[Mapping[Lens, str]] = {
    "workflow": "camera, workflow",
    "eye": "eye",
    "translator": "bridge",
    "reasoner": "reasoner",
}
"""The chain from the board to the answer: the lens, and what its part is called."""
READS: Final[Mapping[Experiment, Lens]] = {
    "crops": "workflow",
    "zoom": "workflow",
    "probe": "eye",
    "told": "reasoner",
    "reset": "reasoner",
    "asked": "reasoner",
    "blank": "reasoner",
}
"""Where in the chain an instrument stands."""


@dataclass(frozen=True, slots=True)
class Named:
    """How a round ended: what was said, what it is worth from 1 to 5, and why."""

    said: Answer
    grade: int
    reason: str


@dataclass(slots=True)
class Diagnosis:
    """One round, with what the lab showed. Whatever fails in the lab costs nothing and can be tried again."""

    seed: int
    game: Round
    headline: Evidence | None = None
    shown: dict[Experiment, Evidence] = field(default_factory=dict)
    said: Answer | None = None
    end: Evidence | None = None

    @classmethod
    def of(cls, seed: int | None = None) -> Diagnosis:
        """A round of a seed, or a new one.

        Raises:
            WeightsDamaged: the card of the faults cannot be read.
        """
        chosen = secrets.randbelow(2**31) if seed is None else seed
        return cls(chosen, Round(pose(chosen)))

    @property
    def is_over(self) -> bool:
        """Whether a lens was named and the planted one is known."""
        return self.end is not None

    def problem(self, wanted: str) -> Problem:
        """What is asked of the lab: the headline, an experiment, or the end of the round."""
        return EXERCISE.pose({"experiment": wanted}, self.seed)

    async def begin(self, client: LabClient, progress: Progress | None = None) -> str:
        """Have the headline computed: '', or what went wrong."""
        found = await self._ask(client, HEADLINE, progress)
        if isinstance(found, Evidence):
            self.headline = found
            return ""
        return found

    async def run(
        self, client: LabClient, experiment: Experiment, predicted: Prediction, progress: Progress | None = None
    ) -> str:
        """Run an experiment that was predicted, and pay for it once its outcome is there: '', or what went wrong."""
        found = await self._ask(client, experiment, progress)
        if not isinstance(found, Evidence):
            return found
        besides = {name: float(value) for name, value in found.facts.items() if not isinstance(value, str | list)}
        reference = besides.pop("reference")
        assert isinstance(found.value, int | float)
        self.game.enter(experiment, predicted, Outcome(float(found.value), reference, besides))
        self.shown[experiment] = found
        return ""

    async def name(self, client: LabClient, said: Answer, progress: Progress | None = None) -> str:
        """Name a lens; the lab then replaces each part in turn: '', or what went wrong."""
        found = await self._ask(client, WHOLE_ROUND, progress)
        if not isinstance(found, Evidence):
            return found
        self.said, self.end = said, found
        return ""

    async def _ask(self, client: LabClient, wanted: str, progress: Progress | None) -> Evidence | str:
        outcome = await client.solve(self.problem(wanted), on_progress=progress)
        return outcome.evidence if isinstance(outcome, Solved) else outcome.message

    # What is said of it, in sentences for every front

    @property
    def in_short(self) -> str:
        """The headline, which names no fault."""
        if self.headline is None:
            return ""
        missed, reference = int(str(self.headline.value)), self.headline.facts["reference"]
        many = f"at least {AT_LEAST}" if missed >= AT_LEAST else str(missed)
        return f"It says fine of {many} of {SHOWN} burned boards; the reference, with the same boards, of {reference}."

    @property
    def named(self) -> Named | None:
        """How it ended; None while it is open."""
        if self.said is None:
            return None
        return Named(self.said, self.game.grade(self.said), self.game.reason(self.said))

    def lines_at_the_end(self) -> list[str]:
        """How the round ended: the score and why, the planted fault, what was bought, what the rule would have done."""
        assert self.named is not None
        posed = self.game.posed
        lines = [
            f"{self.named.grade} of 5. {self.named.reason}",
            f"It was the {posed.lens}: {posed.fault}. {DEFINITION} Here: {self._gain()}.",
        ]
        if posed.lens == "eye":
            lines.append("A poor camera is booked with the eye, as crops do not bring the recall back.")
        if posed.fault == "98% healthy":
            lines.append("Its threshold stayed the reference's: the reasoner was tuned last, and nobody set it again.")
        return [*lines, self._rule()]

    def lessons(self) -> list[str]:
        """What each experiment that was bought says, in the order it was bought."""
        return [f"{INSTRUMENTS[entry.experiment].title}: {lesson(entry, self.game.values)}" for entry in self.game.log]

    def _gain(self) -> str:
        assert self.end is not None
        rows = {row[0]: row for row in self.end.tables[0].rows}
        _, before, after, gain = rows[self.game.posed.lens]
        return f"recall {before} before, {after} after ({gain})"

    def _rule(self) -> str:
        assert self.end is not None
        values: dict[Experiment, float] = {
            name: float(str(self.end.facts[f"rule {name}"])) for name in PRICES if f"rule {name}" in self.end.facts
        }
        path = path_of_the_rule(values)
        steps = ", then ".join(f"{INSTRUMENTS[name].title.lower()} ({shown(name, values[name])})" for name in path)
        coins, lens = sum(PRICES[name] for name in path), diagnose(values)
        return f"The rule would have done this: {steps}. {coins} of {COINS} coins, and it names the {lens}."


def shown(experiment: Experiment, value: float) -> str:
    """A value as a person writes it: `.62`, or `−6.1 nats`."""
    unit = INSTRUMENTS[experiment].unit
    text = f"{value:.1f} {unit}" if unit else f"{value:.2f}"
    return text.replace("-", "−")


def question(experiment: Experiment) -> str:
    """What is to be predicted, with its limit."""
    instrument, limit = INSTRUMENTS[experiment], LIMITS[experiment]
    at = f"{limit:g} {instrument.unit}".strip()
    return f"{instrument.does} The {instrument.gives}: above or below {at}?"


def outcome_line(entry: Entry) -> str:
    """An outcome beside the reference's and beside what was predicted."""
    name = entry.experiment
    came = "as you said" if entry.came_true else "not as you said"
    besides = "".join(f", {key} {value:.2f}" for key, value in entry.outcome.besides.items())
    instrument = INSTRUMENTS[name]
    return (
        f"{instrument.title}: {instrument.gives} {shown(name, entry.outcome.value)}, reference "
        f"{shown(name, entry.outcome.reference)}{besides}; {came} ({entry.predicted} {LIMITS[name]:g})."
    )
