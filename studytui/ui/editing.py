"""Leaving the screen to the learner's editor and taking it back."""

from __future__ import annotations

import os
import signal
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
            # Nothing may leave this block but its end: Textual takes the terminal back only there.
            problem = _run(words)
    except SuspendNotSupported:
        return f"An editor cannot be opened from here; the card stands in {path}:{line}."
    app.refresh(layout=True)
    return problem


def _run(words: list[str]) -> str:
    """Run the editor to its end; '' or what went wrong. ctrl+c on the terminal is the editor's alone meanwhile."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a handler: what is ignored here, the editor would ignore
    try:
        code = subprocess.run(words, check=False).returncode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return f"The editor “{words[0]}” cannot be started ({why}). Set $VISUAL or $EDITOR to one that is installed."
    finally:
        signal.signal(signal.SIGINT, before)
    if code < 0:
        return f"The editor “{words[0]}” was ended by signal {-code}."
    return f"The editor “{words[0]}” ended with code {code}." if code else ""


def edit_source(app: App[Any], workspace: Workspace, path: str, line: int) -> str:
    """Edit the course file `path` (relative to the course's root) and read the course again.

    Returns '' or what went wrong, as a sentence; a file that cannot be read leaves the cards as they were. It is read
    again however the editor ended: it may have written before.
    """
    return edit_file(app, workspace, workspace.source_file(path), line)


def edit_file(app: App[Any], workspace: Workspace, file: Path, line: int) -> str:
    """Edit a file of the course or of the learner and read all that changed; returns as `edit_source` does."""
    from studytui.library.errors import CourseError
    from studytui.store.errors import StoreError

    problem = open_editor(app, file, line)
    try:
        workspace.reload()
    except (CourseError, StoreError) as error:
        return f"{problem} {error}".strip()
    unread = next((each.message for each in workspace.problems if each.file == file), "")
    return f"{problem} {unread}".strip()
