"""Reading the measured numbers of an evidence, and recognising a mistake in an answer that is only an estimate."""

from __future__ import annotations

from collections.abc import Iterable

from labs.answers import read_number
from labs.checking import Mistake, check_number, slack
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


def check_estimate(problem: Problem, answer: str, evidence: Evidence, mistakes: Iterable[Mistake]) -> Verdict:
    """As `check_number`, with the problem's tolerance also around the value of each mistake.

    Raises:
        TypeError: if the evidence holds no number.
    """
    typed = read_number(answer)
    if typed is not None:
        mistakes = [
            Mistake(typed, one.name, one.why) if abs(typed - one.value) <= slack(problem, one.value) else one
            for one in mistakes
        ]
    return check_number(problem, answer, evidence, mistakes)
