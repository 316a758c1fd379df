"""After a break: spread over some days and taken back as one act; the log proves it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studytui.domain.settings import Settings
from studytui.domain.sm2 import Schedule
from studytui.store.doctor import examine
from studytui.store.records import LiveCard
from studytui.study.backlog import (
    keep_whole,
    last_spread,
    leech_words,
    leeches,
    read_backlog,
    spread_backlog,
    spread_over,
    undo_spread,
)
from studytui.study.card_actions import CardActions, undone_words
from studytui.study.review import Answer, left_today, open_session
from studytui.study.workspace import Workspace
from tests.study.test_plan import card
from tests.ui.tiny_course import TestClock, write_course

DAY = date(2026, 11, 30)


def overdue(number: int, group: str, interval: int, ago: int) -> LiveCard:
    reviewed = DAY - timedelta(days=ago + interval)
    schedule = Schedule(interval_days=interval, repetitions=2, due_on=DAY - timedelta(days=ago), reviewed_on=reviewed)
    return LiveCard(number, f"card-{number}", "1", "1.1", "basic", group, schedule, leech=False, suspended=False)


CARDS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 90), st.integers(0, 60)), min_size=1, max_size=80
).map(lambda rows: [overdue(number, *row) for number, row in enumerate(rows)])


@settings(deadline=None)
@given(cards=CARDS, days=st.integers(2, 14), ahead=st.lists(st.integers(0, 20), min_size=14, max_size=14))
def test_every_card_gets_a_day_and_the_days_are_even(cards: list[LiveCard], days: int, ahead: list[int]) -> None:
    coming = {DAY + timedelta(days=number): count for number, count in enumerate(ahead) if number}
    placed = spread_over(cards, DAY, days, coming=coming, recalled=0.9)
    assert set(placed) == {card.no for card in cards}
    given_to = Counter(placed.values())
    assert all(DAY <= on < DAY + timedelta(days=days) for on in given_to)
    full = {on: count + coming.get(on, 0) for on, count in given_to.items()}
    for number in range(days):
        on = DAY + timedelta(days=number)
        assert max(full.values()) <= max(given_to[on] + coming.get(on, 0), 0) + 1


def test_what_is_most_likely_forgotten_comes_first() -> None:
    cards = [overdue(1, "a", 60, 5), overdue(2, "b", 1, 5), overdue(3, "c", 6, 5), overdue(4, "d", 20, 5)]
    placed = spread_over(cards, DAY, 4, coming={}, recalled=0.9)
    assert sorted(placed, key=lambda no: placed[no]) == [2, 3, 4, 1]


def test_siblings_come_on_different_days() -> None:
    cards = [overdue(number, "same", 6, number) for number in range(3)]
    assert len(set(spread_over(cards, DAY, 3, coming={}, recalled=0.9).values())) == 3


@pytest.fixture
def back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Forty cards met on one day, and eleven days without a review."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    root = write_course(tmp_path / "course", cards="".join(card(number, "1.1") for number in range(50)))
    clock = TestClock(datetime(2026, 11, 30, 9, tzinfo=UTC))
    workspace = Workspace.open(root, clock=clock, settings=Settings(start_labs=False, new_per_day=40))
    workspace.store.connection.execute("PRAGMA synchronous = OFF")
    session = open_session(workspace)
    while turn := session.next():
        session.answer(turn, 4, Answer())
    clock.moment += timedelta(days=12)
    return workspace


def test_a_break_is_spread_and_taken_back_as_one_act(back: Workspace) -> None:
    before = read_backlog(back)
    assert before.is_offered
    assert before.words == "Back after 12 days: 40 cards are overdue."
    assert before.a_day(4) == 10
    states = [one.schedule for one in back.store.live_cards(back.course_no)]
    spread = spread_backlog(back, 4)
    assert spread is not None
    assert spread.words == "40 cards spread over 4 days. New cards wait until 2026-12-16."
    counts = left_today(back.store, back.course_no, back.today(), back.settings).counts
    assert (counts.due, counts.new) == (10, 0)
    assert not read_backlog(back).is_offered
    assert not examine(back.store, now=back.clock.now())
    assert undo_spread(back) == 30
    assert [one.schedule for one in back.store.live_cards(back.course_no)] == states
    counts = left_today(back.store, back.course_no, back.today(), back.settings).counts
    assert (counts.due, counts.new) == (40, 11)
    assert not examine(back.store, now=back.clock.now())
    assert undo_spread(back) is None


def test_what_was_answered_since_stays_when_a_spread_is_taken_back(back: Workspace) -> None:
    spread_backlog(back, 4)
    session = open_session(back)
    for _ in range(10):
        turn = session.next()
        assert turn is not None
        session.answer(turn, 4, Answer())
    assert session.next() is None
    back.clock.moment += timedelta(days=1)  # type: ignore[attr-defined]
    turn = open_session(back).next()
    assert turn is not None
    open_session(back).answer(turn, 4, Answer())
    assert undo_spread(back) == 29
    assert last_spread(back) is None


def test_new_cards_come_again_after_the_last_day(back: Workspace) -> None:
    spread_backlog(back, 2)
    back.clock.moment += timedelta(days=2)  # type: ignore[attr-defined]
    assert left_today(back.store, back.course_no, back.today(), back.settings).counts.new == 11
    assert last_spread(back) is None


def test_doing_it_all_is_not_asked_again(back: Workspace) -> None:
    keep_whole(back)
    assert not read_backlog(back).is_offered


@pytest.mark.parametrize("days", [0, 1, 61])
def test_days_out_of_range(back: Workspace, days: int) -> None:
    with pytest.raises(ValueError, match="from 2 to 60 days"):
        spread_backlog(back, days)


def test_leeches_are_named_with_what_to_do(back: Workspace) -> None:
    assert leech_words(leeches(back)) == ""
    found = [overdue(number, "a", 1, 0) for number in range(3)]
    assert leech_words(found) == (
        "3 cards you keep forgetting: card-0 (1.1), card-1 (1.1) and 1 more. "
        "Reword them, read their section, or practise their neighbours."
    )


def test_undo_in_a_review_takes_a_spread_back_whole(back: Workspace) -> None:
    states = [one.schedule for one in back.store.live_cards(back.course_no)]
    spread_backlog(back, 4)
    session = open_session(back)
    turn = session.next()
    assert turn is not None
    session.answer(turn, 4, Answer())
    undone = session.undo()
    assert undone is not None
    assert undone.grade == 4
    undone = session.undo()
    assert undone is not None
    assert undone_words(undone) == "Undone: spreading 30 cards over days. New cards come again."
    assert [one.schedule for one in back.store.live_cards(back.course_no)] == states
    assert session.counts.new == 11
    assert last_spread(back) is None
    assert not examine(back.store, now=back.clock.now())
    undone = CardActions(back).undo()
    assert undone is not None
    assert undone.cards == 1
