"""Interview questions as the database keeps them: JSON that is read back without schemas."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final, Protocol

from studytui.domain.cards import Course
from studytui.domain.queue import REASK_GAPS
from studytui.domain.rubric import (
    COVERAGES,
    MODES,
    AnswerGrade,
    CommonMistake,
    Coverage,
    Point,
    Probe,
    Question,
    Quote,
    Submission,
)
from studytui.store import CardState, CompiledCard, CourseCopy, FileStamp, SyncReport, reports
from studytui.store.records import LogEntry
from studytui.study.workspace import Workspace, interview_key

FORMAT: Final = 3
"""Part of the file's fingerprint: a new format makes it be compiled again."""

_LISTS: Final = ("phrasings", "contradicts", "patterns", "covers", "says", "denies", "near")


def encode(question: Question) -> str:
    """The question as one line of JSON."""
    return json.dumps(asdict(question), ensure_ascii=False, separators=(",", ":"))


def decode(payload: str) -> Question:
    """The question of a payload.

    Raises:
        KeyError, ValueError, TypeError: the payload was not made by `encode`.
    """
    data: dict[str, Any] = json.loads(payload)
    for name in ("sections", "covers", "lenses"):
        data[name] = tuple(data[name])
    return Question(
        **data
        | {
            "points": tuple(_point(point) for point in data["points"]),
            "mistakes": tuple(CommonMistake(**mistake) for mistake in data["mistakes"]),
            "probes": tuple(Probe(**probe) for probe in data["probes"]),
        }
    )


def _point(data: dict[str, Any]) -> Point:
    lists = {name: tuple(data.get(name, ())) for name in _LISTS}
    return Point(**data | lists)


# Answers to interview questions as the log keeps them: the evidence of a row, and rows read back


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
        points = tuple(_judged_point(point) for point in evidence["points"])
        given = Submission(
            answer=str(evidence["answer"]),
            mode=evidence["mode"] if evidence["mode"] in MODES else "written",
            seconds_thought=_finite(evidence["seconds_thought"]),
            seconds_answered=_finite(evidence["seconds_answered"]),
            seconds_given=None if evidence["seconds_given"] is None else int(evidence["seconds_given"]),
            confidence=row.confidence,
        )
        probe = evidence.get("probe") or {}
        return RehearsedAnswer(
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


def _judged_point(data: dict[str, Any]) -> JudgedPoint:
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


# The interview questions with their schedule. They are a course of their own in the same database, so that queu


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
    store, copy = workspace.store, questions_copy(workspace.course, questions)
    number = store.course_no(copy.key)
    if number is not None and store.course_files(copy.key) == {stamp.path: stamp for stamp in copy.files}:
        return number, None
    report = store.sync_course(copy.key, copy.title, copy.version, copy.files, copy.cards)
    number = store.course_no(copy.key)
    assert number is not None
    return number, report


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


# Which words of an answer count for which point: the answer cut where quotes begin and end


_STRONGEST: Final[dict[Coverage, int]] = {"contradicted": 3, "covered": 2, "partly": 1, "missed": 0}


class Evidence(Protocol):
    """A point with its verdict and the words it rests on."""

    @property
    def id(self) -> str: ...
    @property
    def coverage(self) -> Coverage: ...
    @property
    def quote(self) -> Quote | None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """The points that a run of words counts for, and the verdict that weighs most among them."""

    points: tuple[str, ...]
    coverage: Coverage


def marked(answer: str, points: Sequence[Evidence]) -> Iterator[tuple[str, Mark | None]]:
    """The answer in order, cut into parts that each count for the same points; None where a part counts for none.

    Parts joined are the answer. A point that was missed marks nothing; a quote past the answer's end is cut.
    """
    quotes = []
    for point in points:
        if point.quote is None or point.coverage == "missed":
            continue
        start, end = max(0, point.quote.start), min(len(answer), point.quote.end)
        if start < end:
            quotes.append((start, end, point))
    cuts = sorted({0, len(answer), *(cut for start, end, _ in quotes for cut in (start, end))})
    for start, end in pairwise(cuts):
        over = [point for begin, stop, point in quotes if begin <= start and end <= stop]
        if over:
            strongest = max((point.coverage for point in over), key=_STRONGEST.__getitem__)
            yield answer[start:end], Mark(tuple(point.id for point in over), strongest)
        else:
            yield answer[start:end], None
