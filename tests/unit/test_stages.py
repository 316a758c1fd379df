"""Stages of a card, and which of some is the weakest."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain import sm2
from studytui.domain.sm2 import Schedule
from studytui.domain.statistics import STAGES, Stage, stage, strength, weakest

DAY = date(2026, 3, 10)


def after(*grades: int) -> Schedule:
    schedule, on = Schedule(), DAY
    for grade in grades:
        schedule = sm2.review(schedule, grade, on=on)
        on = schedule.due_on or on
    return schedule


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ((), "new"),
        ((0,), "learning"),
        ((4,), "learning"),
        ((4, 4), "learning"),
        ((4, 4, 4), "young"),
        ((4, 4, 4, 4), "mature"),
        ((4, 4, 4, 4, 0), "lapsed"),
        ((4, 0), "lapsed"),
        ((4, 0, 0), "lapsed"),
        ((4, 0, 4), "learning"),
        ((0, 4, 4, 4), "young"),
    ],
)
def test_the_stage_after_some_grades(grades: tuple[int, ...], expected: Stage) -> None:
    assert stage(after(*grades)) == expected


@pytest.mark.parametrize(("days", "expected"), [(6, "learning"), (7, "young"), (20, "young"), (21, "mature")])
def test_bounds_of_the_intervals(days: int, expected: Stage) -> None:
    assert stage(Schedule(interval_days=days, repetitions=3, due_on=DAY + timedelta(days=days))) == expected


def test_new_is_weakest_then_lapsed() -> None:
    assert STAGES == ("new", "lapsed", "learning", "young", "mature")
    assert weakest(["mature", "lapsed", "young"]) == "lapsed"
    assert weakest(["lapsed", "new"]) == "new"
    assert weakest([]) is None


@given(st.dictionaries(st.sampled_from(STAGES), st.integers(0, 50)))
def test_strength_grows_with_each_card_that_gets_on(counts: dict[Stage, int]) -> None:
    reached = strength(counts)
    if not sum(counts.values()):
        assert reached is None
        return
    assert reached is not None
    assert 0 <= reached <= 1
    for lower, higher in pairwise(STAGES[1:]):
        if counts.get(lower):
            moved = counts | {lower: counts[lower] - 1, higher: counts.get(higher, 0) + 1}
            assert (strength(moved) or 0) > reached


def test_strength_of_known_shares() -> None:
    assert strength({"mature": 2}) == 1
    assert strength({"new": 3, "lapsed": 1}) == 0
    assert strength({"young": 1, "learning": 1}) == pytest.approx(0.5)
