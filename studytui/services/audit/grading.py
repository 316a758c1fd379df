"""Holding an answer in words against a part's rubric. The learner has no say in it: a gate is judged by the grader."""

from __future__ import annotations

from studytui.domain.gate_parts import Written
from studytui.domain.plain_text import storable
from studytui.domain.rubric import AnswerGrade


class CannotGrade(Exception):
    """The answer was not judged, and nothing was written to the log; the text says why."""


def grade_written(part: Written, answer: str) -> AnswerGrade:
    """What the offline grader finds. The embedding is loaded here: call it in a thread.

    Raises:
        CannotGrade: nothing was written, or the grader failed; the answer is the caller's to keep.
    """
    if not any(letter.isalnum() for letter in answer):
        raise CannotGrade(
            "Nothing is written yet. Say what you know, even if it is little: it shows what to read again."
        )
    try:
        from studytui.services.grader import grade

        return grade(part.question, storable(answer))
    except Exception as error:  # whatever is wrong with the grader, the answer must not be lost
        raise CannotGrade(
            f"The grader failed ({type(error).__name__}: {error}). Your answer is kept; try again."
        ) from error
