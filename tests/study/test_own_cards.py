"""Cards of the learner's own: written beside the course, scheduled with it, never rewritten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from studytui.course.user_cards import add_card
from studytui.errors import CourseError
from studytui.study import card_actions
from studytui.study.cards import card_entries
from studytui.study.review import open_session
from tests.store.surroundings import no_file_beyond
from tests.study.desk import Desk

BASIC = {"section": "1.1", "covers": "1.1-01", "front": "What is mine?", "back": "This."}


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_card_is_written_beside_the_course_and_scheduled_with_it(desk: Desk) -> None:
    before = files(desk.root)
    added = card_actions.add_own_card(desk.workspace, "basic", BASIC)
    assert added.id == "own-what-is-mine"
    assert added.path == desk.workspace.own / "cards/own.toml"
    assert files(desk.root) == before, "the course itself is not touched"
    assert added.path.read_text(encoding="utf-8").splitlines()[added.line - 1] == "[[card]]"
    assert desk.card(added.id).payload
    assert [entry.card.id for entry in card_entries(desk.workspace)][-1] == added.id, "after the course's own"
    desk.answer(added.id, 4)
    assert open_session(desk.workspace).counts.new == 4
    desk.clock.moment += timedelta(days=1)
    assert open_session(desk.workspace).counts.due == 1


def test_what_stands_in_the_file_stays_byte_for_byte(desk: Desk) -> None:
    path = desk.workspace.own / "cards/own.toml"
    path.parent.mkdir(parents=True)
    by_hand = (
        b"# mine\r\n[[card]]  # first\r\nid = 'own-hand'\r\nsection = '1.1'\r\ncovers=['1.1-01']\r\nkind = 'basic'\r\n"
        b"front = '''Why?\r\n[[card]]'''\r\n# the end"
    )
    path.write_bytes(by_hand)
    desk.workspace.reload()
    added = card_actions.add_own_card(desk.workspace, "basic", BASIC)
    again = card_actions.add_own_card(desk.workspace, "basic", BASIC | {"front": "What else?"})
    assert path.read_bytes().startswith(by_hand)
    assert [desk.card(key).key for key in ("own-hand", added.id, again.id)]
    assert desk.card(again.id).line == again.line


def test_an_edit_by_hand_keeps_the_schedule_and_a_deletion_archives(desk: Desk) -> None:
    added = card_actions.add_own_card(desk.workspace, "basic", BASIC)
    desk.answer(added.id, 4)
    text = added.path.read_text(encoding="utf-8")
    added.path.write_text(text.replace("This.", "That."), encoding="utf-8")
    desk.workspace.reload()
    assert desk.card(added.id).state.schedule.repetitions == 1
    assert "That." in desk.card(added.id).payload
    added.path.unlink()
    desk.workspace.reload()
    assert desk.rows("SELECT archived, repetitions FROM card WHERE key = ?", added.id) == [(1, 1)]


def test_ids_are_unique_against_the_course_and_each_other(desk: Desk) -> None:
    first = card_actions.add_own_card(desk.workspace, "basic", BASIC)
    assert card_actions.add_own_card(desk.workspace, "basic", BASIC).id == f"{first.id}-2"
    for taken in ("patch-count", first.id):
        with pytest.raises(CourseError, match="choose another") as caught:
            card_actions.add_own_card(desk.workspace, "basic", BASIC | {"id": taken})
        assert caught.value.field == "id"


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"section": "7.7"}, "section", "the course has no section “7.7”"),
        ({"section": "one"}, "section", "is not of the form"),
        ({"covers": "1.1-99"}, "covers", "the course has no objective “1.1-99”"),
        ({"helpers": "ear"}, "helpers", "the course has no helper “ear”"),
        ({"lens": "nose"}, "lens", "the course has no lens “nose”"),
        ({"lab": "patches.cuont"}, "lab", "Did you mean patches.count"),
        ({"lab": "patches.count image_size=5000000"}, "lab", "cannot be posed"),
        ({"dated": "soon"}, "dated", "Invalid isoformat"),
        ({"id": "Not an id"}, "id", "is not of the form"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    desk: Desk, changes: dict[str, str], field: str, text: str
) -> None:
    with pytest.raises(CourseError) as caught:
        card_actions.add_own_card(desk.workspace, "basic", BASIC | changes)
    assert text in str(caught.value)
    assert caught.value.field.partition(".")[0] == field
    assert not desk.workspace.own.exists()


def test_a_file_that_is_broken_by_hand_is_told_and_left_alone(desk: Desk) -> None:
    added = card_actions.add_own_card(desk.workspace, "basic", BASIC)
    added.path.write_text("[[card]]\nid = broken\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"own\.toml:2") as caught:
        card_actions.add_own_card(desk.workspace, "basic", BASIC | {"front": "Another?"})
    assert str(added.path) in str(caught.value)
    assert added.path.read_text(encoding="utf-8") == "[[card]]\nid = broken\n"


def test_a_disk_that_gives_up_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    row = {"id": "own-a", "section": "1.1", "covers": ["1.1-01"], "kind": "basic", "front": "Why?"}
    add_card(tmp_path, row)
    path = tmp_path / "cards/own.toml"
    before = path.read_bytes()
    with no_file_beyond(len(before) + 20), pytest.raises(CourseError, match="cannot be written"):
        add_card(tmp_path, row | {"id": "own-b", "back": "x" * 10_000})
    assert path.read_bytes() == before


def test_a_card_that_waits_for_notes_to_be_mended_is_written_and_that_is_said(desk: Desk) -> None:
    first = card_actions.add_own_card(desk.workspace, "basic", BASIC)
    notes = desk.workspace.own / "overrides.toml"
    notes.write_text("[[override]]\nid = \n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"the card is saved, and joins the schedule.*overrides\.toml:2"):
        card_actions.add_own_card(desk.workspace, "basic", BASIC | {"front": "Another?"})
    assert "own-another" in first.path.read_text(encoding="utf-8")
    notes.write_text("", encoding="utf-8")
    desk.workspace.reload()
    assert desk.card("own-another").payload


def test_a_step_holds_what_ends_lines_elsewhere(desk: Desk) -> None:
    steps = "one\u2028still one\ntwo\r\nthree\u0085still three"
    added = card_actions.add_own_card(desk.workspace, "order", BASIC | {"steps": steps})
    assert "one\\u2028still one" in added.path.read_text(encoding="utf-8")
    assert desk.card(added.id).payload.count("still") == 2
