"""The interview rehearsal on the command line: in the app, or line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studytui.cli.failure import UsageError
from studytui.cli.opening import open_app, opened, refuse_if_locked
from studytui.cli.options import JSON, Options
from studytui.domain.rehearsal import MOST_MINUTES, MOST_QUESTIONS

if TYPE_CHECKING:
    from studytui.services.rehearsal.choice import Choice


def rehearse(  # noqa: PLR0917  typer reads options from the signature
    context: typer.Context,
    question: Annotated[str, typer.Option(help="Only the question of this id.", show_default=False)] = "",
    chapter: Annotated[str, typer.Option(help="Questions of a chapter (2).", show_default=False)] = "",
    level: Annotated[str, typer.Option(help="Questions of a level: engineer, senior, lead.", show_default=False)] = "",
    seven: Annotated[bool, typer.Option("--seven", help="The seven questions.")] = False,
    weakest: Annotated[bool, typer.Option("--weakest", help="What the last answers left open, worst first.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Questions never asked before.")] = False,
    count: Annotated[
        int | None, typer.Option(min=1, max=MOST_QUESTIONS, help="At most this many questions.", show_default=False)
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_MINUTES, help="A mock interview of this length; nothing is shown before the end.",
            show_default=False,
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Line by line, for screen readers, pipes and scripts.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(help="With --plain: write the rehearsal as Markdown and HTML into this folder.")
    ] = None,
    grade: Annotated[
        str, typer.Option(metavar="QUESTION", help="Grade one answer without a session.", show_default=False)
    ] = "",
    answer_file: Annotated[
        Path | None, typer.Option(help="With --grade: the file with the answer; - reads standard input.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    as_json: JSON = False,
) -> None:  # fmt: skip
    """Rehearse interview questions under time and see which words earned which point. Without a set: what is due."""
    options: Options = context.obj
    if answer_file is not None and not grade:
        raise UsageError("--answer-file goes with --grade QUESTION.")
    choice = choice_of(
        question=question, chapter=chapter, level=level, seven=seven, weakest=weakest, new=new, count=count,
        minutes=minutes,
    )  # fmt: skip
    if grade or list_all:
        from studytui.cli.rehearse_grade import grade_one, list_questions

        if grade and (list_all or choice is not None):
            raise UsageError("--grade takes one question and no set.")
        if list_all:
            list_questions(options.course, choice, as_json=as_json)
        else:
            grade_one(options.course, grade, answer_file, as_json=as_json)
        return
    if not plain:
        if export is not None:
            raise UsageError("--export goes with --plain; in the app, x on the scorecard exports.")
        open_app(options.course, start_with="rehearsal", rehearse=choice)
        return
    from studytui.cli.rehearse_plain import PlainRehearsal
    from studytui.services.rehearsal.choice import Choice

    with opened(options.course) as workspace:
        refuse_if_locked(workspace)
        PlainRehearsal(workspace, choice or Choice("due"), export).run()


def choice_of(
    *,
    question: str,
    chapter: str,
    level: str,
    seven: bool,
    weakest: bool,
    new: bool,
    count: int | None,
    minutes: int | None,
) -> Choice | None:
    """The set that the options name; None where they name none, so that the app lets the learner choose.

    Raises:
        UsageError: the options name more than one set, or a level that there is not.
    """
    from studytui.domain.rubric import LEVELS
    from studytui.services.rehearsal.choice import Choice

    named: dict[str, Choice | None] = {
        "--question": Choice("one", question) if question else None,
        "--chapter": Choice("chapter", chapter, count) if chapter else None,
        "--level": Choice("level", level, count) if level else None,
        "--seven": Choice("seven", count=count) if seven else None,
        "--weakest": Choice("weakest", count=count) if weakest else None,
        "--new": Choice("new", count=count) if new else None,
        "--minutes": Choice("mock", count=count, minutes=minutes) if minutes else None,
    }
    given = {name: choice for name, choice in named.items() if choice is not None}
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} name different sets; give one of them.")
    if level and level not in LEVELS:
        raise UsageError(f"--level {level}: there are {', '.join(LEVELS)}.")
    if given:
        return next(iter(given.values()))
    return Choice("due", count=count) if count else None
