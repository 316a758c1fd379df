"""Train two denoisers of points in the plane that differ in one thing: what they predict, the noise or v."""

from __future__ import annotations

import copy
from typing import Final

import torch
from torch import Tensor

from labs.diffusion import Prediction, noise_schedule, q_sample, sample, target
from labs.models.scores import sliced_wasserstein
from labs.models.shapes_2d import CLIP, SHAPES, PointDenoiser, draw_points
from labs.models.train import Report, Trained

SEED: Final = 20_260
ITERATIONS: Final = 6_000
BATCH: Final = 510
EMA: Final = 0.999
SCORED: Final = 2_000
"""Points a score is measured on."""
STEPS: Final = (5, 10, 25, 50, 250)


def train(report: Report) -> Trained:
    """Both denoisers on the cosine schedule, and their distance from the data by the number of steps."""
    tensors: dict[str, Tensor] = {}
    scores: dict[str, float] = {}
    for prediction in ("epsilon", "v"):
        model = fit(prediction, ITERATIONS, report)
        tensors |= {f"{prediction}.{name}": tensor.half() for name, tensor in model.state_dict().items()}
        model.load_state_dict({name: tensor.half().float() for name, tensor in model.state_dict().items()})
        for index, shape in enumerate(SHAPES):
            for steps in STEPS:
                scores[f"distance_{shape}_{prediction}_{steps}_steps"] = distance(model, prediction, index, steps)
            report(
                f"{prediction} {shape}: {[round(scores[f'distance_{shape}_{prediction}_{s}_steps'], 3) for s in STEPS]}"
            )
    for index, shape in enumerate(SHAPES):
        scores[f"distance_{shape}_data_from_data"] = sliced_wasserstein(points(index, 1), points(index, 2))
    facts = {
        "data": "three shapes in the plane (spiral, moons, ring), drawn without end by labs.models.shapes_2d",
        "seed": SEED,
        "iterations": ITERATIONS,
        "batch": BATCH,
        "optimizer": "AdamW, learning rate 0.002 falling to 0 along a cosine; moving average 0.999",
        "model": "PointDenoiser 4 x 128, one for epsilon and one for v, cosine schedule of 1,000 timesteps",
        "weights": sum(tensor.numel() for tensor in tensors.values()),
        "storage": "float16",
        "score": f"sliced Wasserstein distance of {SCORED} points, DDIM with eta 0; data_from_data is its floor",
        "weakness": "the distance cannot tell apart what is nearer than the floor; points between clusters remain",
    }
    return Trained(tensors, scores, facts)


def fit(prediction: Prediction, iterations: int, report: Report) -> PointDenoiser:
    """The moving average of a denoiser trained for so many iterations; the same bits each time on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED + (prediction == "v"))
    schedule = noise_schedule("cosine")
    model = PointDenoiser()
    average = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, iterations)
    each = BATCH // len(SHAPES)
    labels = torch.arange(len(SHAPES)).repeat_interleave(each)  # (b,)
    for iteration in range(iterations):
        x0 = torch.cat([draw_points(shape, each, generator) for shape in SHAPES])  # (b, 2)
        t = torch.randint(0, 1_000, (len(x0),), generator=generator)
        noise = torch.randn(x0.shape, generator=generator)
        said = model(q_sample(schedule, x0, t, noise), t, labels)
        loss = (said - target(schedule, prediction, x0, t, noise)).square().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        falling.step()
        keep = min(EMA, (iteration + 1) / (iteration + 10))
        for kept, new in zip(average.parameters(), model.parameters(), strict=True):
            kept.lerp_(new.detach(), 1 - keep)
        if iteration % 1_000 == 999:
            report(f"{prediction}: {iteration + 1} of {iterations}, loss {loss.item():.3f}")
    return average


def points(shape: int, seed: int) -> Tensor:
    """Points of the data a score is measured against: (SCORED, 2)."""
    return draw_points(SHAPES[shape], SCORED, torch.Generator().manual_seed(SEED * 100 + seed))


@torch.no_grad()
def distance(model: PointDenoiser, prediction: Prediction, shape: int, steps: int) -> float:
    """Sliced Wasserstein distance of samples from the data."""
    start = torch.randn(SCORED, 2, generator=torch.Generator().manual_seed(SEED * 100 + 3))
    labels = torch.full((SCORED,), shape)
    made = sample(lambda x, t: model(x, t, labels), noise_schedule("cosine"), prediction, start, steps=steps, clip=CLIP)
    return sliced_wasserstein(made, points(shape, 1))
