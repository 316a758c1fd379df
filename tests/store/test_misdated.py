"""What is dated later than now: found in the log and among the cards, brought to today together, and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from studytui.domain.sm2 import Schedule
from studytui.store.doctor import examine
from studytui.store.log import cards_ahead
from studytui.store.records import moment
from studytui.study.review import open_session
from tests.store.learner import DAY, Learner
from tests.study.desk import Desk, open_desk


def ahead(learner: Learner) -> list[str]:
    found = cards_ahead(learner.store.connection, [learner.course_no], learner.now, learner.day)
    return [card.key for card in found]


def test_answers_of_a_clock_that_was_ahead_are_found_once_it_is_right(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.day = DAY + timedelta(days=3650)
    learner.answer(1, 4)
    learner.answer(2, 2)
    assert ahead(learner) == []
    learner.day = DAY
    assert ahead(learner) == ["card-1", "card-2"]


def test_a_day_set_by_hand_then_counts_too_and_one_set_now_does_not(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.answer(1, 4)
    far = Schedule(due_on=DAY + timedelta(days=900))
    learner.act("set_due", 1, schedule=far)
    learner.day = DAY + timedelta(days=365)
    learner.act("set_due", 0, schedule=far)
    learner.day = DAY
    assert ahead(learner) == ["card-0"], "who sends a card far away on purpose is not asked"


def test_a_flag_put_on_later_does_not_hide_it(learner: Learner) -> None:
    learner.day = DAY + timedelta(days=365)
    learner.answer(0, 4)
    learner.day = DAY
    learner.act("flag", 0, flagged=True)
    assert ahead(learner) == ["card-0"]


def test_a_traveller_and_a_clock_off_by_minutes_are_left_alone(learner: Learner) -> None:
    """In Kiritimati it is tomorrow already; who flies to Honolulu comes back to yesterday, with every clock right."""
    record = replace(learner, day=DAY + timedelta(days=1)).record(learner.card(0), 4, at=learner.now)
    learner.store.answer(record)
    learner.store.answer(learner.record(learner.card(1), 4, at=learner.now + timedelta(minutes=50)))
    assert ahead(learner) == []


def test_the_end_of_time_has_nothing_after_it(learner: Learner) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert cards_ahead(learner.store.connection, [1], last, last.date()) == []


@pytest.mark.parametrize(("hours", "year"), [(14, "0001"), (-12, "9999")])
def test_a_moment_at_the_end_of_time_is_held_there(hours: int, year: str) -> None:
    at = datetime.min.replace(tzinfo=UTC) if hours > 0 else datetime.max.replace(tzinfo=UTC)
    text, minutes = moment(at.replace(tzinfo=timezone(timedelta(hours=hours))))
    assert text.startswith(year)
    assert minutes == hours * 60


def test_all_are_brought_to_today_together_and_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studytui.study.card_actions import bring_back, clock_ahead, take_back

    with open_desk(tmp_path, monkeypatch) as desk:
        desk.answer("patch-count", 4)
        desk.answer("patch-what", 4, days_ago=-800)
        desk.answer("latent-choice", 4, 4, 4, days_ago=-300)
        found = clock_ahead(desk.workspace)
        assert found is not None
        assert found.words.startswith("2 cards are dated after now (up to 2028-05-")
        before = states(desk)
        uid = bring_back(desk.workspace, found)
        assert clock_ahead(desk.workspace) is None
        assert open_session(desk.workspace).counts.due == 2
        assert desk.card("latent-choice").state.schedule.interval_days == 15
        assert no_errors(desk)
        assert take_back(desk.workspace, uid) == 2
        assert states(desk) == before
        assert clock_ahead(desk.workspace) == found
        assert no_errors(desk)


def states(desk: Desk) -> list[Any]:
    return desk.rows("SELECT key, due_on, reviewed_on, reask_on, interval_days FROM card ORDER BY id")


def no_errors(desk: Desk) -> bool:
    return not [finding for finding in examine(desk.workspace.store) if finding.level == "error"]
