"""An inspection system of four parts, and the experiments that say which of them fails.

Camera and workflow, eye, bridge, reasoner: `System.swap` replaces one. A board's score is the highest margin of its
views, in nats: how much more "burned" than "looks fine" the reasoner would say. The lens that failed is defined by
intervention: the part which, replaced by the reference's, brings the recall back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from labs.inspect.diagnosis import LENS_OF, Experiment, Fault, Outcome, auc, boards_of
from labs.models import weights
from labs.models.inspection.parts import (
    SLOTS_A_SIDE,
    WIDTH,
    Bridge,
    Eye,
    Reasoner,
    frozen,
    ids,
    in_slots,
    question_at,
    to_pixel_values,
)
from labs.models.inspection.training import untrained_bridge
from labs.scenes.burns import (
    CAMERAS,
    FULL,
    GRID,
    NINE,
    PARTS,
    SIDE_PX,
    TWENTY_FIVE,
    VIEW_PX,
    Board,
    Camera,
    Pair,
    Window,
    draw_pair,
    patch_labels,
    views,
)

Workflow: TypeAlias = Literal["one shot", "nine crops", "25 crops"]
WORKFLOWS: Final[Mapping[Workflow, tuple[Window, ...]]] = {
    "one shot": FULL,
    "nine crops": FULL + NINE,
    "25 crops": FULL + TWENTY_FIVE,
}
"""The windows of a board that are looked at."""
FaultyPart: TypeAlias = Literal[
    "bridge_one_token", "bridge_four_tokens", "bridge_untrained", "reasoner_98_healthy", "reasoner_no_concept"
]
ZOOM: Final[tuple[Window, ...]] = ((-1, -1, VIEW_PX),)
"""Stands for each pair's own window around the burn."""
_BURNED: Final = PARTS.index("burned")
_BATCH: Final = 256


@dataclass(frozen=True, eq=False)
class System:
    """Pictures in, "burned" or "looks fine" out. It says burned where a view's margin lies above the threshold."""

    camera: Camera
    eye: Eye
    bridge: Bridge
    reasoner: Reasoner
    workflow: Workflow
    threshold: float
    calibrated: float
    """The threshold above which 5% of 200 healthy boards score. A system answers with it, unless nobody set it anew."""

    def swap(
        self,
        *,
        camera: Camera | None = None,
        eye: Eye | None = None,
        bridge: Bridge | None = None,
        reasoner: Reasoner | None = None,
        workflow: Workflow | None = None,
        threshold: float | None = None,
        calibrated: float | None = None,
    ) -> System:
        """The same system with these parts in place of its own."""
        return replace(
            self,
            camera=camera or self.camera,
            eye=eye or self.eye,
            bridge=bridge or self.bridge,
            reasoner=reasoner or self.reasoner,
            workflow=workflow or self.workflow,
            threshold=self.threshold if threshold is None else threshold,
            calibrated=self.calibrated if calibrated is None else calibrated,
        )


class Bench:
    """Boards on which systems are tried: pairs, burned boards first, or one half of them alone.

    What an eye said of a view is kept, so that a second experiment is cheap.
    """

    def __init__(self, pairs: Sequence[Pair], *, burned: bool = True, healthy: bool = True) -> None:
        self.pairs = tuple(pairs)
        self.boards = [pair.burned for pair in pairs if burned] + [pair.healthy for pair in pairs if healthy]
        self._zooms = [pair.zoom for pair in pairs] * (burned + healthy)
        self._kept: dict[tuple[Camera, Eye, Window], Tensor] = {}

    def tokens(self, system: System, windows: Sequence[Window]) -> Tensor:
        """What the system's eye says through its camera: (boards, windows, 64 patches, 64)."""
        missing = [window for window in windows if (system.camera, system.eye, window) not in self._kept]
        if missing:
            pictures = np.concatenate(
                [
                    views(board, [zoom if window == ZOOM[0] else window for window in missing])
                    for board, zoom in zip(self.boards, self._zooms, strict=True)
                ]
            )
            said = see(system, pictures).view(len(self.boards), len(missing), GRID * GRID, WIDTH)
            for place, window in enumerate(missing):
                self._kept[system.camera, system.eye, window] = said[:, place]
        return torch.stack([self._kept[system.camera, system.eye, window] for window in windows], dim=1)

    def forget(self) -> None:
        """Let go of what eyes said: of many boards it is much."""
        self._kept.clear()


def bench_of(seed: int, number: int = 25) -> Bench:
    """The bench of a set of pairs: see `boards_of`."""
    return Bench([pair(index) for index in boards_of(seed, number)])


@lru_cache(maxsize=64)
def pair(index: int) -> Pair:
    """A pair of the pool that sets are drawn from, none of which was trained on."""
    return draw_pair(f"inspection bench:{index}")


@torch.no_grad()
def see(system: System, pictures: NDArray[np.uint8]) -> Tensor:
    """Patch tokens of views through the system's camera and eye: (n, 64, 64, 3) -> (n, 64 patches, 64)."""
    said = [
        system.eye(to_pixel_values(CAMERAS[system.camera](pictures[start : start + _BATCH])))
        for start in range(0, len(pictures), _BATCH)
    ]
    return torch.cat(said)


@torch.no_grad()
def margins(system: System, bench: Bench, windows: Sequence[Window] | None = None) -> Tensor:
    """The margin of "burned" over "looks" in each view, in nats: (boards, views), in the bench's order.

    The views are those of the system's workflow unless others are named.
    """
    tokens = bench.tokens(system, WORKFLOWS[system.workflow] if windows is None else windows)
    flat = tokens.reshape(-1, *tokens.shape[2:])
    said = [
        system.reasoner.margins(system.bridge(flat[start : start + _BATCH])) for start in range(0, len(flat), _BATCH)
    ]
    return torch.cat(said).view(tokens.shape[:2])


def scores(system: System, bench: Bench, windows: Sequence[Window] | None = None) -> tuple[list[float], list[float]]:
    """The highest margin of each board: burned ones, healthy ones."""
    return _apart(margins(system, bench, windows).amax(dim=1), bench)


def answers(system: System, bench: Bench) -> tuple[list[bool], list[bool]]:
    """Whether the system says burned: of the burned boards, of the healthy ones."""
    burned, healthy = scores(system, bench)
    return [score > system.threshold for score in burned], [score > system.threshold for score in healthy]


def recall(system: System, bench: Bench) -> float:
    """The share of the burned boards that the system says are burned."""
    found, _ = answers(system, bench)
    return sum(found) / len(found)


def probed(system: System, bench: Bench, weight: Tensor | None = None) -> tuple[list[float], list[float]]:
    """What a linear probe finds in the eye's tokens: the highest score of a patch of each board, burned and healthy.

    The probe was fitted once, on the reference's camera, and stays: fitted anew it would learn the fault.
    """
    weight = probe() if weight is None else weight
    tokens = bench.tokens(system, WORKFLOWS[system.workflow])
    return _apart((tokens @ weight[:-1] + weight[-1]).flatten(1).amax(dim=1), bench)


def in_words(board: Board) -> NDArray[np.bool_]:
    """The parts in each of the 16 slots of a view of the whole board: (16, 7). A burn is told whatever its size."""
    said = in_slots(patch_labels(board, FULL[0]))
    if board.burn is not None:
        left, top, right, bottom = board.burn
        column, row = ((low + high) / 2 * SLOTS_A_SIDE / SIDE_PX for low, high in ((left, right), (top, bottom)))
        said[int(row) * SLOTS_A_SIDE + int(column), [_BURNED, PARTS.index("capacitor")]] = True
    return said


@torch.no_grad()
def told(system: System, bench: Bench) -> tuple[list[bool], list[bool]]:
    """Whether the reasoner says burned when a board is told to it in words: of the burned boards, of the healthy ones.

    "burned" counts if it is the likelier word.
    """
    words = np.stack([in_words(board) for board in bench.boards])
    said = system.reasoner.margins(system.reasoner.told(torch.from_numpy(words).float()))
    burned, healthy = _apart(said, bench)
    return [margin > 0 for margin in burned], [margin > 0 for margin in healthy]


def _apart(found: Tensor, bench: Bench) -> tuple[list[float], list[float]]:
    """What was found of each board of pairs: of the burned ones, of the healthy ones."""
    values = found.tolist()
    return values[: -len(bench.pairs)], values[-len(bench.pairs) :]


def _try_probe(system: System, bench: Bench) -> Mapping[str, float]:
    return {"value": auc(*probed(system, bench))}


def _try_crops(system: System, bench: Bench) -> Mapping[str, float]:
    return {"value": auc(*scores(system, bench, WORKFLOWS["25 crops"]))}


def _try_told(system: System, bench: Bench) -> Mapping[str, float]:
    burned, healthy = told(system, bench)
    return {"value": sum(burned) / len(burned), "false alarms": sum(healthy) / len(healthy)}


def _try_reset(system: System, bench: Bench) -> Mapping[str, float]:
    """The ranking, and the recall with a threshold that is set anew at 5% false alarms on 200 other healthy boards."""
    burned, healthy = scores(system, bench)
    return {
        "value": auc(burned, healthy),
        "recall": sum(score > system.calibrated for score in burned) / len(burned),
    }


def _try_zoom(system: System, bench: Bench) -> Mapping[str, float]:
    """A close view of each burn: how often is "burned" the likelier word?"""
    said = (margins(system, bench, ZOOM) > 0).float().view(2, -1)
    burned, healthy = said.mean(dim=1).tolist()
    return {"value": burned, "false alarms": healthy}


@torch.no_grad()
def _try_asked(system: System, bench: Bench) -> Mapping[str, float]:
    """On the close view: "what is at row r column c ?", where the burn is."""
    slots = system.bridge(bench.tokens(system, ZOOM)[: len(bench.pairs), 0])
    said = []
    for place, one in enumerate(bench.pairs):
        burnt = (
            patch_labels(one.burned, one.zoom)[..., _BURNED].reshape(SLOTS_A_SIDE, 2, SLOTS_A_SIDE, 2).sum(axis=(1, 3))
        )
        question = ids(question_at(int(burnt.argmax())))[None]
        said += system.reasoner.answers(slots[place : place + 1], question)
    return {"value": sum(text.startswith("burned") for text in said) / len(said)}


@torch.no_grad()
def _try_blank(system: System, bench: Bench) -> Mapping[str, float]:
    """A picture of nothing in particular: the mean of what the eye says of all views."""
    tokens = bench.tokens(system, WORKFLOWS[system.workflow])
    return {"value": float(system.reasoner.margins(system.bridge(tokens.mean(dim=(0, 1))[None]))[0])}


EXPERIMENTS: Final[Mapping[Experiment, Callable[[System, Bench], Mapping[str, float]]]] = {
    "probe": _try_probe,
    "crops": _try_crops,
    "told": _try_told,
    "reset": _try_reset,
    "zoom": _try_zoom,
    "asked": _try_asked,
    "blank": _try_blank,
}


def run(experiment: Experiment, system: System, bench: Bench) -> Outcome:
    """Try something on a system and on the reference, with the same boards."""
    found = dict(EXPERIMENTS[experiment](system, bench))
    beside = EXPERIMENTS[experiment](reference(), bench)
    besides = {name: value for name, value in found.items() if name != "value"}
    return Outcome(found["value"], beside["value"], besides)


@lru_cache(maxsize=1)
def reference() -> System:
    """The system that works: whole board and 25 crops, its threshold set at 5% false alarms.

    Raises:
        WeightsDamaged: the weights are not those of their card.
    """
    tensors = weights.load("inspection")
    eye, bridge, reasoner = Eye(), Bridge(), Reasoner()
    for name, part in (("eye", eye), ("bridge", bridge), ("reasoner", reasoner)):
        frozen(part, tensors, name)
    threshold = float(weights.card("inspection")["stated"]["thresholds"]["25 crops"])
    return System("clear", eye, bridge, reasoner, "25 crops", threshold, threshold)


@lru_cache(maxsize=1)
def probe() -> Tensor:
    """The frozen probe for a burn: 64 weights of a patch token, then the bias."""
    return weights.load("inspection")["probe"]


@lru_cache(maxsize=8)
def faulty_part(name: FaultyPart) -> nn.Module:
    """A part with a fault, from the weights file of faults, or the bridge that learned nothing.

    Raises:
        WeightsDamaged: the weights are not those of their card.
    """
    if name == "bridge_untrained":
        return untrained_bridge()
    made: dict[FaultyPart, Callable[[], nn.Module]] = {
        "bridge_one_token": lambda: Bridge(1),
        "bridge_four_tokens": lambda: Bridge(4),
        "reasoner_98_healthy": Reasoner,
        "reasoner_no_concept": Reasoner,
    }
    found = made[name]()
    frozen(found, weights.load("inspection_faults"), name)
    return found


def plant(fault: Fault, good: System, part: Callable[[FaultyPart], nn.Module] = faulty_part) -> System:
    """A good system with one fault in it, and the threshold as it was."""
    match fault:
        case "one shot":
            return good.swap(workflow="one shot")
        case "blur" | "low resolution" | "haze" | "channels":
            return good.swap(camera=fault)
        case "one token" | "untrained bridge":
            bridge = part("bridge_one_token" if fault == "one token" else "bridge_untrained")
            assert isinstance(bridge, Bridge)
            return good.swap(bridge=bridge)
        case "98% healthy" | "no concept":
            reasoner = part("reasoner_98_healthy" if fault == "98% healthy" else "reasoner_no_concept")
            assert isinstance(reasoner, Reasoner)
            return good.swap(reasoner=reasoner)


def planted(fault: Fault) -> System:
    """The reference with one fault in it, and a threshold of its own.

    Only where the reasoner fails it still answers with the reference's: the reasoner was tuned last, and nobody set the
    threshold again.
    """
    own = float(weights.card("inspection_faults")["stated"]["thresholds"][fault])
    bad = plant(fault, reference()).swap(calibrated=own)
    return bad if LENS_OF[fault] == "reasoner" else bad.swap(threshold=own)
