"""Temporal consistency measured from frames: which fault a clip has, where it happens, how much it flickers.

The measures are of the kind VBench uses (Huang et al. 2024, "VBench", arXiv:2311.17982, section 3.1: temporal
flickering is the mean absolute difference of neighbouring frames, motion smoothness a comparison with even motion):

    flicker = mean_t |L_(t+1) - L_t| / mean_t L_t,      L_t the mean brightness of frame t
    jump_t  = |(x_t - x_(t-1)) - median step|,          x_t the centroid of the object

Whether playing a clip backwards can be noticed is asked of real modules: the patch and tubelet embeddings of VideoMAE
(Tong et al. 2022, arXiv:2203.12602) and a small TimeSformer (Bertasius et al. 2021, arXiv:2102.05095), random weights.

Axes: t frames, H and W pixels, c colours, n tokens, d values of a token.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from labs.bench import Draw, Exercise, Facts, OneOf, Show, Text, Truth, Whole, later
from labs.protocol import ParamError, Params
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
    lit_script,
    plain_script,
)
from labs.video.tokens import embed_videomae

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from PIL import Image
    from torch import Tensor, nn

    from labs.scenes import clips

    timesformer: Any  # constructors without types
    timesformer_config: Any
else:
    np, torch, nn, clips = later("numpy"), later("torch"), later("torch.nn"), later("labs.scenes.clips")
    timesformer = later("transformers.models.timesformer.modeling_timesformer")
    timesformer_config = later("transformers.models.timesformer.configuration_timesformer")

SAME: Final = "it stays the same"
CHANGED: Final = "it changes"
MOVED: Final = "the same vectors in another order"
SAME_TO: Final = 1e-9
_SIDE: Final = 64
_PATCH: Final = 16


class Consistency(Exercise):
    """What the exercises of this file share."""

    sections = "5.1 5.5 6.6"
    source = "Huang et al. 2024, arXiv:2311.17982, section 3.1; Tong et al. 2022, arXiv:2203.12602"
    truth: ClassVar[Truth] = "own model"
    measured_on = "the pixels of the drawn frames"


# --- The measures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """What is read off a clip, a value a frame; `change` compares a frame with the one before."""

    x: NDArray[np.float64]
    hue: NDArray[np.float64]
    brightness: NDArray[np.float64]
    change: NDArray[np.float64]


def measure(frames: list[Image.Image]) -> Measured:
    """Track the one coloured thing, its hue and the light, from the pixels alone."""
    clip = np.stack([np.asarray(frame, dtype=np.float64) for frame in frames])  # (t, H, W, c)
    colourful = clip.max(axis=3) - clip.min(axis=3) > 40  # (t, H, W): the bench is grey
    x = np.array([np.nonzero(mask)[1].mean() for mask in colourful])  # (t,): centroid in px
    colours = np.stack([frame[mask].mean(axis=0) for frame, mask in zip(clip, colourful, strict=True)])  # (t, c)
    red, green, blue = colours.T
    hue = np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)) % 360  # (t,)
    change = np.abs(np.diff(clip, axis=0)).mean(axis=(1, 2, 3))  # (t-1,)
    return Measured(x, hue, clip.mean(axis=(1, 2, 3)), change)


def turns(hue: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many degrees the hue turns from frame to frame, the shorter way round: (t,) -> (t-1,)."""
    step = np.abs(np.diff(hue))
    shorter: NDArray[np.float64] = np.minimum(step, 360 - step)
    return shorter


def jumps(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much each step differs from the usual one: (t,) -> (t-1,)."""
    step = np.diff(x)
    return np.abs(step - np.median(step))


def flicker_index(brightness: NDArray[np.float64]) -> float:
    """Mean absolute change of brightness from frame to frame, in percent of the mean brightness."""
    return float(np.abs(np.diff(brightness)).mean() / brightness.mean() * 100)


def diagnose(clip: Measured) -> tuple[str, int]:
    """Name the fault of a clip and the frame in which it shows most."""
    if clip.change.min() < 0.02 * np.median(clip.change):  # nothing at all moved
        return DUPLICATE, int(clip.change.argmin()) + 1
    if turns(clip.hue).max() > 45:
        return IDENTITY, int(turns(clip.hue).argmax()) + 1
    if jumps(clip.x).max() > 12:
        return TELEPORT, int(jumps(clip.x).argmax()) + 1
    steps = np.diff(clip.brightness)
    steady = abs(steps.sum()) / np.abs(steps).sum()  # 1: always the same way; near 0: to and fro
    return (DRIFT if steady > 0.6 else FLICKER), int(np.abs(steps).argmax()) + 1


# --- A fault, and where -----------------------------------------------------------------------------------------------


class Faulty(Consistency):
    """A clip in which something goes wrong."""

    frames = Whole(8, 6, 10, draw=(7, 8, 9, 10), help="frames of the clip")

    def facts(self) -> Facts:
        script = faulty_script(self.seed, self.frames, self.names["fault"])
        return {"script": script, "at": script.fault_at}

    def look(self, show: Show) -> None:
        show_frames(show, clips.film(self.script), self.script)

    def diagnosed(self, show: Show) -> tuple[str, int]:
        """Film the script, measure the frames, and say what is wrong in which of them."""
        clip = clips.film(self.script)
        show.progress(0.6, "measuring the frames")
        measured = measure(clip)
        found, at = diagnose(measured)
        summarise(show, measured)
        show.line(f"-> {found}{f', in frame {at}' if found in SUDDEN else ''}")
        show_table(show, measured)
        show_tape(show, clip, f"The frame tape: {found}", at=at if found in SUDDEN else None)
        show_light(show, measured)
        return found, at


class Fault(Faulty):
    """Which fault a clip has, by its frames."""

    name, title = "video.fault", "Diagnose a faulty clip"
    covers = "5.1-05 5.1-06 5.1-07 5.5-10 6.6-10"
    fault = OneOf(*FAULTS, help="what is wrong with the clip")
    prompt = "This generated clip of {frames} frames shows a ball rolling evenly over a bench. What is wrong with it?"
    answer_type, options = "choice", FAULTS
    hints = (
        "Even motion means equal steps from frame to frame; colour and light should stay nearly as they are.",
        "One jump or many? A lasting step, a repeated frame, to and fro, or steadily one way?",
    )

    def foretold(self) -> str:
        return self.fault

    def known(self) -> Mapping[str, str]:
        signs = {
            IDENTITY: "the hue turns once and stays turned",
            FLICKER: "the light goes to and fro",
            DRIFT: "the light goes steadily one way",
            TELEPORT: "x leaps once, far beyond its usual step",
            DUPLICATE: "one frame repeats the one before in every measure",
        }
        seen = signs[self.fault]
        return {fault: f"took it for “{fault}”: Then {sign}. Here {seen}." for fault, sign in signs.items()}

    def run(self, show: Show) -> str:
        """Which fault a drawn clip has, by its frames alone."""
        found, at = self.diagnosed(show)
        show.fact(at=at)
        return found


class When(Faulty):
    """In which frame a sudden fault happens."""

    name, title, covers = "video.when", "Find the frame that went wrong", "5.1-05 5.1-06 6.6-10 5.5-10"
    fault = OneOf(*SUDDEN, help="what happens in one frame")
    prompt = (
        "In this generated clip of a rolling ball something goes wrong in one of {frames} frames, counted from 0. "
        "Which is the first wrong frame?"
    )
    hints = (
        "Compare each frame with the one before: the ball's step, and its colour.",
        "The frame after the odd difference is the wrong one; the first frame is frame 0.",
    )
    right = "at"
    slips = {
        "at + 1": "counted from one: Frames count from 0.",
        "at − 1": "the last right frame: That is the last frame still right; the difference shows in the next.",
    }

    def run(self, show: Show) -> int:
        """In which frame the fault happens, by the frames alone."""
        _, at = self.diagnosed(show)
        return at


def show_frames(show: Show, frames: list[Image.Image], script: Script) -> None:
    """A clip to look through. Who cannot see it is told what would be measured of each frame."""
    first = script.moments[0].light
    for at, (frame, moment) in enumerate(zip(frames, script.moments, strict=True)):
        light = round(100 * moment.light / first)
        alt = f"frame {at}: the ball at x = {moment.x} px, its hue {moment.hue}°, the light at {light}% of frame 0"
        show.picture(f"frame-{at}", frame, "", alt, clip="clip")


# --- Flicker ----------------------------------------------------------------------------------------------------------


class Flicker(Consistency):
    """How much a clip flickers."""

    name, title = "video.flicker", "Measure flicker"
    sections, covers = "5.1 5.4", "5.1-07 5.4-07 5.5-10"
    lights = Text(help="mean brightness of each frame, such as 100 90 110; empty: drawn from the seed")
    prompt = (
        "The frames of a clip have the mean brightness {listed}. Its flicker index is the mean absolute change from "
        "one frame to the next, in percent of the mean brightness. What is it?"
    )
    answer_type, unit, tolerance, tolerance_percent = "number", "%", 0.3, 3.0
    tolerance_reason = "the drawn frames have whole pixel values, so their measured light is rounded"
    hints = (
        "{frames} frames have {steps} changes; take them without their signs.",
        "Divide the mean change by the mean brightness of all frames.",
    )
    right = "100 × changes / steps / mean_light"
    slips = {
        "100 × net / steps / mean_light": "kept the signs: Ups and downs cancel then; flicker is what does not cancel: "
        "take each change without its sign.",
        "100 × net / mean_light": "first against last: That is drift; flicker is in between.",
        "100 × changes / mean_light": "summed: That is the sum of the changes; take their mean.",
        "changes": "summed: That is the sum of the changes; take their mean, against the mean light.",
        "100 × changes / frames / mean_light": "divided by the frames: There are {steps} changes, one fewer than "
        "frames.",
        "spread": "took the spread: That is the spread around the mean; a slow drift has it, too. Flicker compares "
        "neighbours.",
    }

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        chance = draw.chance
        if str(params["lights"]).strip():
            return params
        drift = chance.choice((-3, 0, 0, 4))
        frames = range(chance.choice((5, 6)))
        lights = (100 + drift * frame + (-1) ** frame * chance.randrange(2, 14) for frame in frames)
        return {"lights": " ".join(map(str, lights))}

    def facts(self) -> Facts:
        lights = lights_of(self.lights)
        mean = statistics.mean(lights)
        return {
            "lit": lights,
            "listed": ", ".join(map(str, lights)),
            "frames": len(lights),
            "steps": len(lights) - 1,
            "changes": sum(abs(b - a) for a, b in itertools.pairwise(lights)),
            "net": abs(lights[-1] - lights[0]),
            "mean_light": mean,
            "spread": 100 * statistics.pstdev(lights) / mean,
        }

    def run(self, show: Show) -> float:
        """The flicker index of a drawn clip."""
        clip = clips.film(lit_script(self.seed, self.lit))
        show.progress(0.6, "measuring the frames")
        measured = measure(clip)
        index = flicker_index(measured.brightness)
        relative = measured.brightness / measured.brightness[0] * self.lit[0]
        show.line(f"mean brightness of each frame, measured -> {', '.join(f'{one:.1f}' for one in relative)}")
        show.line(f"changes: {', '.join(f'{one:.1f}' for one in np.abs(np.diff(relative)))}")
        show_tape(show, clip, f"The frame tape; flicker index {index:.1f} %")
        show_light(show, measured)
        return index


def lights_of(text: str) -> tuple[int, ...]:
    """The brightness of each frame.

    Raises:
        ParamError: they are not 3 to 12 whole numbers from 40 to 140.
    """
    pieces = text.replace(",", " ").split()
    if not 3 <= len(pieces) <= 12 or not all(one.isdecimal() and 40 <= int(one) <= 140 for one in pieces):
        raise ParamError("lights", "must be 3 to 12 whole numbers from 40 to 140")
    return tuple(int(one) for one in pieces)


# --- Backwards --------------------------------------------------------------------------------------------------------

READOUTS: Final = {
    "the mean of all frames": "A mean of frames has no order: the same frames give the same mean.",
    "the mean of all patch tokens of single frames, without positions": "Each token holds one frame's patch; their "
    "mean forgets the order.",
    "the patch tokens of single frames, without positions": "Each frame makes its own tokens; backwards they come in "
    "reverse, each as it was.",
    "the mean of all tubelet tokens of two frames, without positions": "Inside a tubelet the first frame meets other "
    "weights than the second: motion is in the token.",
    "the tubelet tokens of two frames, without positions": "Inside a tubelet the two frames change places and meet "
    "other weights: new vectors.",
    "the mean output of divided attention without time positions": "Attention without positions sees a set of frames, "
    "and a set has no direction.",
    "the mean output of divided attention with time positions": "Each frame is given the position of its new place, "
    "so every sum differs.",
}
"""What is kept of a clip, and what it knows of time."""


class Backwards(Consistency):
    """What notices that a clip is played backwards."""

    name, title = "video.backwards", "Say who notices time running backwards"
    sections, covers = "5.2", "5.2-03 5.2-01 5.1-03"
    truth, measured_on = "library module", "VideoMAE's embeddings and a small TimeSformer, random weights, in float64"
    readout = OneOf(*READOUTS, help="what is kept of the clip")
    frames = Whole(8, choices=(4, 6, 8, 10, 12), draw=(4, 6, 8, 10, 12), help="frames of the clip")
    prompt = (
        "This clip of {frames} frames of a rolling ball is played backwards and read by the same model, weights "
        "unchanged. What becomes of {readout}?"
    )
    answer_type, options = "choice", (SAME, CHANGED, MOVED)
    hints = (
        "Does it look at one frame at a time, or at two at once in their order?",
        "A mean forgets the order; attention without positions does so, too.",
    )

    def known(self) -> Mapping[str, str]:
        name = "missed the order" if self.names.get("right") == CHANGED else "saw an order"
        return {"*": f"{name}: {READOUTS[self.readout]}"}

    def facts(self) -> Facts:
        return {"script": plain_script(self.seed, self.frames, _SIDE, _SIDE)}

    def look(self, show: Show) -> None:
        show_frames(show, clips.film(self.script), self.script)

    def run(self, show: Show) -> str:
        """What a readout makes of a clip that is played backwards."""
        pictures = clips.film(self.script)
        clip = clips.pixels_of(pictures).double()
        model = small_timesformer(self.frames)
        model.embeddings.time_embeddings.normal_()
        show.progress(0.3, "reading the clip forwards and backwards")
        seed = self.seed % 2**63
        forwards, backwards = (readouts(one, model, seed) for one in (clip, clip.flip(1)))
        found = {name: compare(forwards[name], backwards[name]) for name in READOUTS}
        answer, apart = found[self.readout]
        show.line(f"{tuple(clip.shape)}, frames 0 to {self.frames - 1} and then {self.frames - 1} to 0")
        shape = tuple(forwards[self.readout].shape)
        show.line(f"{self.readout}, {shape}: largest difference {apart:.1e} -> {answer}")
        show.line("Only what looks at several frames at once, or knows their number, can tell the direction of time.")
        rows = [(name, f"{far:.1e}", so) for name, (so, far) in found.items()]
        show.table("Forwards against backwards", "readout | largest difference | so", rows)
        show_tape(show, pictures, "The clip forwards", "forwards")
        show_tape(show, pictures[::-1], "The clip backwards (numbers count from 0 again)", "backwards")
        return answer


def small_timesformer(frames: int) -> Any:
    """A TimeSformer of two blocks and 32 values a token, random weights, float64."""
    config = timesformer_config.TimesformerConfig(
        num_frames=frames,
        image_size=_SIDE,
        patch_size=_PATCH,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
    )
    model = timesformer.TimesformerModel(config)
    nn.Module.eval(model).double()
    return model


def readouts(clip: Tensor, model: Any, seed: int) -> dict[str, Tensor]:
    """What different models keep of a clip: (1, t, c, H, W) -> name, (d,) or (n, d)."""
    torch.manual_seed(seed)
    single = embed_videomae(clip, _PATCH, 1, width=32)[0]  # (t*n, d): patches of single frames
    torch.manual_seed(seed)
    tubelets = embed_videomae(clip, _PATCH, 2, width=32)[0]  # (t/2*n, d)
    with_time = model(clip).last_hidden_state[0].mean(0)  # (d,)
    learned = model.embeddings.time_embeddings.clone()
    model.embeddings.time_embeddings.zero_()
    without_time = model(clip).last_hidden_state[0].mean(0)  # (d,)
    model.embeddings.time_embeddings.copy_(learned)
    found = (clip[0].mean(0).flatten(), single.mean(0), single, tubelets.mean(0), tubelets, without_time, with_time)
    return dict(zip(READOUTS, found, strict=True))


def compare(forwards: Tensor, backwards: Tensor) -> tuple[str, float]:
    """Whether a readout noticed that the clip ran backwards, and the largest difference."""
    apart = float((forwards - backwards).abs().max())
    if apart <= SAME_TO:
        return SAME, apart
    if forwards.ndim == 2:  # token by token: perhaps the same vectors, in another order
        slices = backwards.reshape(-1, (_SIDE // _PATCH) ** 2, backwards.shape[1]).flip(0).flatten(0, 1)
        led = float((forwards - slices).abs().max())
        if led <= SAME_TO:
            return MOVED, led
    return CHANGED, apart


# --- What is shown ----------------------------------------------------------------------------------------------------


def summarise(show: Show, measured: Measured) -> None:
    """The measures in sentences."""
    steps = np.diff(measured.brightness)
    show.line(
        f"smallest change between frames {measured.change.min():.2f}, usually {np.median(measured.change):.2f}",
        f"largest turn of the ball's hue {turns(measured.hue).max():.0f}°, "
        f"largest jump beyond its usual step {jumps(measured.x).max():.0f} px",
        f"flicker index {flicker_index(measured.brightness):.1f} %; "
        f"first to last frame the light changes by {steps.sum() / measured.brightness[0]:+.0%}",
    )


def show_table(show: Show, measured: Measured) -> None:
    """The measures frame by frame."""
    relative = measured.brightness / measured.brightness[0]
    changes = ("", *(f"{one:.2f}" for one in measured.change))
    rows = zip(measured.x, measured.hue, relative, changes, strict=True)
    show.table(
        "Measured from the frames",
        "frame | x of the ball, px | hue, ° | brightness, % of frame 0 | change from the frame before",
        [(at, f"{x:.0f}", f"{hue:.0f}", f"{light:.0%}", change) for at, (x, hue, light, change) in enumerate(rows)],
    )


def show_light(show: Show, measured: Measured) -> None:
    """The light, frame by frame."""
    places = range(len(measured.brightness))
    show.curve("Light", "frame", "mean brightness, 0 to 255", places, {"brightness": measured.brightness})


def show_tape(
    show: Show, frames: list[Image.Image], caption: str, name: str = "tape", *, at: int | None = None
) -> None:
    """The frames side by side; `at` is outlined."""
    outlined = None if at is None else (at, 1, (0, 0, *frames[0].size))
    caption = caption if at is None else f"{caption} in frame {at}, outlined"
    alt = f"{len(frames)} frames of a ball moving over a bench. {caption}"
    show.picture(name, clips.frame_tape(frames, outlined), caption, alt)


EXERCISES: Final = (Fault, When, Flicker, Backwards)
