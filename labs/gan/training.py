"""A GAN on 25 clusters in the plane, small enough to be trained while one waits.

Goodfellow et al. 2014, "Generative Adversarial Nets", arXiv:1406.2661, with the non-saturating loss; R1: Mescheder et
al. 2018, arXiv:1801.04406, eq. 9:

    loss D = E softplus(−D(x)) + E softplus(D(G(z))) + penalty / 2 · E |∇D(x)|²,    loss G = E softplus(−D(G(z)))

Axes: b samples, 2 coordinates, m modes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from labs.denoising.frames import generator_of

SIDE: Final = 5
MODES: Final = torch.cartesian_prod(torch.linspace(-2, 2, SIDE), torch.linspace(-2, 2, SIDE))  # (m, 2)
_SPREAD: Final = 0.05
_NEAR: Final = 0.25
"""A sample this near to a mode belongs to it: five times the spread of the data."""
SAMPLES: Final = 2_500
FEWEST: Final = 10
"""Samples of 2,500 that a mode needs to be covered; an even share would be 100."""
_BATCH, _WIDTH, _NOISE, _RATE = 128, 64, 2, 3e-3
ITERATIONS: Final = 800


@dataclass
class Trained:
    """What a training came to: the modes covered, losses (every 20 iterations), films of samples (b, 2) on the way."""

    modes: int = 0
    good: float = 0.0
    """The share of samples near any mode."""
    losses: list[tuple[float, float]] = field(default_factory=list)
    films: list[Tensor] = field(default_factory=list)


class Adam:
    """Kingma and Ba 2015, arXiv:1412.6980, algorithm 1. torch's own imports its compiler when first made."""

    def __init__(self, weights: Iterable[Tensor], momentum: float) -> None:
        self._weights = list(weights)
        self._means = [torch.zeros_like(one) for one in self._weights]
        self._squares = [torch.zeros_like(one) for one in self._weights]
        self._momentum, self._decay, self._steps = momentum, 0.99, 0

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of the loss."""
        gradients = torch.autograd.grad(loss, self._weights)
        self._steps += 1
        first, second = self._momentum, self._decay
        with torch.no_grad():
            torch._foreach_lerp_(self._means, gradients, 1 - first)
            torch._foreach_mul_(self._squares, second)
            torch._foreach_addcmul_(self._squares, gradients, gradients, value=1 - second)
            roots = torch._foreach_sqrt(self._squares)
            torch._foreach_div_(roots, (1 - second**self._steps) ** 0.5)
            torch._foreach_add_(roots, 1e-8)
            torch._foreach_addcdiv_(self._weights, self._means, roots, value=-_RATE / (1 - first**self._steps))


def network(inputs: int, outputs: int, width: int) -> nn.Sequential:
    """An MLP of two hidden layers: (b, inputs) -> (b, outputs)."""
    layers = [nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs)]
    return nn.Sequential(*layers)


def real(count: int, generator: torch.Generator) -> Tensor:
    """Points of the data: (count, 2)."""
    own = torch.randint(len(MODES), (count,), generator=generator)
    return MODES[own] + _SPREAD * torch.randn(count, 2, generator=generator)


def train(
    seed: int,
    advance: Callable[[float, str], None],
    *,
    momentum: float = 0.9,
    penalty: float = 0.0,
    critic_steps: int = 1,
    width: int = _WIDTH,
    iterations: int = ITERATIONS,
) -> Trained:
    """Train both networks by turns. `advance` is told how far it is, with the clusters as bars that rise and fall."""
    torch.manual_seed(seed % 2**63)
    generator = generator_of(seed, "gan")
    maker, critic = network(_NOISE, 2, width), network(2, 1, _WIDTH)
    makers, critics = Adam(maker.parameters(), momentum), Adam(critic.parameters(), momentum)
    found = Trained()

    def fakes(count: int) -> Tensor:
        made: Tensor = maker(torch.randn(count, _NOISE, generator=generator))
        return made

    for iteration in range(iterations):
        for _ in range(critic_steps):
            x = real(_BATCH, generator).requires_grad_(penalty > 0)
            seen, faked = critic(torch.cat([x, fakes(_BATCH).detach()])).chunk(2)
            loss = softplus(-seen).mean() + softplus(faked).mean()
            whole = loss
            if penalty:
                slope = torch.autograd.grad(seen.sum(), x, create_graph=True)[0]  # (b, 2)
                whole = loss + penalty / 2 * slope.square().sum(dim=1).mean()
            critics.step(whole)
        fooled = softplus(-critic(fakes(_BATCH))).mean()
        makers.step(fooled)
        if iteration % 20 == 0:
            found.losses.append((float(loss.detach()), float(fooled.detach())))
            counts, _ = covered(fakes(500).detach())
            advance(iteration / iterations, f"{bars(counts)}  {iteration} of {iterations}")
        if iteration % (iterations // 4) == iterations // 8:
            found.films.append(fakes(600).detach())
    samples = fakes(SAMPLES).detach()
    counts, found.good = covered(samples)
    found.films.append(samples[:600])
    found.modes = int((counts >= FEWEST).sum())
    return found


def covered(samples: Tensor) -> tuple[Tensor, float]:
    """How many samples each mode has, and the share that lies near any: (b, 2) -> (m,)."""
    distance, nearest = torch.cdist(samples, MODES).min(dim=1)
    is_near = distance < _NEAR
    return torch.bincount(nearest[is_near], minlength=len(MODES)), float(is_near.float().mean())


def bars(counts: Tensor) -> str:
    """The columns of clusters as five groups of bars: `▁█▁▁▁ ▁▁▁▃▁ …`."""
    signs = "·▁▂▃▄▅▆▇█"
    heights = (counts * 8 / max(1, int(counts.max()))).ceil().int().tolist()
    return " ".join("".join(signs[height] for height in heights[at : at + SIDE]) for at in range(0, SIDE**2, SIDE))
