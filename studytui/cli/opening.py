"""Opening the workspace for a command, which has no home screen to say what could not be read."""

from __future__ import annotations

from pathlib import Path

import typer

from studytui.domain.plain_text import safe
from studytui.services.workspace import Workspace


def opened(course: Path | None) -> Workspace:
    """The workspace of a course; each file that cannot be read is told on standard error, and the command goes on.

    Raises:
        CourseError, SettingsError, StoreError: with a sentence that says what to do.
    """
    workspace = Workspace.open(course)
    for problem in workspace.problems:
        warn(problem.message)
    return workspace


def warn(message: str) -> None:
    """A warning on standard error."""
    typer.echo(f"studytui: warning: {' '.join(safe(message).split())}", err=True)
