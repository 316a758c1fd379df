"""Diffusion, on one page: noise schedules, the forward process, what a denoiser predicts, and the way back.

Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239:

    eq. 4   q(x_t | x_0) = N(x_t; sqrt(abar_t) x_0, (1 - abar_t) I)             abar_t = prod_{s<=t} (1 - beta_s)
    eq. 7   the variance of q(x_{t-1} | x_t, x_0) is (1 - abar_{t-1}) / (1 - abar_t) * beta_t

Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17: the cosine schedule. Song et al. 2021 (DDIM), arXiv:2010.02502,
eq. 12 and 16: a step whose noise is scaled by eta. Salimans and Ho 2022, arXiv:2202.00512: v = sqrt(abar) eps -
sqrt(1 - abar) x_0, and SNR = abar / (1 - abar). Ho and Salimans 2022, arXiv:2207.12598: classifier-free guidance.

Timesteps run from 0 (least noise) to T - 1, as in diffusers. Axes: b samples, then the axes of one sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import torch
from torch import Tensor

Prediction: TypeAlias = Literal["epsilon", "v"]
Denoiser: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Takes x_t (b, …) and t (b,), gives its prediction (b, …)."""

MOST_BETA: Final = 0.999
"""The last betas of the cosine schedule are held below this."""


# --- The schedule: how fast the noise comes ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoiseSchedule:
    """`betas` (T,) float32: the variance each step adds; `alpha_bars` (T,): the share of the signal's power left."""

    name: str
    betas: Tensor
    alpha_bars: Tensor

    @property
    def snr(self) -> Tensor:
        """(T,): power of the signal over power of the noise, for signals of variance 1."""
        return self.alpha_bars / (1 - self.alpha_bars)

    def at(self, t: Tensor, like: Tensor) -> Tensor:
        """abar_t with the axes of `like`, so that it multiplies: (b,) -> (b, 1, …)."""
        return self.alpha_bars[t].reshape(-1, *(1 for _ in like.shape[1:]))


def noise_schedule(name: str, timesteps: int = 1_000) -> NoiseSchedule:
    """The schedule `linear` (DDPM), `scaled-linear` (Stable Diffusion) or `cosine` (improved DDPM).

    Raises:
        KeyError: there is no such schedule.
    """
    return from_betas(name, BETAS[name](timesteps))


def from_betas(name: str, betas: Tensor) -> NoiseSchedule:
    """abar is the running product of 1 - beta: (T,) -> (T,)."""
    return NoiseSchedule(name, betas, torch.cumprod(1 - betas, dim=0))


def linear_betas(timesteps: int) -> Tensor:
    """beta from 0.0001 to 0.02 in equal steps: (T,)."""
    return torch.linspace(0.0001, 0.02, timesteps, dtype=torch.float32)


def scaled_linear_betas(timesteps: int) -> Tensor:
    """sqrt(beta) from sqrt(0.00085) to sqrt(0.012) in equal steps: (T,)."""
    return torch.linspace(0.00085**0.5, 0.012**0.5, timesteps, dtype=torch.float32) ** 2


def cosine_betas(timesteps: int) -> Tensor:
    """beta such that abar follows cos^2: (T,)."""

    def abar(time: float) -> float:  # time from 0 to 1
        return math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2

    betas = [1 - abar((t + 1) / timesteps) / abar(t / timesteps) for t in range(timesteps)]
    return torch.tensor([min(beta, MOST_BETA) for beta in betas], dtype=torch.float32)


BETAS: Final[dict[str, Callable[[int], Tensor]]] = {
    "linear": linear_betas,
    "scaled-linear": scaled_linear_betas,
    "cosine": cosine_betas,
}


# --- Forward: from the picture to noise -------------------------------------------------------------------------------


def q_sample(schedule: NoiseSchedule, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
    """Noise x_0 to timestep t in one go (DDPM eq. 4): (b, …), (b,), (b, …) -> x_t (b, …)."""
    abar = schedule.at(t, x0)
    return abar.sqrt() * x0 + (1 - abar).sqrt() * noise


def q_step(schedule: NoiseSchedule, before: Tensor, t: int, noise: Tensor) -> Tensor:
    """One step of the forward chain (DDPM eq. 2): x_{t-1} (b, …) -> x_t (b, …)."""
    beta = schedule.betas[t]
    return (1 - beta).sqrt() * before + beta.sqrt() * noise


def measured_snr(x0: Tensor, xt: Tensor) -> tuple[float, float]:
    """Share of x_0 in x_t by least squares, and the SNR: its power over the power of what it leaves unexplained."""
    clean = (x0 - x0.mean()).flatten()
    noised = (xt - xt.mean()).flatten()
    share = (clean @ noised) / (clean @ clean)
    rest = noised - share * clean
    return float(share), float((share * clean).square().mean() / rest.square().mean())


# --- What the denoiser predicts ---------------------------------------------------------------------------------------


def target(schedule: NoiseSchedule, prediction: Prediction, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
    """What a denoiser is trained to say: the noise, or v = sqrt(abar) eps - sqrt(1 - abar) x_0."""
    abar = schedule.at(t, x0)
    return noise if prediction == "epsilon" else abar.sqrt() * noise - (1 - abar).sqrt() * x0


def recover_x0(abar: Tensor, prediction: Prediction, xt: Tensor, said: Tensor) -> Tensor:
    """The clean picture a prediction implies: x_t (b, …), prediction (b, …) -> x_0 (b, …)."""
    if prediction == "epsilon":
        return (xt - (1 - abar).sqrt() * said) / abar.sqrt()
    return abar.sqrt() * xt - (1 - abar).sqrt() * said


def guide(unconditional: Tensor, conditional: Tensor, scale: float) -> Tensor:
    """Classifier-free guidance: 0 ignores the class, 1 is the conditional model, more goes beyond it."""
    return unconditional + scale * (conditional - unconditional)


# --- Back: from noise to a picture ------------------------------------------------------------------------------------


def posterior_variance(abar: Tensor, abar_before: Tensor) -> Tensor:
    """The variance of q(x_{t-1} | x_t, x_0), DDPM eq. 7, for a step that may leave timesteps out."""
    beta = 1 - abar / abar_before
    return (1 - abar_before) / (1 - abar) * beta


def step_back(
    xt: Tensor, x0: Tensor, abar: Tensor, abar_before: Tensor, *, eta: float, generator: torch.Generator
) -> Tensor:
    """One step of DDIM (eq. 12): eta 0 adds no noise, eta 1 is DDPM. x_t, x_0 (b, …) -> x_{t-1} (b, …)."""
    noise_in_xt = (xt - abar.sqrt() * x0) / (1 - abar).sqrt()  # of the clipped x_0, so that the two agree
    variance = eta**2 * posterior_variance(abar, abar_before)
    before = abar_before.sqrt() * x0 + (1 - abar_before - variance).clamp(min=0).sqrt() * noise_in_xt
    if eta > 0:
        before = before + variance.sqrt() * torch.randn(xt.shape, generator=generator)
    return before


def walk_back(
    denoiser: Denoiser,
    schedule: NoiseSchedule,
    prediction: Prediction,
    start: Tensor,
    *,
    steps: int,
    clip: float,
    eta: float = 0.0,
    generator: torch.Generator | None = None,
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """From noise x_{T-1} (b, …) back in `steps` steps; yields t, x_t and the x_0 the denoiser sees in it.

    The last item is (-1, x_0, x_0). x_0 is held within -clip and clip at every step.
    """
    generator = generator or torch.Generator().manual_seed(0)
    last = len(schedule.betas) - 1
    timesteps = torch.linspace(last, 0, steps).round().long().tolist()
    x = start
    for t, t_before in zip(timesteps, [*timesteps[1:], -1], strict=True):
        said = denoiser(x, torch.full((len(x),), t))
        abar = schedule.alpha_bars[t]
        abar_before = schedule.alpha_bars[t_before] if t_before >= 0 else torch.tensor(1.0)
        x0 = recover_x0(abar, prediction, x, said).clamp(-clip, clip)
        yield t, x, x0
        x = step_back(x, x0, abar, abar_before, eta=eta, generator=generator)
    yield -1, x, x


def sample(
    denoiser: Denoiser,
    schedule: NoiseSchedule,
    prediction: Prediction,
    start: Tensor,
    *,
    steps: int,
    clip: float,
    eta: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """The end of `walk_back`: noise (b, …) -> samples (b, …)."""
    walk = walk_back(denoiser, schedule, prediction, start, steps=steps, clip=clip, eta=eta, generator=generator)
    *_, (_, x, _) = walk
    return x
