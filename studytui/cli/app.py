"""The typer application: global options, and the commands of the modules beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studytui import __version__
from studytui.cli import audit, care, lab, new_card, rehearse, study, try_answer
from studytui.cli.opening import open_app
from studytui.cli.options import Options

app = typer.Typer(
    name="studytui",
    help="Spaced repetition in the terminal for image and video models; answers are checked by running a model.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"studytui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def studytui(
    context: typer.Context,
    course: Annotated[
        Path | None, typer.Option(help="Folder with content/ and quizzes/ of another course.", show_default=False)
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Open the app; or run one of the commands below."""
    context.obj = Options(course=course)
    if context.invoked_subcommand is None:
        open_app(course, start_with="home")


for command in (
    study.review, study.cram, rehearse.rehearse, audit.audit, audit.module, study.due, study.stats, study.cards,
    study.schedule, care.check, care.doctor, care.backup, care.restore, care.merge,
):  # fmt: skip
    app.command()(command)
app.command("new-card")(new_card.new_card)
app.command("try")(try_answer.try_answer)
labs = typer.Typer(help="Small real models that decide whether an answer is right.", no_args_is_help=True)
labs.command("list")(lab.list_labs)
labs.command("run")(lab.run_lab)
app.add_typer(labs, name="lab")
