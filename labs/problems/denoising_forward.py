"""The noising half of the denoising lab: how much of the picture is left at a timestep, and how much noise came in."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from labs.checking import Mistake
from labs.exercise import Exercise, fitting
from labs.problems.denoising_numbers import (
    SCHEDULE,
    TIMESTEPS,
    alpha_bars,
    betas,
    check_rounded,
    described,
    fact,
    number,
    readable,
)
from labs.problems.own_picture import PICTURE
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.denoising"

T: Final = Param(
    "t",
    "integer",
    300,
    "timestep, from 0 (least noise) to 999",
    low=0,
    high=TIMESTEPS - 1,
    vary=(50, 100, 150, 200, 250, 300, 350, 400, 500, 600),
)
PIXELS: Final = 1_000_000
"""Noised pixels an SNR is measured on, about."""
LEAST_SNR: Final = 0.002
"""Below this SNR a measurement on so many pixels says nothing."""

_BETAS: Final = (
    Param("steps", "integer", 3, "how many steps add noise", low=2, high=6, vary=(3, 4, 5)),
    Param("first", "number", 0.1, "beta of the first step", low=0.01, high=0.5, vary=(0.05, 0.1, 0.2)),
    Param("rise", "number", 0.1, "how much beta rises from one step to the next", low=0.0, high=0.1, vary=(0.05, 0.1)),
)
_ALPHA_BAR: Final = (SCHEDULE, T)
_WEIGHT: Final = (
    SCHEDULE,
    replace(T, vary=(50, 100, 200, 300, 400, 500, 600, 700, 999)),
    Param("of", "text", "signal", "whose weight is asked", choices=("signal", "noise"), vary=("signal", "noise")),
)
_VARIANCE: Final = (
    SCHEDULE,
    T,
    Param("variance", "number", 0.25, "variance of the clean pixels", low=0.01, high=16, vary=(0.25, 0.5, 2.0, 4.0)),
    PICTURE,
)
_SNR: Final = (SCHEDULE, T, PICTURE)
_CROSSING: Final = (
    SCHEDULE,
    Param("timesteps", "integer", 1_000, "timesteps in all", low=200, high=4_000, vary=(400, 500, 800, 1_000, 2_000)),
    PICTURE,
)


def chain(params: Params) -> list[float]:
    """The betas of a short chain, as the prompt lists them."""
    return [round(float(params["first"]) + step * float(params["rise"]), 6) for step in range(int(params["steps"]))]


def pose_betas(params: Params, seed: int) -> Problem:
    """What a handful of given betas leave of the signal."""
    full = fitting(_BETAS, params, seed, lambda p: max(chain(p)) < 1)
    if full is None:
        raise ParamError("rise", "every beta must stay below 1")
    listed = ", ".join(f"{beta:g}" for beta in chain(full))
    return Problem(
        "denoising.betas",
        full,
        seed,
        f"A tiny diffusion model adds noise in {full['steps']} steps with beta = {listed}. "
        "What is alpha-bar after the last of them?",
        "number",
        tolerance=0.0051,
        tolerance_reason="two digits behind the point are enough",
        hints=("Each step keeps alpha = 1 − beta of the signal's power.", "Multiply the alphas of all steps."),
    )


def check_betas(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """alpha-bar of a short chain; names summed betas, a product of betas, the last step alone and roots."""
    given = chain(problem.params)
    right = fact(evidence, "alpha_bar")
    mistakes = [
        Mistake(1 - sum(given), "summed the betas", "That subtracts the sum; what is left shrinks by a factor a step."),
        Mistake(
            math.prod(given), "multiplied the betas", "Those are the betas; multiply what each step keeps, 1 − beta."
        ),
        Mistake(
            1 - given[-1], "last step only", "That is alpha of the last step; alpha-bar is the product of them all."
        ),
        Mistake(1 - right, "gave the noise", "That is the share of the noise, 1 − alpha-bar."),
        Mistake(math.sqrt(right), "took the root", "That is the weight of x_0, the root of alpha-bar."),
        Mistake(
            1 - math.prod(given), "multiplied the betas", "Multiply what each step keeps, 1 − beta, not the betas."
        ),
        Mistake(sum(1 - b for b in given) / len(given), "averaged", "The alphas are multiplied, not averaged."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_alpha_bar(params: Params, seed: int) -> Problem:
    """alpha-bar of a whole schedule at a timestep."""
    full = fitting(_ALPHA_BAR, params, seed, lambda _: True) or params
    schedule, t = str(full["schedule"]), int(full["t"])
    sum_of_betas = "Use ln(1 − beta) ≈ −beta: alpha-bar ≈ e^(−sum of the betas from 0 to t)."
    return Problem(
        "denoising.alpha_bar",
        full,
        seed,
        f"{described(schedule)}. What is alpha-bar at t = {t}, of 1,000 timesteps?",
        "number",
        tolerance=min(0.015, 0.08 * alpha_bars(schedule)[t]),
        tolerance_reason="wide enough for e^(−sum of betas), or the squared cosine, on a pocket calculator",
        hints=(
            "alpha-bar is the product of 1 − beta up to and including t: the share of the signal's power that is left.",
            "The cosine is in radians; at t = −1 it is all but 1." if schedule == "cosine" else sum_of_betas,
        ),
    )


def check_alpha_bar(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """alpha-bar at t; names beta, alpha of one step, the noise's share and roots."""
    right, beta = fact(evidence, "alpha_bar"), fact(evidence, "beta")
    mistakes = [
        Mistake(beta, "gave beta", "That is beta at t: the noise of one step, not what all of them have left."),
        Mistake(1 - beta, "one step only", "That is alpha = 1 − beta of one step; alpha-bar multiplies all up to t."),
        Mistake(1 - right, "gave the noise", "That is 1 − alpha-bar, the share of the noise."),
        Mistake(math.sqrt(right), "took the root", "That is the weight of x_0, the root of alpha-bar."),
        Mistake(right**2, "squared it", "alpha-bar is already a share of power; it is not squared once more."),
        Mistake(right / (1 - right), "gave the SNR", "That is the signal-to-noise ratio alpha-bar / (1 − alpha-bar)."),
        Mistake(
            (1 - beta) ** (int(problem.params["t"]) + 1),
            "took beta as constant",
            "That takes the last beta for all steps; the earlier ones are smaller.",
        ),
        Mistake(
            1 - int(problem.params["t"]) / TIMESTEPS,
            "took it as a straight line",
            "alpha-bar does not fall along a straight line.",
        ),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_weight(params: Params, seed: int) -> Problem:
    """The weight of x_0 or of the noise in x_t."""
    full = fitting(_WEIGHT, params, seed, lambda _: True) or params
    schedule, t, of = str(full["schedule"]), int(full["t"]), str(full["of"])
    beta, abar = betas(schedule)[t], alpha_bars(schedule)[t]
    a_or_b = "a" if of == "signal" else "b"
    return Problem(
        "denoising.signal_weight",
        full,
        seed,
        f"At t = {t} the {schedule} schedule has beta = {number(beta)} and alpha-bar = {number(abar)}. The noised "
        f"picture is x_t = a · x_0 + b · noise. What is {a_or_b}, the weight of the {of}?",
        "number",
        tolerance_percent=2,
        tolerance=0.0005,
        tolerance_reason="two digits are enough",
        hints=(
            "alpha-bar is a share of power; a weight is what multiplies the values.",
            "Weights are roots of powers: a² + b² = 1.",
        ),
    )


def check_weight(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """A weight of x_t; names the forgotten root, the other weight, beta in place of alpha-bar."""
    abar, beta = fact(evidence, "alpha_bar"), fact(evidence, "beta")
    signal = problem.params["of"] == "signal"
    mine, other = (abar, 1 - abar) if signal else (1 - abar, abar)
    beta_mine = 1 - beta if signal else beta
    no_root = "That is the power; the weight is its root."
    mistakes = [
        Mistake(mine, "forgot the root", no_root),
        Mistake(
            math.sqrt(other), "gave the other weight", f"That is the weight of the {'noise' if signal else 'signal'}."
        ),
        Mistake(other, "gave the other weight, without the root", "That is the other one's power."),
        Mistake(1 - math.sqrt(other), "weights that add to 1", "The squares of the weights add to 1, not the weights."),
        Mistake(
            math.sqrt(beta_mine), "used beta", "That uses beta, one step's noise; x_t has come all the way from x_0."
        ),
        Mistake(beta_mine, "used beta", "That uses beta, one step's noise; x_t has come all the way from x_0."),
        Mistake(mine**2, "squared it", "The weight is the root of the power, not its square."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_variance(params: Params, seed: int) -> Problem:
    """The variance of a noised picture whose own variance is not 1."""
    full = readable(fitting(_VARIANCE, params, seed, lambda _: True) or params)
    schedule, t, variance = str(full["schedule"]), int(full["t"]), float(full["variance"])
    return Problem(
        "denoising.noised_variance",
        full,
        seed,
        f"A picture whose pixels have variance {variance:g} is noised to t = {t} of the {schedule} schedule, where "
        f"alpha-bar = {number(alpha_bars(schedule)[t])}. What is the variance of the noised pixels?",
        "number",
        tolerance_percent=2,
        tolerance_reason="the variance is measured on drawn noise, which is good to about half a percent",
        hints=(
            "x_t = √alpha-bar · x_0 + √(1 − alpha-bar) · noise, and the noise has variance 1.",
            "Variances of independent parts add, each times the square of its weight.",
        ),
    )


def check_variance(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The variance of x_t; names a forgotten part, weights that were not squared, the deviation."""
    abar, own = fact(evidence, "alpha_bar"), float(problem.params["variance"])
    right = abar * own + 1 - abar
    mistakes = [
        Mistake(abar * own, "forgot the noise", "That is the signal's part; the noise brings 1 − alpha-bar more."),
        Mistake(1 - abar, "forgot the signal", "That is the noise's part; the signal still brings its own."),
        Mistake(own + 1 - abar, "did not shrink the signal", "The signal is scaled down as the noise comes in."),
        Mistake(
            math.sqrt(abar) * own + math.sqrt(1 - abar),
            "weights not squared",
            "Variances are scaled by the squares of the weights.",
        ),
        Mistake(math.sqrt(right), "gave the deviation", "That is the standard deviation, the root of the variance."),
        Mistake(
            (math.sqrt(abar * own) + math.sqrt(1 - abar)) ** 2,
            "added the deviations",
            "Deviations of independent parts do not add; their variances do.",
        ),
        Mistake(1.0, "took it as 1", "The variance stays 1 only for pictures whose own variance is 1."),
        Mistake(own, "took it as unchanged", "The variance moves from the picture's own towards 1."),
        Mistake(abar * own**2 + 1 - abar, "squared the variance", "The given number is already a variance."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_snr(params: Params, seed: int) -> Problem:
    """The signal-to-noise ratio at a timestep."""
    full = readable(fitting(_SNR, params, seed, lambda _: True) or params)
    schedule, t = str(full["schedule"]), int(full["t"])
    beta, abar = betas(schedule)[t], alpha_bars(schedule)[t]
    if abar / (1 - abar) < LEAST_SNR:
        raise ParamError("t", f"at {t} too little is left of the picture to measure; take an earlier timestep")
    return Problem(
        "denoising.snr",
        full,
        seed,
        f"At t = {t} the {schedule} schedule has beta = {number(beta)} and alpha-bar = {number(abar)}. A picture of "
        "variance 1 is noised to there. What is its signal-to-noise ratio: the signal's power over the noise's power?",
        "number",
        tolerance_percent=1 + 400 * measuring_error(abar),
        tolerance_reason="measured on drawn noise: the fainter the signal, the less sure its power",
        hints=(
            "The signal's power in x_t is alpha-bar. What is the noise's?",
            "Divide alpha-bar by what is left to 1.",
        ),
    )


def measuring_error(abar: float) -> float:
    """Relative standard error of an SNR measured by least squares on PIXELS pixels of variance 1."""
    return 2 * math.sqrt((1 - abar) / abar / PIXELS) + math.sqrt(2 / PIXELS)


def check_snr(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The SNR; names beta for alpha-bar, amplitudes, the inverse, a share, decibels."""
    abar, beta = fact(evidence, "alpha_bar"), fact(evidence, "beta")
    ratio = abar / (1 - abar)
    used_beta = "That uses beta, the noise of one step, not alpha-bar, which counts all steps so far."
    mistakes = [
        Mistake((1 - beta) / beta, "used beta, not alpha-bar", used_beta),
        Mistake(beta / (1 - beta), "used beta, not alpha-bar", used_beta),
        Mistake(1 / ratio, "inverted", "That is noise over signal; asked is signal over noise."),
        Mistake(
            math.sqrt(ratio), "forgot the square", "That is the ratio of the weights; a ratio of powers is its square."
        ),
        Mistake(
            math.sqrt(1 / ratio),
            "inverted, and forgot the square",
            "That is the noise's weight over the signal's; asked is the signal's power over the noise's.",
        ),
        Mistake(ratio**2, "squared once too often", "alpha-bar is a power already; do not square again."),
        Mistake(abar, "gave the share", "That is alpha-bar, the signal's share of the whole; divide by the noise's."),
        Mistake(1 - abar, "gave the noise", "That is the noise's power; asked is the signal's over it."),
        Mistake(10 * math.log10(ratio), "gave decibels", "That is the ratio in decibels; asked is the plain ratio."),
        Mistake(abar / beta, "divided by beta", "The noise's power is 1 − alpha-bar; beta is what one step adds."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_crossing(params: Params, seed: int) -> Problem:
    """When the noise outweighs the signal."""

    def crosses(p: Params) -> bool:
        return alpha_bars(str(p["schedule"]), int(p["timesteps"]))[-1] < 0.5

    full = fitting(_CROSSING, params, seed, crosses)
    if full is None:
        raise ParamError("timesteps", "so few steps never bring more noise than signal; take more")
    full = readable(full)
    schedule, timesteps = str(full["schedule"]), int(full["timesteps"])
    sum_hint = (
        "From the betas: alpha-bar ≈ e^(−their sum), so the sum must reach ln 2 = 0.69; betas that rise sum to a "
    )
    return Problem(
        "denoising.crossing",
        full,
        seed,
        f"{described(schedule, timesteps)}, of {timesteps:,} timesteps. At which timestep does the signal-to-noise "
        "ratio of pictures of variance 1 first fall below 1?",
        "integer",
        tolerance=max(5, round(timesteps * 0.02)),
        tolerance_reason="2% of the timesteps: an estimate on paper is enough",
        hints=(
            "An SNR of 1 means as much signal as noise: which alpha-bar is that?",
            "Where is the squared cosine one half?" if schedule == "cosine" else f"{sum_hint}parabola.",
        ),
    )


def check_crossing(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The crossing; names the middle of the schedule, equal weights read as halves, and the end."""
    timesteps = int(problem.params["timesteps"])
    mistakes = [
        Mistake(
            fact(evidence, "weight_half"),
            "halved the weight",
            "There the weight of x_0, the root of alpha-bar, is one half; alpha-bar itself must be.",
        ),
        Mistake(
            fact(evidence, "noise_half"),
            "halved the noise's weight",
            "There the weight of the noise is one half; its power, the square, must be.",
        ),
        Mistake(fact(evidence, "tenth"), "took alpha-bar of a tenth", "There alpha-bar is a tenth: an SNR of 1/9."),
        Mistake(
            timesteps / 2, "took the middle", "That is the middle of the timesteps; this schedule crosses elsewhere."
        ),
        Mistake(timesteps - 1, "took the end", "At the end next to no signal is left; the two are equal much earlier."),
    ]
    return check_rounded(problem, answer, evidence, mistakes, within=problem.tolerance / 2)


EXERCISES: Final = (
    Exercise(
        name="denoising.betas",
        title="What a few noising steps leave",
        sections=("4.3",),
        covers=("4.3-02", "4.5-06"),
        params=_BETAS,
        module=MODULE,
        poser=pose_betas,
        checker=check_betas,
    ),
    Exercise(
        name="denoising.alpha_bar",
        title="alpha-bar of a noise schedule",
        sections=("4.3",),
        covers=("4.3-02",),
        params=_ALPHA_BAR,
        module=MODULE,
        poser=pose_alpha_bar,
        checker=check_alpha_bar,
    ),
    Exercise(
        name="denoising.signal_weight",
        title="The weights of picture and noise",
        sections=("4.3", "4.5"),
        covers=("4.3-02", "4.5-06"),
        params=_WEIGHT,
        module=MODULE,
        poser=pose_weight,
        checker=check_weight,
    ),
    Exercise(
        name="denoising.noised_variance",
        title="The variance of a noised picture",
        sections=("4.3", "4.5"),
        covers=("4.5-06", "4.5-07"),
        params=_VARIANCE,
        module=MODULE,
        poser=pose_variance,
        checker=check_variance,
    ),
    Exercise(
        name="denoising.snr",
        title="The signal-to-noise ratio at a timestep",
        sections=("4.5", "6.5"),
        covers=("4.5-06", "4.5-07", "6.5-08"),
        params=_SNR,
        module=MODULE,
        poser=pose_snr,
        checker=check_snr,
    ),
    Exercise(
        name="denoising.crossing",
        title="Where noise outweighs the signal",
        sections=("4.3", "4.5", "6.5"),
        covers=("4.3-02", "4.5-07", "6.5-08"),
        params=_CROSSING,
        module=MODULE,
        poser=pose_crossing,
        checker=check_crossing,
    ),
)
