"""Drawn scenes as pictures and, embedded once a worker, as points of the shared space; strips and heat maps of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from labs.bench import Show, later
from labs.scenes import showings

if TYPE_CHECKING:
    import torch
    from PIL import Image, ImageDraw
    from torch import Tensor

    from labs.clip.space import Compared
    from labs.models.clip_checkpoint import Checkpoint
    from labs.scenes.captions import Scene
else:
    torch, Image, ImageDraw = later("torch"), later("PIL.Image"), later("PIL.ImageDraw")

_TILE: Final = 84
_LOOK: Final = 256
"""Side of a picture that a question shows, in px."""
_GAP: Final = 4
_PAPER: Final = (244, 244, 240)
_INK: Final = (30, 30, 34)
_LOW, _HIGH = (28, 34, 74), (255, 214, 92)


def picture_of(scene: Scene, name: str, index: int) -> Image.Image:
    """A fixed scene, 64 × 64 px."""
    from labs.scenes.shapes import draw_scene

    return Image.fromarray(draw_scene(scene, showings.ground(name, index)))


def pictures_of(scenes: Sequence[Scene], name: str) -> list[Image.Image]:
    """The pictures of a fixed set of scenes."""
    return [picture_of(scene, name, index) for index, scene in enumerate(scenes)]


def see(show: Show, path: str, clip: Checkpoint, index: int) -> tuple[Image.Image, str]:
    """The learner's picture at the model's size, or the drawn one of that showing; and how it is called.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    if not path:
        scene, _ = showings.showing(index)
        return picture_of(scene, "showing", index), f"A drawn picture of {scene.caption}"
    from labs.pictures import open_picture

    image, (width, height) = open_picture(Path(path), clip.side, clip.side)
    content = f"Your picture {Path(path).name}"
    show.line(f"{content}, {width} × {height} px, resized to {clip.side} × {clip.side}")
    return image, content


def show_picture(show: Show, path: str, index: int) -> None:
    """What a question about one picture shows: the learner's picture, or the drawn one of that showing.

    Raises:
        ParamError: the learner's picture cannot be read.
    """
    if path:
        from labs.pictures import open_picture

        image, _ = open_picture(Path(path), _LOOK, _LOOK)
        show.picture("picture", image, "Your picture", "your picture")
    else:
        scene, _ = showings.showing(index)
        show_scene(show, scene, "showing", index)


def show_scene(show: Show, scene: Scene, name: str, index: int) -> None:
    """A fixed scene as a question shows it."""
    larger = picture_of(scene, name, index).resize((_LOOK, _LOOK), Image.Resampling.NEAREST)
    show.picture("picture", larger, "", scene.caption)


_kept: dict[tuple[int, str, int], tuple[Checkpoint, Tensor]] = {}


def embed_set(clip: Checkpoint, name: str, scenes: Sequence[Scene], show: Show) -> Tensor:
    """The embeddings of a fixed set of scenes, (b, d); worked out once a worker and model."""
    key = (id(clip), name, len(scenes))
    if key not in _kept:
        for other in [other for other, (owner, _) in _kept.items() if owner is not clip and not owner.tiny]:
            del _kept[other]
        drawn = pictures_of(scenes, name)
        show.progress(0.1, f"{len(scenes)} pictures drawn")
        text = f"embedding {len(scenes)} pictures"
        embedded = clip.embed_pictures(drawn, lambda share: show.progress(0.1 + 0.8 * share, text))
        _kept[key] = (clip, embedded)
    return _kept[key][1]


def strip(images: Sequence[Image.Image], labels: Sequence[str]) -> Image.Image:
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
    return sheet


def heat_map(matrix: Tensor) -> Image.Image:
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
    return sheet


def captions_table(show: Show, found: Compared, captions: Sequence[str]) -> None:
    """Cosine, logit and probability of each caption of one picture."""
    columns = (found.cosines[0].tolist(), found.logits[0].tolist(), found.probabilities[0].tolist())
    show.table(
        "One picture, its captions",
        f"caption | cosine | logit (× {found.scale:.2f}) | probability",
        [
            (caption, f"{cosine:.3f}", f"{logit:.2f}", f"{chance:.2%}")
            for caption, cosine, logit, chance in zip(captions, *columns, strict=True)
        ],
    )


def note_vocabulary(show: Show, clip: Checkpoint, texts: Sequence[str]) -> None:
    """Say which words of the learner's the tiny model has never read."""
    from labs.models.clip_model import unknown_words

    unknown = list(dict.fromkeys(word for text in texts for word in unknown_words(text))) if clip.tiny else []
    if unknown:
        show.line(f"The tiny CLIP has no embedding for {', '.join(unknown[:8])}: each becomes <unknown>")


def as_list(row: Tensor) -> list[str]:
    """Numbers as text, at full precision: how lists travel among the facts."""
    return [repr(float(value)) for value in row]


def listed(values: Sequence[float], places: int = 2) -> str:
    """`0.12, 0.34`."""
    return ", ".join(f"{value:.{places}f}" for value in values)


def share(hits: Tensor) -> float:
    """The share of hits in percent."""
    return 100 * float(hits.to(torch.float64).mean())
