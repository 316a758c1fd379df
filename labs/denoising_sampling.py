"""Sampling with small trained denoisers: steps against quality, guidance against variety, the film of one picture.

Song et al. 2021 (DDIM), arXiv:2010.02502, eq. 12; Ho and Salimans 2022, arXiv:2207.12598. Two denoisers of points in
the plane differ only in what they predict; a denoiser of 8 × 8 digits knows their classes. How they were trained and
how good they are stands on their cards in labs/models.

Axes: b samples, c channels, h rows, w columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from labs.denoising import finished, generator_of, strip
from labs.denoising_reverse import digit_denoiser, enlarged, guided, judge, start_noise
from labs.devices import placed
from labs.diffusion import Prediction, noise_schedule, sample, walk_back
from labs.evidence import shape_text, source_of
from labs.models import weights
from labs.models.scores import sliced_wasserstein, spread
from labs.models.shapes_2d import CLIP, SHAPES, PointDenoiser, draw_points
from labs.pictures import to_png
from labs.problems.denoising_sampling import (
    ALL,
    CHANCE,
    ENOUGH,
    FILM_DIGITS,
    FILM_STEPS,
    HARDLY,
    MOST,
    NEARLY,
    SOME,
    compared_scales,
    scale_text,
    steps_text,
)
from labs.protocol import Curve, Evidence, Picture, Problem, Progress, Table, Value

DDIM: Final = "Song et al. 2021, arXiv:2010.02502, eq. 12"
GUIDANCE: Final = "Ho and Salimans 2022, arXiv:2207.12598"
POINTS: Final = 600
DATA_POINTS: Final = 5 * POINTS
STEPS_OF_DIGITS: Final = 10
CLASSES: Final = 10


@cache
def point_denoiser(prediction: Prediction) -> PointDenoiser:
    """The trained denoiser of points that predicts the noise, or v.

    Raises:
        WeightsDamaged: its weights are not those of its card.
    """
    model = PointDenoiser()
    prefix = f"{prediction}."
    tensors = weights.load("denoiser_2d")
    model.load_state_dict({name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)})
    return placed(model.eval())


def sample_points(prediction: Prediction, shape: str, steps: int) -> Tensor:
    """Points of a shape by DDIM, always from the same noise: (POINTS, 2)."""
    model = point_denoiser(prediction)
    half = torch.randn(POINTS // 2, 2, generator=generator_of(0, f"start {shape}"))
    start = torch.cat([half, -half])  # each with its opposite: the start is balanced
    labels = torch.full((POINTS,), SHAPES.index(shape))
    return sample(lambda x, t: model(x, t, labels), noise_schedule("cosine"), prediction, start, steps=steps, clip=CLIP)


def sample_digits(labels: Tensor, scale: float, generator: torch.Generator) -> Tensor:
    """Digits of these classes by DDIM: (b,) -> (b, 1, 8, 8)."""
    denoiser = guided(digit_denoiser(), labels, scale)
    start = start_noise(len(labels), generator)
    return sample(denoiser, noise_schedule("cosine"), "v", start, steps=STEPS_OF_DIGITS, clip=1.0)


def judged_right(pictures: Tensor, labels: Tensor) -> float:
    """The share of pictures (b, 1, 8, 8) in which the judge sees the digit that was asked for (b,)."""
    return float((judge()(pictures).argmax(dim=1) == labels).float().mean())


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_steps(problem: Problem, progress: Progress) -> Evidence:
    """Sample with each number of steps and measure how far the points are from the data."""
    prediction: Prediction = "v" if problem.params["prediction"] == "v" else "epsilon"
    shape = str(problem.params["shape"])
    counts = {name: int(problem.params[name]) for name in ("few", "middle", "many")}
    data = draw_points(shape, DATA_POINTS, generator_of(0, f"data {shape}"))
    floor = sliced_wasserstein(draw_points(shape, POINTS, generator_of(1, f"floor {shape}")), data)
    distances: dict[str, float] = {}
    clouds: list[Tensor] = []
    total, done = sum(counts.values()), 0
    for name, steps in counts.items():
        progress(done / total, f"sampling with {steps} steps")
        clouds.append(sample_points(prediction, shape, steps))
        distances[name] = sliced_wasserstein(clouds[-1], data)
        done += steps
    value = next(name for name in counts if distances[name] <= ENOUGH * distances["many"])
    return Evidence(
        value=steps_text(counts[value]),
        derivation=(
            f"noise {shape_text(clouds[0].shape)} -> points {shape_text(clouds[0].shape)}, three times from one start",
            "distance from the data (sliced Wasserstein): "
            + ", ".join(f"{counts[name]} steps {distance:.3f}" for name, distance in distances.items()),
            f"fresh points of the data are {floor:.3f} from it: nearer than that cannot be told",
            f"{counts[value]} steps are the fewest within {ENOUGH:g} times the last distance",
        ),
        tables=(
            Table(
                "Distance from the data",
                ("steps", "distance", "times that of the most steps"),
                tuple(
                    (str(counts[name]), f"{distance:.3f}", f"{distance / distances['many']:.2f}")
                    for name, distance in distances.items()
                ),
            ),
        ),
        pictures=(
            scatter(
                [data[:POINTS], *clouds],
                f"The data, and {', '.join(map(str, counts.values()))} steps",
                f"Four clouds of points, a {shape}: the data and samples with ever more steps",
            ),
        ),
        curves=(
            Curve(
                "Distance against steps",
                "steps",
                "distance from the data",
                tuple(counts.values()),
                {prediction: tuple(distances.values()), "floor": (floor, floor, floor)},
            ),
        ),
        code=source_of(walk_back),
        facts={**distances, "floor": floor},
    )


def scatter(clouds: list[Tensor], caption: str, alt: str, side: int = 110) -> Picture:
    """Clouds of points (n, 2) side by side."""
    gap = 2
    whole = Image.new("RGB", (len(clouds) * (side + gap) - gap, side), "black")
    pen = ImageDraw.Draw(whole)
    for index, cloud in enumerate(clouds):
        left = index * (side + gap)
        pen.rectangle((left, 0, left + side - 1, side), fill=(250, 250, 246))
        for x, y in ((cloud / (2 * CLIP) + 0.5).clamp(0, 1) * (side - 1)).tolist():
            pen.point((left + x, side - 1 - y), fill=(30, 70, 160))
    return Picture.from_png("points", to_png(whole), caption=caption, alt=alt)


def solve_guidance(problem: Problem, progress: Progress) -> Evidence:
    """Sample digits of every class and ask the judge."""
    scale, each = float(problem.params["scale"]), int(problem.params["each"])
    labels = torch.arange(CLASSES).repeat(each)
    progress(0.1, f"sampling {len(labels)} digits")
    made = sample_digits(labels, scale, generator_of(problem.seed, "start"))
    share = judged_right(made, labels)
    known = float(weights.card("digits_judge")["scores"]["accuracy_held_out"])
    return Evidence(
        value=CHANCE if share < 0.35 else MOST if share < 0.85 else ALL,
        derivation=(
            f"noise {shape_text(made.shape)} -> digits {shape_text(made.shape)}, {STEPS_OF_DIGITS} steps of DDIM",
            f"the judge sees the digit that was asked for in {share:.0%} of {len(labels)}",
            f"of real digits it never saw it knows {known:.0%}",
        ),
        pictures=(
            strip(
                enlarged(made[:CLASSES], 5),
                "samples",
                f"Asked for: 0 to 9, guidance {scale:g}",
                f"Ten sampled digits, guidance {scale:g}",
            ),
        ),
        code=source_of(guided),
        facts={"accuracy": share},
    )


def solve_variety(problem: Problem, progress: Progress) -> Evidence:
    """Sample with each guidance scale from the same noise and measure how much the digits of a class differ."""
    scales, each = compared_scales(problem.params, problem.seed), int(problem.params["each"])
    labels = torch.arange(CLASSES).repeat(each)
    measured: dict[float, float] = {}
    rows: list[tuple[str, ...]] = []
    pictures: list[Picture] = []
    for index, scale in enumerate(scales):
        progress(index / len(scales), f"sampling {len(labels)} digits with guidance {scale:g}")
        made = sample_digits(labels, scale, generator_of(problem.seed, "start"))
        measured[scale] = sum(spread(made[labels == digit]) for digit in range(CLASSES)) / CLASSES
        rows.append((f"{scale:g}", f"{measured[scale]:.3f}", f"{judged_right(made, labels):.0%}"))
        threes = enlarged(made[labels == 3][:8], 5)
        pictures.append(
            strip(threes, f"guidance-{index}", f"Asked for: 3, guidance {scale:g}", f"Threes, guidance {scale:g}")
        )
    order: Value = [
        scale_text(scale)
        for scale in sorted(measured, key=measured.__getitem__, reverse=problem.params["first"] == "most")
    ]
    return Evidence(
        value=order,
        derivation=(
            f"noise {shape_text(made.shape)} -> digits {shape_text(made.shape)}, once for each scale, from one start",
            "two pictures asked for as one digit differ by (root mean square of a pixel, -1 to 1): "
            + ", ".join(f"{scale_text(scale)} {value:.3f}" for scale, value in measured.items()),
        ),
        tables=(Table("Variety and accuracy", ("guidance", "variety", "judged right"), tuple(rows)),),
        pictures=tuple(pictures),
        code=source_of(spread),
    )


def solve_film(problem: Problem, progress: Progress) -> Evidence:
    """Sample digits and show the judge what there is after each step."""
    labels = torch.arange(FILM_DIGITS) % CLASSES
    start = start_noise(FILM_DIGITS, generator_of(problem.seed, "start"))
    denoiser = guided(digit_denoiser(), labels, 1.0)
    walk = walk_back(denoiser, noise_schedule("cosine"), "v", start, steps=FILM_STEPS, clip=1.0)
    noisy: list[float] = []
    guess: list[float] = []
    films: list[tuple[Tensor, Tensor]] = []
    hero = problem.seed % CLASSES
    for step, (_, xt, x0) in enumerate(walk):
        progress(step / (FILM_STEPS + 1), "sampling")
        noisy.append(judged_right(xt, labels))
        guess.append(judged_right(x0, labels))
        films.append((xt[hero : hero + 1], x0[hero : hero + 1]))
    step = int(problem.params["step"])
    share, other = (noisy[step], guess[step]) if problem.params["seen"] == "picture" else (guess[step], noisy[step])
    shown = range(0, FILM_STEPS + 1, 3)
    captions = ("x_t, the noisy picture", "the denoiser's guess of x_0")
    return Evidence(
        value=HARDLY if share < 0.4 else SOME if share <= 0.7 else NEARLY,
        derivation=(
            f"noise {shape_text(start.shape)} -> {FILM_STEPS} steps -> digits {shape_text(xt.shape)}",
            f"after {step} steps the judge sees the digit asked for in {noisy[step]:.0%} of the noisy pictures "
            f"and in {guess[step]:.0%} of the guesses",
        ),
        pictures=tuple(
            strip(
                enlarged(torch.cat([films[step][which] for step in shown]), 5),
                ("picture", "guess")[which],
                f"A {hero}: {captions[which]}, every third step",
                f"A film of a digit {hero} being sampled: {captions[which]}",
            )
            for which in (0, 1)
        ),
        curves=(
            Curve(
                "Digits the judge sees",
                "steps done",
                "share judged right",
                tuple(range(FILM_STEPS + 1)),
                {"x_t": tuple(noisy), "guess of x_0": tuple(guess)},
            ),
        ),
        code=source_of(walk_back),
        facts={"share": share, "other_share": other},
    )


SOLVE: Final[Mapping[str, tuple[Callable[[Problem, Progress], Evidence], str]]] = {
    "denoising.steps": (solve_steps, DDIM),
    "denoising.film": (solve_film, DDIM),
    "denoising.guidance": (solve_guidance, GUIDANCE),
    "denoising.guidance_variety": (solve_variety, GUIDANCE),
}


@torch.no_grad()
def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this part of the lab.

    Raises:
        KeyError: the exercise is not of this lab.
        WeightsDamaged: the weights of a model are not those of its card.
    """
    solve_one, paper = SOLVE[problem.exercise]
    return finished(solve_one, problem, progress, paper)
