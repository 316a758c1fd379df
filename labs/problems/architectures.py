"""Questions on whole Vision Transformers: parameters, multiply-adds, growth, output shapes, the order of steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from labs.checking import Mistake, check_choice, check_number, check_order
from labs.exercise import Exercise, fitting, stream
from labs.problems.facts import check_estimate, fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.architectures"


@dataclass(frozen=True, slots=True)
class Architecture:
    """One row of the ViT paper's table 1: values of a token, heads, width inside the MLP, blocks."""

    width: int
    heads: int
    hidden: int
    layers: int


ARCHITECTURES: Final = {
    "ViT-S": Architecture(384, 6, 1536, 12),
    "ViT-B": Architecture(768, 12, 3072, 12),
    "ViT-L": Architecture(1024, 16, 4096, 24),
    "ViT-H": Architecture(1280, 16, 5120, 32),
}
STEPS: Final = {
    "cut the picture and project each patch": ("convolution", 0),
    "lay the grid out as one sequence": ("transpose", 0),
    "put the class token in front": ("cat", 0),
    "add the position embeddings": ("add", 0),
    "let the tokens look at one another": ("_softmax", 0),
    "pass every token through the MLP": ("gelu", 0),
    "normalise once after the last block": ("native_layer_norm", -1),
    "pool the class token": ("tanh", -1),
}
"""Each step of a forward pass, torch's name of the operation that marks it, and which of its calls: first or last."""
OUTPUTS: Final = (
    "all tokens of the last layer",
    "its patch tokens alone",
    "its patch tokens laid out as a feature map",
    "the pooled output",
    "the attention weights of one layer",
)
_PARTS: Final = ("the patch projection", "the position embeddings")
_PAIRS: Final = "attention pairs"

_MODEL: Final = Param(
    "model",
    "text",
    "ViT-B",
    "which size of the ViT paper",
    choices=tuple(ARCHITECTURES),
    vary=("ViT-S", "ViT-B", "ViT-L"),
)
_IMAGE_SIZE: Final = Param(
    "image_size",
    "integer",
    224,
    "side of the square picture in px",
    low=56,
    high=1024,
    vary=(224, 256, 288, 336, 384, 448, 512),
)
_PATCH_SIZE: Final = Param("patch_size", "integer", 16, "side of a patch in px", low=7, high=64, vary=(14, 16, 32))
_SQUARE: Final = (_MODEL, _IMAGE_SIZE, _PATCH_SIZE)
_PART: Final = Param("part", "text", _PARTS[0], "whose parameters are counted", choices=_PARTS, vary=_PARTS)
_QUANTITY: Final = Param(
    "quantity", "text", _PAIRS, "what is asked to grow", choices=("tokens", _PAIRS), vary=("tokens", _PAIRS, _PAIRS)
)
_FACTOR: Final = Param(
    "factor", "integer", 2, "how many times the side becomes longer", low=2, high=4, vary=(2, 2, 3, 4)
)
_OUTPUT: Final = Param("output", "text", OUTPUTS[0], "which output is asked for", choices=OUTPUTS, vary=OUTPUTS)

_PARAMETERS: Final = (_PART, *_SQUARE)
_GROWTH: Final = (
    _QUANTITY,
    _FACTOR,
    _MODEL,
    replace(_IMAGE_SIZE, low=224, high=512, vary=(224, 256, 288, 336)),
    replace(_PATCH_SIZE, high=16, vary=(14, 16)),
)
_SHAPES: Final = (_OUTPUT, *_SQUARE)


def pose_parameters(params: Params, seed: int) -> Problem:
    """How many learned numbers the patch projection or the table of positions has."""
    full = _dividing(_PARAMETERS, params, seed)
    width = ARCHITECTURES[str(full["model"])].width
    first = full["part"] == _PARTS[0]
    hints = (
        ("How long is one flattened patch in colour?", "One weight for each value in and each value out, then a bias.")
        if first
        else ("How many tokens does the first block get?", "Every token of the sequence has a position of its own.")
    )
    return Problem(
        "patches.parameters",
        full,
        seed,
        f"{_called(full)}, tokens of {width} values, reads colour pictures of {_square(full)} pixels. How many learned "
        f"numbers (weights{' and biases' if first else ''}) {'has' if first else 'have'} {full['part']}?",
        "integer",
        unit="parameters",
        hints=hints,
    )


def check_parameters(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The exact count; names a forgotten bias, class token or channel and the other part's count."""
    width, tokens = fact(evidence, "width"), fact(evidence, "tokens")
    projection, positions = fact(evidence, "projection"), fact(evidence, "positions")
    patch = int(problem.params["patch_size"])
    grey = patch * patch * width
    side = int(problem.params["image_size"]) // patch
    if problem.params["part"] == _PARTS[0]:
        mistakes = [
            Mistake(projection - width, "forgot the bias", f"The {width:.0f} biases are learned as well."),
            Mistake(grey, "forgot the channels", "A flattened patch has three values a pixel."),
            Mistake(grey + width, "forgot the channels", "A flattened patch has three values a pixel."),
            Mistake(patch * patch * 3, "length of a patch", "That is the input; each value goes to every output."),
            Mistake(
                projection * (tokens - 1),
                "a projection for each patch",
                "One projection is shared by all patches: more patches cost no more parameters.",
            ),
            Mistake(positions, "the other part", "Those are the position embeddings."),
        ]
    else:
        mistakes = [
            Mistake(positions - width, "forgot the class token", "The class token has a position of its own."),
            Mistake(tokens, "one number a position", f"Each position is a vector as long as a token, {width:.0f}."),
            Mistake(
                2 * side * width,
                "row and column",
                "ViT learns one vector a place, not one a row and one a column.",
            ),
            Mistake(projection, "the other part", "That is the patch projection."),
        ]
    whole = Mistake(fact(evidence, "whole"), "the whole encoder", "That is the whole encoder; asked is one part of it.")
    return check_number(problem, answer, evidence, [*mistakes, whole])


def pose_size(params: Params, seed: int) -> Problem:
    """How many million parameters a whole encoder has."""
    full = _dividing(_SQUARE, params, seed)
    size = ARCHITECTURES[str(full["model"])]
    return Problem(
        "patches.size",
        full,
        seed,
        f"{_called(full)} for {_square(full)} pixels: {size.layers} blocks, tokens of {size.width} values, an MLP of "
        f"{size.hidden} inside. About how many million parameters does the encoder have, without pooler and "
        "classifier?",
        "number",
        unit="million parameters",
        tolerance_percent=5.0,
        tolerance_reason="an estimate from the large matrices is asked for; biases, norms and embeddings are small",
        hints=(
            f"Attention has four matrices of {size.width} × {size.width}; how many does the MLP have?",
            f"A block has about 12 × {size.width}² weights; the embeddings add a little.",
        ),
    )


def check_size(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Within 5 %; names one block, attention alone, the MLP alone and bytes."""
    right = float(evidence.value) if isinstance(evidence.value, int | float) else 0.0
    mistakes = [
        Mistake(fact(evidence, "block"), "one block only", "That is one block; the encoder stacks all of them."),
        Mistake(fact(evidence, "attention"), "forgot the MLP", "That is attention alone; the MLP has twice as many."),
        Mistake(fact(evidence, "mlp"), "forgot attention", "That is the MLPs alone; attention has half as many more."),
        Mistake(right * 4, "gave bytes", "Those are the megabytes of its float32 weights: four bytes each."),
        Mistake(right * 2, "gave bytes", "Those are the megabytes of its half-precision weights: two bytes each."),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_compute(params: Params, seed: int) -> Problem:
    """How many billion multiply-adds one picture costs."""
    full = _dividing(_SQUARE, params, seed)
    size = ARCHITECTURES[str(full["model"])]
    return Problem(
        "patches.compute",
        full,
        seed,
        f"{_called(full)} ({size.layers} blocks, tokens of {size.width} values, MLP {size.hidden}) reads a picture of "
        f"{_square(full)} pixels. About how many billion multiply-adds does the encoder take?",
        "number",
        unit="billion multiply-adds",
        tolerance_percent=5.0,
        tolerance_reason="an estimate from tokens and matrices is asked for; the patch embedding is small",
        hints=(
            f"Every token meets every weight of a block once: about 12 × {size.width}² multiply-adds each time.",
            "To that, QKᵀ and AV each take tokens² × width in every block.",
        ),
    )


def check_compute(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Within 5 %; names FLOPs, one block, attention's products left out, and parameters."""
    right = float(evidence.value) if isinstance(evidence.value, int | float) else 0.0
    mistakes = [
        Mistake(right * 2, "gave FLOPs", "Those are FLOPs; a multiply-add is two of them."),
        Mistake(fact(evidence, "block"), "one block only", "That is one block; the picture passes all of them."),
        Mistake(
            fact(evidence, "layers"),
            "forgot the products of attention",
            "That is the learned layers alone; QKᵀ and AV come on top and grow with the square of the tokens.",
        ),
        Mistake(fact(evidence, "attention"), "products of attention alone", "That is QKᵀ and AV alone."),
        Mistake(
            fact(evidence, "parameters"),
            "gave the parameters",
            "Those are the parameters; each is used once for every token.",
        ),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_growth(params: Params, seed: int) -> Problem:
    """How many times more tokens or attention pairs a larger picture makes."""
    full = _dividing(_GROWTH, params, seed)
    size, factor = int(full["image_size"]), int(full["factor"])
    what = (
        "the number of tokens"
        if full["quantity"] == "tokens"
        else "the number of token pairs an attention head compares"
    )
    return Problem(
        "patches.growth",
        full,
        seed,
        f"{_called(full)} reads a picture of {size * factor} px a side instead of {size} px, in the same patches. "
        f"By what factor does {what} grow?",
        "number",
        unit="times",
        tolerance_percent=2.0,
        tolerance_reason="the class token does not grow, so the measured ratio lies up to about 1 % below the rule",
        hints=(
            "By what factor does the number of patches grow when both sides grow?",
            "Pairs are tokens times tokens: the factor of the tokens counts twice.",
        ),
    )


def check_growth(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Within 2 %; names the side's own factor, and tokens taken for pairs or the reverse."""
    factor = fact(evidence, "factor")
    pairs_asked = problem.params["quantity"] == _PAIRS
    mistakes = [
        Mistake(factor, "the side's own factor", "That is how the side grows; the patches fill an area."),
        Mistake(
            fact(evidence, "tokens"),
            "tokens, not pairs",
            "So grow the tokens; every token is compared with every token, so pairs grow with their square.",
        ),
        Mistake(fact(evidence, "pairs"), "pairs, not tokens", "So grow the pairs; asked are the tokens themselves."),
        Mistake(
            factor**3 if pairs_asked else factor * 2,
            "the wrong power",
            "Side to the power of two is the tokens, to the power of four the pairs.",
        ),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_shapes(params: Params, seed: int) -> Problem:
    """Which shape one of the encoder's outputs has."""
    full = _dividing(_SHAPES, params, seed)
    size = ARCHITECTURES[str(full["model"])]
    options = list(_output_shapes(full).values())
    stream(seed, "patches.shapes:options").shuffle(options)
    return Problem(
        "patches.shapes",
        full,
        seed,
        f"{_called(full)} (tokens of {size.width} values, {size.heads} heads) reads one picture of {_square(full)} "
        f"pixels. Which shape {'have' if full['output'] in OUTPUTS[:1] + OUTPUTS[4:] else 'has'} "
        f"{_asked(str(full['output']))}?",
        "choice",
        options=tuple(options),
        hints=("How many patches are there, and does the class token take part?", "Which axes are left at that point?"),
    )


def check_shapes(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names what the picked shape belongs to."""
    whys: dict[str, str | Mistake] = {
        shape: Mistake(0, f"took {what}", f"That is the shape of {what}.")
        for what, shape in evidence.facts.items()
        if isinstance(shape, str)
    }
    return check_choice(problem, answer, evidence, whys)


def pose_tour(params: Params, seed: int) -> Problem:
    """Put five steps of a forward pass in order."""
    full = _dividing(_SQUARE, params, seed)
    options = stream(seed, "patches.tour:options").sample(list(STEPS), 5)
    return Problem(
        "patches.tour",
        full,
        seed,
        f"{_called(full)} reads a picture of {_square(full)} pixels. Put five steps of its forward pass in order. "
        "Where a step comes in every block, its first time counts.",
        "order",
        options=tuple(options),
        hints=(
            "Tokens must exist before something is put in front of them or added to them.",
            "Within a block attention comes before the MLP; pooling is the very last step.",
        ),
    )


def _output_shapes(params: Params) -> dict[str, str]:
    """The shapes to choose from; the worker measures which is right."""
    size = ARCHITECTURES[str(params["model"])]
    side = int(params["image_size"]) // int(params["patch_size"])
    n, d = side * side, size.width
    shapes = (f"(1, {n + 1}, {d})", f"(1, {n}, {d})", f"(1, {d}, {side}, {side})", f"(1, {d})")
    return dict(zip(OUTPUTS, (*shapes, f"(1, {size.heads}, {n + 1}, {n + 1})"), strict=True))


def _asked(output: str) -> str:
    return output.replace("its patch tokens", "the last layer's patch tokens").replace("laid", "once laid")


def _dividing(knobs: tuple[Param, ...], params: Params, seed: int) -> Params:
    full = fitting(knobs, params, seed, lambda p: int(p["image_size"]) % int(p["patch_size"]) == 0)
    if full is None:
        shown = params.get("image_size", "any")
        raise ParamError("patch_size", f"{params.get('patch_size', 'no patch')} does not divide a side of {shown} px")
    return full


def _called(params: Params) -> str:
    """`ViT-B/16`."""
    return f"{params['model']}/{params['patch_size']}"


def _square(params: Params) -> str:
    return f"{params['image_size']} × {params['image_size']}"


EXERCISES: Final = (
    Exercise(
        name="patches.shapes",
        title="Name an encoder's output shapes",
        sections=("2.2", "2.5"),
        covers=("2.2-15", "2.5-02", "6.6-01"),
        params=_SHAPES,
        module=MODULE,
        poser=pose_shapes,
        checker=check_shapes,
    ),
    Exercise(
        name="patches.tour",
        title="Put the steps of a forward pass in order",
        sections=("2.2",),
        covers=("2.2-16", "2.2-12", "6.3-01"),
        params=_SQUARE,
        module=MODULE,
        poser=pose_tour,
        checker=check_order,
    ),
    Exercise(
        name="patches.parameters",
        title="Count what the embedding learns",
        sections=("2.2",),
        covers=("2.2-09", "2.2-12"),
        params=_PARAMETERS,
        module=MODULE,
        poser=pose_parameters,
        checker=check_parameters,
    ),
    Exercise(
        name="patches.size",
        title="Estimate the parameters of a ViT",
        sections=("2.3",),
        covers=("2.3-03",),
        params=_SQUARE,
        module=MODULE,
        poser=pose_size,
        checker=check_size,
    ),
    Exercise(
        name="patches.compute",
        title="Estimate what a picture costs",
        sections=("2.3",),
        covers=("2.3-07", "2.3-08"),
        params=_SQUARE,
        module=MODULE,
        poser=pose_compute,
        checker=check_compute,
    ),
    Exercise(
        name="patches.growth",
        title="Follow the cost of a larger picture",
        sections=("2.3",),
        covers=("2.3-07", "2.3-08", "2.3-09"),
        params=_GROWTH,
        module=MODULE,
        poser=pose_growth,
        checker=check_growth,
    ),
)
