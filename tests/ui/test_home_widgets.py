"""Bars of the home screen."""

from __future__ import annotations

import pytest

from studytui.study.progress import Share
from studytui.ui.screens.home import bars, row


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
    lines = [line.plain for line in bars((4, 0, 2), 2, 4)]
    assert lines == [
        " 4          ",
        "███      2  ",
        "███  0  ███ ",
    ]


def test_numbers_too_wide_for_a_column_are_in_thousands() -> None:
    assert "12k" not in bars((999,), 1, 4)[0].plain
    assert "1k" in bars((1234,), 1, 4)[0].plain


def test_no_card_due_draws_zeros_only() -> None:
    assert "".join(line.plain for line in bars((0, 0), 3, 4)).split() == ["0", "0"]
