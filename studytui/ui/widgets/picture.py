"""A PNG in the terminal: as pixels where the terminal can, as half-block cells elsewhere, as words without Pillow.

Which of them is decided from the environment: asking the terminal would mean reading keys from it while the app runs,
which is why `textual_image.widget` (it asks at import) is not used, only its renderables.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from studytui.ui.text import safe

Way: TypeAlias = Literal["kitty", "cells", "words"]
OVERRIDE: Final = "STUDYTUI_PICTURES"
MOST_ROWS: Final = 24


def way(environ: Mapping[str, str]) -> Way:
    """How pictures are shown: `STUDYTUI_PICTURES` decides, else what the environment says of the terminal.

    Inside tmux and screen the half-block cells are used, since neither passes pictures through unasked.
    """
    match environ.get(OVERRIDE, ""):
        case "kitty" | "cells" | "words" as chosen:
            return chosen
    if environ.get("TMUX") or environ.get("STY") or environ.get("TERM", "").startswith(("screen", "tmux")):
        return "cells"
    if environ.get("KITTY_WINDOW_ID") or environ.get("TERM") in ("xterm-kitty", "xterm-ghostty"):
        return "kitty"
    return "cells"


def cell_size(width_px: int, height_px: int, room: int) -> tuple[int, int]:
    """Columns and rows for a picture in `room` columns; a cell is twice as tall as it is wide."""
    columns = max(1, min(room, 2 * MOST_ROWS * width_px // max(1, height_px)))
    return columns, max(1, round(columns * height_px / max(1, width_px) / 2))


class PictureView(Widget):
    """One picture as wide as its place allows, at most 24 rows tall. The words below it are the caller's."""

    DEFAULT_CSS = """
    PictureView { height: auto; width: 100%; }
    """

    def __init__(self, png: bytes, alt: str, *, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(markup=False)
        self._alt = safe(alt)
        self._way: Way = way(os.environ if environ is None else environ)
        self._image = None if self._way == "words" else _decode(png)
        if self._image is None:
            self._way = "words"
        self._strips: list[Strip] = []
        self._drawn_for = 0
        self.tooltip = self._alt

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        if self._image is None:
            return len(Content(self._alt).wrap(max(8, width)))
        return cell_size(self._image.width, self._image.height, width)[1]

    def render(self) -> Any:
        if self._image is not None and self._way == "kitty":
            from textual_image.renderable.tgp import Image

            columns, rows = cell_size(self._image.width, self._image.height, self.content_size.width)
            return Image(self._image, width=columns, height=rows)
        return Content(self._alt)

    def render_line(self, y: int) -> Strip:
        if self._way != "cells":
            return super().render_line(y)
        width = self.size.width
        if self._drawn_for != width:
            self._strips = half_blocks(self._image, width)
            self._drawn_for = width
        return self._strips[y] if y < len(self._strips) else Strip.blank(width)


def half_blocks(image: Any, room: int) -> list[Strip]:
    """Two pixels a cell, the upper as the colour of `▀`, the lower as its background."""
    columns, rows = cell_size(image.width, image.height, room)
    small = image.resize((columns, rows * 2))
    values = small.tobytes()
    pixels = [values[at : at + 3] for at in range(0, len(values), 3)]
    strips = []
    for row in range(rows):
        upper, lower = (pixels[at * columns : (at + 1) * columns] for at in (2 * row, 2 * row + 1))
        cells = [
            Segment("▀", Style.parse(f"rgb({a[0]},{a[1]},{a[2]}) on rgb({b[0]},{b[1]},{b[2]})"))
            for a, b in zip(upper, lower, strict=True)
        ]
        strips.append(Strip(cells, columns))
    return strips


def _decode(png: bytes) -> Any:
    """The picture as RGB, or None if Pillow is missing or the bytes are no picture."""
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(png)) as image:
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
