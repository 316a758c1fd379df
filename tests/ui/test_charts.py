"""Figures drawn as text: of the width that was asked for, legible without colours."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from textual.content import Content

from studytui.ui.widgets.charts import (
    Estimate,
    Mark,
    across,
    below,
    bounds_of,
    calendar,
    calendar_legend,
    columns,
    curve,
    histogram,
    number_line,
    spaced,
    strength,
    ticks,
)


def rows(content: Content) -> list[str]:
    return str(content).split("\n")


def percent(share: float) -> str:
    return f"{share:.0%}"


@pytest.mark.parametrize(
    ("counts", "width", "expected"),
    [
        ((0, 0, 0, 0, 10), 10, "··········"),
        ((5, 0, 0, 0, 5), 10, "▇▇▇▇▇·····"),
        ((1, 1, 1, 0, 997), 10, "▇▅▃·······"),
        ((1, 1, 1, 0, 0), 9, "▇▇▇▅▅▅▃▃▃"),
        ((0, 0, 0, 0, 0), 6, "······"),
        (None, 6, "      "),
    ],
)
def test_a_bar_shows_every_stage_that_has_cards(counts: tuple[int, ...] | None, width: int, expected: str) -> None:
    assert str(strength(counts, width)) == expected


@pytest.mark.parametrize("total", range(1, 60))
def test_a_bar_fills_its_width(total: int) -> None:
    assert len(str(strength((0, 0, total - total // 2, 0, total // 2), 17))) == 17


def test_a_bar_to_the_right_is_as_long_as_its_share() -> None:
    assert str(across(5, 10, 8)) == "▇▇▇▇    "
    assert str(across(1, 1000, 8)) == "▇       "
    assert str(across(0, 10, 8)) == str(across(3, 0, 8)) == " " * 8


def test_what_stands_on_top_is_told_apart_without_colour() -> None:
    assert rows(columns((2, 0), 2, above=(2, 4))) == ["▒▒", "█▒"]
    assert rows(columns((0, 0), 2)) == ["  ", "  "]


def test_bars_stand_over_their_names_and_under_their_numbers() -> None:
    assert rows(histogram((4, 0, 2), ("a", "b", "c"), 2, 4)) == [
        " 4          ",
        "███      2  ",
        "███  0  ███ ",
        " a   b   c  ",
    ]
    assert "1k" in str(histogram((1234,), ("a",), 1, 5))


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 1.0, 3, [0.0, 0.5, 1.0]),
        (0.7, 1.0, 4, [0.7, 0.8, 0.9, 1.0]),
        (-23.3, 30.7, 4, [-20, 0, 20]),
        (0, 1000, 6, [0, 200, 400, 600, 800, 1000]),
        (5, 5, 3, [5]),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == expected


def test_a_curve_has_its_points_intervals_and_gaps() -> None:
    values = [Estimate(0.8, 0.7, 0.9), None, Estimate(0.9, 0.85, 0.95), Estimate(0.9, 0.0, 1.0)]
    drawn = rows(curve(values, 7, 46, low=0.7, high=1.0, label=percent))
    assert {len(line) for line in drawn} == {46}
    assert "".join(drawn).count("●") == 3
    assert "".join(drawn).count("│") > 7
    assert any(line.startswith("100% ┤") for line in drawn)


@pytest.mark.parametrize("width", range(20, 140, 7))
@pytest.mark.parametrize("count", [1, 2, 5, 26])
def test_names_stand_whole_below_a_curve(width: int, count: int) -> None:
    names = [f"{number + 1} Nov" for number in range(count)]
    line = str(below(names, width, 6))
    assert len(line) == max(width, 6 + count)
    assert all(word.isdecimal() or word == "Nov" for word in line.split())
    assert line.rstrip().endswith(f"{count} Nov")


def test_names_do_not_run_into_each_other() -> None:
    assert spaced([(1, "Sep"), (3, "Oct"), (9, "Nov")], 12) == "  Oct   Nov "


def test_a_calendar_is_taller_where_more_was_done() -> None:
    last = date(2026, 11, 27)
    counts = {last: 80, last - timedelta(days=1): 5, last - timedelta(days=7): 30}
    bounds = (25, 50, 80)
    drawn = rows(calendar(counts, last, 4, bounds))
    assert {len(line) for line in drawn} == {3 + 12}
    assert drawn[4] == "Fr ·· ·· ▃▃ ▇▇ "
    assert drawn[3] == "   ·· ·· ·· ▂▂ "
    assert drawn[5].endswith("   ")
    assert str(calendar_legend(bounds)) == "·· none  ▂▂ 1–24  ▃▃ 25–49  ▅▅ 50–79  ▇▇ 80+"


@pytest.mark.parametrize("counts", [[], [1], [3, 3, 3], [10, 60, 90], list(range(300))])
def test_bounds_of_a_calendar_grow(counts: list[int]) -> None:
    low, middle, high = bounds_of(counts)
    assert 1 < low < middle < high


@pytest.mark.parametrize("width", [20, 41, 76])
@pytest.mark.parametrize(
    ("values", "is_share"),
    [((0.5,), False), ((0.5, 976.0), False), ((195.0, 196.0), False), ((0.0, -3.0), False), ((12.0, 88.0), True),
     ((0.0,), False), ((7.0, 7.0), False), ((1e-9, 1e9), False)],
)  # fmt: skip
def test_a_number_line_holds_its_marks_in_their_order(values: tuple[float, ...], is_share: bool, width: int) -> None:
    marks = [Mark(value, sign, f"v {value:g}", "") for value, sign in zip(values, "▼◆", strict=False)]
    *rows, axis, labels = number_line(marks, width, is_share=is_share).plain.split("\n")
    assert all(len(row) <= width for row in (*rows, axis, labels))
    assert "┼" in axis
    places = [row.index(mark.sign) for row, mark in zip(rows, marks, strict=True)]
    assert sorted(range(len(values)), key=lambda at: places[at]) == sorted(
        range(len(values)), key=lambda at: values[at]
    ) or len(set(places)) < len(places)
