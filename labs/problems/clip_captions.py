"""Questions on zero-shot use: which caption wins and how surely, labels as prompts, pairs never seen together."""

from __future__ import annotations

import math
from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import Exercise, fitting, stream
from labs.problems.clip_common import (
    CAPTIONS,
    MODEL,
    MODULE,
    PICTURE,
    SECTIONS,
    SLOW_SECONDS,
    cosines_text,
    model_name,
    number,
    numbers,
    own_captions,
    scale,
    showing_of,
)
from labs.problems.own_picture import readable_path
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict
from labs.scenes.captions import COLOURS, HELD_OUT, SEEN, SHAPES, one, put
from labs.scenes.showings import showing

TEMPLATE: Final = Param(
    "template",
    "text",
    "a {}",
    "a prompt with {} where the label goes, such as “a photo of a {}”",
    vary=(
        "a {}",
        "{}",
        "a photo of a {}",
        "a drawing of a {}",
        "there is a {}",
        "the {} in this photo",
        "something {}",
    ),
)
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
PROMPT_SETS: Final = {
    "“{}”": ("{}",),
    "“a {}”": ("a {}",),
    "“a photo of a {}”": ("a photo of a {}",),
    "“something {}”": ("something {}",),
    "“there is a {}”": ("there is a {}",),
    "“the {} on the left”": ("the {} on the left",),
    "the mean of “{}”, “a {}” and “a photo of a {}”": ("{}", "a {}", "a photo of a {}"),
    "the mean of “a {}”, “a drawing of a {}” and “there is a {}”": ("a {}", "a drawing of a {}", "there is a {}"),
}
"""How the labels of a zero-shot classifier are put, and the templates whose embeddings are averaged for it."""
_SETS: Final = Param(
    "sets", "integer", 3, "how many ways of putting the labels are compared", low=2, high=4, vary=(3, 4)
)
PERCENT_POINTS: Final = 10.0
_A_FORECAST: Final = "a forecast of a measured share: within 10 points you know what the model can do"


def pose_caption(params: Params, seed: int) -> Problem:
    """Which caption wins for a picture."""
    full = {**_completed((PICTURE, CAPTIONS, MODEL), params, seed)}
    full = {**full, PICTURE.name: readable_path(str(full[PICTURE.name])), MODEL.name: model_name(full)}
    scene, captions = showing(showing_of(seed))
    options = own_captions(full) or captions
    subject = "your picture" if full[PICTURE.name] else f"a drawn picture of {scene.caption}"
    who = full[MODEL.name] or "The tiny CLIP"
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
    index = showing_of(seed)
    _, captions = showing(index)
    asked = stream(seed, "asked").choice(captions)
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
    mistakes.append(Mistake(shares[at], "not in percent", "That is the share; it was asked for in percent."))
    return check_number(problem, answer, evidence, _as_typed(mistakes, answer))


def pose_unseen(params: Params, seed: int) -> Problem:
    """How well pairs of colour and shape are named that were never seen together."""
    full = _completed((_LABELS, _PAIRS), params, seed)
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
        tolerance_reason=_A_FORECAST,
        hints=(
            f"Guessing would be right once in {number_of} times. Has the model learned names, or parts that combine?",
            "Colour and shape each have a direction of their own in the shared space; a new pair only adds the two.",
        ),
    )


def check_unseen(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The measured share; names chance, zero, and a share given instead of percent."""
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
        Mistake(
            round(float(str(evidence.value)) / 100, 2),
            "not in percent",
            "That is the share; it was asked for in percent.",
        ),
    ]
    return check_number(problem, answer, evidence, _as_typed(mistakes, answer))


def pose_prompts(params: Params, seed: int) -> Problem:
    """How well a prompt of one's own names what is on pictures."""
    full = _completed((TEMPLATE, MODEL), params, seed)
    template = " ".join(str(full["template"]).split())
    if template.count("{}") != 1 or "{" in template.replace("{}", "") or "}" in template.replace("{}", ""):
        raise ParamError("template", "must hold {} once, where the label goes")
    if len(template) > 200:
        raise ParamError("template", "has at most 200 characters")
    full = {**full, "template": template, MODEL.name: model_name(full)}
    label = " ".join(stream(seed, "label").choice(SEEN))
    return Problem(
        "clip.prompts",
        full,
        seed,
        f"{full[MODEL.name] or 'The tiny CLIP'} names pictures of one thing by the nearest of 64 prompts, made from "
        f"“{template}”: “{put(template, label)}” and so on. In how many percent is it right?",
        "number",
        unit="%",
        tolerance=PERCENT_POINTS,
        tolerance_reason=_A_FORECAST,
        hints=(
            "The words around the label move all prompts the same way only if the model has read such words before.",
            "The tiny CLIP read “a red circle” most, “red circle” less, the word photo never; real CLIP read it a lot.",
        ),
    )


def check_prompts(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The measured share; names chance and a share given instead of percent."""
    right = float(str(evidence.value))
    mistakes = [
        Mistake(1.6, "took chance", "That is guessing among 64."),
        Mistake(1.56, "took chance", "That is guessing among 64."),
        Mistake(round(right / 100, 2), "not in percent", "That is the share; it was asked for in percent."),
        Mistake(
            round(number(evidence, "plain")),
            "took the caption's form",
            "That is what the plain “a {}” reaches; the words around the label count.",
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_ensemble(params: Params, seed: int) -> Problem:
    """Which way of putting the labels names most pictures right."""
    full = _completed((_SETS, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    options = tuple(stream(seed, "sets").sample(list(PROMPT_SETS), int(full["sets"])))
    return Problem(
        "clip.ensemble",
        full,
        seed,
        f"Labels of 64 colour-shape pairs can be put to {full[MODEL.name] or 'the tiny CLIP'} in these ways: "
        f"{'; '.join(options)}. Which names most pictures right? (The mean is taken of the embeddings.)",
        "choice",
        options=options,
        hints=(
            "A prompt helps as far as it looks like captions of the training: here “a red circle” and its like.",
            "A mean of prompts evens out the odd wording, but a bad prompt in it still pulls.",
        ),
    )


def check_ensemble(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The best set; one that ties with it is right as well."""
    shares = dict(zip(problem.options, numbers(evidence, "accuracies"), strict=True))
    best = shares[str(evidence.value)]
    whys = {o: f"It reaches {shares[o]:.1f}%; {evidence.value} reaches {best:.1f}%." for o in problem.options}
    verdict = check_choice(problem, answer, evidence, whys)
    tied = {why for option, why in whys.items() if shares[option] == best}
    return Verdict(True, "Right, level with another.") if verdict.message in tied else verdict


def _completed(knobs: tuple[Param, ...], params: Params, seed: int) -> Params:
    return fitting(knobs, params, seed, lambda _: True) or dict(params)


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
    Exercise(
        name="clip.caption",
        title="Which caption wins",
        sections=SECTIONS,
        covers=("2.4-04", "2.4-05", "2.4-10", "0.2-01"),
        params=(PICTURE, CAPTIONS, MODEL),
        module=MODULE,
        poser=pose_caption,
        checker=check_caption,
        seconds_allowed=SLOW_SECONDS,
    ),
    Exercise(
        name="clip.probability",
        title="From cosines to a probability",
        sections=SECTIONS,
        covers=("2.4-05", "2.4-10"),
        params=(),
        module=MODULE,
        poser=pose_probability,
        checker=check_probability,
    ),
    Exercise(
        name="clip.unseen",
        title="Name what was never seen together",
        sections=SECTIONS,
        covers=("2.4-08", "2.4-09", "2.4-10"),
        params=(_LABELS, _PAIRS),
        module=MODULE,
        poser=pose_unseen,
        checker=check_unseen,
    ),
    Exercise(
        name="clip.prompts",
        title="Classify with a prompt of your own",
        sections=SECTIONS,
        covers=("2.4-10", "2.4-11"),
        params=(TEMPLATE, MODEL),
        module=MODULE,
        poser=pose_prompts,
        checker=check_prompts,
        seconds_allowed=SLOW_SECONDS,
    ),
    Exercise(
        name="clip.ensemble",
        title="Which prompts name best",
        sections=SECTIONS,
        covers=("2.4-10", "2.4-11"),
        params=(_SETS, MODEL),
        module=MODULE,
        poser=pose_ensemble,
        checker=check_ensemble,
        seconds_allowed=SLOW_SECONDS,
    ),
)
