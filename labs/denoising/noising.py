"""Noise against signal: the forward half of diffusion, measured on pictures that are really noised.

Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239, eq. 4:

    x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps,   abar_t = prod_{s<=t} (1 - beta_s),   SNR_t = abar_t / (1 - abar_t)

A picture of variance 1 is noised with it, and its signal is looked for again by least squares.

Axes: b draws of the noise, c channels, h rows, w columns of the picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from labs.bench import Facts, Number, OneOf, Show, Stated, Variants, Whole, later
from labs.denoising.frames import generator_of, noised, see, strip
from labs.denoising.schedules import (
    SCHEDULES,
    TIMESTEPS,
    Noising,
    Pictured,
    Scheduled,
    alpha_bars,
    betas,
    described,
    first,
    snr,
)
from labs.exercise import stream
from labs.protocol import ParamError

if TYPE_CHECKING:
    import torch

    from labs import diffusion
    from labs.diffusion import NoiseSchedule
else:
    torch, diffusion = later("torch"), later("labs.diffusion")

CHAINED: Final = 3_000_000
"""Pixels that go through a whole chain of steps."""
PIXELS: Final = 1_000_000
"""Noised pixels an SNR is measured on, about."""
LEAST_SNR: Final = 0.002
"""Below this SNR a measurement on so many pixels says nothing."""
APART: Final = 1.3
"""Two pictures to tell apart differ in SNR by this factor at least."""
PICTURE_A: Final = "picture A"
PICTURE_B: Final = "picture B"


# --- How much signal is left ------------------------------------------------------------------------------------------


class Betas(Noising):
    """What a handful of given betas leave of the signal."""

    name, title, covers = "denoising.betas", "What a few noising steps leave", "4.3-02 4.5-06"
    truth, measured_on = "sampling", "three million drawn pixels that go through the noising steps one by one"
    steps = Whole(3, 2, 6, draw=(3, 4, 5), help="how many steps add noise")
    first = Number(0.1, 0.01, 0.5, draw=(0.02, 0.05, 0.1, 0.15, 0.2, 0.3), help="beta of the first step")
    rise = Number(0.1, 0.0, 0.1, draw=(0.02, 0.05, 0.1), help="how much beta rises from one step to the next")
    prompt = (
        "A tiny diffusion model adds noise in {steps} steps with beta = {listed}. "
        "What is alpha-bar after the last of them?"
    )
    tolerance, tolerance_reason = 0.0051, "two digits behind the point are enough"
    hints = ("Each step keeps alpha = 1 − beta of the signal's power.", "Multiply the alphas of all steps.")
    slips = {
        "1 − total": "summed the betas: That subtracts the sum; what is left shrinks by a factor a step.",
        "product": "multiplied the betas: Those are the betas; multiply what each step keeps, 1 − beta.",
        "1 − last": "last step only: That is alpha of the last step; alpha-bar is the product of them all.",
        "1 − right": "gave the noise: That is the share of the noise, 1 − alpha-bar.",
        "√right": "took the root: That is the weight of x_0, the root of alpha-bar.",
        "1 − product": "multiplied the betas: Multiply what each step keeps, 1 − beta, not the betas.",
        "1 − total / steps": "averaged: The alphas are multiplied, not averaged.",
    }

    def facts(self) -> Facts:
        chain = [round(self.first + step * self.rise, 6) for step in range(self.steps)]
        return {
            "chain": chain,
            "listed": ", ".join(f"{beta:g}" for beta in chain),
            "total": sum(chain),
            "product": math.prod(chain),
            "last": chain[-1],
        }

    def fits(self) -> None:
        if max(self.chain) >= 1:
            raise ParamError("rise", "every beta must stay below 1")

    def law(self) -> str:
        return " × ".join(f"(1 − {beta:g})" for beta in self.chain)

    def run(self, show: Show) -> float:
        """Noise pixels step by step and see with what power they are still in what comes out."""
        schedule = diffusion.from_betas("given", torch.tensor(self.chain))
        generator = generator_of(self.seed, "pixels")
        x0 = torch.randn(CHAINED, generator=generator)
        x = x0
        for step in range(self.steps):
            x = diffusion.q_step(schedule, x, step, torch.randn(CHAINED, generator=generator))
        weight = diffusion.measured_snr(x0, x)[0]  # of x_0 in what came out, by least squares
        value = weight**2
        show.shapes(f"{self.steps} steps of noise, one after the other", x0, x)
        show.line(f"x_0 is left in it with the weight {weight:.4f}, which squared is {value:.4f} of its power")
        show.line(f"so x_{self.steps} = {value**0.5:.3f} · x_0 + {(1 - value) ** 0.5:.3f} · noise")
        show.table(
            "Step by step",
            "step | beta | alpha | alpha-bar",
            [
                (step + 1, f"{beta:g}", f"{1 - beta:g}", f"{abar:.4f}")
                for step, (beta, abar) in enumerate(zip(self.chain, schedule.alpha_bars.tolist(), strict=True))
            ],
        )
        return value


class AtTimestep(Scheduled):
    """At one timestep of a schedule."""

    t = Whole(300, 0, TIMESTEPS - 1, draw=range(50, 651, 25), help="timestep, from 0 (least noise) to 999")

    def facts(self) -> Facts:
        abar = Stated(alpha_bars(self.schedule)[self.t])
        return {**super().facts(), "alpha_bar": abar, "beta": Stated(betas(self.schedule)[self.t])}


class AlphaBar(AtTimestep):
    """alpha-bar of a whole schedule at a timestep."""

    name, title, covers = "denoising.alpha_bar", "alpha-bar of a noise schedule", "4.3-02"
    truth, measured_on = "formula", "the running product of the schedule's own tensors"
    prompt = "{described}. What is alpha-bar at t = {t}, of 1,000 timesteps?"
    tolerance = "min(0.015, 0.08 × alpha_bar)"
    tolerance_reason = "wide enough for e^(−sum of betas), or the squared cosine, on a pocket calculator"
    hints = (
        "alpha-bar is the product of 1 − beta up to and including t: the share of the signal's power that is left.",
        "{second_hint}",
    )
    right = "alpha_bar"
    slips = {
        "beta": "gave beta: That is beta at t: the noise of one step, not what all of them have left.",
        "1 − beta": "one step only: That is alpha = 1 − beta of one step; alpha-bar multiplies all up to t.",
        "1 − alpha_bar": "gave the noise: That is 1 − alpha-bar, the share of the noise.",
        "√alpha_bar": "took the root: That is the weight of x_0, the root of alpha-bar.",
        "alpha_bar²": "squared it: alpha-bar is already a share of power; it is not squared once more.",
        "alpha_bar / (1 − alpha_bar)": "gave the SNR: That is the signal-to-noise ratio alpha-bar / (1 − alpha-bar).",
        "(1 − beta)^(t + 1)": "took beta as constant: That takes the last beta for all steps; the earlier ones are "
        "smaller.",
        "1 − t / 1,000": "took it as a straight line: alpha-bar does not fall along a straight line.",
    }

    def facts(self) -> Facts:
        second = (
            "The cosine is in radians; at t = −1 it is all but 1."
            if self.schedule == "cosine"
            else "Use ln(1 − beta) ≈ −beta: alpha-bar ≈ e^(−sum of the betas from 0 to t)."
        )
        here = {"alpha_bar": alpha_bars(self.schedule)[self.t], "beta": betas(self.schedule)[self.t]}
        return {"described": described(self.schedule), "second_hint": second, **here}

    def run(self, show: Show) -> float:
        """alpha-bar of a named schedule at t."""
        t = self.t
        schedule = diffusion.noise_schedule(self.schedule)
        value, total = float(schedule.alpha_bars[t]), float(schedule.betas[: t + 1].sum())
        show.shapes("alpha-bar, the running product of 1 − beta", schedule.betas, schedule.alpha_bars)
        show.line(f"beta at {t} is {float(schedule.betas[t]):.5f}; the betas up to there sum to {total:.4f}")
        show.line(f"e^(−{total:.4f}) is near: {math.exp(-total):.4f}; the product itself is {value:.4f}")
        share_curve(show, *(diffusion.noise_schedule(name) for name in SCHEDULES))
        return value


class SignalWeight(AtTimestep):
    """The weight of x_0 or of the noise in x_t."""

    name, title = "denoising.signal_weight", "The weights of picture and noise"
    sections, covers = "4.3 4.5", "4.3-02 4.5-06"
    truth, measured_on = "formula", "one pixel that is noised"
    t = Whole(300, 0, TIMESTEPS - 1, draw=(*range(50, 901, 50), 999), help="timestep, from 0 (least noise) to 999")
    of = Variants(
        {
            "signal": {
                "letter": "a",
                "right": "√alpha_bar",
                "slips": {
                    "alpha_bar": "forgot the root: That is the power; the weight is its root.",
                    "√(1 − alpha_bar)": "gave the other weight: That is the weight of the noise.",
                    "1 − alpha_bar": "gave the other weight, without the root: That is the other one's power.",
                    "1 − √(1 − alpha_bar)": "weights that add to 1: The squares of the weights add to 1, not the "
                    "weights.",
                    "√(1 − beta)": "used beta: That uses beta, one step's noise; x_t has come all the way from x_0.",
                    "1 − beta": "used beta: That uses beta, one step's noise; x_t has come all the way from x_0.",
                    "alpha_bar²": "squared it: The weight is the root of the power, not its square.",
                },
            },
            "noise": {
                "letter": "b",
                "right": "√(1 − alpha_bar)",
                "slips": {
                    "1 − alpha_bar": "forgot the root: That is the power; the weight is its root.",
                    "√alpha_bar": "gave the other weight: That is the weight of the signal.",
                    "alpha_bar": "gave the other weight, without the root: That is the other one's power.",
                    "1 − √alpha_bar": "weights that add to 1: The squares of the weights add to 1, not the weights.",
                    "√beta": "used beta: That uses beta, one step's noise; x_t has come all the way from x_0.",
                    "beta": "used beta: That uses beta, one step's noise; x_t has come all the way from x_0.",
                    "(1 − alpha_bar)²": "squared it: The weight is the root of the power, not its square.",
                },
            },
        },
        help="whose weight is asked",
    )
    prompt = (
        "At t = {t} the {schedule} schedule has beta = {beta} and alpha-bar = {alpha_bar}. The noised picture is "
        "x_t = a · x_0 + b · noise. What is {letter}, the weight of the {of}?"
    )
    tolerance, tolerance_percent, tolerance_reason = 0.0005, 2, "two digits are enough"
    hints = (
        "alpha-bar is a share of power; a weight is what multiplies the values.",
        "Weights are roots of powers: a² + b² = 1.",
    )

    def facts(self) -> Facts:
        return {**super().facts(), "letter": self.chosen("letter")}

    def run(self, show: Show) -> float:
        """The weights of x_0 and noise, by sending in one without the other."""
        t = torch.tensor([self.t])
        schedule = diffusion.noise_schedule(self.schedule)
        one, nothing = torch.ones(1, 1), torch.zeros(1, 1)
        signal = float(diffusion.q_sample(schedule, one, t, nothing))  # x_0 = 1 without noise
        noise = float(diffusion.q_sample(schedule, nothing, t, one))  # noise = 1 without a picture
        show.line(f"x_0 = 1 and noise = 0 sent in -> x_t is {signal:.4f}")
        show.line(f"x_0 = 0 and noise = 1 sent in -> x_t is {noise:.4f}")
        show.equals("a² + b²", a=signal, b=noise)
        share_curve(show, schedule)
        return signal if self.of == "signal" else noise


class NoisedVariance(AtTimestep, Pictured):
    """The variance of a noised picture whose own variance is not 1."""

    name, title = "denoising.noised_variance", "The variance of a noised picture"
    sections, covers = "4.3 4.5", "4.5-06 4.5-07"
    truth, measured_on = "sampling", "the pixels of a picture that is noised sixteen times"
    variance = Number(0.25, 0.01, 16, draw=(0.1, 0.25, 0.5, 2.0, 3.0, 4.0, 6.0), help="variance of the clean pixels")
    prompt = (
        "A picture whose pixels have variance {variance:g} is noised to t = {t} of the {schedule} schedule, where "
        "alpha-bar = {alpha_bar}. What is the variance of the noised pixels?"
    )
    tolerance_percent = 2
    tolerance_reason = "the variance is measured on drawn noise, which is good to about half a percent"
    hints = (
        "x_t = √alpha-bar · x_0 + √(1 − alpha-bar) · noise, and the noise has variance 1.",
        "Variances of independent parts add, each times the square of its weight.",
    )
    right = "alpha_bar × variance + 1 − alpha_bar"
    slips = {
        "alpha_bar × variance": "forgot the noise: That is the signal's part; the noise brings 1 − alpha-bar more.",
        "1 − alpha_bar": "forgot the signal: That is the noise's part; the signal still brings its own.",
        "variance + 1 − alpha_bar": "did not shrink the signal: The signal is scaled down as the noise comes in.",
        "√alpha_bar × variance + √(1 − alpha_bar)": "weights not squared: Variances are scaled by the squares of the "
        "weights.",
        "√right": "gave the deviation: That is the standard deviation, the root of the variance.",
        "(√(alpha_bar × variance) + √(1 − alpha_bar))²": "added the deviations: Deviations of independent parts do not "
        "add; their variances do.",
        "1": "took it as 1: The variance stays 1 only for pictures whose own variance is 1.",
        "variance": "took it as unchanged: The variance moves from the picture's own towards 1.",
        "alpha_bar × variance² + 1 − alpha_bar": "squared the variance: The given number is already a variance.",
    }

    def run(self, show: Show) -> float:
        """The variance of the pixels of a noised picture."""
        schedule = diffusion.noise_schedule(self.schedule)
        view = see(show, self.seed, self.picture)
        x0 = view.x0 * self.variance**0.5
        xt = noised(schedule, x0, self.t, draws=16, generator=generator_of(self.seed, "noise"))
        show.shapes(f"a picture of variance {float(x0.var(correction=0)):.3f}, noised {len(xt)} times", x0, xt)
        show.picture(
            "noised",
            strip(torch.cat([x0, xt[:1]])),
            f"The picture and the picture at t = {self.t}",
            f"{view.content}, clean and noised",
        )
        return float(xt.double().var(correction=0))


class Snr(AtTimestep, Pictured):
    """The signal-to-noise ratio at a timestep."""

    name, title = "denoising.snr", "The signal-to-noise ratio at a timestep"
    sections, covers = "4.5 6.5", "4.5-06 4.5-07 6.5-08"
    truth, measured_on = "sampling", "a picture that is noised until it has a million pixels, by least squares"
    prompt = (
        "At t = {t} the {schedule} schedule has beta = {beta} and alpha-bar = {alpha_bar}. A picture of variance 1 is "
        "noised to there. What is its signal-to-noise ratio: the signal's power over the noise's power?"
    )
    tolerance_percent = "1 + 600 × measuring_error"
    tolerance_reason = "measured on drawn noise: the fainter the signal, the less sure its power"
    hints = (
        "The signal's power in x_t is alpha-bar. What is the noise's?",
        "Divide alpha-bar by what is left to 1.",
    )
    right = "alpha_bar / (1 − alpha_bar)"
    slips = {
        "(1 − beta) / beta": "used beta, not alpha-bar: That uses beta, the noise of one step, not alpha-bar, which "
        "counts all steps so far.",
        "beta / (1 − beta)": "used beta, not alpha-bar: That uses beta, the noise of one step, not alpha-bar, which "
        "counts all steps so far.",
        "1 / right": "inverted: That is noise over signal; asked is signal over noise.",
        "√right": "forgot the square: That is the ratio of the weights; a ratio of powers is its square.",
        "√(1 / right)": "inverted, and forgot the square: That is the noise's weight over the signal's; asked is the "
        "signal's power over the noise's.",
        "right²": "squared once too often: alpha-bar is a power already; do not square again.",
        "alpha_bar": "gave the share: That is alpha-bar, the signal's share of the whole; divide by the noise's.",
        "1 − alpha_bar": "gave the noise: That is the noise's power; asked is the signal's over it.",
        "10 × log10(right)": "gave decibels: That is the ratio in decibels; asked is the plain ratio.",
        "alpha_bar / beta": "divided by beta: The noise's power is 1 − alpha-bar; beta is what one step adds.",
    }

    def facts(self) -> Facts:
        return {**super().facts(), "measuring_error": measuring_error(alpha_bars(self.schedule)[self.t])}

    def fits(self) -> None:
        if snr(self.schedule, self.t) < LEAST_SNR:
            raise ParamError("t", f"at {self.t} too little is left of the picture to measure; take an earlier timestep")

    def run(self, show: Show) -> float:
        """The SNR of a noised picture, by least squares."""
        schedule = diffusion.noise_schedule(self.schedule)
        view = see(show, self.seed, self.picture)
        show.progress(0.3, "noising the picture")
        draws = PIXELS // view.x0.numel()
        xt = noised(schedule, view.x0, self.t, draws, generator_of(self.seed, "noise"))
        share, ratio = diffusion.measured_snr(view.x0.expand(xt.shape), xt)
        show.shapes(f"noised {len(xt)} times", view.x0, xt)
        show.line(
            f"least squares finds x_0 in x_t with the weight {share:.4f} (√alpha-bar is {self.alpha_bar**0.5:.4f})",
            f"its power over that of the rest: {ratio:.4f}, {10 * math.log10(ratio):.1f} dB",
        )
        show.picture(
            "noised",
            strip(torch.cat([view.x0, xt[:1]])),
            f"The picture and the picture at t = {self.t}: SNR {ratio:.3g}",
            f"{view.content}, clean and noised to an SNR of {ratio:.3g}",
        )
        snr_curve(show, schedule)
        return ratio


def measuring_error(abar: float) -> float:
    """Relative standard error of an SNR measured by least squares on PIXELS pixels of variance 1."""
    return 2 * math.sqrt((1 - abar) / abar / PIXELS) + math.sqrt(2 / PIXELS)


class Crossing(Scheduled, Pictured):
    """When the noise outweighs the signal."""

    name, title = "denoising.crossing", "Where noise outweighs the signal"
    sections, covers = "4.3 4.5 6.5", "4.3-02 4.5-07 6.5-08"
    truth, measured_on = "sampling", "a picture that is noised until it has a million pixels, by least squares"
    timesteps = Whole(1_000, 200, 4_000, draw=(400, 500, 800, 1_000, 1_500, 2_000), help="timesteps in all")
    prompt = (
        "{described}, of {timesteps:,} timesteps. At which timestep does the signal-to-noise ratio of pictures of "
        "variance 1 first fall below 1?"
    )
    answer_type, tolerance = "integer", "max(5, round(timesteps × 0.02))"
    tolerance_reason = "2% of the timesteps: an estimate on paper is enough"
    hints = ("An SNR of 1 means as much signal as noise: which alpha-bar is that?", "{second_hint}")
    right = "crossing"
    slips = {
        "weight_half": "halved the weight: There the weight of x_0, the root of alpha-bar, is one half; alpha-bar "
        "itself must be.",
        "noise_half": "halved the noise's weight: There the weight of the noise is one half; its power, the square, "
        "must be.",
        "tenth": "took alpha-bar of a tenth: There alpha-bar is a tenth: an SNR of 1/9.",
        "timesteps / 2 if apart": "took the middle: That is the middle of the timesteps; this schedule crosses "
        "elsewhere.",
        "timesteps − 1": "took the end: At the end next to no signal is left; the two are equal much earlier.",
    }

    def facts(self) -> Facts:
        schedule, count = self.schedule, self.timesteps
        second = (
            "Where is the squared cosine one half?"
            if schedule == "cosine"
            else "From the betas: alpha-bar ≈ e^(−their sum), so the sum must reach ln 2 = 0.69; betas that rise sum "
            "to a parabola."
        )
        return {
            "described": described(schedule, count),
            "second_hint": second,
            "crossing": first(schedule, count, lambda abar: abar < 0.5),
            "weight_half": first(schedule, count, lambda abar: abar < 0.25),
            "noise_half": first(schedule, count, lambda abar: abar < 0.75),
            "tenth": first(schedule, count, lambda abar: abar < 0.1),
        }

    def fits(self) -> None:
        if self.crossing == self.timesteps:
            raise ParamError("timesteps", "so few steps never bring more noise than signal; take more")

    def run(self, show: Show) -> int:
        """The first timestep whose SNR is below 1, with a film of the picture on its way there and beyond."""
        schedule = diffusion.noise_schedule(self.schedule, self.timesteps)
        view = see(show, self.seed, self.picture, 72)
        last = self.timesteps - 1
        draws, generator = PIXELS // view.x0.numel(), generator_of(self.seed, "search")
        before, value, looked = 0, last, []
        while value - before > 1:  # halve the span: the SNR only ever falls
            t = (before + value) // 2
            xt = noised(schedule, view.x0, t, draws, generator)
            ratio = diffusion.measured_snr(view.x0.expand(xt.shape), xt)[1]
            before, value = (before, t) if ratio < 1 else (t, value)
            looked.append((t, f"{ratio:.4f}"))
            show.progress(len(looked) / 13, f"noised to t = {t}")
        show.shapes(f"noised {draws} times at each timestep that was tried", view.x0, xt)
        show.table("Halving the span", "t | SNR measured", looked)
        film = (0, value // 2, value - 1, value, (value + last) // 2, last)
        generator = generator_of(self.seed, "noise")
        frames = torch.cat([noised(schedule, view.x0, t, 1, generator) for t in film])  # (6, 3, h, w)
        show.shapes("SNR is alpha-bar / (1 − alpha-bar)", schedule.alpha_bars, schedule.snr)
        show.line(f"by the schedule it is {float(schedule.snr[value]):.4f} at t = {value}")
        show.line(f"there the betas have summed to {float(schedule.betas[: value + 1].sum()):.3f} (ln 2 is 0.693)")
        rows = [(t, f"{float(schedule.alpha_bars[t]):.4f}", f"{float(schedule.snr[t]):.4g}") for t in film]
        show.table("Around the crossing", "t | alpha-bar | SNR", rows)
        alt = f"{view.content}, ever more noised; from the fourth frame on the noise outweighs it"
        show.picture("film", strip(frames), f"t = {', '.join(map(str, film))}", alt)
        snr_curve(show, schedule)
        return value


def share_curve(show: Show, *schedules: NoiseSchedule) -> None:
    """alpha-bar against t."""
    picked = torch.linspace(0, len(schedules[0].betas) - 1, 51).round().long()
    curves = {schedule.name: schedule.alpha_bars[picked].tolist() for schedule in schedules}
    show.curve("Signal left", "t", "alpha-bar", picked.tolist(), curves)


def snr_curve(show: Show, *schedules: NoiseSchedule) -> None:
    """SNR in decibels against t."""
    picked = torch.linspace(0, len(schedules[0].betas) - 1, 51).round().long()
    curves = {one.name: (10 * one.snr[picked].clamp(min=1e-6).log10()).tolist() for one in schedules}
    show.curve("Signal-to-noise ratio", "t", "SNR in dB (0: as much noise as signal)", picked.tolist(), curves)


# --- Which of several keeps more --------------------------------------------------------------------------------------


class Compared(Pictured):
    """Pictures that are noised in several ways."""

    truth, measured_on = "sampling", "a picture that is noised, its SNR by least squares"

    def ratios(self, show: Show, pictures: Sequence[tuple[str, int]], draws: int = 8) -> list[float]:
        """Noise the picture in several ways, show them side by side, and measure the SNR of each."""
        view = see(show, self.seed, self.picture)
        generator = generator_of(self.seed, "noise")
        ratios, frames, rows = [], [], []
        for index, (name, t) in enumerate(pictures):
            show.progress(index / len(pictures), "noising the picture")
            schedule = diffusion.noise_schedule(name)
            xt = noised(schedule, view.x0, t, draws, generator)
            ratios.append(diffusion.measured_snr(view.x0.expand(xt.shape), xt)[1])
            frames.append(xt[:1])
            abar = float(schedule.alpha_bars[t])
            rows.append((name, t, f"{abar:.4f}", f"{abar / (1 - abar):.4g}", f"{ratios[-1]:.4g}"))
        shown = "; ".join(option(*picture) for picture in pictures)
        show.shapes(f"noised {draws} times in each way, the SNR measured by least squares", view.x0, xt)
        show.table("Signal left", "schedule | t | alpha-bar | SNR | SNR measured", rows)
        show.picture("noised", strip(torch.cat(frames)), f"From the left: {shown}", f"{view.content}, noised: {shown}")
        return ratios


def option(schedule: str, t: int) -> str:
    """A noised picture in words."""
    return f"{schedule} at t = {t}"


class MoreSignal(Compared):
    """Which of two noised pictures carries more signal."""

    name, title = "denoising.more_signal", "Which noised picture carries more signal"
    sections, covers = "4.5 6.5", "4.5-06 4.5-07 6.5-08"
    schedule_a = OneOf(*SCHEDULES, help="schedule a")
    t_a = Whole(300, 0, TIMESTEPS - 1, draw=(150, 200, 250, 300, 400, 500), help="timestep, from 0 to 999")
    schedule_b = OneOf("cosine", "linear", "scaled-linear", help="schedule b")
    t_b = Whole(400, 0, TIMESTEPS - 1, draw=(200, 250, 300, 350, 400, 600), help="timestep, from 0 to 999")
    prompt = (
        "The same picture is noised twice, of 1,000 timesteps: picture A with the {schedule_a} schedule to t = {t_a}, "
        "picture B with the {schedule_b} schedule to t = {t_b}. Which of the two carries more signal?"
    )
    answer_type, options, is_shuffled = "choice", (PICTURE_A, PICTURE_B), False
    looks_in_worker = True
    hints = (
        "A timestep says nothing by itself: what counts is alpha-bar there.",
        "alpha-bar falls to one half at about t = 259 (linear), 354 (scaled-linear) and 496 (cosine).",
    )

    def facts(self) -> Facts:
        return {"snr_a": snr(self.schedule_a, self.t_a), "snr_b": snr(self.schedule_b, self.t_b)}

    def fits(self) -> None:
        less, more = sorted((self.snr_a, self.snr_b))
        if more <= APART * less or less <= 0.01:
            reason = "the two pictures are too much alike to tell, or lost in noise; take other timesteps"
            raise ParamError("t_b", reason)

    def is_wished(self) -> bool:  # in half of the showings the picture at the later timestep is the clearer one
        is_crossed = (self.snr_a - self.snr_b) * (self.t_a - self.t_b) > 0
        return is_crossed or stream(self.seed, "crossed").random() >= 0.5

    def foretold(self) -> str:
        return PICTURE_A if self.snr_a > self.snr_b else PICTURE_B

    def known(self) -> Mapping[str, str]:
        earlier = PICTURE_A if self.t_a < self.t_b else PICTURE_B if self.t_b < self.t_a else ""
        return {
            "*": f": Measured, {self.foretold()} has the higher signal-to-noise ratio.",
            earlier: "looked at the timestep alone: Its timestep is earlier, but its schedule has brought more noise "
            "by then.",
        }

    def look(self, show: Show) -> None:
        view = see(show, self.seed, self.picture)
        generator = generator_of(self.seed, "look")
        for name, schedule, t in ((PICTURE_A, self.schedule_a, self.t_a), (PICTURE_B, self.schedule_b, self.t_b)):
            xt = noised(diffusion.noise_schedule(schedule), view.x0, t, 1, generator)
            show.picture(name, strip(xt), name, f"{view.content}, under noise")

    def run(self, show: Show) -> str:
        """The pair is noised and measured."""
        a, b = self.ratios(show, [(self.schedule_a, self.t_a), (self.schedule_b, self.t_b)])
        answer = PICTURE_A if a > b else PICTURE_B
        show.line(f"{answer} carries {max(a, b) / min(a, b):.2f} times the SNR")
        return answer


_NOISED: Final = range(50, 751, 50)


class OrderBySignal(Compared):
    """Noised pictures in the order of their signal."""

    name, title = "denoising.order_by_signal", "Order noised pictures by their signal"
    sections, covers = "4.3 4.5", "4.3-02 4.5-06 4.5-07"
    count = Whole(4, 3, 6, draw=(4, 5), help="how many pictures")
    prompt = (
        "One picture is noised in {count} ways, of 1,000 timesteps: {listed}. Order them from the most signal to the "
        "least."
    )
    answer_type, is_shuffled = "order", False
    hints = (
        "Within one schedule an earlier timestep has more signal.",
        "At the same timestep linear is the noisiest in the middle of the schedule and cosine the clearest.",
    )

    def facts(self) -> Facts:
        pictures = noised_pictures(self.count, self.seed)
        texts = [option(*one) for one in pictures]
        return {"pictures": pictures, "texts": texts, "listed": "; ".join(texts)}

    def chosen(self, name: str) -> object:
        return tuple(self.texts) if name == "options" else super().chosen(name)

    def foretold(self) -> list[str]:
        return [option(*one) for one in sorted(self.pictures, key=lambda one: -snr(*one))]

    def orders(self, right: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return {
            "the other way round: That is from the least signal to the most.": right[::-1],
            "went by the timestep alone: That goes by the timestep alone; each schedule has its own alpha-bar there.": (
                sorted(self.texts, key=lambda text: int(text.rpartition(" ")[2]))
            ),
        }

    def run(self, show: Show) -> list[str]:
        """The pictures are noised, measured and sorted."""
        ratios = self.ratios(show, self.pictures)
        return [option(*one) for _, one in sorted(zip(ratios, self.pictures, strict=True), reverse=True)]


def noised_pictures(count: int, seed: int) -> list[tuple[str, int]]:
    """Schedules and timesteps of pictures to be put in order, no two of them alike in SNR."""
    pool = [(schedule, t) for schedule in SCHEDULES for t in _NOISED if snr(schedule, t) > 0.01]
    stream(seed, "pictures").shuffle(pool)
    picked: list[tuple[str, int]] = []
    for schedule, t in pool:
        ratios = [snr(schedule, t) / snr(*other) for other in picked]
        if all(max(ratio, 1 / ratio) > 1.6 for ratio in ratios) and len(picked) < count:
            picked.append((schedule, t))
    return picked


class KeepsSignal(Compared):
    """Which schedule keeps the most or the least signal at a timestep."""

    name, title = "denoising.keeps_signal", "Which schedule keeps more signal"
    sections, covers = "4.3 4.5", "4.3-02 4.5-07"
    t = Whole(
        500,
        0,
        TIMESTEPS - 1,
        draw=(10, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 960, 970, 980, 990),
        help="timestep, from 0 to 999",
    )
    ask = OneOf("most", "least", help="whether the most or the least is asked")
    prompt = (
        "Three schedules of 1,000 timesteps: DDPM's linear (beta 0.0001 to 0.02), Stable Diffusion's scaled-linear "
        "(0.00085 to 0.012) and cosine. Which one leaves the {ask} signal in the picture at t = {t}?"
    )
    answer_type, options = "choice", SCHEDULES
    hints = (
        "Early on it is the first betas that count, in the middle their sum.",
        "Cosine falls evenly and reaches zero; scaled-linear starts with the largest beta and never reaches zero.",
    )

    def chance(self) -> random.Random:
        return stream(self.seed, "options")

    def offered(self, chance: random.Random) -> Sequence[str]:
        options = list(SCHEDULES)
        chance.shuffle(options)
        return options

    def look(self, show: Show) -> None:
        """alpha-bar of the three, without their names."""
        places = range(0, TIMESTEPS, 27)
        shuffled = stream(self.seed, "look").sample(SCHEDULES, len(SCHEDULES))
        series = {
            f"schedule {letter}": [alpha_bars(name)[t] for t in places]
            for letter, name in zip("ABC", shuffled, strict=True)
        }
        show.curve("The three schedules, in no order", "t", "alpha-bar, the share of the signal", places, series)

    def shares(self) -> dict[str, float]:
        """alpha-bar of each schedule."""
        return {name: alpha_bars(name)[self.t] for name in SCHEDULES}

    def known(self) -> Mapping[str, str]:
        shares = self.shares()
        most, least = (pick(shares, key=shares.__getitem__) for pick in (max, min))
        right, opposite = (most, least) if self.ask == "most" else (least, most)
        other = "least" if self.ask == "most" else "most"
        whys = {
            name: f": At this timestep {name} has alpha-bar {share:.3g}, {right} {shares[right]:.3g}."
            for name, share in shares.items()
        }
        whys[opposite] = f"answered the opposite: That one has left the {other}; read the question again."
        if self.ask == "most" and self.t > TIMESTEPS / 2:
            whys["cosine"] = (
                "rule of thumb at the end: Cosine keeps the most in the middle, but it alone falls to zero at the end."
            )
        return whys

    def run(self, show: Show) -> str:
        """The same picture noised to the same timestep by the three schedules."""
        measured = self.ratios(show, [(name, self.t) for name in SCHEDULES], draws=32)
        ratios = dict(zip(SCHEDULES, measured, strict=True))
        show.line(f"SNR at t = {self.t}: {', '.join(f'{name} {ratio:.4g}' for name, ratio in ratios.items())}")
        share_curve(show, *(diffusion.noise_schedule(name) for name in SCHEDULES))
        return (max if self.ask == "most" else min)(ratios, key=ratios.__getitem__)


EXERCISES: Final = (
    Betas,
    AlphaBar,
    SignalWeight,
    NoisedVariance,
    Snr,
    Crossing,
    MoreSignal,
    OrderBySignal,
    KeepsSignal,
)
