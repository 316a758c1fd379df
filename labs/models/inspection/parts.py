"""The three parts of the inspection model, each a module that can be replaced alone. 64-px views in, words out.

Eye: a ViT (Dosovitskiy et al. 2021, arXiv:2010.11929) of two blocks behind a convolutional stem (Xiao et al. 2021,
arXiv:2106.14881), trained to name the parts in each patch, not from captions. Bridge: 2 × 2 patches merged by
concatenation and an MLP, as in Qwen2-VL (arXiv:2409.12191). Reasoner: a causal transformer that reads 16 slots and a
question and says words, as in LLaVA (arXiv:2304.08485); it knows 27 words and was never pretrained on text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from labs.scenes.burns import GRID, PARTS, VIEW_PX

WIDTH: Final = 64
"""Of a patch token."""
SLOTS_A_SIDE: Final = GRID // 2
SLOTS: Final = SLOTS_A_SIDE**2
"""Places in front of the question that the bridge fills, or words do."""
THINKING: Final = 96
"""Width of the reasoner."""
WORDS: Final = (
    *PARTS,
    *("bare", "looks", "fine", "yes", "no", "is", "anything", "damaged", "what", "at", "row", "column", "there", "a"),
    *("one", "two", "three", "four"),
    *("?", "."),
)
_IDS: Final = {word: index for index, word in enumerate(WORDS)}
NUMBERS: Final = ("one", "two", "three", "four")
DAMAGED: Final = "is anything damaged ?"
LONGEST: Final = 8 + 3
"""Words of the longest question and the longest answer."""


class Block(nn.Module):
    """A pre-norm transformer block: (b, n, d) -> (b, n, d)."""

    def __init__(self, width: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        qkv = self.qkv(self.before_attention(x)).view(b, n, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (b, heads, n, d / heads)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.out(mixed.transpose(1, 2).reshape(b, n, d))
        changed: Tensor = x + self.down(functional.gelu(self.up(self.before_mlp(x))))
        return changed


class Eye(nn.Module):
    """A view to 64 patch tokens: (b, 3, 64, 64) in -1..1 -> (b, 64, 64)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 32, 4, stride=2, padding=1),  # (b, 32, 32, 32)
            nn.GELU(),
            nn.Conv2d(32, WIDTH, 3, stride=2, padding=1),  # (b, 64, 16, 16)
            nn.GELU(),
            nn.Conv2d(WIDTH, WIDTH, 3, stride=2, padding=1),  # (b, 64, 8, 8)
        )
        self.position = nn.Parameter(0.02 * torch.randn(GRID * GRID, WIDTH))
        self.blocks = nn.ModuleList(Block(WIDTH, 4, causal=False) for _ in range(2))
        self.norm = nn.LayerNorm(WIDTH)
        self.names = nn.Linear(WIDTH, len(PARTS))
        """What the eye was trained with: the logit of each part in each patch. The bridge does not read it."""

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.stem(pixels).flatten(2).transpose(1, 2) + self.position  # (b, 64 patches, 64)
        for block in self.blocks:
            x = block(x)
        tokens: Tensor = self.norm(x)
        return tokens


class Bridge(nn.Module):
    """Patch tokens to the reasoner's slots: (b, 64, 64) -> (b, 16, 96).

    With `tokens` 4 or 1 the merged patches are averaged to so many first, and each is laid over its share of the slots:
    the reasoner still reads 16 slots, but they say less.

    Raises:
        ValueError: `tokens` is not 16, 4 or 1.
    """

    def __init__(self, tokens: int = SLOTS) -> None:
        super().__init__()
        if tokens not in (16, 4, 1):
            raise ValueError(f"a bridge has 16, 4 or 1 tokens, not {tokens}")
        self.tokens = tokens
        self.up, self.down = nn.Linear(4 * WIDTH, 192), nn.Linear(192, THINKING)

    def forward(self, tokens: Tensor) -> Tensor:
        side, kept = SLOTS_A_SIDE, int(self.tokens**0.5)
        grid = tokens.view(-1, side, 2, side, 2, WIDTH).transpose(2, 3)  # (b, 4, 4, 2, 2, 64)
        merged = grid.reshape(-1, side, side, 4 * WIDTH)  # (b, 4, 4, 256)
        if kept < side:
            times = side // kept
            merged = merged.view(-1, kept, times, kept, times, 4 * WIDTH).mean(dim=(2, 4))  # (b, kept, kept, 256)
        slots: Tensor = self.down(functional.gelu(self.up(merged)))
        if kept < side:
            slots = slots.repeat_interleave(times, 1).repeat_interleave(times, 2)  # (b, 4, 4, 96)
        return slots.reshape(-1, SLOTS, THINKING)


class Reasoner(nn.Module):
    """Slots and words to the logits of the next word: (b, 16, 96), (b, n) -> (b, n, words)."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), THINKING)
        self.position = nn.Parameter(0.02 * torch.randn(SLOTS + LONGEST, THINKING))
        self.blocks = nn.ModuleList(Block(THINKING, 4, causal=True) for _ in range(2))
        self.norm = nn.LayerNorm(THINKING)
        self.next = nn.Linear(THINKING, len(WORDS))

    def forward(self, slots: Tensor, ids: Tensor) -> Tensor:
        x = torch.cat([slots, self.words(ids)], dim=1)
        x = x + self.position[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.next(self.norm(x[:, SLOTS:]))
        return logits

    def told(self, shown: Tensor) -> Tensor:
        """Slots that say in words what is in them, instead of pictures: (b, 16, 7) of 0 and 1 -> (b, 16, 96)."""
        bare = (shown.sum(dim=2, keepdim=True) == 0).to(shown.dtype)
        said: Tensor = torch.cat([shown, bare], dim=2) @ self.words.weight[: len(PARTS) + 1]
        return said

    def margins(self, slots: Tensor) -> Tensor:
        """How much more "burned" than "looks" is the first word of the answer to `DAMAGED`, in nats: (b,)."""
        question = ids(DAMAGED).expand(len(slots), -1)
        first = self(slots, question)[:, -1]
        margin: Tensor = first[:, _IDS["burned"]] - first[:, _IDS["looks"]]
        return margin

    def answers(self, slots: Tensor, question: Tensor) -> list[str]:
        """The likeliest answer to each question, word by word: (b, 16, 96), (b, n) -> b texts."""
        line = question
        for _ in range(LONGEST - 8):
            line = torch.cat([line, self(slots, line)[:, -1:].argmax(dim=2)], dim=1)
        texts = []
        for row in line[:, question.shape[1] :].tolist():
            said = [WORDS[index] for index in row]
            texts.append(" ".join(said[: said.index(".")] if "." in said else said))
        return texts


def ids(text: str) -> Tensor:
    """Words to their numbers: a text of n words -> (n,).

    Raises:
        KeyError: a word the reasoner does not know.
    """
    return torch.tensor([_IDS[word] for word in text.split()])


def question_at(slot: int) -> str:
    """The question for what is in a slot, counted from 0 along the rows."""
    row, column = divmod(slot, SLOTS_A_SIDE)
    return f"what is at row {NUMBERS[row]} column {NUMBERS[column]} ?"


def in_slots(labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Parts in each slot, from parts in each patch: (…, 8, 8, 7) -> (…, 16, 7)."""
    side = SLOTS_A_SIDE
    split = labels.reshape(*labels.shape[:-3], side, 2, side, 2, len(PARTS))
    found: NDArray[np.bool_] = split.any(axis=(-4, -2)).reshape(*labels.shape[:-3], SLOTS, len(PARTS))
    return found


def to_pixel_values(pictures: NDArray[np.uint8]) -> Tensor:
    """(b, 64, 64, 3) in 0..255 -> (b, 3, 64, 64) in -1..1."""
    assert pictures.shape[1:] == (VIEW_PX, VIEW_PX, 3)
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1).contiguous()


def frozen(part: nn.Module, tensors: Mapping[str, Tensor], prefix: str) -> None:
    """Give a part the tensors of a weights file whose names begin with `prefix.`; it learns no more.

    Raises:
        RuntimeError: tensors are missing, too many, or of another shape.
    """
    start = f"{prefix}."
    part.load_state_dict({key.removeprefix(start): value for key, value in tensors.items() if key.startswith(start)})
    part.requires_grad_(requires_grad=False).train(mode=False)


def stored(parts: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """The tensors of parts in half precision, as they are kept in a weights file: `eye.norm.weight` and so on."""
    return {f"{name}.{key}": value.half() for name, part in parts.items() for key, value in part.state_dict().items()}
