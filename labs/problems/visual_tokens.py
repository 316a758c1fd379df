"""Questions on the second tokenisation: how many of the eye's tokens reach a language model."""

from __future__ import annotations

from typing import Final

from labs.checking import Mistake, check_number
from labs.exercise import Exercise, fitting
from labs.problems.facts import fact
from labs.protocol import Evidence, Param, ParamError, Params, Problem, Verdict

MODULE: Final = "labs.visual_tokens"
PATCH: Final = 14
"""Side of a patch in px, in all of these models."""
MERGE: Final = 2
"""Patches a side that Qwen2-VL makes one token of."""
TILE: Final = 336
"""Side of LLaVA-NeXT's tiles in px."""
_MOST_PIXELS: Final = 1_003_520
"""A larger picture Qwen2-VL shrinks first, by its default."""

_FAMILIES: Final = {
    "LLaVA-1.5": "passes CLIP ViT-L/14, whose patch features the projector maps one by one",
    "PaliGemma": "passes SigLIP So400m/14, whose features one linear layer maps one by one",
    "Qwen2-VL": "is cut into patches of 14 px, and each 2 × 2 of them are merged",
    "BLIP-2": "passes a ViT with patches of 14 px, and 32 learned queries look at its features",
}
_FAMILY: Final = Param(
    "family",
    "text",
    "LLaVA-1.5",
    "which vision-language model",
    choices=tuple(_FAMILIES),
    vary=("LLaVA-1.5", "LLaVA-1.5", "PaliGemma", "Qwen2-VL", "BLIP-2"),
)
_IMAGE_SIZE: Final = Param(
    "image_size",
    "integer",
    336,
    "side of the square picture in px, a multiple of 28",
    low=56,
    high=1008,
    vary=(224, 336, 448, 560, 672),
)
_COLUMNS: Final = Param("columns", "integer", 2, "tiles from left to right", low=1, high=4, vary=(1, 2, 3))
_ROWS: Final = Param("rows", "integer", 2, "tiles from top to bottom", low=1, high=4, vary=(1, 2, 3))
_WIDTH: Final = Param("width", "integer", 1280, "width in px", low=112, high=2000, vary=(480, 640, 800, 1024, 1280))
_HEIGHT: Final = Param("height", "integer", 720, "height in px", low=112, high=2000, vary=(360, 480, 600, 720, 768))

_FAMILY_AND_SIZE: Final = (_FAMILY, _IMAGE_SIZE)
_TILES: Final = (_COLUMNS, _ROWS)
_DYNAMIC: Final = (_WIDTH, _HEIGHT)


def pose_visual_tokens(params: Params, seed: int) -> Problem:
    """How many visual tokens a language model gets."""
    full = fitting(_FAMILY_AND_SIZE, params, seed, lambda p: int(p["image_size"]) % (PATCH * MERGE) == 0)
    if full is None:
        raise ParamError("image_size", f"must be a multiple of {PATCH * MERGE} px here")
    family, side = str(full["family"]), int(full["image_size"])
    return Problem(
        "patches.visual_tokens",
        full,
        seed,
        f"In {family} a picture of {side} × {side} pixels {_FAMILIES[family]}. "
        "How many visual tokens does the language model get?",
        "integer",
        unit="tokens",
        hints=(
            "Count the patches of 14 px first.",
            "Does the bridge keep every patch, leave the class token out, merge patches, or ask with queries?",
        ),
    )


def check_visual_tokens(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names a kept class token, a merge that was forgotten or invented, and another model's count."""
    patches, seen = fact(evidence, "patches"), fact(evidence, "seen")
    side = int(problem.params["image_size"]) // PATCH
    family = str(problem.params["family"])
    mistakes = [
        *(
            [
                Mistake(
                    patches,
                    "forgot the merge",
                    "Those are the patches; four of them are merged to one token.",
                ),
                Mistake(patches / 2, "merged pairs", "Two patches a side are merged, so four to a token."),
            ]
            if family == "Qwen2-VL"
            else []
        ),
        *(
            [
                Mistake(
                    number,
                    "counted the features",
                    "So many features the eye has; the queries look at them and go on alone.",
                )
                for number in (patches, seen)
            ]
            if family == "BLIP-2"
            else []
        ),
        Mistake(
            patches + 1,
            "counted the class token",
            "There is no class token in SigLIP."
            if family == "PaliGemma"
            else "The class token does not go on to the language model.",
        ),
        Mistake(side, "one side only", "That is one side of the grid; rows and columns are multiplied."),
        Mistake(
            patches / 4, "merged what is not merged", "This bridge merges no patches; every patch becomes a token."
        ),
        Mistake(32, "took BLIP-2's queries", "Only BLIP-2's learned queries number 32."),
        Mistake(1, "took one token a picture", "One pooled vector would lose where things are; patches go on."),
        Mistake(fact(evidence, "width"), "gave the width", "That is how many values a token has."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_tiles(params: Params, seed: int) -> Problem:
    """How many visual tokens a picture makes that is cut into tiles."""
    full = fitting(_TILES, params, seed, lambda p: bool(params) or int(p["columns"]) * int(p["rows"]) in range(2, 7))
    assert full is not None
    width, height = int(full["columns"]) * TILE, int(full["rows"]) * TILE
    return Problem(
        "patches.tiles",
        full,
        seed,
        f"LLaVA-NeXT cuts a picture of {width} × {height} pixels (width × height) into tiles of {TILE} × {TILE} pixels "
        "and adds the whole picture once more, shrunk to one tile. Each goes through CLIP ViT-L/14 as in LLaVA-1.5. "
        "How many visual tokens are that, line ends not counted?",
        "integer",
        unit="tokens",
        hints=(
            "How many tiles are there with the shrunken picture?",
            f"One tile of {TILE} px makes (336 / 14)² tokens.",
        ),
    )


def check_tiles(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names a forgotten overview, tiles counted for tokens and class tokens."""
    tiles, each = fact(evidence, "tiles"), fact(evidence, "each")
    mistakes = [
        Mistake(tiles * each, "forgot the overview", "The shrunken whole picture makes one tile more."),
        Mistake(each, "one tile only", "That is one tile; there are several."),
        Mistake(2 * each, "two tiles only", "That is one tile and the overview; there are more tiles."),
        Mistake(
            (tiles + 1) * (each + 1),
            "counted class tokens",
            "The class token of each tile is left out, as in LLaVA-1.5.",
        ),
        Mistake(tiles * (each + 1), "counted class tokens", "The class token is left out, and the overview counts."),
        Mistake(tiles + 1, "gave the tiles", "Those are the tiles; each makes many tokens."),
        Mistake(tiles, "gave the tiles", "Those are the tiles; each makes many tokens."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def pose_dynamic(params: Params, seed: int) -> Problem:
    """How many visual tokens a picture makes whose grid follows its size."""
    full = fitting(_DYNAMIC, params, seed, _keeps_its_size)
    if full is None:
        raise ParamError("width", f"times height must stay below {_MOST_PIXELS:,} px, or the model shrinks the picture")
    return Problem(
        "patches.dynamic",
        full,
        seed,
        f"Qwen2-VL takes a picture of {full['width']} × {full['height']} pixels (width × height) at its own size: each "
        f"side is rounded to the nearest multiple of {PATCH * MERGE}, cut into patches of {PATCH} px, and each "
        "2 × 2 patches become one token. How many visual tokens does the language model get?",
        "integer",
        unit="tokens",
        hints=("Round each side to whole multiples of 28 px first.", "One token covers 28 × 28 px."),
    )


def check_dynamic(problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    """Names patches that were not merged, sides rounded the wrong way and divided areas."""
    width, height = int(problem.params["width"]), int(problem.params["height"])
    step = PATCH * MERGE
    patches = fact(evidence, "patches")
    mistakes = [
        Mistake(patches, "forgot the merge", "Those are the patches; four of them become one token."),
        Mistake(patches + 1, "forgot the merge", "Those are the patches and a class token; there is none here."),
        Mistake(
            (width // step) * (height // step),
            "rounded down",
            "Each side goes to the nearest multiple, here partly up.",
        ),
        Mistake(-(-width // step) * -(-height // step), "rounded up", "Each side goes to the nearest multiple."),
        Mistake(round(width * height / step**2), "divided the areas", "Each side is rounded first, by itself."),
        Mistake(width * height // step**2, "divided the areas", "Each side is rounded first, by itself."),
        Mistake(patches / 2, "merged pairs", "Two patches a side are merged, so four to a token."),
        Mistake(fact(evidence, "patches") / 4 + 1, "counted a class token", "This eye has no class token."),
        Mistake(576, "took LLaVA's number", "576 is a fixed picture of 336 px; here the grid follows the picture."),
    ]
    return check_number(problem, answer, evidence, mistakes)


def _keeps_its_size(params: Params) -> bool:
    step = PATCH * MERGE
    width, height = (round(int(params[name]) / step) * step for name in ("width", "height"))
    return width * height <= _MOST_PIXELS


EXERCISES: Final = (
    Exercise(
        name="patches.visual_tokens",
        title="Count the tokens a language model gets",
        sections=("2.5", "3.2", "3.3"),
        covers=("2.5-03", "2.5-04", "2.5-05", "2.5-06", "3.2-04", "3.2-03"),
        params=_FAMILY_AND_SIZE,
        module=MODULE,
        poser=pose_visual_tokens,
        checker=check_visual_tokens,
    ),
    Exercise(
        name="patches.tiles",
        title="Count the tokens of a picture in tiles",
        sections=("2.5", "1.5"),
        covers=("2.5-04", "1.5-03", "2.3-08"),
        params=_TILES,
        module=MODULE,
        poser=pose_tiles,
        checker=check_tiles,
    ),
    Exercise(
        name="patches.dynamic",
        title="Count the tokens of a picture at its own size",
        sections=("2.5", "2.2"),
        covers=("2.5-04", "2.2-06", "2.3-08"),
        params=_DYNAMIC,
        module=MODULE,
        poser=pose_dynamic,
        checker=check_dynamic,
    ),
)
