"""What an exercise is: its name, its knobs, how it poses a problem and how it judges an answer. No model runs here.

Posing is a pure function of the parameters and the seed, so that a showing can be posed again from the log.
"""

from __future__ import annotations

import difflib
import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from labs.protocol import Evidence, Look, Param, ParamError, Params, Problem, Progress, Scalar, Verdict

Poser = Callable[[Params, int], Problem]
"""Takes validated parameters and the seed; raises ParamError for values that do not go together."""
Checker = Callable[[Problem, str, Evidence], Verdict]
Vary = Mapping[str, Sequence[Scalar]]
"""Lists of values that a card draws a knob from."""
Varied = Callable[[Params, int, Vary], Problem]
Solver = Callable[[Problem, Progress], Evidence]
Looker = Callable[[Problem], Look]

SECONDS_ALLOWED: Final = 20.0
"""Time-out of an exercise that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise of a lab.

    `module` is where the worker finds `solve(problem, progress) -> Evidence`; only the worker imports it.
    `covers` names learning objectives, `sections` the sections they stand in; `seconds_allowed` is the time-out.
    """

    name: str
    title: str
    sections: tuple[str, ...]
    covers: tuple[str, ...]
    params: tuple[Param, ...]
    module: str
    poser: Poser
    checker: Checker
    seconds_allowed: float = SECONDS_ALLOWED
    truth: str = ""
    """What the value is measured on, in two words; '' where a package does not say."""
    measured_on: str = ""
    """The same in a line, for who is about to predict."""
    varied: Varied | None = None
    """Poses with a card's lists of values, where the exercise draws from them itself."""
    solver: Solver | None = None
    """Computes, in the worker; None: the module's `solve` does."""
    looker: Looker | None = None
    """Draws what the question shows before the answer; None: it is asked in words alone."""
    looks_in_worker: bool = False
    """The worker draws it, as it takes torch; else whoever asks can."""

    def pose(self, params: Mapping[str, Scalar], seed: int, vary: Vary | None = None) -> Problem:
        """The problem of one showing; what `params` leaves open is drawn from the seed, from the lists of `vary` first.

        Raises:
            ParamError: a parameter is unknown, of the wrong type, out of range, or does not go with another.
        """
        if self.varied is not None:
            return self.varied(validated(self.params, params), seed, vary or {})
        drawn: Params = {}
        for name, values in (vary or {}).items():
            if not values:
                raise ParamError(name, "the card varies it over an empty list")
            drawn[name] = stream(seed, f"vary:{name}").choice(values)
        return self.poser(validated(self.params, {**drawn, **params}), seed)

    def solve(self, problem: Problem, progress: Progress) -> Evidence:
        """Run the computation of a problem; this imports torch.

        Raises:
            Exception: whatever the lab raises.
        """
        solver: Solver = self.solver or importlib.import_module(self.module).solve
        return solver(problem, progress)

    def look(self, problem: Problem) -> Look:
        """What the question shows before the answer; nothing where it is asked in words alone.

        Raises:
            Exception: whatever the lab raises.
        """
        return self.looker(problem) if self.looker is not None else Look()

    def asks(self, problem: Problem) -> tuple[str, ...]:
        """What a learner is asked: two problems of which this is equal are the same to them."""
        shown = () if self.looker is None else (str(problem.seed), *map(str, sorted(problem.params.items())))
        return (problem.prompt, *sorted(problem.options), *shown)

    def check(self, problem: Problem, answer: str, evidence: Evidence) -> Verdict:
        """Judge what was typed or picked, verbatim, by what the computation showed."""
        return self.checker(problem, answer, evidence)


class _Class(Protocol):
    """What a class of `labs.bench` has in common with an `Exercise`: it says how it is listed."""

    def entry(self) -> Exercise: ...


Offered = Exercise | _Class


def as_listed(one: Offered) -> Exercise:
    """An exercise as the catalogue lists it, whichever way it was written."""
    return one if isinstance(one, Exercise) else one.entry()


def stream(seed: int, name: str) -> random.Random:
    """A random stream of its own for each name, so that two draws from one seed never move together."""
    return random.Random(f"{seed}:{name}")


def validated(knobs: Sequence[Param], given: Mapping[str, Scalar]) -> Params:
    """The given values, each known, of its type and within its range.

    Raises:
        ParamError: with a sentence that names the range.
    """
    known = {knob.name: knob for knob in knobs}
    for name, value in given.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            raise ParamError(name, f"this exercise has no such parameter; {hint}")
        _validate(known[name], value)
    return dict(given)


def range_text(knob: Param) -> str:
    """`a whole number from 4 to 64`, `one of 1, 3`: what a knob takes, in words."""
    if knob.choices:
        return f"one of {', '.join(str(choice) for choice in knob.choices)}"
    noun = {"integer": "a whole number", "number": "a number", "text": "text", "path": "the path of a file"}[knob.kind]
    low = "" if knob.low is None else f"{knob.low:g}"
    high = "" if knob.high is None else f"{knob.high:g}"
    if low and high:
        return f"{noun} from {low} to {high}"
    return f"{noun} of at least {low}" if low else f"{noun} of at most {high}" if high else noun


def _validate(knob: Param, value: Scalar) -> None:
    if type(value) is type(knob.default) and value == knob.default:
        return
    types: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "text": (str,), "path": (str,)}
    right_type = isinstance(value, types[knob.kind]) and not isinstance(value, bool)
    in_range = right_type and (
        isinstance(value, str)
        or ((knob.low is None or value >= knob.low) and (knob.high is None or value <= knob.high))
    )
    if not in_range or (knob.choices and value not in knob.choices):
        shown = repr(value) if isinstance(value, str | bool) else value
        raise ParamError(knob.name, f"must be {range_text(knob)}, not {shown}")
