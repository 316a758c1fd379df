"""`python -m tests.benchmarks.inspection`: the faults of the inspection system on boards drawn for this run alone.

python -m tests.benchmarks.inspection [--pairs N] [--salt WORD] [--sets N]
Prints what each experiment gives on each fault, how often the rule names it at 15 and 25 pairs, and runs the rule as
the bench does on the first sets that the card names. Ends with 1 if a fault is named less often than the bench needs.
"""

from __future__ import annotations

import argparse
import sys
import time

from labs.inspect.diagnosis import LENS_OF, SHOWN, Experiment, diagnose, next_experiment
from labs.inspect.measure import figures, fresh_pairs, named_right, record
from labs.inspect.system import Bench, bench_of, planted, reference, run
from labs.models import weights

NEEDED = {15: 0.95, SHOWN: 0.99}


def main() -> int:
    """Measure all faults; 0 if each is named as often as is needed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.inspection", description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=60, help="fresh pairs of boards (60)")
    parser.add_argument("--salt", default="inspection benchmark", help="names the boards: another word, other boards")
    parser.add_argument("--sets", type=int, default=1, help="sets of the card that are run as on the bench (1)")
    options = parser.parse_args()
    bench = Bench(fresh_pairs(options.salt, options.pairs))
    missed = 0
    for fault in (None, *sorted(LENS_OF, key=lambda fault: LENS_OF[fault] == "eye")):
        system = planted(fault) if fault else reference()
        if fault and LENS_OF[fault] == "eye":
            bench.forget()
        found = record(system, bench)
        row = {key: f"{value:.2f}" for key, value in figures(system, bench, found).items()}
        if fault:
            for number, needed in NEEDED.items():
                right = named_right(found, LENS_OF[fault], min(number, options.pairs))
                row[f"named_at_{number}"] = f"{right:.3f}"
                missed += right < needed
        print(fault or "reference", *(f"{key}={value}" for key, value in row.items()), flush=True)
    for fault, seeds in weights.card("inspection_faults")["stated"]["seeds"].items():
        for seed in seeds[: options.sets]:
            started = time.process_time()
            system, boards = planted(fault), bench_of(seed)
            values: dict[Experiment, float] = {}
            while (experiment := next_experiment(values)) is not None:
                values[experiment] = run(experiment, system, boards).value
            named = diagnose(values)
            missed += named != LENS_OF[fault]
            took = time.process_time() - started
            print(f"set {seed}, {fault}: {named} by {', '.join(values)}; {took:.1f} s of CPU", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
