"""Which labs and exercises exist. Imports no torch: listing, posing and checking are instant, in any process.

A lab is three things: `labs/problems/<lab>.py` poses and checks, `labs/<lab>.py` solves in the worker, and one line
below registers it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from labs.exercise import SECONDS_ALLOWED, Exercise, stream
from labs.problems import clip, patches
from labs.protocol import ParamError, Params, Scalar

__all__ = ["SECONDS_ALLOWED", "Exercise", "UnknownExercise", "draw", "exercise", "exercises", "names", "register"]

_exercises: dict[str, Exercise] = {}


class UnknownExercise(KeyError):
    """No exercise has this name; `close_matches` are names that look like it."""

    def __init__(self, name: str, close_matches: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.close_matches = tuple(close_matches)

    def __str__(self) -> str:
        hint = f"Did you mean {' or '.join(self.close_matches)}?" if self.close_matches else "See `studytui lab list`."
        return f"There is no lab exercise “{self.name}”. {hint}"


def register(family: Iterable[Exercise]) -> None:
    """Add the exercises of a lab.

    Raises:
        ValueError: if a name is taken; none of the family is added then.
    """
    added: dict[str, Exercise] = {}
    for one in family:
        if one.name in _exercises or one.name in added:
            raise ValueError(f"two lab exercises are called {one.name}")
        added[one.name] = one
    _exercises.update(added)


def names() -> list[str]:
    """The names of all exercises, lab by lab in the order of the course."""
    return list(_exercises)


def exercises() -> list[Exercise]:
    """All exercises, lab by lab in the order of the course."""
    return list(_exercises.values())


def exercise(name: str) -> Exercise:
    """The exercise of that name.

    Raises:
        UnknownExercise: with the closest names.
    """
    try:
        return _exercises[name]
    except KeyError:
        raise UnknownExercise(name, difflib.get_close_matches(name, _exercises, n=3)) from None


def draw(vary: Mapping[str, Sequence[Scalar]], fixed: Mapping[str, Scalar], seed: int) -> Params:
    """The parameters of one showing of a card: one of each list of `vary`, and `fixed` as it stands.

    Raises:
        ParamError: if a list of `vary` is empty.
    """
    drawn: Params = {}
    for name, values in vary.items():
        if not values:
            raise ParamError(name, "the card varies it over an empty list")
        drawn[name] = stream(seed, f"vary:{name}").choice(values)
    return {**drawn, **fixed}


register(patches.EXERCISES)
register(clip.EXERCISES)
