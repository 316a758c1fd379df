"""A grader that is easy to foresee: a point is covered if one of its phrasings is in the answer."""

from __future__ import annotations

import pytest

from studytui.domain.rubric import AnswerGrade, PointVerdict, Question, Quote


def grade(question: Question, text: str, _field: object = None) -> AnswerGrade:
    verdicts = []
    for point in question.points:
        found = [(text.casefold().find(phrase), len(phrase)) for phrase in point.phrasings]
        start, length = max(found)
        if start >= 0:
            quote = Quote(start, start + length, text[start : start + length])
            verdicts.append(PointVerdict(point.id, "covered", 0.9, quote, "the same words"))
        else:
            verdicts.append(PointVerdict(point.id, "missed", 0.8))
    return AnswerGrade(question, text, tuple(verdicts), "offline grader")


@pytest.fixture(autouse=True)
def grader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a gate makes of a grade is tested here, not how good the grader is; `real_grader` asks for the real one."""
    if "real_grader" not in request.fixturenames:
        monkeypatch.setattr("studytui.study.grader.grade", grade)


@pytest.fixture
def real_grader() -> None:
    """The product's own grader."""
