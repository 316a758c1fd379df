"""Questions on the temperature: which way probabilities move, by how much, what the model stores."""

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
    exercise,
    model_name,
    number,
    own_captions,
    scale,
    stated,
)
from labs.problems.own_picture import readable_path
from labs.protocol import Evidence, Param, Params, Problem, Verdict
from labs.scenes.showings import SHOWINGS, showing

MOVES: Final = ("it rises", "it falls", "it stays the same")
CHANGES: Final = {
    "double": "the logit scale is doubled",
    "halve": "the logit scale is halved",
    "cooler": "the temperature is lowered to a quarter",
    "warmer": "the temperature is raised fourfold",
    "add": "5 is added to every logit",
}
_CHANGE: Final = Param(
    "change", "text", "double", "what is done to the logits", choices=tuple(CHANGES), vary=tuple(CHANGES)
)
_ASKED: Final = Param(
    "asked",
    "text",
    "winner",
    "whose probability is asked for: that of the nearest or of the farthest caption",
    choices=("winner", "loser"),
    vary=("winner", "winner", "loser"),
)
_FACTOR: Final = Param(
    "factor", "number", 2.0, "what the logit scale is multiplied by", low=0.1, high=5, vary=(0.25, 0.5, 2, 3)
)
_PARAMETER: Final = Param(
    "parameter",
    "number",
    2.66,
    "the stored parameter logit_scale",
    low=-2,
    high=5,
    vary=(0, 0.7, 1, 1.61, 2, 2.3, 2.66, 3, 3.5, 3.91, 4, 4.61),
)
_WANTED: Final = Param(
    "wanted",
    "text",
    "scale",
    "what is asked for: the factor on the cosines, or the temperature",
    choices=("scale", "temperature"),
    vary=("scale", "scale", "temperature"),
)


def pose_temperature(params: Params, seed: int) -> Problem:
    """Which way a probability moves with the temperature."""
    full = completed((PICTURE, CAPTIONS, MODEL, _CHANGE, _ASKED), params, seed)
    full = {**full, PICTURE.name: readable_path(str(full[PICTURE.name])), MODEL.name: model_name(full)}
    scene, captions = showing(undecided_showing(seed))
    compared = own_captions(full) or captions
    subject = "your picture" if full[PICTURE.name] else f"a drawn picture of {scene.caption}"
    whose = "the winner" if full["asked"] == "winner" else "the caption in last place"
    return Problem(
        "clip.temperature",
        full,
        seed,
        f"{called(full)} compares {subject} with {len(compared)} captions "
        f"({'; '.join(f'“{caption}”' for caption in compared)}). Then {CHANGES[str(full['change'])]}. "
        f"Which way does the probability of {whose} move?",
        "choice",
        options=MOVES,
        hints=(
            "A larger logit scale is a lower temperature: it stretches the distances between the logits.",
            "Softmax sees only differences of logits. Which of them change, and in whose favour?",
        ),
    )


def check_temperature(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The way it moved; names a temperature taken for its inverse and a constant taken to matter."""
    before, after = number(evidence, "before"), number(evidence, "after")
    measured = f"Measured: {100 * before:.3g}% before, {100 * after:.3g}% after."
    change = str(problem.params["change"])
    if change == "add":
        slip = Mistake(
            0, "thought a constant matters", f"{measured} Softmax ignores what is added to all logits alike."
        )
    elif problem.params["asked"] == "loser":
        slip = Mistake(0, "took the last for the first", f"{measured} What sharpens the winner drains the others.")
    else:
        slip = Mistake(0, "turned the temperature round", f"{measured} Large scale = low temperature = sharper.")
    same = Mistake(0, "thought only the order counts", f"{measured} The order stays, but the probabilities do not.")
    whys: dict[str, str | Mistake] = {"it stays the same": same, "it rises": slip, "it falls": slip}
    return check_choice(problem, answer, evidence, whys)


def pose_odds(params: Params, seed: int) -> Problem:
    """By how much the winner's lead grows with the logit scale."""
    full = completed((_FACTOR,), params, seed)
    factor = float(full["factor"])
    index, odds = stream(seed, "showing").choice([(i, o) for i, o in leads() if 1.2 <= o**factor <= 2_000])
    _, captions = showing(index)
    first, second = best_two(stated()["showing_cosines"][index])
    return Problem(
        "clip.odds",
        full,
        seed,
        f"At a logit scale of {scale():.2f} the tiny CLIP finds “{captions[first]}” {odds:.3g} times as probable as "
        f"“{captions[second]}”. The scale is multiplied by {factor:g}. How many times as probable is it then?",
        "number",
        unit="times",
        tolerance_percent=max(1.0, 1.2 * factor),
        tolerance_reason="the ratio is given with three digits, and a power multiplies its error",
        hints=(
            "The ratio of two softmax probabilities is exp(scale × difference of the cosines).",
            "Multiplying the exponent by a number raises the ratio to that power.",
        ),
    )


def check_odds(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The ratio; names multiplying, adding, dividing, the inverse power."""
    factor, before = float(problem.params["factor"]), number(evidence, "before")
    mistakes = [
        Mistake(
            before * factor,
            "multiplied",
            "The logits are multiplied, not the probabilities: the ratio is raised to that power.",
        ),
        Mistake(
            before / factor,
            "divided",
            "The logits are multiplied, not the probabilities: the ratio is raised to that power.",
        ),
        Mistake(
            before, "left it", "The order stays, but a larger scale widens the ratio and a smaller one narrows it."
        ),
        Mistake(
            before ** (1 / factor),
            "inverse power",
            "That is what multiplying the temperature would do; the scale is its inverse.",
        ),
        Mistake(
            before * math.exp(factor),
            "multiplied by e",
            "The factor multiplies the exponent that is there; it is not added to it.",
        ),
        Mistake(before + factor, "added", "Nothing is added: the ratio is raised to that power."),
    ]
    return check_number(problem, answer, evidence, _rounded(mistakes))


def pose_logit_scale(params: Params, seed: int) -> Problem:
    """What the stored parameter does to the cosines."""
    full = completed((_PARAMETER, _WANTED, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    wanted = (
        "By what number are the cosines multiplied?"
        if full["wanted"] == "scale"
        else "Which temperature τ (cosines are divided by it) is that?"
    )
    return Problem(
        "clip.logit_scale",
        full,
        seed,
        f"The parameter logit_scale of {called(full, 'the')} is set to {float(full['parameter']):g}. {wanted}",
        "number",
        tolerance_percent=1.0,
        tolerance_reason="two or three digits are enough; one percent allows for rounding",
        hints=(
            "The parameter is stored as a logarithm, so that the factor stays positive whatever the optimizer does.",
            "The factor is exp(parameter); the temperature is one over the factor.",
        ),
    )


def check_logit_scale(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The factor or temperature; names a forgotten exponential and one taken for the other."""
    parameter = float(problem.params["parameter"])
    right = float(str(evidence.value))
    other = "the temperature" if problem.params["wanted"] == "scale" else "the factor on the cosines"
    mistakes = [
        Mistake(
            parameter,
            "forgot the exponential",
            "That is the parameter as it is stored; the model takes its exponential.",
        ),
        Mistake(1 / right, "took one for the other", f"That is {other}: one over what was asked for."),
        Mistake(10**parameter, "took powers of ten", "The logarithm is the natural one, not that of base ten."),
        Mistake(2**parameter, "took powers of two", "The logarithm is the natural one, not that of base two."),
        *(
            [
                Mistake(
                    1 / parameter,
                    "forgot the exponential",
                    "That is one over the parameter; take the exponential first.",
                )
            ]
            if parameter
            else []
        ),
    ]
    return check_number(problem, answer, evidence, _rounded(mistakes))


def undecided_showing(seed: int) -> int:
    """A showing whose best caption is not so far ahead that no change could be seen."""
    return stream(seed, "undecided showing").choice([index for index, _ in leads()])


def best_two(cosines: list[float]) -> tuple[int, int]:
    """The places of the largest and second largest cosine."""
    first, second, *_ = sorted(range(len(cosines)), key=lambda i: -cosines[i])
    return first, second


def leads() -> list[tuple[int, float]]:
    """How many times as probable the best caption of each showing is as the next, where that is worth asking."""
    found = []
    for index in range(SHOWINGS):
        ratio = stated()["showing_leads"][index]
        if 1.15 <= ratio <= 60:
            found.append((index, float(ratio)))
    return found


def _rounded(mistakes: list[Mistake]) -> list[Mistake]:
    """Each mistake as it is and to few digits, as people type it."""
    found: list[Mistake] = []
    for m in mistakes:
        found += [
            Mistake(v, m.name, m.why) for v in dict.fromkeys((m.value, *(_digits(m.value, d) for d in (4, 3, 2))))
        ]
    return found


def _digits(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


EXERCISES: Final = (
    exercise(
        "clip.temperature",
        "Turn the temperature",
        covers=("2.4-05", "2.4-10"),
        params=(PICTURE, CAPTIONS, MODEL, _CHANGE, _ASKED),
        poser=pose_temperature,
        checker=check_temperature,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        "clip.odds",
        "Raise the odds",
        covers=("2.4-05",),
        params=(_FACTOR,),
        poser=pose_odds,
        checker=check_odds,
    ),
    exercise(
        "clip.logit_scale",
        "Read the logit scale",
        covers=("2.4-05", "6.3-02"),
        params=(_PARAMETER, _WANTED, MODEL),
        poser=pose_logit_scale,
        checker=check_logit_scale,
        seconds_allowed=SLOW_SECONDS,
    ),
)
