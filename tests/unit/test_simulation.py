"""The coming days, simulated: no more new cards than asked for, every due card comes, and no chance in it."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studytui.domain.queue import Limits
from studytui.domain.simulation import GradeRates, Rules, SimulatedCard, recall_chance, simulate
from studytui.domain.statistics import Pace, Timed
from tests.quick import quickest

START = date(2026, 11, 30)
FIRST = START.toordinal()


def new_card(group: str, section: str = "1.1", *, wanted: bool = True) -> SimulatedCard:
    return SimulatedCard("choice", section, group, wanted=wanted)


def begun(group: str, due_in: int, *, interval_days: int = 6, repetitions: int = 2) -> SimulatedCard:
    due_on = FIRST + due_in
    return SimulatedCard(
        "basic",
        "1.2",
        group,
        interval_days=interval_days,
        repetitions=repetitions,
        due_on=due_on,
        reviewed_on=due_on - interval_days,
    )


GROUPS = st.sampled_from([f"group-{number}" for number in range(12)])
CARDS = st.lists(
    st.one_of(st.builds(new_card, GROUPS), st.builds(begun, GROUPS, st.integers(-30, 30))), min_size=1, max_size=60
)


@settings(deadline=None, max_examples=60)
@given(cards=CARDS, new=st.integers(0, 9), reviews=st.integers(0, 40), bury=st.booleans())
def test_no_day_brings_more_than_was_asked_for(
    cards: list[SimulatedCard], new: int, reviews: int, *, bury: bool
) -> None:
    rules = Rules(lambda _: Limits(new, reviews), bury_siblings=bury)
    found = simulate(cards, rules, GradeRates(), Pace(), start=START, days=40)
    assert len(found.days) == 40
    for load in found.days:
        assert 0 <= load.new <= new
        assert 0 <= load.due <= reviews
        assert load.due + load.new <= load.answers + 1e-9 <= 4 * (load.due + load.new) + 1e-6
        assert (load.minutes > 0) == (load.answers > 0)
    assert 0 <= found.share_known <= 1
    met = sum(load.new for load in found.days)
    assert met + found.unmet == pytest.approx(sum(card.due_on is None for card in cards))


@settings(deadline=None, max_examples=60)
@given(cards=CARDS)
def test_every_due_card_comes_on_its_day_where_nothing_holds_it(cards: list[SimulatedCard]) -> None:
    rules = Rules(lambda _: Limits(0, 9999), bury_siblings=False)
    found = simulate(cards, rules, GradeRates(), Pace(), start=START, days=31, runs=1)
    overdue = sum(card.due_on is not None and card.due_on <= FIRST for card in cards)
    assert found.days[0].due == overdue
    assert found.late == 0


@settings(deadline=None, max_examples=60)
@given(cards=CARDS, limit=st.integers(1, 5))
def test_what_a_limit_leaves_over_comes_later(cards: list[SimulatedCard], limit: int) -> None:
    rules = Rules(lambda _: Limits(0, limit))
    perfect = GradeRates({"new": (0, 0, 1, 0), "due": (0, 0, 1, 0), "reask": (0, 0, 1, 0)})
    found = simulate(cards, rules, perfect, Pace(), start=START, days=200, runs=1)
    assert found.late == 0


def test_two_simulations_are_the_same() -> None:
    cards = [new_card(f"group-{number // 2}") for number in range(200)]
    rules = Rules(lambda _: Limits(7, 200))
    one, two = (simulate(cards, rules, GradeRates(), Pace(), start=START, days=60) for _ in range(2))
    assert one == two


def test_a_course_and_four_months_take_less_than_300_ms() -> None:
    cards = [new_card(f"group-{number // 3}", f"{number // 100}.1") for number in range(830)]
    rules = Rules(lambda _: Limits(10, 200))
    run = partial(simulate, cards, rules, GradeRates(), Pace(), start=START, days=120)
    assert quickest(run, 0.3) < 0.3


def test_only_what_a_plan_is_about_is_new() -> None:
    cards = [new_card(str(number), wanted=number >= 10) for number in range(20)]
    rules = Rules(lambda _: Limits(5, 200), wanted_only=True)
    found = simulate(cards, rules, GradeRates(), Pace(), start=START, days=10, runs=1)
    assert found.unmet == 0
    assert found.met_on == date(2026, 12, 1)
    assert sum(load.new for load in found.days) == 10


def test_what_is_usual_holds_until_there_are_answers_enough() -> None:
    fails = [Timed("choice", "due", 2, 20.0)] * 100
    few, many = GradeRates.of(fails[:20]), GradeRates.of(fails * 4)
    assert GradeRates.of([]).recalled == pytest.approx(0.88)
    assert 0.75 < few.recalled < 0.88
    assert many.recalled < 0.05
    assert sum(many.of_kind("choice", "due")) == pytest.approx(1)


def test_the_chance_of_recall_falls_with_time() -> None:
    assert recall_chance(10, 0, 0.9) == 1
    assert recall_chance(10, 10, 0.9) == pytest.approx(0.9)
    assert recall_chance(10, 20, 0.9) == pytest.approx(0.81)
