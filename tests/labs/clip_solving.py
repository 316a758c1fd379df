"""Posing, solving and judging a question of the CLIP lab in one line each."""

from __future__ import annotations

from typing import Any

from labs import catalog
from labs.protocol import Evidence, Problem, Verdict

NAMES = [name for name in catalog.names() if name.startswith("clip.")]


def quiet(fraction: float, text: str) -> None:
    """Progress nobody watches."""


def solved(name: str, seed: int = 0, **params: Any) -> tuple[Problem, Evidence]:
    problem = catalog.exercise(name).pose(params, seed)
    return problem, catalog.exercise(name).solve(problem, quiet)


def verdict(answer: str, problem: Problem, evidence: Evidence) -> Verdict:
    return catalog.exercise(problem.exercise).check(problem, answer, evidence)
