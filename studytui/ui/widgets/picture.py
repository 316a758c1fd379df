"""A PNG in the terminal: as pixels where the terminal can, as half-block cells elsewhere, as words where neither helps.

Sources: the graphics protocol of Kitty with Unicode placeholders, https://sw.kovidgoyal.net/kitty/graphics-protocol/;
Sixel as DEC's VT330/340 Programmer Reference Manual, chapter 14, has it.
"""

from __future__ import annotations

import io
import os
import random
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from studytui.ui.host import safe
from studytui.ui.terminal import Answers, Way, way

MOST_ROWS: Final = 24
REST_SECONDS: Final = 0.05
"""A Sixel picture is sent once its place was left alone for so long: it takes 100 kB, and each step of a scroll, of a
resize and of a layout would send it again."""
_USUAL_CELL_PX: Final = (10, 20)
_FEW_COLOURS: Final = ("standard", "windows")


def cell_size(width_px: int, height_px: int, room: int, cell: tuple[int, int] = (1, 2)) -> tuple[int, int]:
    """Columns and rows for a picture in `room` columns of cells that are `cell` wide and tall."""
    wide, tall = cell
    columns = max(1, min(room, MOST_ROWS * tall * width_px // max(1, height_px * wide)))
    return columns, max(1, min(MOST_ROWS, round(columns * wide * height_px / max(1, width_px) / tall)))


class PictureView(Widget):
    """One picture as wide as its place allows, at most 24 rows tall. The words below it are the caller's.

    It has no tooltip: text over pixels leaves a hole in them.
    """

    DEFAULT_CSS = "PictureView { height: auto; width: 100%; }"

    def __init__(self, png: bytes, alt: str, *, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(markup=False)
        self._alt = safe(alt)
        self._environ = os.environ if environ is None else environ
        self._png = png
        self._image: Any = _decode(png)
        self._grid = None if self._image is None else Grid.of(self._image)
        self._way: Way = "words"
        self._cell_px = _USUAL_CELL_PX
        self._strips: list[Strip] = []
        self._drawn_for = 0
        self._upload: Upload | None = None
        self._rest: Timer | None = None
        self._sixels: tuple[object, str] = None, ""

    def on_mount(self) -> None:
        self.look()

    def on_unmount(self) -> None:
        if self._upload is not None:
            self._send(self._upload.freed())

    def look(self) -> None:
        """Choose how to show the picture by what is known of the terminal now, and draw it."""
        answers: Answers | None = getattr(self.app, "answers", None)
        has_few_colours = self.app.console.color_system in _FEW_COLOURS
        found = way(self._environ, answers, is_web=self.app.is_web, has_few_colours=has_few_colours)
        self._way = "words" if self._image is None else found
        self._cell_px = _cell_px() or (answers and answers.cell_px) or _USUAL_CELL_PX
        self._drawn_for = 0
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        if self._way == "words":
            return len(Content(self._alt).wrap(max(8, width)))
        if self._way == "cells":
            return len(self._cells(width))
        return self._box(width).height

    def render(self) -> Content:
        return Content(self._alt if self._way == "words" else "")

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines; whenever some of them are printed anew, a Sixel picture lies in ruins and is sent again."""
        if self._way == "sixel":
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(REST_SECONDS, self._send_sixels)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        if self._way == "cells":
            # The lower half of a last line may be nobody's: it takes the colour of what is behind the picture.
            strips = [strip.apply_style(self.rich_style) for strip in self._cells(self.size.width)[y : y + 1]]
        elif self._way == "kitty":
            strips = self._placeholders(self._box(self.size.width))[y : y + 1]
        else:
            return super().render_line(y)
        return strips[0] if strips else Strip.blank(self.size.width)

    def _box(self, room: int) -> Size:
        """The cells that the pixels take."""
        return Size(*cell_size(self._image.width, self._image.height, min(room, MOST_COLUMNS), self._cell_px))

    def _cells(self, room: int) -> list[Strip]:
        if self._drawn_for != room:
            has_256 = self.app.console.color_system == "256"
            self._strips = half_blocks(self._image, room, self._grid, has_256=has_256)
            self._drawn_for = room
        return self._strips

    def _placeholders(self, box: Size) -> list[Strip]:
        if self._upload is None:
            self._upload = Upload(has_256=self.app.console.color_system == "256")
            self._send(self._upload.data(_small_png(self._png, self._image)))
        if self._upload.box != box:
            self._send(self._upload.placed(box))
        return self._upload.strips()

    def _send_sixels(self) -> None:
        """Paint over the empty cells, unless something lies over them: when that goes, they are printed again."""
        if not self.is_attached or self._way != "sixel" or not self.screen.is_active:
            return
        place = self.screen.find_widget(self)
        box = self._box(self.size.width)
        region = Region.from_offset(place.region.offset, (box.width, box.height))
        shown = region.intersection(place.visible_region)
        if shown.bottom >= self.screen.size.height:  # pixels in the last line would scroll the terminal
            shown = Region(shown.x, shown.y, shown.width, self.screen.size.height - 1 - shown.y)
        if shown.width <= 0 or shown.height <= 0 or self._is_covered(shown):
            return
        key = box, self._cell_px, shown.translate(-region.offset)
        if self._sixels[0] != key:
            self._sixels = key, sixels(_cropped(self._image, *key))
        self._send(f"\x1b7\x1b[{shown.y + 1};{shown.x + 1}H{self._sixels[1]}\x1b8")

    def _is_covered(self, shown: Region) -> bool:
        """Something lies over the place; all that may, a toast or a menu, is more than three cells wide."""
        columns = {*range(shown.x, shown.right, 3), shown.right - 1}
        return any(self.screen.get_widget_at(x, y)[0] is not self for y in shown.line_range for x in columns)

    def _send(self, commands: str) -> None:
        if (driver := self.app._driver) is not None:
            driver.write(commands)


def _cell_px() -> tuple[int, int] | None:
    """Width and height of a cell in px as the terminal's driver knows them now."""
    try:
        import fcntl
        import struct
        import termios

        packed = fcntl.ioctl(1, termios.TIOCGWINSZ, b"\0" * 8)
    except (ImportError, OSError):
        return None
    rows, columns, width, height = struct.unpack("HHHH", packed)
    return (width // columns, height // rows) if width and height and rows and columns else None


def _decode(png: bytes) -> Any:
    """The picture as RGB, or None if the bytes are no picture."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png)) as image:
            return image.convert("RGB")
    except Exception:  # Pillow raises a dozen kinds for damaged bytes, and this is the learner's screen
        return None


# Kitty: the picture is uploaded once, and stands wherever cells name it


_PLACEHOLDER: Final = "\U0010eeee"
_ROWS: Final = (
    "\u0305\u030d\u030e\u0310\u0312\u033d\u033e\u033f\u0346\u034a\u034b\u034c"
    "\u0350\u0351\u0352\u0357\u035b\u0363\u0364\u0365\u0366\u0367\u0368\u0369"
)
"""The protocol's marks for the numbers from 0; a placeholder without a column's mark is one right of its neighbour."""
_CHUNK: Final = 4096
_LARGE_PNG: Final = 200_000
MOST_COLUMNS: Final = 200
_images: Final = count(random.randrange(215))


class Upload:
    """A picture in the terminal's memory, by an id that is the colour of the cells it stands at."""

    def __init__(self, *, has_256: bool) -> None:
        number = 17 + next(_images) % 215
        levels = (0, 95, 135, 175, 215, 255)
        red, green, blue = (levels[(number - 16) // step % 6] for step in (36, 6, 1))
        color = Color.from_rgb(red, green, blue)
        sent = color.downgrade(ColorSystem.EIGHT_BIT).number if has_256 else None
        self._id = sent or (red << 16 | green << 8 | blue)
        self._style = Style.from_color(color)
        self.box = Size(0, 0)

    def data(self, png: bytes) -> str:
        """Commands that bring the picture; the terminal is asked for no answer."""
        payload = b64encode(png).decode("ascii")
        chunks = [payload[at : at + _CHUNK] for at in range(0, len(payload), _CHUNK)]
        keys = [f"i={self._id},f=100,t=d,q=2,", *[""] * (len(chunks) - 1)]
        return "".join(
            f"\x1b_G{key}m={int(at < len(chunks) - 1)};{chunk}\x1b\\"
            for at, (key, chunk) in enumerate(zip(keys, chunks, strict=True))
        )

    def placed(self, box: Size) -> str:
        """Commands that let it fill so many cells."""
        self.box = box
        return f"\x1b_Ga=p,U=1,i={self._id},c={box.width},r={box.height},q=2\x1b\\"

    def strips(self) -> list[Strip]:
        """The cells it stands at."""
        width = self.box.width
        return [
            Strip([Segment((_PLACEHOLDER + mark) + (_PLACEHOLDER * (width - 1)), self._style)], width)
            for mark in _ROWS[: self.box.height]
        ]

    def freed(self) -> str:
        """Commands that forget it."""
        return f"\x1b_Ga=d,d=I,i={self._id},q=2\x1b\\"


def _small_png(png: bytes, image: Any) -> bytes:
    """The file as it is; a large one with no more pixels than a screen shows."""
    if len(png) <= _LARGE_PNG:
        return png
    small = image.copy()
    small.thumbnail((1024, 1024))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return buffer.getvalue()


# Sixel: six rows of pixels a line, a colour at a time


_BAND: Final = 6
_COLOURS: Final = 128
_AS_SIXEL: Final = bytes(range(63, 127)) + bytes(192)
_RUN: Final = re.compile(rb"(.)\1{3,}")


def _cropped(image: Any, box: Size, cell: tuple[int, int], shown: Region) -> Any:
    """The part of the picture that stands in the cells `shown` of its box: whole sixels, which overrun no cell."""
    wide, tall = cell
    whole = image.resize((box.width * wide, box.height * tall))
    height = max(_BAND, shown.height * tall // _BAND * _BAND)
    left, top = shown.x * wide, shown.y * tall
    return whole.crop((left, top, left + shown.width * wide, top + height))


def sixels(image: Any) -> str:
    """An RGB picture as Sixel data. Each colour is selected before its pixels: to define one need not select it."""
    small = image.quantize(_COLOURS, dither=0)
    width, height = small.size
    pixels, palette = small.tobytes(), small.getpalette()
    parts = [b'\x1bP0;1q"1;1;%d;%d' % (width, height)]
    colours = {colour: palette[3 * colour : 3 * colour + 3] for colour in sorted(set(pixels))}
    parts += [b"#%d;2;%d;%d;%d" % (colour, *(round(part / 2.55) for part in rgb)) for colour, rgb in colours.items()]
    alone = {colour: bytes(int(at == colour) for at in range(256)) for colour in colours}
    for top in range(0, height, _BAND):
        rows = [pixels[y * width : (y + 1) * width] for y in range(top, min(top + _BAND, height))]
        for colour in sorted(set().union(*rows)):
            bits = 0
            for at, row in enumerate(rows):
                bits |= int.from_bytes(row.translate(alone[colour]), "big") << at
            line = bits.to_bytes(width, "big").translate(_AS_SIXEL).rstrip(b"?")
            parts.append(b"#%d%b$" % (colour, _RUN.sub(lambda run: b"!%d%b" % (len(run[0]), run[1]), line)))
        parts.append(b"-")
    return b"".join((*parts, b"\x1b\\")).decode("ascii")


# Cells: two pixels each. A patch grid is drawn anew on their borders, since shrunk lines make a plaid


_LINE: Final = (255, 255, 255)
_LINE_SHARE: Final = 0.5
_MARK: Final = (255, 176, 0)
_LEAST_PATCH: Final = 3
"""Pixels a patch at least, of which one is the grid's line; of more patches than fit the first are shown."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How many patches a picture is wide and tall, and the row and column of the outlined one."""

    columns: float
    rows: float
    marked: tuple[int, int] | None

    @classmethod
    def of(cls, image: Any) -> Grid | None:
        """The grid that `labs.pictures.to_png` wrote into the file; None where there is none that makes sense."""
        match = re.fullmatch(
            r"([\d.]{1,12}) ([\d.]{1,12})(?: (\d{1,4}) (\d{1,4}))?", str(image.info.get("patches", ""))
        )
        try:
            marked = (int(match[3]), int(match[4])) if match and match[3] else None
            grid = match and cls(float(match[1]), float(match[2]), marked)
        except ValueError:
            return None
        return grid if grid and 1 <= grid.columns <= image.width and 1 <= grid.rows <= image.height else None


def half_blocks(image: Any, room: int, grid: Grid | None = None, *, has_256: bool = False) -> list[Strip]:
    """Two pixels a cell, the upper as the colour of `▀`, the lower as its background."""
    note = ""
    if grid is None:
        columns, rows = cell_size(image.width, image.height, room)
        small = image.resize((columns, rows * 2))
    else:
        small, note = _gridded(image, room, grid)
    if has_256:
        small = small.quantize(palette=_palette(), dither=0).convert("RGB")
    columns = small.width
    values = small.tobytes()
    pixels: list[Color | None] = [Color.from_rgb(*values[at : at + 3]) for at in range(0, len(values), 3)]
    strips = []
    for row in range(0, small.height, 2):
        upper = pixels[row * columns : (row + 1) * columns]
        lower = pixels[(row + 1) * columns : (row + 2) * columns] or [None] * columns
        cells = [Segment("▀", Style(color=a, bgcolor=b)) for a, b in zip(upper, lower, strict=True)]
        strips.append(Strip(cells, columns))
    if note:
        strips.append(Strip([Segment(note)], len(note)))
    return strips


def _gridded(image: Any, room: int, grid: Grid) -> tuple[Any, str]:
    """The picture with a whole number of pixels a patch, and what to say where not all patches fit."""
    from PIL import Image, ImageDraw

    across, down = int(grid.columns), int(grid.rows)
    side = min((room - 1) / grid.columns, (2 * MOST_ROWS - 1) / grid.rows)
    step = max(_LEAST_PATCH, int(side))
    shown = min(across, max(1, (room - 1) // step)), min(down, (2 * MOST_ROWS - 1) // step)
    rest = [
        int((part - whole) * step) if fits == whole else 0
        for part, whole, fits in zip((grid.columns, grid.rows), (across, down), shown, strict=True)
    ]
    wide, tall = image.width / grid.columns, image.height / grid.rows
    size = shown[0] * step + 1 + rest[0], shown[1] * step + 1 + rest[1]
    whole = image.resize(
        size, box=(0, 0, min(image.width, size[0] / step * wide), min(image.height, size[1] / step * tall))
    )
    drawn = Image.blend(whole, Image.new("RGB", size, _LINE), _LINE_SHARE)
    for at, edge in ((0, shown[0] * step + 1), (1, shown[1] * step + 1)):
        if rest[at]:
            corner = (edge, 0) if at == 0 else (0, edge)
            drawn.paste(whole.crop((*corner, *size)), corner)
    inset = (min(3.0, wide / 4), min(3.0, tall / 4))  # the file's own lines
    for row in range(shown[1]):
        for column in range(shown[0]):
            box = (
                column * wide + inset[0], row * tall + inset[1],
                (column + 1) * wide - inset[0], (row + 1) * tall - inset[1],
            )  # fmt: skip
            inner = image.resize((step - 1, step - 1), Image.Resampling.BOX, box=box)
            drawn.paste(inner, (column * step + 1, row * step + 1))
    if grid.marked is not None:
        row, column = grid.marked
        corner = column * step, row * step
        ImageDraw.Draw(drawn).rectangle((*corner, corner[0] + step, corner[1] + step), outline=_MARK)
    note = "" if shown == (across, down) else f"The first {shown[0]} × {shown[1]} of {across} × {down} patches."
    return drawn, note


def _palette() -> Any:
    """The colours of a terminal of 256 that are the same everywhere."""
    from PIL import Image

    levels = (0, 95, 135, 175, 215, 255)
    cube = [part for r in levels for g in levels for b in levels for part in (r, g, b)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(cube + [8 + 10 * grey for grey in range(24) for _ in range(3)])
    return palette
