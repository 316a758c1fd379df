"""Labs on the command line: list them, run one, keep its pictures."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studytui.cli.console import complain, print_json, progress, prompt, put_line, read_line
from studytui.cli.options import JSON, Options, UsageError, open_app, warn
from studytui.domain.plain_text import json_text

if TYPE_CHECKING:
    from collections.abc import Container, Coroutine

    from labs.inspect.diagnosis import Experiment
    from labs.inspect.game import Prediction
    from labs.protocol import Evidence, Problem
    from studytui.domain.cards import Card, Drawn
    from studytui.domain.verdict import Verdict
    from studytui.study.attempt import Attempt
    from studytui.study.diagnosis import Diagnosis
    from studytui.study.labs import LabClient


def list_labs(as_json: JSON = False) -> None:
    """List the exercises with what they take."""
    from dataclasses import asdict

    from labs import catalog

    found = catalog.exercises()
    for name, why in catalog.problems().items():
        complain(f"the lab package “{name}” cannot be used: {why}")
    if as_json:
        rows = [
            {
                "exercise": one.name,
                "title": one.title,
                "sections": list(one.sections),
                "covers": list(one.covers),
                "truth": one.truth,
                "params": [asdict(param) for param in one.params],
            }
            for one in found
        ]
        print_json(rows)
        return
    for one in found:
        knobs = " ".join(param.name for param in one.params)
        put_line(f"{one.name:<30} {one.title:<48} {', '.join(one.sections):<10} {knobs}")


def run_lab(  # noqa: PLR0917  typer reads options from the signature
    exercise: Annotated[str, typer.Argument(help="A name from `studytui lab list`.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Fix a parameter; may be repeated.")
    ] = None,
    answer: Annotated[str | None, typer.Option(help="Your answer; asked for if there is a terminal.")] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="FOLDER|ID", help="Real CLIP weights that you have, in place of the tiny CLIP."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Repeat a showing; random if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write pictures, curves and the evidence to.")] = None,
    as_json: JSON = False,
) -> None:
    """Pose an exercise, run the real computation and judge the answer. Exit code 1 if the answer is wrong."""
    from labs import catalog
    from studytui.study import labs
    from studytui.study.attempt import Attempt
    from studytui.study.labs import LabClient

    chosen = catalog.exercise(exercise)
    given = split_settings(settings or []) | ({} if model is None else {"model": model})
    problem = chosen.pose(labs.read_params(chosen.params, given), _fresh_seed() if seed is None else seed)
    attempt = Attempt(problem=problem)
    is_asked = answer is None and not as_json and sys.stdin.isatty()
    if answer is not None and (refusal := _taken(attempt, answer)):
        raise UsageError(f"--answer {answer[:40]}: {refusal}")
    with asyncio.Runner() as runner:
        client = LabClient(device=_device())
        try:
            if attempt.shows_something:
                runner.run(attempt.draw(client))
            if is_asked:
                _print_question(attempt)
                while refusal := _taken(attempt, prompt("Your answer")):
                    typer.echo(refusal)
            refusal = runner.run(_measured_by(client, attempt, quiet=as_json))
        finally:
            runner.run(client.close())
    if refusal or attempt.trouble:
        raise UsageError(refusal or attempt.trouble)
    if out is not None:
        _write(out, attempt)
    if as_json:
        print_json(_as_json(attempt))
    else:
        _print(attempt, with_question=not is_asked)
    if attempt.verdict is not None and not attempt.verdict.correct:
        raise typer.Exit(1)


def _taken(attempt: Attempt, line: str) -> str:
    """Hand in a typed line: '', or what to type instead."""
    response, refusal = attempt.read([line])
    return refusal or attempt.answer(response)


def _fresh_seed() -> int:
    import secrets

    return secrets.randbelow(2**31)


def split_settings(texts: list[str]) -> dict[str, str]:
    """`["image_size=224"]` by name.

    Raises:
        UsageError: a text is not KEY=VALUE.
    """
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set {text}: write KEY=VALUE, for example --set image_size=224.")
        given[name.strip()] = value.strip()
    return given


async def _measured_by(client: LabClient, attempt: Attempt, *, quiet: bool) -> str:
    """Let the lab compute: '', or why the answer cannot be judged."""

    def tell(fraction: float, words: str) -> None:
        if not quiet:
            progress(f"{fraction:4.0%} {words}")

    refusal = await attempt.measure(client, tell)
    if not quiet:
        progress("")
    return refusal


def _device() -> str:
    """Where labs compute: what the environment says, else the learner's setting."""
    import os

    from labs.protocol import DEVICE_VARIABLE
    from studytui.course import settings as settings_file

    if device := os.environ.get(DEVICE_VARIABLE):
        return device
    settings, problems = settings_file.read_what_is_right(settings_file.location())
    for problem in problems:
        warn(str(problem))
    return settings.lab_device


def _write(folder: Path, attempt: Attempt) -> None:
    """The pictures as PNG, those of the question too, the curves as SVG and the rest as JSON.

    Raises:
        UsageError: the folder cannot be written.
    """
    from studytui.files import write_atomically
    from studytui.study.bench import file_stem
    from studytui.study.reports import plot_svg

    evidence = attempt.measured
    assert evidence is not None
    try:
        for picture in evidence.pictures:
            write_atomically(folder / f"{file_stem(picture.name)}.png", picture.png)
        for picture in attempt.look.pictures if attempt.look else ():
            write_atomically(folder / f"question-{file_stem(picture.name)}.png", picture.png)
        for number, curve in enumerate(evidence.curves, 1):
            write_atomically(folder / f"curve-{number}.svg", plot_svg(curve).encode())
        rest = _as_json(attempt) | {"answer": None, "correct": None, "suggested_grade": None}
        write_atomically(folder / "evidence.json", json_text(rest, to_keep=True).encode())
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror or error}).") from error


def _as_json(attempt: Attempt) -> dict[str, Any]:
    from dataclasses import asdict

    problem, evidence = attempt.problem, attempt.measured
    assert problem is not None
    assert evidence is not None
    shown = evidence.to_json()
    for picture in shown["pictures"]:
        del picture["png_base64"]
    asked_with = [] if attempt.look is None else [asdict(picture) for picture in attempt.look.pictures]
    for picture in asked_with:
        del picture["png_base64"]
    return {
        "exercise": problem.exercise,
        "params": problem.params,
        "seed": problem.seed,
        "prompt": problem.prompt,
        "pictures": asked_with,
        "answer": attempt.as_answer().response if attempt.is_answered else None,
        "value": evidence.value,
        "unit": evidence.unit,
        "correct": attempt.verdict.correct if attempt.verdict is not None else None,
        "suggested_grade": attempt.suggested,
        "seconds": evidence.seconds,
        "evidence": shown,
    }


def _print_question(attempt: Attempt) -> None:
    from studytui.study.attempt import look_lines

    typer.echo(attempt.question)
    if attempt.look_trouble:
        put_line(attempt.look_trouble)
    for line in look_lines(attempt.look) if attempt.look else ():
        put_line(f"  {line}")
    for number, option in enumerate(attempt.options, 1):
        put_line(f"  {number}. {option.text}")
    if attempt.unit:
        put_line(f"In {attempt.unit}.")


def _print(attempt: Attempt, *, with_question: bool) -> None:
    from studytui.study.attempt import evidence_lines

    assert attempt.measured is not None
    if with_question:
        _print_question(attempt)
    put_line(f"Measured: {attempt.right_answer}")
    if attempt.verdict is not None:
        if attempt.verdict.read_as:
            put_line(f"Read as {attempt.verdict.read_as}.")
        typer.echo(attempt.verdict.message)
    for line in evidence_lines(attempt.measured):
        put_line(f"  {line}".rstrip())


# `studytui lab diagnose`: the burned capacitor, on its screen or line by line


def diagnose(
    context: typer.Context,
    plain: Annotated[
        bool, typer.Option("--plain", help="Line by line, for screen readers, pipes and scripts.")
    ] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Repeat a round; random if not given.")] = None,
) -> None:
    """Find out which part of a system that misses burned capacitors fails: six coins for experiments."""
    options: Options = context.obj
    if not plain:
        open_app(options.course, start_with="diagnosis", seed=seed)
        return
    from studytui.study.diagnosis import Diagnosis
    from studytui.study.labs import LabClient

    game = Diagnosis.of(seed)
    with asyncio.Runner() as runner:
        client = LabClient(device=_device())
        try:
            PlainRound(game, client, runner).play()
        finally:
            runner.run(client.close())


class PlainRound:
    """A round by lines: an experiment's name, above or below; a lens ends it, q or the end of input leaves it."""

    def __init__(self, game: Diagnosis, client: LabClient, runner: asyncio.Runner) -> None:
        self._game = game
        self._client = client
        self._runner = runner

    def play(self) -> None:
        """Play until a lens is named.

        Raises:
            UsageError: the lab could not compute.
        """
        from labs.inspect.diagnosis import COINS, PRICES
        from labs.inspect.game import ANSWERS, DEFINITION, INSTRUMENTS

        self._do(self._game.begin(self._client, self._tell))
        put_line(f"Round {self._game.seed}. {self._game.in_short}")
        put_line("Camera and workflow -> eye -> bridge -> reasoner: one of them fails. " + DEFINITION)
        put_line(
            f"You have {COINS} coins. Experiments: " + ", ".join(f"{name} {PRICES[name]}" for name in PRICES) + "."
        )
        for name in PRICES:
            put_line(f"  {name}: {INSTRUMENTS[name].does}")
        put_line(f"Type an experiment, or the lens that failed: {', '.join(ANSWERS)}. q leaves.")
        while not self._game.is_over:
            line = read_line(f"{self._game.game.coins} coins:")
            word = " ".join((line or "q").lower().split())
            if word == "q":
                put_line("Left; nothing is kept of a round.")
                return
            if answer := next((one for one in ANSWERS if one == word), None):
                self._do(self._game.name(self._client, answer, self._tell))
            elif experiment := next((one for one in PRICES if one == word), None):
                self._buy(experiment)
            else:
                put_line(f"That is neither an experiment ({', '.join(PRICES)}) nor an answer ({', '.join(ANSWERS)}).")
        for line in (*self._game.lines_at_the_end(), *self._game.lessons()):
            put_line(line)

    def _buy(self, experiment: Experiment) -> None:
        from studytui.study.diagnosis import outcome_line, question

        if experiment not in self._game.game.on_offer:
            why = "it ran already" if experiment in self._game.game.values else "your coins do not pay for it"
            put_line(f"{experiment}: {why}.")
            return
        put_line(question(experiment))
        while True:
            said = (read_line("above or below (empty: not now):") or "").strip().lower()
            if not said:
                return
            if said in ("above", "a", "below", "b"):
                break
        predicted: Prediction = "above" if said.startswith("a") else "below"
        self._do(self._game.run(self._client, experiment, predicted, self._tell))
        put_line(outcome_line(self._game.game.log[-1]))
        for picture in self._game.shown[experiment].pictures:
            put_line(picture.alt)

    def _do(self, work: Coroutine[Any, Any, str]) -> None:
        trouble = self._runner.run(work)
        progress("")
        if trouble:
            raise UsageError(trouble)

    @staticmethod
    def _tell(fraction: float, words: str) -> None:
        progress(f"{fraction:4.0%} {words}")


# `studytui try`: what would come of an answer, for authors, tests and scripts. Nothing is logged


EXIT_CODES: Final = {"right": 0, "wrong": 1, "ask": 2}


def try_answer(
    context: typer.Context,
    card: Annotated[str, typer.Argument(metavar="CARD", help="A card's id, as `studytui cards` lists it.")],
    answers: Annotated[
        list[str],
        typer.Option("--answer", metavar="TEXT", help="What is typed; may be repeated. Blanks are separated by |."),
    ],
    seed: Annotated[int, typer.Option(min=0, help="The numbers to ask with, where they are drawn.")] = 0,
    as_json: JSON = False,
) -> None:
    """Say what would come of an answer: right, wrong or ask, how it was read, and why. Nothing is logged.

    Options and steps are named by text or by number in the author's order. A card that draws numbers asks with the
    first of its lists, and says them. One line an answer. Exit code 0 if all are right, 1 if one is wrong, 2 if one
    cannot be judged.
    """
    from studytui.course.loader import find_course, load_course
    from studytui.course.user_cards import CourseWords
    from studytui.study.attempt import NoCard, find_card
    from studytui.study.pictures import shown_in_words
    from studytui.study.workspace import own_folder

    options: Options = context.obj
    root = find_course(options.course)
    own: Path | None = own_folder(load_course(root).id) if options.course is None else None
    try:
        found = find_card(root, own, card)
    except NoCard as error:
        raise UsageError(str(error)) from error
    numbers: dict[str, Drawn] = {}
    if template := found.template:
        at = seed % len(template)
        found, numbers = found.drawn(at), template.numbers(at)
    # An argument may hold bytes that are no text.
    texts = [answer.encode("utf-8", "replace").decode() for answer in answers]
    verdicts = (
        _by_a_lab(found, texts, seed, quiet=as_json)
        if found.kind == "exercise"
        else _by_the_card(found, texts, CourseWords(root, own))
    )
    for verdict in verdicts:
        _print_verdict(verdict, numbers, shown_in_words(found), as_json=as_json)
    if code := max(EXIT_CODES[verdict.says] for verdict in verdicts):
        raise typer.Exit(code)


def _by_the_card(card: Card, texts: list[str], words: Container[str]) -> list[Verdict]:
    """What the card makes of each answer; as many answers as a cloze has blanks are one answer."""
    from studytui.domain.cards import Cloze
    from studytui.domain.verdict import Verdict
    from studytui.study.attempt import judge, judge_line

    if isinstance(card.body, Cloze) and len(texts) == len(card.body.blanks) > 1 and not any("|" in t for t in texts):
        return [verdict for verdict in [judge(card, texts, words)] if verdict is not None]
    by_hand = Verdict(False, 0.0, "The learner judges this card: nothing typed is compared with it.", asks=True)
    return [judge_line(card, text, words) or by_hand for text in texts]


def _by_a_lab(card: Card, texts: list[str], seed: int, *, quiet: bool) -> list[Verdict]:
    """What the card's lab makes of each answer, with the numbers of one seed. It computes once, and only if it must.

    Raises:
        UsageError: the lab cannot pose or compute.
    """
    from studytui.domain.verdict import Verdict
    from studytui.study import labs

    try:
        problem = labs.posed(card, seed)
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{card.id}: its lab cannot ask a question: {error}") from error
    if not quiet:
        typer.echo(problem.prompt)
        for number, option in enumerate(problem.options, 1):
            put_line(f"  {number}. {option}")
    refusals = [labs.refusal(problem, text) for text in texts]
    evidence = _measured(problem) if not all(refusals) else None
    return [
        Verdict(False, 0.0, refusal, asks=True) if refusal or evidence is None else labs.judge(problem, text, evidence)
        for text, refusal in zip(texts, refusals, strict=True)
    ]


def _measured(problem: Problem) -> Evidence:
    from studytui.study.labs import LabClient, LabOutcome, Solved

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


def _print_verdict(verdict: Verdict, numbers: dict[str, Drawn], pictures: list[str], *, as_json: bool) -> None:
    if as_json:
        drawn: dict[str, Any] = {"numbers": numbers} if numbers else {}
        drawn |= {"pictures": pictures} if pictures else {}
        told = {"says": verdict.says, "read_as": verdict.read_as, "message": verdict.message}
        return print_json(told | drawn, indent=None)
    read = f" Read as {verdict.read_as}." if verdict.read_as else ""
    read += f" Asked with {', '.join(f'{name} = {number}' for name, number in numbers.items())}." if numbers else ""
    said = "" if verdict.message == "Right." else f" {verdict.message}"
    return put_line(f"{verdict.says}:{read}{said}" if read or said else verdict.says)
