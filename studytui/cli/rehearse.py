"""The interview rehearsal on the command line: in the app, or line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from studytui.cli.console import print_json, put_line, read_all
from studytui.cli.options import JSON, Options, UsageError, open_app, opened, refuse_if_locked
from studytui.domain.plain_text import on_one_line
from studytui.domain.settings import MOST_MINUTES, MOST_QUESTIONS

if TYPE_CHECKING:
    from studytui.domain.rubric import AnswerGrade, Question
    from studytui.study.rehearsal import QuestionChoice


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
        Path | None, typer.Option(help="With --plain: save the interview as Markdown and HTML into this folder.")
    ] = None,
    grade: Annotated[
        str, typer.Option(metavar="QUESTION", help="Grade one answer without a session.", show_default=False)
    ] = "",
    answer_file: Annotated[
        Path | None, typer.Option(help="With --grade: the file with the answer; - reads standard input.")
    ] = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="With --grade: ask the judge of the settings, and say where it differs.")
    ] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the questions.")] = False,
    as_json: JSON = False,
) -> None:  # fmt: skip
    """Answer interview questions under time and see which words earned which point. Without a set: what is due."""
    options: Options = context.obj
    if answer_file is not None and not grade:
        raise UsageError("--answer-file goes with --grade QUESTION.")
    if judge and not grade:
        raise UsageError("--judge goes with --grade QUESTION.")
    choice = choice_of(
        question=question, chapter=chapter, level=level, seven=seven, weakest=weakest, new=new, count=count,
        minutes=minutes,
    )  # fmt: skip
    if grade or list_all:
        if grade and (list_all or choice is not None):
            raise UsageError("--grade takes one question and no set.")
        if list_all:
            list_questions(options.course, choice, as_json=as_json)
        else:
            grade_one(options.course, grade, answer_file, with_judge=judge, as_json=as_json)
        return
    if not plain:
        if export is not None:
            raise UsageError("--export goes with --plain; in the app, x on the scorecard exports.")
        open_app(options.course, start_with="rehearsal", rehearse=choice)
        return
    from studytui.cli.plain import PlainRehearsal
    from studytui.study.rehearsal import QuestionChoice

    with opened(options.course) as workspace:
        refuse_if_locked(workspace)
        PlainRehearsal(workspace, choice or QuestionChoice("due"), export).run()


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
) -> QuestionChoice | None:
    """The set that the options name; None where they name none, so that the app lets the learner choose.

    Raises:
        UsageError: the options name more than one set, or a level that there is not.
    """
    from studytui.domain.rubric import LEVELS
    from studytui.study.rehearsal import QuestionChoice

    named: dict[str, QuestionChoice | None] = {
        "--question": QuestionChoice("one", question) if question else None,
        "--chapter": QuestionChoice("chapter", chapter, count) if chapter else None,
        "--level": QuestionChoice("level", level, count) if level else None,
        "--seven": QuestionChoice("seven", count=count) if seven else None,
        "--weakest": QuestionChoice("weakest", count=count) if weakest else None,
        "--new": QuestionChoice("new", count=count) if new else None,
        "--minutes": QuestionChoice("mock", count=count, minutes=minutes) if minutes else None,
    }
    given = {name: choice for name, choice in named.items() if choice is not None}
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} name different sets; give one of them.")
    if level and level not in LEVELS:
        raise UsageError(f"--level {level}: there are {', '.join(LEVELS)}.")
    if given:
        return next(iter(given.values()))
    return QuestionChoice("due", count=count) if count else None


# One answer graded for a script, and the list of questions


MOST_CHARACTERS: Final = 2_000_000


def list_questions(course: Path | None, choice: QuestionChoice | None = None, *, as_json: bool) -> None:
    """Print the questions; as JSON with the keys question, level, kind, sections, covers, seven, ask, points.

    Raises:
        UsageError: the set depends on what was answered before, or no question is in it.
    """
    from studytui.course.loader import find_course
    from studytui.course.quizzes import load_interview

    everything = load_interview(find_course(course))
    questions = [one for one in everything if _is_in(one, choice)]
    if everything and not questions:
        raise UsageError("--list: no question is in this set.")
    if as_json:
        rows = [
            {
                "question": one.id,
                "level": one.level,
                "kind": one.kind,
                "sections": list(one.sections),
                "covers": list(one.covers),
                "seven": one.is_one_of_seven,
                "ask": one.ask,
                "points": [point.id for point in one.points],
            }
            for one in questions
        ]
        print_json(rows)
        return
    width = max((len(one.id) for one in questions), default=0)
    for one in questions:
        asked = on_one_line(" ".join(one.ask.replace("**", "").split()))
        typer.echo(f"{one.id:<{width}}  {one.level:<8}  {one.kind:<9}  {one.sections[0]:<4}  {asked[:70]}")
    if not questions:
        typer.echo("This course has no interview questions; they belong in quizzes/interview.toml.")


def _is_in(question: Question, choice: QuestionChoice | None) -> bool:
    if choice is None:
        return True
    match choice.kind:
        case "chapter":
            from studytui.study.submissions import chapters_of

            return choice.value in chapters_of(question)
        case "level":
            return choice.value == question.level
        case "seven":
            return question.is_one_of_seven
        case "one":
            return choice.value == question.id
    raise UsageError("--list goes with --chapter, --level, --seven or --question; other sets are seen in the app.")


def grade_one(
    course: Path | None, question_id: str, answer_file: Path | None, *, with_judge: bool = False, as_json: bool
) -> None:
    """Print the grade of an answer: the score from 0 to 1 and each point with its verdict and quote.

    With the judge the answer is sent to the server of the settings; naming the option is the consent to that.

    Raises:
        UsageError: there is no such question, or the file cannot be read.
    """
    from studytui.course.loader import find_course
    from studytui.course.quizzes import load_interview

    root = find_course(course)
    questions = {one.id: one for one in load_interview(root)}
    if question_id not in questions:
        import difflib

        close = difflib.get_close_matches(question_id, questions, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See `studytui rehearse --list`."
        raise UsageError(f"--grade {question_id}: there is no such question. {hint}")
    answer = _read(answer_file)
    from studytui.study.grader import grade
    from studytui.study.grader.own_course import field_of

    result = grade(questions[question_id], answer, field_of(root))
    if with_judge:
        result = _judged(course, result, root)
    if as_json:
        print_json(_as_json(result))
    else:
        _print(questions[question_id], result)


def _judged(course: Path | None, offline: AnswerGrade, root: Path) -> AnswerGrade:
    from studytui.study import llm_grader

    with opened(course) as workspace:
        judge = llm_grader.Judge.of(workspace.settings)
    if judge is None:
        raise UsageError("--judge: no server is set; set judge_url and judge_model.")
    return llm_grader.grade(judge, offline.question, offline.answer, offline, root)


def _read(path: Path | None) -> str:
    if path is None:
        raise UsageError("--grade needs --answer-file FILE, or - for standard input.")
    try:
        if str(path) == "-":
            text = read_all(MOST_CHARACTERS + 1)
        else:
            with path.open(encoding="utf-8-sig") as file:
                text = file.read(MOST_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise UsageError(f"--answer-file {path}: is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(f"--answer-file {path}: cannot be read ({error.strerror or error}).") from error
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"--answer-file {path}: more than {MOST_CHARACTERS:,} characters.")
    if "\0" in text:
        raise UsageError(f"--answer-file {path}: is no text.")
    return text


def _as_json(result: AnswerGrade) -> dict[str, Any]:
    points = []
    for verdict in result.verdicts:
        point = result.question.point(verdict.point_id)
        points.append(
            {
                "id": point.id,
                "text": point.text,
                "verdict": verdict.coverage,
                "confidence": verdict.confidence,
                "quote": verdict.quote.text if verdict.quote else None,
                "why": verdict.why,
                "weight": point.weight,
                "need": "must" if point.must else "bonus",
            }
        )
    return {
        "question": result.question.id,
        "score": round(result.score, 4),
        "grade": result.grade,
        "grader": result.grader,
        "points": points,
        "notes": list(result.notes),
    }


def _print(question: Question, result: AnswerGrade) -> None:
    typer.echo(f"{question.ask}\nScore {result.score:.2f}, grade {result.grade}.")
    for verdict in result.verdicts:
        quote = f" “{verdict.quote.text}”" if verdict.quote else ""
        put_line(f"  {verdict.coverage:<13} {question.point(verdict.point_id).text}{quote}")
    for note in result.notes:
        put_line(note)
