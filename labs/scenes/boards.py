"""Small circuit boards: chips, resistors, capacitors and lights, joined by traces, with the box of every part.

A board is laid out on a grid of cells, drawn once at a fixed scale and reduced to the size asked for, so that it looks
the same at any size and costs the same time. The same seed gives the same board.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from PIL import Image, ImageDraw

PartKind: TypeAlias = Literal["chip", "resistor", "capacitor", "light"]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom in px of the picture."""

_LONG_SIDE: Final = 640
"""Pixels along the longer side of the drawing before it is reduced."""
_CELLS: Final = 8
"""Cells along the longer side; at most one part stands in a cell."""
_LACQUERS: Final = ((22, 86, 52), (20, 66, 98), (104, 28, 34), (40, 44, 50))
_COPPER: Final = (201, 158, 82)
_SOLDER: Final = (188, 192, 196)
_LIGHTS: Final = ((232, 64, 52), (72, 208, 96), (250, 196, 48), (88, 152, 250))
_BANDS: Final = (
    (120, 62, 28),
    (196, 40, 36),
    (228, 132, 32),
    (236, 204, 56),
    (58, 128, 62),
    (52, 84, 172),
    (30, 30, 32),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part on the board and the box it covers, in px of the finished picture."""

    kind: PartKind
    box: Box


@dataclass(frozen=True, slots=True)
class Board:
    """A drawn board: an RGB picture and what is on it."""

    image: Image.Image
    parts: tuple[Part, ...]

    @property
    def description(self) -> str:
        """What is on the board, in words: `2 chips, 5 resistors, 1 light`."""
        counts = {kind: sum(part.kind == kind for part in self.parts) for kind in _DRAW}
        return ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items() if count)


def draw_board(width: int, height: int, seed: int) -> Board:
    """A board of `width` × `height` px.

    Raises:
        ValueError: if a side is below 1.
    """
    if min(width, height) < 1:
        raise ValueError(f"a picture of {width} × {height} px cannot be drawn")
    chance = random.Random(f"{seed}:board")
    scale = _LONG_SIDE / max(width, height)
    canvas_width, canvas_height = max(8, round(width * scale)), max(8, round(height * scale))
    image = Image.new("RGB", (canvas_width, canvas_height), chance.choice(_LACQUERS))
    pen = ImageDraw.Draw(image)
    cell = _LONG_SIDE // _CELLS
    columns, rows = max(1, canvas_width // cell), max(1, canvas_height // cell)
    centres = [
        ((x + 0.5) * canvas_width / columns, (y + 0.5) * canvas_height / rows)
        for y in range(rows)
        for x in range(columns)
    ]
    _draw_traces(pen, chance, centres)
    parts = []
    for centre in centres:
        if chance.random() < 0.68:
            kind = chance.choices(list(_DRAW), weights=(2, 4, 3, 2))[0]
            box = _DRAW[kind](pen, chance, centre, cell)
            parts.append(Part(kind, _within(box, canvas_width, canvas_height, scale)))
        else:
            _dot(pen, centre, cell * 0.1, _COPPER)
            _dot(pen, centre, cell * 0.045, (28, 28, 30))
    return Board(
        image.resize((width, height), Image.Resampling.BOX if scale >= 1 else Image.Resampling.BICUBIC), tuple(parts)
    )


def _draw_traces(pen: ImageDraw.ImageDraw, chance: random.Random, centres: list[tuple[float, float]]) -> None:
    """Copper lines that run level, then upright, from one cell to another."""
    for start in centres:
        end = chance.choice(centres)
        pen.line([start, (end[0], start[1]), end], fill=_COPPER, width=chance.choice((3, 4, 6)), joint="curve")


def _draw_chip(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float], cell: int) -> Box:
    x, y = centre
    half, tall, pins = cell * 0.24, cell * 0.36, chance.choice((4, 5, 6))
    for pin in range(pins):
        level = y - tall + (pin + 0.5) * 2 * tall / pins
        pen.rectangle((x - half * 1.5, level - 2.5, x + half * 1.5, level + 2.5), fill=_SOLDER)
    pen.rectangle((x - half, y - tall, x + half, y + tall), fill=(30, 31, 34), outline=(58, 60, 64), width=2)
    _dot(pen, (x - half * 0.55, y - tall * 0.72), 3.5, (120, 122, 126))
    for line in (-0.05, 0.2):
        pen.line((x - half * 0.6, y + tall * line, x + half * 0.6, y + tall * line), fill=(150, 152, 156), width=2)
    return x - half * 1.5, y - tall, x + half * 1.5, y + tall


def _draw_resistor(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float], cell: int) -> Box:
    x, y = centre
    half, tall = cell * 0.3, cell * 0.13
    pen.line((x - half * 1.4, y, x + half * 1.4, y), fill=_SOLDER, width=5)
    pen.rounded_rectangle((x - half, y - tall, x + half, y + tall), radius=8, fill=(214, 186, 142))
    for band, colour in enumerate(chance.sample(_BANDS, 3)):
        left = x - half * 0.6 + band * half * 0.5
        pen.rectangle((left, y - tall, left + half * 0.22, y + tall), fill=colour)
    return x - half * 1.4, y - tall, x + half * 1.4, y + tall


def _draw_capacitor(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float], cell: int) -> Box:
    x, y = centre
    radius = cell * chance.uniform(0.24, 0.34)
    _dot(pen, centre, radius, (44, 52, 84))
    _dot(pen, centre, radius * 0.8, (176, 180, 188))
    pen.pieslice((x - radius, y - radius, x + radius, y + radius), 60, 120, fill=(226, 228, 232))
    pen.line((x - radius * 0.5, y, x + radius * 0.5, y), fill=(120, 124, 132), width=3)
    pen.line((x, y - radius * 0.5, x, y + radius * 0.5), fill=(120, 124, 132), width=3)
    return x - radius, y - radius, x + radius, y + radius


def _draw_light(pen: ImageDraw.ImageDraw, chance: random.Random, centre: tuple[float, float], cell: int) -> Box:
    x, y = centre
    radius, colour = cell * 0.18, chance.choice(_LIGHTS)
    pen.rectangle((x - radius * 1.3, y - radius * 1.3, x + radius * 1.3, y + radius * 1.3), fill=(236, 236, 230))
    _dot(pen, centre, radius, colour)
    _dot(pen, (x - radius * 0.3, y - radius * 0.3), radius * 0.3, (255, 255, 255))
    return x - radius * 1.3, y - radius * 1.3, x + radius * 1.3, y + radius * 1.3


_DRAW: Final[Mapping[PartKind, Callable[[ImageDraw.ImageDraw, random.Random, tuple[float, float], int], Box]]] = {
    "chip": _draw_chip,
    "resistor": _draw_resistor,
    "capacitor": _draw_capacitor,
    "light": _draw_light,
}


def _dot(pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, fill: tuple[int, int, int]) -> None:
    x, y = centre
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _within(box: Box, width: int, height: int, scale: float) -> Box:
    left, top, right, bottom = box
    return max(0, left) / scale, max(0, top) / scale, min(width, right) / scale, min(height, bottom) / scale
