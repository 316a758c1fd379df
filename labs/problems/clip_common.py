"""What the questions of the CLIP lab share: the knobs, and the numbers the tiny model's card states."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from labs.exercise import Exercise, fitting, stream
from labs.models import weights
from labs.problems.own_picture import PICTURE as ANY_PICTURE
from labs.protocol import Evidence, Param, ParamError, Params
from labs.scenes.showings import showing

MODULE: Final = "labs.clip"
SECTIONS: Final = ("2.4",)
SLOW_SECONDS: Final = 120.0
"""Time allowed where a real CLIP may have to embed many pictures."""

PICTURE: Final = replace(ANY_PICTURE, help="your own PNG, JPEG or WebP; empty: a drawn scene")
CAPTIONS: Final = Param(
    "captions", "text", "", "your own captions, set apart by semicolons; empty: four of this showing"
)
MODEL: Final = Param(
    "model", "text", "", "a folder or hub name of real CLIP weights you have; empty: the tiny CLIP of this lab"
)
MOST_CAPTIONS: Final = 8
_LONGEST_CAPTION: Final = 200


@cache
def stated() -> dict[str, Any]:
    """The numbers of the tiny model's card that problems state: cosines, ranks, the logit scale.

    Raises:
        WeightsDamaged: the card cannot be read.
    """
    found: dict[str, Any] = weights.card("clip")["stated"]
    return found


def scale() -> float:
    """The tiny model's logit scale, to two decimals."""
    return float(stated()["logit_scale"])


def model_name(params: Params) -> str:
    """The real model that was asked for, a folder made absolute; empty for the tiny one.

    Raises:
        ParamError: it is neither a folder with a model nor looks like a name of the hub.
    """
    text = str(params[MODEL.name]).strip()
    if not text:
        return ""
    if "\0" in text or len(text) > 1_000:
        raise ParamError(MODEL.name, "that is no folder and no name of a model")
    try:
        folder = Path(text).expanduser().absolute()
        if folder.is_dir():
            if not (folder / "config.json").is_file():
                raise ParamError(
                    MODEL.name, f"{folder} holds no config.json, so no model in the format of transformers"
                )
            return str(folder)
    except (OSError, RuntimeError) as error:
        raise ParamError(MODEL.name, f"{text[:80]!r} cannot be opened ({error})") from error
    if text.startswith((".", "/", "~")) or text.count("/") > 1 or any(sign in text for sign in " \\:"):
        raise ParamError(MODEL.name, f"there is no folder {folder}")
    return text


def called(params: Params, article: str = "The") -> str:
    """How the model is called in a prompt: the tiny CLIP, a folder's name, or the name on the hub."""
    name = str(params[MODEL.name])
    if not name:
        return f"{article} tiny CLIP"
    return f"{article} CLIP {Path(name).name}" if Path(name).is_absolute() else name


def own_captions(params: Params) -> tuple[str, ...]:
    """The learner's captions, or none.

    Raises:
        ParamError: fewer than two, too many, too long, or two alike.
    """
    text = str(params[CAPTIONS.name])
    captions = tuple(" ".join(part.split()) for part in text.split(";") if part.strip())
    if not captions:
        if text.strip():
            raise ParamError(CAPTIONS.name, "there is no caption in it")
        return ()
    if not 2 <= len(captions) <= MOST_CAPTIONS:
        raise ParamError(CAPTIONS.name, f"from 2 to {MOST_CAPTIONS} captions, set apart by semicolons")
    if len({caption.casefold() for caption in captions}) < len(captions):
        raise ParamError(CAPTIONS.name, "two captions are the same")
    if any(len(caption) > _LONGEST_CAPTION for caption in captions):
        raise ParamError(CAPTIONS.name, f"a caption has at most {_LONGEST_CAPTION} characters")
    return captions


def showing_of(seed: int, count: int = 64) -> int:
    """Which of the fixed showings a seed shows."""
    return stream(seed, "showing").randrange(count)


def cosines_text(index: int) -> str:
    """The captions of a showing with the card's cosines: `“a red circle” 0.412, “a red square” 0.305`."""
    _, captions = showing(index)
    cosines = stated()["showing_cosines"][index]
    return ", ".join(f"“{caption}” {cosine:.3f}" for caption, cosine in zip(captions, cosines, strict=True))


def numbers(evidence: Evidence, name: str) -> list[float]:
    """A list of numbers among the measured facts, which travel as text."""
    found = evidence.facts[name]
    if not isinstance(found, list):
        raise TypeError(f"{name} was measured as {found!r}, which is no list")
    return [float(one) for one in found]


def number(evidence: Evidence, name: str) -> float:
    """One number among the measured facts."""
    found = evidence.facts[name]
    if isinstance(found, str | list):
        raise TypeError(f"{name} was measured as {found!r}, which is no number")
    return float(found)


def completed(knobs: tuple[Param, ...], params: Params, seed: int) -> Params:
    """The parameters with what was left open drawn from the seed."""
    return fitting(knobs, params, seed, lambda _: True) or dict(params)


def exercise(name: str, title: str, *, sections: tuple[str, ...] = SECTIONS, **more: Any) -> Exercise:
    """An exercise of this lab."""
    return Exercise(name=name, title=title, sections=sections, module=MODULE, **{"truth": "trained model", **more})
