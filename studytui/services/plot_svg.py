"""A lab's curves as a self-contained SVG: for files and reports, where no terminal draws them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from labs.protocol import Curve

WIDTH: Final = 640
HEIGHT: Final = 320
LEFT: Final = 70
RIGHT: Final = 150
TOP: Final = 34
BOTTOM: Final = 46
TICKS: Final = 5
LOG_SPAN: Final = 300.0
"""Positive values that span more than this are drawn on a logarithmic axis."""
COLOURS: Final = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#475569")
DASHES: Final = ("", "6 3", "2 3", "8 3 2 3", "1 4", "10 4")
"""Printed without colour the series are told apart by these."""


def plot_svg(curve: Curve) -> str:
    """The curve with its series, axes, labels and legend; points that are not finite are left out."""
    points = {name: list(_finite(curve.x, ys)) for name, ys in curve.series.items()}
    xs = [x for series in points.values() for x, _ in series] or [0.0, 1.0]
    ys = [y for series in points.values() for _, y in series] or [0.0, 1.0]
    logarithmic = min(ys) > 0 and max(ys) / min(ys) > LOG_SPAN
    scale = _Scale(min(xs), max(xs), min(ys), max(ys), logarithmic)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f"<title>{escape(curve.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(curve.title)}</text>',
        *_axes(scale, curve),
    ]
    for place, (name, series) in enumerate(points.items()):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        path = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in series)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        y = TOP + 12 + 18 * place
        x = WIDTH - RIGHT + 10
        parts.append(
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{colour}" stroke-width="2"{dashed}/>'
        )
        parts.append(f'<text x="{x + 28}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


class _Scale:
    """From values to places on the drawing."""

    def __init__(self, x_low: float, x_high: float, y_low: float, y_high: float, logarithmic: bool) -> None:
        self.logarithmic = logarithmic
        self.x_low, self.x_span = x_low, (x_high - x_low) or 1.0
        self.y_low, self.y_high = (math.log10(y_low), math.log10(y_high)) if logarithmic else (y_low, y_high)
        self.y_span = (self.y_high - self.y_low) or 1.0

    def x(self, value: float) -> float:
        return LEFT + (value - self.x_low) / self.x_span * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        at = math.log10(value) if self.logarithmic else value
        return HEIGHT - BOTTOM - (at - self.y_low) / self.y_span * (HEIGHT - TOP - BOTTOM)

    def ticks(self) -> Iterator[tuple[float, float]]:
        """(x value, y value) of each tick."""
        for step in range(TICKS + 1):
            y = self.y_low + self.y_span * step / TICKS
            yield self.x_low + self.x_span * step / TICKS, 10**y if self.logarithmic else y


def _axes(scale: _Scale, curve: Curve) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for x, y in scale.ticks():
        yield f'<line x1="{LEFT}" y1="{scale.y(y):.1f}" x2="{right}" y2="{scale.y(y):.1f}" stroke="#e5e7eb"/>'
        yield f'<text x="{LEFT - 6}" y="{scale.y(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>'
        yield f'<text x="{scale.x(x):.1f}" y="{bottom + 16}" text-anchor="middle">{x:.4g}</text>'
    yield f'<path d="M{LEFT} {TOP} V{bottom} H{right}" fill="none" stroke="#111827"/>'
    yield f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(curve.x_label)}</text>'
    middle = (TOP + bottom) / 2
    turned = f'x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})"'
    yield f"<text {turned}>{escape(curve.y_label)}</text>"


def _finite(xs: Sequence[float], ys: Sequence[float]) -> Iterator[tuple[float, float]]:
    return ((x, y) for x, y in zip(xs, ys, strict=False) if math.isfinite(x) and math.isfinite(y))
