"""What an exercise costs: lines to write, time to pose, time to import the list of all of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from labs import catalog
from tests.benchmarks.report import Row

LABS: Final = Path(catalog.__file__).parent
LINES_LIMIT: Final = 90.0
POSE_LIMIT_MS: Final = 1.0
IMPORT_LIMIT_MS: Final = 30.0
POSED: Final = 200
_IMPORT: Final = (
    "import time, sys, dataclasses, difflib, random, json, pathlib\n"
    "started = time.process_time()\n"
    "import labs.catalog\n"
    "print(time.process_time() - started)"
)


def lab_exercises(rounds: int) -> list[Row]:
    """Lines an exercise that is built on the bench, families and bench together; time of the processor to pose one."""
    built = [one for one in catalog.exercises() if one.varied is not None and one.module.startswith("labs.")]
    families = sorted({one.module.split(".")[1] for one in built})
    lines = sum(
        len(file.read_text(encoding="utf-8").splitlines())
        for folder in (*families, "bench")
        for file in (LABS / folder).glob("*.py")
    )
    milliseconds = {}
    for one in built:
        one.pose({}, POSED)
        started = time.process_time()
        for seed in range(POSED):
            one.pose({}, seed)
        milliseconds[one.name] = (time.process_time() - started) / POSED * 1000
    slowest = max(milliseconds, key=milliseconds.__getitem__)
    return [
        Row("lab_lines", lines / len(built), "lines", LINES_LIMIT, detail={"exercises": len(built), "lines": lines}),
        Row("lab_pose", median(milliseconds.values()), "ms", POSE_LIMIT_MS, detail={slowest: milliseconds[slowest]}),
        Row("lab_import", _import_ms(rounds), "ms", IMPORT_LIMIT_MS, detail={"rounds": rounds}),
    ]


def _import_ms(rounds: int) -> float:
    """The processor's time to import the list, in a process of its own that has imported what Python brings."""
    with tempfile.TemporaryDirectory() as compiled:  # as an installed package is
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = compiled
        command = [sys.executable, "-c", _IMPORT]
        runs = [
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            for _ in range(max(3, rounds))
        ]
    return min(float(run.stdout) for run in runs) * 1000
