"""Scenes of coloured shapes as pictures of 64 × 64 px, on varied grounds, with noise. Same seed, same pixels."""

from __future__ import annotations

import math
import random
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from labs.scenes.captions import SIDE_PX, Scene, Thing

Colour: TypeAlias = tuple[int, int, int]
Pixels: TypeAlias = NDArray[np.uint8]
"""(64, 64, 3) in 0..255."""

_COLOURS: Final[dict[str, Colour]] = {
    "red": (214, 36, 40),
    "green": (44, 158, 62),
    "blue": (36, 78, 210),
    "yellow": (240, 218, 40),
    "orange": (244, 136, 24),
    "purple": (136, 56, 182),
    "pink": (246, 138, 190),
    "cyan": (56, 206, 222),
}
_SCALE: Final = 2
"""Drawn so many times as large and then reduced, which softens the edges."""
_MOST_NOISE: Final = 14.0
"""Largest standard deviation of the noise, in 0..255."""


def _star() -> list[tuple[float, float]]:
    return [
        (r * math.sin(math.pi * k / 5), -r * math.cos(math.pi * k / 5))
        for k in range(10)
        for r in (1.05, 0.44)[k % 2 : k % 2 + 1]
    ]


def _heart() -> list[tuple[float, float]]:
    points = []
    for k in range(24):
        t = 2 * math.pi * k / 24
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((x / 16.5, -(y + 2) / 16))
    return points


_CROSS_ARM: Final = 0.2
_OUTLINES: Final[dict[str, list[tuple[float, float]]]] = {
    "square": [(-0.82, -0.82), (0.82, -0.82), (0.82, 0.82), (-0.82, 0.82)],
    "triangle": [(0, -1.0), (0.98, 0.78), (-0.98, 0.78)],
    "star": _star(),
    "cross": [
        (x, y)
        for x, y in (
            (-_CROSS_ARM, -1),
            (_CROSS_ARM, -1),
            (_CROSS_ARM, -_CROSS_ARM),
            (1, -_CROSS_ARM),
            (1, _CROSS_ARM),
            (_CROSS_ARM, _CROSS_ARM),
            (_CROSS_ARM, 1),
            (-_CROSS_ARM, 1),
            (-_CROSS_ARM, _CROSS_ARM),
            (-1, _CROSS_ARM),
            (-1, -_CROSS_ARM),
            (-_CROSS_ARM, -_CROSS_ARM),
        )
    ],
    "heart": _heart(),
    "diamond": [(0, -1.05), (0.62, 0), (0, 1.05), (-0.62, 0)],
}


def draw_scene(scene: Scene, chance: random.Random, *, noise: bool = True) -> Pixels:
    """The scene on a ground of its own: (64, 64, 3) in 0..255. `chance` picks ground, shades and noise."""
    side = SIDE_PX * _SCALE
    image = _ground(chance, side)
    pen = ImageDraw.Draw(image)
    for thing in scene.things:
        _draw_thing(pen, thing, chance)
    pixels = np.asarray(image.reduce(_SCALE), dtype=np.float32)
    if noise:
        grains = np.random.default_rng(chance.getrandbits(64))
        pixels = pixels + grains.standard_normal(pixels.shape, dtype=np.float32) * chance.uniform(0, _MOST_NOISE)
    return np.asarray(pixels.clip(0, 255), dtype=np.uint8)


def _ground(chance: random.Random, side: int) -> Image.Image:
    """A dark, greyish ground: flat, shaded from one side, or with a faint pattern."""
    base = chance.uniform(10, 90)
    tint = np.array([chance.uniform(-12, 12) for _ in range(3)], dtype=np.float32)
    kind = chance.random()
    if kind < 0.35:
        shade = tuple(int(min(255, max(0, base + t))) for t in tint)
        return Image.new("RGB", (side, side), shade)
    across = np.linspace(-1, 1, 8, dtype=np.float32)
    angle = chance.uniform(0, 2 * math.pi)
    strength = chance.uniform(5, 26)
    if kind < 0.7:
        plane = math.cos(angle) * across[None, :] + math.sin(angle) * across[:, None]
    else:
        grains = np.random.default_rng(chance.getrandbits(64))
        plane = grains.uniform(-1, 1, (8, 8)).astype(np.float32)
    small = (base + strength * plane[..., None] + tint).clip(0, 255).astype(np.uint8)
    return Image.fromarray(small).resize((side, side), Image.Resampling.BILINEAR)


def _draw_thing(pen: ImageDraw.ImageDraw, thing: Thing, chance: random.Random) -> None:
    colour, shape = thing.pair
    shift = chance.uniform(-14, 14)
    fill = tuple(int(min(255, max(0, value + shift + chance.uniform(-12, 12)))) for value in _COLOURS[colour])
    x, y, radius = thing.x * _SCALE, thing.y * _SCALE, thing.radius * _SCALE
    if shape == "circle":
        r = radius * 0.92
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
    elif shape == "ring":
        r = radius * 0.98
        pen.ellipse((x - r, y - r, x + r, y + r), outline=fill, width=max(2, round(radius * 0.34)))
    else:
        turn = math.radians(thing.turn)
        cos, sin = math.cos(turn) * radius, math.sin(turn) * radius
        pen.polygon([(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in _OUTLINES[shape]], fill=fill)
