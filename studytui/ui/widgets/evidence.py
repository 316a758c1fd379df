"""What a lab's computation showed: how the value came about, tables, curves and pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from textual.app import RenderResult
from textual.containers import Vertical
from textual.content import Content
from textual.highlight import highlight
from textual.widget import Widget
from textual.widgets import Static
from textual_plotext import PlotextPlot

from labs.protocol import Curve, Evidence, Table
from studytui.ui.host import safe
from studytui.ui.widgets.charts import ticks
from studytui.ui.widgets.markdown import Block, MarkdownView
from studytui.ui.widgets.picture import PictureView

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
            yield _face([_titled("How it is computed"), *(_line(line) for line in evidence.derivation)])
        for table in evidence.tables:
            yield _face(_table(table))
        for curve in evidence.curves:
            yield curve_plot(curve)
        if evidence.pictures:
            for picture in evidence.pictures:
                yield PictureView(picture.png, picture.alt)
                yield Static(safe(picture.caption), markup=False, classes="caption")
        if with_code and evidence.code:
            yield _face([_titled("The code that ran")])
            yield Static(highlight(safe(evidence.code).rstrip(), language="python"), classes="code")
        versions = "  ".join(f"{safe(name)} {safe(version)}" for name, version in evidence.versions.items())
        yield Static(f"computed in {evidence.seconds:.2f} s  {versions}", markup=False, classes="caption")


def curve_plot(curve: Curve) -> Widget:
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
        elif values:
            marks = ticks(min(values), max(values), max(2, self.size.height // 4))
            plot.yticks(marks, [f"{mark:g}" for mark in marks])
        if curve.x:
            marks = ticks(min(curve.x), max(curve.x), max(2, self.size.width // 12))
            plot.xticks(marks, [f"{mark:g}" for mark in marks])
        for place, (name, ys) in enumerate(curve.series.items()):
            points = list(_finite(curve.x, ys))
            draw: Any = plot.plot if len(points) > 1 else plot.scatter
            xs, finite = [x for x, _ in points], [y for _, y in points]
            draw(xs, finite, label=safe(name), marker=MARKERS[place % len(MARKERS)])
        return super().render()


def _finite(xs: tuple[float, ...], ys: tuple[float, ...]) -> Iterator[tuple[float, float]]:
    return ((x, y) for x, y in zip(xs, ys, strict=False) if math.isfinite(x) and math.isfinite(y))
