"""The queue's own rules: when a missed card comes back, which of a group comes, how days ahead fill."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.queue import (
    REASK_EVERY,
    REASK_GAPS,
    AnswerKind,
    Counts,
    DayAnswers,
    Scope,
    Waiting,
    choose,
    first_of_groups,
    mix_every,
    new_may_go_first,
)

DAY = date(2026, 3, 10)
KINDS: tuple[AnswerKind, ...] = ("review", "reask", "cram")


def answers(*given: tuple[int, AnswerKind]) -> DayAnswers:
    found = DayAnswers()
    for row_id, (card, kind) in enumerate(given, 1):
        found.add(row_id, card, kind)
    return found


def test_a_missed_card_waits_for_five_others_and_longer_each_time() -> None:
    found = answers((1, "review"))
    waits = []
    for number in range(len(REASK_GAPS)):
        waits.append(found.left_to_wait(1))
        assert found.reasks(1) == number
        found.add(100 + number, 1, "reask")
    assert waits == list(REASK_GAPS)
    assert found.is_spent(1)


def test_other_answers_shorten_the_wait_and_extra_study_counts_as_others() -> None:
    found = answers((1, "review"), (2, "review"), (3, "cram"), (4, "reask"))
    assert found.since(1) == 3
    assert found.left_to_wait(1) == 2
    assert found.since(9) is None
    assert found.left_to_wait(9) == 0
    found.take_back(3)
    assert found.left_to_wait(1) == 3


def test_a_card_studied_beside_the_schedule_meanwhile_has_been_seen() -> None:
    found = answers((1, "review"), *[(n, "review") for n in range(2, 8)], (1, "cram"))
    assert found.left_to_wait(1) == REASK_GAPS[0]
    assert found.reasks(1) == 0


def test_a_new_review_of_the_same_day_starts_anew() -> None:
    assert answers((1, "review"), (1, "reask"), (1, "reask"), (1, "review")).reasks(1) == 0


def test_while_others_wait_a_reask_comes_only_after_two_of_them() -> None:
    found = answers(*[(n, "review") for n in range(1, 8)], (1, "reask"), (8, "review"))
    assert found.next_reask([1, 2, 3], others_wait=True) is None
    found.add(10, 9, "review")
    assert found.next_reask([1, 2, 3], others_wait=True) == 2, "the one missed longest ago"
    assert found.next_reask([1], others_wait=True) is None, "its gap is not over"
    assert found.next_reask([], others_wait=True) is None


def test_where_nothing_else_waits_the_nearest_comes_but_not_the_last_one_again() -> None:
    found = answers((1, "review"), (2, "review"), (2, "reask"), (1, "reask"))
    assert found.next_reask([1, 2], others_wait=False) == 2
    assert found.next_reask([1], others_wait=False) == 1
    assert found.next_reask([], others_wait=False) is None


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(KINDS)), max_size=40), st.data())
def test_taking_answers_back_is_as_if_they_had_not_been_given(
    given_answers: list[tuple[int, AnswerKind]], data: st.DataObject
) -> None:
    rows = list(enumerate(given_answers, 1))
    gone = data.draw(st.sets(st.integers(1, max(1, len(rows)))))
    found, without = DayAnswers(), DayAnswers()
    for row_id, (card, kind) in data.draw(st.permutations(rows)):
        found.add(row_id, card, kind)
        found.add(row_id, card, kind)
    for row_id in gone:
        found.take_back(row_id)
        found.take_back(row_id)
    for row_id, (card, kind) in rows:
        if row_id not in gone:
            without.add(row_id, card, kind)
    for card in range(1, 8):
        assert (found.since(card), found.reasks(card)) == (without.since(card), without.reasks(card))
    assert (len(found), found.last_card, found.since_reask) == (len(without), without.last_card, without.since_reask)


@given(
    st.integers(0, 30),
    st.dictionaries(st.integers(0, 29), st.lists(st.booleans(), max_size=4), max_size=12),
)
def test_a_day_shows_everything_once_and_never_too_many_missed_cards_in_a_row(
    others: int, misses: dict[int, list[bool]]
) -> None:
    """`misses` says of a card how each of its answers ends; what it does not name is right."""
    found, waiting, shown = DayAnswers(), set[int](), list[tuple[int, bool]]()
    fates = {card: list(fate) for card, fate in misses.items()}
    rest = list(range(others))
    while rest or waiting:
        card = found.next_reask(waiting, others_wait=bool(rest))
        is_reask = card is not None
        if card is None:
            card = rest.pop(0)
        shown.append((card, is_reask))
        found.add(len(shown), card, "reask" if is_reask else "review")
        fate = fates.get(card, [])
        waiting.discard(card)
        if fate and fate.pop(0) and not found.is_spent(card):
            waiting.add(card)
    assert [card for card, is_reask in shown if not is_reask] == list(range(others))
    last_other = max((at for at, (_, is_reask) in enumerate(shown) if not is_reask), default=0)
    for at in range(last_other - REASK_EVERY + 2):
        assert sum(is_reask for _, is_reask in shown[at : at + REASK_EVERY]) <= 1
    for card in range(others):
        places = [at for at, (other, _) in enumerate(shown) if other == card]
        assert len(places) <= 1 + len(REASK_GAPS)
        for gap, (before, after) in zip(REASK_GAPS, pairwise(places), strict=False):
            assert after - before - 1 >= gap or after > last_other


@pytest.mark.parametrize(
    ("counts", "how", "origin"),
    [
        (Counts(), {}, None),
        (Counts(reask=1), {}, None),
        (Counts(new=1, due=1, reask=1), {"reask_ready": True}, "reask"),
        (Counts(new=1, due=1), {}, "due"),
        (Counts(new=1, due=1), {"new_cards": "before"}, "new"),
        (Counts(new=1), {}, "new"),
        (Counts(new=1, due=3), {"new_cards": "mixed", "shown": 3, "mix_every": 4}, "new"),
        (Counts(new=1, due=3), {"new_cards": "mixed", "shown": 2, "mix_every": 4}, "due"),
    ],
)
def test_what_comes_next(counts: Counts, how: dict[str, object], origin: str | None) -> None:
    assert choose(counts, **({"reask_ready": False} | how)) == origin  # type: ignore[arg-type]


def test_new_cards_are_mixed_in_evenly() -> None:
    assert mix_every(Counts(new=10, due=30)) == 4
    assert mix_every(Counts(due=30)) == 0


def test_a_scope_holds_its_cards() -> None:
    assert Scope().holds("1", "1.1")
    assert Scope(chapter="1").holds("1", "1.1")
    assert not Scope(chapter="1").holds("2", "2.1")
    assert not Scope(section="1.2").holds("1", "1.1")


def test_of_a_group_the_first_comes_that_is_not_held() -> None:
    cards = [
        Waiting(1, "a", DAY, held=True),
        Waiting(2, "a", DAY),
        Waiting(3, "a", DAY),
        Waiting(4, "b", DAY + timedelta(days=1)),
        Waiting(5, "c", DAY - timedelta(days=9)),
    ]
    assert [card.no for card in first_of_groups(cards, DAY)] == [2, 5]


@given(st.dates())
def test_every_third_day_a_new_card_may_go_first(day: date) -> None:
    later = [new_may_go_first(date.fromordinal(min(day.toordinal(), date.max.toordinal() - 2) + n)) for n in range(3)]
    assert later.count(True) == 1
