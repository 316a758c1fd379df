"""What the system and its faults do, measured on boards that nothing was trained on; the figures of the cards."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from torch import Tensor

from labs.inspect.diagnosis import (
    LENS_OF,
    POOL,
    SHOWN,
    Experiment,
    Fault,
    Lens,
    auc,
    boards_of,
    diagnose,
    threshold_for,
)
from labs.inspect.system import EXPERIMENTS, WORKFLOWS, Bench, System, margins, probed, scores, told
from labs.scenes.burns import TINY_PX, Pair, draw_pair

HEALTHY_BOARDS: Final = 200
"""Boards that a threshold is set on."""
SIZES_PX: Final = (8, 12, 16, 24, 32, 40)
OF_EACH_SIZE: Final = 50
FALSE_ALARMS: Final = 0.05


Name = TypeVar("Name", bound=str)


@dataclass(frozen=True, slots=True)
class Record:
    """What one system did on each pair of a bench: burned boards first, healthy twins second."""

    probe: tuple[list[float], list[float]]
    answer: tuple[list[float], list[float]]
    crops: tuple[list[float], list[float]]
    told: list[bool]

    def values(self, chosen: Sequence[int]) -> dict[Experiment, float]:
        """The figures of the rule's experiments on some of the pairs."""

        def ranked(both: tuple[list[float], list[float]]) -> float:
            return auc([both[0][i] for i in chosen], [both[1][i] for i in chosen])

        return {
            "probe": ranked(self.probe),
            "crops": ranked(self.crops),
            "told": sum(self.told[i] for i in chosen) / len(chosen),
            "reset": ranked(self.answer),
        }


def fresh_pairs(salt: str, number: int, diameter_px: tuple[float, float] = TINY_PX) -> list[Pair]:
    """Pairs that were drawn for no other purpose."""
    return [draw_pair(f"{salt}:{index}", diameter_px) for index in range(number)]


def healthy_boards(number: int = HEALTHY_BOARDS) -> Bench:
    """The healthy boards that thresholds are set on."""
    return Bench(fresh_pairs("inspection thresholds", number), burned=False)


def healthy_scores(system: System, healthy: Bench) -> list[float]:
    """The highest margin of each healthy board."""
    found: list[float] = margins(system, healthy).amax(dim=1).tolist()
    return found


def calibrated(system: System, healthy: Bench) -> float:
    """The threshold at which the system raises false alarms on 5% of these healthy boards."""
    return threshold_for(healthy_scores(system, healthy), FALSE_ALARMS)


def record(system: System, bench: Bench, probe: Tensor | None = None) -> Record:
    """Run the rule's experiments, board by board."""
    return Record(
        probed(system, bench, probe),
        scores(system, bench),
        scores(system, bench, WORKFLOWS["25 crops"]),
        told(system, bench)[0],
    )


def figures(system: System, bench: Bench, found: Record) -> dict[str, float]:
    """The row of the matrix of one system: what it says, and what each experiment gives."""
    burned, healthy = found.answer
    values = found.values(range(len(bench.pairs)))
    return {
        "says_burned": share(score > system.threshold for score in burned),
        "false_alarms": share(score > system.threshold for score in healthy),
        "reset_recall": share(score > system.calibrated for score in burned),
        "reset_false_alarms": share(score > system.calibrated for score in healthy),
        "auc_answer": values["reset"],
        "auc_probe": values["probe"],
        "auc_crops": values["crops"],
        "told_says_burned": values["told"],
        "zoom_says_burned": EXPERIMENTS["zoom"](system, bench)["value"],
        "asked_says_burned": EXPERIMENTS["asked"](system, bench)["value"],
        "blank_margin": EXPERIMENTS["blank"](system, bench)["value"],
    }


def named_right(found: Record, lens: Lens, number: int, times: int = 300) -> float:
    """How often the rule names the lens, over sets of so many pairs drawn from the record without replacement."""
    chance = random.Random(f"inspection subsamples:{number}")
    pairs = range(len(found.told))
    return share(diagnose(found.values(chance.sample(pairs, number))) == lens for _ in range(times))


def decidable(found: Record, fault: Fault, number: int = 24) -> list[int]:
    """The first seeds whose set of pairs lets the rule name the fault's lens. The record is of the whole pool.

    Raises:
        ValueError: too few of the first sets do: the fault cannot be posed.
    """
    assert len(found.told) == POOL
    kept = [seed for seed in range(2 * number) if diagnose(found.values(boards_of(seed, SHOWN))) == LENS_OF[fault]][
        :number
    ]
    if len(kept) < number:
        raise ValueError(f"the rule names {fault} on {len(kept)} of {2 * number} sets; it must on {number}")
    return kept


def by_size(systems: Mapping[Name, System], salt: str) -> dict[Name, dict[str, float]]:
    """The share of burned boards each system finds, for burns of each size: {system: {px: recall}}."""
    found: dict[Name, dict[str, float]] = {name: {} for name in systems}
    for size in SIZES_PX:
        bench = Bench(fresh_pairs(f"{salt}:{size}", OF_EACH_SIZE, (size, size)), healthy=False)
        for name, system in systems.items():
            best: list[float] = margins(system, bench).amax(dim=1).tolist()
            found[name][str(size)] = share(score > system.threshold for score in best)
    return found


def shift(system: System, good: System, healthy: Bench) -> tuple[float, float]:
    """How much lower the margins of healthy boards, shown whole, became: the median in nats; and the correlation."""
    before, after = (healthy_scores(each.swap(workflow="one shot"), healthy) for each in (good, system))
    moved = statistics.median(old - new for old, new in zip(before, after, strict=True))
    return moved, statistics.correlation(before, after)


def share(hits: Iterable[bool]) -> float:
    """The share that is true."""
    found = list(hits)
    return sum(found) / len(found)
