"""Cards follow the course's files; schedules never change by it."""

from __future__ import annotations

import pytest

from studytui.store import StoreError, SyncReport
from studytui.store.records import CompiledCard, FileStamp
from tests.store.learner import COURSE, DAY, PRISTINE, Learner, compiled, stamp

TEN = [compiled(number) for number in range(10)]


def sync(learner: Learner, files: list[FileStamp], cards: list[CompiledCard]) -> SyncReport:
    return learner.store.sync_course(COURSE, "A course", "2", files, cards)


def test_the_same_course_again_changes_nothing(learner: Learner) -> None:
    learner.answer(0, 4)
    before = learner.card(0)
    assert sync(learner, [stamp()], []) == SyncReport(0, 0, 0, 0)
    assert sync(learner, [stamp()], TEN) == SyncReport(0, 0, 0, 0)
    assert learner.card(0) == before


def test_the_files_are_remembered_as_they_were_compiled(learner: Learner) -> None:
    assert learner.store.course_files(COURSE) == {"cards/01.toml": stamp()}
    assert learner.store.course_files("other") == {}
    assert learner.store.course_no("other") is None
    later = FileStamp("cards/01.toml", size=100, mtime_ns=99, sha256=stamp().sha256)
    sync(learner, [later], [])
    assert learner.store.course_files(COURSE) == {"cards/01.toml": later}


def test_an_edited_card_keeps_its_schedule(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.act("flag", 0, flagged=True)
    before = learner.card(0)
    edited = compiled(0, payload='{"front": "Better"}', line=7, position=99, section="1.2")
    assert sync(learner, [stamp(content="b")], [edited, *TEN[1:]]) == SyncReport(0, 1, 0, 0)
    after = learner.card(0)
    assert (after.payload, after.line) == ('{"front": "Better"}', 7)
    assert (after.no, after.state, after.last_review_id) == (before.no, before.state, before.last_review_id)


def test_a_card_that_left_is_archived_and_comes_back_with_its_schedule(learner: Learner) -> None:
    learner.answer(0, 4)
    scheduled = learner.card(0).state
    assert sync(learner, [stamp(content="b")], TEN[1:]) == SyncReport(0, 0, 1, 0)
    learner.sleep()
    assert learner.store.pick("due", learner.course_no, learner.day) is None
    assert learner.card(0).state == scheduled
    assert sync(learner, [stamp(content="c")], TEN) == SyncReport(0, 0, 0, 1)
    due = learner.store.pick("due", learner.course_no, learner.day)
    assert due is not None
    assert (due.key, due.state) == ("card-0", scheduled)


def test_a_file_that_left_takes_its_cards_along(learner: Learner) -> None:
    other = compiled(20, path="cards/02.toml")
    sync(learner, [stamp(), stamp("cards/02.toml")], [other])
    assert learner.card(20).state == PRISTINE
    assert sync(learner, [stamp()], []) == SyncReport(0, 0, 1, 0)
    assert set(learner.store.course_files(COURSE)) == {"cards/01.toml"}


def test_a_card_may_move_to_another_file(learner: Learner) -> None:
    learner.answer(9, 4)
    moved = compiled(9, path="cards/02.toml", line=1)
    files = [stamp(content="b"), stamp("cards/02.toml")]
    assert sync(learner, files, [*TEN[:9], moved]) == SyncReport(0, 0, 0, 0)
    assert learner.card(9).path == "cards/02.toml"
    assert learner.card(9).state.schedule.repetitions == 1


def test_an_id_in_a_changed_file_and_in_an_unchanged_one_is_an_error(learner: Learner) -> None:
    files = [stamp(), stamp("cards/02.toml")]
    with pytest.raises(StoreError, match=r'"card-3" is in cards/02\.toml:5 and in cards/01\.toml:31'):
        sync(learner, files, [compiled(3, path="cards/02.toml", line=5)])
    assert learner.card(3).path == "cards/01.toml"
    assert set(learner.store.course_files(COURSE)) == {"cards/01.toml"}


def test_siblings_are_marked_anew(learner: Learner) -> None:
    assert not learner.card(0).has_siblings
    paired = [compiled(0, sibling_group="pair"), compiled(1, sibling_group="pair"), *TEN[2:]]
    sync(learner, [stamp(content="b")], paired)
    assert learner.card(0).has_siblings
    assert learner.card(1).has_siblings
    sync(learner, [stamp(content="c")], [paired[0], *TEN[2:]])
    assert not learner.card(0).has_siblings, "its only sibling left the course"


def test_two_courses_may_use_the_same_ids(learner: Learner) -> None:
    learner.answer(0, 4)
    report = learner.store.sync_course("other", "Another", "1", [stamp()], TEN)
    assert report == SyncReport(10, 0, 0, 0)
    other_no = learner.store.course_no("other")
    assert other_no is not None
    card = learner.store.pick("new", other_no, DAY)
    assert card is not None
    assert (card.key, card.state) == ("card-0", PRISTINE)
