"""Questions answered in words, and what an answer covered: key points, verdicts with their evidence, a score."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias

from studytui.domain.sm2 import PASSING_GRADE

Coverage: TypeAlias = Literal["covered", "partly", "missed", "contradicted", "unsure"]
"""What an answer does to a point; of “unsure” the grader cannot tell, so that it earns and costs nothing."""
COVERAGES: Final[tuple[Coverage, ...]] = ("covered", "partly", "missed", "contradicted")
"""What a learner or a judge may say of a point."""
Level: TypeAlias = Literal["engineer", "senior", "lead"]
LEVELS: Final[tuple[Level, ...]] = ("engineer", "senior", "lead")
QuestionKind: TypeAlias = Literal["concept", "contrast", "numbers", "debugging", "design", "judgement"]

SIGNS: Final[dict[Coverage, str]] = {
    "covered": "✓", "partly": "◐", "missed": "○", "contradicted": "✗", "unsure": "?",
}  # fmt: skip
WORTH: Final[dict[Coverage, float]] = {
    "covered": 1.0, "partly": 0.5, "missed": 0.0, "contradicted": 0.0, "unsure": 0.0,
}  # fmt: skip
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
NOT_SURE: Final = "not sure: judge yourself"
BONUS_SHARE: Final = 0.1
"""Bonus points add at most this much to a score that the musts leave below 1."""
CONTRADICTION_COST: Final = 0.5
"""A contradicted point costs this share of its weight besides not earning it: saying it wrong is worse than silence."""


@dataclass(frozen=True, slots=True)
class Point:
    """One key point of a rubric: what it says, how it may be put, and what would contradict it."""

    id: str
    text: str
    phrasings: tuple[str, ...]
    contradicts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    """Regular expressions (of RE2) that are enough by themselves, for numbers and names."""
    weight: int = 1
    must: bool = True
    covers: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    denies: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    """Further wordings for the grader: of the point, of its contradiction, and of what only comes near it."""
    contrast: tuple[tuple[str, ...], ...] = ()
    """Sets of three statements to ask back with: what the point says first, and two of the same form that it is not."""


class FieldWords(NamedTuple):
    """Words as authors relate them: groups of synonyms, pairs of opposites, sets of what excludes one another.

    Each is a line of phrases with commas between them, the sides of a pair or set parted by “ / ”.
    """

    same: tuple[str, ...] = ()
    opposite: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommonMistake:
    """What a weak answer says, and what is right."""

    says: str
    correction: str


@dataclass(frozen=True, slots=True)
class Probe:
    """A follow-up question, asked when the point was missed; it is graded against its own model answer."""

    when_missing: str
    ask: str
    model: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the rehearsal or of a gate, with its rubric. Times are in seconds."""

    id: str
    ask: str
    model: str
    points: tuple[Point, ...]
    sections: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    level: Level = "senior"
    kind: QuestionKind = "concept"
    lenses: tuple[str, ...] = ()
    is_one_of_seven: bool = False
    think_seconds: int = 20
    answer_seconds: int = 120
    mistakes: tuple[CommonMistake, ...] = ()
    probes: tuple[Probe, ...] = ()
    path: str = ""
    line: int = 0

    def point(self, point_id: str) -> Point:
        """The point of that id.

        Raises:
            KeyError: the question has none of that id.
        """
        for point in self.points:
            if point.id == point_id:
                return point
        raise KeyError(point_id)

    def as_probe(self, probe: Probe) -> Question:
        """The follow-up as a question of its own, whose one point is what its model answer says.

        It asks for something else than the point that triggered it, so that neither what says that point nor what
        contradicts it is a measure of its answer. The point keeps its id, by which the log tells what was made up for.
        """
        point = self.point(probe.when_missing)
        said = tuple(_SENTENCE_END.split(probe.model.strip()))
        own = Point(point.id, probe.model.strip(), said, weight=point.weight, covers=point.covers)
        return replace(
            self,
            id=f"{self.id}/{probe.when_missing}",
            ask=probe.ask,
            model=probe.model,
            points=(own,),
            covers=point.covers or self.covers,
            mistakes=(),
            probes=(),
            think_seconds=min(10, self.think_seconds),
            answer_seconds=min(60, self.answer_seconds),
        )


@dataclass(frozen=True, slots=True)
class Quote:
    """The learner's own words that count for a point: the answer's characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class PointVerdict:
    """What the grader found for a point, and what the learner made of it. Both are kept.

    `confidence` runs from 0 to 1; `quote` is None where nothing in the answer counts.
    """

    point_id: str
    found: Coverage
    confidence: float
    quote: Quote | None = None
    why: str = ""
    chosen: Coverage | None = None
    """The learner's own judgement, None where the grader's was accepted."""

    @property
    def coverage(self) -> Coverage:
        """What counts: the learner's word, else the grader's."""
        return self.chosen or self.found


@dataclass(frozen=True, slots=True)
class JudgedPoint:
    """A key point as it was when the answer was given, with what `grader` found and what the learner made of it."""

    id: str
    text: str
    must: bool
    weight: int
    covers: tuple[str, ...]
    found: Coverage
    chosen: Coverage | None
    confidence: float
    quote: Quote | None
    why: str
    grader: str

    @property
    def coverage(self) -> Coverage:
        """What counts: the learner's word, else the grader's."""
        return self.chosen or self.found

    @property
    def is_changed(self) -> bool:
        """The learner said otherwise than the grader; where the learner is the grader, nobody did."""
        return self.grader != YOURSELF and self.chosen not in (None, self.found)


@dataclass(frozen=True, slots=True)
class AskedBack:
    """Three statements on a point in the order shown; `right` and `chosen` are places, None where none was chosen."""

    point: str
    statements: tuple[str, ...]
    right: int
    chosen: int | None = None

    @property
    def is_right(self) -> bool:
        """The statement that the point says was chosen."""
        return self.chosen == self.right

    @property
    def said(self) -> str:
        """The statement that was chosen; "" for none."""
        return "" if self.chosen is None else self.statements[self.chosen]


@dataclass(frozen=True, slots=True)
class AnswerGrade:
    """An answer held against a rubric. `grader` names who found the verdicts; `notes` are plain sentences."""

    question: Question
    answer: str
    verdicts: tuple[PointVerdict, ...]
    grader: str
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    asked_back: tuple[AskedBack, ...] = ()

    @property
    def score(self) -> float:
        """0 to 1: the weighted share of the musts, less what was said wrong, plus a little for the bonus points."""
        return score(self.question, self.verdicts)

    @property
    def grade(self) -> int:
        """The SM-2 grade of the score."""
        return grade_of(self.score)

    @property
    def unsure(self) -> frozenset[str]:
        """The points of which the grader is not sure and the learner did not say."""
        return frozenset(verdict.point_id for verdict in self.verdicts if verdict.coverage == "unsure")

    @property
    def turns_on_unsure(self) -> bool:
        """The answer would pass with the points of which the grader is not sure, and does not without them."""
        known = tuple(replace(v, chosen="covered") if v.point_id in self.unsure else v for v in self.verdicts)
        return self.grade < PASSING_GRADE <= grade_of(score(self.question, known))

    @property
    def points(self) -> tuple[JudgedPoint, ...]:
        """The points in the order of the verdicts; one without objectives of its own has the question's."""
        judged = []
        for verdict in self.verdicts:
            point = self.question.point(verdict.point_id)
            judged.append(
                JudgedPoint(
                    id=point.id,
                    text=point.text,
                    must=point.must,
                    weight=point.weight,
                    covers=point.covers or self.question.covers,
                    found=verdict.found,
                    chosen=verdict.chosen,
                    confidence=verdict.confidence,
                    quote=verdict.quote,
                    why=verdict.why,
                    grader=self.grader,
                )
            )
        return tuple(judged)

    @property
    def missed(self) -> tuple[Point, ...]:
        """Points not covered, the most important first: musts before bonus, then by the weight that is open.

        What was said wrong comes before what was not said, and that before what was half said.
        """
        lost = {
            verdict.point_id: 1 - WORTH[verdict.coverage] + CONTRADICTION_COST * (verdict.coverage == "contradicted")
            for verdict in self.verdicts
        }
        open_points = [self.question.point(point_id) for point_id, share in lost.items() if share]
        return tuple(sorted(open_points, key=lambda point: (not point.must, -point.weight * lost[point.id])))

    @property
    def probe(self) -> Probe | None:
        """The follow-up for the most important point that is missing, if there is one."""
        probes = {probe.when_missing: probe for probe in reversed(self.question.probes)}
        return next((probes[point.id] for point in self.missed if point.id in probes), None)

    def choose(self, point_id: str, coverage: Coverage | None) -> AnswerGrade:
        """The same with the learner's own judgement of a point; None accepts the grader's again."""
        verdicts = tuple(replace(v, chosen=coverage) if v.point_id == point_id else v for v in self.verdicts)
        return replace(self, verdicts=verdicts)


def score(question: Question, verdicts: tuple[PointVerdict, ...]) -> float:
    """The score of verdicts on a question's points, 0 to 1."""
    found = {verdict.point_id: verdict.coverage for verdict in verdicts}

    def share(points: list[Point]) -> float:
        total = sum(point.weight for point in points)
        earned = 0.0
        for point in points:
            coverage = found.get(point.id, "missed")
            earned += point.weight * (WORTH[coverage] - CONTRADICTION_COST * (coverage == "contradicted"))
        return earned / total if total else 0.0

    musts = [point for point in question.points if point.must] or list(question.points)
    bonus = [point for point in question.points if not point.must and point not in musts]
    result = share(musts) + BONUS_SHARE * max(0.0, share(bonus))
    return min(1.0, max(0.0, result))


def percent(score: float) -> str:
    """A score in whole percent, never rounded up: 54.5% would stand on the other side of the bound of grade 3."""
    return f"{math.floor(score * 100 + 1e-9)}%"


def grade_of(score: float) -> int:
    """The SM-2 grade (0 to 5) of a score: 5 from 0.9, 4 from 0.75, 3 from 0.55, 2 from 0.35, 1 from 0.1."""
    return sum(score >= bound for bound in (0.1, 0.35, 0.55, 0.75, 0.9))


# An answer to an interview question as it was handed in, before anything is said about it


Mode: TypeAlias = Literal["written", "aloud"]
MODES: Final[tuple[Mode, ...]] = ("written", "aloud")

OFFLINE: Final = "offline"
YOURSELF: Final = "yourself"
NOTHING: Final = "nothing said"


@dataclass(frozen=True, slots=True)
class Submission:
    """What was said or written, and in what time.

    Attributes:
        answer: the text, or the notes taken while answering aloud.
        seconds_given: what the question allows for the answer; None where no clock ran.
        confidence: how sure the learner was, 1 to 5, before anything was shown.
    """

    answer: str
    mode: Mode = "written"
    seconds_thought: float = 0.0
    seconds_answered: float = 0.0
    seconds_given: int | None = None
    confidence: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing but white space was written."""
        return not self.answer.strip()

    @property
    def seconds(self) -> float:
        return self.seconds_thought + self.seconds_answered


def nothing_said(question: Question, answer: str = "") -> AnswerGrade:
    """The grade of an empty answer: every point is missed."""
    verdicts = tuple(PointVerdict(point.id, "missed", 1.0, why="nothing was said") for point in question.points)
    return AnswerGrade(question, answer, verdicts, NOTHING)


def self_check(question: Question, answer: str, note: str = "") -> AnswerGrade:
    """An answer that only the learner heard: every point waits for their own judgement and is missed until then."""
    verdicts = tuple(PointVerdict(point.id, "missed", 0.0, why="judge it yourself") for point in question.points)
    return AnswerGrade(question, answer, verdicts, YOURSELF, (note,) if note else ())


def as_found(grade: AnswerGrade) -> AnswerGrade:
    """The same without the learner's own judgement: what the grader alone would give."""
    return replace(grade, verdicts=tuple(replace(verdict, chosen=None) for verdict in grade.verdicts))


def by_whom(grader: str) -> str:
    """Who graded, as the end of a sentence."""
    return {OFFLINE: "graded offline", YOURSELF: "judged by you", NOTHING: "nothing was said"}.get(
        grader, f"by {grader}"
    )


def word_count(text: str) -> int:
    """Words as a reader counts them: runs of anything but white space."""
    return len(text.split())


# Which words of an answer count for which point: the answer cut where quotes begin and end


_STRONGEST: Final[dict[Coverage, int]] = {"contradicted": 4, "covered": 3, "partly": 2, "unsure": 1, "missed": 0}


@dataclass(frozen=True, slots=True)
class Mark:
    """The points that a run of words counts for, and the verdict that weighs most among them."""

    points: tuple[str, ...]
    coverage: Coverage


def marked(answer: str, points: Sequence[JudgedPoint]) -> Iterator[tuple[str, Mark | None]]:
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
