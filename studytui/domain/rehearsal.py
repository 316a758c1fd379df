"""An answer to an interview question as it was handed in, before anything is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from studytui.domain.rubric import AnswerGrade, Coverage, PointVerdict, Question

Mode: TypeAlias = Literal["written", "aloud"]
MODES: Final[tuple[Mode, ...]] = ("written", "aloud")

OFFLINE: Final = "offline"
YOURSELF: Final = "yourself"
NOTHING: Final = "nothing said"

MOCK_COUNT: Final = 5
MOCK_MINUTES: Final = 15
MOST_QUESTIONS: Final = 50
MOST_MINUTES: Final = 240
"""A mock interview: its size where none is named, and the greatest there is."""


@dataclass(frozen=True, slots=True)
class Given:
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


def is_changed(found: Coverage, chosen: Coverage | None, grader: str) -> bool:
    """The learner said otherwise than the grader; where the learner is the grader, nobody did."""
    return grader != YOURSELF and chosen not in (None, found)


def by_whom(grader: str) -> str:
    """Who graded, as the end of a sentence."""
    return {OFFLINE: "graded offline", YOURSELF: "judged by you", NOTHING: "nothing was said"}.get(
        grader, f"by {grader}"
    )


def word_count(text: str) -> int:
    """Words as a reader counts them: runs of anything but white space."""
    return len(text.split())
