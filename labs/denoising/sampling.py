"""Sampling with small trained denoisers: steps against quality, guidance against variety, the film of one picture.

Song et al. 2021 (DDIM), arXiv:2010.02502, eq. 12; Ho and Salimans 2022, arXiv:2207.12598:

    x_{t-1} = sqrt(abar_{t-1}) x_0(x_t) + sqrt(1 - abar_{t-1}) eps(x_t),    eps = eps_u + w (eps_c - eps_u)

Two denoisers of points in the plane differ only in what they predict; a denoiser of 8 × 8 digits knows their classes.

Axes: b samples, c channels, h rows, w columns.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from labs.bench import Facts, Number, OneOf, Show, Whole, later
from labs.denoising.frames import enlarged, generator_of, strip
from labs.denoising.reverse import DDIM, GUIDANCE, prediction_of
from labs.denoising.schedules import Noising
from labs.exercise import stream
from labs.protocol import AnswerType

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from torch import Tensor

    from labs import diffusion
    from labs.denoising import trained
    from labs.models import scores, shapes_2d, weights
else:
    torch, diffusion, trained = later("torch"), later("labs.diffusion"), later("labs.denoising.trained")
    scores, shapes_2d, weights = (
        later("labs.models.scores"),
        later("labs.models.shapes_2d"),
        later("labs.models.weights"),
    )

POINTS: Final = 600
DATA_POINTS: Final = 5 * POINTS
STEPS_OF_DIGITS: Final = 10
CLASSES: Final = 10
ENOUGH: Final = 1.5
"""A number of steps is enough if its distance is at most this many times that of the most steps."""


class Sampled(Noising):
    """What the exercises of this file share."""

    truth, measured_on = "trained model", "the trained denoiser of digits, and a trained classifier"
    answer_type: ClassVar[AnswerType] = "choice"
    is_shuffled = False
    seconds_allowed = 30


# --- Steps ------------------------------------------------------------------------------------------------------------


class Steps(Sampled):
    """The fewest steps that are enough."""

    name, title = "denoising.steps", "How many steps are enough (samples with the model, about a second)"
    covers, source, measured_on = "4.3-04 4.1-05", DDIM, "two trained denoisers of points in the plane"
    prediction = OneOf("epsilon", "v", help="what the denoiser predicts: the noise (epsilon) or v")
    shape = OneOf("spiral", "moons", "ring", help="points to be learned")
    few = Whole(5, 2, 8, draw=(3, 4, 5), help="the fewest steps")
    middle = Whole(25, 20, 60, draw=(20, 25, 30), help="steps between")
    many = Whole(250, 150, 300, draw=(200, 250), help="the most steps")
    prompt = (
        "A denoiser of points in the plane ({shape}) predicts {says}; its cosine schedule has 1,000 timesteps. DDIM "
        "samples with {few}, {middle} and {many} steps from the same noise. What is the fewest of these whose points "
        "are at most 1.5 times as far from the data as those of {many} steps?"
    )
    hints = (
        "The first step starts where alpha-bar is next to nothing: what does x_0 come out as there?",
        "From a predicted noise x_0 comes by dividing by √alpha-bar, all but 0 at first, and small steps have to "
        "mend it; v needs no division.",
    )

    def facts(self) -> Facts:
        return {
            "says": "the noise (epsilon)" if self.prediction == "epsilon" else "v",
            "counts": {name: self.names[name] for name in ("few", "middle", "many")},
        }

    def chosen(self, name: str) -> object:
        return tuple(map(steps_text, self.counts.values())) if name == "options" else super().chosen(name)

    def known(self) -> Mapping[str, str]:
        if not self.measured:
            return {}
        right, order = str(self.names["right"]), list(self.counts.values())
        whys = {}
        for name, count in self.counts.items():
            times = float(str(self.measured[name])) / float(str(self.measured["many"]))
            text = steps_text(count)
            if order.index(count) < [steps_text(one) for one in order].index(right):
                whys[text] = f"too few steps: With {text} the points are {times:.1f} times as far off."
            elif text != right:
                whys[text] = f"more steps than needed: {right} are enough: the rest changes next to nothing."
        return whys

    def run(self, show: Show) -> str:
        """Sample with each number of steps and measure how far the points are from the data."""
        counts = self.counts
        data = shapes_2d.draw_points(self.shape, DATA_POINTS, generator_of(0, f"data {self.shape}"))
        fresh = shapes_2d.draw_points(self.shape, POINTS, generator_of(1, f"floor {self.shape}"))
        floor = scores.sliced_wasserstein(fresh, data)
        distances: dict[str, float] = {}
        clouds: list[Tensor] = []
        for name, steps in counts.items():
            show.progress(
                sum(counts[done] for done in distances) / sum(counts.values()), f"sampling with {steps} steps"
            )
            clouds.append(sample_points(self.prediction, self.shape, steps))
            distances[name] = scores.sliced_wasserstein(clouds[-1], data)
        enough = counts[next(name for name in counts if distances[name] <= ENOUGH * distances["many"])]
        show.shapes("noise becomes points, three times from one start", clouds[0], clouds[0])
        told = ", ".join(f"{counts[name]} steps {distance:.3f}" for name, distance in distances.items())
        show.line(
            f"distance from the data (sliced Wasserstein): {told}",
            f"fresh points of the data are {floor:.3f} from it: nearer than that cannot be told",
            f"{enough} steps are the fewest within {ENOUGH:g} times the last distance",
        )
        rows = [(counts[name], f"{far:.3f}", f"{far / distances['many']:.2f}") for name, far in distances.items()]
        show.table("Distance from the data", "steps | distance | times that of the most steps", rows)
        caption = f"The data, and {', '.join(map(str, counts.values()))} steps"
        alt = f"Four clouds of points, a {self.shape}: the data and samples with ever more steps"
        show.picture("points", scatter([data[:POINTS], *clouds]), caption, alt)
        series = {self.prediction: list(distances.values()), "floor": [floor] * 3}
        show.curve("Distance against steps", "steps", "distance from the data", counts.values(), series)
        show.fact(**distances, floor=floor)
        return steps_text(enough)


def steps_text(steps: int) -> str:
    """An option: `25 steps`."""
    return f"{steps} steps"


def sample_points(prediction: str, shape: str, steps: int) -> Tensor:
    """Points of a shape by DDIM, always from the same noise: (POINTS, 2)."""
    said = prediction_of(prediction)
    model = trained.point_denoiser(said)
    half = torch.randn(POINTS // 2, 2, generator=generator_of(0, f"start {shape}"))
    start = torch.cat([half, -half])  # each with its opposite: the start is balanced
    labels = torch.full((POINTS,), shapes_2d.SHAPES.index(shape))
    schedule = diffusion.noise_schedule("cosine")
    return diffusion.sample(lambda x, t: model(x, t, labels), schedule, said, start, steps=steps, clip=shapes_2d.CLIP)


def scatter(clouds: Sequence[Tensor], side: int = 110) -> Image.Image:
    """Clouds of points (n, 2) side by side."""
    from PIL import Image, ImageDraw

    gap = 2
    whole = Image.new("RGB", (len(clouds) * (side + gap) - gap, side), "black")
    pen = ImageDraw.Draw(whole)
    for index, cloud in enumerate(clouds):
        left = index * (side + gap)
        pen.rectangle((left, 0, left + side - 1, side), fill=(250, 250, 246))
        for x, y in ((cloud / (2 * shapes_2d.CLIP) + 0.5).clamp(0, 1) * (side - 1)).tolist():
            pen.point((left + x, side - 1 - y), fill=(30, 70, 160))
    return whole


# --- The film of one picture ------------------------------------------------------------------------------------------

FILM_STEPS: Final = 25
FILM_DIGITS: Final = 40
HARDLY: Final = "hardly any: under 40%"
SOME: Final = "about half: 40% to 70%"
NEARLY: Final = "nearly all: over 70%"


class Film(Sampled):
    """How early a digit shows in the film of its sampling."""

    name, title = "denoising.film", "When a digit shows in the noise (samples with the model, about a second)"
    sections, covers, source = "4.3 6.5", "4.3-04 6.5-09", DDIM
    seen = OneOf(
        *("picture", "guess"),
        draw=("picture", "picture", "guess"),
        help="what the judge is shown: the noisy picture x_t or the denoiser's guess of x_0",
    )
    step = Whole(5, 1, FILM_STEPS - 1, draw=(3, 4, 5, 6, 21, 22, 23), help="after how many of 25 steps")
    prompt = (
        "40 digits, each asked for by its class, are sampled in 25 steps. After {step} of them a classifier is shown "
        "{shown}. In what share of the films does it see the digit that was asked for?"
    )
    options = (HARDLY, SOME, NEARLY)
    looks_in_worker = True
    hints = (
        "How much signal is in x_t at that timestep, and how much in what the denoiser makes of it?",
        "The class is given to the denoiser from the first step on; x_t is mostly noise for half of the way.",
    )

    def facts(self) -> Facts:
        shown = {"picture": "the noisy picture x_t itself"}
        return {"shown": shown.get(self.seen, "the denoiser's guess of the clean picture x_0")}

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {share:.0%}; shown the other, {other_share:.0%}."
        whys = {"*": f": {measured}"}
        if self.seen == "guess":
            whys[HARDLY] = (
                f"took the guess for the picture: The guess shows a clean digit at once, however noisy x_t is. "
                f"{measured}"
            )
        elif self.names.get("right") == HARDLY:
            whys[NEARLY] = (
                f"took the picture for the guess: x_t is still mostly noise; only the guess is clean. {measured}"
            )
        return whys

    def look(self, show: Show) -> None:
        """What the classifier is shown of the first ten, which are asked for as 0 to 9."""
        _, _, walk = self.films()
        _, xt, x0 = next(itertools.islice(walk, self.step, None))
        frames = enlarged((xt if self.seen == "picture" else x0)[:CLASSES], 5)
        alt = f"Ten of the films after {self.step} of {FILM_STEPS} steps, asked for as 0 to 9"
        show.picture("first", strip(frames[:5]), "Asked for as 0 to 4", f"{alt}: the first five")
        show.picture("second", strip(frames[5:]), "Asked for as 5 to 9", f"{alt}: the other five")

    def films(self) -> tuple[Tensor, Tensor, Iterator[tuple[int, Tensor, Tensor]]]:
        """The digits asked for (b,), the noise (b, 1, 8, 8) and the way back from it, step by step."""
        labels = torch.arange(FILM_DIGITS) % CLASSES
        start = trained.start_noise(FILM_DIGITS, generator_of(self.seed, "start"))
        denoiser = trained.guided(trained.digit_denoiser(), labels, 1.0)
        schedule = diffusion.noise_schedule("cosine")
        return labels, start, diffusion.walk_back(denoiser, schedule, "v", start, steps=FILM_STEPS, clip=1.0)

    def run(self, show: Show) -> str:
        """Sample digits and show the judge what there is after each step."""
        labels, start, walk = self.films()
        noisy, guess, films = [], [], []
        hero = self.seed % CLASSES
        for step, (_, xt, x0) in enumerate(walk):
            show.progress(step / (FILM_STEPS + 1), "sampling")
            noisy.append(trained.judged_right(xt, labels))
            guess.append(trained.judged_right(x0, labels))
            films.append((xt[hero : hero + 1], x0[hero : hero + 1]))
        share, other = noisy[self.step], guess[self.step]
        show.shapes(f"noise, {FILM_STEPS} steps, digits", start, xt)
        show.line(
            f"after {self.step} steps the judge sees the digit asked for in {share:.0%} of the noisy pictures "
            f"and in {other:.0%} of the guesses"
        )
        for which, caption in enumerate(("x_t, the noisy picture", "the denoiser's guess of x_0")):
            frames = torch.cat([films[step][which] for step in range(0, FILM_STEPS + 1, 3)])
            told = f"A {hero}: {caption}, every third step"
            name = ("picture", "guess")[which]
            show.picture(name, strip(enlarged(frames, 5)), told, f"A film of a digit {hero} being sampled: {caption}")
        series = {"x_t": noisy, "guess of x_0": guess}
        show.curve("Digits the judge sees", "steps done", "share judged right", range(FILM_STEPS + 1), series)
        if self.seen == "guess":
            share, other = other, share
        show.fact(share=share, other_share=other)
        return HARDLY if share < 0.4 else SOME if share <= 0.7 else NEARLY


# --- Guidance ---------------------------------------------------------------------------------------------------------

CHANCE: Final = "about one in ten, as by chance"
MOST: Final = "more than half, but far from all"
ALL: Final = "nearly all of them"
SCALES: Final = (0.0, 0.5, 1.0, 2.0)


class Guidance(Sampled):
    """How many digits are the ones that were asked for."""

    name, title = "denoising.guidance", "What guidance buys (samples with the model, about a second)"
    covers, source = "4.3-07", GUIDANCE
    scale = Number(
        1.0,
        0,
        8,
        draw=(0.0, 0.0, 0.5, 1.0, 2.0, 4.0),
        help="guidance scale: 0 ignores the class, 1 is the conditional model",
    )
    each = Whole(8, 4, 20, draw=(6, 8, 10), help="pictures asked for of each digit")
    prompt = (
        "A class-conditional denoiser of handwritten digits is asked for {each} pictures of each digit, with "
        "classifier-free guidance of scale {scale:g} (0 ignores the class, 1 is the conditional model). A classifier "
        "looks at the pictures. How many does it take for the digit that was asked for?"
    )
    options = (CHANCE, MOST, ALL)
    hints = (
        "Prediction = unconditional + scale · (conditional − unconditional).",
        "At scale 0 the class is not looked at; at scale 1 the model has been trained to follow it.",
    )

    def known(self) -> Mapping[str, str]:
        measured = "Measured: {accuracy:.0%}."
        whys = {"*": f": {measured}"}
        if self.scale == 0:
            none = f"scale 0 has no class: At scale 0 the class drops out of the sum. {measured}"
            return whys | {MOST: none, ALL: none}
        if self.scale >= 1:
            has = f"scale 1 has the class: At scale 1 it already is the conditional model. {measured}"
            return whys | {CHANCE: has, MOST: has}
        return whys | {CHANCE: f"half guidance is some: Even half the way to the class is some of it. {measured}"}

    def run(self, show: Show) -> str:
        """Sample digits of every class and ask the judge."""
        labels = torch.arange(CLASSES).repeat(self.each)
        show.progress(0.1, f"sampling {len(labels)} digits")
        made = sample_digits(labels, self.scale, self.seed)
        share = trained.judged_right(made, labels)
        known = float(weights.card("digits_judge")["scores"]["accuracy_held_out"])
        show.shapes(f"noise becomes digits in {STEPS_OF_DIGITS} steps of DDIM", made, made)
        show.line(f"the judge sees the digit that was asked for in {share:.0%} of {len(labels)}")
        show.line(f"of real digits it never saw it knows {known:.0%}")
        caption, alt = f"Asked for: 0 to 9, guidance {self.scale:g}", f"Ten sampled digits, guidance {self.scale:g}"
        show.picture("samples", strip(enlarged(made[:CLASSES], 5)), caption, alt)
        show.fact(accuracy=share)
        return CHANCE if share < 0.35 else MOST if share < 0.85 else ALL


def sample_digits(labels: Tensor, scale: float, seed: int) -> Tensor:
    """Digits of these classes by DDIM: (b,) -> (b, 1, 8, 8)."""
    denoiser = trained.guided(trained.digit_denoiser(), labels, scale)
    start = trained.start_noise(len(labels), generator_of(seed, "start"))
    return diffusion.sample(denoiser, diffusion.noise_schedule("cosine"), "v", start, steps=STEPS_OF_DIGITS, clip=1.0)


class GuidanceVariety(Sampled):
    """Guidance scales by the variety of their pictures."""

    name = "denoising.guidance_variety"
    title = "What guidance costs in variety (samples with the model, a few seconds)"
    covers, source, seconds_allowed = "4.3-07", GUIDANCE, 60
    answer_type = "order"
    count = Whole(3, 2, 4, draw=(3, 4), help="how many scales are compared")
    first = OneOf("most", "least", help="whether the most or the least varied comes first")
    each = Whole(10, 6, 20, draw=(8, 10), help="pictures asked for of each digit")
    prompt = (
        "A denoiser of digits draws {each} pictures of each digit at each of these scales: {listed}. Variety is the "
        "mean distance between two pictures asked for as the same digit. Order the scales from the {first} varied "
        "pictures to the {last} varied."
    )
    hints = (
        "What does pushing every picture towards what is typical of its class do to differences?",
        "The stronger the guidance, the more alike the pictures of a class.",
    )

    def facts(self) -> Facts:
        scales = stream(self.seed, "scales").sample(SCALES, self.count)
        texts = [scale_text(scale) for scale in scales]
        last = "least" if self.first == "most" else "most"
        return {"scales": scales, "texts": texts, "listed": ", ".join(texts), "last": last}

    def chosen(self, name: str) -> object:
        return tuple(self.texts) if name == "options" else super().chosen(name)

    def orders(self, right: Sequence[str]) -> Mapping[str, Sequence[str]]:
        told = "the other way round: The other way round: guidance makes pictures of a class more alike."
        return {told: right[::-1]}

    def run(self, show: Show) -> list[str]:
        """Sample with each guidance scale from the same noise and measure how much the digits of a class differ."""
        labels = torch.arange(CLASSES).repeat(self.each)
        variety: dict[str, float] = {}
        rows = []
        for index, scale in enumerate(self.scales):
            show.progress(index / self.count, f"sampling {len(labels)} digits with guidance {scale:g}")
            made = sample_digits(labels, scale, self.seed)
            spread = sum(scores.spread(made[labels == digit]) for digit in range(CLASSES)) / CLASSES
            variety[scale_text(scale)] = spread
            rows.append((f"{scale:g}", f"{spread:.3f}", f"{trained.judged_right(made, labels):.0%}"))
            threes = strip(enlarged(made[labels == 3][:8], 5))
            caption, alt = f"Asked for: 3, guidance {scale:g}", f"Threes, guidance {scale:g}"
            show.picture(f"guidance-{index}", threes, caption, alt)
        show.shapes("noise becomes digits, once for each scale, from one start", made, made)
        told = ", ".join(f"{scale} {spread:.3f}" for scale, spread in variety.items())
        show.line(f"two pictures asked for as one digit differ by (root mean square of a pixel, -1 to 1): {told}")
        show.table("Variety and accuracy", "guidance | variety | judged right", rows)
        return sorted(variety, key=variety.__getitem__, reverse=self.first == "most")


def scale_text(scale: float) -> str:
    """An option: `guidance 0.5`."""
    return f"guidance {scale:g}"


EXERCISES: Final = (Steps, Film, Guidance, GuidanceVariety)
