"""Opening the workspace for a command, which has no home screen to say what could not be read."""

from __future__ import annotations

from pathlib import Path

import typer

from studytui.domain.plain_text import safe
from studytui.services.workspace import Workspace


def opened(course: Path | None, *, to_read: bool = False) -> Workspace:
    """The workspace of a course; what opening it met is told on standard error, and the command goes on.

    With `to_read` a database that cannot be written is read from a copy.

    Raises:
        CourseError, SettingsError, StoreError: with a sentence that says what to do.
    """
    workspace = Workspace.open(course, to_read=to_read)
    for problem in workspace.problems:
        warn(problem.message)
    for notice in workspace.notices:
        warn(notice)
    return workspace


def warn(message: str) -> None:
    """A warning on standard error."""
    typer.echo(f"studytui: warning: {' '.join(safe(message).split())}", err=True)
