"""What authors wrote, graded by the rubrics beside it: an answer that is misjudged here will be so for learners."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from studytui.course.lint_cards import Finding
from studytui.domain.rubric import Question
from studytui.study.grader import grade

if TYPE_CHECKING:
    from studytui.study.grader.matching import Field

LEAST_OF_MODEL: Final = 0.85
"""The score that a model answer is to have."""


def misjudged(
    questions: Sequence[Question], progress: Callable[[int, int], None], field: Field | None = None
) -> Iterator[Finding]:
    """Model answers below `LEAST_OF_MODEL`, answers to follow-ups not covered, common mistakes covered, corrections
    contradicted, each as a warning, and that the course has too few wordings for the grader. `field` is what the course
    is about. A question takes about a second; `progress` is told how many of how many are done.

    Raises:
        NoEmbedding: the word vectors cannot be read.
    """
    if field and field.note and questions:
        yield Finding("few-wordings", field.note, questions[0].path, 0, "", "warning", "point")
    for number, question in enumerate(questions):
        progress(number, len(questions))
        yield from _of(question, field)
    progress(len(questions), len(questions))


def _of(question: Question, field: Field | None) -> Iterator[Finding]:
    def finding(rule: str, message: str, field: str) -> Finding:
        return Finding(rule, message, question.path, question.line, question.id, "warning", field)

    found = grade(question, question.model, field)
    if found.score < LEAST_OF_MODEL:
        lost = ", ".join(f"{v.point_id} {v.coverage}" for v in found.verdicts if v.coverage != "covered")
        yield finding("model-misjudged", f"the model answer scores {found.score:.2f}: {lost}.", "model")
    for place, mistake in enumerate(question.mistakes):
        covered = [v.point_id for v in grade(question, mistake.says, field).verdicts if v.coverage == "covered"]
        if covered:
            message = f"“{mistake.says[:60]}” is taken for {', '.join(covered)}."
            yield finding("mistake-covered", message, f"mistake.{place}.says")
        wrong = [
            v.point_id for v in grade(question, mistake.correction, field).verdicts if v.coverage == "contradicted"
        ]
        if wrong:
            message = f"“{mistake.correction[:60]}” is held to contradict {', '.join(wrong)}."
            yield finding("correction-contradicted", message, f"mistake.{place}.correction")
    for place, probe in enumerate(question.probes):
        verdict = grade(question.as_probe(probe), probe.model, field).verdicts[0].coverage
        if verdict != "covered":
            yield finding("probe-misjudged", f"“{probe.model[:60]}” is judged {verdict}.", f"probe.{place}.model")
