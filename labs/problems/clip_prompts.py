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
    "a prompt with {} where the label goes, or {s} for its plural, such as “a photo of a {}”",
    vary=("a {}", "{}", "a photo of a {}", "three {s}", "{s}", "a {} left of a red star", "a {} and a red star"),
)
SHOWN: Final = ("one thing", "three alike", "a thing beside a red star")
_SHOWN: Final = Param("shown", "text", "one thing", "what the pictures show", choices=SHOWN, vary=SHOWN)
_SETS: Final = Param("sets", "integer", 3, "how many ways are compared", low=2, high=5, vary=(3, 4))
PROMPT_SETS: Final = {
    "“a {}”": ("a {}",),
    "“three {s}”": ("three {s}",),
    "“a {} and a red star”": ("a {} and a red star",),
    "“something {colour}”": ("something {colour}",),
    "“a {shape}”": ("a {shape}",),
    "the mean of “something {colour}” and “a {shape}”": ("something {colour}", "a {shape}"),
    "the mean of “a {}” and “three {s}”": ("a {}", "three {s}"),
    "the mean of “a {}”, “three {s}” and “a {} and a red star”": ("a {}", "three {s}", "a {} and a red star"),
}
"""How the labels of a zero-shot classifier are put, and the templates whose embeddings are averaged for it."""
_INSTANCE: Final = ("blue", "circle")


def worded(option: str) -> str:
    """A way of putting labels, with a blue circle for the label."""
    return put(option, _INSTANCE)


def prompts_of(option: str) -> tuple[str, ...]:
    """The templates of an option as it was worded."""
    return next(templates for way, templates in PROMPT_SETS.items() if worded(way) == option)


def pose_prompts(params: Params, seed: int) -> Problem:
    """How well a prompt of one's own names what is on pictures."""
    full = completed((TEMPLATE, _SHOWN, MODEL), params, seed)
    template = " ".join(str(full["template"]).split())
    rest = template.replace("{}", "").replace("{s}", "")
    if template.count("{}") + template.count("{s}") != 1 or "{" in rest or "}" in rest:
        raise ParamError("template", "must hold {} once, where the label goes, or {s} for its plural")
    if len(template) > 200:
        raise ParamError("template", "has at most 200 characters")
    full = {**full, "template": template, MODEL.name: model_name(full)}
    label = put(template, stream(seed, "label").choice(SEEN))
    return Problem(
        "clip.prompts",
        full,
        seed,
        f"{called(full)} names pictures that show {full['shown']} by the nearest of 64 prompts, made "
        f"from “{template}”: “{label}” and so on. In how many percent is the colour and shape right?",
        "number",
        unit="%",
        tolerance=PERCENT_POINTS,
        tolerance_reason=A_FORECAST,
        hints=(
            "Words around the label that move all 64 prompts the same way change little, even words it never read.",
            "What costs is a prompt that speaks of another kind of picture: one thing, several alike, or two things.",
        ),
    )


def check_prompts(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The measured share; names chance and what the caption's own form reaches."""
    mistakes = [
        Mistake(1.6, "took chance", "That is guessing among 64."),
        Mistake(1.56, "took chance", "That is guessing among 64."),
        Mistake(
            round(number(evidence, "plain")),
            "took the caption's form",
            "That is what the plain “a {}” reaches; the words around the label count.",
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_ensemble(params: Params, seed: int) -> Problem:
    """Which way of putting the labels names most pictures right."""
    full = completed((_SETS, _SHOWN, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    options = tuple(map(worded, stream(seed, "sets").sample(list(PROMPT_SETS), int(full["sets"]))))
    return Problem(
        "clip.ensemble",
        full,
        seed,
        f"Pictures show {full['shown']}. The label blue circle, and 63 others like it, can be put to "
        f"{called(full, 'the')} in these ways: {'; '.join(options)}. Which names most pictures right? "
        "(A mean is taken of the embeddings.)",
        "choice",
        options=options,
        hints=(
            "A prompt helps as far as it looks like the captions such pictures had in training.",
            "A mean of prompts is safe where you do not know what comes; a prompt that fits beats it.",
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
        params=(TEMPLATE, _SHOWN, MODEL),
        poser=pose_prompts,
        checker=check_prompts,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        name="clip.ensemble",
        title="Which prompts name best",
        covers=("2.4-10", "2.4-11"),
        params=(_SETS, _SHOWN, MODEL),
        poser=pose_ensemble,
        checker=check_ensemble,
        seconds_allowed=SLOW_SECONDS,
    ),
)
