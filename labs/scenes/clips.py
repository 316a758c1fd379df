"""Short drawn clips: a coloured ball moves over a grey workbench; and the frame tape that shows them side by side.

The same script gives the same clip to the last pixel.
"""

from __future__ import annotations

import colorsys
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from labs.scenes.clip_scripts import RADIUS, Script

if TYPE_CHECKING:
    from torch import Tensor

_FINE: Final = 4
"""Drawn this many times larger and reduced, so that a ball moves smoothly."""
_TAPE_WIDTH: Final = 448
_GAP: Final = 3
_OUTLINE: Final = (255, 64, 190)
_FLASH: Final = (255, 240, 120)
FLASH_RADIUS: Final = 2
Box = tuple[int, int, int, int]


def film(script: Script) -> list[Image.Image]:
    """One RGB picture a frame."""
    ground = _ground(script.seed, script.width, script.height)
    grain = _grain(script.seed, script.width, script.height)
    frames = []
    for moment in script.moments:
        large = ground.copy()
        colour = tuple(round(part * 255) for part in colorsys.hsv_to_rgb(moment.hue / 360, 0.8, 0.66))
        ImageDraw.Draw(large).ellipse(
            tuple(
                (centre + side * RADIUS) * _FINE + (_FINE - 1) // 2
                for side in (-1, 1)
                for centre in (moment.x, moment.y)
            ),
            fill=colour,
        )
        small = np.asarray(large.resize((script.width, script.height), Image.Resampling.BOX), dtype=np.float32)
        small = small + grain
        frames.append(Image.fromarray((small * (moment.light / 100)).round().clip(0, 255).astype(np.uint8)))
    return frames


def flash(frames: Sequence[Image.Image], at: int, x: int, y: int) -> list[Image.Image]:
    """The clip with a small light in one frame, at most FLASH_RADIUS px around x, y."""
    lit = list(frames)
    lit[at] = frames[at].copy()
    ImageDraw.Draw(lit[at]).ellipse(
        (x - FLASH_RADIUS, y - FLASH_RADIUS, x + FLASH_RADIUS, y + FLASH_RADIUS), fill=_FLASH
    )
    return lit


def pixels_of(frames: Sequence[Image.Image]) -> Tensor:
    """A clip as a model takes it: (1, t, c, H, W) in -1..1."""
    import torch

    clip = torch.from_numpy(np.stack([np.asarray(frame) for frame in frames]))  # (t, H, W, c)
    return (clip.permute(0, 3, 1, 2)[None].float() / 127.5 - 1).contiguous()


def frame_tape(frames: Sequence[Image.Image], outlined: tuple[int, int, Box] | None = None) -> Image.Image:
    """The frames side by side in rows, numbered from 0; `outlined`: first frame, number of frames, box in px."""
    columns = min(len(frames), 4)
    rows = -(-len(frames) // columns)
    width = (_TAPE_WIDTH - (columns + 1) * _GAP) // columns
    scale = width / frames[0].width
    height = round(frames[0].height * scale)
    tape = Image.new("RGB", (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP), (12, 12, 14))
    pen = ImageDraw.Draw(tape)
    for number, frame in enumerate(frames):
        left, top = _GAP + number % columns * (width + _GAP), _GAP + number // columns * (height + _GAP)
        tape.paste(frame.resize((width, height), Image.Resampling.BILINEAR), (left, top))
        if outlined is not None and outlined[0] <= number < outlined[0] + outlined[1]:
            x0, y0, x1, y1 = (part * scale for part in outlined[2])
            pen.rectangle((left + x0, top + y0, left + x1 - 1, top + y1 - 1), outline=_OUTLINE, width=2)
        pen.text((left + 4, top + 2), str(number), fill=(255, 255, 255))
    return tape


def _grain(seed: int, width: int, height: int) -> NDArray[np.float32]:
    """Fine grey structure of the bench, (H, W, 1) in -6..6: without it whole pixel values would round all alike."""
    noise = np.frombuffer(random.Random(f"{seed}:grain").randbytes(width * height), dtype=np.uint8)
    return (noise.reshape(height, width, 1) / np.float32(255) * 12 - 6).astype(np.float32)


def _ground(seed: int, width: int, height: int) -> Image.Image:
    """A grey bench with grey boxes on it, none of them coloured."""
    chance = random.Random(f"{seed}:ground")
    grey = chance.randrange(96, 128)
    large = Image.new("RGB", (width * _FINE, height * _FINE), (grey, grey, grey))
    pen = ImageDraw.Draw(large)
    for _ in range(7):
        x, y = chance.randrange(width) * _FINE, chance.randrange(height) * _FINE
        w, h, shade = chance.randrange(8, 40) * _FINE, chance.randrange(8, 28) * _FINE, chance.randrange(60, 160)
        pen.rectangle((x, y, x + w, y + h), fill=(shade, shade, shade))
    return large
