"""The two trained eyes: a small ViT and a small CNN, each as several networks of one file of weights.

Dosovitskiy et al. 2021, arXiv:2010.11929, equations 1 to 4; LeCun et al. 1998, "Gradient-based learning applied to
document recognition".

Axes: b pictures, n patches (one token more with the class token), d width, h heads.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from labs.models import weights
from labs.scenes.captions import COLOURS, SHAPES

DIGIT_PX: Final = 16
SCENE_PX: Final = 32
PATCH_PX: Final = 4
LINE_PX: Final = 64
LEARNED_FROM: Final = (30, 100, 300, 1500)
"""How many digits each of the digit networks was trained on."""


class Layer(nn.Module):
    """Attention and MLP, each after a layer norm and beside a way around: (b, 1+n, d) -> (b, 1+n, d)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens, and how they looked at each other: (b, h, 1+n, 1+n), rows sum to 1."""
        b, n, d = x.shape
        q, k, v = self.query_key_value(self.norm1(x)).reshape(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attention = (q @ k.transpose(2, 3) / (d // self.heads) ** 0.5).softmax(3)  # (b, h, 1+n, 1+n)
        x = x + self.joined((attention @ v).transpose(1, 2).reshape(b, n, d))
        return x + self.mlp(self.norm2(x)), attention


class Vit(nn.Module):
    """(b, c, H, W) -> logits (b, classes), read from the class token."""

    def __init__(self, channels: int, side: int, classes: int, *, width: int, depth: int, heads: int = 4) -> None:
        super().__init__()
        self.patches = nn.Conv2d(channels, width, PATCH_PX, PATCH_PX)
        self.class_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 1 + (side // PATCH_PX) ** 2, width) * 0.02)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, pictures: Tensor, kept: Tensor | None = None) -> Tensor:
        """`kept` (k,) are the patches that are seen; the others are no tokens at all."""
        logits: Tensor = self.head(self.look(pictures, kept)[0])
        return logits

    def look(self, pictures: Tensor, kept: Tensor | None = None) -> tuple[Tensor, list[Tensor]]:
        """The class token at the end, (b, d), and the attention of each layer, (b, h, 1+n, 1+n)."""
        tokens = self.patches(pictures).flatten(2).transpose(1, 2) + self.positions[:, 1:]  # (b, n, d)
        if kept is not None:
            tokens = tokens[:, kept]
        first = (self.class_token + self.positions[:, :1]).expand(len(tokens), -1, -1)
        x, attentions = torch.cat([first, tokens], 1), []
        for layer in self.layers:
            x, attention = layer(x)
            attentions.append(attention)
        return self.norm(x[:, 0]), attentions


class Cnn(nn.Module):
    """Convolutions of 3 × 3, each followed by a pooling of 2 × 2: (b, c, H, W) -> (b, classes)."""

    def __init__(self, channels: int, side: int, classes: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        pairs = zip((channels, *widths), widths, strict=False)
        self.layers = nn.ModuleList(nn.Conv2d(before, after, 3, padding=1) for before, after in pairs)
        self.head = nn.Linear(widths[-1] * (side >> len(widths)) ** 2, classes)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = functional.max_pool2d(functional.relu(layer(x)), 2)
        out: Tensor = self.head(x.flatten(1))
        return out


def fresh(eye: str, task: str) -> nn.Module:
    """A network with fresh weights. Tasks: `digits_30` … `digits_1500`, `scraps`, `scenes`, `lines`."""
    match eye, task:
        case "vit", "scenes":
            return Vit(3, SCENE_PX, len(COLOURS) + len(SHAPES), width=64, depth=3)
        case "cnn", "scenes":
            return Cnn(3, SCENE_PX, len(COLOURS) + len(SHAPES), (24, 48, 64))
        case "cnn", "lines":
            return Cnn(1, LINE_PX, 1, (12, 24, 48, 48))
        case "vit", _:
            return Vit(1, DIGIT_PX, 10, width=48, depth=2)
        case _:
            return Cnn(1, DIGIT_PX, 10, (16, 48))


@cache
def trained(eye: str, task: str) -> nn.Module:
    """A trained network; loaded once a worker."""
    net, start = fresh(eye, task), f"{task}."
    net.load_state_dict({key[len(start) :]: one for key, one in _tensors(eye).items() if key.startswith(start)})
    return net.eval().requires_grad_(False)


def vit(task: str) -> Vit:
    """A trained network of the ViT, whose tokens and attention can be looked at."""
    net = trained("vit", task)
    assert isinstance(net, Vit)
    return net


@cache
def _tensors(eye: str) -> dict[str, Tensor]:
    return weights.load(f"eyes_{eye}")
