"""The store in other threads than its own: what reads may be called there, also while the app leaves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from studytui.domain.queue import Limits
from studytui.errors import StoreError
from studytui.store import Store
from tests.store.learner import DAY, Learner

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

READS: dict[str, Callable[[Store, int], object]] = {
    "answers_today": lambda store, no: [store.answers_today(no, DAY).is_spent(card) for card in range(12)],
    "card": lambda store, no: store.card(no, "card-3"),
    "card_by_no": lambda store, no: store.card_by_no(4),
    "card_places": lambda store, no: store.card_places(no),
    "cards_ahead": lambda store, no: store.cards_ahead([no], NOW, DAY),
    "coming": lambda store, no: store.coming(no, DAY, DAY + timedelta(days=30)),
    "counts": lambda store, no: store.counts(no, DAY, limits=Limits(new_per_day=5, reviews_per_day=5)),
    "course_files": lambda store, no: store.course_files("course"),
    "course_key": lambda store, no: store.course_key(no),
    "course_no": lambda store, no: store.course_no("course"),
    "days_in_a_row": lambda store, no: store.days_in_a_row([no], DAY),
    "done_today": lambda store, no: store.done_today(no, DAY),
    "has_answers": lambda store, no: store.has_answers,
    "kinds": lambda store, no: store.kinds("new", no, DAY, most=5),
    "kinds_of": lambda store, no: store.kinds_of([1, 2]),
    "last_act": lambda store, no: store.last_act(no),
    "live_cards": lambda store, no: store.live_cards(no),
    "missed": lambda store, no: store.missed(no, DAY),
    "new_first": lambda store, no: store.new_first(no, DAY, limits=Limits(new_per_day=5, reviews_per_day=5)),
    "overdue": lambda store, no: store.overdue(no, DAY),
    "pick": lambda store, no: store.pick("new", no, DAY),
    "recent_times": lambda store, no: store.recent_times(no, most=5, reach=50),
    "state": lambda store, no: store.state("screen", "home", dict),
    "states": lambda store, no: store.states("screen", dict),
}


@pytest.fixture
def answered(learner: Learner) -> Learner:
    learner.answer(1, 4)
    learner.answer(2, 2)
    learner.store.put_state("screen", "home", {"row": 3}, at=NOW)
    return learner


@pytest.mark.parametrize("name", READS)
def test_another_thread_reads_what_the_own_one_reads(answered: Learner, name: str) -> None:
    read, store = READS[name], answered.store
    with ThreadPoolExecutor(1) as other:
        found = other.submit(read, store, answered.course_no).result()
    assert found == read(store, answered.course_no)


def test_a_store_that_is_closed_while_another_thread_reads_ends_neither(answered: Learner) -> None:
    store, has_begun = answered.store, Event()

    def read_on() -> int:
        for turn in range(10**9):
            try:
                assert store.state("screen", "home", dict) == {"row": 3}
                assert store.card_by_no(1) is not None
            except StoreError as error:
                assert "closed" in str(error)
                return turn
            has_begun.set()
        raise AssertionError

    with ThreadPoolExecutor(2) as others:
        turns = [others.submit(read_on) for _ in range(2)]
        assert has_begun.wait(10)
        store.close()
        assert all(turn.result(timeout=20) >= 0 for turn in turns)
    assert not store.path.with_name("study.db-wal").exists()
    with closing(Store.open(store.path, today=DAY)) as again:
        assert again.has_answers
