"""`studytui try`: what would come of an answer, for authors, tests and scripts. Nothing is logged."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from studytui.cli.console import print_json, put_line
from studytui.cli.failure import UsageError
from studytui.cli.options import JSON, Options

if TYPE_CHECKING:
    from collections.abc import Container

    from labs.protocol import Evidence, Problem
    from studytui.domain.cards import Card
    from studytui.domain.grading import Verdict

EXIT_CODES: Final = {"right": 0, "wrong": 1, "ask": 2}


def try_answer(
    context: typer.Context,
    card: Annotated[str, typer.Argument(metavar="CARD", help="A card's id, as `studytui cards` lists it.")],
    answers: Annotated[
        list[str],
        typer.Option("--answer", metavar="TEXT", help="What is typed; may be repeated. Blanks are parted by |."),
    ],
    seed: Annotated[int, typer.Option(min=0, help="The numbers that a lab exercise asks with.")] = 0,
    as_json: JSON = False,
) -> None:
    """Say what would come of an answer: right, wrong or ask, how it was read, and why. Nothing is logged.

    Options and steps are named by text or by number in the author's order. One line an answer. Exit code 0 if all are
    right, 1 if one is wrong, 2 if one cannot be judged.
    """
    from studytui.library.course_words import CourseWords
    from studytui.library.loader import load_course
    from studytui.library.locate import find_course
    from studytui.services.checking import NoCard, find_card
    from studytui.services.workspace import own_folder

    options: Options = context.obj
    root = find_course(options.course)
    own: Path | None = own_folder(load_course(root).id) if options.course is None else None
    try:
        found = find_card(root, own, card)
    except NoCard as error:
        raise UsageError(str(error)) from error
    # An argument may hold bytes that are no text.
    texts = [answer.encode("utf-8", "replace").decode() for answer in answers]
    verdicts = (
        _by_a_lab(found, texts, seed, quiet=as_json)
        if found.kind == "exercise"
        else _by_the_card(found, texts, CourseWords(root, own))
    )
    for verdict in verdicts:
        _print(verdict, as_json=as_json)
    if code := max(EXIT_CODES[verdict.says] for verdict in verdicts):
        raise typer.Exit(code)


def _by_the_card(card: Card, texts: list[str], words: Container[str]) -> list[Verdict]:
    """What the card makes of each answer; as many answers as a cloze has blanks are one answer."""
    from studytui.domain.cards import Cloze
    from studytui.domain.grading import Verdict
    from studytui.services.checking import judge, judge_line

    if isinstance(card.body, Cloze) and len(texts) == len(card.body.blanks) > 1 and not any("|" in t for t in texts):
        return [verdict for verdict in [judge(card, texts, words)] if verdict is not None]
    by_hand = Verdict(False, 0.0, "The learner judges this card: nothing typed is compared with it.", asks=True)
    return [judge_line(card, text, words) or by_hand for text in texts]


def _by_a_lab(card: Card, texts: list[str], seed: int, *, quiet: bool) -> list[Verdict]:
    """What the card's lab makes of each answer, with the numbers of one seed. It computes once, and only if it must.

    Raises:
        UsageError: the lab cannot pose or compute.
    """
    from studytui.domain.grading import Verdict
    from studytui.services import exercises

    try:
        problem = exercises.posed(card, seed)
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{card.id}: its lab cannot pose a problem: {error}") from error
    if not quiet:
        typer.echo(problem.prompt)
        for number, option in enumerate(problem.options, 1):
            put_line(f"  {number}. {option}")
    refusals = [exercises.refusal(problem, text) for text in texts]
    evidence = _measured(problem) if not all(refusals) else None
    return [
        Verdict(False, 0.0, refusal, asks=True)
        if refusal or evidence is None
        else exercises.judge(problem, text, evidence)
        for text, refusal in zip(texts, refusals, strict=True)
    ]


def _measured(problem: Problem) -> Evidence:
    from studytui.cli.lab import _device
    from studytui.services.lab_client import LabClient, LabOutcome, Solved

    async def ask() -> LabOutcome:
        client = LabClient(device=_device())
        try:
            return await client.solve(problem)
        finally:
            await client.close()

    outcome = asyncio.run(ask())
    if not isinstance(outcome, Solved):
        raise UsageError(outcome.message)
    return outcome.evidence


def _print(verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        return print_json({"says": verdict.says, "read_as": verdict.read_as, "message": verdict.message}, indent=None)
    read = f" Read as {verdict.read_as}." if verdict.read_as else ""
    said = "" if verdict.message == "Right." else f" {verdict.message}"
    return put_line(f"{verdict.says}:{read}{said}" if read or said else verdict.says)
