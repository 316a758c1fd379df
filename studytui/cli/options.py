"""What several commands take."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from studytui.domain.plain_text import safe
from studytui.domain.queue import Scope
from studytui.study.course_lock import lock_of
from studytui.study.workspace import Workspace, leave_by

if TYPE_CHECKING:
    from studytui.study.cram import CramChoice
    from studytui.study.rehearsal import QuestionChoice
    from studytui.study.review import Sitting


JSON = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys.")]


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    course: Path | None = None


# Errors a user can do something about, as one sentence; anything else is a bug and keeps its traceback


class UsageError(Exception):
    """The command's words cannot be carried out; the text names the option."""


def error_sentence(error: Exception) -> str | None:
    """The sentence to print, or None for an error nobody foresaw."""
    # Imported here: a command that goes well needs none of these.
    from labs.catalog import UnknownExercise
    from labs.protocol import ParamError, PluginError
    from studytui.cli.console import NoInput
    from studytui.course.settings import SettingsError
    from studytui.errors import CourseError, ReportError, StoreError
    from studytui.study.cards import FilterError
    from studytui.study.gate import NoGate

    match error:
        case StoreError():
            return f"{error} {error.hint}".strip()
        case CourseError() | SettingsError() | UsageError() | UnknownExercise() | FilterError() | ReportError():
            return str(error)
        case NoInput() | NoGate():
            return str(error)
        case PluginError():
            return str(error)
        case ParamError():
            return f"--set {error}"
    return None


# Opening the workspace for a command, which has no home screen to say what could not be read


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


def open_app(
    course: Path | None,
    *,
    start_with: Literal["home", "review", "rehearsal", "audit", "diagnosis"],
    section: str = "",
    sitting: Sitting | None = None,
    extra: CramChoice | None = None,
    rehearse: QuestionChoice | None = None,
    gate: str = "",
    seed: int | None = None,
) -> None:
    """Open the app on its home screen, in a review of a chapter or section, extra study, a rehearsal, an audit or a
    round of the diagnosis.

    Raises:
        FilterError: `extra` names what the course does not have.
        UsageError: standard output is no terminal, or the course has no such section.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        command = "rehearse" if start_with == "rehearsal" else "review" if extra is None else "cram"
        others = {"audit": "audit --status", "diagnosis": "lab diagnose --plain"}
        instead = others.get(start_with, f"{command} --plain")
        raise UsageError(f"the app needs a terminal; use `studytui {instead}` in pipes and scripts.")
    with _open_or_begin(course) as workspace:
        scope = scope_of(workspace, section)
        if extra is not None:
            from studytui.study.cram import read_pool, select_cards

            select_cards(read_pool(workspace), extra)
        # An exit in the middle of an import, or of setting the terminal up, leaves it half done: a signal waits until
        # the app stands.
        signals: list[int] = []
        leave_by(signals.append)
        from studytui.study.reading import begin_unread
        from studytui.ui.app import StudyApp

        begin_unread(workspace)
        code = StudyApp(
            workspace, start_with=start_with, scope=scope, sitting=sitting, extra=extra, rehearse=rehearse, gate=gate,
            seed=seed, signals=signals,
        ).run()  # fmt: skip
    if code:
        raise typer.Exit(code)


def _open_or_begin(course: Path | None) -> Workspace:
    """The learner's desk; where the database is missing beside backups, the learner is asked what it is to be first."""
    from studytui.errors import NoDatabase

    try:
        return Workspace.open(course)
    except NoDatabase as problem:
        from studytui.study.workspace import restore_backup, start_afresh
        from studytui.ui.screens.dialogs import StartApp

        match StartApp(problem).run():
            case "restore":
                restore_backup(problem.newest)
            case "afresh":
                start_afresh()
            case _:
                raise
        return Workspace.open(course)


def scope_of(workspace: Workspace, section: str) -> Scope:
    """A scope from what was typed: "2" is a chapter, "2.4" a section, "" all.

    Raises:
        UsageError: the course has no such chapter or section.
    """
    if not section:
        return Scope()
    if "." in section and workspace.course.section(section):
        return Scope(section=section)
    if any(str(chapter.number) == section for chapter in workspace.course.chapters):
        return Scope(chapter=section)
    known = ", ".join(str(chapter.number) for chapter in workspace.course.chapters)
    raise UsageError(f"--section {section}: the course has no such chapter or section; its chapters are {known}.")


def refuse_if_locked(workspace: Workspace) -> None:
    """Say why the course is locked and end with code 1, if it is."""
    if (lock := lock_of(workspace)) is not None:
        typer.echo(str(lock))
        raise typer.Exit(1)
