"""Every lab through its client: warm answers, overhead, the worker's start, the longest pause of the interface."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from statistics import median
from typing import Any, Final

from labs import catalog
from labs.protocol import Problem
from studytui.study.labs import LabClient, Solved
from tests.benchmarks.report import Row

LIMITS_MS: Final = {"patches": 150.0, "clip": 150.0, "video": 150.0, "denoising": 400.0, "inspect": 400.0}
SAYS_SO: Final = "samples with the model"
"""In the title of an exercise that takes its time, and shows progress."""
SOLVES_EACH: Final = 8
START_LIMIT_S: Final = 4.0
PAUSE_LIMIT_MS: Final = 50.0
TICK_S: Final = 0.005


def lab_families(_: int) -> list[Row]:
    """95th percentile of each family's warm answers, exercises that show progress left out."""
    found = asyncio.run(_solve_all())
    rows = []
    for family, milliseconds in found.items():
        ordered = sorted(ms for times in milliseconds.values() for ms in times)
        slowest = max(milliseconds, key=lambda name: median(milliseconds[name]))
        detail = {"solves": len(ordered), "slowest": slowest, "slowest_median_ms": median(milliseconds[slowest])}
        rows.append(
            Row(f"lab_{family}", ordered[int(len(ordered) * 0.95)], "ms", LIMITS_MS.get(family, 400.0), detail=detail)
        )
    return rows


def worker_start(rounds: int) -> list[Row]:
    """Seconds from starting a worker until it is ready."""

    async def start() -> float:
        client = LabClient()
        started = time.perf_counter()
        try:
            await client.start()
            return time.perf_counter() - started
        finally:
            await client.close()

    seconds = [asyncio.run(start()) for _ in range(max(2, rounds))]
    return [Row("worker_start", median(seconds), "s", START_LIMIT_S, detail={"all": seconds})]


def overhead(_: int) -> list[Row]:
    """A warm answer through the client against the same solve called directly in this process, in turns."""
    import torch

    torch.set_num_threads(1)
    names = ["patches.count", "patches.sequence", "patches.flatten"]
    ratios: list[float] = []
    through: list[float] = []
    direct: list[float] = []

    async def measure() -> None:
        client = LabClient()
        await client.start()
        try:
            for seed in range(20):
                for name in names:
                    problem = _posed(name, seed)
                    started = time.perf_counter()
                    catalog.exercise(name).solve(problem, lambda *_: None)
                    alone = time.perf_counter() - started
                    started = time.perf_counter()
                    outcome = await client.solve(problem)
                    took = time.perf_counter() - started
                    assert isinstance(outcome, Solved)
                    if seed >= 3:
                        through.append(took)
                        direct.append(alone)
                        ratios.append(took / alone)
        finally:
            await client.close()

    asyncio.run(measure())
    return [
        Row("lab_overhead", median(through) * 1000, "ms", 1.2, median(direct) * 1000, "direct call", median(ratios))
    ]


def interface_pause(_: int) -> list[Row]:
    """The longest gap between ticks of the app's own loop while a lab runs in its worker."""
    pauses = asyncio.run(_pauses())
    return [Row("ui_pause", max(pauses) * 1000, "ms", PAUSE_LIMIT_MS, detail={"ticks": len(pauses)})]


async def _pauses() -> list[float]:
    import os
    import tempfile
    from pathlib import Path

    from studytui.study.workspace import Workspace
    from studytui.ui.app import StudyApp

    with tempfile.TemporaryDirectory() as home:
        before = os.environ.get("STUDYTUI_HOME")
        os.environ["STUDYTUI_HOME"] = home
        try:
            with Workspace.open() as workspace:
                client = LabClient()
                app = StudyApp(workspace, client)
                async with app.run_test(size=(120, 40)) as pilot:
                    await client.start()
                    app.open_lab("patches.ragged")
                    await pilot.pause(1.0)
                    return await _tick_while(app, client, Path(home))
        finally:
            if before is None:
                del os.environ["STUDYTUI_HOME"]
            else:
                os.environ["STUDYTUI_HOME"] = before


async def _tick_while(app: Any, client: LabClient, _: Any) -> list[float]:
    """Ticks while ten problems are computed by the worker."""
    gaps: list[float] = []
    running = True

    async def tick() -> None:
        last = time.perf_counter()
        while running:
            await asyncio.sleep(TICK_S)
            now = time.perf_counter()
            gaps.append(now - last - TICK_S)
            last = now

    ticker = asyncio.create_task(tick())
    assert app.is_running
    for seed in range(10):
        await client.solve(_posed("patches.ragged", seed))
    running = False
    await ticker
    return gaps


async def _solve_all() -> dict[str, dict[str, list[float]]]:
    client = LabClient()
    await client.start()
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    try:
        for exercise in catalog.exercises():
            if SAYS_SO in exercise.title:
                continue
            for seed in range(SOLVES_EACH + 1):
                problem = _posed(exercise.name, seed)
                started = time.perf_counter()
                outcome = await client.solve(problem)
                elapsed_ms = (time.perf_counter() - started) * 1000
                assert isinstance(outcome, Solved), f"{exercise.name}: {outcome.message}"
                if seed:  # the first loads what the exercise needs
                    found[exercise.name.partition(".")[0]][exercise.name].append(elapsed_ms)
    finally:
        await client.close()
    return found


def _posed(name: str, seed: int) -> Problem:
    return catalog.exercise(name).pose({}, seed)
