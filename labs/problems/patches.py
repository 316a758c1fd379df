"""The patch lab's questions: how many patches, how long each is, how long the sequence, what a ragged edge costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import Exercise, fitting
from labs.problems.own_picture import PICTURE, readable_path
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.patches"

_IMAGE_SIZE: Final = Param(
    "image_size",
    "integer",
    224,
    "side of the square picture in px; its height where image_width is set",
    low=32,
    high=1024,
    vary=(224, 256, 288, 320, 336, 384, 448, 512),
)
_IMAGE_WIDTH: Final = Param(
    "image_width", "integer", 0, "width of the picture in px; 0 makes it square", low=32, high=1024
)
_PATCH_SIZE: Final = Param("patch_size", "integer", 16, "side of a patch in px", low=4, high=64, vary=(14, 16, 28, 32))
_CHANNELS: Final = Param(
    "channels",
    "integer",
    3,
    "values a pixel has: 1 grey, 3 colour, more for a multispectral camera",
    low=1,
    high=16,
    vary=(1, 2, 3, 4),
)

_GRID: Final = (_IMAGE_SIZE, _IMAGE_WIDTH, _PATCH_SIZE, PICTURE)
_RAGGED: Final = (
    replace(_IMAGE_SIZE, vary=(225, 230, 250, 300, 330)),
    _IMAGE_WIDTH,
    replace(_PATCH_SIZE, vary=(14, 16, 32)),
    PICTURE,
)
_PATCH: Final = (_PATCH_SIZE, _CHANNELS, PICTURE)


def sides(params: Params) -> tuple[int, int]:
    """Height and width of the picture in px."""
    height = int(params["image_size"])
    return height, int(params["image_width"]) or height


def pose_count(params: Params, seed: int) -> Problem:
    """How many patches a picture is cut into."""
    full = _dividing(params, seed)
    return Problem(
        "patches.count",
        full,
        seed,
        f"A picture of {_size(full)} pixels is cut into patches of {_square(full)} pixels. How many patches are there?",
        "integer",
        unit="patches",
        hints=(
            "How many patches fit along one side?",
            "Rows times columns: each side divided by the side of a patch, then multiplied.",
        ),
    )


def check_count(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The number of patches; names a counted class token, one side, a multiplied colour and the like."""
    facts = _Facts(problem, evidence)
    n = facts.rows * facts.columns
    mistakes = [
        Mistake(
            n + 1, "counted the class token", "That counts the class token, which is learned, not cut from the picture."
        ),
        *facts.grid_mistakes(),
        Mistake(
            n * 3, "multiplied by colour", "A patch spans all three channels, so colour does not multiply the patches."
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_sequence(params: Params, seed: int) -> Problem:
    """How many tokens the transformer blocks of a ViT see."""
    full = _dividing(params, seed)
    return Problem(
        "patches.sequence",
        full,
        seed,
        f"A ViT reads a picture of {_size(full)} pixels in patches of {_square(full)} pixels. "
        "How many tokens does its first transformer block get, class token included?",
        "integer",
        unit="tokens",
        hints=("Count the patches first: rows times columns.", "The class token is one more, whatever the picture."),
    )


def check_sequence(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The length of the sequence; names a forgotten class token, one that was added to a side, and the like."""
    facts = _Facts(problem, evidence)
    n = facts.rows * facts.columns
    mistakes = [
        Mistake(n, "forgot the class token", "That is the patches alone; the class token makes one more."),
        Mistake(
            n + 2, "one token too many", "A ViT adds one class token; a second one belongs to DeiT, for distillation."
        ),
        Mistake(
            (facts.rows + 1) * (facts.columns + 1),
            "class token on each side",
            "The class token is added once to the sequence, not to each side of the grid.",
        ),
        Mistake(
            facts.rows + 1,
            "one side and the class token",
            "That is one side of the grid and the class token; the grid has two sides.",
        ),
        *facts.grid_mistakes(),
        Mistake(n * 3 + 1, "multiplied by colour", "A patch spans all three channels, so colour makes no more tokens."),
        Mistake(facts.embedding_width, "gave the width", "That is the width of each token, not how many there are."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_flatten(params: Params, seed: int) -> Problem:
    """How long the vector is that a flattened patch makes."""
    full = _readable(fitting(_PATCH, params, seed, lambda _: True) or params)
    channels = int(full["channels"])
    noun = "channel" if channels == 1 else "channels"
    return Problem(
        "patches.flatten",
        full,
        seed,
        f"A patch of {_square(full)} pixels with {channels} {noun} is flattened to one vector. How many values "
        "does it have?",
        "integer",
        unit="values",
        hints=("How many pixels does the patch have?", "Each pixel brings one value a channel."),
    )


def check_flatten(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The length of a flattened patch; names forgotten channels, one side only, the width after the projection."""
    facts = _Facts(problem, evidence)
    side, channels = facts.patch, facts["channels"]
    mistakes = [
        Mistake(side * side, "forgot the channels", f"Those are the pixels; each of them has {channels} values."),
        Mistake(side * channels, "one side only", "That is one row of the patch; it has as many rows as columns."),
        Mistake(
            side * side * 3, "took three channels", f"That would be colour; this picture has {channels} to a pixel."
        ),
        Mistake(
            side * side + channels,
            "added the channels",
            "The channels multiply the pixels; they are not added to them.",
        ),
        Mistake((side * channels) ** 2, "squared the channels", "The side counts twice, the channels only once."),
        Mistake(
            side * side * channels + 1,
            "counted one more",
            "The flattened patch has no class token and no bias: only its values.",
        ),
        Mistake(side, "gave the side", "That is the side of the patch in pixels."),
        Mistake(
            facts.embedding_width,
            "gave the width after the projection",
            f"{facts.embedding_width} is the width after the linear projection; here the values going in are counted.",
        ),
        Mistake(
            facts["patches"], "gave the number of patches", "That is how many patches there are, not how long one is."
        ),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_ragged(params: Params, seed: int) -> Problem:
    """How many patches come out where the sides do not divide by the patch."""
    full = fitting(_RAGGED, params, seed, lambda p: min(sides(p)) >= int(p["patch_size"]) and not _divides(p))
    if full is None:
        raise _not_ragged(params)
    full = _readable(full)
    return Problem(
        "patches.ragged",
        full,
        seed,
        f"A ViT's patch convolution, {_square(full)} pixels with the same stride and no padding, runs over a picture "
        f"of {_size(full)} pixels. How many patches come out?",
        "integer",
        unit="patches",
        hints=(
            "How many whole patches fit along each side?",
            "What is left over makes no patch: round down on each side, then multiply.",
        ),
    )


def check_ragged(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """The number of whole patches; names rounding up, dividing areas, and the like."""
    facts = _Facts(problem, evidence)
    height, width = sides(problem.params)
    n, share = facts.rows * facts.columns, height * width / facts.patch**2
    up = -(-height // facts.patch) * -(-width // facts.patch)
    nearest = round(height / facts.patch) * round(width / facts.patch)
    area = "That divides the areas; each side rounds down by itself, before they are multiplied."
    mistakes = [
        Mistake(
            up, "rounded up", "That rounds up, as with padding; without it a strip too narrow for a patch makes none."
        ),
        Mistake(
            nearest,
            "rounded to the nearest",
            "A convolution takes only whole steps: it rounds down, never to the nearest.",
        ),
        Mistake(n + 1, "counted the class token", "That counts the class token, which the convolution does not make."),
        *(Mistake(value, "divided the areas", area) for value in {int(share), int(share) + 1, round(share)}),
        Mistake(round(share, 2), "divided the areas", area),
        Mistake(
            -(-height // facts.patch), "one side, rounded up", "That is one side, rounded up; both sides round down."
        ),
        *facts.grid_mistakes(),
        Mistake(
            facts["dropped_pixels"],
            "gave the lost pixels",
            "Those are the pixels no patch sees; asked are the patches.",
        ),
        Mistake(0, "expected an error", "The convolution does not fail: it drops the strip and says nothing."),
    ]
    return check_number(problem, answer, evidence, mistakes)


class _Facts:
    """The measured numbers of one problem, by name."""

    def __init__(self, problem: Problem, evidence: Evidence) -> None:
        self._facts = evidence.facts
        self._params = problem.params
        self.patch = int(problem.params["patch_size"])
        self.rows, self.columns = self["rows"], self["columns"]
        self.embedding_width = self["embedding_width"]

    def __getitem__(self, name: str) -> int:
        value = self._facts[name]
        if isinstance(value, str | list):
            raise TypeError(f"{name} was measured as {value!r}, which is no number")
        return int(value)

    def grid_mistakes(self) -> list[Mistake]:
        """Numbers that belong to the grid but are not the number of its cells."""
        rows, columns, patch = self.rows, self.columns, self.patch
        height, width = sides(self._params)
        one_side = "That is one side of the grid; rows and columns are multiplied."
        overlapping = (height - patch + 1) * (width - patch + 1)
        return [
            Mistake(rows, "one side only", one_side),
            Mistake(columns, "one side only", one_side),
            Mistake(rows + columns, "added the sides", "Rows and columns are multiplied, not added."),
            Mistake(
                2 * (rows + columns), "took the perimeter", "That is the way around the grid; asked is what is in it."
            ),
            Mistake(
                max(rows, columns) ** 2,
                "took it as square",
                "That takes the longer side twice; the picture is not square.",
            ),
            Mistake(
                min(rows, columns) ** 2,
                "took it as square",
                "That takes the shorter side twice; the picture is not square.",
            ),
            Mistake(patch * patch, "pixels of a patch", "That is how many pixels one patch has."),
            Mistake(patch * patch * 3, "length of a patch", "That is the length of one flattened patch."),
            Mistake(height * width, "gave pixels", "That is how many pixels the picture has."),
            Mistake(
                height * width / patch, "divided once", "That divides the area by one side of the patch; it has two."
            ),
            Mistake(height, "gave pixels", "That is a side of the picture in pixels."),
            Mistake(
                overlapping,
                "stride of one",
                "That moves the patch by one pixel at a time; ViT's patches do not overlap.",
            ),
        ]


def _dividing(params: Params, seed: int) -> Params:
    full = fitting(_GRID, params, seed, _divides)
    if full is None:
        raise _not_dividing(params)
    return _readable(full)


def _divides(params: Params) -> bool:
    return all(side % int(params["patch_size"]) == 0 for side in sides(params))


def _not_dividing(params: Params) -> ParamError:
    if "patch_size" not in params:
        shown = " × ".join(str(params[name]) for name in ("image_size", "image_width") if params.get(name))
        return ParamError(
            "image_size", f"no patch of {_PATCH_SIZE.low:g} to {_PATCH_SIZE.high:g} px divides {shown} px"
        )
    patch = int(params["patch_size"])
    given = [int(params[name]) for name in ("image_size", "image_width") if params.get(name)]
    side = next(side for side in given if side % patch)
    return ParamError(
        "patch_size", f"{patch} px does not divide a side of {side} px; patches.ragged takes such a picture"
    )


def _not_ragged(params: Params) -> ParamError:
    patch = int(params.get("patch_size", _PATCH_SIZE.default))
    given = [int(params[name]) for name in ("image_size", "image_width") if params.get(name)]
    if min(given) < patch:
        return ParamError("patch_size", f"{patch} px is larger than a side of {min(given)} px")
    shown = " × ".join(map(str, given))
    return ParamError(
        "patch_size", f"{patch} px divides {shown} px and leaves no edge; patches.count takes such a picture"
    )


def _readable(params: Params) -> Params:
    """The parameters with the learner's own picture, if any, found and its path made absolute."""
    return {**params, PICTURE.name: readable_path(str(params[PICTURE.name]))}


def _size(params: Params) -> str:
    height, width = sides(params)
    return f"{width} × {height}" if width == height else f"{width} × {height} (width × height)"


def _square(params: Params) -> str:
    return f"{params['patch_size']} × {params['patch_size']}"


EXERCISES: Final = (
    Exercise(
        name="patches.count",
        title="Count the patches",
        sections=("2.2", "2.5", "3.2"),
        covers=("2.2-04", "2.2-05", "2.2-06", "3.2-05", "0.1-05", "6.5-03", "6.6-01"),
        params=_GRID,
        module=MODULE,
        poser=pose_count,
        checker=check_count,
    ),
    Exercise(
        name="patches.flatten",
        title="Flatten a patch",
        sections=("2.2",),
        covers=("2.2-08", "2.2-09", "0.1-05", "3.2-05", "6.6-01"),
        params=_PATCH,
        module=MODULE,
        poser=pose_flatten,
        checker=check_flatten,
    ),
    Exercise(
        name="patches.sequence",
        title="Count the tokens of a ViT",
        sections=("2.2", "2.3"),
        covers=("2.2-12", "2.3-08"),
        params=_GRID,
        module=MODULE,
        poser=pose_sequence,
        checker=check_sequence,
    ),
    Exercise(
        name="patches.ragged",
        title="Cut a picture that does not divide",
        sections=("2.2",),
        covers=("2.2-06",),
        params=_RAGGED,
        module=MODULE,
        poser=pose_ragged,
        checker=check_ragged,
    ),
)
