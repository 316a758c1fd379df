"""What is left of a day, in minutes: from the learner's own times, and from what is usual until there are some."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.queue import Counts
from studytui.domain.statistics import ENOUGH, USUAL_MISSES, USUAL_SECONDS, Pace, Sight, Timed
from studytui.study.cram import CramSession
from studytui.study.review import Answer, own_pace
from tests.study.learning import student


def test_medians_by_kind_count_once_there_are_enough_of_them() -> None:
    few = Pace.of([Timed("choice", "due", 4, 9.0)] * (ENOUGH - 1))
    assert few.seconds("choice", "due") == USUAL_SECONDS["choice"]
    slow_once = [Timed("choice", "due", 4, 9.0)] * ENOUGH + [Timed("choice", "due", 4, 500.0)]
    assert Pace.of(slow_once).seconds("choice", "due") == 9.0
    assert Pace.of(slow_once).seconds("choice", "new") == 9.0, "of another sight there are none"
    assert Pace.of(slow_once).seconds("match", "due") == USUAL_SECONDS["match"]


def test_what_is_missed_comes_again_and_takes_its_time() -> None:
    pace = Pace.of([])
    assert dict(pace.misses) == USUAL_MISSES
    kinds: dict[Sight, dict[str, int]] = {"due": {"basic": 10}}
    alone = pace.seconds_left(Counts(due=10), kinds)
    assert 10 * USUAL_SECONDS["basic"] < alone < 15 * USUAL_SECONDS["basic"]
    assert pace.seconds_left(Counts(due=10, reask=4), kinds) > alone + 4 * USUAL_SECONDS["basic"]
    always_right = Pace.of([Timed("basic", "due", 4, 10.0)] * 1000)
    assert always_right.seconds_left(Counts(due=10), kinds) == pytest.approx(100, rel=0.1)


def test_kinds_weigh_as_they_come() -> None:
    pace = Pace.of([])
    assert pace.mean({"basic": 3, "open": 1}, "due") == (3 * USUAL_SECONDS["basic"] + USUAL_SECONDS["open"]) / 4
    assert pace.mean({}, "due") == 0


def test_what_is_left_shrinks_to_nothing_and_foresees_what_the_day_takes(tmp_path: Path) -> None:
    """A learner at 40 s an answer, who misses a quarter, sees about the minutes that the day then takes."""
    from random import Random

    chance = Random(3)

    def grade(_: object) -> int:
        return 2 if chance.random() < 0.25 else 4

    with student(tmp_path / "study.db", [str(n) for n in range(200)], new_per_day=20) as learner:
        off = []
        for _ in range(9):
            session = learner.session()
            foreseen = session.minutes_left
            seconds = 0
            while (turn := session.next()) is not None:
                seconds += 40
                session.answer(turn, grade(turn), Answer(duration_ms=40_000))
            assert session.minutes_left == 0
            off.append(foreseen / (seconds / 60))
            learner.sleep()
        assert off[0] < 0.8, "nothing is known of the learner yet"
        assert all(0.75 < share < 1.35 for share in off[2:]), off


def test_only_the_newest_answers_of_the_course_count(tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(60)], new_per_day=60) as learner:
        session = learner.session()
        for number in range(60):
            turn = session.next()
            assert turn is not None
            session.answer(turn, 4, Answer(duration_ms=5_000 if number < 40 else 20_000))
        found = learner.store.recent_times(learner.course_no, most=10, reach=1000)
        assert {answer.duration_ms for answer in found} == {20_000}
        assert learner.store.recent_times(learner.course_no, most=1000, reach=15) == learner.store.recent_times(
            learner.course_no, most=15, reach=1000
        )
        assert learner.store.recent_times(learner.course_no + 1, most=10, reach=1000) == []
        assert own_pace(learner.store, learner.course_no).seconds("basic", "new") == 5.0


def test_extra_study_knows_what_its_own_cards_take(tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(30)], new_per_day=0) as learner:
        assert learner.session().minutes_left == 0
        session = CramSession(
            learner.store, learner.course_no, range(1, 31), clock=learner.clock, settings=learner.settings
        )
        assert 7 <= session.minutes_left <= 12
