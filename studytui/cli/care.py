"""Looking after the course and the database: check, doctor, backup, restore."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studytui.cli.console import print_json, progress, put_line
from studytui.cli.opening import opened
from studytui.cli.options import JSON, Options
from studytui.domain.plain_text import on_one_line
from studytui.services.workspace import own_folder

if TYPE_CHECKING:
    from studytui.library.lint import Report

LONG_LOG: Final = 50_000
"""A log with fewer rows is read before anybody wonders."""


def check(
    context: typer.Context,
    as_json: JSON = False,
    wanted: Annotated[
        bool, typer.Option("--wanted", help="List the objectives with a lab idea instead, and what serves them.")
    ] = False,
    labs: Annotated[
        bool, typer.Option(help="Compute the answers of cards that link a lab, where the labs are installed.")
    ] = True,
) -> None:
    """Lint a course: formats, ids, links, weak cards, contradictions. Exit code 1 if anything but a warning is found.

    Without --course, your own cards, notes and settings are looked at too.
    """
    from studytui.library import settings_file
    from studytui.library.errors import CourseError
    from studytui.library.lint import Report, finding_of
    from studytui.library.lint import check as lint
    from studytui.library.loader import load_course
    from studytui.library.locate import find_course
    from studytui.services.clock import SystemClock

    options: Options = context.obj
    root = find_course(options.course)
    if wanted:
        _print_wanted(root, as_json=as_json)
        return
    own = settings = None
    if options.course is None:
        settings = settings_file.location()
        with contextlib.suppress(CourseError):
            own = own_folder(load_course(root).id)
    try:
        report = lint(root, today=SystemClock().now().date(), own=own, settings=settings)
        if labs:
            report = _with_labs(report, root, own)
    except CourseError as error:
        report = Report(0, 0, 0, 0, (finding_of(error),))
    if as_json:
        print_json(report.to_json())
    else:
        for finding in report.findings:
            put_line(str(finding))
        typer.echo(
            f"{report.cards} cards ({report.machine_checked} checked by machine), "
            f"{report.objectives_covered} of {report.objectives} objectives covered, "
            f"{len(report.findings)} finding{'s' * (len(report.findings) != 1)}."
        )
    if report.errors:
        raise typer.Exit(1)


def _with_labs(report: Report, root: Path, own: Path | None) -> Report:
    """The report and what the labs contradict; progress, and that they are not there, goes to standard error."""
    from studytui.library.lint import readable_cards
    from studytui.library.lint.report import Places
    from studytui.services.linked_labs import contradicted, linked

    cards = linked(readable_cards(root, own))
    if not cards:
        return report

    def computed(done: int, of: int) -> None:
        progress(f"The labs compute: {done} of {of} answers" if done < of else "")

    found, trouble = contradicted(cards, progress=computed)
    if trouble:
        typer.echo(f"The answers of {len(cards)} card{'s' * (len(cards) != 1)} were not computed. {trouble}", err=True)
    return report.with_more(map(Places(root).placed, found))


def _print_wanted(root: Path, *, as_json: bool) -> None:
    from studytui.library.lint import wanted
    from studytui.library.loader import card_files, load_cards, load_course, load_syllabus

    cards = [card for path in card_files(load_course(root)) for card in load_cards(root, path)]
    found = wanted(load_syllabus(root), cards)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    for one in found:
        put_line(str(one))
    served = sum(one.is_served for one in found)
    typer.echo(
        f"{len(found)} objectives with a lab idea: {served} served by an exercise, {len(found) - served} wanted."
    )


def doctor(
    context: typer.Context,
    as_json: JSON = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Make anew what is only a copy: texts from the course's files, states from the log."
        ),
    ] = False,
) -> None:
    """Examine all that is stored: each row's digest, the log's replay, the course's files. Exit code 1 if anything is
    wrong. With --repair a backup is made first, and the log is never touched.
    """
    from studytui.services.health import Checkup

    options: Options = context.obj
    checkup = Checkup.of(options.course)
    told: dict[str, Any] = {}
    if repair:
        repaired = checkup.repair(progress=_show_progress)
        findings = repaired.findings
        told = {"backup": repaired.backup and str(repaired.backup), "done": repaired.done}
    else:
        findings = checkup.findings(progress=_show_progress)
    wrong = any(finding.level != "info" for finding in findings)
    if as_json:
        told["findings"] = [finding.to_json() for finding in findings]
        print_json(told)
    else:
        if told:
            put_line(f"As it was, it is kept in {told['backup']}." if told["backup"] else "Nothing is to be repaired.")
        for line in (*told.get("done", ()), *findings):
            put_line(str(line))
        if not wrong:
            typer.echo("The database is sound: every card's state follows from its log.")
    if wrong:
        raise typer.Exit(1)


def _show_progress(done: int, count: int) -> None:
    """On a terminal, while a long log is read."""
    if count > LONG_LOG:
        progress(f"{done:,} of {count:,} rows of the log" if done < count else "")


def backup(
    context: typer.Context,
    target: Annotated[Path | None, typer.Argument(help="File to write; default: the backups folder.")] = None,
) -> None:
    """Copy the database, with your own cards and notes, while it may be in use."""
    options: Options = context.obj
    with opened(options.course, to_read=True) as workspace:
        put_line(f"Saved to {workspace.backup(target)}.")


def restore(
    source: Annotated[Path, typer.Argument(help="A backup made by studytui.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database and your own files; what is there now is kept as a backup itself."""
    from studytui.services.workspace import require_restorable, restore_backup

    require_restorable(source)
    if not yes:
        typer.confirm(
            f"Replace the study database by {on_one_line(str(source))}? The present one is kept as a backup.",
            abort=True,
        )
    said: list[str] = []
    kept = restore_backup(source, say=said.append)
    put_line(f"Restored {source}." + (f" The database that was there is kept at {kept}." if kept else ""))
    for sentence in said:
        put_line(sentence)


def merge(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A backup, a conflicting copy, or another machine's database.")],
) -> None:
    """Add the answers that another copy of the database holds and this one lacks; cards are scheduled from both."""
    options: Options = context.obj
    with opened(options.course) as workspace:
        added = workspace.merge(source)
    put_line(f"{added} row{'s' * (added != 1)} of the log came from {source}.")
