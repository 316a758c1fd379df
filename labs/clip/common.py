"""What the exercises on CLIP share: the knobs, and the numbers that the tiny model's card states."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from labs.bench import Exercise, Picture, Text
from labs.models import weights
from labs.protocol import ParamError, Scalar

MOST_CAPTIONS: Final = 8
_LONGEST_CAPTION: Final = 200
SLOW_SECONDS: Final = 120.0
"""Time allowed where a real CLIP may have to embed many pictures."""


class Model(Text):
    """Real weights that the learner has; empty: the tiny CLIP."""

    def __init__(self) -> None:
        super().__init__(help="a folder or hub name of real CLIP weights you have; empty: the tiny CLIP of this lab")

    def settled(self, value: Scalar) -> Scalar:
        return model_name(str(value), self.name)


class Clip(Exercise):
    """What all exercises of this family share."""

    sections, source = "2.4", "Radford et al. 2021, arXiv:2103.00020, figure 3"
    truth, measured_on = "trained model", "a small CLIP that was trained on drawn scenes"


class AnyClip(Clip):
    """Those that also run on real weights."""

    model = Model()
    seconds_allowed = SLOW_SECONDS
    measured_on = "a small CLIP that was trained on drawn scenes, or the real one asked for"

    def called(self, article: str = "The") -> str:
        """How the model is called in a prompt: the tiny CLIP, a folder's name, or the name on the hub."""
        if not self.model:
            return f"{article} tiny CLIP"
        return f"{article} CLIP {Path(self.model).name}" if Path(self.model).is_absolute() else self.model


class Own(AnyClip):
    """Those that take a picture and captions of the learner's own."""

    picture = Picture("your own PNG, JPEG or WebP; empty: a drawn scene")
    captions = Text(help="your own captions, set apart by semicolons; empty: four of this showing")


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


def model_name(text: str, knob: str = "model") -> str:
    """The real model that was asked for, a folder made absolute; empty for the tiny one.

    Raises:
        ParamError: it is neither a folder with a model nor looks like a name of the hub.
    """
    text = text.strip()
    if not text:
        return ""
    if "\0" in text or len(text) > 1_000:
        raise ParamError(knob, "that is no folder and no name of a model")
    try:
        folder = Path(text).expanduser().absolute()
        if folder.is_dir():
            if not (folder / "config.json").is_file():
                raise ParamError(knob, f"{folder} holds no config.json, so no model in the format of transformers")
            return str(folder)
    except (OSError, RuntimeError) as error:
        raise ParamError(knob, f"{text[:80]!r} cannot be opened ({error})") from error
    if text.startswith((".", "/", "~")) or text.count("/") > 1 or any(sign in text for sign in " \\:"):
        raise ParamError(knob, f"there is no folder {folder}")
    return text


def own_captions(text: str) -> tuple[str, ...]:
    """The learner's captions, or none.

    Raises:
        ParamError: fewer than two, too many, too long, or two alike.
    """
    captions = tuple(" ".join(part.split()) for part in text.split(";") if part.strip())
    if not captions:
        if text.strip():
            raise ParamError("captions", "there is no caption in it")
        return ()
    if not 2 <= len(captions) <= MOST_CAPTIONS:
        raise ParamError("captions", f"from 2 to {MOST_CAPTIONS} captions, set apart by semicolons")
    if len({caption.casefold() for caption in captions}) < len(captions):
        raise ParamError("captions", "two captions are the same")
    if any(len(caption) > _LONGEST_CAPTION for caption in captions):
        raise ParamError("captions", f"a caption has at most {_LONGEST_CAPTION} characters")
    return captions
