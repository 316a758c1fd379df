"""The picture that is shown, and how far a screenshot is from it."""

from __future__ import annotations

import io
import random
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

BLOCKS: Final = 12
SIDE: Final = 480
COLOURS: Final = ((230, 60, 60), (60, 200, 90), (70, 110, 240), (240, 200, 60), (200, 80, 220), (240, 240, 240))
MOST_APART: Final = 45.0
"""Mean difference of a channel, of 255, in the middle of a block at most: 256 colours are so far off."""


def picture() -> Image.Image:
    """Blocks of few strong colours; no two of a row or column follow a rule."""
    rng = random.Random(7)
    small = Image.new("RGB", (BLOCKS, BLOCKS))
    small.putdata([rng.choice(COLOURS) for _ in range(BLOCKS * BLOCKS)])
    return small.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def png() -> bytes:
    data = io.BytesIO()
    picture().save(data, "PNG")
    return data.getvalue()


def wrong_blocks(shot: Image.Image) -> list[tuple[int, int]]:
    """Row and column of each block that looks otherwise in what stands on black; all of them where nothing stands."""
    lit = shot.convert("L").point(lambda value: 255 * (value > 40))
    box = (
        lit.filter(ImageFilter.MinFilter(9)).filter(ImageFilter.MaxFilter(9)).getbbox()
    )  # without a window's thin frame
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 8 * BLOCKS:
        return [(row, column) for row in range(BLOCKS) for column in range(BLOCKS)]
    seen = shot.convert("RGB").crop(box).resize((SIDE, SIDE))
    meant, side = picture(), SIDE // BLOCKS
    wrong = []
    for row in range(BLOCKS):
        for column in range(BLOCKS):
            x, y = column * side, row * side
            middle = (x + side // 3, y + side // 3, x + side - side // 3, y + side - side // 3)
            apart = ImageStat.Stat(ImageChops.difference(seen.crop(middle), meant.crop(middle))).mean
            if max(apart) > MOST_APART:
                wrong.append((row, column))
    return wrong
