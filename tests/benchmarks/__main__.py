"""`make bench`: measure the app beside its peers, in pairs and in one run, and print a table.

python -m tests.benchmarks [--only NAME]... [--rounds N] [--kills N] [--json]
Ends with 1 if a target was missed. The first run installs the peers into .bench/ and builds the courses there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial

from tests.benchmarks import exercises, first_card, lab_families, next_card, patch_lab
from tests.benchmarks.kill9 import kill9
from tests.benchmarks.report import Row, as_json, table

Benchmark = Callable[[int], list[Row]]


def main() -> int:
    """Run what was asked for; 0 if every target was met."""
    benchmarks: dict[str, Benchmark] = {
        "first_card": first_card.first_card,
        "memory": first_card.memory,
        "next_card": next_card.next_card,
        "growth": next_card.growth,
        "patch_lab": patch_lab.patch_lab,
        "lab_exercises": exercises.lab_exercises,
        "lab_families": lab_families.lab_families,
        "worker_start": lab_families.worker_start,
        "lab_overhead": lab_families.overhead,
        "ui_pause": lab_families.interface_pause,
    }
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=[*benchmarks, "kill9"], help="may be given several times")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each pair (7)")
    parser.add_argument("--kills", type=int, default=200, help="how often kill -9 strikes (200)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills (0)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    wanted = parser.parse_args()
    benchmarks["kill9"] = partial(kill9, kills=wanted.kills, seed=wanted.seed)
    load = os.getloadavg()[0]
    if load > (os.cpu_count() or 1) / 2:
        print(f"The machine is busy (load {load:.2f}); ratios of pairs hold, single figures may not.", file=sys.stderr)
    rows: list[Row] = []
    for name in wanted.only or benchmarks:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += benchmarks[name](wanted.rounds)
    print(as_json(rows, load=load) if wanted.json else table(rows))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
