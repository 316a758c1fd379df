"""Studying and asking about it: review, due, stats, cards, schedule."""

from __future__ import annotations

from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from studytui import __version__
from studytui.cli import gate, lab, maintenance, plan, rehearse
from studytui.cli.console import print_json
from studytui.cli.options import JSON, Options, UsageError, open_app, opened, refuse_if_locked, scope_of, warn


class ForgottenIn(Enum):
    """How far back a failure may lie."""

    TODAY = "today"
    WEEK = "week"


def review(
    context: typer.Context,
    section: Annotated[str, typer.Option(help="Only this chapter (2) or section (2.4).", show_default=False)] = "",
    plain: Annotated[
        bool, typer.Option("--plain", help="Line by line, for screen readers, pipes and scripts.")
    ] = False,
    minutes: Annotated[int, typer.Option(min=0, max=1440, help="Stop after so many minutes.", show_default=False)] = 0,
    most: Annotated[
        int, typer.Option("--cards", min=0, max=9999, help="Stop after so many cards.", show_default=False)
    ] = 0,
) -> None:
    """Review what is due, then meet new cards."""
    from studytui.study.review import Sitting

    options: Options = context.obj
    sitting = Sitting(minutes, most)
    if plain:
        from studytui.cli.plain import run

        with opened(options.course) as workspace:
            refuse_if_locked(workspace)
            run(workspace, scope_of(workspace, section), sitting)
        return
    open_app(options.course, start_with="review", section=section, sitting=sitting)


def cram(  # noqa: PLR0917  typer reads options from the signature
    context: typer.Context,
    filter_text: Annotated[
        str, typer.Argument(metavar="FILTER", help="Words and filters as `studytui cards` takes them.")
    ] = "",
    section: Annotated[str, typer.Option(help="Only this chapter (2) or section (2.4).", show_default=False)] = "",
    tag: Annotated[str, typer.Option(help="Only cards with this tag.", show_default=False)] = "",
    helper: Annotated[str, typer.Option(help="Only cards of this helper.", show_default=False)] = "",
    lens: Annotated[str, typer.Option(help="Only cards of this lens.", show_default=False)] = "",
    forgotten: Annotated[
        ForgottenIn | None, typer.Option(help="Only cards you missed today, or within a week.", show_default=False)
    ] = None,
    hardest: Annotated[
        int | None, typer.Option(min=1, help="Only so many: most missed first, then lowest ease.", show_default=False)
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="Let the grades count as reviews.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Line by line, for screen readers, pipes and scripts.")
    ] = False,
) -> None:
    """Practise any cards, due or not. Schedules stay unchanged and no daily limit holds, unless --count is given."""
    from studytui.study.cram import CramChoice

    choice = CramChoice(
        section=section,
        tag=tag,
        helper=helper,
        lens=lens,
        forgotten=forgotten.value if forgotten else "",
        hardest=hardest or 0,
        filter_text=filter_text,
        counts=count,
    )
    options: Options = context.obj
    if plain:
        from studytui.cli.plain import run_cram

        with opened(options.course) as workspace:
            refuse_if_locked(workspace)
            run_cram(workspace, choice)
        return
    open_app(options.course, start_with="review", extra=choice)


def due(
    context: typer.Context,
    as_json: JSON = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 0 if something is due or to repeat, with 1 if nothing is.")
    ] = False,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="A few letters for a shell prompt; nothing when nothing waits.")
    ] = False,
) -> None:
    """How many cards wait today."""
    from studytui.study.plan import forecast
    from studytui.study.progress import prompt_words, today_overview, waiting_words

    options: Options = context.obj
    with opened(options.course, to_read=True) as workspace:
        state = today_overview(workspace)
        counts = state.counts
        ahead = () if prompt else forecast(workspace, counts).total
    if as_json:
        print_json(
            {
                "day": state.day,
                "due": counts.due,
                "due_today": counts.due,
                "overdue": state.overdue,
                "new": counts.new,
                "reasks": counts.reask,
                "to_repeat": counts.reask,
                "minutes": state.minutes,
                "reviews_done": state.reviews_done,
                "new_done": state.new_done,
                "questions_due": state.questions_due,
                "forecast": list(ahead),
                "lock": state.lock,
            }
        )
    elif prompt:
        if words := prompt_words(state):
            typer.echo(words)
    else:
        typer.echo(waiting_words(state))
        if state.lock:
            typer.echo(state.lock)
        elif any(ahead):
            typer.echo(f"Tomorrow: {ahead[1]} due, if today is done.")
    if exit_code and not counts.due + counts.reask:
        raise typer.Exit(1)


def stats(
    context: typer.Context,
    as_json: JSON = False,
    brief: Annotated[bool, typer.Option("--brief", help="Without a line for each objective.")] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write one page with pictures of it all.", show_default=False),
    ] = None,
) -> None:
    """What was learned: totals, streak, forecast, calibration; chapters, sections and objectives by stage."""
    from studytui.study.progress import statistics

    options: Options = context.obj
    with opened(options.course, to_read=True) as workspace:
        numbers = statistics(workspace)
        title = workspace.course.title
    if numbers.problem:
        warn(numbers.problem)
    if html is not None:
        from studytui.files import write_atomically
        from studytui.study.statistics_page import statistics_page

        try:
            write_atomically(html, statistics_page(numbers, title).encode(errors="replace"))
        except OSError as error:
            raise UsageError(f"{html} cannot be written ({error.strerror or error}).") from error
        if not as_json:
            typer.echo(f"Statistics written: {html}")
            return
    if as_json:
        print_json(numbers.to_json())
        return
    for line in (*numbers.lines(objectives=not brief), "", *numbers.calibration.lines()):
        typer.echo(line)


def cards(
    context: typer.Context,
    as_json: JSON = False,
    filter_text: Annotated[
        str,
        typer.Argument(
            metavar="FILTER",
            help="Words, kind: state: section: rated:7 saved:NAME, and lapses>3 ease<2 interval>30 due<7.",
        ),
    ] = "",
) -> None:
    """List cards with their schedule."""
    from studytui.study.cards import listing

    options: Options = context.obj
    with opened(options.course, to_read=True) as workspace:
        rows = listing(workspace, filter_text)
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo("No card matches. Without a filter, all cards of the course are listed.")
    for row in rows:
        due_on = row["due_on"] or "new"
        typer.echo(f"{row['id']:<34} {row['section']:<5} {row['kind']:<9} {row['state']:<10} {due_on}")


def schedule(
    grades: Annotated[list[int], typer.Argument(metavar="GRADE...", help="Grades 0 to 5 in the order given.")],
    start: Annotated[str, typer.Option(help="Day of the first review, YYYY-MM-DD.", show_default="today")] = "",
    as_json: JSON = False,
) -> None:
    """Show step by step what SM-2 does with a row of grades, each given on the day the card is due."""
    from studytui.domain.sm2 import check_grade, derive
    from studytui.study.workspace import SystemClock

    try:
        for grade in grades:
            check_grade(grade)
        start_on = date.fromisoformat(start) if start else SystemClock().now().date()
    except ValueError as error:
        raise UsageError(f"schedule: {error}") from error
    steps = [
        {
            "grade": step.grade,
            "ease_factor_before": step.before.ease_factor / 100,
            "ease_factor_after": step.after.ease_factor / 100,
            "interval_days": step.after.interval_days,
            "due_on": step.after.due_on,
        }
        for step in derive(grades, start_on=start_on)
    ]
    if as_json:
        print_json({"steps": steps})
        return
    typer.echo("grade   EF before   EF after   interval   due on")
    for row in steps:
        days = f"{row['interval_days']} d"
        typer.echo(
            f"{row['grade']:>5}   {row['ease_factor_before']:>9.2f}   {row['ease_factor_after']:>8.2f}"
            f"   {days:>8}   {row['due_on']}"
        )


# The typer application: global options, and the commands of the modules beside this one


app = typer.Typer(
    name="studytui",
    help="Spaced repetition in the terminal for image and video models; answers are checked by running a model.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"studytui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def studytui(
    context: typer.Context,
    course: Annotated[
        Path | None, typer.Option(help="Folder with content/ and quizzes/ of another course.", show_default=False)
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Open the app; or run one of the commands below."""
    context.obj = Options(course=course)
    if context.invoked_subcommand is None:
        open_app(course, start_with="home")


for command in (
    review, cram, rehearse.rehearse, gate.audit, gate.module, due, plan.plan, plan.spread, plan.today, plan.known,
    plan.remind, stats, cards, schedule, maintenance.check, maintenance.doctor, maintenance.backup, maintenance.restore,
    maintenance.merge,
):  # fmt: skip
    app.command()(command)
app.command("new-card")(maintenance.new_card)
app.command("new-course")(maintenance.new_course)
app.command("try")(lab.try_answer)
labs = typer.Typer(help="Small real models that decide whether an answer is right.", no_args_is_help=True)
labs.command("list")(lab.list_labs)
labs.command("run")(lab.run_lab)
labs.command("diagnose")(lab.diagnose)
app.add_typer(labs, name="lab")
