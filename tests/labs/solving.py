"""Posing, solving and checking in one line, and what every evidence must hold."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from labs import catalog
from labs.protocol import Evidence, Problem, SolveRequest, Verdict


def quiet(fraction: float, text: str) -> None:
    """Progress nobody watches."""


def solved(name: str, seed: int = 0, **params: Any) -> tuple[Problem, Evidence]:
    """One showing, solved in this process."""
    exercise = catalog.exercise(name)
    problem = exercise.pose(params, seed)
    return problem, exercise.solve(problem, quiet)


def verdict(answer: str, problem: Problem, evidence: Evidence) -> Verdict:
    """How the exercise judges an answer."""
    return catalog.exercise(problem.exercise).check(problem, answer, evidence)


def as_answer(evidence: Evidence) -> str:
    """What somebody types who knows the measured value."""
    value = evidence.value
    if isinstance(value, list):
        return "; ".join(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def assert_judged(problem: Problem, evidence: Evidence) -> None:
    """The measured value is right; others are not."""
    assert verdict(as_answer(evidence), problem, evidence).correct, (problem, evidence.value)
    if isinstance(evidence.value, list):
        wrong = ["; ".join(reversed(evidence.value)), ""]
    elif isinstance(evidence.value, str):
        wrong = [option for option in problem.options if option != evidence.value] + ["", "9"]
    else:
        right = float(evidence.value)
        wrong = [f"{value:.6f}" for value in (right * 1.5 + 2, -right - 3)] + ["", "many"]
    for answer in wrong:
        refused = verdict(answer, problem, evidence)
        assert not refused.correct, (problem, answer)
        assert refused.message.endswith(".")


def assert_shown(problem: Problem, evidence: Evidence) -> None:
    """The evidence says how the value came about and survives the way to the app."""
    assert any("->" in line for line in evidence.derivation)
    assert "Source:" in evidence.derivation[-1]
    assert "def " in evidence.code
    assert '"""' not in evidence.code
    assert evidence.unit == problem.unit
    assert {"python", "torch"} <= set(evidence.versions)
    assert evidence.seconds > 0
    for picture in evidence.pictures:
        assert len(picture.png) <= 60_000
        image = Image.open(io.BytesIO(picture.png))
        image.load()
        assert max(image.size) <= 448
        assert picture.alt
        assert picture.caption
    for curve in evidence.curves:
        assert all(len(series) == len(curve.x) for series in curve.series.values())
    assert Evidence.from_json(evidence.to_json()) == evidence
    assert SolveRequest.from_line(SolveRequest("1", problem).to_line()).problem == problem
