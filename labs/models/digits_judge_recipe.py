"""Train the judge: a classifier that says which digit a picture shows, and how sure it is."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from labs.models.digits import SOURCE, TRAINING, Judge, digits
from labs.models.train import Report, Trained

SEED: Final = 41
ITERATIONS: Final = 1_500
BATCH: Final = 64


def train(report: Report) -> Trained:
    """The judge and its accuracy on digits it never saw."""
    model = fit(ITERATIONS, report)
    pictures, labels = digits()
    with torch.no_grad():
        right = model(pictures).argmax(1) == labels
        sure = model(pictures[TRAINING:]).softmax(1).amax(1)
        noise = torch.rand(2_000, 1, 8, 8, generator=torch.Generator().manual_seed(SEED)) * 2 - 1
        sure_of_noise = model(noise).softmax(1).amax(1)
    scores = {
        "accuracy_training": float(right[:TRAINING].float().mean()),
        "accuracy_held_out": float(right[TRAINING:].float().mean()),
        "sure_held_out": float(sure.mean()),
        "sure_of_noise": float(sure_of_noise.mean()),
    }
    facts = {
        "data": SOURCE,
        "seed": SEED,
        "iterations": ITERATIONS,
        "batch": BATCH,
        "optimizer": "AdamW, learning rate 0.002 falling to 0 along a cosine; digits moved by up to one pixel",
        "model": "Judge: two convolutions, 24 and 48 channels, and a layer of 48",
        "weights": sum(p.numel() for p in model.parameters()),
        "score": "sure is the mean of the largest class probability",
        "weakness": "it must name a digit even where there is none: see sure_of_noise",
    }
    return Trained(dict(model.state_dict()), scores, facts)


def fit(iterations: int, report: Report) -> Judge:
    """A judge trained for so many iterations; the same bits each time on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    pictures, labels = digits()
    model = Judge()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, iterations)
    for iteration in range(iterations):
        picked = torch.randint(0, TRAINING, (BATCH,), generator=generator)
        loss = functional.cross_entropy(model(moved(pictures[picked], generator)), labels[picked], label_smoothing=0.05)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        falling.step()
        if iteration % 500 == 499:
            report(f"judge: {iteration + 1} of {iterations}, loss {loss.item():.3f}")
    return model


def moved(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """The batch moved by up to a pixel up, down, left or right; paper comes in: (b, 1, 8, 8)."""
    down, right = (int(n) for n in torch.randint(-1, 2, (2,), generator=generator))
    wide = functional.pad(pictures, (1, 1, 1, 1), value=-1.0)  # (b, 1, 10, 10)
    return wide[:, :, 1 + down : 9 + down, 1 + right : 9 + right]
