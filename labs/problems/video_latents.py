"""Questions on latent video: latent frames, what they may see, tokens, compression and the price of a second."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import Exercise, fitting
from labs.problems.facts import check_estimate, fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.video_latents"
LATENT_CHANNELS: Final = 16
"""Values at each place of the latent."""
SPACE: Final = 8
TIME: Final = 4
PATCH: Final = 2
"""Side of the video transformer's patches, in latent places."""
_SIZES: Final = ("256x256", "512x512", "832x480", "960x544", "1280x720", "1344x768", "1920x1088")

_FRAMES: Final = Param(
    "frames",
    "integer",
    121,
    "frames of the clip",
    low=2,
    high=400,
    vary=(33, 48, 49, 65, 80, 81, 97, 120, 121, 129, 240),
)
_LATENT_FRAME: Final = Param(
    "latent_frame", "integer", 3, "which latent frame, from 0", low=0, high=12, vary=(0, 1, 2, 3, 4, 5, 6)
)
_SHORT: Final = Param("frames", "integer", 25, "frames of the clip", low=5, high=49, vary=(25, 29, 33, 37, 41))
_SECONDS: Final = Param("seconds", "integer", 5, "length in seconds", low=1, high=20, vary=(2, 3, 4, 5, 6, 8, 10))
_FPS: Final = Param("fps", "integer", 24, "frames a second", choices=(8, 12, 16, 24), vary=(8, 16, 24))
_SIZE: Final = Param("size", "text", "1280x720", "width x height in px", choices=_SIZES, vary=_SIZES)

_CLIP: Final = (_SECONDS, _FPS, _SIZE)
_LONG_CLIP: Final = (replace(_SECONDS, vary=(4, 5, 6, 8, 10)), replace(_FPS, vary=(16, 24)), _SIZE)
_CAUSAL: Final = (_LATENT_FRAME, _SHORT)


def pose_latent_frames(params: Params, seed: int) -> Problem:
    """How many latent frames a clip has."""
    full = fitting((_FRAMES,), params, seed, lambda _: True)
    assert full is not None
    return Problem(
        "video.latent_frames",
        full,
        seed,
        f"A causal video autoencoder halves time twice; the first frame stands alone. A clip has {full['frames']} "
        "frames. How many frames does its latent have?",
        "integer",
        unit="latent frames",
        hints=(
            "The first frame makes one latent frame by itself.",
            "Every four frames after it make one more; round down.",
        ),
    )


def check_latent_frames(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names the first frame forgotten, halving once, no compression."""
    frames = int(fact(evidence, "frames"))
    mistakes = [
        Mistake((frames - 1) // 4, "forgot the first frame", "The first frame makes a latent frame by itself."),
        Mistake(frames / 4, "divided by four", "Latent frames are whole: the first stands alone, then groups of four."),
        Mistake(frames // 4 + 1, "one too many", "The first frame belongs to the clip; what is left over makes none."),
        Mistake(
            -(-(frames - 1) // 4) + 1, "rounded up", "Frames that make no whole group of four make no latent frame."
        ),
        Mistake(-(-frames // 2), "halved once", "Time is halved twice."),
        Mistake(frames // 2, "halved once", "Time is halved twice."),
        Mistake(-(-frames // 8), "took the factor of space", "Space shrinks by 8, time by 4."),
        Mistake(frames, "compressed space only", "The autoencoder shrinks time, too."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_causal(params: Params, seed: int) -> Problem:
    """The last frame a latent frame depends on."""
    full = fitting(_CAUSAL, params, seed, lambda p: int(p["latent_frame"]) <= (int(p["frames"]) - 1) // TIME)
    if full is None:
        raise ParamError("latent_frame", "the clip has not that many latent frames")
    return Problem(
        "video.causal",
        full,
        seed,
        f"A causal 3-D encoder halves time twice. A clip of {full['frames']} frames goes in. Which is the last frame "
        f"that can change latent frame {full['latent_frame']}? Both count from 0.",
        "integer",
        hints=(
            "Causal: a convolution sees its own frame and earlier ones, never a later one.",
            "Latent frame 0 stands for frame 0; each step of one latent frame is a step of four frames.",
        ),
    )


def check_causal(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names a group of four that begins at frame 0, looking ahead, the whole clip."""
    latent, frames = int(problem.params["latent_frame"]), int(fact(evidence, "frames"))
    mistakes = [
        Mistake(
            4 * latent + 3,
            "grouped from frame 0",
            "That groups frames 0 to 3; but the first frame stands alone, so groups end at 4, 8, 12.",
        ),
        Mistake(4 * latent + 1, "counted from one", "Frames count from 0."),
        Mistake(
            4 * latent + 4, "looked ahead", "That is the end of the next latent frame; causal means no looking ahead."
        ),
        Mistake(frames - 1, "saw the whole clip", "A causal encoder sees no frame after its own."),
        Mistake(latent, "did not compress", "Each latent frame is a step of four frames."),
        Mistake(2 * latent, "halved once", "Time is halved twice."),
        Mistake(8 * latent, "took the factor of space", "Space shrinks by 8, time by 4."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_latent_tokens(params: Params, seed: int) -> Problem:
    """How many tokens a latent clip makes."""
    full = _full(_CLIP, params, seed)
    return Problem(
        "video.latent_tokens",
        full,
        seed,
        f"{_described(full)} A causal autoencoder makes it 8 times smaller in height and width and 4 times in time, "
        "the first frame standing alone. A video transformer cuts each latent frame into patches of 2 × 2. How many "
        "tokens does it get?",
        "integer",
        unit="tokens",
        hints=("How many latent frames are there? 1 + (frames − 1) / 4.", "One latent frame makes H/16 × W/16 tokens."),
    )


def check_latent_tokens(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names a forgotten patch, time not compressed, the first frame forgotten, space not compressed."""
    t, h, w = (fact(evidence, name) for name in ("latent_frames", "latent_height", "latent_width"))
    frames = fact(evidence, "frames")
    a_frame = (h // PATCH) * (w // PATCH)
    mistakes = [
        Mistake(t * h * w, "forgot the patches", "Those are the latent places; 2 × 2 of them make one token."),
        Mistake(fact(evidence, "one_by_one"), "did not compress time", "The autoencoder shrinks time by 4, too."),
        Mistake((t - 1) * a_frame, "forgot the first frame", "The first frame makes a latent frame by itself."),
        Mistake((frames - 1) // 8 * a_frame, "took the factor of space", "Space shrinks by 8, time by 4."),
        Mistake(t * h * w / 2, "halved once", "Patches of 2 × 2 take four places, not two."),
        Mistake(t * h * w / 8, "patches through time", "A patch takes 2 × 2 places of one latent frame."),
        Mistake(a_frame, "one latent frame only", "That is one latent frame; there are several."),
        Mistake(t * h * w * LATENT_CHANNELS, "gave latent values", "Those are the values of the latent."),
        Mistake(t * a_frame * LATENT_CHANNELS, "multiplied by channels", "A token holds all channels of its places."),
        Mistake(t * (h * 8 // 16) * (w * 8 // 16) * 64, "did not compress space", "Space shrinks by 8 first."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_compression(params: Params, seed: int) -> Problem:
    """How many times fewer values the latent has."""
    full = _full(_LONG_CLIP, params, seed)
    return Problem(
        "video.compression",
        full,
        seed,
        f"{_described(full)} A causal autoencoder makes it 8 times smaller in height and width and 4 times in time, "
        f"with {LATENT_CHANNELS} values at each place instead of 3 colours. How many times fewer values does the "
        "latent have than the clip?",
        "number",
        unit="times",
        tolerance_percent=5.0,
        tolerance_reason="the first frame, which stands alone, may be left out of the estimate",
        hints=("How many times fewer places are there in time, height and width?", "Each place has 16 values, not 3."),
    )


def check_compression(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names channels forgotten or turned over, time or one side forgotten."""
    places = fact(evidence, "places")
    ratio = places * 3 / LATENT_CHANNELS
    mistakes = [
        Mistake(places, "forgot the channels", "So many fewer places; but each has 16 values instead of 3."),
        Mistake(256, "forgot the channels", "So many fewer places; but each has 16 values instead of 3."),
        Mistake(ratio / 4, "forgot time", "Time shrinks by 4 as well."),
        Mistake(ratio / 8, "one side only", "Both height and width shrink by 8."),
        Mistake(
            places * LATENT_CHANNELS / 3, "turned the channels over", "More values a place make the latent larger."
        ),
        Mistake(places / LATENT_CHANNELS, "forgot the colours", "The clip has 3 values a pixel."),
        Mistake(1 / ratio, "turned it over", "That is the latent's share of the clip."),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_second(params: Params, seed: int) -> Problem:
    """How many tokens one more second adds."""
    full = _full(_CLIP, params, seed)
    return Problem(
        "video.second",
        full,
        seed,
        f"{_described(full)} It is made 8 times smaller in height and width and 4 times in time, and cut into "
        "patches of 2 × 2 latent places. How many tokens does one more second add?",
        "integer",
        unit="tokens",
        hints=("How many latent frames are one second?", "One latent frame makes H/16 × W/16 tokens."),
    )


def check_second(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names time not compressed, one latent frame, the whole clip, patches forgotten, pixel values."""
    fps, a_frame = int(problem.params["fps"]), fact(evidence, "a_frame")
    mistakes = [
        Mistake(fps * a_frame, "did not compress time", "Four frames make one latent frame."),
        Mistake(a_frame, "one latent frame only", "That is one latent frame; a second has several."),
        Mistake(fps // TIME * a_frame * 4, "forgot the patches", "2 × 2 latent places make one token."),
        Mistake(
            (fps // TIME + 1) * a_frame, "counted a first frame again", "Only the clip's very first frame stands alone."
        ),
        Mistake(fact(evidence, "before"), "gave the whole clip", "That is the clip so far; asked is what is added."),
        Mistake(
            fact(evidence, "before") + fps // TIME * a_frame, "gave the whole clip", "Asked is only what is added."
        ),
        Mistake(fact(evidence, "values"), "gave pixel values", "Those are the pixel values of one more second."),
        Mistake(fps, "gave the frames", "Those are the frames of a second; each makes many tokens."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def _full(knobs: tuple[Param, ...], params: Params, seed: int) -> Params:
    full = fitting(knobs, params, seed, lambda _: True)
    assert full is not None
    return full


def _described(params: Params) -> str:
    seconds, fps = int(params["seconds"]), int(params["fps"])
    width, height = str(params["size"]).split("x")
    return (
        f"A clip of {seconds} s at {fps} frames a second has {seconds * fps + 1} frames (the first and {seconds * fps} "
        f"more) of {width} × {height} pixels (width × height)."
    )


EXERCISES: Final = (
    Exercise(
        name="video.latent_frames",
        title="Count latent frames",
        sections=("5.4", "6.1"),
        covers=("6.1-12", "5.3-09"),
        params=(_FRAMES,),
        module=MODULE,
        poser=pose_latent_frames,
        checker=check_latent_frames,
    ),
    Exercise(
        name="video.causal",
        title="Say how far a causal encoder sees",
        sections=("5.2", "5.3"),
        covers=("5.3-10", "6.1-12"),
        params=_CAUSAL,
        module=MODULE,
        poser=pose_causal,
        checker=check_causal,
    ),
    Exercise(
        name="video.latent_tokens",
        title="Count the tokens of latent video",
        sections=("5.4", "6.1"),
        covers=("5.4-02", "6.1-12"),
        params=_CLIP,
        module=MODULE,
        poser=pose_latent_tokens,
        checker=check_latent_tokens,
    ),
    Exercise(
        name="video.compression",
        title="Compare a clip with its latent",
        sections=("5.4", "6.1"),
        covers=("6.1-12", "6.1-10"),
        params=_LONG_CLIP,
        module=MODULE,
        poser=pose_compression,
        checker=check_compression,
    ),
    Exercise(
        name="video.second",
        title="Price one more second",
        sections=("5.3", "5.4"),
        covers=("5.3-09", "5.4-02", "6.2-07"),
        params=_CLIP,
        module=MODULE,
        poser=pose_second,
        checker=check_second,
    ),
)
