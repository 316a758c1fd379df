"""A stand-in for the grader where it is not installed: a point is covered if one of its phrasings is in the answer."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from studytui.domain.rubric import AnswerGrade, PointVerdict, Question, Quote


def grade(question: Question, text: str) -> AnswerGrade:
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
def grader(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("studytui.services.grader") is None:
        module = ModuleType("studytui.services.grader")
        module.grade = grade  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "studytui.services.grader", module)
