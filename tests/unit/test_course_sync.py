"""Cards follow their files: edited ones keep their schedule, lost ones are archived, unchanged files are not read."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from studytui.library import loader
from studytui.library.compiled import decode
from studytui.library.errors import CourseError
from studytui.services.workspace import Workspace
from studytui.store import StoreError
from tests.ui.tiny_course import CARDS_1, CARDS_2, COURSE, TestClock, write_course

NEW = """
[[card]]
id = "mine"
section = "1.1"
covers = ["1.1-01"]
kind = "basic"
front = "My own?"
back = "Mine."
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    return write_course(tmp_path / "course")


def opened(root: Path) -> Workspace:
    return Workspace.open(root, clock=TestClock())


def front(workspace: Workspace, key: str) -> str:
    card = workspace.store.card(workspace.course_no, key)
    assert card is not None
    return decode(card.payload).front


def keys(workspace: Workspace, *, archived: bool = False) -> list[str]:
    rows = workspace.store.connection.execute("SELECT key FROM card WHERE archived = ? ORDER BY position", (archived,))
    return [key for (key,) in rows]


def test_unchanged_files_are_not_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(root).close()

    def refuse(*_: object) -> None:
        raise AssertionError("a file was read")

    monkeypatch.setattr(loader, "read", refuse)
    with opened(root) as workspace:
        assert workspace.reload() is None
        assert keys(workspace) == ["patch-count", "patch-what", "attention-cloze", "latent-choice"]


def test_a_touched_file_with_the_same_text_changes_nothing(root: Path) -> None:
    with opened(root) as workspace:
        os.utime(root / "content/cards/01.toml", ns=(1, 1))
        assert workspace.reload() is None


def test_an_edited_card_keeps_its_schedule(root: Path) -> None:
    with opened(root) as workspace:
        session = workspace.session()
        turn = session.next()
        assert turn is not None
        from studytui.services.session import Answer

        session.answer(turn, 4, Answer())
        (root / "content/cards/01.toml").write_text(
            CARDS_1.replace("How many patches?", "Count them."), encoding="utf-8"
        )
        report = workspace.reload()
        assert report is not None
        assert (report.added, report.changed, report.archived, report.restored) == (0, 1, 0, 0)
        card = workspace.store.card(workspace.course_no, "patch-count")
        assert card is not None
        assert card.state.schedule.repetitions == 1
        assert front(workspace, "patch-count") == "Count them."


def test_a_card_that_left_is_archived_and_comes_back(root: Path) -> None:
    with opened(root) as workspace:
        file = root / "content/cards/02.toml"
        file.write_text("", encoding="utf-8")
        workspace.reload()
        assert keys(workspace, archived=True) == ["latent-choice"]
        file.write_text(CARDS_2, encoding="utf-8")
        report = workspace.reload()
        assert report is not None
        assert report.restored == 1


def test_a_chapter_that_left_takes_its_cards(root: Path) -> None:
    with opened(root) as workspace:
        start = COURSE.index("[[chapter]]\nnumber = 2")
        end = COURSE.index("[[helper]]")
        (root / "content/course.toml").write_text(COURSE[:start] + COURSE[end:], encoding="utf-8")
        workspace.reload()
        assert keys(workspace, archived=True) == ["latent-choice"]


def test_a_broken_file_leaves_the_cards_as_they_were(root: Path) -> None:
    with opened(root) as workspace:
        (root / "content/cards/01.toml").write_text("[[card]]\nid = ", encoding="utf-8")
        with pytest.raises(CourseError, match=r"content/cards/01\.toml:2"):
            workspace.reload()
        assert len(keys(workspace)) == 4
    with pytest.raises(CourseError):
        opened(root)


def test_an_id_in_two_files_is_refused(root: Path) -> None:
    (root / "content/cards/02.toml").write_text(CARDS_2.replace("latent-choice", "patch-what"), encoding="utf-8")
    with pytest.raises(CourseError, match=r"\[patch-what\] id: this id stands in content/cards/01\.toml:13 too"):
        opened(root)


def test_own_cards_are_scheduled_together(root: Path) -> None:
    with opened(root) as workspace:
        folder = workspace.own / "cards"
        folder.mkdir(parents=True)
        (folder / "mine.toml").write_text(NEW, encoding="utf-8")
        workspace.reload()
        assert keys(workspace)[-1] == "mine"
        card = workspace.store.card(workspace.course_no, "mine")
        assert card is not None
        assert card.path == "own/cards/mine.toml"
        assert workspace.source_file(card.path) == folder / "mine.toml"
        (folder / "mine.toml").write_text(NEW.replace("mine", "patch-what"), encoding="utf-8")
        with pytest.raises(StoreError, match="patch-what"):
            workspace.reload()
        (folder / "mine.toml").write_text("x = 1", encoding="utf-8")
        with pytest.raises(CourseError, match=r"mine\.toml:1"):
            workspace.reload()


def test_the_learners_words_override_a_card_and_its_schedule_stays(root: Path) -> None:
    with opened(root) as workspace:
        workspace.own.mkdir(parents=True)
        override = '[[override]]\nid = "patch-what"\nfront = "In my words?"\nnote = "See the drawing."\n'
        (workspace.own / "overrides.toml").write_text(override, encoding="utf-8")
        workspace.reload()
        card = workspace.store.card(workspace.course_no, "patch-what")
        assert card is not None
        text = decode(card.payload)
        assert (text.front, text.back, text.note) == ("In my words?", "A small square.", "See the drawing.")
        # An update of the course keeps them.
        (root / "content/cards/01.toml").write_text(CARDS_1.replace("A small square.", "One square."), encoding="utf-8")
        workspace.reload()
        assert front(workspace, "patch-what") == "In my words?"
        (workspace.own / "overrides.toml").unlink()
        workspace.reload()
        assert front(workspace, "patch-what") == "What is a *patch*?"


def test_a_front_that_does_not_fit_a_cloze_gives_way_to_the_courses(root: Path) -> None:
    """An update of the course may add a blank; that must not lock the learner out."""
    with opened(root) as workspace:
        workspace.own.mkdir(parents=True)
        (workspace.own / "overrides.toml").write_text(
            '[[override]]\nid = "attention-cloze"\nfront = "{{a}} and {{b}}"\nback = "Mine."\n', encoding="utf-8"
        )
        workspace.reload()
        assert front(workspace, "attention-cloze") == "Attention is {{softmax}} of scores."
        card = workspace.store.card(workspace.course_no, "attention-cloze")
        assert card is not None
        assert decode(card.payload).back == "Mine."


def test_a_payload_is_replaced_not_merged(root: Path) -> None:
    with opened(root) as workspace:
        card = decode(workspace.store.card(workspace.course_no, "patch-count").payload)  # type: ignore[union-attr]
        assert replace(card, note="") == card
