"""Questions on where the shared space breaks: left and right, counting, binding, and what the embedding dropped."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import stream
from labs.problems.clip_common import (
    MODEL,
    SLOW_SECONDS,
    called,
    completed,
    exercise,
    model_name,
    number,
    numbers,
)
from labs.protocol import Evidence, Param, Params, Problem, Verdict
from labs.scenes.captions import COLOURS, NUMBERS, RELATIONS, SEEN, SHAPES, Scene, many, one, place_related

SECTIONS: Final = ("2.4", "2.6")
BANDS: Final = ("below 60%, little better than chance", "from 60% to 90%", "above 90%")
TASKS: Final = ("colour", "shape", "left or right", "above or below", "one or many", "four or five", "which has which")
_TASK: Final = Param("task", "text", "left or right", "what the two captions differ in", choices=TASKS, vary=TASKS)
_COUNT: Final = Param("count", "integer", 3, "how many things are on the pictures", low=1, high=5, vary=(1, 2, 3, 4, 5))
TARGETS: Final = ("across", "down", "colour", "size", "chance")
_TARGET: Final = Param(
    "target",
    "text",
    "across",
    "what a linear probe is to read: where a thing stands, its colour, its size, or chance",
    choices=TARGETS,
    vary=TARGETS,
)
READERS: Final = ("from both", "from the patch tokens only", "from the embedding only", "from neither")
KNOWS_FROM: Final = 0.5
"""R² from which a probe is said to read its target."""


def example(task: str, seed: int) -> tuple[str, str]:
    """A pair of captions that differ in what a task asks."""
    chance = stream(seed, "example")
    (colour, shape), (other_colour, other_shape) = chance.sample(SEEN, 2)
    while other_colour == colour or other_shape == shape:
        other_colour, other_shape = chance.choice(SEEN)
    a, b = one((colour, shape)), one((other_colour, other_shape))
    return {
        "colour": (a, one((other_colour, shape))),
        "shape": (a, one((colour, other_shape))),
        "left or right": (f"{a} left of {b}", f"{a} right of {b}"),
        "above or below": (f"{a} above {b}", f"{a} below {b}"),
        "one or many": (a, many((colour, shape), 4)),
        "four or five": (many((colour, shape), 4), many((colour, shape), 5)),
        "which has which": (f"{a} and {b}", f"{one((other_colour, shape))} and {one((colour, other_shape))}"),
    }[task]


def pose_breaks(params: Params, seed: int) -> Problem:
    """How often the right one of two captions wins that differ in one thing."""
    full = completed((_TASK, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    right, wrong = example(str(full["task"]), seed)
    return Problem(
        "clip.breaks",
        full,
        seed,
        f"{called(full)} chooses between two captions of a drawn picture that differ in one "
        f"thing, such as “{right}” and “{wrong}”. How often does the true one win? (Guessing: 50%.)",
        "choice",
        options=BANDS,
        hints=(
            "What must an embedding keep, to tell the pictures of a training batch apart by their captions?",
            "A batch seldom holds two captions that differ in this alone. What no negative punishes is not learned.",
        ),
    )


def check_breaks(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The band of the measured share; says what was measured."""
    measured = f"Measured: {number(evidence, 'accuracy'):.0f}% of {int(number(evidence, 'pictures'))} pictures."
    whys: dict[str, str | Mistake] = {
        BANDS[0]: Mistake(0, "thought too little of it", f"{measured} This the embedding keeps."),
        BANDS[1]: measured,
        BANDS[2]: Mistake(0, "trusted it too much", f"{measured} A high score on pictures as a whole hides this."),
    }
    return check_choice(problem, answer, evidence, whys)


def pose_counting(params: Params, seed: int) -> Problem:
    """How often a number of things is named right."""
    full = completed((_COUNT, MODEL), params, seed)
    full = {**full, MODEL.name: model_name(full)}
    count = int(full["count"])
    pair = stream(seed, "pair").choice(SEEN)
    shown = one(pair) if count == 1 else many(pair, count)
    return Problem(
        "clip.counting",
        full,
        seed,
        f"New pictures show {NUMBERS[count - 1]} thing{'s' * (count > 1)} of one kind, such as {shown}. "
        f"{called(full)} chooses among the five captions for one to five of them. "
        "In how many percent does it choose the true number?",
        "number",
        unit="%",
        tolerance=12.0,
        tolerance_reason="a forecast of a share measured on 100 pictures, whose own error is some 4 points",
        hints=(
            "Guessing is right in 20%. One is easily told from many; which numbers look most alike?",
            "The tiny CLIP was trained on such captions with numbers in them; web captions seldom count.",
        ),
    )


def check_counting(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The measured share; names chance and the share of another number."""
    shares = numbers(evidence, "by_number")
    mistakes = [
        Mistake(
            20,
            "took chance",
            "That is guessing among five; the model does better, though not equally well for each number.",
        ),
        *(
            Mistake(round(share), "another number", f"That is how often {NUMBERS[i]} is named right.")
            for i, share in enumerate(shares)
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def binding_scene(seed: int) -> Scene:
    """Two things that differ in colour and shape; with colours swapped they are pairs the model was trained on, too."""
    chance = stream(seed, "binding")
    while True:
        a, b = chance.sample(SEEN, 2)
        if a[0] != b[0] and a[1] != b[1] and {(a[0], b[1]), (b[0], a[1])} <= set(SEEN):
            return place_related(chance, a, b, chance.choice(RELATIONS))


def binding_captions(seed: int) -> tuple[str, str]:
    """The true caption of the scene, and the one with the colours swapped; in an order drawn from the seed."""
    (colour_a, shape_a), (colour_b, shape_b) = (thing.pair for thing in binding_scene(seed).things)
    true = f"{one((colour_a, shape_a))} and {one((colour_b, shape_b))}"
    swapped = f"{one((colour_b, shape_a))} and {one((colour_a, shape_b))}"
    return (true, swapped) if stream(seed, "order").random() < 0.5 else (swapped, true)


def pose_binding(params: Params, seed: int) -> Problem:
    """Whether the colours stay with their shapes."""
    full: Params = {MODEL.name: "", **params}
    full = {**full, MODEL.name: model_name(full)}
    scene, options = binding_scene(seed), binding_captions(seed)
    return Problem(
        "clip.binding",
        full,
        seed,
        f"A drawn picture shows {scene.caption}. {called(full)} compares it with "
        f"“{options[0]}” and “{options[1]}”. Which one wins?",
        "choice",
        options=options,
        hints=(
            "Both captions hold the same colours and the same shapes. Only which colour goes with which shape differs.",
            "One vector for the whole picture may hold a bag of features. Does the training ever punish a swap?",
        ),
    )


def check_binding(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The winner, true or not."""
    true = str(evidence.facts["true"])
    pictures, accuracy = int(number(evidence, "pictures")), number(evidence, "accuracy")
    measured = f"Over {pictures} such pictures the true caption wins in {accuracy:.0f}%."
    whys: dict[str, str | Mistake] = {
        option: Mistake(0, "trusted the binding", f"Here the swapped caption wins. {measured}")
        if option == true
        else Mistake(0, "expected a bag of features", f"Here the true caption wins. {measured}")
        for option in problem.options
    }
    return check_choice(problem, answer, evidence, whys)


def pose_probe(params: Params, seed: int) -> Problem:
    """From where a linear probe can read something: the patch tokens or the projected embedding."""
    full = completed((_TARGET,), params, seed)
    target = {
        "across": "how far right the thing stands",
        "down": "how far down the thing stands",
        "colour": f"whether the thing is {stream(seed, 'colour').choice(COLOURS)}",
        "size": "how large the thing is",
        "chance": "a number that was drawn at random for each picture",
    }[str(full["target"])]
    shape = stream(seed, "shape").choice(SHAPES)
    return Problem(
        "clip.probe",
        full,
        seed,
        f"Pictures show one thing each, such as a {shape}. A linear probe is to read {target}: once from the 64 patch "
        "tokens of the tiny CLIP's second-last layer, once from its projected embedding. From which does it succeed on "
        f"new pictures (R² of at least {KNOWS_FROM})?",
        "choice",
        options=READERS,
        hints=(
            "Patch tokens keep their places. Does any caption say what is asked here, so that the embedding needs it?",
            "A probe can only read what is there: contrastive training keeps in the embedding what captions speak of.",
        ),
    )


def check_probe(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Where the probe succeeded; names an embedding that was trusted to keep all."""
    patches, embedding = number(evidence, "r2_patches"), number(evidence, "r2_embedding")
    measured = f"Measured R²: patch tokens {patches:.2f}, embedding {embedding:.2f}."
    why = {
        (False, False): "Nothing in the picture tells it, and a probe measured on new pictures shows that.",
        (True, False): "No caption speaks of it, so the embedding did not need it; the tokens still know.",
        (False, True): "On the grid it stands elsewhere in each picture: one linear map of all places cannot follow.",
        (True, True): "It is there in both.",
    }[patches >= KNOWS_FROM, embedding >= KNOWS_FROM]
    trusted = ("trusted both", "trusted the patch tokens alone", "trusted the embedding alone", "trusted neither")
    whys = {reader: Mistake(0, name, f"{measured} {why}") for reader, name in zip(READERS, trusted, strict=True)}
    return check_choice(problem, answer, evidence, whys)


EXERCISES: Final = (
    exercise(
        "clip.breaks",
        "Find where the space breaks",
        sections=(*SECTIONS, "1.4", "5.5"),
        covers=("2.6-07", "2.6-09", "3.4-12", "5.5-05", "1.3-05"),
        params=(_TASK, MODEL),
        poser=pose_breaks,
        checker=check_breaks,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        "clip.counting",
        "Count by caption",
        sections=SECTIONS,
        covers=("2.6-07", "2.6-08", "3.4-10"),
        params=(_COUNT, MODEL),
        poser=pose_counting,
        checker=check_counting,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        "clip.binding",
        "Which colour goes with which shape",
        sections=SECTIONS,
        covers=("2.6-07", "2.4-13"),
        params=(MODEL,),
        poser=pose_binding,
        checker=check_binding,
        seconds_allowed=SLOW_SECONDS,
    ),
    exercise(
        "clip.probe",
        "What the eye knows and the embedding dropped",
        sections=SECTIONS,
        covers=("2.4-13", "2.5-03", "2.6-07", "1.4-02", "1.4-05", "5.5-05"),
        params=(_TARGET,),
        poser=pose_probe,
        checker=check_probe,
    ),
)
