"""Classifier-free guidance by numbers: what it predicts at a pixel, and how often it asks the network."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import Exercise, fitting
from labs.problems.denoising_numbers import check_rounded
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.denoising_reverse"

_GUIDED: Final = (
    Param("unconditional", "number", 0.1, "prediction without the class", low=-4, high=4, vary=(-0.4, -0.1, 0.1, 0.3)),
    Param("conditional", "number", 0.4, "prediction with the class", low=-4, high=4, vary=(-0.2, 0.2, 0.5, 0.7)),
    Param("scale", "number", 3.0, "guidance scale", low=0, high=20, vary=(1.5, 2.0, 3.0, 5.0, 7.5)),
)
_COST: Final = (
    Param("pictures", "integer", 4, "pictures sampled together", low=1, high=8, vary=(1, 2, 3, 4, 6)),
    Param("steps", "integer", 20, "steps of the sampler", low=1, high=50, vary=(8, 10, 20, 25, 30)),
    Param(
        "scale",
        "number",
        3.0,
        "guidance scale; 1 is the conditional model, 0 the unconditional",
        low=0,
        high=10,
        vary=(1.0, 2.0, 3.0, 4.0),
    ),
)


def pose_guided(params: Params, seed: int) -> Problem:
    """Classifier-free guidance at one pixel."""
    full = fitting(_GUIDED, params, seed, lambda p: p["unconditional"] != p["conditional"]) or params
    if full.get("unconditional") == full.get("conditional"):
        raise ParamError("conditional", "the two predictions must differ, or there is nothing to guide")
    return Problem(
        "denoising.guided_prediction",
        full,
        seed,
        f"At one pixel the denoiser predicts {full['unconditional']:g} without the class and {full['conditional']:g} "
        f"with it. Which prediction does classifier-free guidance of scale {full['scale']:g} use? (Scale 1 is the "
        "conditional prediction, scale 0 the unconditional.)",
        "number",
        tolerance=0.006,
        tolerance_reason="two digits behind the point are enough",
        hints=(
            "Guidance goes from the unconditional prediction towards the conditional one, and past it.",
            "Unconditional + scale · (conditional − unconditional).",
        ),
    )


def check_guided(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The guided prediction; names the paper's other scale, a wrong start, averages."""
    u, c, w = (float(problem.params[name]) for name in ("unconditional", "conditional", "scale"))
    mistakes = [
        Mistake(
            c + w * (c - u),
            "the other convention",
            "That is the paper's scale, where 0 is the conditional model; here 1 is, as in diffusers.",
        ),
        Mistake(c + w * (u - c), "went the wrong way", "Guidance goes from the unconditional towards the conditional."),
        Mistake(u + w * (u - c), "wrong sign", "The difference is conditional minus unconditional."),
        Mistake(
            w * (c - u), "forgot the start", "That is only the way to go; it starts from the unconditional prediction."
        ),
        Mistake(u + w * c, "added the whole", "Only the difference is scaled, not the whole conditional prediction."),
        Mistake(w * c, "scaled it", "Guidance scales the difference of the two predictions, not one of them."),
        Mistake((u + c) / 2, "averaged", "Guidance does not average the two; it goes past the conditional one."),
        Mistake(c, "gave the conditional", "That is scale 1; a larger scale goes beyond it."),
    ]
    return check_rounded(problem, answer, evidence, mistakes, within=0.004)


def pose_cost(params: Params, seed: int) -> Problem:
    """How many pictures the network works on with guidance."""
    full = fitting(_COST, params, seed, lambda _: True) or params
    count = int(full["pictures"])
    return Problem(
        "denoising.guidance_cost",
        full,
        seed,
        f"{count} picture{'s are' if count > 1 else ' is'} sampled in {full['steps']} DDIM steps with classifier-free "
        f"guidance of scale {full['scale']:g} (scale 1 is the conditional model by itself). How many noised pictures "
        "does the denoising network work on in all, each time it sees one counted?",
        "integer",
        unit="network evaluations",
        hints=(
            "Each step evaluates the network once for each picture and each prediction it needs.",
            "Guidance needs the prediction with the class and the one without, unless the scale lets one drop out.",
        ),
    )


def check_cost(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Network evaluations; names forgotten guidance, steps alone, one picture alone, guidance where none is needed."""
    pictures, steps = int(problem.params["pictures"]), int(problem.params["steps"])
    guided = float(problem.params["scale"]) not in {0.0, 1.0}
    one = "That is for one picture; each picture has its own."
    mistakes = [
        Mistake(pictures * steps, "forgot guidance", "Guidance evaluates twice a step: with the class and without."),
        Mistake(
            2 * pictures * steps,
            "guidance at scale 1",
            "At this scale one prediction has weight 0 and need not be computed.",
        ),
        Mistake(2 * steps if guided else steps, "one picture only", one),
        Mistake(steps, "counted the steps", "That counts the steps; each evaluates the network for every picture."),
        Mistake(2 * steps, "one picture only", one),
        Mistake(pictures * (steps + 1), "counted the start", "The noise at the start costs no evaluation of its own."),
        Mistake(
            2 * pictures * (steps + 1), "counted the start", "The noise at the start costs no evaluation of its own."
        ),
        Mistake(
            pictures * 1_000, "counted all timesteps", "DDIM leaves timesteps out: it evaluates only at its steps."
        ),
        Mistake(
            2 * pictures * 1_000, "counted all timesteps", "DDIM leaves timesteps out: it evaluates only at its steps."
        ),
        Mistake(2 * pictures, "forgot the steps", "That is one step; every step evaluates the network again."),
        Mistake(pictures, "forgot the steps", "That is one step without guidance."),
    ]
    return check_number(problem, answer, evidence, mistakes)


EXERCISES: Final = (
    Exercise(
        name="denoising.guided_prediction",
        title="Classifier-free guidance at one pixel",
        sections=("4.3",),
        covers=("4.3-07",),
        params=_GUIDED,
        module=MODULE,
        poser=pose_guided,
        checker=check_guided,
    ),
    Exercise(
        name="denoising.guidance_cost",
        title="What classifier-free guidance costs",
        sections=("4.1", "4.3", "6.1"),
        covers=("4.1-05", "4.3-07"),
        params=_COST,
        module=MODULE,
        poser=pose_cost,
        checker=check_cost,
    ),
)
