"""Questions on zero-shot use: which caption wins and how surely, labels as prompts, pairs never seen together."""

from __future__ import annotations

import math
from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import stream
from labs.problems.clip_common import (
    CAPTIONS,
    MODEL,
    PICTURE,
    SLOW_SECONDS,
    called,
    completed,
    cosines_text,
    exercise,
    model_name,
    number,
    numbers,
    own_captions,
    scale,
    showing_of,
    stated,
)
from labs.problems.own_picture import readable_path
from labs.protocol import Evidence, Param, Params, Problem, Verdict
from labs.scenes.captions import COLOURS, HELD_OUT, SEEN, SHAPES, one
from labs.scenes.showings import showing

_LABELS: Final = Param(
    "labels",
    "text",
    "pairs",
    "what is to be named",
    choices=("pairs", "colours", "shapes"),
    vary=("pairs", "pairs", "colours", "shapes"),
)
_PAIRS: Final = Param(
    "pairs",
    "text",
    "unseen",
    "pairs held out of the training, or seen in it",
    choices=("unseen", "seen"),
    vary=("unseen", "unseen", "seen"),
)
PERCENT_POINTS: Final = 10.0
A_FORECAST: Final = "a forecast of a measured share: within 10 points you know what the model can do"


def pose_caption(params: Params, seed: int) -> Problem:
    """Which caption wins for a picture."""
    full = {**completed((PICTURE, CAPTIONS, MODEL), params, seed)}
    full = {**full, PICTURE.name: readable_path(str(full[PICTURE.name])), MODEL.name: model_name(full)}
    scene, captions = showing(showing_of(seed))
    options = own_captions(full) or captions
    subject = "your picture" if full[PICTURE.name] else f"a drawn picture of {scene.caption}"
    who = called(full)
    listed = "; ".join(f"“{option}”" for option in options)
    return Problem(
        "clip.caption",
        full,
        seed,
        f"{who} compares {subject} with these captions: {listed}. Which one wins?",
        "choice",
        options=options,
        hints=(
            "Nothing is looked up: the caption whose embedding has the largest cosine with the picture's wins.",
            "Where no caption is quite true, weigh what each gets right: the colour, the shape, the number of things.",
        ),
    )


def check_caption(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The winner; each other caption is answered with how the model saw it."""
    shares = dict(zip(problem.options, numbers(evidence, "probabilities"), strict=True))
    whys = {}
    for option in problem.options:
        judged = (
            f"The model gives “{option}” {shares[option]:.1%} and “{evidence.value}” {shares[str(evidence.value)]:.1%}"
        )
        if not problem.params["picture"] and not problem.params["captions"]:
            wrong = _what_is_wrong(showing(showing_of(problem.seed))[0].caption, option)
            whys[option] = Mistake(0, wrong, f"{judged}; here the {wrong}.") if wrong else f"{judged}."
        else:
            whys[option] = f"{judged}."
    return check_choice(problem, answer, evidence, whys)


def pose_probability(params: Params, seed: int) -> Problem:
    """What probability cosines and the logit scale make."""
    index, at = unsure_showing(seed)
    asked = showing(index)[1][at]
    return Problem(
        "clip.probability",
        dict(params),
        seed,
        f"A picture has these cosines with four captions: {cosines_text(index)}. The logit scale is {scale():.2f}. "
        f"What probability, in percent, does the model give to “{asked}”?",
        "number",
        unit="%",
        tolerance=1.5,
        tolerance_reason="the cosines are given to three decimals, which moves a probability by up to one point",
        hints=(
            "The logits are the cosines times the logit scale.",
            "Softmax over the four captions: exp(logit), divided by the sum of all four.",
        ),
    )


def unsure_showing(seed: int) -> tuple[int, int]:
    """A showing in which the model is not quite sure, and the place of a caption it does not rule out."""
    places = [
        (index, at)
        for index, cosines in enumerate(stated()["showing_cosines"])
        for at, share in enumerate(_softmax(cosines, scale()))
        if 0.03 <= share <= 0.97
    ]
    return stream(seed, "unsure showing").choice(places)


def check_probability(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The probability; names a forgotten scale, the scale's logarithm, sigmoid, shares of the cosines."""
    cosines, shares = numbers(evidence, "cosines"), numbers(evidence, "probabilities")
    at = int(number(evidence, "asked"))
    factor = number(evidence, "scale")
    slips = [
        (
            _softmax(cosines, 1.0)[at],
            "forgot the logit scale",
            "That is softmax over the bare cosines: multiply them by the logit scale first.",
        ),
        (
            _softmax(cosines, math.log(factor))[at],
            "used the parameter",
            "That takes the stored parameter for the scale; the model multiplies by its exponential.",
        ),
        (
            1 / (1 + math.exp(-factor * cosines[at])),
            "took a sigmoid",
            "That is a sigmoid, as in SigLIP; CLIP's captions compete in a softmax.",
        ),
        (
            cosines[at] / sum(cosines),
            "shared out the cosines",
            "That shares out the cosines; softmax shares out their exponentials.",
        ),
        (cosines[at], "gave the cosine", "That is the cosine, not a probability."),
        (1 / len(cosines), "shared evenly", "That would be chance; the cosines differ."),
    ]
    mistakes = [Mistake(100 * value, name, why) for value, name, why in slips]
    mistakes += [
        Mistake(100 * share, "another caption", "That is another caption's probability.")
        for i, share in enumerate(shares)
        if i != at
    ]
    return check_number(problem, answer, evidence, _as_typed(mistakes, answer))


def pose_unseen(params: Params, seed: int) -> Problem:
    """How well pairs of colour and shape are named that were never seen together."""
    full = completed((_LABELS, _PAIRS), params, seed)
    labels, unseen = str(full["labels"]), full["pairs"] == "unseen"
    number_of = {"pairs": 64, "colours": 8, "shapes": 8}[labels]
    prompts = {
        "pairs": f"all 64 pairs, such as “{one(stream(seed, 'pair').choice(SEEN))}”",
        "colours": f"the 8 colours, such as “something {stream(seed, 'colour').choice(COLOURS)}”",
        "shapes": f"the 8 shapes, such as “a {stream(seed, 'shape').choice(SHAPES)}”",
    }[labels]
    pair = " ".join(stream(seed, "example").choice(HELD_OUT if unseen else SEEN))
    which = (
        f"of pairs it never saw together (it knows the words of “{pair}”, and things of that colour and of that shape)"
        if unseen
        else f"of pairs it was trained on, such as “{pair}”"
    )
    return Problem(
        "clip.unseen",
        full,
        seed,
        f"The tiny CLIP classifies new pictures {which}. Its {number_of} labels are {prompts}. "
        "In how many percent of the pictures is the nearest label right?",
        "number",
        unit="%",
        tolerance=PERCENT_POINTS,
        tolerance_reason=A_FORECAST,
        hints=(
            f"Guessing would be right once in {number_of} times. Has the model learned names, or parts that combine?",
            "Colour and shape each have a direction of their own in the shared space; a new pair only adds the two.",
        ),
    )


def check_unseen(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The measured share; names chance and zero."""
    chance = 100 * number(evidence, "chance")
    mistakes = [
        Mistake(
            0,
            "expected nothing",
            "A classifier trained on labels would fail; CLIP puts a new label together from its words.",
        ),
        Mistake(
            round(chance, 2),
            "took chance",
            "That is guessing; the shared space does far better on labels it never saw.",
        ),
        Mistake(
            round(chance), "took chance", "That is guessing; the shared space does far better on labels it never saw."
        ),
    ]
    return check_number(problem, answer, evidence, _as_typed(mistakes, answer))


def _softmax(cosines: list[float], factor: float) -> list[float]:
    powers = [math.exp(factor * cosine) for cosine in cosines]
    return [power / sum(powers) for power in powers]


def _as_typed(mistakes: list[Mistake], answer: str) -> list[Mistake]:
    """The mistakes rounded as far as the answer was: somebody who types 25.3 may mean 25.31."""
    digits = answer.strip().rstrip("%").strip()
    places = len(digits.partition(".")[2]) if digits.replace(".", "", 1).isdecimal() else 4
    return [Mistake(round(m.value, min(places, 4)), m.name, m.why) for m in mistakes]


def _what_is_wrong(truth: str, caption: str) -> str:
    """What a caption of a showing gets wrong: `colour is wrong`; empty if nothing."""
    *_, true_colour, true_shape = truth.split()
    first, colour, shape = caption.split()
    wrong = [
        name
        for name, bad in (
            ("number", first not in {"a", "an"}),
            ("colour", colour != true_colour),
            ("shape", not shape.startswith(true_shape)),
        )
        if bad
    ]
    return f"{' and the '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong" if wrong else ""


EXERCISES: Final = (
    exercise(
        name="clip.caption",
        title="Which caption wins",
        covers=("2.4-04", "2.4-05", "2.4-10", "0.2-01"),
        params=(PICTURE, CAPTIONS, MODEL),
        poser=pose_caption,
        checker=check_caption,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        name="clip.probability",
        title="From cosines to a probability",
        covers=("2.4-05", "2.4-10"),
        params=(),
        poser=pose_probability,
        checker=check_probability,
    ),
    exercise(
        name="clip.unseen",
        title="Name what was never seen together",
        covers=("2.4-08", "2.4-09", "2.4-10"),
        params=(_LABELS, _PAIRS),
        poser=pose_unseen,
        checker=check_unseen,
    ),
)
