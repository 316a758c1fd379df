"""CLIP a second time, in numpy alone and from the stored weights: what the lab's numbers are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labs.models import weights
from labs.scenes import captions as said

Array = NDArray[np.float64]
WEIGHTS = {name: tensor.numpy().astype(np.float64) for name, tensor in weights.load("clip").items()}
SCALE = math.exp(float(WEIGHTS["logit_scale"]))
_erf = np.vectorize(math.erf, otypes=[np.float64])


def embed_pictures(pictures: Sequence[Any]) -> Array:
    """Pictures of 64 × 64 px -> (b, 64) on the unit sphere."""
    pixels = np.stack([np.asarray(picture, dtype=np.float64) for picture in pictures]) / 127.5 - 1
    b = len(pixels)
    cut = pixels.reshape(b, 8, 8, 8, 8, 3).transpose(0, 1, 3, 5, 2, 4).reshape(b, 64, 3 * 8 * 8)
    kernel = WEIGHTS["vision_model.embeddings.patch_embedding.weight"].reshape(96, -1)
    first = np.broadcast_to(WEIGHTS["vision_model.embeddings.class_embedding"], (b, 1, 96))
    x = np.concatenate([first, cut @ kernel.T], axis=1) + WEIGHTS["vision_model.embeddings.position_embedding.weight"]
    x = _norm(x, "vision_model.pre_layrnorm")
    for layer in range(3):
        x = _layer(x, f"vision_model.encoder.layers.{layer}", None)
    pooled = _norm(x[:, 0], "vision_model.post_layernorm")
    return _unit(pooled @ WEIGHTS["visual_projection.weight"].T)


def embed_texts(texts: Sequence[str]) -> Array:
    """Texts of known words -> (t, 64) on the unit sphere, one by one and without padding."""
    rows = []
    for text in texts:
        ids = [1, *(vocabulary()[word] for word in text.split()), 3]
        x = WEIGHTS["text_model.embeddings.token_embedding.weight"][ids]
        x = (x + WEIGHTS["text_model.embeddings.position_embedding.weight"][: len(ids)])[None]
        later = np.triu(np.full((len(ids), len(ids)), -np.inf), 1)
        for layer in range(2):
            x = _layer(x, f"text_model.encoder.layers.{layer}", later)
        pooled = _norm(x[:, -1], "text_model.final_layer_norm")
        rows.append(pooled @ WEIGHTS["text_projection.weight"].T)
    return _unit(np.concatenate(rows))


def vocabulary() -> dict[str, int]:
    """The ids of the words, as they are counted up: special ones, colours, shapes, plurals, numbers, small words."""
    small = "a an and of left right above below the there is are on in this photo picture drawing image something"
    words = ["<pad>", "<start>", "<unknown>", "<end>", *said.COLOURS, *said.SHAPES]
    words += [said.plural(shape) for shape in said.SHAPES]
    return {word: index for index, word in enumerate([*words, *said.NUMBERS, *small.split()])}


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def cross_entropy(logits: Array) -> float:
    """Mean over the rows, the diagonal being right."""
    return float(-np.log(np.diagonal(softmax(logits))).mean())


def _layer(x: Array, name: str, mask: Array | None) -> Array:
    normed = _norm(x, f"{name}.layer_norm1")
    b, n, _ = x.shape
    q, k, v = (
        _linear(normed, f"{name}.self_attn.{part}_proj").reshape(b, n, 4, 24).transpose(0, 2, 1, 3) for part in "qkv"
    )
    scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(24)
    mixed = softmax(scores if mask is None else scores + mask) @ v
    x = x + _linear(mixed.transpose(0, 2, 1, 3).reshape(b, n, 96), f"{name}.self_attn.out_proj")
    inner = _linear(_norm(x, f"{name}.layer_norm2"), f"{name}.mlp.fc1")
    return x + _linear(inner * 0.5 * (1 + _erf(inner / math.sqrt(2))), f"{name}.mlp.fc2")


def _linear(x: Array, name: str) -> Array:
    return x @ WEIGHTS[f"{name}.weight"].T + WEIGHTS[f"{name}.bias"]


def _norm(x: Array, name: str) -> Array:
    middle = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((middle**2).mean(axis=-1, keepdims=True) + 1e-5)
    normed: Array = middle / spread * WEIGHTS[f"{name}.weight"] + WEIGHTS[f"{name}.bias"]
    return normed


def _unit(rows: Array) -> Array:
    unit: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
