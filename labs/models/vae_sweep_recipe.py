"""Train eleven autoencoders of digits: codes of 1 to 32 numbers, and KL weights of 0 to 10 on codes of 16."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from labs.models.digits import SOURCE, TRAINING, DigitVae, digits
from labs.models.digits_vae_recipe import BATCH, KL, SEED, fit
from labs.models.train import Report, Trained

ITERATIONS: Final = 3_000
SIZES: Final = (1, 2, 4, 8, 16, 32)
WEIGHTS: Final = (0.0, 0.02, 1.0, 4.0, 10.0)
WIDE: Final = 16
"""Numbers of the codes whose KL weight is varied."""


def train(report: Report) -> Trained:
    """The autoencoders, and the error of each on digits it never saw."""
    tensors: dict[str, Tensor] = {}
    scores: dict[str, float] = {}
    for size, weight in [*((size, KL) for size in SIZES), *((WIDE, weight) for weight in WEIGHTS)]:
        name = name_of(size, weight)
        report(f"vae_sweep: a code of {size}, KL weight {weight:g}")
        model = fit(ITERATIONS, lambda _: None, size, weight)
        tensors |= {f"{name}/{key}": tensor.half() for key, tensor in model.state_dict().items()}
        scores[f"error_{name}".replace(".", "_")] = held_out_error(model)
    facts = {
        "data": SOURCE,
        "seed": SEED,
        "iterations": ITERATIONS,
        "batch": BATCH,
        "optimizer": "AdamW, learning rate 0.002 falling to 0 along a cosine",
        "model": f"DigitVae: codes of {', '.join(map(str, SIZES))} numbers with KL weight {KL:g}; codes of {WIDE} with "
        f"KL weight {', '.join(f'{one:g}' for one in WEIGHTS)}",
        "weights": sum(tensor.numel() for tensor in tensors.values()),
        "score": "mean squared error of a pixel (-1 to 1) on digits it never saw, by size of the code and KL weight",
        "weakness": "one seed each: small differences between neighbouring sizes are chance",
    }
    return Trained(tensors, scores, facts)


def name_of(size: int, weight: float) -> str:
    """How the tensors of one autoencoder begin, before a slash: `16-0.35`."""
    return f"{size}-{weight:g}"


@torch.no_grad()
def held_out_error(model: DigitVae) -> float:
    """Mean squared error of a pixel on the digits kept out of training."""
    pictures = digits()[0][TRAINING:]
    return float((model.decode(model.encode(pictures)[0]) - pictures).square().mean())
