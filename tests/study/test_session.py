"""A session by its rules: what comes next, what an answer counts for, and what undo says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from studytui.domain.queue import REASK_EVERY, REASK_GAPS, Counts, Scope
from studytui.study.card_actions import CardActions, undone_words
from studytui.study.cram import CramSession
from studytui.study.review import Answer, QueueItem, open_session
from tests.study.desk import Desk
from tests.study.learning import START, Grading, Student, student


@pytest.fixture
def forty(tmp_path: Path) -> Iterator[Student]:
    """Forty cards without siblings, all new, ten of them a day."""
    with student(tmp_path / "study.db", [str(n) for n in range(40)], new_per_day=10) as learner:
        yield learner


def stubborn(*keys: str) -> Grading:
    """Misses these cards whenever they come, and knows all others."""
    return lambda turn: 2 if turn.card.id in keys else 4


# Asked again


def test_six_stubborn_cards_do_not_keep_the_others_away(tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(115)], new_per_day=95, reviews_per_day=200) as learner:
        learner.study(4)
        learner.sleep()
        learner.set(new_per_day=20)
        promised = learner.left().counts
        assert promised == Counts(new=20, due=95)
        came = learner.study(stubborn(*(f"card-{n}" for n in range(6))))
        firsts = [key for origin, key in came if origin != "reask"]
        assert len(firsts) == len(set(firsts)) == promised.total, "everything due and new came, each once"
        again = Counter(key for origin, key in came if origin == "reask")
        assert again == {f"card-{n}": 3 for n in range(6)}
        assert learner.left().counts == Counts(), "what was asked again three times waits for tomorrow"
        while came[-1][0] == "reask":
            came.pop()
        for place in range(len(came) - REASK_EVERY + 1):
            origins = [origin for origin, _ in came[place : place + REASK_EVERY]]
            assert origins.count("reask") <= 1, "at most every third card while others wait"
        learner.sleep()
        assert learner.left().counts.due == 6 + 20


def test_a_missed_card_waits_five_then_ten_then_twenty_cards(tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(60)], new_per_day=60) as learner:
        keys = [key for _, key in learner.study(stubborn("card-3"))]
        places = [place for place, key in enumerate(keys) if key == "card-3"]
        assert [b - a - 1 for a, b in pairwise(places)] == list(REASK_GAPS)


def test_leaving_and_coming_back_keeps_the_gaps(tmp_path: Path) -> None:
    grade = stubborn("card-2", "card-5")
    ways = []
    for at_a_time in (1, 2, 7, 10_000):
        with student(tmp_path / f"{at_a_time}.db", [str(n) for n in range(50)], new_per_day=50) as learner:
            while learner.study(grade, most=at_a_time):
                pass
            ways.append([(origin, key) for _, origin, key in learner.shown])
    assert all(way == ways[0] for way in ways)


def test_where_nothing_else_waits_a_missed_card_need_not_wait(forty: Student) -> None:
    forty.set(new_per_day=2)
    came = forty.study(lambda turn: 2 if turn.origin != "reask" else 4)
    assert came == [("new", "card-0"), ("new", "card-1"), ("reask", "card-0"), ("reask", "card-1")]


def test_the_last_card_is_not_asked_twice_in_a_row_while_another_is_missed(forty: Student) -> None:
    forty.set(new_per_day=2)
    keys = [key for _, key in forty.study(2)]
    assert Counter(keys) == {"card-0": 4, "card-1": 4}
    assert all(a != b for a, b in pairwise(keys))


def test_the_third_time_the_card_is_let_go_and_says_so_beforehand(forty: Student) -> None:
    forty.set(new_per_day=1)
    session = forty.session()
    told = []
    while (turn := session.next()) is not None:
        told.append((turn.origin, session.previews(turn)[2].asks_again, session.answer(turn, 2, Answer()).let_go))
    assert told == [("new", True, False), ("reask", True, False), ("reask", True, False), ("reask", False, True)]
    assert session.counts == forty.left().counts == Counts()
    session.undo()
    assert session.counts.reask == 1
    again = session.next()
    assert again is not None
    assert session.answer(again, 4, Answer()).let_go is False


def test_a_reask_put_aside_does_not_bring_the_next_one_at_once(tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(40)], new_per_day=40) as learner:
        session = learner.session()
        for _ in range(6):
            learner.answer(session, stubborn("card-0", "card-1"))
        while (turn := session.next()) is not None and turn.origin != "reask":
            session.answer(turn, 4, Answer())
        assert turn is not None
        session.bury(turn)
        assert [learner.answer(session, 4).origin for _ in range(2)] == ["new", "new"]  # type: ignore[union-attr]
        assert session.next().origin == "reask"  # type: ignore[union-attr]


def test_cards_of_another_scope_asked_again_do_not_come_into_this_one(tmp_path: Path) -> None:
    sections = ["1.1"] * 10 + ["2.1"] * 10
    with student(tmp_path / "study.db", [str(n) for n in range(20)], sections=sections, new_per_day=20) as learner:
        learner.study(2, most=1, scope=Scope(chapter="1"))
        assert learner.left(Scope(chapter="2")).counts == Counts(new=10)
        assert {key for _, key in learner.study(4, scope=Scope(chapter="2"))} == {f"card-{n}" for n in range(10, 20)}


def test_extra_study_keeps_the_gaps_and_shows_everything(desk: Desk, tmp_path: Path) -> None:
    with student(tmp_path / "study.db", [str(n) for n in range(60)]) as learner:
        session = CramSession(
            learner.store, learner.course_no, range(1, 61), clock=learner.clock, settings=learner.settings
        )
        keys: list[str] = []
        while len(keys) < 150 and (turn := session.next()) is not None:
            keys.append(turn.card.id)
            session.answer(turn, 2 if turn.card.id in {"card-0", "card-1"} and len(keys) < 60 else 4, Answer())
        assert session.next() is None
        assert len(set(keys)) == 60
        places = [place for place, key in enumerate(keys) if key == "card-0"]
        assert [b - a - 1 for a, b in pairwise(places)][:2] == list(REASK_GAPS[:2])


# The day of an act


def shown_before_the_turn(learner: Student) -> QueueItem:
    learner.clock.moment = START.replace(hour=3, minute=58)
    turn = learner.session().next()
    assert turn is not None
    learner.clock.moment = START.replace(hour=4, minute=2)
    return turn


def test_an_answer_counts_for_the_day_on_which_it_is_given(forty: Student) -> None:
    session = forty.session()
    turn = shown_before_the_turn(forty)
    session.answer(turn, 4, Answer())
    assert forty.store.connection.execute("SELECT study_day FROM review").fetchall() == [("2026-03-10",)]
    schedule = forty.store.card_by_no(turn.stored.no).state.schedule  # type: ignore[union-attr]
    assert (str(schedule.reviewed_on), str(schedule.due_on)) == ("2026-03-10", "2026-03-11")
    assert session.counts.new == 9
    assert session.day == forty.day


@pytest.mark.parametrize("act", ["bury", "suspend", "flag"])
def test_so_does_any_other_act(forty: Student, act: str) -> None:
    session = forty.session()
    turn = shown_before_the_turn(forty)
    getattr(session, act)(turn)
    days = forty.store.connection.execute("SELECT study_day, action FROM review").fetchall()
    assert days == [("2026-03-10", act)]


def test_a_card_buried_after_the_turn_stays_away_for_the_new_day(forty: Student) -> None:
    session = forty.session()
    turn = shown_before_the_turn(forty)
    session.bury(turn)
    assert turn.card.id not in {key for _, key in forty.study(4)}
    forty.sleep()
    assert turn.card.id in {key for _, key in forty.study(4)}


def test_previews_are_those_of_the_new_day_once_the_turn_is_looked_at_again(forty: Student) -> None:
    forty.study(4, most=1)
    forty.clock.moment = (START + timedelta(days=1)).replace(hour=3, minute=58)
    forty.sleep()
    session = forty.session()
    turn = session.next()
    assert turn is not None
    before = turn.day
    forty.clock.moment += timedelta(minutes=4)
    fresh = session.refresh(turn)
    assert session.previews(fresh)[4].interval_days == session.previews(turn)[4].interval_days
    assert (turn.day, fresh.day) == (before, before + timedelta(days=1))
    assert fresh.showing.review_uid == turn.showing.review_uid


def test_a_hard_card_asked_again_over_the_turn_does_not_jump_an_interval(forty: Student) -> None:
    """It was reviewed yesterday; four minutes are no interval."""
    forty.set(new_per_day=1)
    for _ in range(3):
        forty.study(4)
        forty.set(new_per_day=0)
        due_on = forty.store.card_by_no(1).state.schedule.due_on  # type: ignore[union-attr]
        forty.clock.moment = datetime(due_on.year, due_on.month, due_on.day, 23, tzinfo=UTC)  # type: ignore[union-attr]
    forty.study(3, most=1)
    session = forty.session()
    turn = session.next()
    assert turn is not None
    assert turn.origin == "reask"
    forty.clock.moment += timedelta(hours=6)
    before = forty.store.card_by_no(1).state  # type: ignore[union-attr]
    refreshed = session.refresh(turn)
    assert not any(preview.moves or preview.asks_again for preview in session.previews(refreshed).values())
    session.answer(turn, 4, Answer())
    assert forty.store.card_by_no(1).state == before  # type: ignore[union-attr]
    (action,) = forty.store.connection.execute("SELECT action FROM review ORDER BY id DESC LIMIT 1").fetchone()
    assert action == "cram"
    assert session.next() is None


def test_a_failed_card_asked_again_over_the_turn_is_the_review_it_has_become(forty: Student) -> None:
    forty.clock.moment = START.replace(hour=3, minute=50)
    session = forty.session()
    for _ in range(5):
        forty.answer(session, 2)
    turn = session.next()
    while turn is not None and turn.origin != "reask":
        session.answer(turn, 4, Answer())
        turn = session.next()
    assert turn is not None
    forty.clock.moment = START.replace(hour=4, minute=2)
    session.answer(turn, 4, Answer())
    (action, day) = forty.store.connection.execute(
        "SELECT action, study_day FROM review ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert (action, day) == ("review", "2026-03-10")
    assert session.counts == Counts(new=10, due=5), "all others of yesterday are due"


# Undo


def test_undo_names_the_card_and_where_it_stands(desk: Desk) -> None:
    session = open_session(desk.workspace, Scope(section="1.2"))
    desk.answer("patch-count", 4)
    undone = session.undo()
    assert undone is not None
    assert (undone.key, undone.section) == ("patch-count", "1.1")
    assert undone_words(undone, "Good") == "Undone: Good on “patch-count” (section 1.1)."
    acts = CardActions(desk.workspace)
    acts.toggle_suspended(desk.card("patch-what").no)
    taken = acts.undo()
    assert taken is not None
    assert undone_words(taken) == "Undone: suspending “patch-what” (section 1.1)."


def test_a_card_of_elsewhere_answered_after_undo_leaves_the_counts_of_the_scope(desk: Desk) -> None:
    desk.answer("latent-choice", 4)
    session = open_session(desk.workspace, Scope(section="1.1"))
    assert session.counts == Counts(new=2)
    session.undo()
    turn = session.next()
    assert turn is not None
    assert turn.card.id == "latent-choice"
    session.answer(turn, 2, Answer())
    assert session.counts == Counts(new=2)


def test_a_card_that_is_not_asked_today_does_not_come_because_its_flag_was_undone(desk: Desk) -> None:
    desk.answer("patch-count", 4)
    CardActions(desk.workspace).toggle_flagged(desk.card("patch-count").no)
    session = open_session(desk.workspace)
    session.undo()
    turn = session.next()
    assert turn is not None
    assert turn.card.id != "patch-count"


# Time


def test_the_time_of_an_answer_is_bounded_whoever_measured_it(forty: Student) -> None:
    session = forty.session()
    turn = session.next()
    assert turn is not None
    session.answer(turn, 4, Answer(duration_ms=9 * 3_600_000))
    (milliseconds,) = forty.store.connection.execute("SELECT duration_ms FROM review").fetchone()
    assert 60_000 <= milliseconds <= 120_000


def test_a_new_card_asked_again_is_still_seen_for_the_first_time_today(forty: Student) -> None:
    forty.set(new_per_day=1)
    session = forty.session()
    turn = session.next()
    assert turn is not None
    assert turn.is_new
    session.answer(turn, 2, Answer())
    again = session.next()
    assert again is not None
    assert again.origin == "reask"
    assert again.is_new
    session.answer(again, 4, Answer())
    forty.sleep()
    due_now = forty.session().next()
    assert due_now is not None
    assert not due_now.is_new
