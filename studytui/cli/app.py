"""The typer application: global options and the commands, which live in the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studytui import __version__

if TYPE_CHECKING:
    from studytui.services.workspace import Workspace

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


def open_workspace(course: Path | None, *, to_read: bool = False) -> Workspace:
    """The learner's desk, for a command; what opening it met is said on standard error.

    Raises:
        CourseError, SettingsError, StoreError: with a sentence that says what to do.
    """
    from studytui.services.workspace import Workspace

    workspace = Workspace.open(course, to_read=to_read)
    for notice in workspace.notices:
        typer.echo(notice, err=True)
    return workspace


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
    from studytui.cli import audit, care, lab, new_card, rehearse, study  # noqa: F401


register()
