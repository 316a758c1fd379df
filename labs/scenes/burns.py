"""Boards for inspection, 256 px: each in two copies, one with a burned capacitor and its healthy twin.

A healthy board has what a burn is mistaken for from afar: dark plugs on capacitors, drilled holes, spots of flux. The
same seed gives the same pair. No torch: numpy and PIL alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Part: TypeAlias = Literal["capacitor", "resistor", "chip", "light", "coil", "screw", "burned"]
PARTS: Final[tuple[Part, ...]] = ("capacitor", "resistor", "chip", "light", "coil", "screw", "burned")
"""What an eye is trained to name in each patch; a burn is named beside the capacitor it sits on."""
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom in px of the board."""
Window: TypeAlias = tuple[int, int, int]
"""Left, top, side in px of the board: the square that one view shows."""

SIDE_PX: Final = 256
VIEW_PX: Final = 64
"""Side of a view after it was shrunk: what the eye reads."""
GRID: Final = 8
"""Patches along a side of a view."""
TINY_PX: Final = (8.0, 16.0)
"""The burns an inspection must find, as a range of diameters; `burn_diameter` draws them evenly in the logarithm."""

FULL: Final[tuple[Window, ...]] = ((0, 0, SIDE_PX),)
NINE: Final[tuple[Window, ...]] = tuple((x, y, 128) for y in range(0, 129, 64) for x in range(0, 129, 64))
TWENTY_FIVE: Final[tuple[Window, ...]] = tuple((x, y, 64) for y in range(0, 193, 48) for x in range(0, 193, 48))

_SCALE: Final = 2
"""Drawn at twice the size and reduced, so that edges are smooth."""
_CELLS: Final = 6
_LACQUERS: Final = ((22, 86, 52), (20, 66, 98), (104, 28, 34), (40, 44, 50), (28, 60, 40))
_COPPER: Final = (186, 148, 84)
_SOLDER: Final = (188, 192, 196)
_INK: Final = (26, 26, 28)
_LIGHTS: Final = ((232, 64, 52), (72, 208, 96), (250, 196, 48), (88, 152, 250))
_BANDS: Final = ((120, 62, 28), (196, 40, 36), (228, 132, 32), (236, 204, 56), (58, 128, 62), (52, 84, 172), _INK)
_NOISE: Final = 3.0
"""Standard deviation of the camera's grain, in steps of 256."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of the board and the box it covers, in px of the board."""

    part: Part
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """A drawn board: pixels (256, 256, 3) uint8, what stands on it, and the box of the burn if it has one."""

    pixels: NDArray[np.uint8]
    parts: tuple[Placed, ...]
    burn: Box | None
    light: float
    """How bright the lamp was: 1 is even, .75 dim."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A board with a burn, and the same board without it. `burn` is where the burn is, in px of the board."""

    seed: str
    burned: Board
    healthy: Board
    burn: Box
    diameter_px: float

    @property
    def zoom(self) -> Window:
        """The 64-px window around the burn; the healthy twin is looked at through the same."""
        left, top, right, bottom = self.burn
        x, y = ((low + high) / 2 - VIEW_PX / 2 for low, high in ((left, right), (top, bottom)))
        return (*(round(min(max(0, at), SIDE_PX - VIEW_PX)) for at in (x, y)), VIEW_PX)  # type: ignore[return-value]


def draw_pair(seed: str, diameter_px: tuple[float, float] = TINY_PX) -> Pair:
    """A board with a burn of a diameter from that range, and its healthy twin.

    Raises:
        ValueError: a diameter below 2 px or above 64.
    """
    low, high = diameter_px
    if not 2 <= low <= high <= 64:
        raise ValueError(f"a burn of {low:g} to {high:g} px cannot be drawn; from 2 to 64 px")
    chance = random.Random(f"{seed}:burned board")
    side = SIDE_PX * _SCALE
    image = Image.new("RGB", (side, side), chance.choice(_LACQUERS))
    pen = ImageDraw.Draw(image)
    cell = side / _CELLS
    centres = [
        ((x + 0.5 + chance.uniform(-0.14, 0.14)) * cell, (y + 0.5 + chance.uniform(-0.14, 0.14)) * cell)
        for y in range(_CELLS)
        for x in range(_CELLS)
    ]
    _draw_traces(pen, chance, centres)
    chosen = chance.randrange(len(centres))
    parts = []
    for index, centre in enumerate(centres):
        if index == chosen or chance.random() < 0.72:
            part: Part = "capacitor" if index == chosen else chance.choices(list(_DRAW), weights=(5, 4, 3, 2, 2, 2))[0]
            reach_x, reach_y = _DRAW[part](pen, chance, centre)
            parts.append(Placed(part, _box(centre, reach_x, reach_y)))
        else:
            _draw_bare(pen, chance, centre)
    for _ in range(chance.randint(2, 5)):
        _draw_flux(image, chance, (chance.uniform(0, side), chance.uniform(0, side)))
    diameter = math.exp(chance.uniform(math.log(low), math.log(high)))
    radius = diameter * _SCALE / 2
    where = tuple(at + chance.uniform(-6, 6) for at in centres[chosen])
    burned = image.copy()
    _draw_burn(burned, chance, (where[0], where[1]), radius)
    burn = _box((where[0], where[1]), radius, radius)
    light = chance.uniform(0.75, 1.15)
    both = [_photographed(picture, light, f"{seed}:{copy}") for copy, picture in enumerate((image, burned))]
    return Pair(
        seed,
        Board(both[1], (*parts, Placed("burned", burn)), burn, light),
        Board(both[0], tuple(parts), None, light),
        burn,
        diameter,
    )


def views(board: Board, windows: Sequence[Window]) -> NDArray[np.uint8]:
    """Each window of the board shrunk to 64 px: (n, 64, 64, 3)."""
    picture = Image.fromarray(board.pixels)
    found = np.empty((len(windows), VIEW_PX, VIEW_PX, 3), dtype=np.uint8)
    for index, (left, top, side) in enumerate(windows):
        if side == VIEW_PX:
            found[index] = board.pixels[top : top + side, left : left + side]
        else:
            box = (left, top, left + side, top + side)
            found[index] = np.asarray(picture.resize((VIEW_PX, VIEW_PX), Image.Resampling.BICUBIC, box=box))
    return found


def patch_labels(board: Board, window: Window) -> NDArray[np.bool_]:
    """Which parts each patch of a view shows: (8, 8, 7) over rows, columns and `PARTS`.

    A patch shows a part if the part covers a quarter of the patch, or the patch holds at least 40% of the part. A small
    part on the corner of four patches is shown by none of them.
    """
    left, top, side = window
    edges = np.arange(GRID + 1) * (side / GRID)
    found = np.zeros((GRID, GRID, len(PARTS)), dtype=np.bool_)
    area = (side / GRID) ** 2
    for placed in board.parts:
        x0, y0, x1, y1 = placed.box
        across = np.clip(np.minimum(edges[1:] + left, x1) - np.maximum(edges[:-1] + left, x0), 0, None)
        down = np.clip(np.minimum(edges[1:] + top, y1) - np.maximum(edges[:-1] + top, y0), 0, None)
        shared = down[:, None] * across[None, :]
        found[..., PARTS.index(placed.part)] |= (shared >= 0.25 * area) | (shared >= 0.4 * (x1 - x0) * (y1 - y0))
    return found


def share_in(box: Box, window: Window) -> float:
    """The share of a box that lies in a window, from 0 to 1."""
    left, top, side = window
    across = min(box[2], left + side) - max(box[0], left)
    down = min(box[3], top + side) - max(box[1], top)
    return max(0.0, across) * max(0.0, down) / ((box[2] - box[0]) * (box[3] - box[1]))


def _clear(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pictures


def _blur(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    soft = ImageFilter.GaussianBlur(2.5)
    return np.stack([np.asarray(Image.fromarray(picture).filter(soft)) for picture in pictures])


def _low_resolution(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    def coarse(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        small = Image.fromarray(picture).resize((12, 12), Image.Resampling.BICUBIC)
        return np.asarray(small.resize((VIEW_PX, VIEW_PX), Image.Resampling.BICUBIC))

    return np.stack([coarse(picture) for picture in pictures])


def _haze(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.round(pictures * np.float32(0.3) + 118).astype(np.uint8)


def _channels(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(pictures[..., [1, 2, 0]])


Camera: TypeAlias = Literal["clear", "blur", "low resolution", "haze", "channels"]
CAMERAS: Final[Mapping[Camera, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]]] = {
    "clear": _clear,
    "blur": _blur,
    "low resolution": _low_resolution,
    "haze": _haze,
    "channels": _channels,
}
"""What stands before the eye, (n, 64, 64, 3) -> the same: a blur of 2.5 px, 12 px of resolution, a third of the
contrast over grey, and red, green and blue mixed up."""


def _box(centre: tuple[float, float], reach_x: float, reach_y: float) -> Box:
    x, y = centre
    edges = (x - reach_x, y - reach_y, x + reach_x, y + reach_y)
    left, top, right, bottom = (min(max(0.0, edge / _SCALE), float(SIDE_PX)) for edge in edges)
    return left, top, right, bottom


def _photographed(picture: Image.Image, light: float, seed: str) -> NDArray[np.uint8]:
    """Reduced to 256 px, lit by a lamp of that strength, with the camera's grain."""
    reduced = np.asarray(picture.reduce(_SCALE), dtype=np.float32) * np.float32(light)
    chance = np.random.Generator(np.random.PCG64(random.Random(f"{seed}:grain").getrandbits(64)))
    reduced += chance.standard_normal(reduced.shape[:2], dtype=np.float32)[..., None] * np.float32(_NOISE)
    return np.clip(np.round(reduced), 0, 255).astype(np.uint8)


def _draw_traces(pen: ImageDraw.ImageDraw, chance: random.Random, centres: list[tuple[float, float]]) -> None:
    for start in centres:
        end = chance.choice(centres)
        pen.line([start, (end[0], start[1]), end], fill=_COPPER, width=chance.choice((2, 3, 4)), joint="curve")


def _draw_capacitor(
    pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]
) -> tuple[float, float]:
    """An aluminium can from above: a dark sleeve, a bright top with its marked side and, now and then, a dark plug."""
    x, y = centre
    radius = chance.uniform(20, 27)
    sleeve = chance.choice(((44, 52, 84), (36, 36, 40), (40, 70, 60)))
    _dot(pen, centre, radius, sleeve)
    top = radius * 0.82
    _dot(pen, centre, top, (176, 180, 188))
    turn = chance.uniform(0, 360)
    pen.chord((x - top, y - top, x + top, y + top), turn, turn + chance.uniform(70, 110), fill=sleeve)
    for angle in (turn, turn + 90):
        dx, dy = top * 0.6 * math.cos(math.radians(angle)), top * 0.6 * math.sin(math.radians(angle))
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=(128, 132, 140), width=2)
    if chance.random() < 0.45:
        spot = math.exp(chance.uniform(math.log(7), math.log(16)))
        spot_at = (x + chance.uniform(-6, 6), y + chance.uniform(-6, 6))
        _dot(pen, spot_at, spot, chance.choice((_INK, (58, 40, 30), (48, 44, 60))))
        _dot(pen, (spot_at[0] - spot * 0.3, spot_at[1] - spot * 0.3), spot * 0.28, (196, 198, 204))
    return radius, radius


def _draw_resistor(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]) -> tuple[float, float]:
    x, y = centre
    half, tall = 24.0, 10.0
    pen.line((x - half * 1.4, y, x + half * 1.4, y), fill=_SOLDER, width=4)
    pen.rounded_rectangle((x - half, y - tall, x + half, y + tall), radius=6, fill=(214, 186, 142))
    for band, colour in enumerate(chance.sample(_BANDS, 3)):
        left = x - half * 0.6 + band * half * 0.5
        pen.rectangle((left, y - tall, left + half * 0.22, y + tall), fill=colour)
    return half * 1.4, tall


def _draw_chip(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]) -> tuple[float, float]:
    x, y = centre
    half, tall, pins = 19.0, 28.0, chance.choice((4, 5, 6))
    for pin in range(pins):
        level = y - tall + (pin + 0.5) * 2 * tall / pins
        pen.rectangle((x - half * 1.5, level - 2, x + half * 1.5, level + 2), fill=_SOLDER)
    pen.rectangle((x - half, y - tall, x + half, y + tall), fill=(30, 31, 34), outline=(58, 60, 64), width=2)
    _dot(pen, (x - half * 0.55, y - tall * 0.72), 3, (120, 122, 126))
    for line in (-0.05, 0.2):
        pen.line((x - half * 0.6, y + tall * line, x + half * 0.6, y + tall * line), fill=(150, 152, 156), width=2)
    return half * 1.5, tall


def _draw_light(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]) -> tuple[float, float]:
    x, y = centre
    radius = 14.0
    reach = radius * 1.3
    pen.rectangle((x - reach, y - reach, x + reach, y + reach), fill=(236, 236, 230))
    _dot(pen, centre, radius, chance.choice(_LIGHTS))
    _dot(pen, (x - radius * 0.3, y - radius * 0.3), radius * 0.3, (255, 255, 255))
    return reach, reach


def _draw_coil(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]) -> tuple[float, float]:
    """A ring of dark iron wound with copper."""
    x, y = centre
    radius, turns, start = 24.0, chance.choice((12, 16)), chance.uniform(0, 1)
    _dot(pen, centre, radius, (52, 50, 54))
    for turn in range(turns):
        angle = 2 * math.pi * (turn + start) / turns
        c, s = math.cos(angle), math.sin(angle)
        pen.line((x + 9 * c, y + 9 * s, x + radius * c, y + radius * s), fill=(204, 116, 52), width=4)
    _dot(pen, centre, 9, (34, 32, 34))
    return radius, radius


def _draw_screw(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]) -> tuple[float, float]:
    x, y = centre
    radius, angle = 18.0, chance.uniform(0, math.pi)
    _dot(pen, centre, radius, (150, 152, 156))
    _dot(pen, centre, radius * 0.86, (196, 198, 202))
    for turn in (angle, angle + math.pi / 2):
        dx, dy = 11 * math.cos(turn), 11 * math.sin(turn)
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=(60, 60, 64), width=5)
    return radius, radius


_DRAW: Final[
    Mapping[Part, Callable[[ImageDraw.ImageDraw, random.Random, tuple[float, float]], tuple[float, float]]]
] = {
    "capacitor": _draw_capacitor,
    "resistor": _draw_resistor,
    "chip": _draw_chip,
    "light": _draw_light,
    "coil": _draw_coil,
    "screw": _draw_screw,
}


def _draw_bare(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float]) -> None:
    """A cell without a part: a drilled hole with its ring of copper."""
    hole = chance.uniform(4, 14)
    _dot(pen, centre, hole * 1.5, _COPPER)
    _dot(pen, centre, hole, _INK)


def _draw_flux(image: Image.Image, chance: random.Random, centre: tuple[float, float]) -> None:
    """A smooth brown spot that flux leaves behind: harmless."""
    radius = chance.uniform(5, 16)
    _stain(image, centre, radius, (70, 44, 26), 150)


def _draw_burn(image: Image.Image, chance: random.Random, centre: tuple[float, float], radius: float) -> None:
    """Soot around it, a ragged black blotch with a brown rim, cracks and specks of ash in it."""
    x, y = centre
    _stain(image, centre, radius * 1.45, (24, 18, 14), 150)
    pen = ImageDraw.Draw(image)
    ragged = partial(_ragged, chance, centre)
    pen.polygon(ragged(radius), fill=(96, 54, 26))
    pen.polygon(ragged(radius * 0.8), fill=(20, 16, 15))
    for _ in range(3):
        angle = chance.uniform(0, 2 * math.pi)
        far, near = chance.uniform(0.6, 1.0) * radius, chance.uniform(0, 0.3) * radius
        ends = [(x + r * math.cos(angle), y + r * math.sin(angle)) for r in (near, far)]
        pen.line(ends, fill=(150, 92, 48), width=max(1, round(radius / 7)))
    for _ in range(5):
        angle, r = chance.uniform(0, 2 * math.pi), chance.uniform(0, 0.8) * radius
        _dot(pen, (x + r * math.cos(angle), y + r * math.sin(angle)), max(0.8, radius * 0.09), (172, 164, 156))


def _ragged(
    chance: random.Random, centre: tuple[float, float], radius: float, corners: int = 14
) -> list[tuple[float, float]]:
    reach = [radius * chance.uniform(0.68, 1.12) for _ in range(corners)]
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    return [
        (centre[0] + r * math.cos(turn), centre[1] + r * math.sin(turn)) for r, turn in zip(reach, turns, strict=True)
    ]


def _stain(
    image: Image.Image, centre: tuple[float, float], radius: float, fill: tuple[int, int, int], most: int
) -> None:
    """A soft spot: strongest in the middle, gone at `radius`; `most` of 255 is how much it covers there."""
    side = max(3, round(2 * radius))
    across = (np.arange(side) + 0.5) / side * 2 - 1
    cover = np.clip(1 - np.hypot(across[:, None], across[None, :]), 0, 1) ** 0.5 * most
    left, top = round(centre[0] - side / 2), round(centre[1] - side / 2)
    image.paste(fill, (left, top), Image.fromarray(cover.astype(np.uint8)))


def _dot(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, fill: tuple[int, int, int]) -> None:
    x, y = centre
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
