"""One answer graded for a script, and the list of questions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import typer

from studytui.cli.failure import UsageError
from studytui.domain.plain_text import safe
from studytui.domain.rubric import AnswerGrade, Question
from studytui.library.locate import find_course
from studytui.library.quizzes import load_interview

LARGEST_BYTES = 2_000_000


def list_questions(course: Path | None, *, as_json: bool) -> None:
    """Print the questions; as JSON with the keys question, level, kind, sections, covers, seven, ask, points."""
    questions = load_interview(find_course(course))
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
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for one in questions:
        typer.echo(f"{one.id:<36} {one.level:<9} {', '.join(one.sections):<12} {safe(' '.join(one.ask.split()))[:70]}")
    if not questions:
        typer.echo("This course has no interview questions; they stand in quizzes/interview.toml.")


def grade_one(course: Path | None, question_id: str, answer_file: Path | None, *, as_json: bool) -> None:
    """Print the grade of an answer: the score from 0 to 1 and each point with its verdict and quote.

    Raises:
        UsageError: there is no such question, or the file cannot be read.
    """
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
        typer.echo(json.dumps(_as_json(result), ensure_ascii=False, indent=2))
    else:
        _print(questions[question_id], result)


def _read(path: Path | None) -> str:
    if path is None:
        raise UsageError("--grade needs --answer-file FILE, or - for standard input.")
    if str(path) == "-":
        return sys.stdin.read(LARGEST_BYTES)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"--answer-file {path}: larger than {LARGEST_BYTES // 1_000_000} MB.")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"--answer-file {path}: cannot be read ({error.strerror or error}).") from error


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
    typer.echo(f"{safe(question.ask)}\nScore {result.score:.2f}, grade {result.grade}.")
    for verdict in result.verdicts:
        quote = f" “{safe(verdict.quote.text)}”" if verdict.quote else ""
        typer.echo(f"  {verdict.coverage:<13} {safe(question.point(verdict.point_id).text)}{quote}")
    for note in result.notes:
        typer.echo(safe(note))
