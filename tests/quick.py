"""What must not stand still: the quickest of a few tries, so that a busy machine or a collection fails no test."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, process_time

TRIES = 5


def quickest(do: Callable[[], object], under: float, *, wall: bool = False) -> float:
    """The least seconds `do` takes, in up to five tries; the first one under the bound ends them.

    What hangs, or grows with the square of a text, misses the bound each time. Speed itself is measured in
    tests/benchmarks, beside a peer.

    Args:
        do: what is timed, with the same outcome each time.
        under: the bound, in seconds.
        wall: on the wall's clock (for what waits), not on the processor's.
    """
    clock = monotonic if wall else process_time
    least = float("inf")
    for _ in range(TRIES):
        began = clock()
        do()
        least = min(least, clock() - began)
        if least < under:
            break
    return least
