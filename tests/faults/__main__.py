"""All attacks on the learner's record in one table: `make faults`, or `make faults ARGS=--quick`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.faults.attack import SEED, attacks


def main() -> int:
    """Run the attacks; 1 if any try failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few tries of each, as the test suite makes them")
    parser.add_argument("--only", default="", help="only attacks whose name contains this")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    print(f"{'attack':<58} {'tries':>6} {'failures':>8} {'seconds':>8}  seed {options.seed}")
    failed = 0
    for attack in attacks():
        if options.only not in attack.name:
            continue
        tries = attack.quick if options.quick else attack.tries
        start = time.monotonic()
        failures = attack.run(tries, options.seed)
        failed += len(failures)
        print(f"{attack.name:<58} {tries:>6} {len(failures):>8} {time.monotonic() - start:>8.1f}", flush=True)
        for failure in failures[:20]:
            print(f"    {failure}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
