"""The typer application: global options and the commands, which live in the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from studytui import __version__

app = typer.Typer(
    name="studytui",
    help="Spaced repetition in the terminal for image and video models; answers are checked by running a model.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    course: Path | None = None


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
        from studytui.cli.study import open_app

        open_app(course, start_with="home")


def register() -> None:
    """Attach the commands; each module adds its own to `app`."""
    from studytui.cli import audit, care, lab, new_card, rehearse, study, try_answer  # noqa: F401


register()
