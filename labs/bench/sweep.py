"""A knob over its values, everything else as it is: how the answer changes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labs.exercise import Exercise
from labs.protocol import Curve, Evidence, Param, ParamError, Problem, Scalar

POINTS: Final = 12
"""Values of a knob at most."""
TRIED: Final = 1_000
"""Values of a wide knob that are tried, to find those that go with the other knobs."""


def sweep(exercise: Exercise, problem: Problem, knob: str, solve: Callable[[Problem], Evidence]) -> Curve:
    """Solve the problem at each value of a numeric knob that goes with the others.

    Raises:
        ParamError: the knob takes no numbers, or fewer than two of them go with the others.
    """
    param = next((param for param in exercise.params if param.name == knob), None)
    if param is None or param.kind not in ("integer", "number"):
        raise ParamError(knob, "is no knob that takes numbers")
    places: list[float] = []
    measured: list[float] = []
    for posed in posed_over(exercise, problem, param):
        value = solve(posed).value
        if isinstance(value, str | list):
            raise ParamError(knob, "changes an answer that is no number")
        places.append(float(posed.params[knob]))
        measured.append(float(value))
    if len(places) < 2:
        raise ParamError(knob, "has fewer than two values that go with the other knobs")
    return Curve(exercise.title, param.help, problem.unit or "measured", tuple(places), {"measured": tuple(measured)})


def posed_over(exercise: Exercise, problem: Problem, param: Param) -> list[Problem]:
    """The problem at each value of a knob that goes with the others."""
    found = []
    for value in values_of(param):
        try:
            found.append(exercise.pose({**problem.params, param.name: value}, problem.seed))
        except ParamError:
            continue
    return thinned(found)


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
