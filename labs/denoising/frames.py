"""The pictures of the denoising labs: one of variance 1 to be noised, strips of frames, random streams by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from labs.bench import Show, later

if TYPE_CHECKING:
    import numpy as np
    import torch
    from PIL import Image
    from torch import Tensor

    from labs.diffusion import NoiseSchedule
else:
    np, torch = later("numpy"), later("torch")

SIDE: Final = 112
"""Side of the pictures that are noised, in px."""


@dataclass(frozen=True, slots=True)
class View:
    """A picture: (1, 3, h, w) of mean 0 and variance 1, and what it shows, in words."""

    x0: Tensor
    content: str


def see(show: Show, seed: int, path: str, side: int = SIDE) -> View:
    """The learner's picture, or a board drawn from the seed, of `side` × `side` px.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    if path:
        from labs.pictures import open_picture

        image, (own_width, own_height) = open_picture(Path(path), side, side)
        content = f"Your picture {Path(path).name}"
        show.line(f"{content}, {own_width} × {own_height} px, resized to {side} × {side}")
    else:
        from labs.scenes.boards import draw_board

        image, content = draw_board(side, side, seed).image, "A drawn circuit board"
    pixels = torch.from_numpy(np.asarray(image, dtype=np.float32)).permute(2, 0, 1)[None]  # (1, 3, h, w)
    deviation = pixels.std(correction=0).clamp(min=1e-3)
    if float(deviation) < 1:  # a picture of one colour has no signal: give it the faintest
        pixels = pixels + torch.linspace(-1, 1, side).expand(pixels.shape)
        show.line("it is all one colour, so a faint slope was added to have a signal")
        deviation = pixels.std(correction=0)
    return View((pixels - pixels.mean()) / deviation, content)


def noised(schedule: NoiseSchedule, x0: Tensor, t: int, draws: int, generator: torch.Generator) -> Tensor:
    """The picture noised to t in several draws: (1, c, h, w) -> (b, c, h, w)."""
    from labs.diffusion import q_sample

    noise = torch.randn((draws, *x0.shape[1:]), generator=generator)
    return q_sample(schedule, x0, torch.tensor([t]), noise)


def strip(frames: Tensor) -> Image.Image:
    """Pictures side by side: (b, c, h, w) around 0 with variance about 1."""
    from PIL import Image

    grey = ((frames / 5 + 0.5).clamp(0, 1) * 255).byte()  # 2.5 deviations either way
    images = [Image.fromarray(frame.permute(1, 2, 0).numpy()) for frame in grey]
    side, gap = images[0].width, 4
    whole = Image.new("RGB", (len(images) * (side + gap) - gap, side), (128, 128, 128))
    for index, image in enumerate(images):
        whole.paste(image, (index * (side + gap), 0))
    return whole


def enlarged(pictures: Tensor, times: int = 10) -> Tensor:
    """Digits (b, 1, 8, 8) as `strip` shows them, dark ink on white: (b, 3, 80, 80)."""
    shown = -2.5 * pictures.repeat_interleave(times, 2).repeat_interleave(times, 3)
    return shown.expand(-1, 3, -1, -1)


def generator_of(seed: int, name: str) -> torch.Generator:
    """A random stream of its own for each seed and name."""
    salt = int.from_bytes(name.encode()[:7], "big")
    return torch.Generator().manual_seed((seed * 1_000_003 + salt) % 2**63)
