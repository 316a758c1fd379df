"""Calibration by closed form and by properties."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.statistics import PROBABILITY, Judged, brier, levels, overconfident, partition, topics, wilson

answers = st.lists(st.builds(Judged, st.integers(1, 5), st.booleans(), st.sampled_from(["1.1", "1.2", "2.1"])))
some_answers = answers.filter(bool)


def test_nothing_said_has_no_score() -> None:
    assert brier([]) is None
    assert partition([]) is None
    assert levels([]) == ()
    assert overconfident([]) == ()


def test_brier_by_hand() -> None:
    found = brier([Judged(5, True), Judged(5, False), Judged(3, True), Judged(1, False)])
    assert found == pytest.approx((0.1**2 + 0.9**2 + 0.5**2 + 0.1**2) / 4)


def test_a_coin_scores_a_quarter() -> None:
    assert brier([Judged(3, True), Judged(3, False)]) == pytest.approx(0.25)


@given(some_answers)
def test_brier_is_its_three_parts(found: list[Judged]) -> None:
    parts = partition(found)
    assert parts is not None
    assert brier(found) == pytest.approx(parts.reliability - parts.resolution + parts.uncertainty)


@given(some_answers)
def test_brier_and_parts_stay_in_their_bounds(found: list[Judged]) -> None:
    score, parts = brier(found), partition(found)
    assert score is not None
    assert parts is not None
    assert 0.01 - 1e-12 <= score <= 0.81 + 1e-12
    assert 0 <= parts.uncertainty <= 0.25
    assert parts.resolution <= parts.uncertainty + 1e-12


@given(some_answers)
def test_levels_count_every_answer_once(found: list[Judged]) -> None:
    by_level = levels(found)
    assert sum(level.count for level in by_level) == len(found)
    assert sum(level.correct for level in by_level) == sum(answer.correct for answer in found)
    assert [level.confidence for level in by_level] == sorted({answer.confidence for answer in found})


@given(some_answers)
def test_the_gaps_of_topics_add_up_to_the_whole(found: list[Judged]) -> None:
    said = sum(PROBABILITY[answer.confidence] for answer in found)
    known = sum(answer.correct for answer in found)
    assert sum(topic.count * topic.gap for topic in topics(found)) == pytest.approx(said - known, abs=1e-6)


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_holds_the_share_within_0_and_1(hits: int, count: int) -> None:
    if hits > count:
        with pytest.raises(ValueError, match="no share"):
            wilson(hits, count)
        return
    low, high = wilson(hits, count)
    assert 0 <= low <= hits / count + 1e-12
    assert hits / count - 1e-12 <= high <= 1


def test_wilson_against_published_numbers() -> None:
    # 81 of 263, 95 %: 0.2553 to 0.3662 (R. G. Newcombe, 1998, table I, method 3).
    low, high = wilson(81, 263, z=1.959964)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_over_confidence_needs_enough_answers_and_a_clear_gap() -> None:
    few = [Judged(5, False, "few")] * 4
    fits = [Judged(3, True, "fits"), Judged(3, False, "fits")] * 3
    sure = [Judged(5, False, "sure")] * 3 + [Judged(5, True, "sure")] * 2
    modest = [Judged(1, True, "modest")] * 9
    found = overconfident([*few, *fits, *sure, *modest])
    assert [topic.topic for topic in found] == ["sure"]
    assert found[0].gap == pytest.approx(0.9 - 0.4)


def test_the_widest_gap_comes_first() -> None:
    wide, narrow = [Judged(5, False, "wide")] * 5, [Judged(5, True, "narrow")] * 3 + [Judged(5, False, "narrow")] * 2
    assert [topic.topic for topic in overconfident([*narrow, *wide])] == ["wide", "narrow"]


@given(some_answers)
def test_answers_that_say_the_same_may_be_counted_together(found: list[Judged]) -> None:
    counted = [replace(answer, count=count) for answer, count in Counter(found).items()]
    assert brier(counted) == pytest.approx(brier(found))
    assert levels(counted) == levels(found)
    topics, same = overconfident(counted), overconfident(found)
    assert [(one.topic, one.count, one.gap) for one in topics] == [(one.topic, one.count, one.gap) for one in same]
    whole, parts = partition(found), partition(counted)
    assert whole is not None
    assert parts is not None
    assert astuple(parts) == pytest.approx(astuple(whole))
