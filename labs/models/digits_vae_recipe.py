"""Train the autoencoder of digits: a code of few numbers whose neighbours decode to similar digits."""

from __future__ import annotations

from typing import Final

import torch

from labs.models import weights
from labs.models.digits import SOURCE, TRAINING, DigitVae, Judge, digits
from labs.models.train import Report, Trained

SEED: Final = 317
ITERATIONS: Final = 6_000
BATCH: Final = 128
KL: Final = 0.35
"""Weight of the regularizer against the squared error summed over the pixels."""


def train(report: Report) -> Trained:
    """The autoencoder, its error on digits it never saw, and how alike neighbours are."""
    model = fit(ITERATIONS, report)
    judge = Judge()
    judge.load_state_dict(weights.load("digits_judge"))
    return Trained(
        dict(model.state_dict()),
        measure(model, judge),
        {
            "data": SOURCE,
            "seed": SEED,
            "iterations": ITERATIONS,
            "batch": BATCH,
            "kl_weight": KL,
            "optimizer": "AdamW, learning rate 0.002 falling to 0 along a cosine",
            "model": f"DigitVae: a code of {model.size} numbers, one hidden layer on each side",
            "weights": sum(p.numel() for p in model.parameters()),
            "score": "error: mean squared error of a pixel (-1 to 1); neighbours: share of the 10 nearest training "
            "codes with the same label; kept: share of decoded pictures the judge calls by the same digit",
            "weakness": "rebuilt digits are softer than real ones; some codes between classes decode to no digit",
        },
    )


def fit(iterations: int, report: Report, size: int = 6, kl_weight: float = KL) -> DigitVae:
    """An autoencoder trained for so many iterations; the same bits each time on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    pictures, _ = digits()
    model = DigitVae(size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, iterations)
    for iteration in range(iterations):
        x = pictures[torch.randint(0, TRAINING, (BATCH,), generator=generator)]  # (b, 1, 8, 8)
        mean, spread = model.encode(x)
        code = mean + (spread / 2).exp() * torch.randn(mean.shape, generator=generator)
        error = (model.decode(code) - x).square().sum(dim=(1, 2, 3)).mean()
        divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).sum(dim=1).mean()
        loss = error + kl_weight * divergence
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        falling.step()
        if iteration % 1_000 == 999:
            report(f"vae: {iteration + 1} of {iterations}, error {error.item() / 64:.4f}, kl {divergence.item():.2f}")
    return model


@torch.no_grad()
def measure(model: DigitVae, judge: Judge) -> dict[str, float]:
    """Error, neighbourhoods and steps away from a code."""
    pictures, labels = digits()
    codes, _ = model.encode(pictures)
    known, held_out = codes[:TRAINING], codes[TRAINING:]
    rebuilt = model.decode(held_out)
    nearest = torch.cdist(held_out, known).topk(10, largest=False).indices
    in_pixels = torch.cdist(pictures[TRAINING:].flatten(1), pictures[:TRAINING].flatten(1)).topk(10, largest=False)
    truth = labels[TRAINING:, None]
    judged = judge(rebuilt).argmax(1)
    generator = torch.Generator().manual_seed(SEED)
    direction = torch.randn(held_out.shape, generator=generator)
    direction = direction / direction.norm(dim=1, keepdim=True)
    scores = {
        "error_held_out": float((rebuilt - pictures[TRAINING:]).square().mean()),
        "error_of_the_mean_digit": float((pictures[:TRAINING].mean(0) - pictures[TRAINING:]).square().mean()),
        "rebuilt_judged_right": float((judged == labels[TRAINING:]).float().mean()),
        "neighbours_same_label": float((labels[nearest] == truth).float().mean()),
        "neighbours_same_label_in_pixels": float((labels[in_pixels.indices] == truth).float().mean()),
        "code_variance": float(codes.var(dim=0).mean()),
    }
    for away in (0.1, 0.5, 1.0, 2.0, 4.0):
        moved = model.decode(held_out + away * direction)
        scores[f"kept_at_distance_{away:g}".replace(".", "_")] = float(
            (judge(moved).argmax(1) == judged).float().mean()
        )
    return scores
