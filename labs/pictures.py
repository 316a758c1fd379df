"""Pictures in and out of a lab: the learner's own file decoded with care, a patch grid drawn on top, a small PNG."""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo

from labs.protocol import ParamError

MOST_PIXELS: Final = 64_000_000
"""A larger picture is refused by its header, before a pixel is decoded."""
SHOWN_SIDE: Final = 448
"""Longest side of a picture shown as evidence, in px."""
MOST_PNG_BYTES: Final = 60_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_ORIENTATION: Final = 0x0112
_QUARTER_TURNS: Final = (5, 6, 7, 8)
_NARROWEST_CELL: Final = 6
"""Grid lines nearer than this many px would cover the picture: then only every second, third … line is drawn."""
_LINE: Final = (255, 255, 255)
_MARK: Final = (255, 176, 0)
_LOST: Final = (255, 64, 190)


def open_picture(path: Path, width: int, height: int) -> tuple[Image.Image, tuple[int, int]]:
    """The learner's picture upright, in RGB on white, resized to `width` × `height` px; and its own width and height.

    Like the preprocessing of ViT it is stretched to the size, not cropped. Sixteen bits become eight; of an animation
    the first frame is taken.

    Raises:
        ParamError: the file is missing, no PNG, JPEG or WebP, damaged, truncated, or too large to decode safely.
    """
    try:
        with warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as image:
            warnings.simplefilter("ignore")
            _check_size(path, image)
            turned = image.getexif().get(_ORIENTATION) in _QUARTER_TURNS
            own_size = image.size[::-1] if turned else image.size
            image.draft("RGB", (2 * width, 2 * height))  # a large JPEG is decoded at a fraction of its size
            upright = _as_rgb(ImageOps.exif_transpose(image))
            return upright.resize((width, height), Image.Resampling.BICUBIC), own_size
    except ParamError:
        raise
    except FileNotFoundError as error:
        raise ParamError("picture", f"there is no file {path}") from error
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except Exception as error:  # a damaged file can make the decoder raise nearly anything
        raise ParamError("picture", f"{path.name} cannot be read as a PNG, JPEG or WebP picture ({error})") from error


def draw_grid(image: Image.Image, patch: int, marked: tuple[int, int] | None = (0, 0)) -> Image.Image:
    """The picture with its patch grid, enlarged or reduced to be shown.

    Pixels right of and below the last whole patch are tinted pink. `marked` is the row and column of an outlined patch.
    """
    scale = SHOWN_SIDE / max(image.size)
    shown = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
        Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX,
    )
    columns, rows = image.width // patch, image.height // patch
    right, bottom = columns * patch * scale, rows * patch * scale
    lost = Image.new("L", shown.size, 150)
    ImageDraw.Draw(lost).rectangle((0, 0, right - 1, bottom - 1), fill=0)
    shown.paste(_LOST, mask=lost)
    pen = ImageDraw.Draw(shown)
    cell = patch * scale
    every = lines_left_out(image, patch)
    for column in range(0, columns + 1, every):
        pen.line((column * cell, 0, column * cell, bottom), fill=_LINE)
    for row in range(0, rows + 1, every):
        pen.line((0, row * cell, right, row * cell), fill=_LINE)
    if marked is not None:
        row, column = marked
        pen.rectangle((column * cell, row * cell, (column + 1) * cell, (row + 1) * cell), outline=_MARK, width=3)
    place = "" if marked is None else f" {marked[0]} {marked[1]}"
    shown.info["patches"] = f"{image.width / patch:.6g} {image.height / patch:.6g}{place}"
    return shown


def lines_left_out(image: Image.Image, patch: int) -> int:
    """Of how many grid lines `draw_grid` draws one: 1 where patches are wide enough to draw them all."""
    return max(1, math.ceil(_NARROWEST_CELL * max(image.size) / SHOWN_SIDE / patch))


def to_png(image: Image.Image) -> bytes:
    """PNG of at most MOST_PNG_BYTES, with fewer colours, and smaller where it has to be.

    Where `draw_grid` drew a grid, the file says in the text "patches" how many patches it is wide and tall and which
    row and column is outlined: whoever shows it in few pixels can draw the grid anew.
    """
    if max(image.size) > SHOWN_SIDE:
        image = image.copy()
        image.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    for colours in (128, 48, 24):
        png = _encode(image, colours)
        if len(png) <= MOST_PNG_BYTES:
            return png
    while len(png) > MOST_PNG_BYTES:
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
        png = _encode(image, 24)
    return png


def _check_size(path: Path, image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(path)


def _too_large(path: Path) -> ParamError:
    return ParamError("picture", f"{path.name} is too large; at most {MOST_PIXELS / 1e6:.0f} million pixels")


def _encode(image: Image.Image, colours: int) -> bytes:
    buffer = io.BytesIO()
    palette = image.convert("RGB").quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    said = PngInfo()
    if patches := image.info.get("patches"):
        said.add_text("patches", patches)
    palette.save(buffer, "PNG", compress_level=6, pnginfo=said)
    return buffer.getvalue()


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits: PIL's own conversion would clip all above 255 to white
        eight_bits = (np.asarray(image).astype(np.int64).clip(0, 65_535) // 257).astype(np.uint8)
        return Image.fromarray(eight_bits).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")
