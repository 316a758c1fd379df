"""Questions on temporal consistency: which fault a clip has, in which frame, how much it flickers, time's direction."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import Exercise, fitting, stream
from labs.problems.facts import check_estimate, fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict
from labs.scenes.clip_scripts import (
    DRIFT,
    DUPLICATE,
    FAULTS,
    FLICKER,
    IDENTITY,
    SUDDEN,
    TELEPORT,
    Script,
    faulty_script,
)

MODULE: Final = "labs.video_clips"
SAME: Final = "it stays the same"
CHANGED: Final = "it changes"
MOVED: Final = "the same vectors in another order"
_MEAN_FRAME: Final = "the mean of all frames"
_PATCH_MEAN: Final = "the mean of all patch tokens of single frames, without positions"
_PATCHES: Final = "the patch tokens of single frames, without positions"
_TUBELET_MEAN: Final = "the mean of all tubelet tokens of two frames, without positions"
_TUBELETS: Final = "the tubelet tokens of two frames, without positions"
_WITHOUT: Final = "the mean output of divided attention without time positions"
_WITH: Final = "the mean output of divided attention with time positions"
READOUTS: Final = (_MEAN_FRAME, _PATCH_MEAN, _PATCHES, _TUBELET_MEAN, _TUBELETS, _WITHOUT, _WITH)
_DRAWN: Final = ""

_FRAMES: Final = Param("frames", "integer", 8, "frames of the clip", low=6, high=10, vary=(7, 8, 9, 10))
_FAULT: Final = Param("fault", "text", IDENTITY, "what is wrong with the clip", choices=FAULTS, vary=FAULTS)
_WHEN: Final = Param("fault", "text", IDENTITY, "what happens in one frame", choices=SUDDEN, vary=SUDDEN)
_LIGHTS: Final = Param(
    "lights", "text", _DRAWN, "mean brightness of each frame, such as 100 90 110; empty: drawn from the seed"
)
_EVEN_FRAMES: Final = Param(
    "frames", "integer", 8, "frames of the clip", choices=(4, 6, 8, 10, 12), vary=(4, 6, 8, 10, 12)
)
_READOUT: Final = Param("readout", "text", READOUTS[0], "what is kept of the clip", choices=READOUTS, vary=READOUTS)

_FAULTY: Final = (_FAULT, _FRAMES)
_SUDDEN: Final = (_WHEN, _FRAMES)
_BACKWARDS: Final = (_READOUT, _EVEN_FRAMES)


def pose_fault(params: Params, seed: int) -> Problem:
    """Which fault a clip has, by what was measured of its frames."""
    full = fitting(_FAULTY, params, seed, lambda _: True)
    assert full is not None
    script = faulty_script(seed, int(full["frames"]), str(full["fault"]))
    return Problem(
        "video.fault",
        full,
        seed,
        f"A generated clip shows a ball rolling evenly over a bench. Measured frame by frame: {_log(script)}. "
        "What is wrong with it?",
        "choice",
        options=tuple(stream(seed, "video.fault:options").sample(FAULTS, len(FAULTS))),
        hints=(
            "Even motion means equal steps of x; hue and light should stay nearly as they are.",
            "One jump or many? A lasting step, a repeated row, to and fro, or steadily one way?",
        ),
    )


def check_fault(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Says which measure tells the two faults apart."""
    signs = {
        IDENTITY: "the hue turns once and stays turned",
        FLICKER: "the light goes to and fro",
        DRIFT: "the light goes steadily one way",
        TELEPORT: "x leaps once, far beyond its usual step",
        DUPLICATE: "one frame repeats the one before in every measure",
    }
    seen = signs.get(str(evidence.value), "")
    whys = {fault: Mistake(0, f"took it for: {fault}", f"Then {sign}. Here {seen}.") for fault, sign in signs.items()}
    return check_choice(problem, answer, evidence, whys)


def pose_when(params: Params, seed: int) -> Problem:
    """In which frame a sudden fault happens."""
    full = fitting(_SUDDEN, params, seed, lambda _: True)
    assert full is not None
    script = faulty_script(seed, int(full["frames"]), str(full["fault"]))
    return Problem(
        "video.when",
        full,
        seed,
        "In a generated clip of a rolling ball something goes wrong in one frame. Measured frame by frame, from frame "
        f"0: {_log(script)}. Which is the first wrong frame?",
        "integer",
        hints=(
            "Take the differences from each frame to the next, of x and of the hue.",
            "The frame after the odd difference is the wrong one; the first value belongs to frame 0.",
        ),
    )


def check_when(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names counting from one and the last frame that was still right."""
    at = float(evidence.value) if isinstance(evidence.value, int | float) else 0.0
    mistakes = [
        Mistake(at + 1, "counted from one", "Frames count from 0."),
        Mistake(
            at - 1, "the last right frame", "That is the last frame still right; the difference shows in the next."
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_flicker(params: Params, seed: int) -> Problem:
    """How much a clip flickers."""
    lights = params.get("lights", _DRAWN) or _drawn_lights(seed)
    full: Params = {"lights": str(lights)}
    values = lights_of(full)
    return Problem(
        "video.flicker",
        full,
        seed,
        f"The frames of a clip have the mean brightness {', '.join(str(one) for one in values)}. Its flicker index is "
        "the mean absolute change from one frame to the next, in percent of the mean brightness. What is it?",
        "number",
        unit="%",
        tolerance=0.3,
        tolerance_percent=3.0,
        tolerance_reason="the drawn frames have whole pixel values, so their measured light is rounded",
        hints=(
            f"{len(values)} frames have {len(values) - 1} changes; take them without their signs.",
            "Divide the mean change by the mean brightness of all frames.",
        ),
    )


def check_flicker(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names signs kept, a sum for a mean, one change too many, the spread and a fraction."""
    right = float(evidence.value) if isinstance(evidence.value, int | float) else 0.0
    steps = fact(evidence, "steps")
    mean = fact(evidence, "mean_step") / right * 100 if right else 1.0
    mistakes = [
        Mistake(
            abs(fact(evidence, "net")) / steps / mean * 100,
            "kept the signs",
            "Ups and downs cancel then; flicker is what does not cancel: take each change without its sign.",
        ),
        Mistake(abs(fact(evidence, "net")) / mean * 100, "first against last", "That is drift; flicker is in between."),
        Mistake(fact(evidence, "sum") / mean * 100, "summed", "That is the sum of the changes; take their mean."),
        Mistake(
            fact(evidence, "sum"), "summed", "That is the sum of the changes; take their mean, against the mean light."
        ),
        Mistake(
            fact(evidence, "sum") / (steps + 1) / mean * 100,
            "divided by the frames",
            f"There are {steps:.0f} changes, one fewer than frames.",
        ),
        Mistake(
            fact(evidence, "spread"),
            "took the spread",
            "That is the spread around the mean; a slow drift has it, too. Flicker compares neighbours.",
        ),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_backwards(params: Params, seed: int) -> Problem:
    """What notices that a clip is played backwards."""
    full = fitting(_BACKWARDS, params, seed, lambda _: True)
    assert full is not None
    options = (SAME, CHANGED, MOVED)
    return Problem(
        "video.backwards",
        full,
        seed,
        f"A clip of {full['frames']} frames of a rolling ball is played backwards and read by the same model, weights "
        f"unchanged. What happens to {full['readout']}?",
        "choice",
        options=tuple(stream(seed, "video.backwards:options").sample(options, 3)),
        hints=(
            "Does it look at one frame at a time, or at two at once in their order?",
            "A mean forgets the order; attention without positions does so, too.",
        ),
    )


def check_backwards(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Says what the readout knows of time."""
    readout = str(problem.params["readout"])
    why = {
        _MEAN_FRAME: "A mean of frames has no order: the same frames give the same mean.",
        _PATCH_MEAN: "Each token holds one frame's patch; their mean forgets the order.",
        _PATCHES: "Each frame makes its own tokens; backwards they come in reverse, each as it was.",
        _TUBELET_MEAN: "Inside a tubelet the first frame meets other weights than the second: motion is in the token.",
        _TUBELETS: "Inside a tubelet the two frames change places and meet other weights: new vectors.",
        _WITHOUT: "Attention without positions sees a set of frames, and a set has no direction.",
        _WITH: "Each frame is given the position of its new place, so every sum differs.",
    }[readout]
    name = "saw an order" if evidence.value in {SAME, MOVED} else "missed the order"
    return check_choice(problem, answer, evidence, dict.fromkeys((SAME, CHANGED, MOVED), Mistake(0, name, why)))


def lights_of(params: Params) -> tuple[int, ...]:
    """The brightness of each frame.

    Raises:
        ParamError: they are not 3 to 12 whole numbers from 40 to 140.
    """
    pieces = str(params["lights"]).replace(",", " ").split()
    if not 3 <= len(pieces) <= 12 or not all(one.isdecimal() and 40 <= int(one) <= 140 for one in pieces):
        raise ParamError("lights", "must be 3 to 12 whole numbers from 40 to 140")
    return tuple(int(one) for one in pieces)


def _drawn_lights(seed: int) -> str:
    """Five or six frames that flicker, some of them while the light drifts."""
    chance = stream(seed, "video.flicker:lights")
    drift = chance.choice((-3, 0, 0, 4))
    return " ".join(
        str(100 + drift * frame + (-1) ** frame * chance.randrange(2, 14)) for frame in range(chance.choice((5, 6)))
    )


def _log(script: Script) -> str:
    first = script.moments[0].light
    rows = (
        ("x of the ball in px", [one.x for one in script.moments]),
        ("its hue in degrees", [one.hue for one in script.moments]),
        ("brightness in % of frame 0", [round(100 * one.light / first) for one in script.moments]),
    )
    return "; ".join(f"{name}: {', '.join(map(str, values))}" for name, values in rows)


EXERCISES: Final = (
    Exercise(
        name="video.fault",
        title="Diagnose a faulty clip",
        sections=("5.1", "5.5", "6.6"),
        covers=("5.1-05", "5.1-06", "5.1-07", "5.5-10", "6.6-10"),
        params=_FAULTY,
        module=MODULE,
        poser=pose_fault,
        checker=check_fault,
    ),
    Exercise(
        name="video.when",
        title="Find the frame that went wrong",
        sections=("5.1", "5.5", "6.6"),
        covers=("5.1-05", "5.1-06", "6.6-10", "5.5-10"),
        params=_SUDDEN,
        module=MODULE,
        poser=pose_when,
        checker=check_when,
    ),
    Exercise(
        name="video.flicker",
        title="Measure flicker",
        sections=("5.1", "5.4"),
        covers=("5.1-07", "5.4-07", "5.5-10"),
        params=(_LIGHTS,),
        module=MODULE,
        poser=pose_flicker,
        checker=check_flicker,
    ),
    Exercise(
        name="video.backwards",
        title="Say who notices time running backwards",
        sections=("5.2",),
        covers=("5.2-03", "5.2-01", "5.1-03"),
        params=_BACKWARDS,
        module=MODULE,
        poser=pose_backwards,
        checker=check_backwards,
    ),
)
