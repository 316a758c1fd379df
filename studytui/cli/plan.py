"""The load of the coming days: a date to be ready by, a break to come back from, and this day alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from studytui.cli.console import print_json
from studytui.cli.options import JSON, Options, UsageError, opened, refuse_if_locked


def plan(  # noqa: PLR0917  typer reads options from the signature
    context: typer.Context,
    by: Annotated[str, typer.Option(help="The day to be ready by, YYYY-MM-DD.", show_default=False)] = "",
    part: Annotated[
        str,
        typer.Option("--for", help="Only chapter N, the gate or the interview.", show_default=False, metavar="PART"),
    ] = "",
    number: Annotated[str, typer.Argument(hidden=True)] = "",
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="The most minutes a day that you have.")] = 120,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the date, and set the new cards a day it takes.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Forget the date that was kept.")] = False,
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
    )

    options: Options = context.obj
    part = f"{part} {number}".strip()
    with opened(options.course, to_read=not (keep or forget)) as workspace:
        refuse_if_locked(workspace)
        if forget:
            keep_plan(workspace, None)
            typer.echo("No date is kept.")
            return
        wanted = KeptPlan(_day(by), part, minutes) if by else kept_plan(workspace)
        if wanted is None:
            if as_json or keep:
                raise UsageError("plan: say by when, as in `studytui plan --by 2027-02-15`.")
            learner = read_learner(workspace)
            for new_per_day in sorted({5, 10, 20, workspace.settings.new_per_day}):
                typer.echo(load_words(learner, new_per_day))
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
        new_per_day = workspace.settings.new_per_day
    if as_json:
        print_json(found.to_json())
        return
    for line in plan_lines(found, new_per_day):
        typer.echo(line)
    if keep:
        typer.echo(f"\nKept: {new_per_day} new cards a day. The home screen says how the plan stands.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"plan: --by {text}: write the day as YYYY-MM-DD, for example 2027-02-15.") from None
