"""Cards follow their files: edited ones keep their schedule, lost ones are archived, unchanged files are not read."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from studytui.course import loader
from studytui.course.loader import decode
from studytui.errors import CourseError
from studytui.study.review import open_session
from studytui.study.workspace import Workspace
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
        session = open_session(workspace)
        turn = session.next()
        assert turn is not None
        from studytui.study.review import Answer

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


def said(workspace: Workspace) -> list[str]:
    return [problem.message for problem in workspace.problems]


@pytest.mark.parametrize("damage", ["[[card]]\nid = ", "\n\udcff", "\n" + "[" * 5000, "", None])
def test_the_cards_of_a_file_that_cannot_be_read_stay(root: Path, damage: str | None) -> None:
    file = root / "content/cards/01.toml"
    with opened(root) as workspace:
        if damage is None:
            file.unlink()
        elif not damage:
            file.unlink()
            os.mkfifo(file)
        else:
            file.write_bytes(damage.encode(errors="surrogateescape"))
        (root / "content/cards/02.toml").write_text(CARDS_2.replace("a latent?", "a code?"), encoding="utf-8")
        workspace.reload()
        assert len(keys(workspace)) == 4
        assert front(workspace, "latent-choice") == "What is a code?"
    for _ in range(2):
        with opened(root) as workspace:
            assert len(keys(workspace)) == 4
            (problem,) = workspace.problems
            assert problem.message.startswith(
                "content/cards/01.toml:2: " if damage else "content/cards/01.toml: the file"
            )
            assert problem.message.endswith("Its cards stay as they were.")
            assert (problem.file, problem.line) == (file, 2 if damage else 0)
    file.unlink(missing_ok=True)
    file.write_text(CARDS_1, encoding="utf-8")
    with opened(root) as workspace:
        assert (said(workspace), len(keys(workspace))) == ([], 4)


def test_a_broken_file_costs_no_write_at_the_starts_after_the_first(root: Path) -> None:
    opened(root).close()
    (root / "content/cards/01.toml").write_text("x = ", encoding="utf-8")
    opened(root).close()
    with opened(root) as workspace:
        assert len(said(workspace)) == 1
        assert workspace.store.connection.total_changes == 0


def test_a_file_mended_to_what_it_was_takes_in_what_changed_meanwhile(root: Path) -> None:
    """The learner's note came while the file could not be read, and the file comes back byte for byte."""
    file = root / "content/cards/01.toml"
    opened(root).close()
    file.write_text("x = ", encoding="utf-8")
    with opened(root) as workspace:
        workspace.own.mkdir(parents=True)
        (workspace.own / "overrides.toml").write_text('[[override]]\nid = "patch-what"\nnote = "n"\n', encoding="utf-8")
        workspace.reload()
        assert front(workspace, "patch-what") == "What is a *patch*?"
        file.write_text(CARDS_1, encoding="utf-8")
        workspace.reload()
        card = workspace.store.card(workspace.course_no, "patch-what")
        assert card is not None
        assert decode(card.payload).note == "n"


def test_at_the_very_first_start_what_can_be_read_opens(root: Path) -> None:
    (root / "content/cards/01.toml").write_text("[[card]]\nid = ", encoding="utf-8")
    with opened(root) as workspace:
        assert keys(workspace) == ["latent-choice"]
        assert said(workspace)[0].endswith("Its cards are missing until it is fixed.")
    (root / "content/cards/01.toml").write_text(CARDS_1, encoding="utf-8")
    with opened(root) as workspace:
        assert (len(keys(workspace)), said(workspace)) == (4, [])


def test_a_course_of_which_nothing_can_be_read_does_not_open(root: Path) -> None:
    for name in ("01", "02"):
        (root / f"content/cards/{name}.toml").write_text("[[card]]\nid = ", encoding="utf-8")
    with pytest.raises(CourseError, match=r"content/cards/01\.toml:2"):
        opened(root)


def test_a_course_file_that_breaks_leaves_the_course_as_it_was(root: Path) -> None:
    (root / "content/course.toml").write_text("x = ", encoding="utf-8")
    with pytest.raises(CourseError, match=r"content/course\.toml:1"):
        opened(root)
    (root / "content/course.toml").write_text(COURSE, encoding="utf-8")
    opened(root).close()
    (root / "content/course.toml").write_text(COURSE.replace("number = 1", "number = 'x'"), encoding="utf-8")
    with opened(root) as workspace:
        assert (workspace.course.title, len(keys(workspace))) == ("Tiny course", 4)
        assert said(workspace)[0].startswith("content/course.toml:8: chapter.0.number: ")
        (root / "content/course.toml").write_text(COURSE.replace("Tiny", "Large"), encoding="utf-8")
        workspace.reload()
        assert (workspace.course.title, said(workspace)) == ("Large course", [])


def test_notes_that_cannot_be_read_stay_as_they_were_and_so_do_their_cards(root: Path) -> None:
    with opened(root) as workspace:
        path = workspace.own / "overrides.toml"
        path.parent.mkdir(parents=True)
        path.write_text('[[override]]\nid = "patch-what"\nfront = "Mine?"\n', encoding="utf-8")
        workspace.reload()
        path.write_text('[[override]]\nid = "patch-what"\nfront = "Mine?\n', encoding="utf-8")
        (root / "content/cards/01.toml").write_text(CARDS_1.replace("A small square.", "One."), encoding="utf-8")
        workspace.reload()
    with opened(root) as workspace:
        assert front(workspace, "patch-what") == "Mine?"
        (problem,) = workspace.problems
        assert problem.message.startswith(f"{path}:3: this is not valid TOML")
        assert problem.message.endswith("All cards and notes stay as they were.")
        path.write_text('[[override]]\nid = "patch-what"\nfront = "Mine?"\n', encoding="utf-8")
        workspace.reload()
        card = workspace.store.card(workspace.course_no, "patch-what")
        assert card is not None
        assert (decode(card.payload).front, decode(card.payload).back, said(workspace)) == ("Mine?", "One.", [])


def test_notes_that_cannot_be_read_at_the_first_start_join_their_cards_later(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "home/own/tiny/overrides.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[[override]]\nid = 'patch-what'\nnoot = 'x'\n", encoding="utf-8")
    with opened(root) as workspace:
        assert len(keys(workspace)) == 4
        assert said(workspace)[0].startswith(f"{path}:3: [patch-what] noot: ")
        path.write_text("[[override]]\nid = 'patch-what'\nfront = 'x'\n", encoding="utf-8")
        workspace.reload()
        assert front(workspace, "patch-what") == "x"


def test_what_an_older_version_compiled_does_not_stay(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "FORMAT", 1)
    with opened(root) as workspace:
        workspace.own.mkdir(parents=True)
        (workspace.own / "overrides.toml").write_text("x = ")
    monkeypatch.undo()
    monkeypatch.setenv("STUDYTUI_HOME", str(root.parent / "home"))
    (root / "content/cards/01.toml").write_text("x = ", encoding="utf-8")
    with opened(root) as workspace:
        assert keys(workspace) == ["latent-choice"], "compiled anew, though the notes cannot be read"
        (root / "content/cards/01.toml").write_text(CARDS_1, encoding="utf-8")
        workspace.reload()
        assert len(keys(workspace)) == 4


def test_one_problem_is_told_once(root: Path) -> None:
    with opened(root) as workspace:
        workspace.own.mkdir(parents=True)
        os.mkfifo(workspace.own / "overrides.toml")
        (root / "content/cards/02.toml").write_text(CARDS_2.replace("a latent?", "a code?"), encoding="utf-8")
        workspace.reload()
        (message,) = said(workspace)
        assert message.startswith(f"{workspace.own}/overrides.toml: the file cannot be read (it is a pipe")


def test_of_two_cards_with_one_id_the_later_is_left_out(root: Path) -> None:
    (root / "content/cards/02.toml").write_text(
        CARDS_2.replace("latent-choice", "patch-what") + CARDS_2, encoding="utf-8"
    )
    for _ in range(2):
        with opened(root) as workspace:
            assert keys(workspace) == ["patch-count", "patch-what", "attention-cloze", "latent-choice"]
            assert front(workspace, "patch-what") == "What is a *patch*?"
            assert said(workspace) == [
                "content/cards/02.toml:2: [patch-what] id: this id is also in content/cards/01.toml:13."
                " The card is left out until it has another id."
            ]


def test_a_card_of_the_learners_with_the_id_of_a_courses_card_is_left_out_alone(root: Path) -> None:
    opened(root).close()
    with opened(root) as workspace:
        folder = workspace.own / "cards"
        folder.mkdir(parents=True)
        (folder / "mine.toml").write_text(
            NEW + NEW.replace("mine", "patch-what") + NEW.replace("mine", "other") + NEW, encoding="utf-8"
        )
    for _ in range(2):
        with opened(root) as workspace:
            assert keys(workspace)[-2:] == ["mine", "other"]
            assert front(workspace, "patch-what") == "What is a *patch*?"
            assert sorted(said(workspace)) == [
                f"{folder}/mine.toml:10: [patch-what] id: this id is also in content/cards/01.toml:13."
                " The card is left out until it has another id.",
                f"{folder}/mine.toml:27: [mine] id: line 3 has this id, too; ids are unique."
                " The card is left out until it has another id.",
            ]
            assert workspace.problems[0].file == folder / "mine.toml"


def test_a_card_of_the_learners_gives_way_when_the_course_takes_its_id(root: Path) -> None:
    with opened(root) as workspace:
        folder = workspace.own / "cards"
        folder.mkdir(parents=True)
        (folder / "mine.toml").write_text(NEW + NEW.replace("mine", "other"), encoding="utf-8")
        workspace.reload()
        (root / "content/cards/02.toml").write_text(CARDS_2.replace("latent-choice", "mine"), encoding="utf-8")
        workspace.reload()
        assert front(workspace, "mine") == "What is a latent?"
        assert front(workspace, "other") == "My own?"
        assert said(workspace)[0].startswith(
            f"{folder}/mine.toml:2: [mine] id: this id is also in content/cards/02.toml"
        )
    with opened(root) as workspace:
        assert len(said(workspace)) == 1
        (root / "content/cards/02.toml").write_text(CARDS_2, encoding="utf-8")
        workspace.reload()
        assert (front(workspace, "mine"), said(workspace)) == ("My own?", [])


def test_a_folder_of_the_learners_that_is_none_leaves_the_rest(root: Path) -> None:
    with opened(root) as workspace:
        folder = workspace.own / "cards"
        folder.mkdir(parents=True)
        (folder / "mine.toml").write_text(NEW, encoding="utf-8")
        workspace.reload()
        (folder / "mine.toml").rename(workspace.own / "aside")
        folder.rmdir()
        folder.write_text("x")
    with opened(root) as workspace:
        assert "mine" in keys(workspace)
        assert said(workspace)[0].startswith(f"{folder}: the folder cannot be read")


def test_files_that_editors_leave_beside_are_not_cards(root: Path) -> None:
    with opened(root) as workspace:
        folder = workspace.own / "cards"
        folder.mkdir(parents=True)
        (folder / ".#mine.toml").symlink_to("somebody@somewhere.1234")
        (folder / ".mine.toml").write_text("x = ")
        (folder / "mine.toml~").write_text("x = ")
        workspace.reload()
        assert said(workspace) == []


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
        (folder / "mine.toml").write_text("x = 1", encoding="utf-8")
        workspace.reload()
        assert keys(workspace)[-1] == "mine"
        assert said(workspace)[0].startswith(f"{folder}/mine.toml:1: ")


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
