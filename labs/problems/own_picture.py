"""The parameter by which a learner brings a picture of their own. The worker decodes it; here it is only found."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from labs.protocol import Param, ParamError

PICTURE: Final = Param("picture", "path", "", "your own PNG, JPEG or WebP; empty: a drawn circuit board")

LARGEST_BYTES: Final = 50_000_000
_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp")


def readable_path(text: str) -> str:
    """The absolute path of the learner's picture; the empty text stays empty and means the drawn one.

    Quotes around the path, as a terminal puts them on a dropped file, are taken off.

    Raises:
        ParamError: there is no such file, it is no file, too large, empty, or not named as a picture.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if not text:
        return ""
    if "\0" in text:
        raise ParamError(PICTURE.name, "a path has no NUL character in it")
    try:
        path = Path(text).expanduser().absolute()
        if not path.exists():
            raise ParamError(PICTURE.name, f"there is no file {path}")
        if not path.is_file():
            raise ParamError(PICTURE.name, f"{path} is not a file")
        size_bytes = path.stat().st_size
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, ParamError):
            raise
        raise ParamError(PICTURE.name, f"{text[:80]!r} cannot be opened ({error})") from error
    if path.suffix.lower() not in _SUFFIXES:
        raise ParamError(PICTURE.name, f"{path.name} must be a PNG, JPEG or WebP file")
    if not 0 < size_bytes <= LARGEST_BYTES:
        reason = (
            "is empty" if size_bytes == 0 else f"has {size_bytes / 1e6:,.0f} MB; at most {LARGEST_BYTES / 1e6:.0f} MB"
        )
        raise ParamError(PICTURE.name, f"{path.name} {reason}")
    return str(path)
