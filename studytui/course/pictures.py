"""Pictures in the text of a card: `![what it shows](pictures/name.png)`, beside the course's cards or one's own.

A path that leads elsewhere, a file that is too large and one that is no picture are never opened further.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from studytui.course.markdown import parser
from studytui.files import read_at_most, write_atomically

FOLDER: Final = "pictures"
LARGEST_PICTURE: Final = 2_000_000
"""Bytes of a file."""
MOST_PIXELS: Final = 16_000_000
LONGEST_PATH: Final = 200
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_WORD: Final = re.compile(r"[a-z0-9]+")


class NoPicture(ValueError):
    """A picture cannot be shown; the text says why, as a sentence."""


@dataclass(frozen=True, slots=True)
class PictureLink:
    """A picture in a text: what it shows in words, and its path as it is written."""

    alt: str
    path: str

    @property
    def markdown(self) -> str:
        """As it stands in the text."""
        return f"![{self.alt}]({self.path})"


def links_in(text: str) -> list[PictureLink]:
    """The pictures of a text, in order; none of what stands in code."""
    if "![" not in text:
        return []
    return [
        PictureLink(token.content, str(token.attrGet("src") or ""))
        for block in parser().parse(text)
        for token in block.children or ()
        if token.type == "image"
    ]


def without(text: str, links: Sequence[PictureLink]) -> str:
    """The text without these pictures, which are shown below it."""
    for link in links:
        text = text.replace(link.markdown, "", 1)
    return text.strip()


def read_picture(folder: Path, path: str) -> bytes:
    """The bytes of a picture below `folder`.

    Raises:
        NoPicture: the path leads elsewhere, or the file is missing, too large, or neither PNG nor JPEG.
    """
    if not _lies_inside(path):
        raise NoPicture(f"“{path[:60]}” must be a path below {FOLDER}/, such as {FOLDER}/name.png")
    try:
        file = (folder / path).resolve()
        if not file.is_relative_to(folder.resolve()):
            raise NoPicture(f"{path} leads out of its folder")
        if not file.is_file():
            raise NoPicture(f"there is no file {path}")
        if file.stat().st_size > LARGEST_PICTURE:
            raise NoPicture(f"{path} has more than {LARGEST_PICTURE / 1e6:g} MB")
        data = read_at_most(file, LARGEST_PICTURE)
    except OSError as error:
        raise NoPicture(f"{path} cannot be read ({error.strerror or error})") from None
    check_picture(data, path)
    return data


def check_picture(data: bytes, name: str) -> None:
    """Raises NoPicture unless the bytes begin as a PNG of a size that can be shown, or as a JPEG."""
    if data.startswith(_PNG) and len(data) > 32:
        width, height = struct.unpack(">II", data[16:24])
        _check_size(width, height, name)
    elif not data.startswith(_JPEG):
        raise NoPicture(f"{name} is neither a PNG nor a JPEG")


def _check_size(width: int, height: int, name: str) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise NoPicture(f"{name} has {width:,} × {height:,} pixels; at most {MOST_PIXELS / 1e6:g} million")


def as_png(data: bytes, name: str) -> bytes:
    """The picture as a PNG; it was decoded once, so that a damaged file is known before it is shown.

    Raises:
        NoPicture: it cannot be decoded, or there is nothing to decode it with.
    """
    try:
        from PIL import Image

        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            _check_size(image.width, image.height, name)
            image.load()
            if image.format == "PNG":
                return data
            image.thumbnail((1024, 1024))
            buffer = io.BytesIO()
            image.convert("RGB").save(buffer, "PNG")
            return buffer.getvalue()
    except NoPicture:
        raise
    except Exception as error:  # Pillow raises a dozen kinds for damaged bytes
        raise NoPicture(f"{name} cannot be decoded ({error})") from None


def take_over(file: Path, folder: Path, alt: str) -> PictureLink:
    """Copy a picture into the `folder` of somebody's cards; one of that name and other bytes stays as it is.

    Raises:
        NoPicture: the file is missing, too large, or no picture; OSError: it cannot be copied.
    """
    try:
        data = read_at_most(file.expanduser(), LARGEST_PICTURE)
    except (OSError, ValueError, RuntimeError) as error:
        raise NoPicture(f"{file} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    check_picture(data, file.name)
    as_png(data, file.name)
    stem = "-".join(_WORD.findall(file.stem.lower()))[:40] or "picture"
    ending = ".png" if data.startswith(_PNG) else ".jpg"
    number = 1
    while (to := folder / FOLDER / f"{stem}{f'-{number}' if number > 1 else ''}{ending}").exists():
        if to.read_bytes() == data:
            break
        number += 1
    else:
        to.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(to, data)
    return PictureLink(alt.replace("[", "(").replace("]", ")"), f"{FOLDER}/{to.name}")


def _lies_inside(path: str) -> bool:
    """True for a path to a file below the folder of pictures, on any system."""
    kinds = (PurePosixPath(path), PureWindowsPath(path))
    return (
        path.isprintable()
        and len(path) <= LONGEST_PATH
        and not any(kind.anchor or ".." in kind.parts for kind in kinds)
        and kinds[0].parts[:1] == (FOLDER,)
        and len(kinds[0].parts) > 1
    )
