"""Who grades an answer: the offline grader, the judge if there is one, or the learner alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studytui.domain.rehearsal import Given, nothing_said, self_check
from studytui.domain.rubric import AnswerGrade, Question

if TYPE_CHECKING:
    from studytui.services.judge import Judge


def grade_offline(question: Question, given: Given) -> AnswerGrade:
    """Hold an answer against its rubric without any network. The embedding is loaded here: call it in a thread.

    What was said aloud only the learner can judge. Whatever goes wrong in the grader, the answer is kept and the
    learner judges.
    """
    if given.mode == "aloud":
        return self_check(question, given.answer)
    if given.is_empty:
        return nothing_said(question, given.answer)
    try:
        from studytui.services.grader import grade

        return grade(question, given.answer)
    except Exception as error:  # an answer must not be lost to a fault of its grader
        reason = f"The grader failed ({type(error).__name__}: {error}). Judge each point yourself."
        return self_check(question, given.answer, reason)


def wants_judge(given: Given) -> bool:
    """There is something a judge could read."""
    return given.mode == "written" and not given.is_empty


def grade_with(judge: Judge | None, question: Question, given: Given) -> AnswerGrade:
    """The judge's grade where there is a judge and something to read, else the offline one. Call it in a thread."""
    offline = grade_offline(question, given)
    if judge is None or not wants_judge(given):
        return offline
    from studytui.services import judge as judging

    return judging.grade(judge, question, given.answer, offline)
