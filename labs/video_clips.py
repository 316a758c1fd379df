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

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from transformers.models.timesformer.configuration_timesformer import TimesformerConfig
from transformers.models.timesformer.modeling_timesformer import TimesformerModel

from labs.evidence import shape_text, source_of, versions
from labs.pictures import to_png
from labs.problems.video_clips import CHANGED, MOVED, READOUTS, SAME, lights_of
from labs.protocol import Curve, Evidence, Picture, Problem, Progress, Table
from labs.scenes.clip_scripts import (
    DRIFT,
    DUPLICATE,
    FLICKER,
    IDENTITY,
    SUDDEN,
    TELEPORT,
    faulty_script,
    lit_script,
    plain_script,
)
from labs.scenes.clips import film, frame_tape, pixels_of
from labs.video_tokens import embed_videomae

PAPER: Final = "Huang et al. 2024, arXiv:2311.17982, section 3.1; Tong et al. 2022, arXiv:2203.12602"
SAME_TO: Final = 1e-9
_SIDE: Final = 64
_PATCH: Final = 16


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


# --- Backwards --------------------------------------------------------------------------------------------------------


@torch.no_grad()
def readouts(clip: Tensor, timesformer: TimesformerModel, seed: int) -> dict[str, Tensor]:
    """What different models keep of a clip: (1, t, c, H, W) -> name, (d,) or (n, d)."""
    torch.manual_seed(seed)
    single = embed_videomae(clip, _PATCH, 1, width=32)[0]  # (t*n, d): patches of single frames
    torch.manual_seed(seed)
    tubelets = embed_videomae(clip, _PATCH, 2, width=32)[0]  # (t/2*n, d)
    with_time = timesformer(clip).last_hidden_state[0].mean(0)  # (d,)
    learned = timesformer.embeddings.time_embeddings.clone()
    timesformer.embeddings.time_embeddings.zero_()
    without_time = timesformer(clip).last_hidden_state[0].mean(0)  # (d,)
    timesformer.embeddings.time_embeddings.copy_(learned)
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


# --- Solving ----------------------------------------------------------------------------------------------------------


def solve_fault(problem: Problem, progress: Progress) -> Evidence:
    """Which fault a drawn clip has, by its frames alone."""
    clip, measured = _filmed(problem)
    progress(0.6, "measuring the frames")
    found, at = diagnose(measured)
    return Evidence(
        value=found,
        derivation=(
            *_summary(measured),
            f"-> {found}{f', in frame {at}' if found in SUDDEN else ''}",
        ),
        tables=(_table(measured),),
        pictures=(_tape(clip, f"The frame tape: {found}", at=at if found in SUDDEN else None),),
        curves=(_light_curve(measured),),
        code=source_of(diagnose),
        facts={"at": at},
    )


def solve_when(problem: Problem, progress: Progress) -> Evidence:
    """In which frame the fault happens, by the frames alone."""
    clip, measured = _filmed(problem)
    progress(0.6, "measuring the frames")
    found, at = diagnose(measured)
    return Evidence(
        value=at,
        unit="",
        derivation=(*_summary(measured), f"{found} -> frame {at}, counted from 0"),
        tables=(_table(measured),),
        pictures=(_tape(clip, f"The frame tape: {found}", at=at),),
        code=source_of(diagnose),
        facts={"frames": len(clip)},
    )


def solve_flicker(problem: Problem, progress: Progress) -> Evidence:
    """The flicker index of a drawn clip."""
    lights = lights_of(problem.params)
    clip = film(lit_script(problem.seed, lights))
    progress(0.6, "measuring the frames")
    measured = measure(clip)
    index = flicker_index(measured.brightness)
    relative = measured.brightness / measured.brightness[0] * lights[0]
    steps = np.abs(np.diff(relative))
    return Evidence(
        value=index,
        unit="%",
        derivation=(
            f"mean brightness of each frame, measured: {', '.join(f'{one:.1f}' for one in relative)}",
            f"changes: {', '.join(f'{one:.1f}' for one in steps)}: on average {steps.mean():.2f}",
            f"mean brightness {relative.mean():.2f}; {steps.mean():.2f} / {relative.mean():.2f} -> {index:.1f} %",
        ),
        pictures=(_tape(clip, f"The frame tape; flicker index {index:.1f} %"),),
        curves=(_light_curve(measured),),
        code=source_of(flicker_index),
        facts={
            "net": float(relative[-1] - relative[0]),
            "sum": float(steps.sum()),
            "mean_step": float(steps.mean()),
            "spread": float(relative.std() / relative.mean() * 100),
            "steps": len(steps),
        },
    )


@torch.no_grad()
def solve_backwards(problem: Problem, progress: Progress) -> Evidence:
    """What a readout makes of a clip that is played backwards."""
    frames, asked = int(problem.params["frames"]), str(problem.params["readout"])
    pictures = film(plain_script(problem.seed, frames, _SIDE, _SIDE))
    clip = pixels_of(pictures).double()
    config = TimesformerConfig(
        num_frames=frames,
        image_size=_SIDE,
        patch_size=_PATCH,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
    )
    model = TimesformerModel(config)
    nn.Module.eval(model).double()
    model.embeddings.time_embeddings.normal_()
    progress(0.3, "reading the clip forwards and backwards")
    forwards, backwards = (readouts(one, model, problem.seed % 2**63) for one in (clip, clip.flip(1)))
    found = {name: compare(forwards[name], backwards[name]) for name in READOUTS}
    return Evidence(
        value=found[asked][0],
        derivation=(
            f"{shape_text(clip.shape)}, frames 0 to {frames - 1} and then {frames - 1} to 0",
            f"{asked}, {shape_text(forwards[asked].shape)}: largest difference {found[asked][1]:.1e} "
            f"-> {found[asked][0]}",
            "Only what looks at several frames at once, or knows their number, can tell the direction of time.",
        ),
        tables=(
            Table(
                "Forwards against backwards",
                ("readout", "largest difference", "so"),
                tuple((name, f"{apart:.1e}", so) for name, (so, apart) in found.items()),
            ),
        ),
        pictures=(
            _tape(pictures, "The clip forwards", "forwards"),
            _tape(pictures[::-1], "The clip backwards (numbers count from 0 again)", "backwards"),
        ),
        code=source_of(compare),
    )


def _filmed(problem: Problem) -> tuple[list[Image.Image], Measured]:
    script = faulty_script(problem.seed, int(problem.params["frames"]), str(problem.params["fault"]))
    clip = film(script)
    return clip, measure(clip)


def _summary(measured: Measured) -> tuple[str, ...]:
    steps = np.diff(measured.brightness)
    return (
        f"smallest change between frames {measured.change.min():.2f}, usually {np.median(measured.change):.2f}",
        f"largest turn of the ball's hue {turns(measured.hue).max():.0f}°, "
        f"largest jump beyond its usual step {jumps(measured.x).max():.0f} px",
        f"flicker index {flicker_index(measured.brightness):.1f} %; "
        f"first to last frame the light changes by {steps.sum() / measured.brightness[0]:+.0%}",
    )


def _table(measured: Measured) -> Table:
    relative = measured.brightness / measured.brightness[0]
    changes = ("", *(f"{one:.2f}" for one in measured.change))
    return Table(
        "Measured from the frames",
        ("frame", "x of the ball, px", "hue, °", "brightness, % of frame 0", "change from the frame before"),
        tuple(
            (str(frame), f"{x:.0f}", f"{hue:.0f}", f"{light:.0%}", change)
            for frame, (x, hue, light, change) in enumerate(
                zip(measured.x, measured.hue, relative, changes, strict=True)
            )
        ),
    )


def _light_curve(measured: Measured) -> Curve:
    return Curve(
        "Light",
        "frame",
        "mean brightness, 0 to 255",
        tuple(float(frame) for frame in range(len(measured.brightness))),
        {"brightness": tuple(float(one) for one in measured.brightness)},
    )


def _tape(frames: list[Image.Image], caption: str, name: str = "tape", at: int | None = None) -> Picture:
    """The frames side by side; `at` is outlined."""
    outlined = None if at is None else (at, 1, (0, 0, *frames[0].size))
    caption = caption if at is None else f"{caption} in frame {at}, outlined"
    return Picture.from_png(
        name,
        to_png(frame_tape(frames, outlined)),
        caption=caption,
        alt=f"{len(frames)} frames of a ball moving over a bench. {caption}",
    )


SOLVE: Final[Mapping[str, Callable[[Problem, Progress], Evidence]]] = {
    "video.fault": solve_fault,
    "video.when": solve_when,
    "video.flicker": solve_flicker,
    "video.backwards": solve_backwards,
}


def solve(problem: Problem, progress: Progress) -> Evidence:
    """Run the computation of a problem of this lab.

    Raises:
        KeyError: the exercise is not of this lab.
    """
    started = time.perf_counter()
    torch.manual_seed(problem.seed % 2**63)
    progress(0.0, "drawing the clip")
    evidence = SOLVE[problem.exercise](problem, progress)
    return replace(
        evidence,
        derivation=(*evidence.derivation, f"Source: {PAPER}"),
        versions=versions("torch", "transformers", "pillow"),
        seconds=time.perf_counter() - started,
    )
