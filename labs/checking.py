"""Judging a typed number by a measured one, and naming the mistake a wrong one looks like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from labs.options import read_option, read_order
from labs.protocol import Evidence, Problem, Verdict

ROUNDED: Final = 0.01
"""People round: so far from a slip's value, relative to it, an answer still is that slip."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong value somebody gets by a known slip: a short name of the slip and a sentence on it."""

    value: float
    name: str
    why: str


def refusal(problem: Problem, answer: str) -> Verdict | None:
    """What to say to an answer that cannot be judged whatever the computation shows; None for one that can be."""
    if problem.answer_type == "choice":
        return None if read_option(answer, problem.options) else _asking_to_pick(problem, answer)
    if problem.answer_type == "order":
        return None if read_order(answer, problem.options) else _asking_to_order(problem, answer)
    from labs.numbers import weigh

    weighed = weigh(answer, right=0.0, slack=0.0, unit=problem.unit, question=problem.prompt)
    return None if typed_values(problem, answer) else _asking(weighed.message)


def typed_values(problem: Problem, answer: str) -> tuple[float, ...]:
    """Every number the answer may mean, in the problem's unit; () if it is not one number."""
    from labs.numbers import values

    return values(answer, problem.unit, problem.prompt)


def check_number(problem: Problem, answer: str, evidence: Evidence, mistakes: Iterable[Mistake] = ()) -> Verdict:
    """Right within the problem's tolerance of the measured value, in any spelling of the number.

    An answer that is not one number is not judged. Of the mistakes that a reading of the answer looks like, the nearest
    is named; one that equals the right value is passed over.

    Raises:
        TypeError: if the evidence holds no number.
    """
    from labs.numbers import weigh

    if isinstance(evidence.value, str | list):
        raise TypeError(f"{problem.exercise} was solved with {evidence.value!r}, which is no number")
    right = float(evidence.value)
    margin = slack(problem, right)
    weighed = weigh(answer, right=right, slack=margin, unit=problem.unit, question=problem.prompt)
    if weighed.says == "ask":
        return _asking(weighed.message, weighed.read_as)
    typed = weighed.values[0]
    error = abs(typed - right)
    if weighed.says == "right":
        return Verdict(True, "Right.", error=error, read_as=weighed.read_as)
    apart = [one for one in mistakes if abs(one.value - right) > margin]
    near = [
        (abs(one.value - value), one) for one in apart for value in weighed.values if _looks_like(problem, value, one)
    ]
    if near:
        _, mistake = min(near, key=lambda found: found[0])
        return Verdict(False, mistake.why, error=error, mistake=mistake.name, read_as=weighed.read_as)
    ratio = typed / right if right else 0.0
    how = _factor(ratio) if ratio > 0 and not 0.5 < ratio < 2 else f"off by {error:,.6g}"
    exact = problem.answer_type == "integer" and not problem.tolerance and not problem.tolerance_percent
    rounded = "; the exact number is asked for" if exact and error <= 0.01 * abs(right) else ""
    return Verdict(False, f"{how[0].upper()}{how[1:]}{rounded}.", error=error, read_as=weighed.read_as)


def _factor(ratio: float) -> str:
    """`36 times too small`, from what was typed as a share of what is right."""
    times = max(ratio, 1 / ratio)
    return f"{f'{times:,.0f}' if times >= 1000 else f'{times:.3g}'} times too {'large' if ratio > 1 else 'small'}"


def slack(problem: Problem, right: float) -> float:
    """How far from the measured value an answer may be, in the problem's unit."""
    return max(problem.tolerance, abs(right) * problem.tolerance_percent / 100) + abs(right) * 1e-9


def _looks_like(problem: Problem, typed: float, mistake: Mistake) -> bool:
    """True within the problem's tolerance of the slip's value, or a hundredth of it; a count is exact."""
    value = mistake.value
    is_count = float(value).is_integer() and not problem.tolerance and not problem.tolerance_percent
    width = 0.0 if is_count else max(slack(problem, value), ROUNDED * abs(value))
    return abs(typed - value) <= width + abs(value) * 1e-9


def _asking(message: str, read_as: str = "") -> Verdict:
    return Verdict(False, message, asks=True, read_as=read_as)


def check_choice(
    problem: Problem, answer: str, evidence: Evidence, whys: Mapping[str, str | Mistake] | None = None
) -> Verdict:
    """Right if the option was picked that the computation showed; `whys` says what is wrong with each other option.

    The answer is an option's text, its number counted from 1, or its letter; anything else is not judged.

    Raises:
        TypeError: if the evidence holds no option of the problem.
    """
    right = evidence.value
    if right not in problem.options:
        raise TypeError(f"{problem.exercise} was solved with {right!r}, which is no option")
    picked = read_option(answer, problem.options)
    if picked is None:
        return _asking_to_pick(problem, answer)
    if picked == right:
        return Verdict(True, "Right.")
    why = (whys or {}).get(picked, "")
    if isinstance(why, Mistake):
        return Verdict(False, why.why, mistake=why.name)
    return Verdict(False, why or f"Measured was: {right}.")


def check_order(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Right if every option stands where the computation put it; `error` counts those misplaced.

    The answer lists the options, their numbers or their letters; one that does not name each once is not judged.

    Raises:
        TypeError: if the evidence holds no order of the options.
    """
    right = evidence.value
    if not isinstance(right, list) or sorted(right) != sorted(problem.options):
        raise TypeError(f"{problem.exercise} was solved with {right!r}, which is no order of its options")
    given = read_order(answer, problem.options)
    if given is None:
        return _asking_to_order(problem, answer)
    wrong = sum(a != b for a, b in zip(given, right, strict=True))
    if not wrong:
        return Verdict(True, "Right.", error=0.0)
    return Verdict(
        False, f"{wrong} of {len(right)} stand elsewhere. Measured: {' → '.join(right)}.", error=float(wrong)
    )


def _asking_to_pick(problem: Problem, answer: str) -> Verdict:
    typed = " ".join(answer.split())[:40]
    what = f"“{typed}” is none of the options" if typed else "Nothing was picked"
    return _asking(f"{what}: give a number from 1 to {len(problem.options)}, or say that you don't know.")


def _asking_to_order(problem: Problem, answer: str) -> Verdict:
    what = "Nothing was put in order" if not answer.strip() else "That is not each option once"
    return _asking(
        f"{what}: give the numbers from 1 to {len(problem.options)} in their order, or say that you don't know."
    )
