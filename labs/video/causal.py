"""A small causal 3-D autoencoder's encoder, and the patches that a video transformer cuts of its latent.

Yu et al. 2023 (MAGVIT-v2), arXiv:2310.05737, section 3.2; Yang et al. 2024, "CogVideoX", arXiv:2408.06072, section 2.1.
The strides are those of the large ones, the widths are not, and the weights are random.

Axes: b clips, c channels, t frames, H and W pixels, n tokens.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

LATENT_CHANNELS = 16
"""Values at each place of the latent."""
PATCH = 2
"""Side of the video transformer's patches, in latent places."""


class CausalConv3d(nn.Conv3d):
    """A convolution that sees no later frame: all of its padding in time stands in front, copies of the first frame."""

    def forward(self, clip: Tensor) -> Tensor:
        """(b, c, t, H, W) -> (b, c', t', H', W')."""
        in_front = self.kernel_size[0] - 1
        before = clip[:, :, :1].expand(-1, -1, in_front, -1, -1)
        return super().forward(torch.cat((before, clip), dim=2))


class CausalEncoder(nn.Module):
    """Eight times smaller in space, four times in time, 16 values a place."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        stages = []
        channels = 3
        for stride in ((1, 2, 2), (2, 2, 2), (2, 2, 2)):  # time, height, width
            stages.append(CausalConv3d(channels, width, kernel_size=3, stride=stride, padding=(0, 1, 1)))
            channels = width
        self.stages = nn.ModuleList(stages)
        self.to_latent = CausalConv3d(width, LATENT_CHANNELS, kernel_size=3, padding=(0, 1, 1))

    def forward(self, clip: Tensor) -> Tensor:
        """(b, 3, t, H, W) -> (b, 16, (t-1)/4 + 1, H/8, W/8)."""
        for stage in self.stages:
            clip = functional.silu(stage(clip))
        latent: Tensor = self.to_latent(clip)
        return latent


def cut_latent(latent: Tensor) -> Tensor:
    """The video transformer's patches, 2 × 2 places of one latent frame: (b, 16, t, h, w) -> (b, n, d)."""
    patches = nn.Conv3d(LATENT_CHANNELS, 64, kernel_size=(1, PATCH, PATCH), stride=(1, PATCH, PATCH))
    tokens: Tensor = patches(latent).flatten(2).mT
    return tokens


@torch.no_grad()
def encode(frames: int, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """The clip, its latent and its tokens, without numbers."""
    with torch.device("meta"):
        clip = torch.empty(1, 3, frames, height, width)
        latent = CausalEncoder()(clip)
        return clip, latent, cut_latent(latent)


@torch.enable_grad()
def frames_seen(latent_frame: int | None, frames: int) -> Tensor:
    """Which frames of a clip one latent frame depends on, or any of them, by the gradient: (t,) bool."""
    clip = torch.randn(1, 3, frames, 8, 8, dtype=torch.float64, requires_grad=True)
    latent = CausalEncoder(width=2).double().requires_grad_(False)(clip)  # (1, 16, t', 1, 1)
    asked = latent if latent_frame is None else latent[:, :, latent_frame]
    (gradient,) = torch.autograd.grad(asked.sum(), clip)
    return (gradient != 0).transpose(0, 2).flatten(1).any(dim=1)
