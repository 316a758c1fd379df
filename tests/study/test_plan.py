"""A date to be ready by, on a course of plain cards."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studytui.domain.settings import Settings
from studytui.domain.simulation import DayLoad
from studytui.study.plan import (
    KeptPlan,
    PlanError,
    busiest_minutes,
    date_plan,
    keep_plan,
    kept_plan,
    load_words,
    plan_line,
    plan_lines,
    read_goal,
    read_learner,
)
from studytui.study.today import choose_today, let_new_wait
from studytui.study.workspace import Workspace
from tests.ui.tiny_course import TestClock, write_course

MORNING = "2026-11-30T09:00:00+00:00"
MONDAY = date(2026, 11, 30)


def card(number: int, section: str) -> str:
    return (
        f'[[card]]\nid = "card-{number}"\nsection = "{section}"\ncovers = ["{section}-01"]\ngroup = "g{number}"\n'
        f'kind = "basic"\nfront = "Question {number}?"\nback = "Because."\n\n'
    )


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Thirty cards in three sections, on a Monday."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    cards = "".join(card(number, "1.1" if number < 20 else "1.2") for number in range(29))
    root = write_course(tmp_path / "course", cards=cards)
    clock = TestClock(datetime.fromisoformat(MORNING))
    return Workspace.open(root, clock=clock, settings=Settings(start_labs=False))


def test_the_fewest_new_cards_that_are_enough(workspace: Workspace) -> None:
    plan = date_plan(workspace, date(2026, 12, 10), read_goal(workspace))
    assert plan.reachable
    assert plan.new_per_day == 3
    assert [round(load.new) for load in plan.simulation.days] == [3] * 10
    assert 0.5 < plan.known < 1
    assert set(plan.known_by_section) == {"1.1", "1.2", "2.1"}
    found = plan.to_json()
    assert list(found["days"][0]) == ["date", "due", "new", "answers", "minutes"]
    assert {"new_per_day", "days", "known_on_the_day", "reachable"} <= set(found)


def test_weekends_without_new_cards_ask_for_more_on_other_days(workspace: Workspace) -> None:
    workspace.settings = Settings(weekend_new=False, weekend_cards=2)
    plan = date_plan(workspace, date(2026, 12, 10), read_goal(workspace))
    assert plan.new_per_day == 4
    for load in plan.simulation.days:
        if load.day.weekday() >= 5:
            assert load.new == 0
            assert load.due <= 2


def test_a_part_of_the_course_has_new_cards_of_its_own_alone(workspace: Workspace) -> None:
    goal = read_goal(workspace, "chapter 1")
    assert read_goal(workspace, "chapter:1") == read_goal(workspace, "1") == goal
    assert date_plan(workspace, date(2026, 12, 10), goal).new_per_day == 3
    with pytest.raises(PlanError, match="no such part; there are chapter"):
        read_goal(workspace, "chapter 99")


def test_out_of_reach_says_what_would_do(workspace: Workspace) -> None:
    plan = date_plan(workspace, date(2026, 12, 3), read_goal(workspace), most_minutes=2)
    assert not plan.reachable
    assert plan.instead is not None
    assert plan.instead > plan.by
    assert busiest_minutes(plan.simulation.days) <= 2.5
    lines = "\n".join(plan_lines(plan, 10))
    assert "Not reachable by 2026-12-03 within 2 minutes a day" in lines
    assert f"all of it by {plan.instead}" in lines


@pytest.mark.parametrize("by", [MONDAY, date(2020, 1, 1), date(2090, 1, 1)])
def test_a_day_that_is_no_day_to_plan_for(workspace: Workspace, by: date) -> None:
    with pytest.raises(PlanError, match="choose a day"):
        date_plan(workspace, by, read_goal(workspace))


def test_what_a_number_of_new_cards_will_mean(workspace: Workspace) -> None:
    learner = read_learner(workspace)
    assert load_words(learner, 0) == "No new cards: you only review the ones you have started."
    assert load_words(learner, 1).startswith("1 a day: about ")
    assert load_words(learner, 1).endswith("all 30 cards met by the end of December.")


def test_today_alone_and_cards_that_wait_are_foreseen(workspace: Workspace) -> None:
    choose_today(workspace, new=0)
    assert [round(load.new) for load in read_learner(workspace).simulate(3).days] == [0, 10, 10]
    choose_today(workspace)
    let_new_wait(workspace, date(2026, 12, 2))
    assert [round(load.new) for load in read_learner(workspace).simulate(3).days] == [0, 0, 10]
    let_new_wait(workspace, None)
    assert [round(load.new) for load in read_learner(workspace).simulate(3).days] == [10, 10, 10]


def test_a_kept_date_is_looked_at_again(workspace: Workspace) -> None:
    assert plan_line(workspace) == ""
    keep_plan(workspace, KeptPlan(date(2026, 12, 10)))
    assert plan_line(workspace).startswith("On the way to 2026-12-10: ")
    workspace.settings = Settings(new_per_day=1)
    assert plan_line(workspace) == "Ready by 2026-12-10 needs 3 new cards a day; you have 1."
    keep_plan(workspace, KeptPlan(date(2026, 12, 2), most_minutes=1))
    assert "No longer within 1 minute a day" in plan_line(workspace)
    keep_plan(workspace, KeptPlan(MONDAY))
    assert kept_plan(workspace) is None


@settings(deadline=None)
@given(st.lists(st.floats(0, 200), max_size=40))
def test_no_week_takes_more_than_the_busiest(minutes: list[float]) -> None:
    found = busiest_minutes([DayLoad(MONDAY, 0, 0, 0, one, 0) for one in minutes])
    weeks = [minutes[first : first + 7] for first in range(max(1, len(minutes) - 6))]
    assert found == pytest.approx(max(sum(week) / max(1, len(week)) for week in weeks))


def test_siblings_may_need_more_days_whatever_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    cards = "".join(card(number, "1.1") for number in range(12)).replace('group = "g', 'group = "same" # ')
    root = write_course(tmp_path / "course", cards=cards)
    clock = TestClock(datetime.fromisoformat(MORNING))
    with Workspace.open(root, clock=clock, settings=Settings(start_labs=False)) as workspace:
        plan = date_plan(workspace, date(2026, 12, 4), read_goal(workspace))
    assert not plan.reachable
    assert plan.is_short_of_days
    assert plan.new_per_day < 12
    assert "in so few days (cards on one objective come on different days)" in next(plan_lines(plan, 10))
