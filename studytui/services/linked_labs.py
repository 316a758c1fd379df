"""Numeric cards beside the labs they link: the answer an author wrote, held against what the models compute."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from labs import catalog
from labs.catalog import UnknownExercise
from labs.protocol import ParamError, Problem
from studytui.domain.cards import Card, Numeric
from studytui.domain.grading import format_number
from studytui.library.lint.report import Finding, about
from studytui.services.lab_client import LabClient, MissingLibrary, Solved

_SEEDS = (0, 1)
"""Two showings: an answer that is written down needs a lab that asks the same each time."""


def linked(cards: Sequence[Card]) -> list[Card]:
    """The cards whose answer a lab can compute."""
    return [card for card in cards if isinstance(card.body, Numeric) and card.lab is not None]


def contradicted(cards: Sequence[Card], *, progress: Callable[[int, int], None]) -> tuple[list[Finding], str]:
    """Findings where a card's own lab gives another answer, and why nothing was compared, or ''.

    It starts the labs' worker and takes some 10 seconds for the shipped course; `progress` is told how many of how many
    cards are done.
    """
    return asyncio.run(_contradicted(linked(cards), progress))


async def _contradicted(cards: Sequence[Card], progress: Callable[[int, int], None]) -> tuple[list[Finding], str]:
    findings: list[Finding] = []
    lab = LabClient()
    try:
        for number, card in enumerate(cards):
            progress(number, len(cards))
            problem, wrong = _posed(card)
            if problem is None:
                findings += wrong
                continue
            outcome = await lab.solve(problem)
            if isinstance(outcome, MissingLibrary):
                return findings, outcome.message
            if not isinstance(outcome, Solved):
                findings.append(about(card, "lab-failed", outcome.message, field="lab"))
                continue
            findings += _compared(card, problem, outcome.evidence.value)
    finally:
        await lab.close()
    progress(len(cards), len(cards))
    return findings, ""


def _posed(card: Card) -> tuple[Problem | None, list[Finding]]:
    """The problem of a card's lab; without one, why: links that cannot be posed are found by the lint."""
    assert card.lab is not None
    try:
        exercise = catalog.exercise(card.lab.exercise)
        posed = [exercise.pose(catalog.draw(card.lab.vary, card.lab.fixed, seed), seed) for seed in _SEEDS]
    except (UnknownExercise, ParamError):
        return None, []
    if posed[0].prompt != posed[1].prompt:
        message = f"{card.lab.exercise} asks something else each time; `set` what the answer depends on."
        return None, [about(card, "lab-varies", message, field="lab")]
    return posed[0], []


def _compared(card: Card, problem: Problem, value: object) -> Iterator[Finding]:
    assert isinstance(card.body, Numeric)
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield about(card, "lab-contradicts", f"{problem.exercise} answers “{value}”, which is no number.", field="lab")
        return
    body, measured = card.body, float(value)
    if body.unit == "%" != problem.unit:
        measured *= 100
    slack = max(
        body.tolerance,
        abs(body.answer) * body.tolerance_percent / 100,
        problem.tolerance,
        abs(measured) * problem.tolerance_percent / 100,
    )
    if abs(measured - body.answer) > slack + 1e-9 * max(1.0, abs(body.answer)):
        right = format_number(measured, problem.unit)
        message = f"{format_number(body.answer, body.unit)} is not what {problem.exercise} computes: {right}."
        yield about(card, "lab-contradicts", message, field="answer")
