"""What systems say of fixed boards, worked out once a worker: the first time takes seconds and shows how far it is.

Boards are named: `pool`, pairs of which the burned ones come first; `healthy`, those that thresholds are set on; and
`sizes 24` or `tokens 24`, burned boards whose burns are 24 px across, the ones that the cards were measured on. `dim
24` and `turned 24` are those of `sizes 24` in little light, and turned by a quarter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labs.bench import Show
from labs.inspect.diagnosis import POOL, Experiment, Fault, threshold_for
from labs.inspect.measure import OF_EACH_SIZE, fresh_pairs, healthy_boards
from labs.inspect.system import (
    EXPERIMENTS,
    WORKFLOWS,
    Bench,
    System,
    Workflow,
    faulty_part,
    margins,
    pair,
    planted,
    probe,
    reference,
    see,
)
from labs.models.inspection.parts import Bridge, Reasoner
from labs.scenes.burns import Camera

Named: TypeAlias = Fault | Literal["reference", "four tokens"]
__all__ = [
    "POOL",
    "WORKFLOWS",
    "bench",
    "margins_of",
    "named",
    "pair",
    "probe",
    "see",
    "share_above",
    "threshold_of",
    "value_of",
]

_AT_ONCE: Final = 4
"""Windows that an eye looks through between two words on how far it is."""
DIM: Final = 0.6
"""The light of a dim board, against that of the same board."""
_CHANGED: Final[Mapping[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]] = {
    "dim": lambda pixels: np.round(pixels * np.float32(DIM)).astype(np.uint8),
    "turned": lambda pixels: np.ascontiguousarray(np.rot90(pixels)),
}
_margins: dict[tuple[Camera, Bridge, Reasoner, str, Workflow], Tensor] = {}
_values: dict[tuple[Named, Experiment], float] = {}


def named(system: Named) -> System:
    """The reference, or one that has that in it."""
    if system == "reference":
        return reference()
    if system == "four tokens":
        bridge = faulty_part("bridge_four_tokens")
        assert isinstance(bridge, Bridge)
        return reference().swap(bridge=bridge)
    return planted(system)


@lru_cache(maxsize=2)
def bench(boards: str, camera: Camera = "clear") -> Bench:
    """The boards of that name; those before another camera are a bench of their own, as what eyes said is large."""
    _ = camera
    if boards == "pool":
        return Bench([pair(index) for index in range(POOL)])
    if boards == "healthy":
        return healthy_boards()
    salt, size = boards.split()
    if salt in _CHANGED:
        change = _CHANGED[salt]
        pairs = bench(f"sizes {size}").pairs
        return Bench(
            [replace(one, burned=replace(one.burned, pixels=change(one.burned.pixels))) for one in pairs], healthy=False
        )
    return Bench(fresh_pairs(f"inspection {salt}:{size}", OF_EACH_SIZE, (int(size), int(size))), healthy=False)


def margins_of(show: Show, system: Named | System, boards: str, way: str) -> Tensor:
    """The margin of each view of these boards: (boards, views)."""
    one, workflow = system if isinstance(system, System) else named(system), cast("Workflow", way)
    key = (one.camera, one.bridge, one.reasoner, boards, workflow)
    if key not in _margins:
        show.progress(0.05, "drawing boards")
        on = bench(boards, one.camera)
        looked_at(show, one, on, workflow)
        _margins[key] = margins(one, on, WORKFLOWS[workflow])
    return _margins[key]


def looked_at(show: Show, system: System, on: Bench, workflow: Workflow) -> None:
    """Let the system's eye look through the windows of a workflow, some at a time."""
    windows = WORKFLOWS[workflow]
    for start in range(0, len(windows), _AT_ONCE):
        show.progress(0.2 + 0.7 * start / len(windows), f"{len(on.boards)} boards, {len(windows)} views of each")
        on.tokens(system, windows[start : start + _AT_ONCE])


def threshold_of(show: Show, system: Named, way: str = "one shot", false_alarms: float = 0.05) -> float:
    """The threshold that at most that share of 200 healthy boards scores above."""
    return threshold_for(margins_of(show, system, "healthy", way).amax(dim=1).tolist(), false_alarms)


def share_above(found: Tensor, threshold: float) -> float:
    """The share of boards, in percent, with a view whose margin lies above: (boards, views)."""
    return 100 * float((found.amax(dim=1) > threshold).to(torch.float64).mean())


def value_of(show: Show, system: Named, experiment: Experiment) -> float:
    """What an experiment gives on that system, on the boards of the pool."""
    key = (system, experiment)
    if key not in _values:
        show.progress(0.05, f"{experiment} on {POOL} pairs of boards")
        one = named(system)
        on = bench("pool", one.camera)
        if experiment in ("probe", "crops", "reset"):
            looked_at(show, one, on, "25 crops" if experiment == "crops" else one.workflow)
        _values[key] = EXPERIMENTS[experiment](one, on)["value"]
    return _values[key]
