"""Asking a lab for the answer to an exercise, in words a screen can show while it waits and when it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from labs.protocol import Evidence, Problem
    from studytui.services.lab_client import LabClient

PATIENCE_SECONDS: Final = 0.15
"""A lab that answers within this time shows no progress: a flash would only distract."""
_BAR_CELLS: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: the evidence, or a sentence on why there is none."""

    evidence: Evidence | None
    message: str = ""


async def ask_lab(client: LabClient | None, problem: Problem, on_progress: Callable[[float, str], None]) -> Outcome:
    """Run the computation; whatever happens to the worker, this returns an outcome."""
    if client is None:
        return Outcome(None, "The labs are not running in this window.")
    from studytui.services.lab_client import Solved

    outcome = await client.solve(problem, on_progress=on_progress)
    if isinstance(outcome, Solved):
        return Outcome(outcome.evidence)
    return Outcome(None, outcome.message)


def progress_text(fraction: float, words: str) -> str:
    """A bar, a percentage and what is being done: `▰▰▰▰▱▱▱▱  50 %  encoding patches`."""
    done = round(max(0.0, min(1.0, fraction)) * _BAR_CELLS)
    return f"{'▰' * done}{'▱' * (_BAR_CELLS - done)}  {round(fraction * 100):d} %  {words}".rstrip()
