"""One round of the diagnosis: a fault is planted, each experiment is predicted before it is paid for, a lens is named.

Standard library only. Whoever plays brings the outcomes; `labs.inspect.system` computes them in the worker.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, TypeAlias

from labs.exercise import Exercise
from labs.inspect.diagnosis import (
    COINS,
    LENS_OF,
    LENSES,
    PRICES,
    THRIFTY,
    UNDERSTOOD,
    WHOLE,
    Answer,
    Experiment,
    Fault,
    Lens,
    Outcome,
    affordable,
    draw_fault,
    next_experiment,
    score,
    spent,
    still_open,
)
from labs.models import weights
from labs.protocol import Evidence, Param, Params, Problem, Verdict

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
class Instrument:
    """An experiment as the learner meets it: its name, what it does, and what its value is."""

    title: str
    does: str
    gives: str
    unit: str = ""


INSTRUMENTS: Final[Mapping[Experiment, Instrument]] = {
    "probe": Instrument(
        "Probe the eye",
        "A linear probe, fitted once on the reference's eye and camera, looks for the burn in the eye's patches.",
        "AUC of the probe",
    ),
    "crops": Instrument(
        "Take crops",
        "The system looks at the whole board and at 25 crops of 64 px, and answers by the highest margin.",
        "AUC of the answer with crops",
    ),
    "told": Instrument(
        "Tell it in words",
        "The reasoner is told in words what is on the board, past camera, eye and bridge.",
        "share of burned boards it calls burned",
    ),
    "reset": Instrument(
        "Set the threshold anew",
        "The threshold is set anew at 5% false alarms on 200 other healthy boards. The ranking stays as it is.",
        "AUC of the answer",
    ),
    "zoom": Instrument(
        "Zoom in",
        "The system gets a close view of each burn.",
        "share where “burned” is the likelier word",
    ),
    "asked": Instrument(
        "Ask about the place",
        "On the close view it is asked what is at the row and column of the burn.",
        "share answered with “burned”",
    ),
    "blank": Instrument(
        "Show a blank",
        "The reasoner gets the mean of all views: a picture of nothing in particular.",
        "margin of “burned” over “looks fine”",
        "nats",
    ),
}


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

    def reason(self, said: Answer) -> str:
        """Why the answer is worth that, in a sentence."""
        coins, left = spent(self.values), sorted(self.open)
        cost = f"{coins} coin{'' if coins == 1 else 's'}"
        match said, self.grade(said):
            case "not decided", 3:
                return f"Fair: after {cost} what you bought leaves {_listed(left)} open."
            case "not decided", _ if coins < THRIFTY:
                return f"You spent {cost}. “Not decided” counts from {THRIFTY} on: buy what decides first."
            case "not decided", _:
                return f"What you bought leaves only {_listed(left)}."
            case _, 5:
                return f"Right, for {cost}: up to {THRIFTY} is thrifty."
            case _, 4:
                return f"Right, for {cost}: {THRIFTY} would have done."
            case _, 2:
                return f"Wrong, but what you bought left it open: {_listed(left)}."
        return f"Wrong, and what you bought speaks against it: it leaves {_listed(left)}."


def _listed(lenses: Sequence[str]) -> str:
    *most, last = lenses or ("nothing",)
    return f"{', '.join(most)} or {last}" if most else last


def lesson(entry: Entry, values: Mapping[Experiment, float]) -> str:
    """What an outcome says, once all that was bought is known; to be shown when the round is over."""
    value = entry.outcome.value
    match entry.experiment:
        case "probe" if value >= WHOLE:
            return "The burn is in what the eye says: translator or reasoner."
        case "probe":
            return "The burn is not in what the eye says: eye or workflow."
        case "crops" if value >= WHOLE:
            return "Whole with crops: workflow or reasoner. No poor camera or broken bridge ranks boards right."
        case "crops":
            return "Crops do not help: eye or translator."
        case "told" if value < UNDERSTOOD:
            return "Still wrong when told in words: the reasoner."
        case "told":
            return "Right when told clears nobody: a reasoner that expects healthy boards is right then, too."
        case "reset" if "reasoner" in still_open({name: values[name] for name in ("probe", "reset") if name in values}):
            return "The order is whole and the threshold is not: the reasoner's habit shifts all margins alike."
        case "reset":
            return "The order is lost, so it is not the reasoner's habit: a prior would keep it."
        case "zoom" if value < UNDERSTOOD:
            return "Wrong on a close view: not the workflow."
        case "zoom":
            return "Right on a close view accuses nobody: strong evidence beats every weak fault."
        case "asked":
            return "Says nothing: the question leaks the answer to most faults."
        case "blank":
            return "Says nothing: a blank board is fine to nearly every system."


def path_of_the_rule(values: Mapping[Experiment, float]) -> list[Experiment]:
    """The experiments that the rule runs, in its order, given what each of them gives.

    Raises:
        KeyError: the value of one is missing.
    """
    run: dict[Experiment, float] = {}
    while (experiment := next_experiment(run)) is not None:
        run[experiment] = values[experiment]
    return list(run)


# The round as an exercise: its problems go to the worker by the same way as all others


NAME: Final = "inspect.diagnose"
WHOLE_ROUND: Final = "all"
HEADLINE: Final = "headline"
AT_LEAST: Final = 15
"""The headline says no more than that so many boards are missed: the number itself would name two of the faults."""
DEFINITION: Final = "The lens that failed is the part which, replaced by the reference's, brings the recall back."
UNDECIDED: Final[Answer] = "not decided"
ANSWERS: Final[tuple[Answer, ...]] = (*LENSES, UNDECIDED)


def _posed(params: Params, seed: int) -> Problem:
    """A round to be played on its screen, or one of its experiments: a number, to be compared with the reference's."""
    wanted = str(params.get("experiment", WHOLE_ROUND))
    whole = wanted == WHOLE_ROUND
    return Problem(
        exercise=NAME,
        params={"experiment": wanted},
        seed=seed,
        prompt=(
            f"Inspection system {seed % 10_000} says “looks fine” of burned boards. Its lab lets you buy experiments "
            f"for {COINS} coins. Which lens failed?"
            if whole
            else f"Inspection system {seed % 10_000}: what does the experiment “{wanted}” give?"
        ),
        answer_type="choice" if whole else "number",
        options=ANSWERS if whole else (),
        tolerance=0.0 if whole else 0.05,
        tolerance_reason="" if whole else "one or two boards of 25",
        hints=(
            "Ask first whether the burn is in what the eye says: a probe reads it there.",
            "A probe below 0.85 leaves eye and workflow: crops tell them apart. Above, the ranking tells the rest.",
        ),
    )


def _judged(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    from labs.checking import check_choice, check_number

    if problem.answer_type == "number":
        return check_number(problem, answer, evidence)
    why = f"It is not what failed: put in the reference's part, and the recall does not come back. {DEFINITION}"
    return check_choice(problem, answer, evidence, {lens: why for lens in ANSWERS if lens != evidence.value})


EXERCISE: Final = Exercise(
    name=NAME,
    title="The burned capacitor: which lens failed? Six coins for experiments",
    sections=("1.4",),
    covers=("1.4-12",),
    params=(
        Param(
            "experiment", "text", WHOLE_ROUND, "what the worker is to compute", choices=(WHOLE_ROUND, HEADLINE, *PRICES)
        ),
    ),
    module="labs.inspect.rounds",
    poser=_posed,
    checker=_judged,
    seconds_allowed=90.0,
    truth="trained model",
)
