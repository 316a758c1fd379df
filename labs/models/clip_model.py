"""The tiny CLIP of the labs: transformers' own CLIPModel at 64 px with 420,000 weights, and its word-level tokenizer.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", arXiv:2103.00020.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labs.lean_imports import lean_imports
from labs.scenes.captions import COLOURS, NUMBERS, SHAPES, plural

with lean_imports():
    from transformers.models.clip.configuration_clip import CLIPConfig
    from transformers.models.clip.modeling_clip import CLIPModel

__all__ = ["CLIPModel", "restore", "tiny_clip", "to_pixel_values", "tokenize"]

NAME: Final = "clip"
SIDE_PX: Final = 64
CONTEXT: Final = 16
"""Longest caption in tokens, start and end included."""

_SPECIAL: Final = ("<pad>", "<start>", "<unknown>", "<end>")  # the end must not be 2: see `tiny_config`
_SMALL_WORDS: Final = (
    "a", "an", "and", "of", "left", "right", "above", "below", "the", "there", "is", "are", "on", "in", "this",
    "photo", "picture", "drawing", "image", "something", "things", "shape", "small", "large", "with", "its",
)  # fmt: skip
WORDS: Final = (*_SPECIAL, *COLOURS, *SHAPES, *(plural(shape) for shape in SHAPES), *NUMBERS, *_SMALL_WORDS)
PAD, START, UNKNOWN, END = range(4)
_IDS: Final = {word: index for index, word in enumerate(WORDS)}


def tiny_config() -> CLIPConfig:
    """3 vision and 2 text layers of width 96, patches of 8 px, a shared space of 64 dimensions.

    The end-of-text id is 3: with 2, transformers would take the token with the highest id for the end of the text.
    """
    common = {
        "hidden_act": "gelu",
        "hidden_size": 96,
        "intermediate_size": 192,
        "num_attention_heads": 4,
        "projection_dim": 64,
    }
    return CLIPConfig(
        vision_config={**common, "num_hidden_layers": 3, "image_size": SIDE_PX, "patch_size": 8},
        text_config={
            **common,
            "num_hidden_layers": 2,
            "vocab_size": len(WORDS),
            "max_position_embeddings": CONTEXT,
            "pad_token_id": PAD,
            "bos_token_id": START,
            "eos_token_id": END,
        },
        projection_dim=64,
    )


def tiny_clip() -> CLIPModel:
    """The model with fresh weights from torch's global random stream."""
    return CLIPModel(tiny_config())


def restore(tensors: Mapping[str, Tensor]) -> CLIPModel:
    """The trained model, from the tensors of its weights file."""
    model = tiny_clip()
    model.train(False).requires_grad_(False)
    missing, unexpected = model.load_state_dict(dict(tensors), strict=False)
    if unexpected or not all(key.endswith("position_ids") for key in missing):
        raise ValueError(f"these are not the weights of the tiny CLIP: {missing} missing, {unexpected} unexpected")
    return model


def tokenize(texts: Sequence[str]) -> Tensor:
    """Words to ids: n texts -> (n, 16), start in front, end behind, the rest padding; longer texts are cut."""
    ids = torch.full((len(texts), CONTEXT), PAD)
    for row, text in enumerate(texts):
        words = [_IDS.get(word, UNKNOWN) for word in split(text)][: CONTEXT - 2]
        line = [START, *words, END]
        ids[row, : len(line)] = torch.tensor(line)
    return ids


def split(text: str) -> list[str]:
    """The words of a text as the tokenizer sees them."""
    return text.lower().replace(",", " ").replace(".", " ").split()


def unknown_words(text: str) -> list[str]:
    """The words of a text the tiny model has no embedding for."""
    return [word for word in split(text) if word not in _IDS or word in _SPECIAL]


def to_pixel_values(pictures: NDArray[np.uint8]) -> Tensor:
    """(b, 64, 64, 3) in 0..255 -> (b, 3, 64, 64) in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1).contiguous()
