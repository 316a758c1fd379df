"""Statistics and lists: what they count, and that an act taken back counts no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studytui.domain.sm2 import Schedule
from studytui.domain.statistics import STAGES, stage
from studytui.errors import Unreadable
from studytui.store import reports
from studytui.store.reports import DayTotal, SectionProgress
from tests.store.learner import COURSE, DAY, Learner, compiled, new_learner, stamp


def scheduled(learner: Learner, number: int, *, interval_days: int, due_in: int) -> None:
    due_on = learner.day + timedelta(days=due_in)
    learner.act("reset", number, schedule=Schedule(interval_days=interval_days, repetitions=1, due_on=due_on))


def test_the_history_of_a_card_tells_everything(learner: Learner) -> None:
    card = learner.card(0)
    record = learner.record(
        card, 2, suggested_grade=3, confidence=5, correct=False, hints_used=1, evidence={"value": 196}
    )
    learner.store.answer(record)
    learner.answer(0, 4)
    learner.undo()
    learner.answer(1, 4)
    first, reask, undo = reports.history(learner.store, card.no)
    assert (first.action, reask.action, undo.action) == ("review", "reask", "undo")
    assert (first.undone, reask.undone, undo.undone) == (False, True, False)
    assert (first.undoes, undo.undoes) == (None, reask.id)
    assert (first.grade, first.suggested_grade, first.confidence, first.correct) == (2, 3, 5, False)
    assert (first.duration_ms, first.hints_used, first.response) == (4000, 1, '"an answer"')
    assert first.evidence == '{"value": 196}'
    assert (first.before, first.after) == (card.state, record.after)
    assert (first.at, first.study_day, first.key) == (datetime(2026, 11, 24, 12, tzinfo=UTC), DAY, "card-0")
    assert undo.grade is None
    assert reports.history(learner.store, 999) == []


def test_a_session_has_its_own_rows(learner: Learner) -> None:
    learner.store.answer(learner.record(learner.card(0), 4, session_uid="morning"))
    learner.answer(1, 4)
    learner.store.answer(learner.record(learner.card(2), 4, session_uid="morning"))
    assert [row.key for row in reports.session_rows(learner.store, "morning")] == ["card-0", "card-2"]


def test_cards_are_listed_in_the_order_of_the_course_with_their_state(learner: Learner) -> None:
    learner.answer(3, 4)
    rows = reports.cards(learner.store, learner.course_no)
    assert [row.key for row in rows] == [f"card-{number}" for number in range(10)]
    assert [(row.no, row.state) for row in rows] == [(learner.card(n).no, learner.card(n).state) for n in range(10)]
    row = rows[3]
    assert (row.chapter, row.section, row.kind, row.path, row.line) == ("1", "1.1", "basic", "cards/01.toml", 31)
    assert row.payload == '{"front": "Question 3"}'


def test_archived_cards_are_listed_where_they_are_asked_for(path: Path) -> None:
    cards = [compiled(number) for number in range(3)]
    learner = new_learner(path, cards)
    learner.store.sync_course(COURSE, "A course", "1", [stamp(content="b")], [cards[0], cards[2]])

    def keys(**filters: bool) -> list[str]:
        return [row.key for row in reports.cards(learner.store, 1, **filters)]

    assert keys() == ["card-0", "card-2"]
    assert keys(archived=True) == ["card-0", "card-1", "card-2"]
    learner.store.close()


def test_days_count_what_stands(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.answer(1, 2)
    learner.answer(1, 4)
    learner.answer(2, 5)
    learner.undo()
    learner.act("flag", 3, flagged=True)
    learner.sleep()
    learner.answer(0, 3)
    expected = [
        DayTotal(DAY, reviews=2, passed=1, new=2, reasks=1, seconds=12.0),
        DayTotal(DAY + timedelta(days=1), reviews=1, passed=1, new=0, reasks=0, seconds=4.0),
    ]
    assert reports.daily(learner.store, learner.course_no, DAY) == expected
    assert reports.daily(learner.store, learner.course_no, DAY + timedelta(days=1)) == expected[1:]
    assert reports.daily(learner.store, learner.course_no + 1, DAY) == []


def test_progress_is_told_by_section_in_the_order_of_the_course(path: Path) -> None:
    learner = new_learner(path, [compiled(n, section="1.2" if n < 2 else "1.10") for n in range(8)])
    for number, interval_days in {2: 1, 3: 6, 4: 7, 5: 20, 6: 21}.items():
        scheduled(learner, number, interval_days=interval_days, due_in=0)
    learner.act("suspend", 3, suspended=True)
    learner.act("bury", 4, buried_on=DAY)
    assert reports.progress(learner.store, learner.course_no) == [
        SectionProgress("1", "1.2", total=2, new=2, lapsed=0, learning=0, young=0, mature=0, suspended=0),
        SectionProgress("1", "1.10", total=6, new=1, lapsed=0, learning=2, young=2, mature=1, suspended=1),
    ]
    learner.store.close()


def test_progress_and_stages_agree_on_every_schedule(path: Path) -> None:
    """The statement counts what `domain.stages` tells of each card."""
    learner = new_learner(path, [compiled(n) for n in range(40)])
    for number in range(40):
        for grade in [(4, 4, 4, 4), (4, 0), (0,), (4, 4), (0, 0), (4, 0, 4), (4, 4, 4)][number % 7]:
            learner.answer(number, grade)
            learner.day = max(learner.day, learner.card(number).state.schedule.due_on or DAY)
        learner.day = DAY
    stages = [stage(learner.card(number).state.schedule) for number in range(40)]
    (found,) = reports.progress(learner.store, learner.course_no)
    assert {name: getattr(found, name) for name in STAGES} == {name: stages.count(name) for name in STAGES}
    assert found.total == 40
    assert min(found.lapsed, found.learning, found.young, found.mature) > 0
    learner.store.close()


def test_what_was_forgotten_since_a_day(learner: Learner) -> None:
    learner.answer(0, 2)
    learner.answer(1, 4)
    learner.sleep(7)
    learner.answer(1, 1)
    learner.answer(1, 2)
    learner.cram(2, 0)
    learner.answer(3, 2)
    learner.undo()
    assert reports.forgotten(learner.store, learner.course_no, learner.day) == {
        learner.card(1).no: 2,
        learner.card(2).no: 1,
    }
    assert learner.card(0).no in reports.forgotten(learner.store, learner.course_no, DAY)
    assert reports.forgotten(learner.store, learner.course_no + 1, DAY) == {}


def test_a_report_on_a_damaged_file_says_so(learner: Learner, path: Path) -> None:
    learner.store.close()
    path.write_bytes(b"noise" * 1000)
    with pytest.raises(Unreadable):
        reports.cards(learner.store, learner.course_no)
