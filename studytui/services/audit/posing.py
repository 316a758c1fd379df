"""Fresh numbers for every attempt at a computed part."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Final

from labs import catalog
from labs.protocol import Problem
from studytui.domain.gate_parts import Computed
from studytui.services.audit.evidence import Answered, Computation
from studytui.services.audit.writing import name_of

SEEDS_TRIED: Final = 200


def pose(part: Computed, answers: Sequence[Answered], *, draw: Callable[[], int] | None = None) -> Problem:
    """A problem that no attempt at the part was asked; if all were, the one asked longest ago.

    `answers` are the attempts at the part, oldest first, those taken back among them: their numbers were seen.

    Raises:
        UnknownExercise: there is no such lab.
        ParamError: the part's parameters are out of range; the text names them.
    """
    seed_of = draw or (lambda: secrets.randbelow(2**31))
    exercise = catalog.exercise(part.lab.exercise)
    age = {answer.problem: place for place, answer in enumerate(answers)}
    oldest: tuple[int, Problem] | None = None
    for _ in range(SEEDS_TRIED):
        seed = seed_of()
        problem = exercise.pose(catalog.draw(part.lab.vary, part.lab.fixed, seed), seed)
        place = age.get(name_of(problem), -1)
        if place < 0:
            return problem
        if oldest is None or place < oldest[0]:
            oldest = (place, problem)
    assert oldest is not None
    return oldest[1]


def pose_again(computation: Computation) -> Problem:
    """The problem of an attempt once more, from its parameters and seed, so that its pictures can be made again.

    Raises:
        UnknownExercise: the lab is no longer there.
        ParamError: the lab no longer takes these parameters.
    """
    return catalog.exercise(computation.exercise).pose(computation.params, computation.seed)
