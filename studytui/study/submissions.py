"""Interview questions and the answers to them as the database keeps them: JSON that is read back without schemas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from studytui.course.codec import from_json, to_json
from studytui.domain.cards import Course
from studytui.domain.queue import REASK_GAPS
from studytui.domain.rubric import (
    MODES,
    AnswerGrade,
    AskedBack,
    JudgedPoint,
    Question,
    Submission,
)
from studytui.store import CardState, CompiledCard, CourseCopy, FileStamp, SyncReport, reports
from studytui.store.reports import LogEntry
from studytui.study.course_sync import take_in
from studytui.study.workspace import Workspace, interview_key

FORMAT: Final = 3
"""Part of the file's fingerprint: a new format makes it be compiled again."""


def encode(question: Question) -> str:
    """The question as one line of JSON."""
    return json.dumps(to_json(question), ensure_ascii=False, separators=(",", ":"))


def decode(payload: str) -> Question:
    """The question of a payload.

    Raises:
        ValueError: the payload was not made by `encode`.
    """
    return from_json(Question, json.loads(payload))


# Answers to interview questions as the log keeps them: the evidence of a row, and rows read back


@dataclass(frozen=True, slots=True)
class RehearsedAnswer:
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
    given: Submission
    points: tuple[JudgedPoint, ...]
    score: float
    grader: str
    notes: tuple[str, ...]
    undone: bool
    asked_back: tuple[AskedBack, ...] = ()
    probe_of: str = ""
    probe_point: str = ""
    probes: tuple[RehearsedAnswer, ...] = ()

    @property
    def missed(self) -> tuple[JudgedPoint, ...]:
        """The points that were not wholly covered."""
        return tuple(point for point in self.points if point.coverage != "covered")


def evidence_of(
    grade: AnswerGrade, given: Submission, *, rehearsal: dict[str, Any], probe_of: str = "", probe_point: str = ""
) -> dict[str, Any]:
    """What a row of the log says about an answer besides its grade.

    Keys: answer, ask, points (id, text, must, weight, covers, found, chosen, confidence, quote, why), score, grader,
    notes, mode, seconds_thought, seconds_answered, seconds_given, rehearsal, for a follow-up probe (of, point), and
    where the interviewer asked back asked_back (point, statements, right, chosen).
    """
    evidence: dict[str, Any] = {
        "answer": given.answer,
        "ask": grade.question.ask,
        "points": [point_to_json(point) for point in grade.points],
        "score": round(grade.score, 4),
        "grader": grade.grader,
        "notes": list(grade.notes),
        "mode": given.mode,
        "seconds_thought": round(given.seconds_thought, 1),
        "seconds_answered": round(given.seconds_answered, 1),
        "seconds_given": given.seconds_given,
        "rehearsal": rehearsal,
    }
    if grade.asked_back:
        evidence["asked_back"] = [to_json(one) for one in grade.asked_back]
    if probe_of:
        evidence["probe"] = {"of": probe_of, "point": probe_point}
    return evidence


def answers_of(rows: Iterable[LogEntry]) -> dict[str, list[RehearsedAnswer]]:
    """The answers among rows of the log by question, oldest first; each has its follow-ups with it.

    A row that holds no answer of a rehearsal is passed over.
    """
    found: dict[str, list[RehearsedAnswer]] = {}
    probes: dict[str, list[RehearsedAnswer]] = {}
    for row in rows:
        attempt = answer_of(row)
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


def answer_of(row: LogEntry) -> RehearsedAnswer | None:
    """The answer that a row holds, or None."""
    if row.grade is None:
        return None
    try:
        evidence = json.loads(row.evidence)
        grader = str(evidence["grader"])
        mode = evidence["mode"] if evidence["mode"] in MODES else "written"
        probe = evidence.get("probe") or {}
        return from_json(
            RehearsedAnswer,
            evidence
            | {
                "review_id": row.id,
                "review_uid": row.review_uid,
                "session_uid": row.session_uid,
                "question_id": row.key,
                "at": row.at,
                "day": row.study_day,
                "grade": row.grade,
                "suggested_grade": row.suggested_grade,
                "given": from_json(Submission, evidence | {"mode": mode, "confidence": row.confidence}),
                "undone": row.undone,
                "probe_of": probe.get("of", ""),
                "probe_point": probe.get("point", ""),
                "points": tuple(point_from_json(point, grader) for point in evidence["points"]),
                "asked_back": tuple(from_json(AskedBack, one) for one in evidence.get("asked_back", ())),
                "probes": (),
            },
        )
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None


def point_to_json(point: JudgedPoint) -> dict[str, Any]:
    """A point as the log keeps it, beside its answer's grader."""
    data = to_json(point) | {"confidence": round(point.confidence, 4)}
    del data["grader"]
    return data


def point_from_json(data: dict[str, Any], grader: str) -> JudgedPoint:
    """A point of the log. At a gate the grader's verdict alone is kept, as `coverage`.

    Raises:
        KeyError, ValueError, TypeError: the row was not made by `point_to_json`.
    """
    found = data.get("coverage") or data["found"]
    return from_json(
        JudgedPoint, {"weight": 1, "covers": (), "chosen": None} | data | {"found": found, "grader": grader}
    )


class CannotGrade(Exception):
    """An answer was not judged, and nothing was written to the log; the text says why."""


def grade_in_words(question: Question, answer: str, root: Path | None = None) -> AnswerGrade:
    """Hold an answer against its rubric without a network, knowing what the course of a folder is about.

    The embedding is loaded here, and a course met for the first time is learned: call it in a thread.

    Raises:
        CannotGrade: whatever went wrong in the grader: an answer must not be lost to it.
    """
    try:
        from studytui.study.grader import grade
        from studytui.study.grader.own_course import field_of

        return grade(question, answer, field_of(root) if root else None)
    except Exception as error:
        raise CannotGrade(f"The grader failed ({type(error).__name__}: {error}).") from error


# The interview questions with their schedule: a course of their own, so that queue, log and undo hold for them


_FORMAT_PATH: Final = "(compiled questions)"
_QUESTIONS: Final = "(questions)"


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """A question with its schedule and every answer given to it, oldest first; those taken back are among them."""

    no: int
    question: Question
    state: CardState
    attempts: tuple[RehearsedAnswer, ...] = ()
    archived: bool = False

    @property
    def standing(self) -> tuple[RehearsedAnswer, ...]:
        """The answers that were not taken back."""
        return tuple(attempt for attempt in self.attempts if not attempt.undone)

    @property
    def last(self) -> RehearsedAnswer | None:
        return self.standing[-1] if self.standing else None

    @property
    def chapter(self) -> str:
        return chapter_of(self.question)

    def answers_left(self, day: date) -> int:
        """How many answers the study day still has room for: the first one and as many as a missed card is asked again.

        Never below 0.
        """
        return max(0, 1 + len(REASK_GAPS) - sum(attempt.day == day for attempt in self.standing))

    def asks_again(self, day: date) -> bool:
        """It is to be asked again on the study day, and was not asked as often as a day allows."""
        return self.state.schedule.reask_on == day and self.answers_left(day) > 0

    def is_due(self, day: date) -> bool:
        """It waits on the study day, or is to be asked again on it."""
        schedule = self.state.schedule
        if schedule.reask_on == day:
            return self.asks_again(day)
        return schedule.due_on is not None and schedule.due_on <= day


def chapter_of(question: Question) -> str:
    """The chapter of the question's first section, where it is counted; "" for one that stands in none."""
    return next(iter(chapters_of(question)), "")


def chapters_of(question: Question) -> tuple[str, ...]:
    """Every chapter the question touches, in the order of its sections."""
    return tuple(dict.fromkeys(section.split(".", 1)[0] for section in question.sections))


def read_questions(workspace: Workspace) -> list[Question]:
    """The questions as the course's file has them now. Schemas are imported here: call it in a thread.

    Raises:
        CourseError: the file is wrong, with line, question and field.
    """
    from studytui.course.quizzes import load_interview

    return load_interview(workspace.root)


def sync_questions(workspace: Workspace, questions: Sequence[Question]) -> tuple[int, SyncReport | None]:
    """Bring the database in line with the file; the number of the questions' course, and what changed, if anything.

    Raises:
        StoreError: the database cannot be written.
    """
    return take_in(workspace.store, questions_copy(workspace.course, questions))


def questions_copy(course: Course, questions: Sequence[Question]) -> CourseCopy:
    """What the database should hold of the questions."""
    cards = tuple(_compiled(question, position) for position, question in enumerate(questions))
    digest = hashlib.sha256("".join(card.sha256 for card in cards).encode()).hexdigest()
    stamps = FileStamp(_FORMAT_PATH, FORMAT, 0, str(FORMAT)), FileStamp(_QUESTIONS, len(cards), 0, digest)
    return CourseCopy(interview_key(course), f"{course.title}: interview", course.version, stamps, cards)


def question_entries(workspace: Workspace, course_no: int) -> list[QuestionEntry]:
    """Every question, archived ones too, with its answers. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    answers = answers_of(reports.course_rows(workspace.store, course_no))
    return [
        QuestionEntry(row.no, decode(row.payload), row.state, tuple(answers.get(row.key, ())), row.archived)
        for row in reports.cards(workspace.store, course_no, archived=True)
    ]


def _compiled(question: Question, position: int) -> CompiledCard:
    payload = encode(question)
    return CompiledCard(
        key=question.id,
        position=position,
        chapter=chapter_of(question),
        section=question.sections[0] if question.sections else "",
        kind="open",
        sibling_group=question.id,
        path=question.path,
        line=question.line,
        sha256=hashlib.sha256(payload.encode()).hexdigest(),
        payload=payload,
    )
