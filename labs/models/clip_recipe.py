"""How the tiny CLIP is trained: 200,000 drawn scenes with captions, the symmetric contrastive loss, Muon and AdamW.

Loss: Radford et al. 2021, arXiv:2103.00020, figure 3. Muon for the matrices inside the layers: Jordan et al. 2024.
What helps, in the order of the effect: Muon in place of AdamW alone, batches of 64 rather than 256, captions that are
also true of another picture of the batch left out of its negatives, captions of the colour or the shape alone.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from labs.models import clip_scores
from labs.models.clip_model import SIDE_PX, CLIPModel, restore, tiny_clip, to_pixel_values, tokenize
from labs.models.train import Report, Trained
from labs.scenes.captions import (
    SEEN,
    Scene,
    any_scene,
    many,
    name,
    one,
    place_single,
    plural,
)
from labs.scenes.shapes import draw_scene

SEED: Final = 0
STEPS: Final = 2_600
BATCH: Final = 64
SCENES: Final = 40_000
"""Scenes drawn once; each is seen several times, shifted, dimmed and with other noise and words each time."""
SIMPLE: Final = 0.2
"""The share of the scenes that show one thing alone, and of the iterations that begin with them."""
MUON_RATE: Final = 0.02
WEIGHT_DECAY: Final = 0.1
"""Of Muon. It keeps the matrices small, so that a step of fixed length goes on turning them."""
ADAMW_RATE: Final = 2e-3
WARM_UP: Final = 100
EMA_DECAY: Final = 0.995
_SHIFT_PX: Final = 3
OTHER_SEEDS: Final = {
    "1": {"unseen_pairs": 0.98, "recall_at_5": 0.993, "recall_at_1": 0.656, "counting": 0.702, "left_or_right": 0.52,
          "above_or_below": 0.485, "binding": 0.515},
    "2": {"unseen_pairs": 0.9812, "recall_at_5": 0.996, "recall_at_1": 0.678, "counting": 0.74, "left_or_right": 0.54,
          "above_or_below": 0.5025, "binding": 0.495},
}  # fmt: skip
"""What the same recipe scored at other seeds, measured with `fit(seed=…)`: no score of the card is luck."""

Key: TypeAlias = tuple[str, ...]
"""What a caption says, whatever its words."""


def train(report: Report) -> Trained:
    """Train, measure and return the model of the card."""
    tensors = {key: tensor.half() for key, tensor in fit(report).state_dict().items() if tensor.is_floating_point()}
    model = restore(tensors)  # what is measured is what is stored: half precision
    scores = clip_scores.measure(model, report)
    return Trained(
        tensors,
        scores,
        {
            "paper": "Radford et al. 2021, arXiv:2103.00020",
            "data": f"{SCENES:,} drawn scenes of labs.scenes, 8 of 64 pairs of colour and shape held out",
            "seed": SEED,
            "iterations": STEPS,
            "batch": BATCH,
            "weights": sum(parameter.numel() for parameter in model.parameters()),
            "other_seeds": OTHER_SEEDS,
            "stated": clip_scores.stated(model),
        },
    )


def fit(report: Report, *, steps: int = STEPS, scenes: int = SCENES, seed: int = SEED) -> CLIPModel:
    """The trained model: the running mean of the weights. `steps` iterations of the schedule for `steps` iterations."""
    torch.manual_seed(seed)
    model = tiny_clip()
    model.train()
    mean = copy.deepcopy(model).requires_grad_(False)
    optimizers = _optimizers(model)
    chance = random.Random(f"{seed}:clip words")
    noise = torch.Generator().manual_seed(seed)
    batches = _batches(seed, scenes, round(SIMPLE * steps), report)
    for step in range(steps):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * _rate(step, steps)
        drawn, pictures = next(batches)
        words = [word(scene, chance) for scene in drawn]
        loss = contrastive_loss(model, _varied(pictures, noise), words, [true_keys(scene) for scene in drawn])
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=4.6052)  # as in the paper: at most 100
            decay = min(EMA_DECAY, step / (step + 10))
            for kept, new in zip(mean.parameters(), model.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        if step % 100 == 0 or step == steps - 1:
            report(f"step {step} of {steps}: loss {loss.item():.4f}, scale {model.logit_scale.exp().item():.1f}")
    mean.train(False)
    return mean


def contrastive_loss(model: CLIPModel, pixels: Tensor, words: list[tuple[str, Key]], truths: list[set[Key]]) -> Tensor:
    """The symmetric cross-entropy of a batch, without negatives that are true: (b, 3, H, W), b words -> ()."""
    output = model(input_ids=tokenize([text for text, _ in words]), pixel_values=pixels)
    also_true = torch.tensor([[key in keys for keys in truths] for _, key in words])
    also_true.fill_diagonal_(False)
    logits = output.logits_per_text.masked_fill(also_true, -torch.inf)  # (b texts, b pictures)
    target = torch.arange(len(words))
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2


def true_keys(scene: Scene) -> set[Key]:
    """What may be said of a scene, as keys: the scene itself, and each colour and each shape in it."""
    pairs = [thing.pair for thing in scene.things]
    keys: set[Key] = {_scene_key(scene), ("kinds", *sorted({name(pair) for pair in pairs}))}
    for colour, shape in pairs:
        keys |= {("colour", colour), ("shape", shape)}
    return keys


def word(scene: Scene, chance: random.Random) -> tuple[str, Key]:
    """A caption of the scene and the key of what it says; seldom only a part of what is to be seen."""
    draw = chance.random()
    pair, count = scene.things[0].pair, len(scene.things)
    if scene.relation:
        other = scene.things[1].pair
        if draw < 0.1:
            return f"{one(pair)} and {one(other)}", ("kinds", *sorted({name(pair), name(other)}))
        return scene.caption if draw < 0.55 else scene.same_caption, _scene_key(scene)
    if draw < 0.18:
        return f"a {pair[1]}" if count == 1 else plural(pair[1]), ("shape", pair[1])
    if draw < 0.25:
        return f"something {pair[0]}", ("colour", pair[0])
    if count > 1:
        text = scene.caption if draw < 0.9 else f"there are {many(pair, count)}"
        return text, _scene_key(scene)
    for limit, text in (
        (0.75, one(pair)),
        (0.83, name(pair)),
        (0.88, f"a picture of {one(pair)}"),
        (0.93, f"a drawing of {one(pair)}"),
        (0.97, f"there is {one(pair)}"),
    ):
        if draw < limit:
            return text, _scene_key(scene)
    return many(pair, 1), _scene_key(scene)


def _scene_key(scene: Scene) -> Key:
    return ("scene", *sorted({scene.caption, scene.same_caption}))


def _optimizers(model: CLIPModel) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for embeddings, projections, norms and biases."""
    inside = {key for key, p in model.named_parameters() if p.ndim == 2 and ".layers." in key}
    matrices = [p for key, p in model.named_parameters() if key in inside]
    rest = [p for key, p in model.named_parameters() if key not in inside]
    optimizers = [
        torch.optim.Muon(matrices, lr=MUON_RATE, weight_decay=WEIGHT_DECAY),
        torch.optim.AdamW(rest, lr=ADAMW_RATE, weight_decay=0.01, betas=(0.9, 0.98)),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


def _rate(step: int, steps: int) -> float:
    """Up over the first iterations, then level, then straight down to nothing over the last half."""
    return min(1.0, (step + 1) / WARM_UP, 2 * (steps - step) / steps)


def _batches(seed: int, scenes: int, easy: int, report: Report) -> Iterator[tuple[list[Scene], NDArray[np.uint8]]]:
    """Batches without end: so many of single things first, then of all scenes, each once an epoch."""
    simple = round(SIMPLE * scenes)
    drawn: list[Scene] = []
    pictures = np.empty((scenes, SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    for index in range(scenes):
        chance = random.Random(f"{seed}:clip training:{index}")
        drawn.append(place_single(chance, chance.choice(SEEN)) if index < simple else any_scene(chance))
        pictures[index] = draw_scene(drawn[-1], chance, noise=False)
    report(f"{scenes:,} scenes drawn")
    order = random.Random(f"{seed}:clip order")
    given = 0
    while True:
        pool = range(simple if given < easy else scenes)
        shuffled = order.sample(pool, len(pool))
        for start in range(0, len(pool) - BATCH + 1, BATCH):
            chosen = shuffled[start : start + BATCH]
            yield [drawn[index] for index in chosen], pictures[chosen]
            given += 1


def _varied(pictures: NDArray[np.uint8], noise: torch.Generator) -> Tensor:
    """Pictures shifted by some px, brighter or darker, with noise: (b, 64, 64, 3) -> (b, 3, 64, 64) in -1..1."""
    pixels = to_pixel_values(pictures)
    padded = functional.pad(pixels, (_SHIFT_PX,) * 4, mode="replicate")
    right, down = torch.randint(0, 2 * _SHIFT_PX + 1, (2, len(pixels)), generator=noise)
    columns = (right[:, None] + torch.arange(SIDE_PX))[:, None, None, :]  # (b, 1, 1, W)
    rows = (down[:, None] + torch.arange(SIDE_PX))[:, None, :, None]  # (b, 1, H, 1)
    picture, channel = torch.arange(len(pixels))[:, None, None, None], torch.arange(3)[None, :, None, None]
    shifted = padded[picture, channel, rows, columns]  # (b, 3, H, W)
    gain = 1 + 0.12 * (2 * torch.rand(len(pixels), 1, 1, 1, generator=noise) - 1)
    strength = 0.11 * torch.rand(len(pixels), 1, 1, 1, generator=noise)
    grains = torch.randn(shifted.shape, generator=noise)
    return (shifted * gain + strength * grains).clamp_(-1, 1)
