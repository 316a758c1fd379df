"""Labs on the command line: list them, run one, keep its pictures."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studytui.cli.app import app
from studytui.cli.console import complain, print_json, progress, prompt, put_line
from studytui.cli.failure import UsageError
from studytui.cli.study import JSON
from studytui.domain.plain_text import json_text, on_one_line

if TYPE_CHECKING:
    from labs.protocol import Evidence, Problem

lab_app = typer.Typer(help="Small real models that decide whether an answer is right.", no_args_is_help=True)
app.add_typer(lab_app, name="lab")


@lab_app.command("list")
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


@lab_app.command("run")
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
    from studytui.domain.grading import suggest_grade
    from studytui.services import exercises

    chosen = catalog.exercise(exercise)
    given = split_settings(settings or []) | ({} if model is None else {"model": model})
    problem = chosen.pose(exercises.read_params(chosen.params, given), _fresh_seed() if seed is None else seed)
    started = time.monotonic()
    if answer is None and not as_json and sys.stdin.isatty():
        typer.echo(problem.prompt)
        for number, option in enumerate(problem.options, 1):
            put_line(f"  {number}. {option}")
        answer = prompt(f"Your answer{f' in {problem.unit}' if problem.unit else ''}")
    seconds = time.monotonic() - started
    evidence = _solve(problem, quiet=as_json)
    verdict = exercises.judge(problem, answer, evidence) if answer is not None else None
    if out is not None:
        _write(out, problem, evidence)
    if as_json:
        graded = suggest_grade(verdict, kind="exercise", seconds=seconds) if verdict else None
        print_json(_as_json(problem, answer, evidence, verdict.correct if verdict else None, graded))
    else:
        _print(problem, evidence, verdict.message if verdict else "")
    if verdict is not None and not verdict.correct:
        raise typer.Exit(1)


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


def _solve(problem: Problem, *, quiet: bool) -> Evidence:
    import asyncio

    from studytui.services.lab_client import LabClient, Solved

    def tell(fraction: float, words: str) -> None:
        if not quiet:
            progress(f"{fraction:4.0%} {words}")

    async def ask() -> Any:
        client = LabClient(device=_device())
        try:
            return await client.solve(problem, on_progress=tell)
        finally:
            await client.close()

    outcome = asyncio.run(ask())
    if not quiet:
        progress("")
    if not isinstance(outcome, Solved):
        raise UsageError(outcome.message)
    return outcome.evidence


def _device() -> str:
    """Where labs compute: what the environment says, else the learner's setting.

    Raises:
        SettingsError: the settings cannot be read.
    """
    import os

    from labs.protocol import DEVICE_VARIABLE
    from studytui.library import settings_file

    return os.environ.get(DEVICE_VARIABLE) or settings_file.read(settings_file.location()).lab_device


def _write(folder: Path, problem: Problem, evidence: Evidence) -> None:
    """The pictures as PNG, the curves as SVG and the rest as JSON.

    Raises:
        UsageError: the folder cannot be written.
    """
    from studytui.services.plot_svg import plot_svg

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for picture in evidence.pictures:
            (folder / f"{picture.name}.png").write_bytes(picture.png)
        for number, curve in enumerate(evidence.curves, 1):
            (folder / f"curve-{number}.svg").write_text(plot_svg(curve), encoding="utf-8")
        rest = _as_json(problem, None, evidence, None, None)
        (folder / "evidence.json").write_text(json_text(rest, to_keep=True), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror or error}).") from error


def _as_json(
    problem: Problem, answer: str | None, evidence: Evidence, correct: bool | None, grade: int | None
) -> dict[str, Any]:
    shown = evidence.to_json()
    for picture in shown["pictures"]:
        del picture["png_base64"]
    return {
        "exercise": problem.exercise,
        "params": problem.params,
        "seed": problem.seed,
        "prompt": problem.prompt,
        "answer": answer,
        "value": evidence.value,
        "unit": evidence.unit,
        "correct": correct,
        "suggested_grade": grade,
        "seconds": evidence.seconds,
        "evidence": shown,
    }


def _print(problem: Problem, evidence: Evidence, message: str) -> None:
    from studytui.services.exercises import show_value

    typer.echo(problem.prompt)
    put_line(f"Measured: {show_value(evidence)}")
    if message:
        typer.echo(message)
    for line in evidence.derivation:
        put_line(f"  {line}")
    for table in evidence.tables:
        typer.echo()
        put_line(table.title)
        rows = [[on_one_line(cell) for cell in row] for row in (table.columns, *table.rows)]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        for row in rows:
            put_line("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for picture in evidence.pictures:
        put_line(f"[{picture.caption}]")
