"""Looking after the course and the database: check, doctor, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from studytui.cli.app import Options, app
from studytui.cli.console import print_json, put_line
from studytui.cli.study import JSON
from studytui.domain.plain_text import on_one_line
from studytui.services.workspace import Workspace, own_folder


@app.command()
def check(
    context: typer.Context,
    as_json: JSON = False,
    wanted: Annotated[
        bool, typer.Option("--wanted", help="List the objectives with a lab idea instead, and what serves them.")
    ] = False,
) -> None:
    """Lint a course: formats, ids, links, weak cards, old dates. Exit code 1 if anything but a warning is found.

    Without --course, your own cards are looked at too.
    """
    from studytui.library.lint import check as lint
    from studytui.library.loader import load_course
    from studytui.library.locate import find_course
    from studytui.services.clock import SystemClock

    options: Options = context.obj
    root = find_course(options.course)
    if wanted:
        _print_wanted(root, as_json=as_json)
        return
    own = own_folder(load_course(root).id) if options.course is None else None
    report = lint(root, today=SystemClock().now().date(), own=own)
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


@app.command()
def doctor(context: typer.Context, as_json: JSON = False) -> None:
    """Examine the database: integrity, replay of the log, orphans, checksums. Exit code 1 if anything is wrong."""
    from studytui.services.health import examine

    options: Options = context.obj
    with Workspace.open(options.course) as workspace:
        findings = examine(workspace)
    if as_json:
        print_json({"findings": [f.to_json() for f in findings]})
    else:
        for finding in findings:
            put_line(str(finding))
    wrong = [finding for finding in findings if finding.level != "info"]
    if not wrong and not as_json:
        typer.echo("The database is sound: every card's state follows from its log.")
    if wrong:
        raise typer.Exit(1)


@app.command()
def backup(
    context: typer.Context,
    target: Annotated[Path | None, typer.Argument(help="File to write; default: the backups folder.")] = None,
) -> None:
    """Copy the database while it may be in use."""
    options: Options = context.obj
    with Workspace.open(options.course) as workspace:
        put_line(f"Saved to {workspace.backup(target)}.")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A backup made by studytui.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database; what is there now is kept as a backup itself."""
    from studytui.services.workspace import restore_backup

    shown = on_one_line(str(source))
    if not yes:
        typer.confirm(f"Replace the study database by {shown}? The present one is kept as a backup.", abort=True)
    kept = restore_backup(source)
    put_line(f"Restored {shown}." + (f" The database that was there is kept at {kept}." if kept else ""))
