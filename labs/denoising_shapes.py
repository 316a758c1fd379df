"""The denoising lab, curves: how what a noise schedule does is spread over its timesteps.

Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239, eq. 4; the cosine schedule: Nichol and
Dhariwal 2021, arXiv:2102.09672, eq. 17.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from labs.denoising import finished
from labs.diffusion import NoiseSchedule, noise_schedule
from labs.evidence import shape_text, source_of
from labs.problems.denoising_numbers import SCHEDULES
from labs.problems.denoising_shapes import BOTH, EARLY, FALLING, LATE, QUANTITIES, STRAIGHT, option
from labs.protocol import Curve, Evidence, Problem, Progress, Table

PAPER: Final = "Ho et al. 2020, arXiv:2006.11239, eq. 4; Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17"
QUARTERS: Final = (249, 499, 749)
_CLOSE: Final = 0.03
"""A curve no farther than this from its chord, in shares of the whole way, is called straight."""
_DRAWN: Final = tuple(range(0, 1_000, 27))


def curve_of(schedule: NoiseSchedule, quantity: str) -> Tensor:
    """A quantity at every timestep: (T,)."""
    return {
        "signal share": schedule.alpha_bars,
        "picture weight": schedule.alpha_bars.sqrt(),
        "noise weight": (1 - schedule.alpha_bars).sqrt(),
        "beta": schedule.betas,
    }[quantity]


def shape_of(curve: Tensor) -> tuple[str, Tensor]:
    """Its shape, and the share of the way it has gone after each quarter of the steps: (T,) -> (3,)."""
    gone = (curve[list(QUARTERS)] - curve[0]) / (curve[-1] - curve[0])  # (3,), 0 to 1 whether it rises or falls
    ahead = gone - torch.tensor([0.25, 0.5, 0.75])  # (3,)
    if ahead.abs().max() <= _CLOSE:
        return STRAIGHT, gone
    if ahead[0] < 0 < ahead[2]:
        return BOTH, gone
    return EARLY if ahead[1] > 0 else LATE, gone


def solve_curve(problem: Problem, _: Progress) -> Evidence:
    """Read the curve off the schedule's own tensors and see how far it is after each quarter."""
    quantity, name = str(problem.params["quantity"]), str(problem.params["schedule"])
    curves = {each: curve_of(noise_schedule(each), quantity) for each in SCHEDULES}
    shape, gone = shape_of(curves[name])
    rows = tuple(
        (each, shape_of(curve)[0], *(f"{float(share):.0%}" for share in shape_of(curve)[1]))
        for each, curve in curves.items()
    )
    others = {f"the {each} schedule": shape_of(curve)[0] for each, curve in curves.items()}
    others |= {f"the {what}": shape_of(curve_of(noise_schedule(name), what))[0] for what in QUANTITIES}
    return Evidence(
        value=option(shape, falling=quantity in FALLING),
        derivation=(
            f"{quantity} {shape_text(curves[name].shape)}: from {float(curves[name][0]):.4g} to "
            f"{float(curves[name][-1]):.4g}",
            f"after 250, 500, 750 steps -> {', '.join(f'{float(share):.0%}' for share in gone)} of the way: {shape}",
        ),
        tables=(Table(f"Of the way gone: {quantity}", ("schedule", "shape", "t = 250", "500", "750"), rows),),
        curves=(
            Curve(
                f"{quantity} over the timesteps",
                "timestep",
                quantity,
                tuple(float(t) for t in _DRAWN),
                {each: tuple(float(curve[t]) for t in _DRAWN) for each, curve in curves.items()},
            ),
        ),
        code=source_of(shape_of),
        facts=dict(others),
    )


@torch.no_grad()
def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this part of the lab."""
    return finished(solve_curve, problem, progress, PAPER)
