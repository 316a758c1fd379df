"""Bars of the home screen."""

from __future__ import annotations

import pytest

from studytui.study.progress import Share
from studytui.ui.screens.home import bars
from studytui.ui.widgets.controls import bar


@pytest.mark.parametrize(
    ("share", "width", "expected"),
    [
        (Share(total=10, new=10), 10, "··········"),
        (Share(total=10, new=5, mature=5), 10, "█████·····"),
        (Share(total=1000, new=997, learning=1, young=1, mature=1), 10, "█▓▒·······"),
        (Share(total=3, learning=1, young=1, mature=1), 9, "███▓▓▓▒▒▒"),
        (Share(), 6, "······"),
        (None, 6, "······"),
    ],
)
def test_a_bar_shows_every_stage_that_has_cards(share: Share | None, width: int, expected: str) -> None:
    assert bar(share, width).plain == expected


@pytest.mark.parametrize("total", range(1, 60))
def test_a_bar_fills_its_width(total: int) -> None:
    share = Share(total=total, new=total // 2, learning=total - total // 2)
    assert len(bar(share, 17).plain) == 17


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
