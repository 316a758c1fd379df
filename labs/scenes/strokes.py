"""Small bold drawings, one pixel a cell, and letters of three by five pixels; with PIL, without numpy."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from PIL import Image, ImageDraw

Colour: TypeAlias = tuple[int, int, int]

GROUND: Final[Colour] = (18, 22, 30)
PAPER: Final[Colour] = (232, 234, 238)
GREY: Final[Colour] = (92, 98, 110)
BLUE: Final[Colour] = (88, 160, 255)
RED: Final[Colour] = (255, 92, 80)
YELLOW: Final[Colour] = (255, 206, 64)
GREEN: Final[Colour] = (72, 208, 120)
PURPLE: Final[Colour] = (190, 120, 255)
ORANGE: Final[Colour] = (255, 150, 50)
COLOURS: Final[dict[str, Colour]] = {
    "red": RED, "blue": BLUE, "yellow": YELLOW, "green": GREEN, "purple": PURPLE, "orange": ORANGE,
}  # fmt: skip
_SCALE: Final = 8
"""Pixels of the file for each drawn one, so that its edges stay edges where a terminal shows pixels."""
_FONT: Final = {
    "A": "757 55", "B": "656 56", "C": "744 47", "D": "655 56", "E": "746 47", "F": "746 44", "G": "745 57",
    "H": "557 55", "I": "722 27", "J": "111 57", "K": "556 55", "L": "444 47", "M": "577 55", "N": "655 55",
    "O": "755 57", "P": "757 44", "Q": "755 71", "R": "756 55", "S": "747 17", "T": "722 22", "U": "555 57",
    "V": "555 52", "W": "557 75", "X": "552 55", "Y": "552 22", "Z": "712 47", "0": "755 57", "1": "262 27",
    "2": "717 47", "3": "717 17", "4": "557 11", "5": "747 17", "6": "747 57", "7": "711 11", "8": "757 57",
    "9": "757 17", "?": "713 02", "+": "027 20", "-": "007 00", "=": "070 70", ".": "000 02", "%": "512 45",
    "/": "112 44", "*": "052 50", ">": "421 24", " ": "000 00",
}  # fmt: skip
"""Five rows of three pixels a letter, each row a number from 0 to 7."""


def canvas(width: int, height: int, ground: Colour = GROUND) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty picture and a pen for it."""
    image = Image.new("RGB", (width, height), ground)
    return image, ImageDraw.Draw(image)


def write(pen: ImageDraw.ImageDraw, x: int, y: int, text: str, colour: Colour = PAPER) -> None:
    """Capital letters and digits, each three pixels wide and one apart."""
    for at, letter in enumerate(text.upper()):
        for row, bits in enumerate(_FONT.get(letter, _FONT["?"]).replace(" ", "")):
            for column in range(3):
                if int(bits) >> (2 - column) & 1:
                    pen.point((x + 4 * at + column, y + row), fill=colour)


def pixels(rows: Sequence[Sequence[Colour]]) -> Image.Image:
    """A picture of the colours of its pixels."""
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    image.putdata([colour for row in rows for colour in row])
    return image


def grey(value: float) -> Colour:
    """A grey from 0, black, to 1, white."""
    level = round(255 * min(1.0, max(0.0, value)))
    return level, level, level


def heat(value: float) -> Colour:
    """A colour from 0, the ground, over blue to 1, bright yellow."""
    value = min(1.0, max(0.0, value))
    stops = ((0.0, (20, 24, 40)), (0.4, (52, 84, 190)), (0.7, (220, 110, 90)), (1.0, (255, 226, 90)))
    for (low, before), (high, after) in pairwise(stops):
        if value <= high:
            share = (value - low) / (high - low)
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(before, after, strict=True))
            return red, green, blue
    return stops[-1][1]


def larger(image: Image.Image, times: int) -> Image.Image:
    """Each pixel as a square of so many."""
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def to_png(image: Image.Image) -> bytes:
    """A PNG with each pixel drawn as a small square."""
    buffer = io.BytesIO()
    larger(image, _SCALE).quantize(128, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
