"""Noise schedules in plain Python, to word a prompt with; the lab measures on the tensors of `labs.diffusion`.

Ho et al. 2020, arXiv:2006.11239 (linear); Rombach et al. 2022, arXiv:2112.10752 (scaled-linear); Nichol and Dhariwal
2021, arXiv:2102.09672, eq. 17 (cosine). A test holds the two against each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import cache
from typing import ClassVar, Final

from labs.bench import Exercise, Facts, OneOf, Picture
from labs.protocol import AnswerType

SCHEDULES: Final = ("linear", "scaled-linear", "cosine")
TIMESTEPS: Final = 1_000
_DESCRIBED: Final = {
    "linear": "The linear schedule raises beta in equal steps from 0.0001 at t = 0 to 0.02 at t = {last}",
    "scaled-linear": "Stable Diffusion's scaled-linear schedule raises the square root of beta in equal steps, "
    "so that beta goes from 0.00085 at t = 0 to 0.012 at t = {last}",
    "cosine": "The cosine schedule lets alpha-bar fall as cos²(((t + 1)/{count} + 0.008)/1.008 · π/2)",
}


class Noising(Exercise):
    """What the exercises of this family share."""

    sections, source = "4.3", "Ho et al. 2020, arXiv:2006.11239, eq. 4"
    libraries = ("torch", "numpy", "pillow")
    answer_type: ClassVar[AnswerType] = "number"
    kept_digits = 6


class Scheduled(Noising):
    """With a noise schedule of 1,000 timesteps."""

    schedule = OneOf(
        *SCHEDULES, help="noise schedule: linear (DDPM), scaled-linear (Stable Diffusion) or cosine (improved DDPM)"
    )

    def facts(self) -> Facts:
        return {"described": described(self.schedule)}


class Pictured(Noising):
    """With a picture that is noised."""

    picture = Picture()


@cache
def betas(schedule: str, timesteps: int = TIMESTEPS) -> tuple[float, ...]:
    """The variance each step adds, from t = 0."""
    if schedule == "cosine":
        waves = [math.cos((t / timesteps + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(timesteps + 1)]
        return tuple(min(1 - after / before, 0.999) for before, after in itertools.pairwise(waves))
    shares = [t / (timesteps - 1) for t in range(timesteps)]
    if schedule == "linear":
        return tuple(0.0001 + share * (0.02 - 0.0001) for share in shares)
    return tuple((0.00085**0.5 + share * (0.012**0.5 - 0.00085**0.5)) ** 2 for share in shares)


@cache
def alpha_bars(schedule: str, timesteps: int = TIMESTEPS) -> tuple[float, ...]:
    """The running product of 1 - beta, from t = 0."""
    return tuple(itertools.accumulate((1 - beta for beta in betas(schedule, timesteps)), lambda a, b: a * b))


def snr(schedule: str, t: int) -> float:
    """Power of the signal over power of the noise, of 1,000 timesteps."""
    abar = alpha_bars(schedule)[t]
    return abar / (1 - abar)


def first(schedule: str, timesteps: int, holds: Callable[[float], bool]) -> int:
    """The first timestep whose alpha-bar is so; the number of timesteps where none is."""
    return next((t for t, abar in enumerate(alpha_bars(schedule, timesteps)) if holds(abar)), timesteps)


def described(schedule: str, timesteps: int = TIMESTEPS) -> str:
    """The schedule in a sentence without its full stop."""
    return _DESCRIBED[schedule].format(last=timesteps - 1, count=f"{timesteps:,}")
