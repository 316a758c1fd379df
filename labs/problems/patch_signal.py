"""Questions on what a patch keeps: a small defect, a resized photo, shuffled patches, a shifted camera, a crop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labs.checking import Mistake, check_choice, check_number
from labs.exercise import Exercise, fitting, stream
from labs.problems.facts import check_estimate, fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.patch_signal"

SAME: Final = "it stays the same"
CHANGED: Final = "it changes"
MOVED: Final = "the same vectors in another order"
ALL: Final = "all of them survive"
SOME: Final = "most survive, those at an edge do not"
NONE: Final = "none of them survives"
STAGES: Final = (
    "the projected patches, before positions are added",
    "the patch tokens with their positions added",
    "the patch tokens of the last layer",
)
CONVOLUTION: Final = "the map of a 3 × 3 convolution, stride 1, no padding"
PADDED: Final = "the map of a 3 × 3 convolution, stride 1, padded with zeros"
_READOUTS: Final = ("the mean of all patch tokens", "the class token", "the patch tokens")
_SIDE: Final = 224

_PATCH_SIZE: Final = Param(
    "patch_size", "integer", 16, "side of a patch in px", choices=(8, 14, 16, 28, 32), vary=(14, 16, 28, 32)
)
_DEFECT: Final = Param(
    "defect_px", "integer", 4, "side of the square defect in px", low=1, high=32, vary=(2, 3, 4, 5, 6, 8, 10, 12, 16)
)
_PHOTO: Final = Param(
    "photo_px", "integer", 2048, "side of the photo in px", low=256, high=8192, vary=(1024, 1600, 2048, 3000, 4000)
)
_IMAGE_SIZE: Final = Param(
    "image_size", "integer", 224, "side the model reads, in px", low=112, high=1024, vary=(224, 336, 384, 448)
)
_SMALL: Final = Param(
    "defect_px", "integer", 24, "side of the defect on the photo in px", low=4, high=256, vary=(12, 20, 24, 36, 48, 60)
)
_POSITIONS: Final = Param(
    "positions", "text", "with", "position embeddings", choices=("with", "without"), vary=("with", "without", "without")
)
_READOUT: Final = Param("readout", "text", _READOUTS[0], "what is compared", choices=_READOUTS, vary=_READOUTS)
_STAGE: Final = Param(
    "stage",
    "text",
    STAGES[0],
    "which features are compared",
    choices=(*STAGES, CONVOLUTION, PADDED),
    vary=(STAGES[0], STAGES[0], STAGES[0], *STAGES[1:], CONVOLUTION, PADDED),
)
_SHIFT: Final = Param(
    "shift_px",
    "integer",
    16,
    "how far the camera moves in px",
    low=1,
    high=96,
    vary=(3, 5, 7, 8, 14, 16, 28, 32, 56, 64),
)
_LEFT: Final = Param("left", "integer", 0, "left edge of the crop in px", low=0, high=208, vary=(0, 16, 28, 32, 40, 56))
_TOP: Final = Param("top", "integer", 0, "upper edge of the crop in px", low=0, high=208, vary=(0, 14, 28, 32, 48, 56))
_CROP: Final = Param(
    "crop_size", "integer", 112, "side of the crop in px", low=16, high=224, vary=(96, 112, 128, 140, 144, 168)
)

_DEFECTS: Final = (_PATCH_SIZE, _DEFECT)
_RESIZES: Final = (_PHOTO, _IMAGE_SIZE, _SMALL)
_SHUFFLES: Final = (_POSITIONS, _READOUT, _PATCH_SIZE)
_SHIFTS: Final = (_STAGE, _SHIFT, _PATCH_SIZE)
_CROPS: Final = (_CROP, _LEFT, _TOP, _PATCH_SIZE)


def window(params: Params) -> tuple[int, int, int]:
    """Left and upper edge and side of the crop, in px."""
    return int(params["left"]), int(params["top"]), int(params["crop_size"])


def pose_defect(params: Params, seed: int) -> Problem:
    """What share of a patch a defect fills."""
    full = fitting(_DEFECTS, params, seed, lambda p: int(p["defect_px"]) <= int(p["patch_size"]))
    if full is None:
        raise ParamError("defect_px", "must not be larger than the patch it lies in")
    k, p = full["defect_px"], full["patch_size"]
    return Problem(
        "patches.defect",
        full,
        seed,
        f"A burn of {k} × {k} pixels lies within one patch of {p} × {p} pixels on a board of {_SIDE} × {_SIDE} pixels. "
        "What share of the pixels of that patch does it change, in percent?",
        "number",
        unit="%",
        tolerance=0.06,
        tolerance_percent=2.0,
        tolerance_reason="a rounded percentage is good enough",
        hints=(
            "How many pixels does the burn have, and how many the patch?",
            "Compare areas: the ratio of the sides, squared.",
        ),
    )


def check_defect(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names sides compared instead of areas, and the whole board."""
    k, p = int(problem.params["defect_px"]), int(problem.params["patch_size"])
    mistakes = [
        Mistake(100 * k / p, "compared the sides", "That compares the sides; pixels fill areas, so square it."),
        Mistake(100 * k * k / _SIDE**2, "compared with the board", "That is the share of the board, not of the patch."),
        Mistake(100 - 100 * k * k / p**2, "gave the rest", "That is the part that still looks healthy."),
        Mistake(k * k, "gave pixels", "Those are the burned pixels; compare them with the pixels of a patch."),
        Mistake(100 * k / p**2, "one side only", "The burn has two sides."),
        Mistake(
            fact(evidence, "shift"),
            "gave the token's shift",
            "That is how far the token moves; asked is the share of changed pixels.",
        ),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_resize(params: Params, seed: int) -> Problem:
    """How wide a defect is after the photo was resized."""
    full = fitting(
        _RESIZES,
        params,
        seed,
        lambda p: int(p["image_size"]) < int(p["photo_px"]) and int(p["defect_px"]) <= int(p["photo_px"]) // 4,
    )
    if full is None:
        raise ParamError("photo_px", "must be larger than the model's input and four times the defect")
    photo, size, defect = full["photo_px"], full["image_size"], full["defect_px"]
    return Problem(
        "patches.resize",
        full,
        seed,
        f"On a photo of {photo} × {photo} pixels a burned part is {defect} pixels wide. The model resizes the photo to "
        f"{size} × {size} pixels. How many pixels wide is the burned part then?",
        "number",
        unit="px",
        tolerance_percent=3.0,
        tolerance_reason="the measured width is that of a resampled line; two digits are good enough",
        hints=("By what factor does the whole side shrink?", "The defect shrinks by the same factor as the photo."),
    )


def check_resize(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names an unchanged width, the scale itself, an area and the inverse."""
    photo, size, k = (int(problem.params[name]) for name in ("photo_px", "image_size", "defect_px"))
    mistakes = [
        Mistake(k, "did not shrink it", "That is its width on the photo; resizing shrinks it with all the rest."),
        Mistake(fact(evidence, "scale"), "gave the factor", "That is the factor by which the side shrinks."),
        Mistake(k * (size / photo) ** 2, "shrank it twice", "A width shrinks once; only the area shrinks twice."),
        Mistake((k * size / photo) ** 2, "gave the area", "That is its area in pixels; asked is its width."),
        Mistake(k * photo / size, "enlarged it", "The photo becomes smaller, and the defect with it."),
        Mistake(k * size / photo / 16, "gave patches", "That is its width in patches of 16 px."),
    ]
    return check_estimate(problem, answer, evidence, mistakes)


def pose_shuffle(params: Params, seed: int) -> Problem:
    """Whether an output notices that the patches were shuffled."""
    full = fitting(_SHUFFLES, params, seed, lambda _: True)
    assert full is not None
    patch, count = int(full["patch_size"]), (_SIDE // int(full["patch_size"])) ** 2
    return Problem(
        "patches.shuffle",
        full,
        seed,
        f"The {count} patches of {patch} × {patch} pixels of a picture are shuffled and given to the same ViT, run "
        f"{full['positions']} position embeddings. What happens to {full['readout']} in its output?",
        "choice",
        options=_shuffled((SAME, CHANGED, MOVED), seed, "patches.shuffle"),
        hints=(
            "Does anything but the position embeddings tell a block where a token stands?",
            "Attention adds up over a set; a set has no order.",
        ),
    )


def check_shuffle(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names positions forgotten or imagined."""
    if problem.params["positions"] == "with":
        why = Mistake(
            0, "forgot the positions", "The position added to each patch stays where it is, so every sum differs."
        )
        return check_choice(problem, answer, evidence, {SAME: why, MOVED: why})
    imagined = Mistake(0, "imagined an order", "Without positions a ViT sees a set: attention cannot tell the order.")
    confused = {
        SAME: "As a set it does; but each vector has moved along with its patch.",
        MOVED: "This output is one vector; there is nothing to reorder.",
    }
    return check_choice(problem, answer, evidence, {CHANGED: imagined, **confused})


def pose_shift(params: Params, seed: int) -> Problem:
    """Which features survive when the camera moves."""
    full = _half_aligned(_SHIFTS, params, seed, lambda _: True, ("shift_px",))
    assert full is not None
    patch, shift = full["patch_size"], full["shift_px"]
    return Problem(
        "patches.shift",
        full,
        seed,
        f"The camera moves {shift} pixels to the right over a board; patches are {patch} × {patch} pixels, a view is "
        f"{_SIDE} × {_SIDE}. Compare {full['stage']}, for everything still in view. Which of the old features are "
        "found again, unchanged, at their shifted place?",
        "choice",
        options=_shuffled((ALL, SOME, NONE), seed, "patches.shift"),
        hints=(
            "Does the grid cut the scene at the same places as before?",
            "Does a feature hold only what lies under it, or also where it stands and what the other tokens said?",
        ),
    )


def check_shift(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Says what the stage depends on."""
    stage, aligned = problem.params["stage"], int(problem.params["shift_px"]) % int(problem.params["patch_size"]) == 0
    if stage == STAGES[0]:
        why = (
            Mistake(
                0, "missed the grid", "A shift of whole patches cuts the scene at the same places: the same patches."
            )
            if aligned
            else Mistake(0, "took patches for pixels", "Every patch is cut elsewhere now and holds other pixels.")
        )
    elif stage == STAGES[1]:
        why = Mistake(0, "forgot the positions", "A patch that moves gets the position embedding of its new place.")
    elif stage == STAGES[2]:
        why = Mistake(
            0, "forgot attention", "Each token has looked at all others and at its position: nothing stays untouched."
        )
    elif stage == PADDED:
        why = Mistake(0, "forgot the edge", "Inside all moves along; where zeros were added at an edge it does not.")
    else:
        why = Mistake(
            0, "took it for a ViT", "A convolution of stride 1 has no coarse grid: its map moves along, pixel by pixel."
        )
    return check_choice(problem, answer, evidence, dict.fromkeys((ALL, SOME, NONE), why))


def pose_crop(params: Params, seed: int) -> Problem:
    """How many of a crop's projected patches the whole picture has, too."""

    def fits(p: Params) -> bool:
        left, top, size = window(p)
        return size % int(p["patch_size"]) == 0 and max(left, top) + size <= _SIDE and size < _SIDE

    full = _half_aligned(_CROPS, params, seed, fits, ("left", "top"))
    if full is None:
        raise ParamError("crop_size", f"must be whole patches and lie inside the picture of {_SIDE} px")
    left, top, size = window(full)
    patch = full["patch_size"]
    return Problem(
        "patches.crop",
        full,
        seed,
        f"A picture of {_SIDE} × {_SIDE} pixels is cropped to the {size} × {size} pixels that begin {left} px from the "
        f"left and {top} px from the top. Both are cut into patches of {patch} × {patch} pixels and projected, without "
        "positions. No two places look alike. How many of the crop's vectors does the whole picture have, too?",
        "integer",
        unit="vectors",
        hints=(
            "Does the crop begin where a patch of the picture begins, from the left and from the top?",
            "If both edges lie on the grid, every patch of the crop is a patch of the picture; if not, none is.",
        ),
    )


def check_crop(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names a grid that was missed, and the picture's patches counted for the crop's."""
    crop, picture = fact(evidence, "crop"), fact(evidence, "picture")
    patch = int(problem.params["patch_size"])
    left, top, _ = window(problem.params)
    off = [f"{edge} px" for edge in (left, top) if edge % patch]
    mistakes = [
        Mistake(
            crop,
            "missed the grid",
            f"That are all patches of the crop, but {' and '.join(off)} are no whole patches: the grids do not meet.",
        ),
        Mistake(0, "expected nothing to survive", "Both edges lie on the picture's grid: the patches are the same."),
        Mistake(picture, "counted the picture", "Those are the patches of the whole picture."),
        Mistake(picture - crop, "counted what was cut off", "Those are the patches outside the crop."),
        Mistake(crop + 1, "counted a class token", "No class token takes part in the projection."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def _half_aligned(
    knobs: tuple[Param, ...], params: Params, seed: int, fits: Callable[[Params], bool], edges: tuple[str, ...]
) -> Params | None:
    """Complete the parameters so that in about half of the showings all `edges` lie on the patch grid."""
    wanted = stream(seed, "aligned").random() < 0.5

    def as_wanted(p: Params) -> bool:
        return fits(p) and all(int(p[edge]) % int(p["patch_size"]) == 0 for edge in edges) == wanted

    if set(params) >= {*edges, "patch_size"}:
        return fitting(knobs, params, seed, fits)
    return fitting(knobs, params, seed, as_wanted) or fitting(knobs, params, seed, fits)


def _shuffled(options: tuple[str, ...], seed: int, name: str) -> tuple[str, ...]:
    return tuple(stream(seed, f"{name}:options").sample(options, len(options)))


EXERCISES: Final = (
    Exercise(
        name="patches.defect",
        title="Measure a defect in its patch",
        sections=("2.3", "1.2", "2.6"),
        covers=("2.3-06", "1.2-04", "2.6-02"),
        params=_DEFECTS,
        module=MODULE,
        poser=pose_defect,
        checker=check_defect,
    ),
    Exercise(
        name="patches.resize",
        title="Shrink a defect with its photo",
        sections=("2.6", "1.2"),
        covers=("2.6-02", "6.1-07", "1.2-02", "1.2-03", "1.5-03"),
        params=_RESIZES,
        module=MODULE,
        poser=pose_resize,
        checker=check_resize,
    ),
    Exercise(
        name="patches.shuffle",
        title="Shuffle the patches",
        sections=("2.2",),
        covers=("2.2-11", "2.2-12", "6.5-04"),
        params=_SHUFFLES,
        module=MODULE,
        poser=pose_shuffle,
        checker=check_shuffle,
    ),
    Exercise(
        name="patches.shift",
        title="Say which features survive a shift",
        sections=("2.1", "2.3"),
        covers=("2.1-02", "2.3-02", "2.2-15"),
        params=_SHIFTS,
        module=MODULE,
        poser=pose_shift,
        checker=check_shift,
    ),
    Exercise(
        name="patches.crop",
        title="Say which features survive a crop",
        sections=("2.1", "2.2"),
        covers=("2.1-02", "2.2-15", "2.2-09"),
        params=_CROPS,
        module=MODULE,
        poser=pose_crop,
        checker=check_crop,
    ),
)
