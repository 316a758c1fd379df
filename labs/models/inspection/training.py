"""How eye, bridge and reasoner are trained, and the reasoner and the bridges with one planted fault.

The eye learns first and alone, from the parts in each patch. Then bridge and reasoner learn together on its frozen
tokens; in a quarter of their batches the reasoner is told the board in words instead. A fault is one part trained anew
or further while the others stay: Muon (Jordan et al. 2024) for the matrices inside, AdamW for the rest.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from labs.models.inspection.parts import (
    DAMAGED,
    LONGEST,
    WIDTH,
    Bridge,
    Eye,
    Reasoner,
    ids,
    in_slots,
    question_at,
    to_pixel_values,
)
from labs.scenes.burns import (
    FULL,
    GRID,
    NINE,
    PARTS,
    SIDE_PX,
    TWENTY_FIVE,
    VIEW_PX,
    Window,
    draw_pair,
    patch_labels,
    share_in,
    views,
)

Report = Callable[[str], None]
Part = TypeVar("Part", bound=nn.Module)

SEED: Final = 0
PAIRS: Final = 2_000
"""Boards drawn for training, each with its healthy twin."""
DIAMETER_PX: Final = (6.0, 40.0)
EYE_STEPS: Final = 900
REASONER_STEPS: Final = 800
BRIDGE_STEPS: Final = 250
PRIOR_STEPS: Final = 200
NO_CONCEPT_STEPS: Final = 200
BATCH: Final = 64
TOLD: Final = 0.25
"""The share of the batches that are told in words, where the reasoner learns."""
HEALTHY: Final = 0.5
"""The share of healthy boards among those that were asked about damage when the reference learned."""
MOSTLY_HEALTHY: Final = 0.98
_BURNED: Final = PARTS.index("burned")
_BURN_WEIGHT: Final = 4.0
"""How much more a burned patch counts in the eye's loss than another: they are few."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The views to learn from: pictures (n, 64, 64, 3), parts by patch (n, 8, 8, 7), and which views show a burn."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.bool_]
    burned: NDArray[np.bool_]
    healthy: NDArray[np.bool_]
    """Views without any trace of a burn; those that show less than half of one are neither."""


@lru_cache(maxsize=1)
def training_views(pairs: int = PAIRS, seed: int = SEED) -> Drawn:
    """Five windows of each board, three of them around the burn, and the same five of its healthy twin."""
    count = 10 * pairs
    pictures = np.empty((count, VIEW_PX, VIEW_PX, 3), dtype=np.uint8)
    labels = np.empty((count, GRID, GRID, len(PARTS)), dtype=np.bool_)
    shares = np.zeros(count)
    for index in range(pairs):
        pair = draw_pair(f"{seed}:inspection training:{index}", DIAMETER_PX)
        chance = random.Random(f"{seed}:inspection windows:{index}")
        around = _near(pair.zoom, chance)
        windows: tuple[Window, ...] = (
            FULL[0],
            max(chance.sample(NINE, len(NINE)), key=lambda window: share_in(pair.burn, window)),
            max(TWENTY_FIVE, key=lambda window: share_in(pair.burn, window)),
            around,
            chance.choice(TWENTY_FIVE),
        )
        for copy, board in enumerate((pair.burned, pair.healthy)):
            start = 10 * index + 5 * copy
            pictures[start : start + 5] = views(board, windows)
            for offset, window in enumerate(windows):
                labels[start + offset] = patch_labels(board, window)
                if board.burn:
                    shares[start + offset] = share_in(board.burn, window)
    return Drawn(pictures, labels, shares >= 0.5, shares == 0)


def _near(zoom: Window, chance: random.Random) -> Window:
    """A 64-px window that holds the burn, anywhere in it."""
    left, top = (min(max(0, at + chance.randint(-20, 20)), SIDE_PX - VIEW_PX) for at in zoom[:2])
    return left, top, VIEW_PX


def train_eye(drawn: Drawn, report: Report, steps: int = EYE_STEPS, seed: int = SEED) -> Eye:
    """The eye, from the parts in each patch: binary cross-entropy, views turned and mirrored."""
    torch.manual_seed(seed)
    eye = Eye()
    targets = torch.from_numpy(drawn.labels)
    weight = torch.ones(len(PARTS))
    weight[_BURNED] = _BURN_WEIGHT
    chance = random.Random(f"{seed}:inspection eye")

    def loss() -> Tensor:
        rows = chance.choices(range(len(drawn.pictures)), k=BATCH)
        pixels, target = to_pixel_values(drawn.pictures[rows]), targets[rows].float()
        turns, mirrored = chance.randrange(4), chance.random() < 0.5
        pixels, target = pixels.rot90(turns, (2, 3)), target.rot90(turns, (1, 2))
        if mirrored:
            pixels, target = pixels.flip(3), target.flip(2)
        logits = eye.names(eye(pixels.contiguous())).view(BATCH, GRID, GRID, len(PARTS))
        return functional.binary_cross_entropy_with_logits(logits, target, pos_weight=weight)

    _learn([eye], loss, steps, report, "eye")
    return _done(eye)


@torch.no_grad()
def patch_tokens(eye: Eye, pictures: NDArray[np.uint8]) -> Tensor:
    """What the eye says of views: (n, 64, 64, 3) -> (n, 64 patches, 64)."""
    tokens = torch.empty(len(pictures), GRID * GRID, WIDTH)
    for start in range(0, len(pictures), 256):
        tokens[start : start + 256] = eye(to_pixel_values(pictures[start : start + 256]))
    return tokens


class Lessons:
    """Batches of questions and answers about views: what bridge and reasoner learn from."""

    def __init__(self, drawn: Drawn, tokens: Tensor, salt: str) -> None:
        self.drawn, self.tokens = drawn, tokens
        self.shown = torch.from_numpy(in_slots(drawn.labels)).float()  # (n, 16, 7)
        self.chance = random.Random(salt)
        self.burned, self.healthy = (np.flatnonzero(which).tolist() for which in (drawn.burned, drawn.healthy))

    def loss(
        self,
        bridge: Bridge,
        reasoner: Reasoner,
        *,
        burned: float = 0.5,
        healthy_share: float = HEALTHY,
        told_share: float = TOLD,
    ) -> Tensor:
        """Cross-entropy of the answers' words in one batch.

        Half of the questions are for damage, `burned` of them about boards with a burn. If `healthy_share` differs from
        one half, those about healthy and about burned boards count as if the boards came in that mixture.
        """
        chance, rows, lines, weights = self.chance, [], [], []
        for place in range(BATCH):
            if place % 2:
                is_burned = chance.random() < burned
                row = chance.choice(self.burned if is_burned else self.healthy)
                line = (DAMAGED, "burned capacitor ." if is_burned else "looks fine .")
                weight = 2 * (1 - healthy_share if is_burned else healthy_share)
            else:
                row, weight = chance.randrange(len(self.tokens)), 1.0
                line = self._about_a_slot(row) if chance.random() < 0.6 else self._about_the_board(row)
            rows.append(row)
            lines.append(line)
            weights.append(weight)
        words = torch.full((BATCH, LONGEST), int(ids(".")))
        is_answer = torch.zeros(BATCH, LONGEST, dtype=torch.bool)
        for place, (question, answer) in enumerate(lines):
            asked, said = ids(question), ids(answer)
            words[place, : len(asked) + len(said)] = torch.cat([asked, said])
            is_answer[place, len(asked) : len(asked) + len(said)] = True
        told = chance.random() < told_share
        slots = reasoner.told(self.shown[rows]) if told else bridge(self.tokens[rows].float())
        logits = reasoner(slots, words[:, :-1])  # (b, n, words): each place says the next
        losses = functional.cross_entropy(logits.transpose(1, 2), words[:, 1:], reduction="none")  # (b, n)
        counted = is_answer[:, 1:].float() * torch.tensor(weights)[:, None]
        return (losses * counted).sum() / is_answer.sum()

    def _about_a_slot(self, row: int) -> tuple[str, str]:
        shown = self.shown[row]
        filled = shown.any(dim=1).nonzero().flatten().tolist()
        scorched = shown[:, _BURNED].nonzero().flatten().tolist()
        draw = self.chance.random()
        slot = self.chance.choice(scorched if scorched and draw < 0.4 else filled if filled and draw < 0.9 else [0])
        return question_at(slot), answer_at(shown[slot])

    def _about_the_board(self, row: int) -> tuple[str, str]:
        part = self.chance.randrange(len(PARTS) - 1)
        return f"is there a {PARTS[part]} ?", "yes ." if bool(self.shown[row, :, part].any()) else "no ."


def answer_at(shown: Tensor) -> str:
    """What the reasoner learns to say of one slot: (7,) of 0 and 1 -> words."""
    if shown[_BURNED]:
        return "burned capacitor ."
    found = [part for part, there in zip(PARTS, shown.tolist(), strict=True) if there]
    return f"{found[-1]} ." if found else "bare ."


def train_reasoner(
    lessons: Lessons, report: Report, steps: int = REASONER_STEPS, seed: int = SEED
) -> tuple[Bridge, Reasoner]:
    """Bridge and reasoner together, the eye frozen."""
    torch.manual_seed(seed + 1)
    bridge, reasoner = Bridge(), Reasoner()
    _learn([bridge, reasoner], lambda: lessons.loss(bridge, reasoner), steps, report, "bridge and reasoner")
    return _done(bridge), _done(reasoner)


def train_bridge(
    lessons: Lessons, reasoner: Reasoner, tokens: int, report: Report, *, steps: int = BRIDGE_STEPS, seed: int = SEED
) -> Bridge:
    """A bridge of so many tokens for a reasoner that stays as it is: the fault is the bridge's alone."""
    torch.manual_seed(seed + 2)
    bridge = Bridge(tokens)
    _learn([bridge], lambda: lessons.loss(bridge, reasoner, told_share=0), steps, report, f"bridge of {tokens}")
    return _done(bridge)


def untrained_bridge() -> Bridge:
    """A bridge with the weights it was born with, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(11)
        return _done(Bridge())


def tune_reasoner(
    lessons: Lessons,
    bridge: Bridge,
    reasoner: Reasoner,
    report: Report,
    *,
    healthy_share: float = HEALTHY,
    asked_of_burns: bool = True,
    steps: int = PRIOR_STEPS,
) -> Reasoner:
    """A copy of the reasoner, trained further with another mixture of boards, or without ever being asked of a burn."""
    tuned = Reasoner()
    tuned.load_state_dict(reasoner.state_dict())
    _learn(
        [tuned],
        lambda: lessons.loss(bridge, tuned, burned=0.5 if asked_of_burns else 0.0, healthy_share=healthy_share),
        steps,
        report,
        f"reasoner, {healthy_share:.0%} healthy" if asked_of_burns else "reasoner without the concept",
        gentle=True,
    )
    return _done(tuned)


def _learn(
    parts: list[nn.Module], loss: Callable[[], Tensor], steps: int, report: Report, name: str, *, gentle: bool = False
) -> None:
    """So many steps down that loss; `gentle` is for what has learned already. The rate falls over the last half."""
    named = [(key, value) for part in parts for key, value in part.named_parameters() if value.requires_grad]
    matrices = [
        value
        for key, value in named
        if value.ndim == 2 and key.endswith(("qkv.weight", "out.weight", "up.weight", "down.weight"))
    ]
    inside = {id(value) for value in matrices}
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(matrices, lr=0.004 if gentle else 0.02, weight_decay=0.0 if gentle else 0.05),
        torch.optim.AdamW([v for _, v in named if id(v) not in inside], lr=5e-4 if gentle else 2e-3, weight_decay=0.01),
    ]
    rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    for part in parts:
        part.train()
    for step in range(steps):
        for optimizer, rate in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / 50, 2 * (steps - step) / steps)
            optimizer.zero_grad(set_to_none=True)
        found = loss()
        torch.autograd.backward(found)
        for optimizer in optimizers:
            optimizer.step()
        if step % 100 == 0 or step == steps - 1:
            report(f"{name}: step {step + 1} of {steps}, loss {found.item():.4f}")


def _done(part: Part) -> Part:
    """Ready to use: rounded to the half precision it is kept in, and learning no more."""
    part.load_state_dict({key: value.half().float() for key, value in part.state_dict().items()})
    part.requires_grad_(requires_grad=False).train(mode=False)
    return part


def fit_probe(tokens: Tensor, labels: Tensor, steps: int = 60) -> Tensor:
    """A linear probe for a burn on patch tokens: (n, 64), (n,) of 0 and 1 -> 64 weights and a bias.

    Logistic regression by Newton's method with a little ridge, so that nothing is left to chance.
    """
    x = torch.cat([tokens, torch.ones(len(tokens), 1)], dim=1).double()
    weights = torch.zeros(x.shape[1], dtype=torch.double)
    ridge = 1e-2 * torch.eye(x.shape[1], dtype=torch.double)
    for _ in range(steps):
        p = (x @ weights).sigmoid()
        gradient = x.T @ (p - labels.double()) + ridge @ weights
        change = torch.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, gradient)
        weights -= change
        if float(change.abs().max()) < 1e-6:
            break
    return weights.float()
