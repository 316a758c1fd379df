"""Attempts, disputes and overrides as the log keeps them: its rows read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from labs.protocol import Evidence, scalar
from studytui.domain.gate import Attempt
from studytui.domain.gate_parts import PartKind
from studytui.domain.rubric import COVERAGES, Coverage, Quote
from studytui.store.gate_log import GateRow

OVERRIDE: Final = "override"
"""The key of the row's card that belongs to no part."""
_KINDS: Final[tuple[PartKind, ...]] = ("explain", "compute", "reason")


@dataclass(frozen=True, slots=True)
class JudgedPoint:
    """A point of a rubric as it was when the answer was given, and what was found."""

    id: str
    text: str
    must: bool
    coverage: Coverage
    confidence: float
    quote: Quote | None
    why: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """The learner thinks that a point was judged wrongly, and why. It changes no verdict."""

    point_id: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Computation:
    """What a lab was asked and measured; with it the problem can be posed, and the pictures made, again."""

    exercise: str
    params: dict[str, Any]
    seed: int
    right: str
    message: str
    derivation: tuple[str, ...]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """One attempt at a part, complete. `ask` is what was asked as it was worded then."""

    no: int
    uid: str
    key: str
    kind: PartKind
    title: str
    at: datetime
    day: date
    ask: str
    answer: str
    passed: bool
    course_version: str
    undone: bool
    points: tuple[JudgedPoint, ...] = ()
    score: float | None = None
    pass_score: float | None = None
    grader: str = ""
    notes: tuple[str, ...] = ()
    computation: Computation | None = None
    problem: str = ""
    disputes: tuple[Dispute, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not said, or what was wrong with the number."""
        if self.computation is not None:
            return () if self.passed else (f"{self.computation.message} Measured: {self.computation.right}.",)
        return tuple(point.text for point in self.points if point.coverage != "covered" and point.must)

    def as_attempt(self) -> Attempt:
        """The attempt as the verdict looks at it."""
        return Attempt(self.no, self.key, self.day, self.passed, self.answer, self.missing, self.problem, self.undone)


@dataclass(frozen=True, slots=True)
class Override:
    """The learner opened what the gate unlocks without passing it, and why; `missing` is what was missing then."""

    reason: str
    at: datetime
    day: date
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateLog:
    """A gate's log read back. `override` is the newest one, unless the learner locked the gate again since."""

    answers: tuple[Answered, ...] = ()
    override: Override | None = None

    def of(self, key: str) -> tuple[Answered, ...]:
        """The attempts at a part that stand, oldest first."""
        return tuple(answer for answer in self.answers if answer.key == key and not answer.undone)


def read_log(rows: Iterable[GateRow]) -> GateLog:
    """The rows of a gate's log, oldest first. A row that holds nothing of a gate is passed over."""
    answers: dict[str, Answered] = {}
    disputes: dict[str, list[Dispute]] = {}
    override: Override | None = None
    for row in rows:
        try:
            data = json.loads(row.evidence)
            kind = data["kind"]
            if kind in _KINDS:
                answers[row.review_uid] = _answered(row, data, kind)
            elif kind == "dispute" and not row.undone:
                dispute = Dispute(str(data["point"]), str(data["note"]), row.at)
                disputes.setdefault(str(data["of"]), []).append(dispute)
            elif kind == OVERRIDE and not row.undone:
                missing = tuple(str(each) for each in data["missing"])
                override = Override(str(data["reason"]), row.at, row.study_day, missing)
            elif kind == "lock" and not row.undone:
                override = None
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            continue
    return GateLog(tuple(_disputed(answer, disputes.get(uid, ())) for uid, answer in answers.items()), override)


def _answered(row: GateRow, data: dict[str, Any], kind: PartKind) -> Answered:
    computed = kind == "compute"
    return Answered(
        no=row.no,
        uid=row.review_uid,
        key=row.key,
        kind=kind,
        title=str(data["title"]),
        at=row.at,
        day=row.study_day,
        ask=str(data["ask"]),
        answer=str(data["answer"]),
        passed=bool(data["passed"]),
        course_version=str(data["course_version"]),
        undone=row.undone,
        points=() if computed else tuple(_point(point) for point in data["points"]),
        score=None if computed else _share(data["score"]),
        pass_score=None if computed else _share(data["pass_score"]),
        grader="" if computed else str(data["grader"]),
        notes=() if computed else tuple(str(note) for note in data["notes"]),
        computation=_computation(data) if computed else None,
        problem=str(data["problem"]) if computed else "",
    )


def _computation(data: dict[str, Any]) -> Computation:
    kept = {name: data[name] for name in ("value", "unit", "seconds") if name in data}
    shown = {name: data[name] for name in ("derivation", "versions")}
    measured = Evidence.from_json(asdict(Evidence(0)) | kept | shown)
    return Computation(
        exercise=str(data["exercise"]),
        params={name: scalar(value, name) for name, value in data["params"].items()},
        seed=int(data["seed"]),
        right=str(data["right"]),
        message=str(data["message"]),
        derivation=measured.derivation,
        versions=measured.versions,
    )


def _share(value: Any) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share of a rubric")
    return share


def _point(data: dict[str, Any]) -> JudgedPoint:
    if data["coverage"] not in COVERAGES:
        raise ValueError("no such verdict")
    quote = data["quote"]
    return JudgedPoint(
        id=str(data["id"]),
        text=str(data["text"]),
        must=bool(data["must"]),
        coverage=data["coverage"],
        confidence=float(data["confidence"]),
        quote=Quote(int(quote["start"]), int(quote["end"]), str(quote["text"])) if quote else None,
        why=str(data["why"]),
    )


def _disputed(answer: Answered, disputes: Iterable[Dispute]) -> Answered:
    found = tuple(disputes)
    return replace(answer, disputes=found) if found else answer
