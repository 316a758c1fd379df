"""The picture of a showing, for the eye and for the model: a drawn circuit board, or the learner's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labs.bench import Show, later

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from PIL import Image
    from torch import Tensor
else:
    np, torch = later("numpy"), later("torch")


@dataclass(frozen=True, slots=True)
class View:
    """A picture: RGB for the eye, (1, c, H, W) in -1..1 for the model, and what it shows."""

    image: Image.Image
    pixels: Tensor
    content: str

    def show_grid(self, show: Show, patch: int, caption: str) -> None:
        """The picture with its patch grid."""
        from labs.pictures import draw_grid, lines_left_out

        every = lines_left_out(self.image, patch)
        if every > 1:
            caption = f"{caption} (one grid line in {every} is drawn)"
        show.picture("grid", draw_grid(self.image, patch), caption, f"{self.content}, cut by a grid: {caption}")


def see(show: Show, seed: int, path: str, size: tuple[int, int], channels: int = 3) -> View:
    """The learner's picture, or a board drawn from the seed: height and width in px, `channels` values a pixel.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    height, width = size
    if path:
        from labs.pictures import open_picture

        image, (own_width, own_height) = open_picture(Path(path), width, height)
        content = f"Your picture {Path(path).name}"
        show.line(f"{content}, {own_width} × {own_height} px, resized to {width} × {height}")
    else:
        from labs.scenes.boards import draw_board

        board = draw_board(width, height, seed)
        image = board.image
        content = f"A drawn circuit board ({board.description})" if board.parts else "A drawn circuit board"
    return View(image, as_pixels(image, channels), content)


def as_pixels(image: Image.Image, channels: int = 3) -> Tensor:
    """What a model reads: (1, c, H, W) in -1..1."""
    values = torch.from_numpy(as_bands(np.asarray(image, dtype=np.float32), channels))  # (H, W, c) in 0..255
    return (values / 127.5 - 1).permute(2, 0, 1)[None].contiguous()


def as_bands(rgb: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """A colour picture as a camera of `channels` bands would take it: (H, W, 3) -> (H, W, c).

    One band is the mean of the colours; more lie evenly between red and blue, each a blend of its neighbours.
    """
    if channels == 1:
        return np.asarray(rgb.mean(axis=2, keepdims=True), dtype=np.float32)
    position = np.linspace(0, 2, channels, dtype=np.float32)[:, None]  # (c, 1): 0 red, 1 green, 2 blue
    blend = np.clip(1 - np.abs(position - np.arange(3, dtype=np.float32)), 0, 1)  # (c, 3)
    return np.asarray(rgb @ blend.T, dtype=np.float32)
