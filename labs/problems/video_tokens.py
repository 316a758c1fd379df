"""Questions on a clip's tokens: frame by frame, in tubelets, how long a tubelet is, which one holds an object."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import Exercise, fitting, stream
from labs.problems.facts import fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.video_tokens"
CLIP_SIDE: Final = 112
"""Side of the drawn clip in px."""
_MARGIN: Final = 3
"""The flash stays this many px inside its patch."""

_FRAMES: Final = Param("frames", "integer", 16, "frames of the clip", low=2, high=128, vary=(8, 16, 24, 32, 48, 96))
_IMAGE_SIZE: Final = Param(
    "image_size",
    "integer",
    224,
    "side of the square frames in px",
    low=32,
    high=512,
    vary=(112, 128, 160, 224, 256, 320),
)
_PATCH_SIZE: Final = Param("patch_size", "integer", 16, "side of a patch in px", low=4, high=64, vary=(14, 16, 32))
_TUBELET: Final = Param("tubelet", "integer", 2, "frames a tubelet reaches through", low=1, high=16, vary=(2, 2, 4))
_MODEL: Final = Param(
    "model", "text", "VideoMAE", "whose embeddings", choices=("ViViT", "VideoMAE"), vary=("ViViT", "VideoMAE")
)
_CHANNELS: Final = Param("channels", "integer", 3, "values of a pixel", low=1, high=16, vary=(1, 3, 3, 4))
_SMALL_PATCH: Final = Param(
    "patch_size", "integer", 16, "side of a patch in px", choices=(14, 16, 28), vary=(14, 16, 28)
)
_FEW_FRAMES: Final = Param("frames", "integer", 8, "frames of the clip", low=2, high=16, vary=(8, 12, 16))
_FRAME: Final = Param("frame", "integer", -1, "frame of the flash, from 0; -1: drawn from the seed", low=0, high=15)
_X: Final = Param("x", "integer", -1, "x of the flash in px; -1: drawn from the seed", low=3, high=108)
_Y: Final = Param("y", "integer", -1, "y of the flash in px; -1: drawn from the seed", low=3, high=108)

_BY_FRAME: Final = (_FRAMES, _IMAGE_SIZE, _PATCH_SIZE)
_BY_TUBELET: Final = (_MODEL, _FRAMES, _IMAGE_SIZE, _PATCH_SIZE, _TUBELET)
_LENGTH: Final = (_PATCH_SIZE, _TUBELET, _CHANNELS)
_INDEX: Final = (_FEW_FRAMES, _SMALL_PATCH, _TUBELET, _FRAME, _X, _Y)


def pose_frames(params: Params, seed: int) -> Problem:
    """How many tokens a clip makes whose frames are cut one by one."""
    full = _dividing(_BY_FRAME, params, seed)
    return Problem(
        "video.frames",
        full,
        seed,
        f"TimeSformer reads {full['frames']} frames of {_size(full)} pixels, each cut into patches of {_patch(full)} "
        "pixels. How many tokens does the whole sequence have, its class token included?",
        "integer",
        unit="tokens",
        hints=("How many patches does one frame have?", "Every frame brings as many; the class token comes once."),
    )


def check_frames(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names a forgotten class token, one a frame, one frame only, frames added."""
    n, frames = fact(evidence, "patches"), fact(evidence, "frames")
    side = round(n**0.5)
    mistakes = [
        Mistake(n * frames, "forgot the class token", "Those are the patches; the clip has one class token besides."),
        Mistake((n + 1) * frames, "a class token a frame", "There is one class token for the whole clip."),
        Mistake(n + 1, "one frame only", "That is one frame; each of the others brings as many patches."),
        Mistake(n, "one frame only", "That is one frame; each of the others brings as many patches."),
        Mistake(n + frames, "added the frames", "Frames multiply the patches, they are not added."),
        Mistake(n + frames + 1, "added the frames", "Frames multiply the patches, they are not added."),
        Mistake(side * frames + 1, "one side only", "A frame has rows and columns of patches."),
        Mistake(side * frames, "one side only", "A frame has rows and columns of patches."),
        Mistake(n * frames // 2, "made tubelets", "TimeSformer cuts single frames; tubelets would halve the number."),
        Mistake(n * frames * 3 + 1, "multiplied by colour", "A patch spans all three channels."),
        Mistake(fact(evidence, "width"), "gave the width", "That is how many values a token has."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_tubelets(params: Params, seed: int) -> Problem:
    """How many tokens a clip makes that is cut into tubelets."""
    full = _dividing(_BY_TUBELET, params, seed)
    return Problem(
        "video.tubelets",
        full,
        seed,
        f"{full['model']} reads {full['frames']} frames of {_size(full)} pixels in tubelets of {full['tubelet']} "
        f"frames × {_patch(full)} pixels. How many tokens does its first block get?",
        "integer",
        unit="tokens",
        hints=(
            "How many slices of time are there, and how many places in each?",
            "ViViT puts a class token in front; VideoMAE has none.",
        ),
    )


def check_tubelets(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names frames cut one by one, a class token too many or too few, one slice only."""
    slices, grid, flat = (fact(evidence, name) for name in ("slices", "grid", "flat"))
    n, vivit = slices * grid, problem.params["model"] == "ViViT"
    class_token = (
        Mistake(n, "forgot the class token", "Those are the tubelets; ViViT puts a class token in front.")
        if vivit
        else Mistake(n + 1, "counted a class token", "VideoMAE has no class token.")
    )
    by_frame = f"That cuts single frames; a tubelet takes {problem.params['tubelet']} of them at once."
    mistakes = [
        class_token,
        Mistake(flat, "frame by frame", by_frame),
        Mistake(flat - 1, "frame by frame", by_frame),
        Mistake(grid, "one slice of time only", "That is one slice of time; there are several."),
        Mistake(grid + 1, "one slice of time only", "That is one slice of time; there are several."),
        Mistake(grid + slices, "added time", "Slices of time and places are multiplied."),
        Mistake(round(grid**0.5) * slices, "one side only", "A slice has rows and columns."),
        Mistake(slices * (grid + 1), "a class token a slice", "There is at most one class token for the whole clip."),
        Mistake(slices, "gave the slices", "Those are the slices of time; each has many places."),
        Mistake(fact(evidence, "width"), "gave the width", "That is how many values a token has."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_length(params: Params, seed: int) -> Problem:
    """How many values one tubelet holds."""
    full = fitting(_LENGTH, params, seed, lambda _: True)
    assert full is not None
    channels = int(full["channels"])
    return Problem(
        "video.tubelet_length",
        full,
        seed,
        f"A tubelet of {full['tubelet']} frames × {_patch(full)} pixels, {channels} "
        f"{'value' if channels == 1 else 'values'} a pixel, is flattened before the projection. How many values "
        "does it have?",
        "integer",
        unit="values",
        hints=(
            "How many pixels does the patch of one frame have?",
            "Every frame brings as many, every pixel all its values.",
        ),
    )


def check_length(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names forgotten frames, forgotten channels, the width after the projection."""
    side, t, c = (int(problem.params[name]) for name in ("patch_size", "tubelet", "channels"))
    mistakes = [
        Mistake(side * side * c, "one frame only", f"That is a patch of one frame; the tubelet has {t} frames."),
        Mistake(side * side * t, "forgot the channels", f"Each pixel has {c} values."),
        Mistake(side * side, "one frame only", "That is one frame's pixels."),
        Mistake(side * t * c, "one side only", "That is one row of each frame's patch."),
        Mistake(side**3 * c, "made it a cube", f"A tubelet is {t} frames deep, not as deep as it is wide."),
        Mistake(side * side * c + t, "added the frames", "Frames multiply the values."),
        Mistake(side * side * t * 3, "took three channels", f"Here a pixel has {c} values."),
        Mistake(fact(evidence, "width"), "gave the width", "That is the length after the projection."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_index(params: Params, seed: int) -> Problem:
    """Which tubelet holds a flash."""
    full = fitting(_INDEX, params, seed, _whole)
    if full is None:
        raise ParamError("patch_size", "patch and tubelet must divide the clip")
    full = _placed(full, seed)
    patch, t = int(full["patch_size"]), int(full["tubelet"])
    per_side = CLIP_SIDE // patch
    return Problem(
        "video.index",
        full,
        seed,
        f"A clip of {full['frames']} frames of {CLIP_SIDE} × {CLIP_SIDE} pixels is cut into tubelets of {t} frames × "
        f"{patch} × {patch} pixels, {per_side} × {per_side} of them side by side. A light flashes in frame "
        f"{full['frame']} at x = {full['x']}, y = {full['y']}. In VideoMAE's sequence, which token changes? Frames, "
        "pixels and tokens count from 0; tokens run through columns, then rows, then time.",
        "integer",
        hints=(
            "Divide frame, y and x by the sides of a tubelet and round down: slice, row, column.",
            f"A slice of time has {per_side} × {per_side} tokens, a row {per_side}.",
        ),
    )


def check_index(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names counting from one, rows and columns exchanged, the frame taken for the slice, time left out."""
    at, row, column, side = (int(fact(evidence, name)) for name in ("slice", "row", "column", "side"))
    area, frame = side * side, int(problem.params["frame"])
    slices = int(problem.params["frames"]) // int(problem.params["tubelet"])
    right = at * area + row * side + column
    mistakes = [
        Mistake(right + 1, "counted from one", "That counts from 1; tokens count from 0."),
        Mistake(at * area + column * side + row, "swapped row and column", "y gives the row, x the column."),
        Mistake(
            frame * area + row * side + column,
            "took the frame for the slice",
            f"A slice of time holds {problem.params['tubelet']} frames; divide the frame's number, too.",
        ),
        Mistake(
            row * side + column, "left time out", "That is the place within the slice; the slices before it count."
        ),
        Mistake((row * side + column) * slices + at, "time first", "Time runs slowest: a whole slice, then the next."),
        Mistake(at, "gave the slice", "That is the slice of time; the token has a row and a column as well."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def _placed(full: Params, seed: int) -> Params:
    """Frame and place of the flash, well inside one tubelet."""
    chance = stream(seed, "video.index:flash")
    patch = int(full["patch_size"])
    drawn: Params = {"frame": chance.randrange(int(full["frames"]))}
    for axis in ("x", "y"):
        drawn[axis] = chance.randrange(CLIP_SIDE // patch) * patch + chance.randrange(_MARGIN, patch - _MARGIN)
    placed = {name: drawn[name] if name in drawn and int(value) < 0 else value for name, value in full.items()}
    if int(placed["frame"]) >= int(placed["frames"]):
        raise ParamError("frame", f"there are frames 0 to {int(placed['frames']) - 1}")
    for axis in ("x", "y"):
        if not _MARGIN <= int(placed[axis]) % patch < patch - _MARGIN:
            raise ParamError(axis, f"must lie {_MARGIN} px or more inside a patch of {patch} px")
    return placed


def _whole(params: Params) -> bool:
    return int(params["frames"]) % int(params["tubelet"]) == 0 and CLIP_SIDE % int(params["patch_size"]) == 0


def _dividing(knobs: tuple[Param, ...], params: Params, seed: int) -> Params:
    full = fitting(
        knobs,
        params,
        seed,
        lambda p: int(p["image_size"]) % int(p["patch_size"]) == 0 and int(p["frames"]) % int(p.get("tubelet", 1)) == 0,
    )
    if full is None:
        raise ParamError("patch_size", "patch and tubelet must divide the sides and the frames of the clip")
    return full


def _size(params: Params) -> str:
    return f"{params['image_size']} × {params['image_size']}"


def _patch(params: Params) -> str:
    return f"{params['patch_size']} × {params['patch_size']}"


EXERCISES: Final = (
    Exercise(
        name="video.frames",
        title="Count a clip's tokens, frame by frame",
        sections=("5.2", "5.4"),
        covers=("5.2-01", "5.4-02", "5.1-03"),
        params=_BY_FRAME,
        module=MODULE,
        poser=pose_frames,
        checker=check_frames,
    ),
    Exercise(
        name="video.tubelets",
        title="Count a clip's tubelets",
        sections=("5.2",),
        covers=("5.2-02", "5.4-02"),
        params=_BY_TUBELET,
        module=MODULE,
        poser=pose_tubelets,
        checker=check_tubelets,
    ),
    Exercise(
        name="video.tubelet_length",
        title="Flatten a tubelet",
        sections=("5.2",),
        covers=("5.2-02", "5.2-03"),
        params=_LENGTH,
        module=MODULE,
        poser=pose_length,
        checker=check_length,
    ),
    Exercise(
        name="video.index",
        title="Find an object's tubelet",
        sections=("5.1", "5.2"),
        covers=("5.1-03", "5.2-02", "0.1-06"),
        params=_INDEX,
        module=MODULE,
        poser=pose_index,
        checker=check_index,
    ),
)
