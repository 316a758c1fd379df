"""What the worker computes in a round: the headline, an experiment, or which part brings the recall back."""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from labs.evidence import versions
from labs.inspect.diagnosis import LENSES, SHOWN, Experiment, Lens, boards_of
from labs.inspect.game import HEADLINE, WHOLE_ROUND, pose
from labs.inspect.system import (
    EXPERIMENTS,
    WORKFLOWS,
    Bench,
    System,
    answers,
    margins,
    pair,
    planted,
    probe,
    recall,
    reference,
    run,
)
from labs.pictures import to_png
from labs.protocol import Evidence, Picture, Problem, Progress, Table
from labs.scenes.burns import GRID, SIDE_PX, TWENTY_FIVE, Board, Window

EXAMPLES: Final = 4
_CELL_PX: Final = 16
"""Margins of windows are painted on cells of this side: all windows begin and end on one."""
_MARK: Final = (255, 176, 0)
_HEAT: Final = (255, 40, 40)
_GRID_LINE: Final = (235, 235, 235)
Heat = NDArray[np.float32]
"""(16, 16): the highest value of a view that shows a cell, in the unit of the value."""


def solve(problem: Problem, progress: Progress) -> Evidence:
    """What one request of a round asks for, measured on its set of boards.

    Raises:
        WeightsDamaged: the weights are not those of their card.
    """
    started = time.perf_counter()
    posed = pose(problem.seed)
    wanted = str(problem.params["experiment"])
    bench = _drawn(posed.boards, progress)
    system = planted(posed.fault)
    progress(0.4, "the parts look at the boards")
    found = (
        _end(system, bench, posed.lens, progress)
        if wanted == WHOLE_ROUND
        else _headline(system, bench)
        if wanted == HEADLINE
        else _experiment(cast(Experiment, wanted), system, bench, progress)
    )
    return Evidence(
        **found,  # type: ignore[arg-type]
        seconds=time.perf_counter() - started,
        versions=versions("torch", "numpy"),
    )


def _drawn(boards: int, progress: Progress) -> Bench:
    """The bench of a round; the one before is let go of."""
    if boards not in _benches:
        _benches.clear()
        numbers = boards_of(boards, SHOWN)
        for at, number in enumerate(numbers):
            progress(0.4 * at / len(numbers), f"drawing pair {at + 1} of {len(numbers)}")
            pair(number)
        _benches[boards] = Bench([pair(number) for number in numbers])
    return _benches[boards]


_benches: dict[int, Bench] = {}


def _headline(system: System, bench: Bench) -> Mapping[str, object]:
    """How many burned boards each says fine of, and the first ones that this system says it of."""
    said, good = answers(system, bench)[0], answers(reference(), bench)[0]
    pictures = []
    for at in [at for at, burned in enumerate(said) if not burned][:EXAMPLES]:
        one, beside = bench.pairs[at], "burned" if good[at] else "fine"
        pictures.append(
            Picture.from_png(
                f"board-{at + 1}",
                to_png(_outlined(one.burned)),
                caption=f"Board {at + 1}: “fine”; reference: “{beside}”",
                alt=f"Board {at + 1}, a burn of {one.diameter_px:.0f} px at {_place(one.burned)}.",
            )
        )
    return {
        "value": said.count(False),
        "unit": "boards",
        "pictures": tuple(pictures),
        "facts": {"reference": good.count(False), "boards": len(said)},
    }


def _experiment(experiment: Experiment, system: System, bench: Bench, progress: Progress) -> Mapping[str, object]:
    found = run(experiment, system, bench)
    progress(0.9, "painting what was found")
    pictures: tuple[Picture, ...] = ()
    if experiment == "probe":
        both = [_probe_heat(one, bench) for one in (system, reference())]
        pictures = (_heated(bench, both, SIDE_PX // GRID, "the probe's score", "probe"),)
    elif experiment == "crops":
        both = [_margin_heat(one, bench, TWENTY_FIVE) for one in (system, reference())]
        pictures = (_heated(bench, both, 0, "margins of 25 crops, in nats", "crops"),)
    return {
        "value": round(found.value, 4),
        "pictures": pictures,
        "code": inspect.getsource(EXPERIMENTS[experiment]),
        "facts": {
            "reference": round(found.reference, 4),
            **{name: round(one, 4) for name, one in found.besides.items()},
        },
    }


def _end(system: System, bench: Bench, planted_lens: Lens, progress: Progress) -> Mapping[str, object]:
    """The lens by its definition: each part in turn is replaced by the reference's; and what the rule's experiments
    give."""
    before = recall(system, bench)
    after: dict[Lens, float] = {}
    for at, lens in enumerate(LENSES):
        progress(0.4 + 0.1 * at, f"replacing the {lens}")
        after[lens] = recall(repaired(system, lens), bench)
    best = max(after, key=lambda lens: after[lens])
    if best != planted_lens:
        raise RuntimeError(f"the planted {planted_lens} brings back {after[planted_lens]:.2f}, the {best} more")
    ruled: dict[str, float | int | str | list[str]] = {}
    for name in ("probe", "crops", "told", "reset"):
        ruled[f"rule {name}"] = EXPERIMENTS[name](system, bench)["value"]
    rows = tuple((lens, f"{before:.2f}", f"{value:.2f}", f"{value - before:+.2f}") for lens, value in after.items())
    both = [_margin_heat(one, bench, WORKFLOWS[one.workflow]) for one in (system, reference())]
    return {
        "value": best,
        "tables": (
            Table("Recall with one part replaced by the reference's", ("part", "before", "after", "gain"), rows),
        ),
        "pictures": (_heated(bench, both, 0, "margins of each one's own views, in nats", "own-views"),),
        "code": inspect.getsource(repaired),
        "facts": {"recall": before, **ruled},
    }


def repaired(system: System, lens: Lens) -> System:
    """The system with one part of the reference, which answers with the reference's threshold once no fault is left."""
    good = reference()
    match lens:
        case "eye":
            mended = system.swap(camera=good.camera, eye=good.eye)
        case "translator":
            mended = system.swap(bridge=good.bridge)
        case "reasoner":
            mended = system.swap(reasoner=good.reasoner)
        case "workflow":
            mended = system.swap(workflow=good.workflow)
    is_whole = (mended.camera, mended.eye, mended.bridge, mended.reasoner, mended.workflow) == (
        good.camera, good.eye, good.bridge, good.reasoner, good.workflow,
    )  # fmt: skip
    return mended.swap(threshold=good.threshold) if is_whole else mended


# The board with its views, coloured by what was found in them


def _probe_heat(system: System, bench: Bench) -> Heat:
    """The probe's highest score on each 32-px cell of the board that is shown: so coarse for every workflow alike."""
    windows = WORKFLOWS[system.workflow]
    tokens = bench.tokens(system, windows)[_shown(bench)]
    weight = probe()
    found = (tokens @ weight[:-1] + weight[-1]).view(len(windows), GRID, GRID).numpy()
    coarse = np.full((GRID, GRID), -np.inf, dtype=np.float32)
    cell = SIDE_PX / GRID
    for (left, top, side), values in zip(windows, found, strict=True):
        for row in range(GRID):
            for column in range(GRID):
                y, x = (top + (row + 0.5) * side / GRID) / cell, (left + (column + 0.5) * side / GRID) / cell
                coarse[int(y), int(x)] = max(coarse[int(y), int(x)], values[row, column])
    return np.kron(coarse, np.ones((2, 2), dtype=np.float32))


def _margin_heat(system: System, bench: Bench, windows: Sequence[Window]) -> Heat:
    """The highest margin of the views that show each cell of the board that is shown."""
    found = margins(system, bench, windows)[_shown(bench)].tolist()
    heat = np.full((SIDE_PX // _CELL_PX, SIDE_PX // _CELL_PX), -np.inf, dtype=np.float32)
    for (left, top, side), margin in zip(windows, found, strict=True):
        area = heat[top // _CELL_PX : (top + side) // _CELL_PX, left // _CELL_PX : (left + side) // _CELL_PX]
        np.maximum(area, margin, out=area)
    return heat


def _shown(bench: Bench) -> int:
    """The board whose heat is shown: of the examples, the one with the largest burn."""
    return max(range(EXAMPLES), key=lambda at: bench.pairs[at].diameter_px)


def _heated(bench: Bench, both: Sequence[Heat], grid_px: int, of_what: str, name: str) -> Picture:
    """The board twice, coloured on one scale by what this system and the reference find, the views' edges drawn."""
    at = _shown(bench)
    board = bench.pairs[at].burned
    low, high = min(float(heat.min()) for heat in both), max(float(heat.max()) for heat in both)
    gap = 8
    whole = Image.new("RGB", (2 * SIDE_PX + gap, SIDE_PX))
    for place, heat in enumerate(both):
        strength = Image.fromarray(np.uint8(np.clip((heat - low) / max(high - low, 1e-6), 0, 1) * 190))
        mask = strength.resize((SIDE_PX, SIDE_PX), Image.Resampling.NEAREST)
        panel = Image.fromarray(board.pixels)
        panel.paste(_HEAT, mask=mask)
        pen = ImageDraw.Draw(panel)
        edges = range(0, SIDE_PX, grid_px) if grid_px else range(0, SIDE_PX, 48)
        for edge in edges:
            pen.line((edge, 0, edge, SIDE_PX), fill=_GRID_LINE)
            pen.line((0, edge, SIDE_PX, edge), fill=_GRID_LINE)
        _outline(pen, board)
        whole.paste(panel, (place * (SIDE_PX + gap), 0))
    return Picture.from_png(
        name,
        to_png(whole),
        caption=(
            f"Board {at + 1}, burn outlined. Left this system, right the reference. Redder is more burned: {of_what}, "
            f"{low:.1f} to {high:.1f}."
        ),
        alt=f"Board {at + 1}, burn at {_place(board)}. This system: {_peak(both[0])}. Reference: {_peak(both[1])}.",
    )


def _peak(heat: Heat) -> str:
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    return f"highest {heat.max():+.1f} at x {int(column) * _CELL_PX}, y {int(row) * _CELL_PX} px"


def _place(board: Board) -> str:
    assert board.burn is not None
    left, top, right, bottom = board.burn
    return f"x {(left + right) / 2:.0f}, y {(top + bottom) / 2:.0f} px"


def _outlined(board: Board) -> Image.Image:
    picture = Image.fromarray(board.pixels)
    _outline(ImageDraw.Draw(picture), board)
    return picture


def _outline(pen: ImageDraw.ImageDraw, board: Board) -> None:
    assert board.burn is not None
    left, top, right, bottom = board.burn
    pen.rectangle((left - 10, top - 10, right + 10, bottom + 10), outline=_MARK, width=6)  # seen in few cells, too
