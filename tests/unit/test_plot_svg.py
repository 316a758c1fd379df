"""Curves as SVG: well-formed whatever the numbers and names, every finite point drawn inside the frame."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from labs.protocol import Curve
from studytui.study.reports import HEIGHT, WIDTH, plot_svg

NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, 1e-9])


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
)
def test_every_finite_point_is_inside(points: list[tuple[float, float]], name: str) -> None:
    curve = Curve("<b>", "t & x", '"y"', tuple(x for x, _ in points), {name: tuple(y for _, y in points)})
    root = ElementTree.fromstring(plot_svg(curve))
    (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    drawn = [tuple(map(float, pair.split(","))) for pair in line.get("points", "").split()]
    assert len(drawn) == sum(math.isfinite(x) and math.isfinite(y) for x, y in points)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn)
    assert "<b>" not in re.sub(r"<title>.*", "", plot_svg(curve).split("</title>")[1])


def test_values_over_many_orders_are_drawn_on_a_logarithmic_axis() -> None:
    curve = Curve("SNR", "t", "SNR", (0, 1, 2), {"linear": (1000.0, 1.0, 0.001)})
    root = ElementTree.fromstring(plot_svg(curve))
    (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    ys = [float(pair.split(",")[1]) for pair in line.get("points", "").split()]
    assert ys[1] - ys[0] == ys[2] - ys[1]
