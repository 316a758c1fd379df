"""An attack on the learner's record: what is done, how often, and what of it went wrong."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import tests.faults

SEED: Final = 20_261_127


@dataclass(frozen=True, slots=True)
class Attack:
    """`run(tries, seed)` makes that many tries and returns a sentence for each that failed; same seed, same tries."""

    name: str
    tries: int
    quick: int
    """Tries inside the test suite: seconds, not minutes."""
    run: Callable[[int, int], list[str]]


def attacks() -> list[Attack]:
    """Every attack of the modules in this folder, each of which names its own in `ATTACKS`."""
    found: list[Attack] = []
    for module in sorted(pkgutil.iter_modules(tests.faults.__path__), key=lambda module: module.name):
        if not module.name.startswith(("test_", "_")):
            found += getattr(importlib.import_module(f"tests.faults.{module.name}"), "ATTACKS", ())
    return found
