"""Answers to interview questions as the log keeps them: the evidence of a row, and rows read back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from studytui.domain.rehearsal import MODES, Given
from studytui.domain.rubric import COVERAGES, AnswerGrade, Coverage, Quote
from studytui.store.records import LogEntry


@dataclass(frozen=True, slots=True)
class JudgedPoint:
    """A key point as it was when the answer was given: its text, what was found and what the learner made of it."""

    id: str
    text: str
    must: bool
    found: Coverage
    chosen: Coverage | None
    confidence: float
    quote: Quote | None
    why: str
    covers: tuple[str, ...] = ()

    @property
    def coverage(self) -> Coverage:
        """What counts: the learner's word, else the grader's."""
        return self.chosen or self.found


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer in the log. `probes` are the follow-ups that came with it; they have none of their own."""

    review_id: int
    review_uid: str
    session_uid: str
    question_id: str
    ask: str
    at: datetime
    day: date
    grade: int
    suggested_grade: int | None
    given: Given
    points: tuple[JudgedPoint, ...]
    score: float
    grader: str
    notes: tuple[str, ...]
    undone: bool
    probe_of: str = ""
    probe_point: str = ""
    probes: tuple[Attempt, ...] = ()

    @property
    def missed(self) -> tuple[JudgedPoint, ...]:
        """The points that were not wholly covered."""
        return tuple(point for point in self.points if point.coverage != "covered")


def evidence_of(
    grade: AnswerGrade, given: Given, *, rehearsal: dict[str, Any], probe_of: str = "", probe_point: str = ""
) -> dict[str, Any]:
    """What a row of the log says about an answer besides its grade.

    Keys: answer, ask, points (id, text, must, weight, covers, found, chosen, confidence, quote, why), score, grader,
    notes, mode, seconds_thought, seconds_answered, seconds_given, rehearsal, and for a follow-up probe (of, point).
    """
    evidence: dict[str, Any] = {
        "answer": given.answer,
        "ask": grade.question.ask,
        "points": [],
        "score": round(grade.score, 4),
        "grader": grade.grader,
        "notes": list(grade.notes),
        "mode": given.mode,
        "seconds_thought": round(given.seconds_thought, 1),
        "seconds_answered": round(given.seconds_answered, 1),
        "seconds_given": given.seconds_given,
        "rehearsal": rehearsal,
    }
    for verdict in grade.verdicts:
        point = grade.question.point(verdict.point_id)
        evidence["points"].append(
            {
                "id": point.id,
                "text": point.text,
                "must": point.must,
                "weight": point.weight,
                "covers": list(point.covers or grade.question.covers),
                "found": verdict.found,
                "chosen": verdict.chosen,
                "confidence": round(verdict.confidence, 4),
                "quote": asdict(verdict.quote) if verdict.quote else None,
                "why": verdict.why,
            }
        )
    if probe_of:
        evidence["probe"] = {"of": probe_of, "point": probe_point}
    return evidence


def attempts_of(rows: Iterable[LogEntry]) -> dict[str, list[Attempt]]:
    """The answers among rows of the log by question, oldest first; each has its follow-ups with it.

    A row that holds no answer of a rehearsal is passed over.
    """
    found: dict[str, list[Attempt]] = {}
    probes: dict[str, list[Attempt]] = {}
    for row in rows:
        attempt = attempt_of(row)
        if attempt is None:
            continue
        if attempt.probe_of:
            if not attempt.undone:
                probes.setdefault(attempt.probe_of, []).append(attempt)
        else:
            found.setdefault(attempt.question_id, []).append(attempt)
    return {
        question: [replace(attempt, probes=tuple(probes.get(attempt.review_uid, ()))) for attempt in attempts]
        for question, attempts in found.items()
    }


def attempt_of(row: LogEntry) -> Attempt | None:
    """The answer that a row holds, or None."""
    if row.grade is None:
        return None
    try:
        evidence = json.loads(row.evidence)
        points = tuple(_point(point) for point in evidence["points"])
        given = Given(
            answer=str(evidence["answer"]),
            mode=evidence["mode"] if evidence["mode"] in MODES else "written",
            seconds_thought=_finite(evidence["seconds_thought"]),
            seconds_answered=_finite(evidence["seconds_answered"]),
            seconds_given=None if evidence["seconds_given"] is None else int(evidence["seconds_given"]),
            confidence=row.confidence,
        )
        probe = evidence.get("probe") or {}
        return Attempt(
            review_id=row.id,
            review_uid=row.review_uid,
            session_uid=row.session_uid,
            question_id=row.key,
            ask=str(evidence["ask"]),
            at=row.at,
            day=row.study_day,
            grade=row.grade,
            suggested_grade=row.suggested_grade,
            given=given,
            points=points,
            score=_finite(evidence["score"]),
            grader=str(evidence["grader"]),
            notes=tuple(str(note) for note in evidence["notes"]),
            undone=row.undone,
            probe_of=str(probe.get("of", "")),
            probe_point=str(probe.get("point", "")),
        )
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is no number of seconds and no score")
    return number


def latest_standing(attempts: Sequence[Attempt]) -> Attempt | None:
    """The newest answer that was not taken back."""
    return next((attempt for attempt in reversed(attempts) if not attempt.undone), None)


def _point(data: dict[str, Any]) -> JudgedPoint:
    quote = data["quote"]
    chosen = data["chosen"]
    if data["found"] not in COVERAGES or chosen not in (None, *COVERAGES):
        raise ValueError("no such verdict")
    return JudgedPoint(
        id=str(data["id"]),
        text=str(data["text"]),
        must=bool(data["must"]),
        found=data["found"],
        chosen=chosen,
        confidence=float(data["confidence"]),
        quote=Quote(int(quote["start"]), int(quote["end"]), str(quote["text"])) if quote else None,
        why=str(data["why"]),
        covers=tuple(str(each) for each in data.get("covers", ())),
    )
