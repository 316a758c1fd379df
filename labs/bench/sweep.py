"""A knob over its values, everything else as it is: how the answer changes with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labs.exercise import Exercise
from labs.protocol import Curve, Param, ParamError, Problem, Scalar

POINTS: Final = 12
"""Values of a knob at most."""
TRIED: Final = 1_000
"""Values of a wide knob that are tried, to find those that go with the other knobs."""


def swept(exercise: Exercise, problem: Problem, knob: str) -> list[Problem]:
    """The problem at the values of a numeric knob that go with the others, in order: POINTS of them at most.

    Raises:
        ParamError: the knob takes no numbers, the answer is none, or fewer than two values go with the others.
    """
    param = next((param for param in exercise.params if param.name == knob), None)
    if param is None or not is_numeric(param):
        raise ParamError(knob, "is no knob that takes numbers")
    if problem.answer_type in ("choice", "order"):
        raise ParamError(knob, "changes an answer that is no number")
    found = []
    for value in values_of(param):
        try:
            found.append(exercise.pose({**problem.params, param.name: value}, problem.seed))
        except ParamError:
            continue
    if len(found) < 2:
        raise ParamError(knob, "has fewer than two values that go with the other knobs")
    return thinned(found)


def is_numeric(param: Param) -> bool:
    """Whether a knob can be swept."""
    return param.kind in ("integer", "number")


def curve_of(exercise: Exercise, knob: str, posed: Sequence[Problem], values: Sequence[float]) -> Curve:
    """What was measured over the values of the knob."""
    meaning = next(param.help for param in exercise.params if param.name == knob)
    places = tuple(float(problem.params[knob]) for problem in posed)
    return Curve(exercise.title, meaning, posed[0].unit or "measured", places, {"measured": tuple(values)})


def values_of(param: Param) -> list[Scalar]:
    """What a knob may be turned to, in order: its choices, else its whole range, or its range in steps."""
    if param.choices:
        return sorted(param.choices, key=float)
    if param.low is None or param.high is None:
        return sorted(set(param.vary), key=float)
    if param.kind == "integer":
        return list(range(int(param.low), int(param.high) + 1, 1 + int(param.high - param.low) // TRIED))
    step = (param.high - param.low) / (POINTS - 1)
    return [param.low + step * at for at in range(POINTS)]


def thinned(problems: list[Problem]) -> list[Problem]:
    """So many of them that they are computed in a moment, the ends among them."""
    if len(problems) <= POINTS:
        return problems
    return [problems[round(at * (len(problems) - 1) / (POINTS - 1))] for at in range(POINTS)]
