"""How a verdict on a point looks: a sign and a word, and a colour besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual.content import Content

from studytui.domain.rehearsal import is_changed
from studytui.domain.rubric import COVERAGES, AnswerGrade, Coverage, Quote
from studytui.services.rehearsal.attempts import Attempt
from studytui.services.rehearsal.export import SIGNS

TONES: Final[dict[Coverage, str]] = {
    "covered": "$text-success",
    "partly": "$text-warning",
    "missed": "$text-muted",
    "contradicted": "$text-error",
}
MARKS: Final[dict[Coverage, str]] = {
    "covered": "bold $text-success on $success-muted",
    "partly": "italic $text-warning on $warning-muted",
    "missed": "$text-muted",
    "contradicted": "underline $text-error on $error-muted",
}
UNJUDGED: Final = "?"
WORD_CELLS: Final = max(len(word) for word in COVERAGES)
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩"


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point as the screens show it, from a grade that is being judged or from the log."""

    id: str
    text: str
    must: bool
    found: Coverage
    chosen: Coverage | None
    quote: Quote | None
    why: str
    is_changed: bool = False
    """The learner said otherwise than the grader."""

    @property
    def coverage(self) -> Coverage:
        return self.chosen or self.found


def points_of_grade(grade: AnswerGrade) -> tuple[ShownPoint, ...]:
    """The points of an answer that is being judged."""
    shown = []
    for verdict in grade.verdicts:
        point = grade.question.point(verdict.point_id)
        changed = is_changed(verdict.found, verdict.chosen, grade.grader)
        judged = (verdict.found, verdict.chosen, verdict.quote, verdict.why, changed)
        shown.append(ShownPoint(point.id, point.text, point.must, *judged))
    return tuple(shown)


def points_of_attempt(attempt: Attempt) -> tuple[ShownPoint, ...]:
    """The points of an answer in the log."""
    shown = []
    for point in attempt.points:
        changed = is_changed(point.found, point.chosen, attempt.grader)
        judged = (point.found, point.chosen, point.quote, point.why, changed)
        shown.append(ShownPoint(point.id, point.text, point.must, *judged))
    return tuple(shown)


def number_sign(index: int) -> str:
    """① for the first point."""
    return _CIRCLED[index] if index < len(_CIRCLED) else f"({index + 1})"


def coverage_text(coverage: Coverage) -> Content:
    """Sign and word, as wide for each, so that what follows stands in a column."""
    return Content.styled(f"{SIGNS[coverage]} {coverage:<{WORD_CELLS}}", TONES[coverage])


def tally(points: Sequence[ShownPoint]) -> Content:
    """One sign a point, in their order."""
    return Content(" ").join(Content.styled(SIGNS[point.coverage], TONES[point.coverage]) for point in points)
