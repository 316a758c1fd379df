"""What the eyes look at, as tensors: held-out digits, drawn scenes, drawn lines; and what can happen to a picture."""

from __future__ import annotations

import math
import random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from labs.eyes.nets import DIGIT_PX, LINE_PX, SCENE_PX
from labs.models.digits import TRAINING, digits
from labs.scenes.captions import Scene
from labs.scenes.shapes import draw_scene

LENGTHS_PX = (12.0, 52.0)


def digit_pictures(first: int, last: int | None) -> tuple[Tensor, Tensor]:
    """Digits of the list at 16 × 16 px, (b, 1, 16, 16) from -1 (paper) to 1 (ink), and their labels (b,)."""
    pictures, labels = digits()
    return enlarged(pictures[first:last], DIGIT_PX), labels[first:last]


def held_out(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """So many digits that no eye was trained on, drawn by the seed."""
    pictures, labels = digit_pictures(TRAINING, None)
    picked = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))[:count]
    return pictures[picked], labels[picked]


def enlarged(pictures: Tensor, side: int) -> Tensor:
    """(b, c, h, w) -> (b, c, side, side)."""
    return functional.interpolate(pictures, size=(side, side), mode="bilinear", align_corners=False)


def shrunk(pictures: Tensor, side: int) -> Tensor:
    """Averaged down to `side` px and enlarged again: what is left of a picture that was small."""
    small = functional.interpolate(pictures, size=(side, side), mode="area")
    return enlarged(small, pictures.shape[-1])


def moved(pictures: Tensor, down: int, right: int) -> Tensor:
    """Moved by so many px; paper, -1, comes in: (b, c, h, w)."""
    width = max(abs(down), abs(right))
    h, w = pictures.shape[2:]
    wide = functional.pad(pictures, (width,) * 4, value=-1.0)
    return wide[:, :, width - down : width - down + h, width - right : width - right + w]


def turned(pictures: Tensor, degrees: float) -> Tensor:
    """Turned about the middle, counter-clockwise; paper comes in at the corners."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0]]).expand(len(pictures), 2, 3)
    grid = functional.affine_grid(turn, list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures + 1, grid, align_corners=False) - 1


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """Convolved with a Gaussian of so many px."""
    reach = math.ceil(3 * sigma)
    line = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / (2 * sigma**2))
    line = line / line.sum()
    kernel = (line[:, None] * line[None, :])[None, None]
    wide = functional.pad(pictures, (reach,) * 4, value=-1.0)
    return functional.conv2d(wide, kernel)


def scene_pixels(scene: Scene, chance: random.Random) -> Tensor:
    """A drawn scene at 32 × 32 px: (3, 32, 32) from -1 to 1."""
    drawn = draw_scene(scene, chance).astype(np.float32)
    small = drawn.reshape(SCENE_PX, 2, SCENE_PX, 2, 3).mean((1, 3))
    return torch.from_numpy(small).permute(2, 0, 1) / 127.5 - 1


def lines(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Lines of any place, direction, width and darkness: (b, 1, 64, 64) from -1 to 1, and their lengths in px (b,)."""
    shortest, longest = LENGTHS_PX
    length = shortest + (longest - shortest) * torch.rand(count, generator=generator)
    angle = math.pi * torch.rand(count, generator=generator)
    across, down = angle.cos(), angle.sin()
    half = torch.stack([across, down], 1) * length[:, None] / 2  # (b, 2): x, y
    room = LINE_PX / 2 - half.abs() - 4
    middle = LINE_PX / 2 + (2 * torch.rand(count, 2, generator=generator) - 1) * room
    width = 1.0 + 2.0 * torch.rand(count, 1, 1, generator=generator)
    ink = 0.5 + 0.5 * torch.rand(count, 1, 1, generator=generator)
    y, x = torch.meshgrid(torch.arange(LINE_PX) + 0.5, torch.arange(LINE_PX) + 0.5, indexing="ij")
    from_middle_x, from_middle_y = x - middle[:, 0, None, None], y - middle[:, 1, None, None]  # (b, 64, 64)
    along = from_middle_x * across[:, None, None] + from_middle_y * down[:, None, None]
    aside = (from_middle_y * across[:, None, None] - from_middle_x * down[:, None, None]).abs()
    beyond = (along.abs() - length[:, None, None] / 2).clamp(min=0)
    apart = (beyond**2 + aside**2).sqrt()
    covered = (width / 2 + 0.5 - apart).clamp(0, 1)
    return (2 * ink * covered - 1)[:, None], length
