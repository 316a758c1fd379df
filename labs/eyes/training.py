"""How the eyes are trained: AdamW on few digits and many, on drawn scenes, on drawn lines."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from labs.eyes.nets import LEARNED_FROM, LINE_PX, Vit, fresh
from labs.eyes.sights import digit_pictures, held_out, lines, moved, scene_pixels
from labs.models.digits import SOURCE
from labs.models.train import Report, Trained
from labs.scenes.captions import COLOURS, SHAPES, place_single

SEED: Final = 31
BATCH: Final = 64
SCENES: Final = 6_000
RATE: Final = {"vit": 2e-3, "cnn": 3e-3}
ITERATIONS: Final = {"digits": 500, "scraps": 1_000, "scenes": 1_400, "lines": 900}

Loss = Callable[[nn.Module, torch.Generator], Tensor]


def train_eye(eye: str, tasks: tuple[str, ...], report: Report) -> Trained:
    """All networks of one eye, and how good each is on what it never saw."""
    tensors: dict[str, Tensor] = {}
    scores: dict[str, float] = {}
    for task in tasks:
        net = fit(eye, task, report)
        halved = {key: one.half() for key, one in net.state_dict().items()}
        net.load_state_dict({key: one.float() for key, one in halved.items()})  # what is measured is what is stored
        tensors |= {f"{task}.{key}": one for key, one in halved.items()}
        with torch.no_grad():
            scores |= {f"{task}_{name}": value for name, value in measured(net, task).items()}
        report(f"{eye} {task}: { ({key: value for key, value in scores.items() if key.startswith(task)}) }")
    facts = {
        "paper": "Dosovitskiy et al. 2021, arXiv:2010.11929" if eye == "vit" else "LeCun et al. 1998",
        "data": f"{SOURCE}; {SCENES:,} drawn scenes of one thing of labs.scenes; lines as they are drawn",
        "seed": SEED,
        "iterations": ITERATIONS,
        "batch": BATCH,
        "optimizer": f"AdamW, learning rate {RATE[eye]} falling to 0 along a cosine; pictures moved by up to a pixel",
        "weights": sum(one.numel() for one in tensors.values()),
        "score": "share of 297 held-out digits, or of 400 fresh scenes; the mean error of 400 lines in px of 64",
        "weakness": "upright, sharp, bright and complete pictures alone were seen in training",
    }
    return Trained(tensors, scores, facts)


def fit(eye: str, task: str, report: Report) -> nn.Module:
    """One network; the same bits each time on one machine."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    net, loss_of = fresh(eye, task), losses(task)
    iterations = ITERATIONS[task.partition("_")[0]]
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE[eye], weight_decay=0.05)
    falling = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE[eye], total_steps=iterations, pct_start=0.1)
    for iteration in range(iterations):
        loss = loss_of(net, generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        falling.step()
        if iteration % 200 == 199:
            report(f"{eye} {task}: {iteration + 1} of {iterations}, loss {loss.item():.3f}")
    return net


def losses(task: str) -> Loss:
    """The loss of a task on a fresh batch."""
    if task == "lines":
        return _line_loss
    if task == "scenes":
        pictures, things = scenes(SCENES, "eyes training")
        return lambda net, generator: _scene_loss(net, pictures, things, generator)
    count = max(LEARNED_FROM) if task == "scraps" else int(task.partition("_")[2])
    pictures, labels = digit_pictures(0, count)
    return lambda net, generator: _digit_loss(net, pictures, labels, generator, in_scraps=task == "scraps")


def _digit_loss(
    net: nn.Module, pictures: Tensor, labels: Tensor, generator: torch.Generator, *, in_scraps: bool
) -> Tensor:
    picked = torch.randint(0, len(labels), (BATCH,), generator=generator)
    seen = _nudged(pictures[picked], generator)
    if not in_scraps:
        return functional.cross_entropy(net(seen), labels[picked])
    count = int(torch.randint(1, 17, (), generator=generator))
    return functional.cross_entropy(net(seen, torch.randperm(16, generator=generator)[:count]), labels[picked])


def _scene_loss(net: nn.Module, pictures: Tensor, things: Tensor, generator: torch.Generator) -> Tensor:
    picked = torch.randint(0, len(things), (BATCH,), generator=generator)
    colour, shape = net(_nudged(pictures[picked], generator)).split((len(COLOURS), len(SHAPES)), 1)
    return functional.cross_entropy(colour, things[picked, 0]) + functional.cross_entropy(shape, things[picked, 1])


def _line_loss(net: nn.Module, generator: torch.Generator) -> Tensor:
    pictures, lengths = lines(BATCH, generator)
    return functional.smooth_l1_loss(net(pictures)[:, 0] * LINE_PX, lengths)


def _nudged(pictures: Tensor, generator: torch.Generator) -> Tensor:
    down, right = (int(n) for n in torch.randint(-1, 2, (2,), generator=generator))
    return moved(pictures, down, right)


def scenes(count: int, name: str) -> tuple[Tensor, Tensor]:
    """Scenes of one thing, (b, 3, 32, 32), and the numbers of its colour and its shape, (b, 2)."""
    pictures, things = [], []
    for index in range(count):
        chance = random.Random(f"{name}:{index}")
        scene = place_single(chance, (chance.choice(COLOURS), chance.choice(SHAPES)))
        pictures.append(scene_pixels(scene, chance))
        colour, shape = scene.things[0].pair
        things.append((COLOURS.index(colour), SHAPES.index(shape)))
    return torch.stack(pictures), torch.tensor(things)


def measured(net: nn.Module, task: str) -> dict[str, float]:
    """The scores of the card."""
    if task == "lines":
        pictures, lengths = lines(400, torch.Generator().manual_seed(SEED + 1))
        return {"error_px": float((net(pictures)[:, 0] * LINE_PX - lengths).abs().mean())}
    if task == "scenes":
        pictures, things = scenes(400, "eyes scores")
        named = net(pictures).split((len(COLOURS), len(SHAPES)), 1)
        return {word: share(one, things[:, at]) for at, (word, one) in enumerate(zip(("colour", "shape"), named))}  # noqa: B905
    pictures, labels = held_out(297, SEED)
    if task == "scraps":
        assert isinstance(net, Vit)
        one = sum(share(net(pictures, torch.tensor([at])), labels) for at in range(16)) / 16
        return {"all_patches": share(net(pictures), labels), "one_patch": one}
    return {"accuracy": share(net(pictures), labels)}


def share(logits: Tensor, labels: Tensor) -> float:
    """The share of the pictures that are named right, 0 to 1."""
    return float((logits.argmax(1) == labels).float().mean())
