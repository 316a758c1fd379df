"""The invariant: whatever a learner does, each card's state follows from its log."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studytui.domain import sm2
from studytui.domain.sm2 import Schedule
from studytui.store import CardState, Done, doctor
from studytui.store.doctor import Logged, replay
from tests.examples import examples
from tests.store.learner import DAY, PRISTINE, Learner, compiled, new_learner

CARDS = 3
number = st.integers(0, CARDS - 1)
STEPS = st.one_of(
    st.tuples(st.just("answer"), number, st.integers(0, 5)),
    st.tuples(st.just("cram"), number, st.integers(0, 5)),
    st.tuples(st.just("fail until a leech"), number, st.integers(0, 2)),
    st.tuples(st.sampled_from(["suspend", "unsuspend", "bury", "unbury", "flag", "unflag", "reset"]), number),
    st.tuples(st.sampled_from(["tag", "untag"]), number, st.sampled_from(["exam", "weak", "exam weak", "größe"])),
    st.tuples(st.just("move"), number),
    st.tuples(st.just("set_due"), number, st.integers(-3, 400)),
    st.tuples(st.just("sleep"), st.integers(-1, 200)),
    st.tuples(st.just("undo")),
)


def do(learner: Learner, step: tuple[object, ...]) -> None:
    match step:
        case ("answer", int(number), int(grade)):
            learner.answer(number, grade)
        case ("cram", int(number), int(grade)):
            learner.cram(number, grade)
        case ("fail until a leech", int(number), int(grade)):
            card = learner.card(number)
            schedule = sm2.review(card.state.schedule, grade, on=learner.day)
            after = replace(card.state, schedule=schedule, leech=True, suspended=True)
            learner.store.answer(learner.record(card, grade, after=after))
        case ("set_due", int(number), int(days)):
            schedule = learner.card(number).state.schedule
            due_on = learner.day + timedelta(days=days)
            learner.act("set_due", number, schedule=replace(schedule, due_on=due_on, reask_on=None))
        case ("sleep", int(days)):
            learner.sleep(days)
        case ("undo",):
            learner.undo()
        case (("suspend" | "unsuspend") as action, int(number)):
            learner.act(action, number, suspended=action == "suspend", leech=False)
        case (("bury" | "unbury") as action, int(number)):
            learner.act(action, number, buried_on=learner.day if action == "bury" else None)
        case (("flag" | "unflag") as action, int(number)):
            learner.act(action, number, flagged=action == "flag")
        case (("tag" | "untag") as action, int(number), str(tags)):
            present = set(learner.card(number).state.tags.split())
            wanted = present | set(tags.split()) if action == "tag" else present - set(tags.split())
            learner.act(action, number, tags=" ".join(sorted(wanted)))
        case (("move" | "reset") as action, int(number)):
            marks = {"schedule": Schedule(), "buried_on": None, "leech": False} if action == "reset" else {}
            learner.act(action, number, **marks)
        case _:
            raise AssertionError(step)


@pytest.fixture(scope="module")
def three_cards(empty_database: Path) -> Iterator[Path]:
    """A closed database with three new cards, in memory-like storage for speed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(empty_database, Path(folder) / "study.db"))
        new_learner(path, [compiled(number) for number in range(CARDS)]).store.close()
        yield path


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=40))
def test_every_state_follows_from_the_log_and_undo_leads_back_to_the_beginning(
    three_cards: Path, steps: list[tuple[object, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(three_cards, Path(folder) / "study.db"))
        learner = new_learner(path, [compiled(number) for number in range(CARDS)])
        learner.store.connection.execute("PRAGMA synchronous=OFF")
        try:
            for step in steps:
                do(learner, step)
            assert doctor.examine(learner.store) == []
            while learner.undo():
                pass
            assert [learner.card(number).state for number in range(CARDS)] == [PRISTINE] * CARDS
            assert doctor.examine(learner.store) == []
            assert learner.store.done_today(1, learner.day) == Done(0, 0)
        finally:
            learner.store.close()


days = st.none() | st.dates()
STATES = st.builds(
    CardState,
    schedule=st.builds(
        Schedule,
        ease_factor=st.integers(130, 9999),
        interval_days=st.integers(0, 36_500),
        repetitions=st.integers(0, 999),
        lapses=st.integers(0, 999),
        due_on=days,
        reviewed_on=days,
        reask_on=days,
    ),
    suspended=st.booleans(),
    buried_on=days,
    flagged=st.booleans(),
    leech=st.booleans(),
    tags=st.sampled_from(["", "exam", 'a"b größe']),
)


@given(STATES)
def test_a_state_comes_back_from_its_text(state: CardState) -> None:
    assert CardState.from_json(state.to_json()) == state


def answer(row_id: int, grade: int, before: CardState) -> Logged:
    after = replace(before, schedule=sm2.review(before.schedule, grade, on=DAY))
    return Logged(row_id, "review", None, DAY, grade, before, after)


FIRST = answer(1, 4, PRISTINE)
UNDO = Logged(2, "undo", 1, DAY, None, FIRST.after, PRISTINE)


def test_no_log_is_a_new_card() -> None:
    result = replay([])
    assert (result.state, result.last_review_id, result.faults) == (PRISTINE, None, ())


def test_a_sound_log_has_no_faults() -> None:
    result = replay([FIRST, UNDO, answer(3, 2, PRISTINE)])
    assert result.faults == ()
    assert result.last_review_id == 3
    assert result.state.schedule.reask_on == DAY


FLAGGED = replace(FIRST.after, flagged=True)
EASIER = replace(FIRST.after, schedule=replace(FIRST.after.schedule, ease_factor=300))


@pytest.mark.parametrize(
    ("log", "fault"),
    [
        ([FIRST, answer(2, 4, FLAGGED)], "row 2 starts from a state that the row before does not end with"),
        ([replace(FIRST, after=FLAGGED)], "row 1 does not end where SM-2 leads from a grade of 4"),
        ([replace(FIRST, after=EASIER)], "row 1 does not end where SM-2 leads from a grade of 4"),
        ([replace(FIRST, action="reask")], "row 1 is logged as reask and is not one"),
        ([replace(FIRST, grade=None)], "row 1 is an answer without a grade"),
        ([UNDO], "row 2 takes back what is not the card's last act"),
        ([FIRST, UNDO, replace(UNDO, id=3, before=PRISTINE)], "row 3 takes back what is not the card's last act"),
        ([FIRST, replace(UNDO, after=FLAGGED)], "row 2 does not restore the state before the act it takes back"),
        ([FIRST, Logged(2, "bury", None, DAY, None, FIRST.after, FLAGGED)], "row 2 changes more than bury may"),
    ],
)
def test_each_contradiction_is_told(log: list[Logged], fault: str) -> None:
    assert fault in replay(log).faults
