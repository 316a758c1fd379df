"""The way back: what a prediction implies, the variance of a step, what guidance does and costs.

Ho et al. 2020, arXiv:2006.11239, eq. 7; Song et al. 2021 (DDIM), arXiv:2010.02502, eq. 12 and 16; Salimans and Ho
2022, arXiv:2202.00512; Ho and Salimans 2022, arXiv:2207.12598. The equations live in `labs.diffusion`.

Axes: b samples, c channels, h rows, w columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, cast

import torch
from torch import Tensor

from labs.denoising import finished, generator_of, strip
from labs.devices import placed
from labs.diffusion import (
    Denoiser,
    Prediction,
    from_betas,
    guide,
    noise_schedule,
    posterior_variance,
    q_step,
    recover_x0,
    sample,
    step_back,
)
from labs.evidence import shape_text, source_of
from labs.models import weights
from labs.models.digits import NO_CLASS, DigitDenoiser, Judge
from labs.problems.denoising_reverse import stride
from labs.protocol import Curve, Evidence, Problem, Progress, Table

DDPM: Final = "Ho et al. 2020, arXiv:2006.11239, eq. 7"
DDIM: Final = "Song et al. 2021, arXiv:2010.02502, eq. 12 and 16"
V: Final = "Salimans and Ho 2022, arXiv:2202.00512"
GUIDANCE: Final = "Ho and Salimans 2022, arXiv:2207.12598"
CHAINS: Final = 400_000
"""Chains the posterior variance is measured on."""


# --- The trained denoiser of digits -----------------------------------------------------------------------------------


@cache
def digit_denoiser() -> DigitDenoiser:
    """The trained denoiser of 8 × 8 digits.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = DigitDenoiser()
    model.load_state_dict(weights.load("denoiser_digits"))
    return placed(model.eval())


@cache
def judge() -> Judge:
    """The trained classifier of 8 × 8 digits.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = Judge()
    model.load_state_dict(weights.load("digits_judge"))
    return placed(model.eval(), "features")


def guided(model: DigitDenoiser, labels: Tensor, scale: float) -> Denoiser:
    """A denoiser of digits of these classes (b,); one batch holds the predictions with the class and without."""

    def denoise(x: Tensor, t: Tensor) -> Tensor:
        without = torch.full_like(labels, NO_CLASS)
        if scale in {0.0, 1.0}:  # the other prediction would have the weight 0
            return cast(Tensor, model(x, t, labels if scale else without))
        both = model(torch.cat([x, x]), torch.cat([t, t]), torch.cat([without, labels]))  # (2b, 1, 8, 8)
        unconditional, conditional = both.chunk(2)
        return guide(unconditional, conditional, scale)

    return denoise


def start_noise(count: int, generator: torch.Generator) -> Tensor:
    """Noise to begin with: (count, 1, 8, 8)."""
    return torch.randn(count, 1, 8, 8, generator=generator)


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_recover(problem: Problem, _: Progress) -> Evidence:
    """x_0 from x_t and a prediction."""
    p = problem.params
    abar, xt, said = (torch.tensor([float(p[name])]) for name in ("alpha_bar", "x_t", "said"))
    prediction = _prediction(problem)
    value = float(recover_x0(abar, prediction, xt, said))
    a, b = float(abar.sqrt()), float((1 - abar).sqrt())
    worked = (
        f"({float(xt):g} − {b:.4f} · {float(said):g}) / {a:.4f} = {value:.4f}"
        if prediction == "epsilon"
        else f"{a:.4f} · {float(xt):g} − {b:.4f} · {float(said):g} = {value:.4f}"
    )
    noise = (float(xt) - a * value) / b
    return Evidence(
        value=value,
        derivation=(
            f"x_t {shape_text(xt.shape)} and prediction {shape_text(said.shape)} -> x_0 {shape_text(xt.shape)}",
            f"√alpha-bar = {a:.4f}, √(1 − alpha-bar) = {b:.4f}",
            worked,
            f"back again: {a:.4f} · {value:.4f} + {b:.4f} · {noise:.4f} = {a * value + b * noise:.4f}, which is x_t",
        ),
        code=source_of(recover_x0),
    )


def solve_error(problem: Problem, _: Progress) -> Evidence:
    """The x_0 of a right prediction and of one that is off, and how far they are apart."""
    abar, off = float(problem.params["alpha_bar"]), float(problem.params["error"])
    prediction = _prediction(problem)

    def apart(bar: float, kind: Prediction) -> float:
        xt, right = torch.tensor([0.3], dtype=torch.float64), torch.tensor([0.1], dtype=torch.float64)
        share = torch.tensor(bar, dtype=torch.float64)
        moved = recover_x0(share, kind, xt, right + off) - recover_x0(share, kind, xt, right)
        return abs(float(moved))

    value = apart(abar, prediction)
    bars = tuple(10.0 ** (exponent / 4) for exponent in range(-16, 1))[:-1]
    return Evidence(
        value=value,
        derivation=(
            f"a prediction and one that is {off:g} off are sent through the same x_t: (1,), (1,) -> x_0 (1,)",
            f"the two x_0 are {value:.5g} apart: {value / off:.4g} times the error of the prediction",
            f"√(1 − alpha-bar) = {(1 - abar) ** 0.5:.4f}, √alpha-bar = {abar**0.5:.4f}",
            "at the end of a schedule alpha-bar is next to nothing: there only v is of use",
        ),
        curves=(
            Curve(
                f"Error of x_0 where the prediction is off by {off:g}",
                "alpha-bar",
                "error of x_0",
                bars,
                {kind: tuple(apart(bar, kind) for bar in bars) for kind in ("epsilon", "v")},
            ),
        ),
        code=source_of(recover_x0),
    )


def solve_posterior(problem: Problem, progress: Progress) -> Evidence:
    """The variance of x_{t-1} given x_t and x_0, measured on chains run forward."""
    schedule = noise_schedule(str(problem.params["schedule"]))
    t, t_before = stride(problem.params)
    abar, abar_before = schedule.alpha_bars[t], schedule.alpha_bars[t_before]
    beta = 1 - abar / abar_before
    two_steps = from_betas("the stretch", torch.stack([1 - abar_before, beta]))
    generator = generator_of(problem.seed, "chains")
    x0 = torch.full((CHAINS,), 0.7)
    progress(0.2, "running chains forward")
    before = q_step(two_steps, x0, 0, torch.randn(CHAINS, generator=generator))  # (b,): x_{t-1} from x_0
    after = q_step(two_steps, before, 1, torch.randn(CHAINS, generator=generator))  # (b,): x_t from x_{t-1}
    value = unexplained(before, after)
    closed = float(posterior_variance(abar, abar_before))
    return Evidence(
        value=value,
        derivation=(
            f"{CHAINS:,} chains from one x_0: {shape_text(x0.shape)} -> t = {t_before} {shape_text(before.shape)} "
            f"-> t = {t} {shape_text(after.shape)}",
            f"the variance at t = {t_before} is {float(before.var()):.4f}; what x_t leaves unexplained is {value:.4f}",
            f"(1 − {float(abar_before):.4f}) / (1 − {float(abar):.4f}) · {float(beta):.4f} = {closed:.4f}",
        ),
        tables=(
            Table(
                "Variances",
                ("of", "variance"),
                (
                    ("a step forward: beta", f"{float(beta):.4f}"),
                    ("a step back, x_0 known", f"{value:.4f}"),
                    ("x at the earlier timestep, x_0 known", f"{float(1 - abar_before):.4f}"),
                ),
            ),
        ),
        code=source_of(posterior_variance),
        facts={"alpha_bar": float(abar), "alpha_bar_before": float(abar_before), "beta": float(beta)},
    )


def unexplained(wanted: Tensor, known: Tensor) -> float:
    """The variance that is left of `wanted` (b,) once the best line through `known` (b,) is taken away."""
    y, x = wanted - wanted.mean(), known - known.mean()
    rest = y - (x @ y) / (x @ x) * x
    return float(rest.square().mean())


def solve_guided(problem: Problem, _: Progress) -> Evidence:
    """The guided prediction at one pixel."""
    p = problem.params
    u, c = torch.tensor([float(p["unconditional"])]), torch.tensor([float(p["conditional"])])
    scale = float(p["scale"])
    value = float(guide(u, c, scale))
    scales = tuple(index * max(scale, 1.0) / 10 for index in range(13))
    return Evidence(
        value=value,
        derivation=(
            f"two predictions {shape_text(u.shape)}, {shape_text(c.shape)} -> one {shape_text(u.shape)}",
            f"{float(u):g} + {scale:g} · ({float(c):g} − {float(u):g}) = {value:.4f}",
        ),
        curves=(
            Curve(
                "Guided prediction",
                "guidance scale",
                "prediction",
                scales,
                {"guided": tuple(float(guide(u, c, one)) for one in scales)},
            ),
        ),
        code=source_of(guide),
    )


def solve_cost(problem: Problem, progress: Progress) -> Evidence:
    """Sample digits and count the pictures that enter the network."""
    count, steps, scale = (problem.params[name] for name in ("pictures", "steps", "scale"))
    count, steps, scale = int(count), int(steps), float(scale)
    model = digit_denoiser()
    batches: list[int] = []
    counting = model.register_forward_pre_hook(lambda _, given: batches.append(len(given[0])))
    generator = generator_of(problem.seed, "start")
    labels = torch.arange(count)  # as many different digits
    progress(0.1, "sampling")
    try:
        denoiser = guided(model, labels, scale)
        made = sample(denoiser, noise_schedule("cosine"), "v", start_noise(count, generator), steps=steps, clip=1.0)
    finally:
        counting.remove()
    return Evidence(
        value=sum(batches),
        derivation=(
            f"the network was called {len(batches)} times, once a step",
            f"each call: {shape_text((batches[0], 1, 8, 8))} -> {shape_text((batches[0], 1, 8, 8))}, so {count} "
            f"picture{'s' if count > 1 else ''} × {batches[0] // count} prediction{'s' if batches[0] > count else ''}",
            f"{len(batches)} calls × {batches[0]} = {sum(batches)} network evaluations",
            "a GAN's generator would need one evaluation a picture",
        ),
        pictures=(
            strip(
                enlarged(made),
                "samples",
                f"The digits {', '.join(map(str, range(count)))}, guidance {scale:g}, {steps} steps",
                "Sampled handwritten digits",
            ),
        ),
        code=source_of(guided),
        facts={"calls": len(batches)},
    )


def solve_runs(problem: Problem, progress: Progress) -> Evidence:
    """Start several runs from one noise and count the different ends."""
    runs, steps, eta = (problem.params[name] for name in ("runs", "steps", "eta"))
    runs, steps, eta = int(runs), int(steps), float(eta)
    start = start_noise(1, generator_of(problem.seed, "start"))
    denoiser = guided(digit_denoiser(), torch.tensor([int(problem.params["digit"])]), 1.0)
    ends: list[Tensor] = []
    for run in range(runs):
        progress(run / runs, f"run {run + 1} of {runs}")
        generator = generator_of(problem.seed, f"run {run}")
        schedule = noise_schedule("cosine")
        ends.append(sample(denoiser, schedule, "v", start, steps=steps, clip=1.0, eta=eta, generator=generator))
    made = torch.cat(ends)  # (b, 1, 8, 8)
    different = len(torch.unique(made.flatten(1), dim=0))
    apart = float((made - made[:1]).abs().max())
    return Evidence(
        value=different,
        derivation=(
            f"one noise {shape_text(start.shape)}, {runs} runs of {steps} steps -> {shape_text(made.shape)}",
            f"{different} of {runs} ends differ; the largest difference of a pixel from the first is {apart:.3f} of 2",
            "the noise of a step back has the variance eta² · posterior variance: none at all where eta = 0",
        ),
        pictures=(
            strip(enlarged(made), "ends", f"{runs} runs from one noise, eta = {eta:g}", "Sampled handwritten digits"),
        ),
        code=source_of(step_back),
    )


def enlarged(pictures: Tensor, times: int = 10) -> Tensor:
    """Digits (b, 1, 8, 8) as `strip` shows them, dark ink on white: (b, 3, 80, 80)."""
    shown = -2.5 * pictures.repeat_interleave(times, 2).repeat_interleave(times, 3)
    return shown.expand(-1, 3, -1, -1)


def _prediction(problem: Problem) -> Prediction:
    return "v" if problem.params["prediction"] == "v" else "epsilon"


SOLVE: Final[Mapping[str, tuple[Callable[[Problem, Progress], Evidence], str]]] = {
    "denoising.recover_x0": (solve_recover, V),
    "denoising.error_in_x0": (solve_error, V),
    "denoising.posterior_variance": (solve_posterior, DDPM),
    "denoising.same_noise": (solve_runs, DDIM),
    "denoising.guided_prediction": (solve_guided, GUIDANCE),
    "denoising.guidance_cost": (solve_cost, GUIDANCE),
}


@torch.no_grad()
def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this half of the lab.

    Raises:
        KeyError: the exercise is not of this lab.
    """
    solve_one, paper = SOLVE[problem.exercise]
    return finished(solve_one, problem, progress, paper)
