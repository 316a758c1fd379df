"""What the denoising problems share: schedules in plain Python to word a prompt with, knobs, answers that are rounded.

The lab measures its values on the tensors of `labs.diffusion`; these double-precision lists only put numbers into
prompts and choose sensible timesteps. A test holds the two against each other.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from labs.checking import Mistake, check_number, typed_values
from labs.problems.own_picture import PICTURE, readable_path
from labs.protocol import Evidence, Param, Params, Problem, Verdict

SCHEDULES: Final = ("linear", "scaled-linear", "cosine")
TIMESTEPS: Final = 1_000

SCHEDULE: Final = Param(
    "schedule",
    "text",
    "linear",
    "noise schedule: linear (DDPM), scaled-linear (Stable Diffusion) or cosine (improved DDPM)",
    choices=SCHEDULES,
    vary=SCHEDULES,
)
DESCRIBED: Final = {
    "linear": "The linear schedule raises beta in equal steps from 0.0001 at t = 0 to 0.02 at t = {last}",
    "scaled-linear": "Stable Diffusion's scaled-linear schedule raises the square root of beta in equal steps, "
    "so that beta goes from 0.00085 at t = 0 to 0.012 at t = {last}",
    "cosine": "The cosine schedule lets alpha-bar fall as cos²(((t + 1)/{count} + 0.008)/1.008 · π/2)",
}
_NEAR: Final = 0.02
"""A typed number this near, relative to it, to what a slip gives is taken for that slip: people round."""


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


def described(schedule: str, timesteps: int = TIMESTEPS) -> str:
    """The schedule in a sentence without its full stop."""
    return DESCRIBED[schedule].format(last=timesteps - 1, count=f"{timesteps:,}")


def number(value: float) -> str:
    """Four significant digits, as a prompt shows them: 0.07780, 12.34, 1,234."""
    if value == 0 or abs(value) >= 1_000:
        return f"{value:,.0f}"
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


def readable(params: Params) -> Params:
    """The parameters with the learner's own picture, if any, found and its path made absolute."""
    return {**params, PICTURE.name: readable_path(str(params[PICTURE.name]))}


def fact(evidence: Evidence, name: str) -> float:
    """A measured number by name.

    Raises:
        TypeError: it is no number.
    """
    value = evidence.facts[name]
    if isinstance(value, str | list):
        raise TypeError(f"{name} was measured as {value!r}, which is no number")
    return float(value)


def check_rounded(
    problem: Problem, answer: str, evidence: Evidence, mistakes: Sequence[Mistake], within: float = 0.0
) -> Verdict:
    """`check_number` for quantities without a unit: a slip is recognised when its value was rounded.

    `within` is how far from a slip's value, at least, an answer may be and still be taken for it.
    """
    near = [
        (abs(mistake.value - typed), replace(mistake, value=typed))
        for typed in typed_values(problem, answer)
        for mistake in mistakes
        if math.isclose(typed, mistake.value, rel_tol=_NEAR, abs_tol=within)
    ]
    nearest = sorted(near, key=lambda one: one[0])
    return check_number(problem, answer, evidence, [mistake for _, mistake in nearest])
