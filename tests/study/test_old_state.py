"""The files in which small states stood before: taken in once, moved to the backups, never in the way."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studytui.errors import CourseError
from studytui.store import StoreError
from studytui.study import learner_state, llm_grader, modules
from studytui.study.course_lock import lock_of
from studytui.study.learner_state import Drafts
from studytui.study.llm_grader import Judge
from studytui.study.workspace import Workspace
from tests.cli.command import Shell
from tests.store.test_migrations import restored
from tests.ui.tiny_course import TestClock, running, write_course

OLD_SCHEMA = Path(__file__).parents[1] / "store/fixtures/schema-0001.sql"
RESULT = {"on": "2026-03-01", "said": 2, "of": 3}
DRAFT = {
    "question_id": "q/probe", "text": "half a sentence", "mode": "aloud", "saved_at": "2026-03-09T08:00:00+01:00",
    "seconds_thought": 3.5, "seconds_answered": 60.0, "seconds_given": 90, "confidence": None, "handed_in": False,
}  # fmt: skip
MODULE = {"course": "tiny", "folder": "/next", "gate": "first", "gate_course": "before", "root": ""}
FILES: dict[str, Any] = {
    "recall.json": {"tiny": {"recall-1": RESULT}, "other": {"recall-1": RESULT | {"said": 3}}},
    "reading.json": {"tiny": {"section": "1.2", "share": 0.25}, "other": {"section": "9.9", "share": 1}},
    "modules.json": [MODULE],
    "judge-consent.json": ["http://one/v1/chat/completions"],
    "drafts/tiny/q%2Fprobe.json": DRAFT,
    "drafts/tiny%2Fgate:first/patches.json": DRAFT | {"question_id": "patches", "text": "of the audit"},
}
Open = Callable[[], Workspace]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home as an earlier version left it."""
    home = tmp_path / "home"
    home.mkdir()
    restored(OLD_SCHEMA, home / "study.db")
    for name, data in FILES.items():
        write(home / name, json.dumps(data))
    write(home / "settings.toml", "new_per_day = 20\n")  # else the learner is told that the default is another now
    return home


@pytest.fixture
def opened(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    root = write_course(tmp_path / "course")
    return lambda: Workspace.open(root, clock=TestClock())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def in_backups(home: Path) -> dict[str, str]:
    folder = home / "backups/imported"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_of_it_is_there_after_the_first_opening(opened: Open, home: Path) -> None:
    with opened() as workspace:
        assert workspace.notices == []
        assert learner_state.results(workspace) == {"recall-1": learner_state.RecallResult("2026-03-01", 2, 3)}
        assert learner_state.load_bookmark(workspace) == learner_state.Bookmark("1.2", 0.25)
        assert modules.registered_module(workspace.store, "before", "first") == modules.RegisteredModule(**MODULE)
        assert llm_grader.has_consent(workspace, Judge("http://one/v1", "m", 5))
        assert not llm_grader.has_consent(workspace, Judge("http://two/v1", "m", 5))
        draft = Drafts(workspace.store, "tiny").load("q/probe")
        assert draft is not None
        assert (draft.text, draft.mode, draft.seconds_answered) == ("half a sentence", "aloud", 60.0)
        assert Drafts(workspace.store, "tiny/gate:first").load("patches").text == "of the audit"  # type: ignore[union-attr]
        assert workspace.store.state("reading", "other", dict) == {"section": "9.9", "share": 1.0}
    assert in_backups(home) == {name: json.dumps(data) for name, data in FILES.items()}
    assert not any((home / name).exists() for name in FILES)
    assert not (home / "drafts").exists()


def test_they_are_never_read_again(opened: Open, home: Path) -> None:
    with opened() as workspace:
        Drafts(workspace.store, "tiny").drop("q/probe")
    shutil.copytree(home / "backups/imported", home, dirs_exist_ok=True)
    with opened() as workspace:
        assert Drafts(workspace.store, "tiny").all() == []
        assert workspace.notices == []
    assert not (home / "drafts").exists()
    with opened() as workspace:
        assert Drafts(workspace.store, "tiny").all() == []


def test_what_another_machine_brings_is_added_and_takes_nothing_away(opened: Open, home: Path) -> None:
    with opened() as workspace:
        learner_state.save_bookmark(workspace, learner_state.Bookmark("2.1", 0.5))
    write(home / "reading.json", json.dumps({"tiny": {"section": "1.1", "share": 0.0}}))
    write(home / "drafts/tiny/new.json", json.dumps(DRAFT | {"question_id": "new"}))
    with opened() as workspace:
        assert learner_state.load_bookmark(workspace) == learner_state.Bookmark("2.1", 0.5)
        assert len(Drafts(workspace.store, "tiny").all()) == 2
    bookmarks = [json.loads(text) for name, text in in_backups(home).items() if name.endswith("reading.json")]
    assert sorted(each["tiny"]["section"] for each in bookmarks) == ["1.1", "1.2"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2", "null", "7", '"text"', "[" * 100_000, '{"tiny": 1}', '[{"course": 1}]', '{"tiny": {"a": []}}',
     "[[]]", json.dumps([MODULE | {"folder": "/a\0b"}]), '{"question_id": "q"}', "\x00",
     '{"tiny": {"section": "1.1", "share": 1e999}}', '{"a": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_a_broken_file_is_set_aside_with_a_sentence_and_blocks_nothing(opened: Open, home: Path, text: str) -> None:
    good = home / "drafts/tiny/good.json"
    write(good, json.dumps(DRAFT | {"question_id": "good"}))
    for name in FILES:
        write(home / name, text)
    with opened() as workspace:
        said = "\n".join(workspace.notices)
        named = [name for name in FILES if f"{name} in {home} is damaged" in said]
        assert {name for name in FILES if name.startswith("drafts")} <= set(named)
        assert [draft.question_id for draft in Drafts(workspace.store, "tiny").all()] == ["good"]
        learner_state.load_bookmark(workspace)
        learner_state.results(workspace)
        assert lock_of(workspace) is None
    assert dict.fromkeys(FILES, text).items() <= in_backups(home).items()
    with opened() as workspace:
        assert workspace.notices == []


def test_of_a_file_that_is_damaged_in_places_the_rest_is_taken_in(opened: Open, home: Path) -> None:
    write(
        home / "recall.json", json.dumps({"tiny": {"a": RESULT, "b": {"on": "soon"}, "c\ud83d": RESULT, "d": RESULT}})
    )
    with opened() as workspace:
        assert set(learner_state.results(workspace)) == {"a", "d"}
        assert "2 of its entries cannot be read" in workspace.notices[0]


def test_half_of_a_character_in_a_draft_comes_along(opened: Open, home: Path) -> None:
    text = json.dumps(DRAFT | {"text": "a \ud83d b"}, ensure_ascii=False)
    (home / "drafts/tiny/q%2Fprobe.json").write_bytes(text.encode(errors="surrogatepass"))
    with opened() as workspace:
        assert Drafts(workspace.store, "tiny").load("q/probe").text == "a \ud83d b"  # type: ignore[union-attr]


def test_a_name_that_is_no_text_holds_nothing_up(opened: Open, home: Path) -> None:
    Path(os.fsdecode(bytes(home / "drafts/tiny") + b"/q\xff.json")).write_text(json.dumps(DRAFT | {"question_id": "q"}))
    Path(os.fsdecode(bytes(home / "drafts/tiny") + b"/r\xff.json")).write_text("{")
    with opened() as workspace:
        assert len(Drafts(workspace.store, "tiny").all()) == 2
        assert workspace.notices == [
            f"drafts/tiny/r\\xff.json in {home} is damaged (not as it was written). "
            "It is kept in backups/imported/drafts/tiny."
        ]
    assert not (home / "drafts").exists()


def test_where_no_card_can_be_read_the_files_wait(opened: Open, home: Path, tmp_path: Path) -> None:
    cards = [tmp_path / f"course/content/cards/0{number}.toml" for number in (1, 2)]
    good = [path.read_text(encoding="utf-8") for path in cards]
    write(home / "recall.json", "{")
    for path in cards:
        path.write_text("[[card]]\n")
    with pytest.raises(CourseError):
        opened()
    assert (home / "recall.json").exists()
    for path, text in zip(cards, good, strict=True):
        path.write_text(text, encoding="utf-8")
    with opened() as workspace:
        assert "recall.json" in workspace.notices[0]


def test_other_files_among_the_drafts_move_along_unread(opened: Open, home: Path) -> None:
    for name in ("q.unreadable", "q.new"):
        write(home / "drafts/tiny" / name, "text of before")
    with opened() as workspace:
        assert workspace.notices == []
    assert in_backups(home)["drafts/tiny/q.unreadable"] == "text of before"
    assert not (home / "drafts").exists()


@pytest.mark.skipif(os.name != "posix", reason="pipes and links of Unix")
def test_odd_things_in_their_places_hold_nothing_up(opened: Open, home: Path, tmp_path: Path) -> None:
    for name in ("recall.json", "modules.json", "judge-consent.json"):
        (home / name).unlink()
    os.mkfifo(home / "recall.json")
    (home / "modules.json").mkdir()
    (home / "judge-consent.json").symlink_to(home / "nowhere")
    synced = tmp_path / "synced.json"
    (home / "reading.json").rename(synced)
    (home / "reading.json").symlink_to(synced)
    with opened() as workspace:
        assert len(workspace.notices) == 2
        assert learner_state.load_bookmark(workspace) == learner_state.Bookmark("1.2", 0.25)
    assert json.loads(synced.read_text()) == FILES["reading.json"], "a linked file stays where it is"
    assert json.loads(in_backups(home)["reading.json"]) == FILES["reading.json"]
    assert not os.path.lexists(home / "reading.json")


def test_where_they_cannot_be_moved_they_are_taken_in_once_all_the_same(opened: Open, home: Path) -> None:
    (home / "backups").mkdir()
    (home / "backups/imported").write_text("a file in the way")
    with opened() as workspace:
        assert len(workspace.notices) == len(FILES)
        assert "cannot be moved" in workspace.notices[0]
        Drafts(workspace.store, "tiny").drop("q/probe")
    with opened() as workspace:
        assert Drafts(workspace.store, "tiny").all() == []
    (home / "backups/imported").unlink()
    with opened() as workspace:
        assert workspace.notices == []
    assert set(in_backups(home)) == set(FILES)


def test_what_the_database_cannot_take_now_waits_for_the_next_start(
    opened: Open, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreError("Another window has held the database.", hint="Close it.")

    with monkeypatch.context() as patch:
        patch.setattr("studytui.store.Store.import_states", busy)
        with opened() as workspace:
            assert workspace.notices == [
                "Your earlier drafts, bookmark and results are not taken over yet: "
                "Another window has held the database. Close it."
            ]
    with opened() as workspace:
        assert len(Drafts(workspace.store, "tiny").all()) == 1


async def test_the_app_says_it_on_its_first_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch):
        write(tmp_path / "home/recall.json", "{")
    async with running(tmp_path, monkeypatch) as run:
        (said,) = [notice.message for notice in run.app._notifications]
        assert said == (
            f"recall.json in {tmp_path / 'home'} is damaged (not as it was written). It is kept in backups/imported."
        )
        assert "recall.json" in run.text


def test_plain_mode_says_it_first_and_once(
    opened: Open, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(home / "recall.json", "{")
    shell = Shell(tmp_path / "course", monkeypatch, capsys)
    assert shell.run("review", "--plain", stdin=":q\n").err.startswith("studytui: warning: recall.json in ")
    assert "recall.json" not in shell.run("review", "--plain", stdin=":q\n").err
