"""A day as it is typed."""

from __future__ import annotations

from datetime import date

import pytest

from studytui.study.card_actions import read_day

TODAY = date(2026, 2, 27)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", TODAY),
        (" Tomorrow ", date(2026, 2, 28)),
        ("3", date(2026, 3, 2)),
        ("+3", date(2026, 3, 2)),
        ("7d", date(2026, 3, 6)),
        ("2026-12-01", date(2026, 12, 1)),
        ("0", TODAY),
        ("", None),
        ("soon", None),
        ("2026-13-01", None),
        ("-3", None),
    ],
)
def test_days(text: str, expected: date | None) -> None:
    assert read_day(text, TODAY) == expected
