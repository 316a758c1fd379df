"""The load of the coming days: a date to be ready by, a break to come back from, this day alone, and a reminder."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from studytui.cli.console import print_json
from studytui.cli.options import JSON, Options, UsageError, opened, refuse_if_locked
from studytui.domain.plain_text import counted, safe


def plan(  # noqa: PLR0917  typer reads options from the signature
    context: typer.Context,
    by: Annotated[str, typer.Option(help="The day to be ready by, YYYY-MM-DD.", show_default=False)] = "",
    part: Annotated[
        str,
        typer.Option(
            "--for", help="Only chapter N, `gate` (the gap audit) or the interview.", show_default=False, metavar="PART"
        ),
    ] = "",
    number: Annotated[str, typer.Argument(hidden=True)] = "",
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="The most minutes a day that you have.")] = 120,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the date, and set the new cards a day it takes.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Forget the saved date.")] = False,
    as_json: JSON = False,
) -> None:
    """What it takes to be ready by a day: new cards a day, what each day costs, what will be known."""
    from studytui.study.plan import (
        KeptPlan,
        PlanError,
        date_plan,
        keep_plan,
        kept_plan,
        load_words,
        plan_lines,
        read_goal,
        read_learner,
        unread_words,
    )

    options: Options = context.obj
    part = f"{part} {number}".strip()
    with opened(options.course, to_read=not (keep or forget)) as workspace:
        refuse_if_locked(workspace)
        if forget:
            keep_plan(workspace, None)
            typer.echo("No date is saved.")
            return
        wanted = KeptPlan(_day(by), part, minutes) if by else kept_plan(workspace)
        if wanted is None:
            if as_json or keep:
                raise UsageError("plan: say by when, as in `studytui plan --by 2027-02-15`.")
            learner = read_learner(workspace)
            for new_per_day in sorted({5, 10, 20, workspace.settings.new_per_day}):
                typer.echo(load_words(learner, new_per_day))
                if unread := unread_words(workspace):
                    typer.echo(unread)
            typer.echo("`studytui plan --by YYYY-MM-DD` says what it takes to be ready by a day.")
            return
        try:
            found = date_plan(workspace, wanted.by, read_goal(workspace, wanted.goal), most_minutes=wanted.most_minutes)
        except PlanError as error:
            raise UsageError(f"plan: {error}") from error
        if keep:
            keep_plan(workspace, wanted)
            if found.new_per_day:
                workspace.save_settings(new_per_day=found.new_per_day)
        new_per_day, unread = workspace.settings.new_per_day, unread_words(workspace)
    if as_json:
        print_json(found.to_json())
        return
    for line in plan_lines(found, new_per_day):
        typer.echo(line)
    if unread:
        typer.echo(f"\n{unread}")
    if keep:
        typer.echo(f"\nSaved: {new_per_day} new cards a day. The home screen shows how the plan is going.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"plan: --by {text}: write the day as YYYY-MM-DD, for example 2027-02-15.") from None


def spread(
    context: typer.Context,
    days: Annotated[int, typer.Argument(min=0, max=60, help="Over how many days.", show_default=False)] = 0,
    undo: Annotated[bool, typer.Option("--undo", help="Put the cards back on their days.")] = False,
) -> None:
    """After a break: spread what is due over some days, most likely forgotten first. New cards wait meanwhile."""
    from studytui.study.backlog import read_backlog, spread_backlog, undo_spread

    options: Options = context.obj
    with opened(options.course) as workspace:
        refuse_if_locked(workspace)
        if undo:
            count = undo_spread(workspace)
            if count is None:
                raise UsageError("spread --undo: nothing was spread that could be undone.")
            typer.echo(
                f"Undone: {count} card{'s have' if count != 1 else ' has'} the old day back. New cards come again."
            )
            return
        if not days:
            found = read_backlog(workspace)
            typer.echo(found.words)
            if found.cards:
                typer.echo(
                    "; ".join(f"over {each} days: about {found.a_day(each)} a day" for each in (3, 5, 7, 14)) + "."
                )
                typer.echo("`studytui spread 7` spreads them over seven days; `studytui spread --undo` undoes it.")
            return
        try:
            done = spread_backlog(workspace, days)
        except ValueError as error:
            raise UsageError(f"spread: {error}.") from error
        typer.echo("Nothing is due; nothing was moved." if done is None else done.words)


def today(
    context: typer.Context,
    new: Annotated[int | None, typer.Option(min=0, max=9999, help="New cards today.", show_default=False)] = None,
    due: Annotated[int | None, typer.Option(min=0, max=9999, help="Due cards today.", show_default=False)] = None,
    usual: Annotated[bool, typer.Option("--as-usual", help="As the settings say.")] = False,
) -> None:
    """Fewer or more cards today only; without options, what today brings."""
    from studytui.study.progress import today_overview, waiting_words
    from studytui.study.today import choose_today

    options: Options = context.obj
    with opened(options.course) as workspace:
        refuse_if_locked(workspace)
        if usual or new is not None or due is not None:
            choose_today(workspace, new=new, due=due)
        typer.echo(waiting_words(today_overview(workspace)))


def known(
    context: typer.Context,
    sections: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SECTION]...", help="Sections (2.4), chapters (2), or all.", show_default=False),
    ] = None,
    not_known: Annotated[
        bool, typer.Option("--not", help="Mark them unread again: their new cards wait until you read them.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Declare sections known, so that their new cards come without reading; without SECTION, list unread ones."""
    from studytui.study.reading import mark, named_sections, reading_minutes, unmark, unread_sections

    options: Options = context.obj
    with opened(options.course, to_read=not sections) as workspace:
        course = workspace.course
        try:
            chosen = named_sections(course, sections or ())
        except LookupError as error:
            raise UsageError(f"known {error.args[0]}") from error
        if not_known:
            unmark(workspace, chosen)
        else:
            mark(workspace, chosen, "known")
        unread, minutes = unread_sections(workspace), reading_minutes(workspace)
        rule_holds = workspace.settings.read_first
    if chosen and not as_json:
        what = "unread again" if not_known else "known"
        still = (
            f"; {len(unread)} of the course {'are' if len(unread) > 1 else 'is'} still unread"
            if unread and not not_known
            else ""
        )
        typer.echo(f"{counted(len(chosen), 'section')} {'are' if len(chosen) > 1 else 'is'} {what}{still}.")
        return
    rows = [
        {"id": one.id, "title": one.title, "unread": one.id in unread, "minutes": minutes.get(one.id, 0)}
        for chapter in course.chapters
        for one in chapter.sections
    ]
    if as_json:
        print_json(rows)
        return
    if not unread:
        off = "" if rule_holds else " (the setting read_first is off)"
        typer.echo(f"New cards come from every section{off}.")
        return
    left = sum(minutes[section] for section in unread)
    typer.echo(f"{len(unread)} of {len(rows)} sections are unread, {left} minutes; their new cards wait.")
    for row in rows:
        if row["unread"]:
            typer.echo(f"  {row['id']:<5} {row['minutes']:>2} min  {safe(str(row['title']))}")


def remind(
    text: Annotated[bool, typer.Option("--print", help="Print how; nothing is set up.")] = True,  # noqa: ARG001
    at: Annotated[str, typer.Option(help="The time of day, HH:MM.")] = "18:00",
) -> None:
    """How to be reminded once a day when cards are due: systemd, launchd, cron and a shell prompt."""
    from studytui.study.today import reminder_text

    hour, _, minute = at.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise UsageError(f"remind: --at {at}: write the time as HH:MM, for example 18:00.")
    typer.echo(reminder_text(int(hour), int(minute)))
