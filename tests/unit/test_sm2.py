"""SM-2 against published vectors, its own properties, and another implementation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sm_2
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain import sm2
from studytui.domain.sm2 import Schedule, derive, review

START = date(2026, 3, 2)
GRADES = st.integers(min_value=0, max_value=5)

VECTORS = [
    ("5", [1], 260),
    ("3", [1], 236),
    ("0", [1], 250),
    ("4444", [1, 6, 15, 38], 250),
    ("55555", [1, 6, 17, 50, 150], 300),
    ("33333", [1, 6, 13, 26, 47], 180),
    ("4434", [1, 6, 15, 36], 236),
    ("552444", [1, 6, 1, 1, 6, 17], 270),
    ("000444", [1, 1, 1, 1, 6, 15], 250),
    ("4440555", [1, 6, 15, 1, 1, 6, 17], 280),
    ("54535", [1, 6, 17, 44, 118], 266),
]


def graded(grades: str) -> list[Schedule]:
    return [step.after for step in derive([int(g) for g in grades], start_on=START)]


@pytest.mark.parametrize(("grades", "intervals", "ease"), VECTORS)
def test_acceptance_vectors(grades: str, intervals: list[int], ease: int) -> None:
    after = graded(grades)
    assert [s.interval_days for s in after] == intervals
    assert after[-1].ease_factor == ease


def test_eleven_times_three_ends_at_the_floor() -> None:
    after = graded("3" * 11)
    assert [s.interval_days for s in after][4:] == [47, 79, 121, 167, 218, 284, 370]
    assert after[-1].ease_factor == 130


@pytest.mark.parametrize("grade", [-1, 6, 2.0, True, None, "4"])
def test_a_grade_is_a_whole_number_from_0_to_5(grade: object) -> None:
    with pytest.raises(ValueError, match="from 0 to 5"):
        review(Schedule(), grade, on=START)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{"ease_factor": 129}, {"interval_days": -1}, {"repetitions": -1}, {"lapses": -1}])
def test_a_schedule_refuses_what_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ease_factor|negative"):
        Schedule(**values)


@given(st.lists(GRADES, min_size=1, max_size=60))
def test_the_invariants_hold_for_every_history(grades: list[int]) -> None:
    for step in derive(grades, start_on=START):
        before, after = step.before, step.after
        assert after.ease_factor >= sm2.MINIMUM_EASE
        assert 1 <= after.interval_days <= sm2.MAXIMUM_INTERVAL_DAYS
        assert after.due_on is not None and after.due_on > step.reviewed_on
        assert after.lapses - before.lapses in (0, 1)
        if step.grade < 3:
            assert (after.repetitions, after.interval_days) == (0, 1)
            assert after.ease_factor == before.ease_factor
        else:
            assert after.repetitions == before.repetitions + 1
        assert (after.reask_on == step.reviewed_on) == (step.grade < 4)


@given(st.lists(GRADES, max_size=20), GRADES, GRADES)
def test_a_better_grade_never_brings_a_card_back_sooner(past: list[int], one: int, other: int) -> None:
    schedule = Schedule()
    for step in derive(past, start_on=START):
        schedule = step.after
    low, high = sorted((one, other))
    on = schedule.due_on or START
    schedule = replace(schedule, reask_on=None)
    worse, better = review(schedule, low, on=on), review(schedule, high, on=on)
    assert worse.due_on is not None
    assert better.due_on is not None
    assert worse.due_on <= better.due_on
    assert low < 3 <= high or worse.ease_factor <= better.ease_factor


@given(st.lists(GRADES, min_size=1, max_size=8))
def test_a_reask_moves_nothing_until_it_settles(reasks: list[int]) -> None:
    failed = review(Schedule(), 1, on=START)
    state = failed
    for grade in reasks:
        state = review(state, grade, on=START)
        assert replace(state, reask_on=START) == failed
        if grade >= 4:
            assert state.reask_on is None
            break
        assert state.reask_on == START


def test_a_reask_left_over_is_an_ordinary_review_the_next_day() -> None:
    failed = review(Schedule(), 3, on=START)
    later = review(failed, 4, on=START + timedelta(days=1))
    assert later.repetitions == 2
    assert later.reask_on is None


@given(st.integers(min_value=-5, max_value=400))
def test_an_early_or_late_review_counts_from_its_own_day(shift: int) -> None:
    schedule = graded("444")[-1]
    assert schedule.due_on is not None
    on = schedule.due_on + timedelta(days=shift)
    assert review(schedule, 4, on=on).due_on == on + timedelta(days=38)


def test_a_century_is_the_longest_interval_and_no_date_overflows() -> None:
    far = Schedule(ease_factor=400, interval_days=36_000, repetitions=20, due_on=date(9990, 1, 1))
    after = review(far, 5, on=date(9990, 1, 1))
    assert after.interval_days == sm2.MAXIMUM_INTERVAL_DAYS
    assert after.due_on == date.max


def test_a_leech_shows_at_the_8th_lapse_and_every_4th_after() -> None:
    schedule, leeches = review(Schedule(), 0, on=START), []
    for n in range(1, 21):
        after = review(replace(schedule, reask_on=None), 2, on=START + timedelta(days=n))
        if sm2.is_leech(schedule, after):
            leeches.append(after.lapses)
        schedule = after
    assert leeches == [8, 12, 16, 20]


def test_failing_at_first_sight_is_no_lapse() -> None:
    assert review(Schedule(), 0, on=START).lapses == 0


class TestAgainstAnotherSM2:
    """PyPI's `sm-2` 0.3 agrees with this module but for the differences named here, each shown by a test."""

    @staticmethod
    def theirs(card: sm_2.Card, grade: int, *, when: datetime | None = None) -> sm_2.Card:
        after, _ = sm_2.Scheduler.review_card(card, grade, when or card.due)
        if after.needs_extra_review:
            after, _ = sm_2.Scheduler.review_card(after, 5, after.due)
        return after

    @given(st.lists(GRADES, min_size=1, max_size=30))
    def test_ease_factor_and_intervals_are_the_same(self, grades: list[int]) -> None:
        card = sm_2.Card(card_id=1)
        for step in derive(grades, start_on=START):
            interval_before = card.I
            card = self.theirs(card, step.grade)
            assert pytest.approx(step.after.ease_factor / 100) == card.EF
            assert card.n == step.after.repetitions
            if step.grade < 3:
                assert (card.I, step.after.interval_days) == (0, 1)  # difference "failed is due at once"
            elif step.after.interval_days == sm2.MAXIMUM_INTERVAL_DAYS:
                assert card.I >= sm2.MAXIMUM_INTERVAL_DAYS  # difference "a century at most"
            elif step.after.interval_days != card.I:
                exact = interval_before * step.after.ease_factor
                assert exact % 100 == 0  # difference "float ceiling"
                assert step.after.interval_days + 1 == card.I
            card.I = step.after.interval_days

    def test_difference_failed_is_due_at_once(self) -> None:
        """There a failed card has an interval of 0 days; here it is due the next day and re-asked today."""
        assert self.theirs(sm_2.Card(card_id=1), 2).I == 0
        failed = review(Schedule(), 2, on=START)
        assert (failed.interval_days, failed.reask_on) == (1, START)

    def test_difference_reask_after_failure_counts(self) -> None:
        """There the second try after a failure is a repetition of its own; here it moves nothing."""
        card = self.theirs(self.theirs(sm_2.Card(card_id=1), 2), 5)
        assert card.n == 1
        assert review(review(Schedule(), 2, on=START), 5, on=START).repetitions == 0

    def test_difference_late_reviews_count_from_the_due_date(self) -> None:
        """There the next due date counts from the old one; here from the day of the review."""
        card = self.theirs(sm_2.Card(card_id=1), 4)
        due = card.due
        late = self.theirs(card, 4, when=due + timedelta(days=10))
        assert late.due - due == timedelta(days=6)
        mine = review(graded("4")[0], 4, on=START + timedelta(days=11))
        assert mine.due_on == START + timedelta(days=17)

    def test_difference_early_reviews_are_refused(self) -> None:
        """There an early review raises; here it counts from its own day."""
        card = self.theirs(sm_2.Card(card_id=1), 4)
        with pytest.raises(RuntimeError, match="not due"):
            self.theirs(card, 4, when=card.due - timedelta(hours=1))
        assert review(graded("44")[-1], 4, on=START + timedelta(days=2)).due_on == START + timedelta(days=17)

    def test_difference_float_ceiling(self) -> None:
        """There EF is a float, and a product that is whole may gain a day from rounding; here it cannot."""
        gained = []
        for days in range(1, 400):
            for ease in range(130, 400):
                if days * ease % 100 == 0:
                    card = sm_2.Card(card_id=1, n=2, I=days, EF=2.5 + round((ease - 250) / 10) * 0.1)
                    if ease % 10 == 0 and sm2.next_interval_days(3, days, ease) != self.theirs(card, 4).I:
                        gained.append((days, ease))
        assert gained
