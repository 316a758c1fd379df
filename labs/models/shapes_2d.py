"""Points in the plane that a denoiser can learn, and the small network that learns them."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SHAPES: Final = ("spiral", "moons", "ring")
"""A spiral, two crescents, eight clusters on a ring. Each is scaled to variance 1."""
CLIP: Final = 2.5
"""No point of any shape has a coordinate beyond this."""


def draw_points(shape: str, count: int, generator: torch.Generator) -> Tensor:
    """(count, 2) points of a shape, centred, of variance 1.

    Raises:
        ValueError: there is no such shape.
    """
    u = torch.rand(count, generator=generator)
    noise = torch.randn(count, 2, generator=generator)
    if shape == "spiral":
        angle = 1.5 * math.pi * (1 + 2 * u)
        return (
            torch.stack([angle * angle.cos(), angle * angle.sin()], 1) / 6.9 - torch.tensor([0.27, -0.02])
        ) / 0.99 + 0.04 * noise
    if shape == "moons":
        upper = torch.rand(count, generator=generator) < 0.5
        x = torch.where(upper, (math.pi * u).cos(), 1 - (math.pi * u).cos())
        y = torch.where(upper, (math.pi * u).sin(), 0.5 - (math.pi * u).sin())
        return (torch.stack([x, y], 1) - torch.tensor([0.5, 0.25])) * torch.tensor([1.15, 2.0]) + 0.07 * noise
    if shape == "ring":
        angle = 2 * math.pi * (8 * u).floor() / 8
        return 1.4 * torch.stack([angle.cos(), angle.sin()], 1) + 0.1 * noise
    raise ValueError(f"there is no shape {shape}")


class PointDenoiser(nn.Module):
    """A residual MLP of four layers of 128: x_t (b, 2), t (b,), shape (b,) -> prediction (b, 2)."""

    def __init__(self, width: int = 128, layers: int = 4) -> None:
        super().__init__()
        self.shape = nn.Embedding(len(SHAPES), 32)
        self.enter = nn.Linear(2 + 32 + 32, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.leave = nn.Linear(width, 2)

    def forward(self, x: Tensor, t: Tensor, shape: Tensor) -> Tensor:
        h = self.enter(torch.cat([x, sines(t, 32), self.shape(shape)], dim=1))  # (b, 128)
        for layer in self.layers:
            h = h + layer(functional.silu(h))  # (b, 128)
        out: Tensor = self.leave(functional.silu(h))  # (b, 2)
        return out


def sines(t: Tensor, width: int) -> Tensor:
    """A timestep as waves of `width` // 2 lengths: (b,) -> (b, width)."""
    rates = torch.exp(-math.log(10_000) * torch.arange(width // 2, device=t.device) / (width // 2))  # (width/2,)
    phase = t[:, None].float() * rates  # (b, width/2)
    return torch.cat([phase.sin(), phase.cos()], dim=1)
