"""Drawn scenes for the CLIP lab, as pictures and, embedded once a worker, as points of the shared space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from labs.models.clip_checkpoint import Checkpoint
from labs.models.clip_model import unknown_words
from labs.pictures import open_picture, to_png
from labs.protocol import Picture, Problem, Progress
from labs.scenes import showings
from labs.scenes.captions import Scene
from labs.scenes.shapes import draw_scene

_TILE: Final = 84
_GAP: Final = 4
_PAPER: Final = (244, 244, 240)
_INK: Final = (30, 30, 34)
_LOW, _HIGH = (28, 34, 74), (255, 214, 92)


def picture_of(scene: Scene, name: str, index: int) -> Image.Image:
    """A fixed scene, 64 × 64 px."""
    return Image.fromarray(draw_scene(scene, showings.ground(name, index)))


def pictures_of(scenes: Sequence[Scene], name: str) -> list[Image.Image]:
    """The pictures of a fixed set of scenes."""
    return [picture_of(scene, name, index) for index, scene in enumerate(scenes)]


@dataclass(frozen=True, slots=True)
class Seen:
    """The picture of a problem, how it is called, and a note on where it is from."""

    image: Image.Image
    content: str
    notes: tuple[str, ...]

    def shown(self, caption: str) -> Picture:
        """The picture, enlarged."""
        larger = self.image.resize((256, 256), Image.Resampling.NEAREST)
        return Picture.from_png("picture", to_png(larger), caption=caption, alt=self.content)


def see(problem: Problem, clip: Checkpoint, index: int) -> Seen:
    """The learner's picture at the model's size, or the drawn one of that showing.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    path = str(problem.params["picture"])
    if not path:
        scene, _ = showings.showing(index)
        return Seen(picture_of(scene, "showing", index), f"A drawn picture of {scene.caption}", ())
    image, (width, height) = open_picture(Path(path), clip.side, clip.side)
    content = f"Your picture {Path(path).name}"
    return Seen(image, content, (f"{content}, {width} × {height} px, resized to {clip.side} × {clip.side}",))


_kept: dict[tuple[int, str, int], tuple[Checkpoint, Tensor]] = {}


def embed_set(clip: Checkpoint, name: str, scenes: Sequence[Scene], progress: Progress) -> Tensor:
    """The embeddings of a fixed set of scenes, (b, d); worked out once a worker and model."""
    key = (id(clip), name, len(scenes))
    if key not in _kept:
        for other in [other for other, (owner, _) in _kept.items() if owner is not clip and not owner.tiny]:
            del _kept[other]
        drawn = pictures_of(scenes, name)
        progress(0.1, f"{len(scenes)} pictures drawn")
        text = f"embedding {len(scenes)} pictures"
        embedded = clip.embed_pictures(drawn, lambda share: progress(0.1 + 0.8 * share, text))
        _kept[key] = (clip, embedded)
    return _kept[key][1]


def strip(images: Sequence[Image.Image], labels: Sequence[str], name: str, caption: str, alt: str) -> Picture:
    """Pictures side by side, five to a row, a short label under each."""
    columns = min(5, len(images))
    rows = -(-len(images) // columns)
    cell = _TILE + 16
    sheet = Image.new("RGB", (columns * (_TILE + _GAP) - _GAP, rows * cell), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        left, top = place % columns * (_TILE + _GAP), place // columns * cell
        sheet.paste(image.resize((_TILE, _TILE), Image.Resampling.NEAREST), (left, top))
        pen.text((left + 2, top + _TILE + 2), label, fill=_INK)
    return Picture.from_png(name, to_png(sheet), caption=caption, alt=alt)


def heat_map(matrix: Tensor, name: str, caption: str, alt: str) -> Picture:
    """A matrix as coloured squares, light where it is large; small ones with their numbers: (r, c)."""
    rows, columns = matrix.shape
    side = max(4, min(80, 320 // max(rows, columns)))
    low, high = float(matrix.min()), float(matrix.max())
    sheet = Image.new("RGB", (columns * side, rows * side), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for row in range(rows):
        for column in range(columns):
            value = float(matrix[row, column])
            share = (value - low) / (high - low) if high > low else 0.5
            colour = tuple(round(a + (b - a) * share) for a, b in zip(_LOW, _HIGH, strict=True))
            left, top = column * side, row * side
            pen.rectangle((left, top, left + side - 2, top + side - 2), fill=colour)
            if side >= 40:
                pen.text((left + 5, top + side // 2 - 6), f"{value:.2f}", fill=_INK if share > 0.5 else _PAPER)
    return Picture.from_png(name, to_png(sheet), caption=caption, alt=alt)


def vocabulary_note(clip: Checkpoint, texts: Sequence[str]) -> tuple[str, ...]:
    """Which words of the learner's the tiny model has never read."""
    if not clip.tiny:
        return ()
    unknown = list(dict.fromkeys(word for text in texts for word in unknown_words(text)))
    if not unknown:
        return ()
    return (f"The tiny CLIP has no embedding for {', '.join(unknown[:8])}: each becomes <unknown>",)


def as_list(row: Tensor) -> list[str]:
    """Numbers as text, at full precision: how lists travel among the facts."""
    return [repr(float(value)) for value in row]


def share(hits: Tensor) -> float:
    """The share of hits in percent."""
    return 100 * float(hits.to(torch.float64).mean())
