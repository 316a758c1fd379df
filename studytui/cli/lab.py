"""Labs on the command line: list them, run one, keep its pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studytui.cli.console import complain, print_json, progress, prompt, put_line
from studytui.cli.failure import UsageError
from studytui.cli.opening import warn
from studytui.cli.options import JSON
from studytui.domain.plain_text import json_text

if TYPE_CHECKING:
    from studytui.services.attempt import Attempt


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
    from studytui.services import exercises
    from studytui.services.attempt import Attempt

    chosen = catalog.exercise(exercise)
    given = split_settings(settings or []) | ({} if model is None else {"model": model})
    problem = chosen.pose(exercises.read_params(chosen.params, given), _fresh_seed() if seed is None else seed)
    attempt = Attempt(problem=problem)
    if answer is not None:
        if refusal := _taken(attempt, answer):
            raise UsageError(f"--answer {answer[:40]}: {refusal}")
    elif not as_json and sys.stdin.isatty():
        _print_question(attempt)
        while refusal := _taken(attempt, prompt("Your answer")):
            typer.echo(refusal)
    if refusal := _measure(attempt, quiet=as_json):
        raise UsageError(refusal)
    if out is not None:
        _write(out, attempt)
    if as_json:
        print_json(_as_json(attempt))
    else:
        _print(attempt, with_question=answer is not None or not sys.stdin.isatty())
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


def _measure(attempt: Attempt, *, quiet: bool) -> str:
    """Let the lab compute: '', or why the answer cannot be judged.

    Raises:
        UsageError: the lab could not compute.
    """
    import asyncio

    from studytui.services.lab_client import LabClient

    def tell(fraction: float, words: str) -> None:
        if not quiet:
            progress(f"{fraction:4.0%} {words}")

    async def ask() -> str:
        client = LabClient(device=_device())
        try:
            return await attempt.measure(client, tell)
        finally:
            await client.close()

    refusal = asyncio.run(ask())
    if not quiet:
        progress("")
    if attempt.trouble:
        raise UsageError(attempt.trouble)
    return refusal


def _device() -> str:
    """Where labs compute: what the environment says, else the learner's setting."""
    import os

    from labs.protocol import DEVICE_VARIABLE
    from studytui.library import settings_file

    if device := os.environ.get(DEVICE_VARIABLE):
        return device
    settings, problems = settings_file.read_what_is_right(settings_file.location())
    for problem in problems:
        warn(str(problem))
    return settings.lab_device


def _write(folder: Path, attempt: Attempt) -> None:
    """The pictures as PNG, the curves as SVG and the rest as JSON.

    Raises:
        UsageError: the folder cannot be written.
    """
    from studytui.files import write_atomically
    from studytui.services.bench import file_stem
    from studytui.services.plot_svg import plot_svg

    evidence = attempt.measured
    assert evidence is not None
    try:
        for picture in evidence.pictures:
            write_atomically(folder / f"{file_stem(picture.name)}.png", picture.png)
        for number, curve in enumerate(evidence.curves, 1):
            write_atomically(folder / f"curve-{number}.svg", plot_svg(curve).encode())
        rest = _as_json(attempt) | {"answer": None, "correct": None, "suggested_grade": None}
        write_atomically(folder / "evidence.json", json_text(rest, to_keep=True).encode())
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror or error}).") from error


def _as_json(attempt: Attempt) -> dict[str, Any]:
    problem, evidence = attempt.problem, attempt.measured
    assert problem is not None
    assert evidence is not None
    shown = evidence.to_json()
    for picture in shown["pictures"]:
        del picture["png_base64"]
    return {
        "exercise": problem.exercise,
        "params": problem.params,
        "seed": problem.seed,
        "prompt": problem.prompt,
        "answer": attempt.as_answer().response if attempt.is_answered else None,
        "value": evidence.value,
        "unit": evidence.unit,
        "correct": attempt.verdict.correct if attempt.verdict is not None else None,
        "suggested_grade": attempt.suggested,
        "seconds": evidence.seconds,
        "evidence": shown,
    }


def _print_question(attempt: Attempt) -> None:
    typer.echo(attempt.question)
    for number, option in enumerate(attempt.options, 1):
        put_line(f"  {number}. {option.text}")
    if attempt.unit:
        put_line(f"In {attempt.unit}.")


def _print(attempt: Attempt, *, with_question: bool) -> None:
    from studytui.services.attempt import evidence_lines

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
