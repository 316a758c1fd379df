"""Writing: one commit for an answer or an act, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from studytui.domain.sm2 import Schedule
from studytui.errors import DuplicateReview, StaleCard
from studytui.store import CardState, Store, StoreError, Undone
from studytui.store.records import Action
from tests.store.learner import COURSE, DAY, PRISTINE, Learner, compiled, log_ids, stamp


def test_an_answer_is_there_after_opening_again(learner: Learner, path: Path) -> None:
    before = learner.card(0)
    row_id = learner.answer(0, 4)
    after = learner.card(0)
    learner.store.close()
    with_again = replace(learner, store=Store.open(path, today=DAY))
    assert with_again.card(0) == after
    assert after.last_review_id == row_id
    assert after.state == CardState(
        Schedule(250, 1, 1, 0, due_on=DAY + timedelta(days=1), reviewed_on=DAY, reask_on=None)
    )
    assert before.state == PRISTINE
    with_again.store.close()


def test_the_log_keeps_the_moment_in_utc_with_the_learners_offset(learner: Learner) -> None:
    at = datetime(2026, 11, 25, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    learner.store.answer(learner.record(learner.card(0), 4, at=at))
    row = learner.store.connection.execute("SELECT at_utc, utc_offset_minutes, study_day FROM review").fetchone()
    assert row == ("2026-11-24T19:45:00.123+00:00", 345, "2026-11-24")


def test_a_moment_without_a_zone_is_refused(learner: Learner) -> None:
    naive = learner.now.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        learner.store.answer(learner.record(learner.card(0), 4, at=naive))
    assert log_ids(learner.store) == []


def test_the_same_showing_is_written_once(learner: Learner) -> None:
    record = learner.record(learner.card(0), 4)
    learner.store.answer(record)
    with pytest.raises(DuplicateReview):
        learner.store.answer(record)
    assert len(log_ids(learner.store)) == 1
    assert learner.card(0).state == record.after


def test_an_answer_to_a_card_that_changed_meanwhile_writes_nothing(learner: Learner) -> None:
    shown = learner.card(0)
    learner.answer(0, 4)
    answered = learner.card(0)
    with pytest.raises(StaleCard):
        learner.store.answer(learner.record(shown, 2))
    assert learner.card(0) == answered
    assert len(log_ids(learner.store)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"grade": 6}, {"grade": -1}, {"confidence": 0}, {"duration_ms": -1}, {"action": "guess"}],
    ids=str,
)
def test_what_the_schema_forbids_is_refused_whole(learner: Learner, wrong: dict[str, object]) -> None:
    record = replace(learner.record(learner.card(0), 4), **wrong)  # type: ignore[arg-type]
    with pytest.raises(StoreError) as caught:
        learner.store.answer(record)
    assert caught.value.hint
    assert log_ids(learner.store) == []
    assert learner.card(0).state == PRISTINE
    assert not learner.store.connection.in_transaction


def test_an_act_changes_only_what_it_is_about(learner: Learner) -> None:
    """Another window answered the card while this one still shows it as new."""
    shown = learner.card(0)
    learner.answer(0, 4)
    learner.store.act("suspend", {shown.no: replace(shown.state, suspended=True)}, learner.stamp())
    state = learner.card(0).state
    assert state.suspended
    assert state.schedule.repetitions == 1


@pytest.mark.parametrize(
    ("action", "marks"),
    [
        ("suspend", {"suspended": True}),
        ("bury", {"buried_on": DAY}),
        ("flag", {"flagged": True}),
        ("tag", {"tags": "exam weak"}),
        ("untag", {"tags": ""}),
        ("move", {}),
        ("set_due", {"schedule": Schedule(due_on=DAY + timedelta(days=9))}),
        ("reset", {"schedule": Schedule(ease_factor=130, interval_days=5, due_on=DAY), "leech": True}),
        ("cram", {}),
    ],
)
def test_acts_are_logged_and_can_be_taken_back(learner: Learner, action: Action, marks: dict[str, Any]) -> None:
    row_id = learner.act(action, 0, **marks)
    card = learner.card(0)
    assert card.state == replace(PRISTINE, **marks)
    assert card.last_review_id == row_id
    assert learner.undo() == Undone(action, card.no, None, row_id, "card-0", "1.1")
    assert learner.card(0).state == PRISTINE


def test_an_answer_beside_the_schedule_is_logged_and_moves_nothing(learner: Learner) -> None:
    learner.answer(0, 4)
    before = learner.card(0).state
    done = learner.store.done_today(learner.course_no, DAY)
    row_id = learner.cram(0, 1)
    card = learner.card(0)
    assert card.state == before
    assert card.last_review_id == row_id
    row = learner.store.connection.execute(
        "SELECT action, grade, duration_ms, response FROM review WHERE id = ?", (row_id,)
    )
    assert row.fetchone() == ("cram", 1, 4000, '"an answer"')
    assert learner.store.done_today(learner.course_no, DAY) == done, "it counts against no limit"
    assert learner.undo() == Undone("cram", card.no, 1, row_id, "card-0", "1.1")
    assert learner.card(0).state == before


def test_an_answer_beside_the_schedule_leaves_what_another_window_did(learner: Learner) -> None:
    shown = learner.card(0)
    learner.answer(0, 4)
    learner.store.answer(learner.record(shown, 0, action="cram"))
    assert learner.card(0).state.schedule.repetitions == 1


def test_an_answer_beside_the_schedule_to_no_card_is_refused(learner: Learner) -> None:
    with pytest.raises(StaleCard):
        learner.store.answer(learner.record(replace(learner.card(0), no=999), 4, action="cram"))


@pytest.mark.parametrize("action", ["review", "reask", "undo"])
def test_an_answer_is_no_act(learner: Learner, action: str) -> None:
    with pytest.raises(ValueError, match="no act"):
        learner.act(action, 0)  # type: ignore[arg-type]
    assert log_ids(learner.store) == []


def test_an_act_on_no_card_is_refused(learner: Learner) -> None:
    with pytest.raises(StaleCard):
        learner.store.act("flag", {999: PRISTINE}, learner.stamp())


def test_undo_goes_deeper_each_time_to_a_pristine_card(learner: Learner) -> None:
    states = [learner.card(0).state]
    for grade in (2, 4, 0, 5):
        learner.answer(0, grade)
        states.append(learner.card(0).state)
        learner.sleep()
    learner.act("suspend", 0, suspended=True)
    taken_back = [learner.undo() for _ in range(5)]
    assert [undone.grade for undone in taken_back if undone] == [None, 5, 0, 4, 2]
    assert learner.card(0).state == PRISTINE
    assert learner.undo() is None
    assert len(log_ids(learner.store)) == 10, "nothing is ever removed from the log"


def test_undo_takes_the_courses_last_act_whatever_the_card(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.answer(1, 4)
    undone = learner.undo()
    assert undone is not None
    assert undone.card_no == learner.card(1).no
    learner.answer(2, 3)
    undone = learner.undo()
    assert undone is not None
    assert undone.card_no == learner.card(2).no
    undone = learner.undo()
    assert undone is not None
    assert undone.card_no == learner.card(0).no


def test_undo_leaves_other_courses_alone(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.store.sync_course("other", "Another", "1", [stamp()], [compiled(0)])
    other_no = learner.store.course_no("other")
    assert other_no is not None
    other = replace(learner, course_no=other_no)
    assert other.undo() is None
    other.answer(0, 2)
    undone = learner.undo()
    assert undone is not None
    assert undone.grade == 4
    assert other.card(0).state != PRISTINE
    assert learner.store.course_no(COURSE) == learner.course_no


def test_undoing_twice_with_one_uid_is_refused(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.answer(1, 4)
    stamp = replace(learner.stamp(), numbers=repeat(7))  # type: ignore[call-arg]
    learner.store.undo(learner.course_no, stamp)
    with pytest.raises(DuplicateReview):
        learner.store.undo(learner.course_no, stamp)
    assert learner.card(0).state != PRISTINE
