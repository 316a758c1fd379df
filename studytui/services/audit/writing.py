"""What the log is to keep of an attempt: everything it takes to see later why it passed or did not."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from labs.protocol import Evidence, Problem
from studytui.domain.gate_parts import Computed, Gate, Item, Written
from studytui.domain.grading import Verdict
from studytui.domain.rehearsal import as_found
from studytui.domain.rubric import AnswerGrade
from studytui.services import exercises


@dataclass(frozen=True, slots=True)
class Worked:
    """A lab's problem as it was answered, measured and judged."""

    problem: Problem
    answer: str
    measured: Evidence
    verdict: Verdict


def written_evidence(gate: Gate, item: Item, part: Written, grade: AnswerGrade, version: str) -> dict[str, Any]:
    """What a row says about an answer in words.

    Keys: kind, gate, item, part, title, ask, answer, passed, course_version, points (id, text, must, weight, coverage,
    confidence, quote, why), score, pass_score, grader, notes.
    """
    points = []
    for verdict in grade.verdicts:
        point = part.question.point(verdict.point_id)
        points.append(
            {
                "id": point.id,
                "text": point.text,
                "must": point.must,
                "weight": point.weight,
                # The learner's own word for it is left out: at a gate the grader's counts.
                "coverage": verdict.found,
                "confidence": round(verdict.confidence, 4),
                "quote": asdict(verdict.quote) if verdict.quote else None,
                "why": verdict.why,
            }
        )
    return _about(gate, item, part, version) | {
        "ask": part.question.ask,
        "answer": grade.answer,
        "passed": passes(part, grade),
        "points": points,
        "score": round(as_found(grade).score, 4),
        "pass_score": part.pass_score,
        "grader": grade.grader,
        "notes": list(grade.notes),
    }


def computed_evidence(gate: Gate, item: Item, part: Computed, worked: Worked, version: str) -> dict[str, Any]:
    """What a row says about a number.

    Keys: kind, gate, item, part, title, ask, answer, passed, course_version, problem, options, right, message, and what
    `exercises.for_log` keeps of the lab's work.
    """
    return (
        _about(gate, item, part, version)
        | exercises.for_log(worked.problem, worked.measured)
        | {
            "ask": worked.problem.prompt,
            "options": list(worked.problem.options),
            "answer": worked.answer,
            "passed": worked.verdict.correct,
            "problem": name_of(worked.problem),
            "right": exercises.show_value(worked.measured),
            "message": worked.verdict.message,
        }
    )


def name_of(problem: Problem) -> str:
    """A problem with its numbers, in short: two showings that ask the same have the same name."""
    asked = "\n".join((problem.exercise, problem.prompt, *sorted(problem.options)))
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def passes(part: Written, grade: AnswerGrade) -> bool:
    """Whether an answer covers enough of the rubric, by the grader's word alone."""
    return as_found(grade).score >= part.pass_score


def _about(gate: Gate, item: Item, part: Written | Computed, version: str) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "gate": gate.id,
        "item": item.id,
        "part": part.id,
        "title": part.title,
        "course_version": version,
    }
