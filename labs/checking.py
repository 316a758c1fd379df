"""Judging a typed number by a measured one, and naming the mistake a wrong one looks like."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
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


def check_choice(
    problem: Problem, answer: str, evidence: Evidence, whys: Mapping[str, str | Mistake] | None = None
) -> Verdict:
    """Right if the option was picked that the computation showed; `whys` says what is wrong with each other option.

    The answer is an option's text, or its number counted from 1.

    Raises:
        TypeError: if the evidence holds no option of the problem.
    """
    right = evidence.value
    if right not in problem.options:
        raise TypeError(f"{problem.exercise} was solved with {right!r}, which is no option")
    picked = read_option(answer, problem.options)
    if picked is None:
        return Verdict(
            False, f"“{answer.strip()[:40]}” is none of the options." if answer.strip() else "Nothing was picked."
        )
    if picked == right:
        return Verdict(True, "Right.")
    why = (whys or {}).get(picked, "")
    if isinstance(why, Mistake):
        return Verdict(False, why.why, mistake=why.name)
    return Verdict(False, why or f"Measured was: {right}.")


def check_order(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Right if every option stands where the computation put it. The answer lists options or their numbers.

    Options are separated by `;`, `>` or `→`, numbers also by commas or spaces: `2 1 3`. `error` counts those misplaced.

    Raises:
        TypeError: if the evidence holds no order of the options.
    """
    right = evidence.value
    if not isinstance(right, list) or sorted(right) != sorted(problem.options):
        raise TypeError(f"{problem.exercise} was solved with {right!r}, which is no order of its options")
    if not answer.strip():
        return Verdict(False, "Nothing was put in order.")
    pieces = re.split(r"[;>→\n]+", answer)
    if len(pieces) == 1:
        pieces = re.split(r"[,\s]+", answer.strip())
    given = [read_option(piece, problem.options) for piece in pieces if piece.strip()]
    if None in given or sorted(str(one) for one in given) != sorted(right):
        return Verdict(False, f"Each of the {len(right)} options must be named once.")
    wrong = sum(a != b for a, b in zip(given, right, strict=True))
    if not wrong:
        return Verdict(True, "Right.", error=0.0)
    return Verdict(
        False, f"{wrong} of {len(right)} stand elsewhere. Measured: {' → '.join(right)}.", error=float(wrong)
    )


def read_option(text: str, options: Sequence[str]) -> str | None:
    """The option that was meant, by its text in any case or by its number from 1; None if it is none."""
    folded = " ".join(text.split()).casefold()
    for option in options:
        if " ".join(option.split()).casefold() == folded:
            return option
    number = folded.rstrip(".)")
    if number.isdecimal() and 1 <= int(number) <= len(options):
        return options[int(number) - 1]
    return None
