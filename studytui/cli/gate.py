"""Gates on the command line: where the learner stands, a report, and what a gate unlocks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studytui.cli.console import print_json, progress, put_line
from studytui.cli.options import JSON, Options, UsageError, open_app, opened
from studytui.domain.plain_text import storable
from studytui.study.workspace import Workspace

if TYPE_CHECKING:
    from studytui.domain.cards import Course, GateHead
    from studytui.study.gate import GateStatus


def audit(
    context: typer.Context,
    gate: Annotated[
        str, typer.Argument(metavar="GATE", help="A gap audit's id or the module it unlocks; default: the first.")
    ] = "",
    status: Annotated[
        bool, typer.Option("--status", help="Print where you stand; exit code 0 if ready, else 1.")
    ] = False,
    as_json: JSON = False,
    report: Annotated[
        Path | None, typer.Option(help="Write a report as Markdown and HTML into this folder.", show_default=False)
    ] = None,
) -> None:
    """Open the gap audit: four foundations to explain, compute and reason about before the next module."""
    from studytui.study.gate import gate_head

    options: Options = context.obj
    if not (status or as_json or report):
        with Workspace.open(options.course) as workspace:
            gate = gate_head(workspace.course, gate).id
        open_app(options.course, start_with="audit", gate=gate)
        return
    with opened(options.course) as workspace:
        head = gate_head(workspace.course, gate)
        standing = _standing(workspace, head)
        if report is not None:
            _report(workspace, standing, report, quiet=as_json)
        if as_json:
            _print_json(standing)
        elif status:
            _print_status(workspace, standing)
    if (status or as_json) and not standing.verdict.is_ready:
        raise typer.Exit(1)


def module(  # noqa: PLR0917  typer reads options from the signature
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="MODULE", help="The module a gap audit unlocks, as the course names it; or the gap audit's id."
        ),
    ],
    next_folder: Annotated[
        Path | None,
        typer.Option(
            "--next", help="The module's folder, with content/ and quizzes/; it is remembered.", show_default=False
        ),
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Open it without passing; the reason is logged.", show_default=False),
    ] = None,
    lock: Annotated[bool, typer.Option("--lock", help="Undo an override.")] = False,
    as_json: JSON = False,
) -> None:
    """Open the outline of the next module if its gap audit is passed; else say what is missing, with exit code 1."""
    from studytui.study.gate import GateRecorder, gate_head, gate_line, gate_of, missing_lines

    options: Options = context.obj
    if override is not None and (lock or not override.strip()):
        raise UsageError("--override needs a reason, and does not go with --lock.")
    with opened(options.course) as workspace:
        head = gate_head(workspace.course, name)
        found = _next_course(workspace, head, next_folder, remember_root=options.course is not None)
        standing = _standing(workspace, head)
        if override is not None and not standing.is_open:
            GateRecorder(workspace, gate_of(workspace.root, head)).override(
                storable(override), missing_lines(standing.verdict)
            )
            standing = _standing(workspace, head)
        elif lock and standing.log.override is not None:
            GateRecorder(workspace, gate_of(workspace.root, head)).lock()
            standing = _standing(workspace, head)
        if as_json:
            print_json(_module_json(standing, found))
        else:
            put_line(gate_line(standing))
            for line in _outline(head, found) if standing.is_open else _missing(workspace, standing):
                put_line(line)
    if not standing.is_open:
        raise typer.Exit(1)


def _standing(workspace: Workspace, head: GateHead) -> GateStatus:
    from studytui.study.gate import gate_status

    return gate_status(workspace, head)


def _next_course(
    workspace: Workspace, head: GateHead, folder: Path | None, *, remember_root: bool
) -> tuple[Path, Course] | None:
    """The module's folder and course: the one named now, which is noted, or the one noted before.

    Raises:
        CourseError: the folder holds no course that can be read.
        UsageError: the module is the course that has the gate.
    """
    from studytui.course.loader import find_course, load_course
    from studytui.errors import CourseError
    from studytui.study import modules

    store, course = workspace.store, workspace.course
    if folder is None:
        noted = modules.registered_module(store, course.id, head.id)
        if noted is None:
            return None
        folder = Path(noted.folder)
    try:
        root = find_course(folder)
        following = load_course(root)
    except CourseError as error:
        raise CourseError(str(error).replace("--course", "--next")) from None
    if following.id == course.id:
        raise UsageError(
            f"--next {folder}: that is the course that has the gap audit, “{course.id}”; name the next one."
        )
    entry = modules.RegisteredModule(
        course=following.id,
        folder=str(root),
        gate=head.id,
        gate_course=course.id,
        root=str(workspace.root) if remember_root else "",
    )
    if modules.registered_module(store, course.id, head.id) != entry:
        modules.register_module(store, entry, at=workspace.clock.now())
    return root, following


def _outline(head: GateHead, found: tuple[Path, Course] | None) -> list[str]:
    if found is None:
        return [f"Name its folder to see it: studytui module {head.module} --next FOLDER"]
    root, course = found
    lines = [f"{course.title} ({course.version})"]
    for chapter in course.chapters:
        lines.append(f"  {chapter.number}  {chapter.title}")
        lines += [f"       {section.id}  {section.title}" for section in chapter.sections]
    return [*lines, f"Study it with: studytui --course {root}"]


def _missing(workspace: Workspace, standing: GateStatus) -> list[str]:
    from studytui.study.gate import missing_lines, path_lines

    return [
        *missing_lines(standing.verdict),
        "Fastest route:",
        *(f"  {line}" for line in path_lines(standing, workspace.course)),
    ]


def _print_status(workspace: Workspace, standing: GateStatus) -> None:
    from studytui.domain.gate import VERDICT_WORDS
    from studytui.study.gate import STATUS_SIGNS, gate_line

    put_line(gate_line(standing))
    for item in standing.verdict.items:
        if item.state == "ready":
            put_line(f"{STATUS_SIGNS[item.state]} {item.item.title}: {VERDICT_WORDS[item.state]}.")
    if not standing.verdict.is_ready:
        for line in _missing(workspace, standing):
            put_line(line)


def _print_json(standing: GateStatus) -> None:
    from studytui.study.gate import gate_to_dict

    print_json(gate_to_dict(standing))


def _module_json(standing: GateStatus, found: tuple[Path, Course] | None) -> dict[str, Any]:
    """Keys: open, ready, override, state, and with a known folder folder, title, version and chapters."""
    override = standing.log.override
    from studytui.study.gate import gate_line

    data: dict[str, Any] = {
        "open": standing.is_open,
        "ready": standing.verdict.is_ready,
        "override": override and {"reason": override.reason, "day": override.day.isoformat()},
        "state": gate_line(standing),
    }
    if found is not None and standing.is_open:
        root, course = found
        data |= {
            "folder": str(root),
            "title": course.title,
            "version": course.version,
            "chapters": [
                {
                    "number": chapter.number,
                    "title": chapter.title,
                    "sections": [{"id": section.id, "title": section.title} for section in chapter.sections],
                }
                for chapter in course.chapters
            ],
        }
    return data


def _report(workspace: Workspace, standing: GateStatus, folder: Path, *, quiet: bool) -> None:
    from studytui.study.gate import measured_again
    from studytui.study.reports import save_gate

    def tell(done: int, of: int) -> None:
        if not quiet:
            progress(f"Running the labs again: {done} of {of}" if done < of else "")

    figures = asyncio.run(measured_again(standing, tell))
    for path in save_gate(workspace, standing, figures, folder):
        if not quiet:
            put_line(f"Saved {path}.")
