"""The way back, one step at a time: what a prediction implies, the variance of a step, what guidance does and costs.

Ho et al. 2020, arXiv:2006.11239, eq. 7; Song et al. 2021 (DDIM), arXiv:2010.02502, eq. 12 and 16; Salimans and Ho
2022, arXiv:2202.00512; Ho and Salimans 2022, arXiv:2207.12598:

    Var(x_{t-1} | x_t, x_0) = (1 - abar_{t-1}) / (1 - abar_t) beta_t,    v = sqrt(abar) eps - sqrt(1 - abar) x_0

Axes: b samples, c channels, h rows, w columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, Number, Show, Stated, Variants, Whole, later
from labs.denoising.frames import enlarged, generator_of, strip
from labs.denoising.schedules import Noising, Scheduled, alpha_bars
from labs.protocol import ParamError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from labs import diffusion
    from labs.denoising import trained
    from labs.diffusion import Prediction
else:
    torch, diffusion, trained = later("torch"), later("labs.diffusion"), later("labs.denoising.trained")

DDPM: Final = "Ho et al. 2020, arXiv:2006.11239, eq. 7"
DDIM: Final = "Song et al. 2021, arXiv:2010.02502, eq. 12 and 16"
V: Final = "Salimans and Ho 2022, arXiv:2202.00512"
GUIDANCE: Final = "Ho and Salimans 2022, arXiv:2207.12598"
CHAINS: Final = 400_000
"""Chains the posterior variance is measured on."""
_V_IS: Final = "v = √alpha-bar · noise − √(1 − alpha-bar) · x_0"


# --- What a prediction implies ----------------------------------------------------------------------------------------


class RecoverX0(Noising):
    """The clean pixel that a prediction implies."""

    name, title, covers = "denoising.recover_x0", "The clean pixel a prediction implies", "4.3-03 4.3-04"
    source, truth, measured_on = V, "formula", "one pixel, and back again"
    prediction = Variants(
        {
            "epsilon": {
                "says": "the noise as {said:g}",
                "second_hint": "Take the noise's part away from x_t, then divide by the weight of x_0.",
                "right": "(x_t − √(1 − alpha_bar) × said) / √alpha_bar",
                "slips": {
                    "√alpha_bar × x_t − √(1 − alpha_bar) × said": "took one prediction for the other: That reads the "
                    "noise as v.",
                    "x_t − √(1 − alpha_bar) × said": "forgot to divide: That is √alpha-bar · x_0; divide by its "
                    "weight.",
                    "(x_t + √(1 − alpha_bar) × said) / √alpha_bar": "wrong sign: The noise was added; take it away.",
                    "(x_t − (1 − alpha_bar) × said) / alpha_bar": "forgot the roots: The weights are roots of "
                    "alpha-bar and of the rest.",
                    "(x_t − √(1 − alpha_bar) × said) / alpha_bar": "forgot a root: Divide by √alpha-bar, not by "
                    "alpha-bar.",
                    "(x_t − said) / √alpha_bar": "noise without its weight: The noise entered with the weight "
                    "√(1 − alpha-bar).",
                },
            },
            "v": {
                "says": f"v = {{said:g}} ({_V_IS})",
                "second_hint": "Put √alpha-bar · x_t − √(1 − alpha-bar) · v together: what remains of x_0 and of the "
                "noise?",
                "right": "√alpha_bar × x_t − √(1 − alpha_bar) × said",
                "slips": {
                    "(x_t − √(1 − alpha_bar) × said) / √alpha_bar": "took one prediction for the other: That reads v "
                    "as the noise.",
                    "√alpha_bar × x_t + √(1 − alpha_bar) × said": "wrong sign: v holds −x_0, so its part is taken "
                    "away.",
                    "alpha_bar × x_t − (1 − alpha_bar) × said": "forgot the roots: The weights are roots of alpha-bar "
                    "and of the rest.",
                    "√(1 − alpha_bar) × x_t + √alpha_bar × said": "gave the noise: That is the noise that v implies; "
                    "asked is x_0.",
                },
            },
        },
        help="what the denoiser predicts: the noise (epsilon) or v",
    )
    alpha_bar = Number(0.36, 0.001, 0.999, draw=(0.04, 0.25, 0.36, 0.64, 0.81), help="alpha-bar at the timestep")
    x_t = Number(0.5, -4, 4, draw=(-0.8, -0.3, 0.4, 0.5, 1.1), help="a pixel of the noised picture")
    said = Number(-0.4, -4, 4, draw=(-0.7, -0.4, 0.2, 0.6), help="the prediction for that pixel")
    prompt = (
        "At a timestep with alpha-bar = {alpha_bar:g} a pixel of the noised picture is x_t = {x_t:g}. The denoiser "
        "predicts {says}. Which value of the clean pixel x_0 does that imply?"
    )
    tolerance, tolerance_percent = 0.011, 1
    tolerance_reason = "two digits behind the point are enough"
    hints = ("x_t = √alpha-bar · x_0 + √(1 − alpha-bar) · noise.", "{second_hint}")
    slips = {
        "x_t − said": "weights left out: Picture and noise enter x_t with weights; take them into account.",
    }

    def facts(self) -> Facts:
        says = str(self.chosen("says")).format(said=self.said)
        return {"says": says, "second_hint": self.chosen("second_hint")}

    def run(self, show: Show) -> float:
        """x_0 from x_t and a prediction."""
        abar, xt, said = (torch.tensor([number]) for number in (self.alpha_bar, self.x_t, self.said))
        x0 = diffusion.recover_x0(abar, prediction_of(self.prediction), xt, said)
        value, a, b = float(x0), float(abar.sqrt()), float((1 - abar).sqrt())
        noise = (self.x_t - a * value) / b
        show.shapes("a pixel and its prediction give x_0", xt, said, x0)
        show.line(f"√alpha-bar is {a:.4f}, √(1 − alpha-bar) is {b:.4f}")
        show.equals("a × x_0 + b × noise", "which is x_t again", a=a, b=b, x_0=value, noise=noise)
        return value


def prediction_of(name: str) -> Prediction:
    """What a denoiser predicts, by the knob's word."""
    return "v" if name == "v" else "epsilon"


class ErrorInX0(Noising):
    """How far off x_0 is when the prediction is off."""

    name, title, covers = "denoising.error_in_x0", "How an error of the prediction grows", "4.3-03"
    source, truth, measured_on = V, "formula", "two predictions for one pixel"
    prediction = Variants(
        {
            "epsilon": {
                "what": "the noise",
                "second_hint": "The noise's weight √(1 − alpha-bar) multiplies the error, and √alpha-bar divides it.",
                "right": "error × √(1 − alpha_bar) / √alpha_bar",
                "slips": {
                    "error × √(1 − alpha_bar)": "took one prediction for the other: That is for v; from the noise, x_0 "
                    "comes by dividing by √alpha-bar.",
                },
            },
            "v": {
                "what": f"v ({_V_IS})",
                "second_hint": "Which weight stands before v in √alpha-bar · x_t − √(1 − alpha-bar) · v?",
                "right": "error × √(1 − alpha_bar)",
                "slips": {
                    "error × √(1 − alpha_bar) / √alpha_bar": "took one prediction for the other: That is for a "
                    "prediction of the noise; v needs no division.",
                },
            },
        },
        help="what the denoiser predicts: the noise (epsilon) or v",
    )
    alpha_bar = Number(
        0.01,
        0.0001,
        0.9999,
        draw=(0.0001, 0.0004, 0.0025, 0.01, 0.04, 0.2, 0.8),
        help="alpha-bar at the timestep",
    )
    error = Number(0.01, 0.001, 1, draw=(0.01, 0.02, 0.05), help="how far the prediction is off")
    prompt = (
        "A denoiser that predicts {what} is off by {error:g} at a pixel, at a timestep with alpha-bar = {alpha_bar:g}. "
        "By how much is the x_0 off that this implies?"
    )
    tolerance, tolerance_percent, tolerance_reason = 1e-5, 3, "two digits are enough"
    hints = ("Write x_0 as a function of x_t and the prediction; x_t is known exactly.", "{second_hint}")
    slips = {
        "error × (1 − alpha_bar) / alpha_bar": "forgot the roots: The weights are the roots of alpha-bar and of the "
        "rest.",
        "error × (1 − alpha_bar) if apart": "forgot the root: The weight is the root of 1 − alpha-bar.",
        "error / alpha_bar": "forgot the roots: The weights are the roots of alpha-bar and of the rest.",
        "error × √alpha_bar / √(1 − alpha_bar)": "inverted: The little signal is in the denominator: the error grows "
        "as it fades.",
        "error × √alpha_bar": "shrank it: The error is not scaled by the weight of x_0.",
        "error if apart": "took it as unchanged: The error is scaled on its way from the prediction to x_0.",
    }

    def facts(self) -> Facts:
        return {"what": self.chosen("what"), "second_hint": self.chosen("second_hint")}

    def run(self, show: Show) -> float:
        """The x_0 of a right prediction and of one that is off, and how far they are apart."""
        value = apart(self.alpha_bar, prediction_of(self.prediction), self.error)
        show.line(f"a prediction and one that is {self.error:g} off, for the same x_t: (1,), (1,) -> x_0 (1,)")
        show.line(f"the two x_0 are {value:.5g} apart: {value / self.error:.4g} times the error of the prediction")
        show.line("at the end of a schedule alpha-bar is next to nothing: there only v is of use")
        bars = [10.0 ** (exponent / 4) for exponent in range(-16, 0)]
        series = {kind: [apart(bar, prediction_of(kind), self.error) for bar in bars] for kind in ("epsilon", "v")}
        title = f"Error of x_0 where the prediction is off by {self.error:g}"
        show.curve(title, "alpha-bar", "error of x_0", bars, series)
        return value


def apart(alpha_bar: float, prediction: Prediction, error: float) -> float:
    """How far apart the x_0 of two predictions are that differ by `error`."""
    xt, right = torch.tensor([0.3], dtype=torch.float64), torch.tensor([0.1], dtype=torch.float64)
    abar = torch.tensor(alpha_bar, dtype=torch.float64)
    off, on = (diffusion.recover_x0(abar, prediction, xt, said) for said in (right + error, right))
    return abs(float(off - on))


# --- A step back ------------------------------------------------------------------------------------------------------


class PosteriorVariance(Scheduled):
    """The variance of one DDPM step back."""

    name, title, covers = "denoising.posterior_variance", "The variance of a DDPM step back", "4.3-01 4.3-04"
    source, truth = DDPM, "sampling"
    measured_on = f"{CHAINS:,} chains that are run forward"
    steps = Whole(10, 4, 100, draw=(5, 8, 10, 20, 25, 50), help="steps of the sampler through the 1,000 timesteps")
    step = Whole(5, 1, 99, draw=range(2, 13), help="which of its steps back, from 1")
    prompt = (
        "A DDPM sampler of {steps} steps goes back from t = {t}, where alpha-bar = {alpha_bar}, to t = {t_before}, "
        "where alpha-bar = {alpha_bar_before}; going forward, that stretch has beta = {beta}. What is the variance of "
        "the less noisy pixel, given the noisier one and x_0?"
    )
    tolerance_percent = 3
    tolerance_reason = "the variance is measured on drawn chains, which is good to about half a percent"
    hints = (
        "It is smaller than beta: x_0 and the noisier pixel both tell something about it.",
        "DDPM equation 7: (1 − alpha-bar before) / (1 − alpha-bar) · beta.",
    )
    right = "(1 − alpha_bar_before) / (1 − alpha_bar) × beta"
    slips = {
        "beta": "gave beta: That is the variance going forward; knowing x_0 makes the way back surer.",
        "(1 − alpha_bar) / (1 − alpha_bar_before) × beta": "inverted the ratio: The less noisy timestep stands on top.",
        "alpha_bar_before / alpha_bar × beta": "used alpha-bars: The ratio is of what is noise: of 1 − alpha-bar, not "
        "alpha-bar.",
        "alpha_bar / alpha_bar_before × beta": "used alpha-bars: The ratio is of what is noise: of 1 − alpha-bar, not "
        "alpha-bar.",
        "(1 − alpha_bar_before) / (1 − alpha_bar)": "forgot beta: That is the ratio; beta still multiplies it.",
        "1 − alpha_bar_before": "forgot the noisier pixel: That is the variance given x_0 alone; the noisier pixel "
        "tells more.",
        "√right": "gave the deviation: That is the standard deviation; asked is the variance.",
        "√beta": "gave the deviation of beta: That is the root of beta, the step going forward.",
    }

    def facts(self) -> Facts:
        bars, (t, before) = alpha_bars(self.schedule), stride(self.steps, min(self.step, self.steps - 1))
        return {
            "t": t,
            "t_before": before,
            "alpha_bar": Stated(bars[t]),
            "alpha_bar_before": Stated(bars[before]),
            "beta": Stated(1 - bars[t] / bars[before]),
        }

    def fits(self) -> None:
        if self.step >= self.steps or self.alpha_bar <= 1e-3:
            raise ParamError("step", "it must be one of the sampler's steps, and not so early that there is only noise")

    def run(self, show: Show) -> float:
        """The variance of x_{t-1} given x_t and x_0, measured on chains run forward."""
        schedule = diffusion.noise_schedule(self.schedule)
        abar, abar_before = schedule.alpha_bars[self.t], schedule.alpha_bars[self.t_before]
        beta = 1 - abar / abar_before
        two_steps = diffusion.from_betas("the stretch", torch.stack([1 - abar_before, beta]))
        generator = generator_of(self.seed, "chains")
        x0 = torch.full((CHAINS,), 0.7)
        show.progress(0.2, "running chains forward")
        before = diffusion.q_step(two_steps, x0, 0, torch.randn(CHAINS, generator=generator))  # (b,): x_{t-1}
        after = diffusion.q_step(two_steps, before, 1, torch.randn(CHAINS, generator=generator))  # (b,): x_t
        value = unexplained(before, after)
        show.shapes(f"from one x_0 to timestep {self.t_before} and on to {self.t}", x0, before, after)
        show.line(f"the variance at t = {self.t_before} is {float(before.var()):.4g}; x_t leaves {value:.4g} of it")
        rows = [
            ("a step forward: beta", f"{float(beta):.4g}"),
            ("a step back, x_0 known", f"{value:.4g}"),
            ("x at the earlier timestep, x_0 known", f"{float(1 - abar_before):.4g}"),
        ]
        show.table("Variances", "of | variance", rows)
        return value


def stride(steps: int, step: int) -> tuple[int, int]:
    """The timesteps one step back goes from and to, as `walk_back` spaces them."""
    timesteps = [round(999 - 999 * index / (steps - 1)) for index in range(steps)]
    return timesteps[step - 1], timesteps[step]


def unexplained(wanted: Tensor, known: Tensor) -> float:
    """The variance that is left of `wanted` (b,) once the best line through `known` (b,) is taken away."""
    y, x = wanted - wanted.mean(), known - known.mean()
    rest = y - (x @ y) / (x @ x) * x
    return float(rest.square().mean())


class SameNoise(Noising):
    """How many different pictures come out of one starting noise."""

    name, title = "denoising.same_noise", "DDIM against DDPM: one noise, how many pictures"
    covers, source, truth, measured_on = "4.3-04", DDIM, "trained model", "the trained denoiser of digits"
    eta = Number(0.0, 0, 1, draw=(0.0, 0.0, 0.3, 1.0), help="noise of a step back: 0 is DDIM, 1 is DDPM")
    runs = Whole(5, 2, 8, draw=(3, 4, 5, 6), help="how often the sampler starts from the same noise")
    steps = Whole(10, 2, 25, draw=(8, 10, 12), help="steps of the sampler")
    digit = Whole(3, 0, 9, draw=range(10), help="the digit that is asked for")
    prompt = (
        "A digit {digit} is sampled {runs} times in {steps} steps by {sampler}. Every run starts from the very same "
        "noise, but has its own random generator. How many different pictures come out?"
    )
    answer_type, unit = "integer", "pictures"
    hints = (
        "Where does randomness enter besides the start?",
        "A step back adds noise of variance eta² times the posterior variance.",
    )

    def facts(self) -> Facts:
        named = {0: "DDIM (eta = 0)", 1: "DDPM (eta = 1)"}
        return {
            "sampler": named.get(
                int(self.eta) if self.eta in (0, 1) else -1, f"between DDIM and DDPM (eta = {self.eta:g})"
            )
        }

    def law(self) -> str:
        return "runs" if self.eta else "1"

    def known(self) -> Mapping[str, str]:
        none = {"0": "none: Every run ends with a picture."}
        if self.eta:
            return {
                "1": "took it as deterministic: With eta above 0 each step draws fresh noise, so runs part.",
                **none,
            }
        return {"runs": "took DDIM as random: With eta = 0 no step draws noise: the start decides all.", **none}

    def run(self, show: Show) -> int:
        """Start several runs from one noise and count the different ends."""
        start = trained.start_noise(1, generator_of(self.seed, "start"))
        denoiser = trained.guided(trained.digit_denoiser(), torch.tensor([self.digit]), 1.0)
        ends: list[Tensor] = []
        for run in range(self.runs):
            show.progress(run / self.runs, f"run {run + 1} of {self.runs}")
            generator, schedule = generator_of(self.seed, f"run {run}"), diffusion.noise_schedule("cosine")
            steps, eta = self.steps, self.eta
            end = diffusion.sample(denoiser, schedule, "v", start, steps=steps, clip=1.0, eta=eta, generator=generator)
            ends.append(end)
        made = torch.cat(ends)  # (b, 1, 8, 8)
        different = len(torch.unique(made.flatten(1), dim=0))
        show.shapes(f"one noise, {self.runs} runs of {self.steps} steps", start, made)
        show.line(
            f"the largest difference of a pixel from the first is {float((made - made[:1]).abs().max()):.3f} of 2"
        )
        show.line("the noise of a step back has the variance eta² · posterior variance: none at all without eta")
        caption = f"{self.runs} runs from one noise, eta = {self.eta:g}"
        show.picture("ends", strip(enlarged(made)), caption, "Sampled handwritten digits")
        return different


# --- Guidance ---------------------------------------------------------------------------------------------------------


class GuidedPrediction(Noising):
    """Classifier-free guidance at one pixel."""

    name, title, covers = "denoising.guided_prediction", "Classifier-free guidance at one pixel", "4.3-07"
    source, truth, measured_on = GUIDANCE, "formula", "one pixel"
    unconditional = Number(0.1, -4, 4, draw=(-0.4, -0.1, 0.1, 0.3), help="prediction without the class")
    conditional = Number(0.4, -4, 4, draw=(-0.2, 0.2, 0.5, 0.7), help="prediction with the class")
    scale = Number(3.0, 0, 20, draw=(1.5, 2.0, 3.0, 5.0, 7.5), help="guidance scale")
    prompt = (
        "At one pixel the denoiser predicts {unconditional:g} without the class and {conditional:g} with it. Which "
        "prediction does classifier-free guidance of scale {scale:g} use? (Scale 1 is the conditional prediction, "
        "scale 0 the unconditional.)"
    )
    tolerance, tolerance_reason = 0.006, "two digits behind the point are enough"
    hints = (
        "Guidance goes from the unconditional prediction towards the conditional one, and past it.",
        "Unconditional + scale · (conditional − unconditional).",
    )
    right = "unconditional + scale × (conditional − unconditional)"
    slips = {
        "conditional + scale × (conditional − unconditional)": "the other convention: That is the paper's scale, where "
        "0 is the conditional model; here 1 is, as in diffusers.",
        "conditional + scale × (unconditional − conditional)": "went the wrong way: Guidance goes from the "
        "unconditional towards the conditional.",
        "unconditional + scale × (unconditional − conditional)": "wrong sign: The difference is conditional minus "
        "unconditional.",
        "scale × (conditional − unconditional)": "forgot the start: That is only the way to go; it starts from the "
        "unconditional prediction.",
        "unconditional + scale × conditional": "added the whole: Only the difference is scaled, not the whole "
        "conditional prediction.",
        "scale × conditional": "scaled it: Guidance scales the difference of the two predictions, not one of them.",
        "(unconditional + conditional) / 2": "averaged: Guidance does not average the two; it goes past the "
        "conditional one.",
        "conditional": "gave the conditional: That is scale 1; a larger scale goes beyond it.",
    }

    def fits(self) -> None:
        if self.unconditional == self.conditional:
            raise ParamError("conditional", "the two predictions must differ, or there is nothing to guide")

    def run(self, show: Show) -> float:
        """The guided prediction at one pixel."""
        u, c = torch.tensor([self.unconditional]), torch.tensor([self.conditional])
        guided = diffusion.guide(u, c, self.scale)
        show.shapes("two predictions make one", u, c, guided)
        scales = [index * max(self.scale, 1.0) / 10 for index in range(13)]
        series = {"guided": [float(diffusion.guide(u, c, one)) for one in scales]}
        show.curve("Guided prediction", "guidance scale", "prediction", scales, series)
        return float(guided)


class GuidanceCost(Noising):
    """How many pictures the network works on with guidance."""

    name, title = "denoising.guidance_cost", "What classifier-free guidance costs"
    sections, covers = "4.1 4.3 6.1", "4.1-05 4.3-07"
    source, truth, measured_on = GUIDANCE, "trained model", "the calls of the trained denoiser of digits"
    pictures = Whole(4, 1, 8, draw=(1, 2, 3, 4, 6), help="pictures sampled together")
    steps = Whole(20, 1, 50, draw=(8, 10, 20, 25, 30), help="steps of the sampler")
    scale = Number(
        3.0,
        0,
        10,
        draw=(1.0, 2.0, 3.0, 4.0),
        help="guidance scale; 1 is the conditional model, 0 the unconditional",
    )
    prompt = (
        "{are_sampled} in {steps} DDIM steps with classifier-free guidance of scale {scale:g} (scale 1 is the "
        "conditional model by itself). How many noised pictures does the denoising network work on in all, each time "
        "it sees one counted?"
    )
    answer_type, unit = "integer", "network evaluations"
    hints = (
        "Each step evaluates the network once for each picture and each prediction it needs.",
        "Guidance needs the prediction with the class and the one without, unless the scale lets one drop out.",
    )
    right = "pictures × steps × predictions"
    slips = {
        "pictures × steps if predictions = 2": "forgot guidance: Guidance evaluates twice a step: with the class and "
        "without.",
        "2 × pictures × steps if predictions = 1": "guidance at scale 1: At this scale one prediction has weight 0 and "
        "need not be computed.",
        "predictions × steps if pictures ≠ 1": "one picture only: That is for one picture; each picture has its own.",
        "steps if apart": "counted the steps: That counts the steps; each evaluates the network for every picture.",
        "2 × steps if apart": "one picture only: That is for one picture; each picture has its own.",
        "pictures × (steps + 1) if apart": "counted the start: The noise at the start costs no evaluation of its own.",
        "2 × pictures × (steps + 1) if apart": "counted the start: The noise at the start costs no evaluation of its "
        "own.",
        "pictures × 1,000": "counted all timesteps: DDIM leaves timesteps out: it evaluates only at its steps.",
        "2 × pictures × 1,000": "counted all timesteps: DDIM leaves timesteps out: it evaluates only at its steps.",
        "2 × pictures if apart": "forgot the steps: That is one step; every step evaluates the network again.",
        "pictures if apart": "forgot the steps: That is one step without guidance.",
    }

    def facts(self) -> Facts:
        are_sampled = "1 picture is sampled" if self.pictures == 1 else f"{self.pictures} pictures are sampled"
        return {"predictions": 1 if self.scale in (0, 1) else 2, "are_sampled": are_sampled}

    def run(self, show: Show) -> int:
        """Sample digits and count the pictures that enter the network."""
        model = trained.digit_denoiser()
        batches: list[int] = []
        counting = model.register_forward_pre_hook(lambda _, given: batches.append(len(given[0])))
        generator, labels = generator_of(self.seed, "start"), torch.arange(self.pictures)  # as many different digits
        show.progress(0.1, "sampling")
        try:
            denoiser = trained.guided(model, labels, self.scale)
            start = trained.start_noise(self.pictures, generator)
            schedule = diffusion.noise_schedule("cosine")
            made = diffusion.sample(denoiser, schedule, "v", start, steps=self.steps, clip=1.0)
        finally:
            counting.remove()
        show.line(f"the network was called {len(batches)} times, once a step")
        show.line(f"each call: ({batches[0]}, 1, 8, 8) -> ({batches[0]}, 1, 8, 8)")
        show.line("a GAN's generator would need one evaluation a picture")
        digits = ", ".join(map(str, range(self.pictures)))
        caption = f"The digits {digits}, guidance {self.scale:g}, {self.steps} steps"
        show.picture("samples", strip(enlarged(made)), caption, "Sampled handwritten digits")
        return sum(batches)


EXERCISES: Final = (RecoverX0, ErrorInX0, PosteriorVariance, SameNoise, GuidedPrediction, GuidanceCost)
