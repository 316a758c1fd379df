"""What a lab's computation showed: how the value came about, tables, curves and pictures."""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult, RenderResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.highlight import highlight
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static
from textual_plotext import PlotextPlot

from labs.protocol import Curve, Evidence, Table
from studytui.ui.host import safe
from studytui.ui.widgets.markdown import Block, MarkdownView

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: tuple[float, ...], width: int = 48) -> str:
    """Values as one line of bars, scaled between their least and greatest; thinned to `width` bars."""
    if not values:
        return ""
    step = max(1.0, len(values) / width)
    picked = [values[int(at * step)] for at in range(int(len(values) / step))]
    low, high = min(picked), max(picked)
    span = (high - low) or 1.0
    return "".join(_BARS[int((value - low) / span * (len(_BARS) - 1))] for value in picked)


class EvidenceView(Vertical):
    """Evidence, top to bottom: derivation first, since it answers why, then what there is to look at."""

    DEFAULT_CSS = """
    EvidenceView { height: auto; }
    EvidenceView > * { margin-bottom: 1; }
    EvidenceView .caption { color: $foreground-muted; }
    EvidenceView .code { padding-left: 2; text-wrap: nowrap; overflow-x: auto; height: auto; }
    """

    async def show(self, evidence: Evidence, *, with_code: bool = False) -> None:
        """Replace what is shown."""
        await self.remove_children()
        await self.mount_all(self._parts(evidence, with_code=with_code))

    def _parts(self, evidence: Evidence, *, with_code: bool) -> Iterator[Widget]:
        if evidence.derivation:
            yield _face([_titled("How it comes about"), *(_line(line) for line in evidence.derivation)])
        for table in evidence.tables:
            yield _face(_table(table))
        for curve in evidence.curves:
            yield _plot(curve)
        if evidence.pictures:
            for picture in evidence.pictures:
                yield PictureView(picture.png, picture.alt)
                yield Static(safe(picture.caption), markup=False, classes="caption")
        if with_code and evidence.code:
            yield _face([_titled("The code that ran")])
            yield Static(highlight(safe(evidence.code).rstrip(), language="python"), classes="code")
        versions = "  ".join(f"{safe(name)} {safe(version)}" for name, version in evidence.versions.items())
        yield Static(f"computed in {evidence.seconds:.2f} s  {versions}", markup=False, classes="caption")


def _plot(curve: Curve) -> Widget:
    """A plot; one line of bars a series where the plotting library is missing."""
    try:
        pass
    except ImportError:
        return _face(_curve(curve))
    return CurvePlot(curve)


def _face(blocks: list[Block]) -> MarkdownView:
    face = MarkdownView()
    face.show_blocks(tuple(blocks))
    return face


def _titled(title: str) -> Block:
    return Block(Content.styled(safe(title), "bold $text-primary"))


def _line(line: str) -> Block:
    return Block(Content(safe(line)), "  ", "    ", spaced=False)


def _table(table: Table) -> list[Block]:
    head = tuple(Content.styled(safe(column), "bold") for column in table.columns)
    rows = tuple(tuple(Content(safe(cell)) for cell in row) for row in table.rows)
    return [_titled(table.title), Block(Content(""), kind="table", spaced=False, rows=(head, *rows))]


def _curve(curve: Curve) -> list[Block]:
    blocks = [_titled(curve.title)]
    names = max((len(name) for name in curve.series), default=0)
    for name, values in curve.series.items():
        ends = f"  {min(values):.3g} … {max(values):.3g}" if values else ""
        line = f"{safe(name):<{names}}  {sparkline(values)}{ends}"
        blocks.append(Block(Content(line), spaced=False))
    if curve.x:
        axis = f"{safe(curve.y_label)} over {safe(curve.x_label)} {curve.x[0]:g} … {curve.x[-1]:g}"
        blocks.append(Block(Content.styled(axis, "$foreground-muted"), spaced=False))
    return blocks


# A PNG in the terminal: as pixels where the terminal can, as half-block cells elsewhere, as words without Pillow


Way: TypeAlias = Literal["kitty", "sixel", "cells", "words"]
OVERRIDE: Final = "STUDYTUI_PICTURES"
MOST_ROWS: Final = 24
_KITTY_TERMS: Final = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS: Final = ("foot", "foot-extra", "mlterm", "contour", "yaft-256color")
_SIXEL_PROGRAMS: Final = ("WezTerm", "iTerm.app", "mintty", "contour")
_KONSOLE_WITH_SIXEL: Final = 220_400
_USUAL_CELL_PX: Final = (10, 20)


def way(environ: Mapping[str, str]) -> Way:
    """How pictures are shown: `STUDYTUI_PICTURES` decides, else what the environment says of the terminal.

    Inside tmux and screen the half-block cells are used, since neither passes pictures through unasked.
    """
    match environ.get(OVERRIDE, ""):
        case "kitty" | "sixel" | "cells" | "words" as chosen:
            return chosen
    term, konsole = environ.get("TERM", ""), environ.get("KONSOLE_VERSION", "")
    if environ.get("TMUX") or environ.get("STY") or term.startswith(("screen", "tmux")):
        return "cells"
    if environ.get("KITTY_WINDOW_ID") or term in _KITTY_TERMS:
        return "kitty"
    if term in _SIXEL_TERMS or environ.get("TERM_PROGRAM") in _SIXEL_PROGRAMS:
        return "sixel"
    return "sixel" if konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL else "cells"


def cell_size(width_px: int, height_px: int, room: int) -> tuple[int, int]:
    """Columns and rows for a picture in `room` columns; a cell is twice as tall as it is wide."""
    columns = max(1, min(room, 2 * MOST_ROWS * width_px // max(1, height_px)))
    return columns, max(1, round(columns * height_px / max(1, width_px) / 2))


class PictureView(Widget):
    """One picture as wide as its place allows, at most 24 rows tall. The words below it are the caller's."""

    DEFAULT_CSS = """
    PictureView { height: auto; width: 100%; }
    PictureView > * { margin: 0; }
    """

    def __init__(self, png: bytes, alt: str, *, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(markup=False)
        self._alt = safe(alt)
        self._way: Way = way(os.environ if environ is None else environ)
        self._image: Any = None if self._way == "words" else _decode(png)
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

    def compose(self) -> ComposeResult:
        if self._way == "sixel":
            _quietly()
            from textual_image.widget.sixel import Image

            yield Image(self._image)

    def on_resize(self) -> None:
        """Give the pixels the cells that belong to them."""
        for child in self.children:
            child.styles.width, child.styles.height = cell_size(
                self._image.width, self._image.height, self.content_size.width
            )

    def render(self) -> Any:
        if self._way == "kitty":
            _quietly()
            from textual_image.renderable.tgp import Image

            columns, rows = cell_size(self._image.width, self._image.height, self.content_size.width)
            return Image(self._image, width=columns, height=rows)
        return Content("" if self._way == "sixel" else self._alt)

    def render_line(self, y: int) -> Strip:
        if self._way != "cells":
            return super().render_line(y)
        width = self.size.width
        if self._drawn_for != width:
            self._strips = half_blocks(self._image, width)
            self._drawn_for = width
        return self._strips[y] if y < len(self._strips) else Strip.blank(width)


@cache
def _quietly() -> None:
    """Import textual-image without a word to the terminal, and tell it the size of a cell."""
    stdout = sys.__stdout__
    sys.__stdout__ = None  # type: ignore[misc]  # with none to talk to it looks for no answers
    try:
        import textual_image.renderable  # noqa: F401
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]
    from textual_image import _terminal

    if not hasattr(_terminal.get_cell_size, "_result"):
        _terminal.get_cell_size._result = _terminal.CellSize(*_cell_px())  # type: ignore[attr-defined]


def _cell_px() -> tuple[int, int]:
    """Width and height of a cell in px as the terminal's driver knows them, or what is usual."""
    try:
        import fcntl
        import struct
        import termios

        packed = fcntl.ioctl(1, termios.TIOCGWINSZ, b"\0" * 8)
    except (ImportError, OSError):
        return _USUAL_CELL_PX
    rows, columns, width, height = struct.unpack("HHHH", packed)
    return (width // columns, height // rows) if width and height and rows and columns else _USUAL_CELL_PX


def half_blocks(image: Any, room: int) -> list[Strip]:
    """Two pixels a cell, the upper as the colour of `▀`, the lower as its background."""
    columns, rows = cell_size(image.width, image.height, room)
    small = image.resize((columns, rows * 2))
    values = small.tobytes()
    pixels = [Color.from_rgb(*values[at : at + 3]) for at in range(0, len(values), 3)]
    strips = []
    for row in range(rows):
        upper, lower = (pixels[at * columns : (at + 1) * columns] for at in (2 * row, 2 * row + 1))
        cells = [Segment("▀", Style.from_color(a, b)) for a, b in zip(upper, lower, strict=True)]
        strips.append(Strip(cells, columns))
    return strips


def _decode(png: bytes) -> Any:
    """The picture as RGB, or None if Pillow is missing or the bytes are no picture."""
    try:
        from PIL import Image
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(png)) as image:
            return image.convert("RGB")
    except Exception:  # Pillow raises a dozen kinds for damaged bytes, and this is the learner's screen
        return None


# Curves as a plot in the terminal, in the theme's colours; each series has a marker of its own besides a colour


MARKERS: Final = ("braille", "dot", "x", "+", "o", "*")
"""Without colour the series are told apart by these."""
LOG_SPAN: Final = 300.0
"""Positive values that span more than this are drawn on a logarithmic axis."""


class CurvePlot(PlotextPlot):
    """One curve with all its series."""

    DEFAULT_CSS = """
    CurvePlot { height: 14; width: 100%; min-width: 30; }
    """

    def __init__(self, curve: Curve) -> None:
        super().__init__()
        self._curve = curve
        self.tooltip = safe(f"{curve.title}: {curve.y_label} over {curve.x_label}")

    def render(self) -> RenderResult:
        # Anew each time: plotext takes the logarithm of its values in place, and of those again at the next drawing.
        curve, plot = self._curve, self.plt
        plot.clear_figure()
        plot.title(safe(curve.title))
        plot.xlabel(safe(curve.x_label))
        plot.ylabel(safe(curve.y_label))
        values = [y for ys in curve.series.values() for y in ys if math.isfinite(y)]
        if values and min(values) > 0 and max(values) / min(values) > LOG_SPAN:
            plot.yscale("log")
        for place, (name, ys) in enumerate(curve.series.items()):
            points = list(_finite(curve.x, ys))
            draw: Any = plot.plot if len(points) > 1 else plot.scatter
            xs, finite = [x for x, _ in points], [y for _, y in points]
            draw(xs, finite, label=safe(name), marker=MARKERS[place % len(MARKERS)])
        return super().render()


def _finite(xs: tuple[float, ...], ys: tuple[float, ...]) -> Iterator[tuple[float, float]]:
    return ((x, y) for x, y in zip(xs, ys, strict=False) if math.isfinite(x) and math.isfinite(y))
