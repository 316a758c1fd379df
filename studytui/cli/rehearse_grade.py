"""One answer graded for a script, and the list of questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from studytui.cli.console import print_json, put_line, read_all
from studytui.cli.failure import UsageError
from studytui.domain.plain_text import on_one_line
from studytui.domain.rubric import AnswerGrade, Question

if TYPE_CHECKING:
    from studytui.services.rehearsal.choice import Choice

MOST_CHARACTERS: Final = 2_000_000


def list_questions(course: Path | None, choice: Choice | None = None, *, as_json: bool) -> None:
    """Print the questions; as JSON with the keys question, level, kind, sections, covers, seven, ask, points.

    Raises:
        UsageError: the set depends on what was answered before, or no question is in it.
    """
    from studytui.library.locate import find_course
    from studytui.library.quizzes import load_interview

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
        typer.echo("This course has no interview questions; they stand in quizzes/interview.toml.")


def _is_in(question: Question, choice: Choice | None) -> bool:
    if choice is None:
        return True
    match choice.kind:
        case "chapter":
            from studytui.services.rehearsal.questions import chapters_of

            return choice.value in chapters_of(question)
        case "level":
            return choice.value == question.level
        case "seven":
            return question.is_one_of_seven
        case "one":
            return choice.value == question.id
    raise UsageError("--list goes with --chapter, --level, --seven or --question; other sets are seen in the app.")


def grade_one(course: Path | None, question_id: str, answer_file: Path | None, *, as_json: bool) -> None:
    """Print the grade of an answer: the score from 0 to 1 and each point with its verdict and quote.

    Raises:
        UsageError: there is no such question, or the file cannot be read.
    """
    from studytui.library.locate import find_course
    from studytui.library.quizzes import load_interview

    questions = {one.id: one for one in load_interview(find_course(course))}
    if question_id not in questions:
        import difflib

        close = difflib.get_close_matches(question_id, questions, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See `studytui rehearse --list`."
        raise UsageError(f"--grade {question_id}: there is no such question. {hint}")
    answer = _read(answer_file)
    from studytui.services.grader import grade

    result = grade(questions[question_id], answer)
    if as_json:
        print_json(_as_json(result))
    else:
        _print(questions[question_id], result)


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
