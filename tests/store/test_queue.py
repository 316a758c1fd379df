"""The queue: which card is next, and how many are left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studytui.domain.queue import Counts, Limits, Scope
from studytui.domain.sm2 import Schedule
from studytui.store import Done
from tests.store.learner import DAY, Learner, compiled, new_learner


def due(learner: Learner, number: int, *, days_ago: int = 0, ease: int = 250) -> None:
    schedule = Schedule(ease_factor=ease, interval_days=6, due_on=learner.day - timedelta(days=days_ago))
    learner.act("reset", number, schedule=schedule)


def picked(learner: Learner, origin: str, **how: object) -> str | None:
    card = learner.store.pick(origin, learner.course_no, learner.day, **how)  # type: ignore[arg-type]
    return card.key if card else None


def missed(learner: Learner) -> list[str]:
    found = learner.store.missed(learner.course_no, learner.day)
    return [card.key for no in found if (card := learner.store.card_by_no(no))]


def counts(learner: Learner, limits: Limits | None = None, **how: object) -> Counts:
    limits = limits or Limits(new_per_day=100, reviews_per_day=100)
    return learner.store.counts(learner.course_no, learner.day, limits=limits, **how)  # type: ignore[arg-type]


def test_new_cards_come_in_the_order_of_the_course(learner: Learner) -> None:
    assert picked(learner, "new") == "card-0"
    assert picked(learner, "due") is None
    assert missed(learner) == []


def test_a_card_has_all_that_a_session_needs(learner: Learner) -> None:
    card = learner.card(3)
    assert (card.key, card.path, card.line, card.has_siblings) == ("card-3", "cards/01.toml", 31, False)
    assert card.payload == '{"front": "Question 3"}'
    assert learner.store.card_by_no(card.no) == card
    assert learner.store.card_by_no(999) is None
    assert learner.store.card(learner.course_no, "nobody") is None


def test_due_cards_come_longest_overdue_first_then_in_the_order_of_the_course(learner: Learner) -> None:
    due(learner, 4)
    due(learner, 3)
    due(learner, 7, days_ago=2)
    due(learner, 8, days_ago=-1)
    order = []
    while key := picked(learner, "due"):
        order.append(key)
        learner.answer(int(key.removeprefix("card-")), 4)
    assert order == ["card-7", "card-3", "card-4"]


def test_hardest_first_takes_the_lowest_ease(learner: Learner) -> None:
    due(learner, 1, days_ago=3)
    due(learner, 2, ease=140)
    assert picked(learner, "due", order="hardest") == "card-2"


def test_a_shuffle_is_the_same_all_day_and_another_the_next(learner: Learner) -> None:
    for number in range(10):
        due(learner, number)
    first = picked(learner, "due", order="shuffled")
    assert picked(learner, "due", order="shuffled") == first
    on_days = set()
    for _ in range(10):
        on_days.add(picked(learner, "due", order="shuffled"))
        learner.sleep()
    assert len(on_days) > 3


def test_missed_cards_are_asked_again_on_the_same_day_three_times_at_most(learner: Learner) -> None:
    for number in (5, 2, 8):
        learner.answer(number, 2)
    assert missed(learner) == ["card-5", "card-2", "card-8"]
    learner.answer(2, 4)
    assert missed(learner) == ["card-5", "card-8"]
    for _ in range(3):
        learner.answer(5, 3)
    assert missed(learner) == ["card-8"]
    assert counts(learner).reask == 1
    learner.undo()
    assert sorted(missed(learner)) == ["card-5", "card-8"]
    learner.sleep()
    assert missed(learner) == [], "a re-ask ends with the day; the card is due instead"
    assert picked(learner, "due") is not None


def test_suspended_buried_and_archived_cards_are_not_shown(learner: Learner) -> None:
    learner.act("suspend", 0, suspended=True)
    learner.act("bury", 1, buried_on=learner.day)
    learner.store.connection.execute("UPDATE card SET archived = 1 WHERE key = 'card-2'")
    assert picked(learner, "new") == "card-3"
    assert counts(learner) == Counts(new=7)
    learner.sleep()
    assert picked(learner, "new") == "card-1"


def test_a_scope_keeps_to_a_chapter_or_section(path: Path) -> None:
    places = [("1", "1.1"), ("1", "1.2"), ("2", "2.1"), ("2", "2.2")]
    learner = new_learner(path, [compiled(n, chapter=c, section=s) for n, (c, s) in enumerate(places)])
    assert picked(learner, "new", scope=Scope(chapter="2")) == "card-2"
    assert picked(learner, "new", scope=Scope(section="1.2")) == "card-1"
    assert picked(learner, "new", scope=Scope(section="3.1")) is None
    assert counts(learner, scope=Scope(chapter="2")) == Counts(new=2)
    learner.store.close()


def test_siblings_wait_for_another_day(path: Path) -> None:
    cards = [compiled(0, sibling_group="same"), compiled(1, sibling_group="same"), compiled(2)]
    learner = new_learner(path, cards)
    assert learner.card(0).has_siblings
    assert not learner.card(2).has_siblings
    assert counts(learner) == Counts(new=2)
    learner.answer(0, 4)
    assert picked(learner, "new") == "card-2"
    assert picked(learner, "new", bury_siblings=False) == "card-1"
    assert counts(learner) == Counts(new=1)
    assert counts(learner, bury_siblings=False) == Counts(new=2)
    learner.sleep()
    assert picked(learner, "due") == "card-0"
    assert picked(learner, "new") == "card-2", "a new card waits while its sibling is due"
    assert counts(learner) == Counts(new=1, due=1)
    learner.answer(0, 4)
    learner.sleep()
    assert picked(learner, "new") == "card-1"
    learner.store.close()


def test_a_missed_card_is_asked_again_whatever_its_siblings_do(path: Path) -> None:
    learner = new_learner(path, [compiled(n, sibling_group="same") for n in range(2)])
    learner.answer(0, 2)
    assert missed(learner) == ["card-0"]
    learner.store.close()


def test_counts_stay_within_the_limits(learner: Learner) -> None:
    for number in range(4):
        due(learner, number)
    learner.answer(9, 2)
    assert counts(learner, Limits(new_per_day=3, reviews_per_day=2)) == Counts(new=3, due=2, reask=1)
    assert counts(learner, Limits(new_per_day=0, reviews_per_day=0)) == Counts(reask=1)


def test_done_today_counts_scheduled_reviews_that_stand(learner: Learner) -> None:
    due(learner, 0)
    learner.answer(0, 4)
    learner.answer(1, 2)
    learner.answer(1, 4)
    assert learner.store.done_today(learner.course_no, DAY) == Done(new=1, reviews=1)
    learner.undo()
    assert learner.store.done_today(learner.course_no, DAY) == Done(new=1, reviews=1), "only the re-ask is gone"
    learner.undo()
    assert learner.store.done_today(learner.course_no, DAY) == Done(new=0, reviews=1)
    assert learner.store.done_today(learner.course_no, DAY + timedelta(days=1)) == Done(0, 0)
    assert learner.store.done_today(learner.course_no + 1, DAY) == Done(0, 0)


def test_done_today_sees_what_another_window_did(learner: Learner, path: Path) -> None:
    assert learner.store.done_today(learner.course_no, DAY) == Done(0, 0)
    other = replace(learner, store=type(learner.store).open(path, today=DAY))
    other.answer(0, 4)
    assert learner.store.done_today(learner.course_no, DAY) == Done(new=1, reviews=0)
    learner.undo()
    assert other.store.done_today(learner.course_no, DAY) == Done(0, 0)
    other.store.close()


@pytest.mark.parametrize("back", [1, 2, 3650])
def test_done_today_is_right_when_the_study_day_goes_back(learner: Learner, back: int) -> None:
    learner.answer(0, 4)
    learner.sleep(-back)
    learner.answer(1, 4)
    learner.sleep(back)
    learner.answer(2, 4)
    assert learner.store.done_today(learner.course_no, DAY) == Done(new=2, reviews=0)
