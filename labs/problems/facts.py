"""Reading the measured numbers of an evidence, and recognising a mistake in an answer that is only an estimate."""

from __future__ import annotations

from collections.abc import Sequence

from labs.checking import Mistake, check_number, slack, typed_values
from labs.protocol import Evidence, Problem, Verdict


def fact(evidence: Evidence, name: str) -> float:
    """A measured number by its name.

    Raises:
        KeyError: nothing of that name was measured.
        TypeError: it is no number.
    """
    value = evidence.facts[name]
    if isinstance(value, str | list):
        raise TypeError(f"{name} was measured as {value!r}, which is no number")
    return value


def check_estimate(problem: Problem, answer: str, evidence: Evidence, mistakes: Sequence[Mistake]) -> Verdict:
    """As `check_number`, with the problem's tolerance also around each mistake; the nearest is named.

    Raises:
        TypeError: if the evidence holds no number.
    """
    near = [
        (abs(typed - one.value), Mistake(typed, one.name, one.why))
        for typed in typed_values(problem, answer)
        for one in mistakes
        if abs(typed - one.value) <= slack(problem, one.value)
    ]
    nearest = sorted(near, key=lambda one: one[0])[:1]
    return check_number(problem, answer, evidence, [mistake for _, mistake in nearest])
