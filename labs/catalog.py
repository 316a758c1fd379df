"""Which labs and exercises exist. Imports no torch: listing, posing and checking are instant, in any process.

A family is a folder with `EXERCISES` that `FAMILIES` names; it is imported when one of its exercises is asked for.
Another package brings labs of its own by an entry point of the group `studytui.labs` that names its exercises: classes
of `labs.bench`, or `Exercise` records whose module solves. Those are looked up when a list, or a name not found here,
is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from importlib import import_module
from threading import RLock
from typing import Final

from labs import plugins
from labs.exercise import SECONDS_ALLOWED, Exercise, Offered, as_listed

__all__ = [
    "SECONDS_ALLOWED",
    "Exercise",
    "UnknownExercise",
    "exercise",
    "exercises",
    "names",
    "problems",
    "register",
]

FAMILIES: Final = ("patches", "eyes", "clip", "denoising", "video", "inspect", "gan", "vae", "search")
"""In the order of the course; each is a folder of this package, and the first part of its exercises' names."""

_exercises: dict[str, Exercise] = {}
_loaded: set[str] = set()
_loading: Final = RLock()
_problems: dict[str, str] = {}
_plugins_loaded = False


class UnknownExercise(KeyError):
    """No exercise has this name; `close_matches` are names that look like it."""

    def __init__(self, name: str, close_matches: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.close_matches = tuple(close_matches)

    def __str__(self) -> str:
        hint = f"Did you mean {' or '.join(self.close_matches)}?" if self.close_matches else "See `studytui lab list`."
        return f"There is no lab exercise “{self.name}”. {hint}"


def register(family: Iterable[Offered]) -> None:
    """Add the exercises of a lab.

    Raises:
        ValueError: if a name is taken; none of the family is added then.
    """
    added: dict[str, Exercise] = {}
    for one in map(as_listed, family):
        if one.name in _exercises or one.name in added:
            raise ValueError(f"two lab exercises are called {one.name}")
        added[one.name] = one
    _exercises.update(added)


def names() -> list[str]:
    """The names of all exercises, lab by lab in the order of the course, those of other packages last."""
    return [one.name for one in exercises()]


def exercises() -> list[Exercise]:
    """All exercises, lab by lab in the order of the course, those of other packages last."""
    _load_plugins()
    place = {family: number for number, family in enumerate(FAMILIES)}
    return sorted(_exercises.values(), key=lambda one: place.get(one.name.partition(".")[0], len(place)))


def problems() -> dict[str, str]:
    """Labs of other packages that cannot be used: the entry point's name and why. The rest works without them."""
    _load_plugins()
    return dict(_problems)


def exercise(name: str) -> Exercise:
    """The exercise of that name.

    Raises:
        UnknownExercise: with the closest names.
    """
    _load(name.partition(".")[0])
    if name not in _exercises:
        _load_plugins()
    try:
        return _exercises[name]
    except KeyError:
        raise UnknownExercise(name, difflib.get_close_matches(name, names(), n=3)) from None


def _load(family: str) -> None:
    """Register the exercises of a family of ours, once."""
    if family in FAMILIES and family not in _loaded:
        with _loading:
            if family not in _loaded:
                register(import_module(f"labs.{family}").EXERCISES)
                _loaded.add(family)


def _load_plugins() -> None:
    """Register what other packages bring, once; one that fails is noted and left out."""
    global _plugins_loaded  # noqa: PLW0603  a module is loaded once, and so are these
    if _plugins_loaded:
        return
    _plugins_loaded = True
    for family in FAMILIES:  # no name of ours can be taken
        _load(family)
    for point in plugins.entry_points():
        try:
            register(plugins.load(point))
        except (plugins.PluginFailed, ValueError) as error:
            _problems[point.name] = str(error)
