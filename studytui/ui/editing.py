"""Leaving the screen to the learner's editor and taking it back."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, SuspendNotSupported

from studytui.services.editor import command

if TYPE_CHECKING:
    from studytui.services.workspace import Workspace


def open_editor(app: App[Any], path: Path, line: int) -> str:
    """Open `path` at `line` in the learner's editor and wait for it; returns '' or what went wrong, as a sentence."""
    words = command(path, line, os.environ)
    try:
        with app.suspend():
            code = subprocess.run(words, check=False).returncode
    except SuspendNotSupported:
        return f"An editor cannot be opened from here; the card stands in {path}:{line}."
    except OSError:
        return f"The editor “{words[0]}” cannot be started. Set $VISUAL or $EDITOR to one that is installed."
    app.refresh(layout=True)
    return "" if code == 0 else f"The editor “{words[0]}” ended with code {code}."


def edit_source(app: App[Any], workspace: Workspace, path: str, line: int) -> str:
    """Edit the course file `path` (relative to the course's root) and read the course again.

    Returns '' or what went wrong, as a sentence; a file that cannot be read leaves the cards as they were.
    """
    return edit_file(app, workspace, workspace.source_file(path), line)


def edit_file(app: App[Any], workspace: Workspace, file: Path, line: int) -> str:
    """Edit a file of the course or of the learner and read all that changed; returns as `edit_source` does."""
    from studytui.library.errors import CourseError
    from studytui.store.errors import StoreError

    if problem := open_editor(app, file, line):
        return problem
    try:
        workspace.reload()
    except (CourseError, StoreError) as error:
        return str(error)
    return next((problem.message for problem in workspace.problems if problem.file == file), "")
