"""The way back of the denoising lab: what a prediction implies, what a step adds, what the start decides."""

from __future__ import annotations

import math
from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import Exercise, fitting
from labs.problems.denoising_numbers import alpha_bars, check_rounded, fact, number
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.denoising_reverse"

PREDICTION: Final = Param(
    "prediction",
    "text",
    "epsilon",
    "what the denoiser predicts: the noise (epsilon) or v",
    choices=("epsilon", "v"),
    vary=("epsilon", "v"),
)
_V: Final = "v = √alpha-bar · noise − √(1 − alpha-bar) · x_0"
_ABAR: Final = Param(
    "alpha_bar", "number", 0.36, "alpha-bar at the timestep", low=0.001, high=0.999, vary=(0.04, 0.25, 0.36, 0.64, 0.81)
)
_RECOVER: Final = (
    PREDICTION,
    _ABAR,
    Param("x_t", "number", 0.5, "a pixel of the noised picture", low=-4, high=4, vary=(-0.8, -0.3, 0.4, 0.5, 1.1)),
    Param("said", "number", -0.4, "the prediction for that pixel", low=-4, high=4, vary=(-0.7, -0.4, 0.2, 0.6)),
)
_ERROR: Final = (
    PREDICTION,
    Param(
        "alpha_bar",
        "number",
        0.01,
        "alpha-bar at the timestep",
        low=0.0001,
        high=0.9999,
        vary=(0.0001, 0.0004, 0.0025, 0.01, 0.04, 0.2, 0.8),
    ),
    Param("error", "number", 0.01, "how far the prediction is off", low=0.001, high=1, vary=(0.01, 0.02, 0.05)),
)
STEPS_OF_SAMPLER: Final = (5, 8, 10, 20, 50)
_POSTERIOR: Final = (
    Param(
        "schedule",
        "text",
        "cosine",
        "noise schedule",
        choices=("linear", "scaled-linear", "cosine"),
        vary=("linear", "scaled-linear", "cosine"),
    ),
    Param(
        "steps",
        "integer",
        10,
        "steps of the sampler through the 1,000 timesteps",
        low=4,
        high=100,
        vary=STEPS_OF_SAMPLER,
    ),
    Param("step", "integer", 5, "which of its steps back, from 1", low=1, high=99, vary=(2, 3, 4, 5, 6)),
)
_RUNS: Final = (
    Param("eta", "number", 0.0, "noise of a step back: 0 is DDIM, 1 is DDPM", low=0, high=1, vary=(0.0, 0.0, 0.3, 1.0)),
    Param("runs", "integer", 5, "how often the sampler starts from the same noise", low=2, high=8, vary=(3, 4, 5, 6)),
    Param("steps", "integer", 10, "steps of the sampler", low=2, high=25, vary=(8, 10, 12)),
    Param("digit", "integer", 3, "the digit that is asked for", low=0, high=9, vary=tuple(range(10))),
)


def pose_recover(params: Params, seed: int) -> Problem:
    """The clean pixel that a prediction implies."""
    full = fitting(_RECOVER, params, seed, lambda _: True) or params
    v = full["prediction"] == "v"
    said = f"v = {full['said']:g} ({_V})" if v else f"the noise as {full['said']:g}"
    return Problem(
        "denoising.recover_x0",
        full,
        seed,
        f"At a timestep with alpha-bar = {full['alpha_bar']:g} a pixel of the noised picture is x_t = {full['x_t']:g}. "
        f"The denoiser predicts {said}. Which value of the clean pixel x_0 does that imply?",
        "number",
        tolerance=0.011,
        tolerance_percent=1,
        tolerance_reason="two digits behind the point are enough",
        hints=(
            "x_t = √alpha-bar · x_0 + √(1 − alpha-bar) · noise.",
            "Put √alpha-bar · x_t − √(1 − alpha-bar) · v together: what remains of x_0 and of the noise?"
            if v
            else "Take the noise's part away from x_t, then divide by the weight of x_0.",
        ),
    )


def check_recover(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """x_0; names a forgotten division or root, a wrong sign, one prediction taken for the other."""
    abar, xt, said = (float(problem.params[name]) for name in ("alpha_bar", "x_t", "said"))
    a, b = math.sqrt(abar), math.sqrt(1 - abar)
    from_noise, from_v = (xt - b * said) / a, a * xt - b * said
    is_v = problem.params["prediction"] == "v"
    other = from_noise if is_v else from_v
    mistakes = [
        Mistake(
            other,
            "took one prediction for the other",
            "That reads v as the noise." if is_v else "That reads the noise as v.",
        ),
        Mistake(xt - said, "weights left out", "Picture and noise enter x_t with weights; take them into account."),
    ]
    if is_v:
        mistakes += [
            Mistake(a * xt + b * said, "wrong sign", "v holds −x_0, so its part is taken away."),
            Mistake(
                abar * xt - (1 - abar) * said, "forgot the roots", "The weights are roots of alpha-bar and of the rest."
            ),
            Mistake(b * xt + a * said, "gave the noise", "That is the noise that v implies; asked is x_0."),
        ]
    else:
        mistakes += [
            Mistake(xt - b * said, "forgot to divide", "That is √alpha-bar · x_0; divide by its weight."),
            Mistake((xt + b * said) / a, "wrong sign", "The noise was added; take it away."),
            Mistake(
                (xt - (1 - abar) * said) / abar,
                "forgot the roots",
                "The weights are roots of alpha-bar and of the rest.",
            ),
            Mistake((xt - b * said) / abar, "forgot a root", "Divide by √alpha-bar, not by alpha-bar."),
            Mistake((xt - said) / a, "noise without its weight", "The noise entered with the weight √(1 − alpha-bar)."),
        ]
    return check_rounded(problem, answer, evidence, mistakes, within=0.006)


def pose_error(params: Params, seed: int) -> Problem:
    """How far off x_0 is when the prediction is off."""
    full = fitting(_ERROR, params, seed, lambda _: True) or params
    v = full["prediction"] == "v"
    what = f"v ({_V})" if v else "the noise"
    return Problem(
        "denoising.error_in_x0",
        full,
        seed,
        f"A denoiser that predicts {what} is off by {full['error']:g} at a pixel, at a timestep with "
        f"alpha-bar = {full['alpha_bar']:g}. By how much is the x_0 off that this implies?",
        "number",
        tolerance_percent=3,
        tolerance=1e-5,
        tolerance_reason="two digits are enough",
        hints=(
            "Write x_0 as a function of x_t and the prediction; x_t is known exactly.",
            "Which weight stands before v in √alpha-bar · x_t − √(1 − alpha-bar) · v?"
            if v
            else "The noise's weight √(1 − alpha-bar) multiplies the error, and √alpha-bar divides it.",
        ),
    )


def check_error(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The error of x_0; names the other prediction, forgotten roots, the inverse, no change at all."""
    abar, off = float(problem.params["alpha_bar"]), float(problem.params["error"])
    a, b = math.sqrt(abar), math.sqrt(1 - abar)
    is_v = problem.params["prediction"] == "v"
    mistakes = [
        Mistake(
            off * b / a if is_v else off * b,
            "took one prediction for the other",
            "That is for a prediction of the noise; v needs no division."
            if is_v
            else "That is for v; from the noise, x_0 comes by dividing by √alpha-bar.",
        ),
        Mistake(off * (1 - abar) / abar, "forgot the roots", "The weights are the roots of alpha-bar and of the rest."),
        Mistake(off * (1 - abar), "forgot the root", "The weight is the root of 1 − alpha-bar."),
        Mistake(off / abar, "forgot the roots", "The weights are the roots of alpha-bar and of the rest."),
        Mistake(off * a / b, "inverted", "The little signal is in the denominator: the error grows as it fades."),
        Mistake(off * a, "shrank it", "The error is not scaled by the weight of x_0."),
        Mistake(off, "took it as unchanged", "The error is scaled on its way from the prediction to x_0."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def stride(params: Params) -> tuple[int, int]:
    """The timesteps one step back goes from and to, as `walk_back` spaces them."""
    steps, step = int(params["steps"]), int(params["step"])
    timesteps = [round(999 - 999 * index / (steps - 1)) for index in range(steps)]
    return timesteps[step - 1], timesteps[step]


def pose_posterior(params: Params, seed: int) -> Problem:
    """The variance of one DDPM step back."""

    def fits(p: Params) -> bool:
        return int(p["step"]) < int(p["steps"]) and alpha_bars(str(p["schedule"]))[stride(p)[0]] > 1e-3

    full = fitting(_POSTERIOR, params, seed, fits)
    if full is None:
        raise ParamError("step", "it must be one of the sampler's steps, and not so early that there is only noise")
    t, before = stride(full)
    bars = alpha_bars(str(full["schedule"]))
    beta = 1 - bars[t] / bars[before]
    return Problem(
        "denoising.posterior_variance",
        full,
        seed,
        f"A DDPM sampler of {full['steps']} steps goes back from t = {t}, where alpha-bar = {number(bars[t])}, to "
        f"t = {before}, where alpha-bar = {number(bars[before])}; going forward, that stretch has beta = "
        f"{number(beta)}. What is the variance of the less noisy pixel, given the noisier one and x_0?",
        "number",
        tolerance_percent=3,
        tolerance_reason="the variance is measured on drawn chains, which is good to about half a percent",
        hints=(
            "It is smaller than beta: x_0 and the noisier pixel both tell something about it.",
            "DDPM equation 7: (1 − alpha-bar before) / (1 − alpha-bar) · beta.",
        ),
    )


def check_posterior(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The posterior variance; names beta itself, the inverted ratio, the deviation, alpha-bars for the rest."""
    bar, before, beta = fact(evidence, "alpha_bar"), fact(evidence, "alpha_bar_before"), fact(evidence, "beta")
    right = (1 - before) / (1 - bar) * beta
    mistakes = [
        Mistake(beta, "gave beta", "That is the variance going forward; knowing x_0 makes the way back surer."),
        Mistake((1 - bar) / (1 - before) * beta, "inverted the ratio", "The less noisy timestep stands on top."),
        Mistake(
            before / bar * beta, "used alpha-bars", "The ratio is of what is noise: of 1 − alpha-bar, not alpha-bar."
        ),
        Mistake(
            bar / before * beta, "used alpha-bars", "The ratio is of what is noise: of 1 − alpha-bar, not alpha-bar."
        ),
        Mistake((1 - before) / (1 - bar), "forgot beta", "That is the ratio; beta still multiplies it."),
        Mistake(
            1 - before,
            "forgot the noisier pixel",
            "That is the variance given x_0 alone; the noisier pixel tells more.",
        ),
        Mistake(math.sqrt(right), "gave the deviation", "That is the standard deviation; asked is the variance."),
        Mistake(math.sqrt(beta), "gave the deviation of beta", "That is the root of beta, the step going forward."),
    ]
    return check_rounded(problem, answer, evidence, mistakes)


def pose_runs(params: Params, seed: int) -> Problem:
    """How many different pictures come out of one starting noise."""
    full = fitting(_RUNS, params, seed, lambda _: True) or params
    eta = float(full["eta"])
    name = "DDIM (eta = 0)" if eta == 0 else "DDPM (eta = 1)" if eta == 1 else f"between DDIM and DDPM (eta = {eta:g})"
    return Problem(
        "denoising.same_noise",
        full,
        seed,
        f"A digit {full['digit']} is sampled {full['runs']} times in {full['steps']} steps by {name}. Every run starts "
        "from the very same noise, but has its own random generator. How many different pictures come out?",
        "integer",
        unit="pictures",
        hints=(
            "Where does randomness enter besides the start?",
            "A step back adds noise of variance eta² times the posterior variance.",
        ),
    )


def check_runs(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Different pictures; names a random DDIM and a deterministic DDPM."""
    runs = int(problem.params["runs"])
    if evidence.value == 1:
        mistake = Mistake(runs, "took DDIM as random", "With eta = 0 no step draws noise: the start decides all.")
    else:
        mistake = Mistake(1, "took it as deterministic", "With eta above 0 each step draws fresh noise, so runs part.")
    none = Mistake(0, "none", "Every run ends with a picture.")
    return check_number(problem, answer, evidence, (mistake, none))


EXERCISES: Final = (
    Exercise(
        name="denoising.recover_x0",
        title="The clean pixel a prediction implies",
        sections=("4.3",),
        covers=("4.3-03", "4.3-04"),
        params=_RECOVER,
        module=MODULE,
        poser=pose_recover,
        checker=check_recover,
    ),
    Exercise(
        name="denoising.error_in_x0",
        title="How an error of the prediction grows",
        sections=("4.3",),
        covers=("4.3-03",),
        params=_ERROR,
        module=MODULE,
        poser=pose_error,
        checker=check_error,
    ),
    Exercise(
        name="denoising.posterior_variance",
        title="The variance of a DDPM step back",
        sections=("4.3",),
        covers=("4.3-01", "4.3-04"),
        params=_POSTERIOR,
        module=MODULE,
        poser=pose_posterior,
        checker=check_posterior,
    ),
    Exercise(
        name="denoising.same_noise",
        title="DDIM against DDPM: one noise, how many pictures",
        sections=("4.3",),
        covers=("4.3-04",),
        params=_RUNS,
        module=MODULE,
        poser=pose_runs,
        checker=check_runs,
    ),
)
