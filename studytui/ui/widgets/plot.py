"""Curves as a plot in the terminal, in the theme's colours; each series has a marker of its own besides a colour."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from textual.app import RenderResult
from textual_plotext import PlotextPlot

from labs.protocol import Curve
from studytui.ui.text import safe

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
