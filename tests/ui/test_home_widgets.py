"""Bars of the home screen."""

from __future__ import annotations

import pytest

from studytui.study.progress import Share
from studytui.ui.screens.home import row
from studytui.ui.widgets.charts import histogram


@pytest.mark.parametrize("width", range(40, 121))
def test_a_row_fills_its_width_and_keeps_its_title(width: int) -> None:
    share = Share(total=101, new=1, lapsed=10, learning=20, young=30, mature=40, due=14)
    for title in ("3  The translator: from features to answers", "x" * 200, "宽字符" * 30):
        for known in (share, Share(), Share(total=1, new=1), None):
            assert row(title, known, width).cell_length == width
    if width >= 68:
        assert "from features to answers" in row("3  The translator: from features to answers", share, width).plain


def test_a_row_says_what_is_due_and_known_or_how_many_cards_there_are() -> None:
    assert row("x", Share(total=10, mature=5, young=1, learning=4, due=2), 80).plain.endswith("2 due   60%")
    assert row("x", Share(total=10, mature=10), 80).plain.endswith("  100%")
    assert row("x", Share(total=1, new=1), 80).plain.endswith(" 1 card")
    assert row("x", None, 80).plain.strip() == "x"


def test_bars_stand_under_their_numbers() -> None:
    assert histogram((4, 0, 2), ("Mo", "Tu", "We"), 2, 4).plain.split("\n") == [
        " 4          ",
        "███      2  ",
        "███  0  ███ ",
        " Mo  Tu  We ",
    ]


def test_what_new_cards_add_stands_on_top_and_counts() -> None:
    assert histogram((2, 0, 3), ("Mo", "Tu", "We"), 4, 4, above=(2, 2, 0)).plain.split("\n") == [
        " 4          ",
        "▒▒▒      3  ",
        "▒▒▒  2  ███ ",
        "███ ▒▒▒ ███ ",
        "███ ▒▒▒ ███ ",
        " Mo  Tu  We ",
    ]


def test_numbers_too_wide_for_a_column_are_in_thousands() -> None:
    assert "12k" not in histogram((999,), ("Mo",), 1, 4).plain
    assert "1k" in histogram((1234,), ("Mo",), 1, 4).plain


def test_no_card_due_draws_zeros_only() -> None:
    assert histogram((0, 0), ("", ""), 3, 4).plain.split() == ["0", "0"]
