"""The patch lab through its client: the evidence is back while the learner's finger is still on the key."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from labs import catalog
from studytui.study.labs import LabClient, Solved
from tests.benchmarks.report import Row

EXERCISE: Final = "patches.count"
SOLVES: Final = 50
WARM_UP: Final = 3


def patch_lab(_: int) -> list[Row]:
    """95th percentile of a warm worker's answers, each with other numbers."""
    milliseconds = asyncio.run(_solve())
    return [
        Row(
            "patch_lab",
            sorted(milliseconds)[int(len(milliseconds) * 0.95)],
            "ms",
            100.0,
            detail={"solves": SOLVES, "slowest_ms": max(milliseconds)},
        )
    ]


async def _solve() -> list[float]:
    exercise = catalog.exercise(EXERCISE)
    client = LabClient()
    await client.start()
    milliseconds = []
    try:
        for seed in range(WARM_UP + SOLVES):
            problem = exercise.pose({}, seed)
            started = time.perf_counter()
            outcome = await client.solve(problem)
            elapsed_ms = (time.perf_counter() - started) * 1000
            assert isinstance(outcome, Solved), outcome.message
            if seed >= WARM_UP:
                milliseconds.append(elapsed_ms)
    finally:
        await client.close()
    return milliseconds
