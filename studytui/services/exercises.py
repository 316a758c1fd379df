"""Cards decided by a lab: posing with fresh numbers and judging an answer by the evidence. No torch in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from labs import catalog
from labs.protocol import Evidence, Param, ParamError, Params, Problem
from studytui.domain.cards import Card
from studytui.domain.grading import Part, Response, Verdict, format_number
from studytui.domain.showing import seed_of

NEAR: Final = 3.0
"""A prediction off by up to so many tolerances is half right; exact counts have no tolerance and no near miss."""


def pose(card: Card, review_uid: str) -> Problem:
    """The problem of this showing; the same review_uid gives the same numbers.

    Raises:
        ValueError: the card has no lab, or its parameters are out of range; the text names them.
    """
    salt = f"lab:{card.lab.exercise}" if card.lab else ""
    return posed(card, seed_of(review_uid, salt))


def posed(card: Card, seed: int) -> Problem:
    """The problem that a card's lab asks with a seed.

    Raises:
        ValueError: the card has no lab, or its parameters are out of range; the text names them.
    """
    if card.lab is None:
        raise ValueError(f"card {card.id} has no lab exercise")
    params = catalog.draw(card.lab.vary, card.lab.fixed, seed)
    return catalog.exercise(card.lab.exercise).pose(params, seed)


def refusal(problem: Problem, answer: str) -> str:
    """What to type, where this cannot be an answer whatever the lab measures; '' where it can.

    No lab needs to compute for it.
    """
    from labs.checking import refusal

    verdict = refusal(problem, answer)
    return verdict.message if verdict is not None else ""


def judge(problem: Problem, answer: str, evidence: Evidence, *, dont_know: bool = False) -> Verdict:
    """The lab's verdict in the app's terms. Whoever says `dont_know` is wrong, and is told what was measured."""
    if dont_know:
        right = show_value(evidence)
        return Verdict(False, 0.0, f"Right answer: {right}", (Part("", right, False),))
    verdict = catalog.exercise(problem.exercise).check(problem, answer, evidence)
    if verdict.asks:
        return Verdict(False, 0.0, verdict.message, asks=True, read_as=verdict.read_as)
    right = show_value(evidence)
    near = not verdict.correct and verdict.error is not None and verdict.error <= NEAR * _slack(problem, evidence)
    return Verdict(
        verdict.correct,
        1.0 if verdict.correct else 0.5 if near else 0.0,
        verdict.message,
        (Part(answer, right, verdict.correct, note=verdict.mistake),),
        read_as=verdict.read_as,
    )


def read_params(knobs: Sequence[Param], texts: Mapping[str, str]) -> Params:
    """What was typed for each knob, read as the knob's type; names without a knob are passed on for the lab to refuse.

    Raises:
        ParamError: a text is not a number where one is wanted.
    """
    kinds = {knob.name: knob.kind for knob in knobs}
    given: Params = {}
    for name, text in texts.items():
        kind = kinds.get(name, "text")
        try:
            given[name] = int(text) if kind == "integer" else float(text) if kind == "number" else text
        except ValueError:
            noun = "a whole number" if kind == "integer" else "a number"
            raise ParamError(name, f"must be {noun}, not {text!r}") from None
    return given


def in_words(problem: Problem, response: Response) -> str:
    """A response as the words a lab expects: options by their text."""
    if isinstance(response, int):
        return problem.options[response]
    if isinstance(response, list):
        return "; ".join(problem.options[int(at)] for at in response)
    return response or ""


def show_value(evidence: Evidence) -> str:
    """The measured value as a person writes it."""
    value = evidence.value
    if isinstance(value, list):
        return " → ".join(value)
    if isinstance(value, str):
        return value
    return format_number(float(value), evidence.unit)


def _slack(problem: Problem, evidence: Evidence) -> float:
    value = evidence.value
    size = abs(float(value)) if isinstance(value, int | float) else 0.0
    return max(problem.tolerance, size * problem.tolerance_percent / 100)


def for_log(problem: Problem, evidence: Evidence) -> dict[str, Any]:
    """What the log keeps of a lab's work: all but the pictures and the code, which can be made again from the seed."""
    return {
        "exercise": problem.exercise,
        "params": problem.params,
        "seed": problem.seed,
        "value": evidence.value,
        "unit": evidence.unit,
        "derivation": list(evidence.derivation),
        "versions": evidence.versions,
        "seconds": evidence.seconds,
    }
