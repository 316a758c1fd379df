"""Questions on attention over space and time: keys, cost, growth and memory of joint and divided attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import Exercise, fitting, stream
from labs.problems.facts import check_estimate, fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.video_attention"
JOINT: Final = "joint space-time attention"
DIVIDED: Final = "divided space-time attention"
BY_FRAME: Final = "attention frame by frame"
TIME_STEP: Final = "the time step of divided attention"
SPACE_STEP: Final = "the space step of divided attention"
JOINT_CHEAPER: Final = "the joint block takes fewer"
DIVIDED_CHEAPER: Final = "the divided block takes fewer"
EQUAL: Final = "both take the same"
_STEPS: Final = (JOINT, TIME_STEP, SPACE_STEP, BY_FRAME)

_FRAMES: Final = Param("frames", "integer", 8, "frames of the clip", low=2, high=96, vary=(8, 12, 16, 24, 32))
_IMAGE_SIZE: Final = Param(
    "image_size",
    "integer",
    224,
    "side of the square frames in px",
    low=64,
    high=512,
    vary=(112, 128, 160, 192, 224, 256),
)
_PATCH_SIZE: Final = Param("patch_size", "integer", 16, "side of a patch in px", low=8, high=64, vary=(14, 16))
_SCHEME: Final = Param("scheme", "text", JOINT, "whose attention", choices=_STEPS, vary=_STEPS)
_FACTOR: Final = Param("factor", "integer", 2, "how many times longer the clip becomes", low=2, high=6, vary=(2, 3, 4))

_CLIP: Final = (_FRAMES, _IMAGE_SIZE, _PATCH_SIZE)
_KEYS: Final = (_SCHEME, *_CLIP)
_LONGER: Final = (_SCHEME, _FACTOR, replace(_FRAMES, high=32, vary=(8, 12, 16)), *_CLIP[1:])
_CHEAPER: Final = (replace(_FRAMES, vary=(4, 6, 8, 24, 32, 48, 64)), *_CLIP[1:])


def pose_keys(params: Params, seed: int) -> Problem:
    """How many keys one token is compared with."""
    full = _dividing(_KEYS, params, seed)
    return Problem(
        "video.keys",
        full,
        seed,
        f"{_described(full)} In {full['scheme']} of TimeSformer, with how many keys is the query of one patch "
        "compared? The class token counts where it takes part; in the time step it does not.",
        "integer",
        unit="keys",
        hints=(
            "Does the token look at its own place through time, at its own frame, or at everything?",
            "Patches of a frame are rows times columns; one class token joins wherever space is looked at.",
        ),
    )


def check_keys(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names the other scheme's keys and the class token forgotten or imagined."""
    frames, n = fact(evidence, "frames"), fact(evidence, "patches")
    scheme = str(problem.params["scheme"])
    without = {JOINT: frames * n, TIME_STEP: frames, SPACE_STEP: n, BY_FRAME: n}[scheme]
    mistakes = [
        Mistake(without, "forgot the class token", "The class token is one more key."),
        Mistake(
            without + 1,
            "counted the class token",
            "In TimeSformer's time step the class token takes no part in this code.",
        ),
        Mistake(n + frames, "added both steps", "That adds both steps; asked is one of them."),
        Mistake(n + frames + 1, "added both steps", "That adds both steps; asked is one of them."),
        Mistake(frames * n, "looked at everything", "That is every patch of every frame, as in joint attention."),
        Mistake(frames * n + 1, "looked at everything", "That is every token of the clip, as in joint attention."),
        Mistake(n + 1, "looked at one frame", "That is one frame alone."),
        Mistake(n, "looked at one frame", "That is one frame alone."),
        Mistake(frames, "looked through time only", "That is one place through time."),
        Mistake(frames * (n + 1), "a class token a frame", "There is one class token for the whole clip."),
        Mistake((frames * n + 1) ** 2, "gave the pairs", "Those are all pairs; asked are the keys of one query."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_attention(params: Params, seed: int) -> Problem:
    """How many times dearer joint attention is than divided attention."""
    full = _dividing(_CLIP, params, seed)
    return Problem(
        "video.attention",
        full,
        seed,
        f"{_described(full)} Count only the products of attention, QKᵀ and AV, not the learned layers. How many times "
        "as many multiply-adds does joint space-time attention take as divided attention (time step and space step "
        "together)?",
        "number",
        unit="times",
        tolerance_percent=4.0,
        tolerance_reason="class tokens may be left out of the estimate",
        hints=(
            "Joint: T·N tokens, each compared with T·N keys.",
            "Divided: each of the T·N tokens is compared with T keys, then with N. So compare T·N with T + N.",
        ),
    )


def check_attention(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names the ratio for one step alone, for the whole block, and the inverse."""
    frames, n = fact(evidence, "frames"), fact(evidence, "patches")
    right = frames * n / (frames + n)
    mistakes = [
        Mistake(
            fact(evidence, "by_frame"),
            "left the time step out",
            "That compares with the space step alone; the time step costs as well.",
        ),
        Mistake(n, "left the space step out", "That compares with the time step alone; the space step costs more."),
        Mistake(1 / right, "turned it over", "That is divided against joint; asked is joint against divided."),
        Mistake(
            fact(evidence, "whole"),
            "compared whole blocks",
            "That compares whole blocks, learned layers included; asked are the products of attention.",
        ),
        Mistake(frames * n, "gave the keys", "Those are the keys of joint attention; divided attention has some, too."),
        Mistake(right**2, "squared it", "Both have the same number of queries; only the keys differ."),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_cheaper(params: Params, seed: int) -> Problem:
    """Which whole block takes fewer multiply-adds."""
    full = _dividing(_CHEAPER, params, seed)
    options = (JOINT_CHEAPER, DIVIDED_CHEAPER, EQUAL)
    return Problem(
        "video.cheaper",
        full,
        seed,
        f"{_described(full)} Tokens have 768 values. Compare one whole block of TimeSformer, learned layers included, "
        "with joint space-time attention and with divided attention. Which takes fewer multiply-adds?",
        "choice",
        options=tuple(stream(seed, "video.cheaper:options").sample(options, 3)),
        hints=(
            "Divided attention has a second attention layer: about 5 × 768² more multiply-adds a token.",
            "Joint attention takes 2 × 768 multiply-adds a token and key. How many more keys does it have than T + N?",
        ),
    )


def check_cheaper(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Says what was left out of account."""
    joint, divided = fact(evidence, "joint"), fact(evidence, "divided")
    measured = f"Measured: joint {joint:.2f} G, divided {divided:.2f} G multiply-adds."
    whys = {
        DIVIDED_CHEAPER: Mistake(
            0,
            "forgot the second layer",
            f"The clip is too short: the matrices of the second attention layer cost more than it saves. {measured}",
        ),
        JOINT_CHEAPER: Mistake(
            0,
            "forgot the growth",
            f"Joint attention grows with the square of all tokens; here that outweighs the second layer. {measured}",
        ),
        EQUAL: Mistake(0, "took them for equal", f"They differ both in matrices and in keys. {measured}"),
    }
    return check_choice(problem, answer, evidence, whys)


def pose_longer(params: Params, seed: int) -> Problem:
    """By what factor attention grows when the clip becomes longer."""
    full = _dividing(_LONGER, params, seed)
    frames, factor = int(full["frames"]), int(full["factor"])
    return Problem(
        "video.longer",
        full,
        seed,
        f"A clip grows from {frames} to {frames * factor} frames of {full['image_size']} × {full['image_size']} "
        f"pixels, patches of {full['patch_size']} px. By what factor grows the number of query-key pairs of a head in "
        f"{full['scheme']}?",
        "number",
        unit="times",
        tolerance_percent=2.0,
        tolerance_reason="the class token does not grow, so the measured ratio can lie a little below the rule",
        hints=(
            "Do the sequences get longer, or are there only more of them?",
            "Longer sequences count twice, as queries and as keys; more sequences count once.",
        ),
    )


def check_longer(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names linear growth taken for quadratic and the reverse."""
    factor = fact(evidence, "factor")
    mistakes = [
        Mistake(
            factor,
            "took it as linear",
            "More frames make each sequence longer here: more queries, and more keys for each.",
        ),
        Mistake(
            factor**2,
            "took it as quadratic",
            "Here more frames only make more sequences of the same length; each costs as before.",
        ),
        Mistake(factor**4, "took it for a larger picture", "Only time grows here; the frames keep their patches."),
        Mistake(1, "took it as constant", "More frames bring more queries in any case."),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_memory(params: Params, seed: int) -> Problem:
    """How much memory the attention weights of one block take."""
    full = _dividing(_CLIP, params, seed)
    return Problem(
        "video.memory",
        full,
        seed,
        f"{_described(full)} One block of joint attention with 12 heads writes its attention weights in half "
        "precision, 2 bytes each. How many megabytes (10⁶ bytes) are that?",
        "number",
        unit="MB",
        tolerance_percent=3.0,
        tolerance_reason="the class token may be left out and the result rounded",
        hints=("How many tokens does the clip have?", "Every head keeps tokens × tokens weights of 2 bytes."),
    )


def check_memory(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names one head, tokens not squared, weights counted for bytes, another unit."""
    tokens, heads = fact(evidence, "tokens"), fact(evidence, "heads")
    whole = tokens**2 * heads * 2 / 1e6
    mistakes = [
        Mistake(fact(evidence, "one_head"), "one head only", "That is one head; there are 12."),
        Mistake(whole / 2, "forgot the two bytes", "Those are the weights in millions; each takes 2 bytes."),
        Mistake(whole * 2, "took four bytes", "That is single precision; half precision takes 2 bytes."),
        Mistake(tokens * heads * 2 / 1e6, "did not square", "Every token looks at every token: the square of them."),
        Mistake(whole / 1e3, "gave gigabytes", "That is in gigabytes; asked are megabytes."),
        Mistake(whole * 1e6, "gave bytes", "Those are bytes; asked are megabytes."),
        Mistake(whole * 12, "all blocks", "That is all twelve blocks; asked is one."),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def _dividing(knobs: tuple[Param, ...], params: Params, seed: int) -> Params:
    full = fitting(knobs, params, seed, lambda p: int(p["image_size"]) % int(p["patch_size"]) == 0)
    if full is None:
        raise ParamError("patch_size", "must divide the side of the frames")
    return full


def _described(params: Params) -> str:
    side = params["image_size"]
    return f"A clip has {params['frames']} frames of {side} × {side} pixels, patches of {params['patch_size']} px."


EXERCISES: Final = (
    Exercise(
        name="video.keys",
        title="Count what one token looks at",
        sections=("5.2",),
        covers=("5.2-04", "5.2-05", "5.1-04"),
        params=_KEYS,
        module=MODULE,
        poser=pose_keys,
        checker=check_keys,
    ),
    Exercise(
        name="video.attention",
        title="Compare joint and divided attention",
        sections=("5.4", "5.2"),
        covers=("5.4-03", "5.4-04"),
        params=_CLIP,
        module=MODULE,
        poser=pose_attention,
        checker=check_attention,
    ),
    Exercise(
        name="video.cheaper",
        title="Say when divided attention pays",
        sections=("5.4",),
        covers=("5.4-03", "5.4-04"),
        params=_CHEAPER,
        module=MODULE,
        poser=pose_cheaper,
        checker=check_cheaper,
    ),
    Exercise(
        name="video.longer",
        title="Follow the cost of a longer clip",
        sections=("5.4",),
        covers=("5.4-02", "5.4-03", "6.2-07"),
        params=_LONGER,
        module=MODULE,
        poser=pose_longer,
        checker=check_longer,
    ),
    Exercise(
        name="video.memory",
        title="Weigh a clip's attention weights",
        sections=("5.4",),
        covers=("5.4-02", "5.4-03"),
        params=_CLIP,
        module=MODULE,
        poser=pose_memory,
        checker=check_memory,
    ),
)
