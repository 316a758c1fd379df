"""Judging a typed number by a measured one, and naming the mistake a wrong one looks like."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from labs.answers import read_number
from labs.protocol import Evidence, Problem, Verdict

_DOTTED_THOUSANDS: Final = re.compile(r"\s*\d{1,3}(?:\.\d{3})+(?=\D|$)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong value somebody gets by a known slip: a short name of the slip and a sentence on it."""

    value: float
    name: str
    why: str


def check_number(problem: Problem, answer: str, evidence: Evidence, mistakes: Iterable[Mistake] = ()) -> Verdict:
    """Right within the problem's tolerance of the measured value, in any spelling of the number.

    `mistakes` are tried in order; one that equals the right value is passed over.

    Raises:
        TypeError: if the evidence holds no number.
    """
    if isinstance(evidence.value, str | list):
        raise TypeError(f"{problem.exercise} was solved with {evidence.value!r}, which is no number")
    right = float(evidence.value)
    typed = _read(answer, whole=problem.answer_type == "integer")
    if typed is None:
        return Verdict(
            False, "Nothing was typed." if not answer.strip() else f"No number was found in “{answer.strip()[:40]}”."
        )
    error = abs(typed - right)
    if error <= slack(problem, right):
        return Verdict(True, "Right.", error=error)
    for mistake in mistakes:
        if _same(mistake.value, typed) and abs(mistake.value - right) > slack(problem, right):
            return Verdict(False, mistake.why, error=error, mistake=mistake.name)
    ratio = typed / right if right else 0.0
    how = f"{ratio:.3g} times the measured value" if ratio > 0 and not 0.5 < ratio < 2 else f"off by {error:,.6g}"
    return Verdict(False, f"Not right: {how}.", error=error)


def slack(problem: Problem, right: float) -> float:
    """How far from the measured value an answer may be, in the problem's unit."""
    return max(problem.tolerance, abs(right) * problem.tolerance_percent / 100) + abs(right) * 1e-9


def _read(answer: str, *, whole: bool) -> float | None:
    value = read_number(answer)
    if whole and value is not None and not value.is_integer() and (dotted := _DOTTED_THOUSANDS.match(answer)):
        return read_number(dotted[0].replace(".", ""))
    return value


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-4 if not float(a).is_integer() else 1e-9, abs_tol=1e-12)
