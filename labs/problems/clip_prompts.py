"""Questions on prompts: how well a prompt of one's own names pictures, and which way of putting the labels is best."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import stream
from labs.problems.clip_captions import A_FORECAST, PERCENT_POINTS
from labs.problems.clip_common import MODEL, SLOW_SECONDS, called, completed, exercise, model_name, number, numbers
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict
from labs.scenes.captions import SEEN, put

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


def pose_prompts(params: Params, seed: int) -> Problem:
    """How well a prompt of one's own names what is on pictures."""
    full = completed((TEMPLATE, MODEL), params, seed)
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
        f"{called(full)} names pictures of one thing by the nearest of 64 prompts, made from "
        f"“{template}”: “{put(template, label)}” and so on. In how many percent is it right?",
        "number",
        unit="%",
        tolerance=PERCENT_POINTS,
        tolerance_reason=A_FORECAST,
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
    full = completed((_SETS, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    options = tuple(stream(seed, "sets").sample(list(PROMPT_SETS), int(full["sets"])))
    return Problem(
        "clip.ensemble",
        full,
        seed,
        f"Labels of 64 colour-shape pairs can be put to {called(full, 'the')} in these ways: "
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


EXERCISES: Final = (
    exercise(
        name="clip.prompts",
        title="Classify with a prompt of your own",
        covers=("2.4-10", "2.4-11"),
        params=(TEMPLATE, MODEL),
        poser=pose_prompts,
        checker=check_prompts,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        name="clip.ensemble",
        title="Which prompts name best",
        covers=("2.4-10", "2.4-11"),
        params=(_SETS, MODEL),
        poser=pose_ensemble,
        checker=check_ensemble,
        seconds_allowed=SLOW_SECONDS,
    ),
)
