"""What a trained denoiser does: how many steps are enough, what guidance buys and costs, when a digit shows itself."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_choice, check_order
from labs.exercise import Exercise, fitting, stream
from labs.problems.denoising_numbers import fact
from labs.problems.denoising_reverse import PREDICTION
from labs.protocol import Evidence, Param, Params, Problem, Verdict

MODULE: Final = "labs.denoising_sampling"
SHAPES: Final = ("spiral", "moons", "ring")
ENOUGH: Final = 1.5
"""A number of steps is enough if its distance is at most this many times that of the most steps."""

_FEW: Final = (3, 4, 5)
_MIDDLE: Final = (20, 25, 30)
_MANY: Final = (200, 250)
_STEPS: Final = (
    PREDICTION,
    Param("shape", "text", "spiral", "points to be learned", choices=SHAPES, vary=SHAPES),
    Param("few", "integer", 5, "the fewest steps", low=2, high=8, vary=_FEW),
    Param("middle", "integer", 25, "steps between", low=20, high=60, vary=_MIDDLE),
    Param("many", "integer", 250, "the most steps", low=150, high=300, vary=_MANY),
)
_SCALE: Final = Param(
    "scale",
    "number",
    1.0,
    "guidance scale: 0 ignores the class, 1 is the conditional model",
    low=0,
    high=8,
    vary=(0.0, 0.0, 0.5, 1.0, 2.0, 4.0),
)
_DIGITS_PER_CLASS: Final = Param(
    "each", "integer", 8, "pictures asked for of each digit", low=4, high=20, vary=(6, 8, 10)
)
_GUIDANCE: Final = (_SCALE, _DIGITS_PER_CLASS)
CHANCE: Final = "about one in ten, as by chance"
MOST: Final = "more than half, but far from all"
ALL: Final = "nearly all of them"

SCALES: Final = (0.0, 0.5, 1.0, 2.0)
_VARIETY: Final = (
    Param("count", "integer", 3, "how many scales are compared", low=2, high=4, vary=(3, 4)),
    Param(
        "first",
        "text",
        "most",
        "whether the most or the least varied comes first",
        choices=("most", "least"),
        vary=("most", "least"),
    ),
    Param("each", "integer", 10, "pictures asked for of each digit", low=6, high=20, vary=(8, 10)),
)
FILM_STEPS: Final = 25
FILM_DIGITS: Final = 40
_FILM: Final = (
    Param(
        "seen",
        "text",
        "picture",
        "what the judge is shown: the noisy picture x_t or the denoiser's guess of x_0",
        choices=("picture", "guess"),
        vary=("picture", "picture", "guess"),
    ),
    Param(
        "step",
        "integer",
        5,
        f"after how many of {FILM_STEPS} steps",
        low=1,
        high=FILM_STEPS - 1,
        vary=(3, 4, 5, 6, 21, 22, 23),
    ),
)
HARDLY: Final = "hardly any: under 40%"
SOME: Final = "about half: 40% to 70%"
NEARLY: Final = "nearly all: over 70%"


def steps_text(steps: int) -> str:
    """An option of `denoising.steps`."""
    return f"{steps} steps"


def pose_steps(params: Params, seed: int) -> Problem:
    """The fewest steps that are enough."""
    full = fitting(_STEPS, params, seed, lambda _: True) or params
    counts = [int(full[name]) for name in ("few", "middle", "many")]
    says = "the noise (epsilon)" if full["prediction"] == "epsilon" else "v"
    return Problem(
        "denoising.steps",
        full,
        seed,
        f"A denoiser of points in the plane ({full['shape']}) predicts {says}; its cosine schedule has 1,000 "
        f"timesteps. DDIM samples with {counts[0]}, {counts[1]} and {counts[2]} steps from the same noise. "
        f"What is the fewest of these whose points are at most {ENOUGH:g} times as far from the data as "
        f"those of {counts[2]} steps?",
        "choice",
        options=tuple(steps_text(count) for count in counts),
        hints=(
            "The first step starts where alpha-bar is next to nothing: what does x_0 come out as there?",
            "From a predicted noise x_0 comes by dividing by √alpha-bar, all but 0 at first, and small steps have to "
            "repair it; v needs no division.",
        ),
    )


def check_steps(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The fewest steps; says how far off each other number was."""
    right = str(evidence.value)
    names = {steps_text(int(problem.params[name])): name for name in ("few", "middle", "many")}
    whys: dict[str, str | Mistake] = {}
    order = list(names)
    for text, name in names.items():
        times = fact(evidence, name) / fact(evidence, "many")
        if order.index(text) < order.index(right):
            whys[text] = Mistake(0, "too few steps", f"With {text} the points are {times:.1f} times as far off.")
        elif order.index(text) > order.index(right):
            whys[text] = Mistake(0, "more steps than needed", f"{right} are enough: the rest changes next to nothing.")
    return check_choice(problem, answer, evidence, whys)


def pose_guidance(params: Params, seed: int) -> Problem:
    """How many digits are the ones that were asked for."""
    full = fitting(_GUIDANCE, params, seed, lambda _: True) or params
    return Problem(
        "denoising.guidance",
        full,
        seed,
        f"A class-conditional denoiser of handwritten digits is asked for {full['each']} pictures of each digit, with "
        f"classifier-free guidance of scale {float(full['scale']):g} (0 ignores the class, 1 is the conditional "
        "model). A classifier looks at the pictures. How many does it take for the digit that was asked for?",
        "choice",
        options=(CHANCE, MOST, ALL),
        hints=(
            "Prediction = unconditional + scale · (conditional − unconditional).",
            "At scale 0 the class is not looked at; at scale 1 the model has been trained to follow it.",
        ),
    )


def check_guidance(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The share judged right; names a class expected without guidance, and guidance taken for needed at scale 1."""
    scale = float(problem.params["scale"])
    measured = f"Measured: {fact(evidence, 'accuracy'):.0%}."
    whys: dict[str, str | Mistake] = dict.fromkeys(problem.options, measured)
    if scale == 0:
        for text in (MOST, ALL):
            whys[text] = Mistake(0, "scale 0 has no class", f"At scale 0 the class drops out of the sum. {measured}")
    elif scale >= 1:
        for text in (CHANCE, MOST):
            whys[text] = Mistake(
                0, "scale 1 has the class", f"At scale 1 it already is the conditional model. {measured}"
            )
    else:
        whys[CHANCE] = Mistake(0, "half guidance is some", f"Even half the way to the class is some of it. {measured}")
    return check_choice(problem, answer, evidence, whys)


def scale_text(scale: float) -> str:
    """An option of `denoising.guidance_variety`."""
    return f"guidance {scale:g}"


def compared_scales(params: Params, seed: int) -> list[float]:
    """The guidance scales that are compared, in the order they are listed."""
    return stream(seed, "scales").sample(SCALES, int(params["count"]))


def pose_variety(params: Params, seed: int) -> Problem:
    """Guidance scales by the variety of their pictures."""
    full = fitting(_VARIETY, params, seed, lambda _: True) or params
    options = tuple(scale_text(scale) for scale in compared_scales(full, seed))
    other = "least" if full["first"] == "most" else "most"
    return Problem(
        "denoising.guidance_variety",
        full,
        seed,
        f"A denoiser of digits draws {full['each']} pictures of each digit at each of these scales: "
        f"{', '.join(options)}. Variety is the mean distance between two pictures asked for as the same digit. "
        f"Order the scales from the {full['first']} varied pictures to the {other} varied.",
        "order",
        options=options,
        hints=(
            "What does pushing every picture towards what is typical of its class do to differences?",
            "The stronger the guidance, the more alike the pictures of a class.",
        ),
    )


def check_variety(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The order; names the reverse, which takes guidance for a source of variety."""
    judged = check_order(problem, answer, evidence)
    right = evidence.value
    if judged.correct or judged.error is None or not isinstance(right, list):
        return judged
    if check_order(problem, answer, Evidence(value=right[::-1])).correct:
        return Verdict(
            False,
            "The other way round: guidance makes pictures of a class more alike.",
            error=judged.error,
            mistake="the other way round",
        )
    return judged


def pose_film(params: Params, seed: int) -> Problem:
    """How early a digit shows in the film of its sampling."""
    full = fitting(_FILM, params, seed, lambda _: True) or params
    seen = (
        "the noisy picture x_t itself" if full["seen"] == "picture" else "the denoiser's guess of the clean picture x_0"
    )
    return Problem(
        "denoising.film",
        full,
        seed,
        f"{FILM_DIGITS} digits, each asked for by its class, are sampled in {FILM_STEPS} steps. After {full['step']} "
        f"of them a classifier is shown {seen}. In what share of the films does it see the digit that was asked for?",
        "choice",
        options=(HARDLY, SOME, NEARLY),
        hints=(
            "How much signal is in x_t at that timestep, and how much in what the denoiser makes of it?",
            "The class is given to the denoiser from the first step on; x_t is mostly noise for half of the way.",
        ),
    )


def check_film(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The share; names the picture taken for the guess and the other way round."""
    measured = f"Measured: {fact(evidence, 'share'):.0%}; shown the other, {fact(evidence, 'other_share'):.0%}."
    whys: dict[str, str | Mistake] = dict.fromkeys(problem.options, measured)
    if problem.params["seen"] == "guess":
        whys[HARDLY] = Mistake(
            0,
            "took the guess for the picture",
            f"The guess shows a clean digit at once, however noisy x_t is. {measured}",
        )
    elif evidence.value == HARDLY:
        whys[NEARLY] = Mistake(
            0, "took the picture for the guess", f"x_t is still mostly noise; only the guess is clean. {measured}"
        )
    return check_choice(problem, answer, evidence, whys)


EXERCISES: Final = (
    Exercise(
        name="denoising.steps",
        title="How many steps are enough (samples with the model, about a second)",
        sections=("4.3",),
        covers=("4.3-04", "4.1-05"),
        params=_STEPS,
        module=MODULE,
        poser=pose_steps,
        checker=check_steps,
        seconds_allowed=30,
    ),
    Exercise(
        name="denoising.film",
        title="When a digit shows in the noise (samples with the model, about a second)",
        sections=("4.3", "6.5"),
        covers=("4.3-04", "6.5-09"),
        params=_FILM,
        module=MODULE,
        poser=pose_film,
        checker=check_film,
        seconds_allowed=30,
    ),
    Exercise(
        name="denoising.guidance",
        title="What guidance buys (samples with the model, about a second)",
        sections=("4.3",),
        covers=("4.3-07",),
        params=_GUIDANCE,
        module=MODULE,
        poser=pose_guidance,
        checker=check_guidance,
        seconds_allowed=30,
    ),
    Exercise(
        name="denoising.guidance_variety",
        title="What guidance costs in variety (samples with the model, a few seconds)",
        sections=("4.3",),
        covers=("4.3-07",),
        params=_VARIETY,
        module=MODULE,
        poser=pose_variety,
        checker=check_variety,
        seconds_allowed=60,
    ),
)
