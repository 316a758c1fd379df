"""Handwritten digits of 8 × 8 pixels, and the three small networks that know them: a judge, a denoiser, a VAE.

The data: 1,797 digits, the test part of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
Machine Learning Repository 1998, doi:10.24432/C50P49, CC BY 4.0, as scikit-learn ships them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from labs.models.shapes_2d import sines

FILE: Final = Path(__file__).parent / "data" / "digits.npz"
SOURCE: Final = (
    "1,797 digits of 8 x 8 pixels: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI, "
    "doi:10.24432/C50P49, CC BY 4.0, by way of scikit-learn; the first 1,500 are for training"
)
TRAINING: Final = 1_500
"""The digits from this one on are kept out of every training."""
CLASSES: Final = 10
NO_CLASS: Final = 10
"""The label that stands for none: the denoiser without its condition."""


@cache
def digits() -> tuple[Tensor, Tensor]:
    """(1797, 1, 8, 8) pictures from -1 (paper) to 1 (ink), and (1797,) labels."""
    with np.load(FILE) as file:
        pixels, labels = file["pixels"], file["labels"]
    pictures = torch.from_numpy(pixels.astype(np.float32) / 8 - 1)[:, None]
    return pictures, torch.from_numpy(labels.astype(np.int64))


class Judge(nn.Module):
    """A small convolutional classifier: (b, 1, 8, 8) -> logits (b, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 24, 3, padding=1)
        self.second = nn.Conv2d(24, 48, 3, padding=1)
        self.third = nn.Linear(48 * 16, 48)
        self.last = nn.Linear(48, CLASSES)

    def features(self, x: Tensor) -> Tensor:
        """(b, 1, 8, 8) -> (b, 48)."""
        h = functional.relu(self.first(x))  # (b, 24, 8, 8)
        h = functional.max_pool2d(functional.relu(self.second(h)), 2)  # (b, 48, 4, 4)
        return functional.relu(self.third(h.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.last(self.features(x))
        return logits


class Block(nn.Module):
    """Two convolutions with the timestep and class between them, and a way around: (b, i, h, w) -> (b, o, h, w)."""

    def __init__(self, channels_in: int, channels_out: int, condition: int = 128) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(8, channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.condition = nn.Linear(condition, channels_out)
        self.norm2 = nn.GroupNorm(8, channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.around = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        h = self.conv1(functional.silu(self.norm1(x)))
        h = h + self.condition(condition)[:, :, None, None]
        h = self.conv2(functional.silu(self.norm2(h)))
        return h + self.around(x)  # type: ignore[no-any-return]


class DigitDenoiser(nn.Module):
    """A UNet of two levels: x_t (b, 1, 8, 8), t (b,), class (b,) -> v (b, 1, 8, 8).

    It takes pictures of any even sides, and of as many `channels` as it is made for.
    """

    def __init__(self, wide: int = 32, deep: int = 64, condition: int = 128, channels: int = 1) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(64, condition), nn.SiLU(), nn.Linear(condition, condition))
        self.label = nn.Embedding(CLASSES + 1, condition)
        self.enter = nn.Conv2d(channels, wide, 3, padding=1)
        self.down1 = Block(wide, wide, condition)
        self.down2 = Block(wide, deep, condition)
        self.middle = Block(deep, deep, condition)
        self.up2 = Block(2 * deep, deep, condition)
        self.up1 = Block(deep + wide, wide, condition)
        self.norm = nn.GroupNorm(8, wide)
        self.leave = nn.Conv2d(wide, channels, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, label: Tensor) -> Tensor:
        condition = functional.silu(self.time(sines(t, 64)) + self.label(label))  # (b, 128)
        a = self.down1(self.enter(x), condition)  # (b, 32, 8, 8)
        b = self.down2(functional.avg_pool2d(a, 2), condition)  # (b, 64, 4, 4)
        c = self.middle(b, condition)  # (b, 64, 4, 4)
        c = self.up2(torch.cat([c, b], 1), condition)  # (b, 64, 4, 4)
        c = functional.interpolate(c, scale_factor=2.0, mode="nearest")  # (b, 64, 8, 8)
        c = self.up1(torch.cat([c, a], 1), condition)  # (b, 32, 8, 8)
        out: Tensor = self.leave(functional.silu(self.norm(c)))  # (b, 1, 8, 8)
        return out


class DigitVae(nn.Module):
    """A variational autoencoder with a code of `size` numbers: (b, 1, 8, 8) -> (b, size) -> (b, 1, 8, 8).

    Kingma and Welling 2014, arXiv:1312.6114.
    """

    def __init__(self, size: int = 6, width: int = 112) -> None:
        super().__init__()
        self.size = size
        self.enter = nn.Linear(64, width)
        self.mean_and_spread = nn.Linear(width, 2 * size)
        self.open = nn.Linear(size, width)
        self.leave = nn.Linear(width, 64)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The code's mean and the logarithm of its variance: (b, 1, 8, 8) -> (b, size), (b, size)."""
        mean, spread = self.mean_and_spread(functional.silu(self.enter(x.flatten(1)))).chunk(2, dim=1)
        return mean, spread

    def decode(self, code: Tensor) -> Tensor:
        """(b, size) -> (b, 1, 8, 8), from -1 to 1."""
        pixels: Tensor = self.leave(functional.silu(self.open(code))).tanh()
        return pixels.reshape(-1, 1, 8, 8)
