"""Acts on several cards at once, and taking them back together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import repeat

import pytest

from studytui.errors import StaleCard
from studytui.store import StoreError, doctor
from tests.store.learner import DAY, Learner


def forward(learner: Learner, *numbers: int, uid: str = "group") -> int:
    after = {}
    for number in numbers:
        card = learner.card(number)
        after[card.no] = replace(card.state, schedule=replace(card.state.schedule, due_on=DAY))
    return len(learner.store.act("set_due", after, learner.stamp(session_uid=uid)))


def back(learner: Learner, uid: str = "group") -> int:
    return learner.store.undo_session(uid, learner.stamp(session_uid="other"))


def due(learner: Learner, number: int) -> object:
    return learner.card(number).state.schedule.due_on


def test_all_come_forward_and_all_go_back(learner: Learner) -> None:
    learner.answer(1, 5)
    learner.answer(2, 5)
    before = [learner.card(number).state for number in (1, 2, 3)]
    assert forward(learner, 1, 2, 3) == 3
    assert [due(learner, number) for number in (1, 2, 3)] == [DAY, DAY, DAY]
    assert doctor.examine(learner.store) == []
    assert back(learner) == 3
    assert [learner.card(number).state for number in (1, 2, 3)] == before
    assert back(learner) == 0
    assert doctor.examine(learner.store) == []


def test_a_card_answered_since_keeps_its_answer(learner: Learner) -> None:
    learner.answer(1, 5)
    learner.answer(2, 5)
    forward(learner, 1, 2)
    learner.answer(1, 4)
    answered = learner.card(1).state
    assert back(learner) == 1
    assert learner.card(1).state == answered
    assert due(learner, 2) == DAY + timedelta(days=1)
    assert doctor.examine(learner.store) == []


def test_an_answer_taken_back_since_is_not_in_the_way(learner: Learner) -> None:
    learner.answer(1, 5)
    forward(learner, 1)
    learner.answer(1, 4)
    assert learner.undo() is not None
    assert back(learner) == 1
    assert due(learner, 1) == DAY + timedelta(days=1)
    assert doctor.examine(learner.store) == []


def test_one_card_that_is_missing_leaves_the_others_as_they_were(learner: Learner) -> None:
    card = learner.card(1)
    after = {card.no: replace(card.state, schedule=replace(card.state.schedule, due_on=DAY)), 99_999: card.state}
    with pytest.raises(StaleCard):
        learner.store.act("set_due", after, learner.stamp())
    assert due(learner, 1) is None
    assert learner.store.connection.execute("SELECT count(*) FROM review").fetchone() == (0,)


def test_an_answer_is_no_group_act(learner: Learner) -> None:
    with pytest.raises(ValueError, match="no act"):
        learner.store.act("review", {learner.card(1).no: learner.card(1).state}, learner.stamp())


def test_a_uid_that_is_in_the_log_writes_nothing(learner: Learner) -> None:
    forward(learner, 1)
    with pytest.raises(StoreError):
        stamp = replace(learner.stamp(), numbers=repeat(7))  # type: ignore[call-arg]
        learner.store.act("set_due", {learner.card(n).no: learner.card(n).state for n in (2, 3)}, stamp)
    assert learner.store.connection.execute("SELECT count(*) FROM review").fetchone() == (1,)
