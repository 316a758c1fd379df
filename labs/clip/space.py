"""The shared space of pictures and texts: the functions that this family is about.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", arXiv:2103.00020,
figure 3:

    I_e = l2_normalize(I_f @ W_i),  T_e = l2_normalize(T_f @ W_t),  logits = I_e @ T_e.T * exp(t)
    loss = (cross_entropy(logits, 0..n-1 along rows) + cross_entropy(logits, 0..n-1 along columns)) / 2

The model is transformers' CLIPModel throughout. Axes: b pictures, t texts, k templates, n tokens, d dimensions of the
shared space (64 in the tiny CLIP), f features of a probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from labs.models.clip_checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Compared:
    """Pictures compared with captions: cosines and logits (b, t), and the factor between them."""

    cosines: Tensor
    logits: Tensor
    scale: float
    shapes: tuple[torch.Size, torch.Size]
    """Of the pictures' embeddings (b, d) and the texts' (t, d)."""

    @property
    def probabilities(self) -> Tensor:
        """Each picture's choice among the captions: (b, t), rows sum to 1."""
        return self.logits.softmax(dim=1)


@torch.no_grad()
def compare(clip: Checkpoint, pictures: Sequence[Image.Image], captions: Sequence[str]) -> Compared:
    """Run the whole model: b pictures, t captions -> logits (b, t)."""
    output = clip.model(pixel_values=clip.to_pixels(pictures), **clip.tokenize(captions))
    cosines = output.image_embeds @ output.text_embeds.T  # (b, d) @ (d, t) -> (b, t); both on the unit sphere
    logits = output.logits_per_image  # (b, t): the cosines times exp(logit_scale)
    return Compared(cosines, logits, clip.scale, (output.image_embeds.shape, output.text_embeds.shape))


@torch.no_grad()
def own_loss(clip: Checkpoint, pictures: Sequence[Image.Image], captions: Sequence[str]) -> tuple[float, Tensor]:
    """The model's own symmetric loss of a batch, and its logits (b, b)."""
    output = clip.model(
        pixel_values=clip.to_pixels(pictures),  # (b, 3, H, W)
        **clip.tokenize(captions),  # (b, 16)
        return_loss=True,
    )
    return float(output.loss), output.logits_per_image


@torch.no_grad()
def put_labels(clip: Checkpoint, prompts: Sequence[Sequence[str]]) -> Tensor:
    """A zero-shot classifier, one row a label: k lists of t prompts -> (t, d).

    With several templates the mean of the embeddings is taken and brought back to the unit sphere.
    """
    embedded = torch.stack([clip.embed_texts(texts) for texts in prompts])  # (k, t, d)
    mean = embedded.mean(dim=0)  # (t, d)
    unit: Tensor = mean / mean.norm(dim=1, keepdim=True)
    return unit


def classify(pictures: Tensor, labels: Tensor) -> Tensor:
    """The nearest label of each picture: (b, d), (t, d) -> (b,)."""
    return (pictures @ labels.T).argmax(dim=1)


def choose(pictures: Tensor, captions: Tensor) -> Tensor:
    """Which of its own captions each picture is nearest to: (b, d), (b, t, d) -> (b,)."""
    return torch.einsum("bd,btd->bt", pictures, captions).argmax(dim=1)


def rank(queries: Tensor, gallery: Tensor, wanted: Tensor) -> Tensor:
    """At which rank, from 1, each query finds its picture: (q, d), (b, d), (q,) -> (q,)."""
    similar = queries @ gallery.T  # (q, b)
    own = similar.gather(1, wanted[:, None])  # (q, 1)
    return 1 + (similar > own).sum(dim=1)


def linear_probe(train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], penalty: float = 1.0) -> float:
    """R² on new pictures of a ridge regression from features to a target: (b, f), (b,) twice -> one number."""
    features, target = train
    middle, spread = features.mean(dim=0), features.std(dim=0) + 1e-6
    x = (features - middle) / spread / features.shape[1] ** 0.5  # (b, f)
    gram = x @ x.T  # (b, b): as many equations as pictures, however many features
    ridge = penalty / len(x) * torch.eye(len(x), dtype=x.dtype)
    weights = torch.linalg.solve(gram + ridge, target - target.mean())  # (b,)
    new = (test[0] - middle) / spread / features.shape[1] ** 0.5
    guess = new @ (x.T @ weights) + target.mean()
    return 1 - float((test[1] - guess).square().mean() / (test[1] - test[1].mean()).square().mean())
