"""One file that carries all that is the learner's, from one machine to another, by the commands."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from studytui.domain.rubric import Submission
from studytui.study import learner_state, llm_grader, modules
from studytui.study.learner_state import Draft
from studytui.study.llm_grader import Judge
from studytui.study.rehearsal import drafts_of
from studytui.study.workspace import Workspace
from tests.cli.command import Shell
from tests.store.test_migrations import RELEASED, restored
from tests.ui.test_recall_screens import PROMPTS, TASKS
from tests.ui.tiny_course import TestClock

JUDGE = Judge("http://one/v1", "m", 5)
MODULE = modules.RegisteredModule("following", "/next", "first", "tiny", "")


@pytest.fixture
def studied(shell: Shell) -> Shell:
    """A learner who has left something in every place there is."""
    (shell.course / "quizzes/recall.toml").write_text(PROMPTS, encoding="utf-8")
    (shell.course / "quizzes/exercises.toml").write_text(TASKS, encoding="utf-8")
    assert shell.run("new-card", "--section", "1.1", "--covers", "01", "--front", "Mine?", "--back", "Mine.").code == 0
    assert shell.run("review", "--plain", stdin="196\n3\nq\n").code == 0
    with Workspace.open(shell.course, clock=TestClock()) as workspace:
        found = learner_state.read_quizzes(workspace)
        learner_state.save_recall_result(workspace, found.prompts[0], [0, 2])
        learner_state.save_notes(workspace, found.tasks[0], "my shapes")
        learner_state.save_bookmark(workspace, learner_state.Bookmark("1.2", 0.5))
        modules.register_module(workspace.store, MODULE, at=workspace.clock.now())
        llm_grader.give_consent(workspace, JUDGE)
        drafts_of(workspace).save(Draft.of("q", Submission("dear words"), workspace.clock.now()))
    return shell


def everything(shell: Shell) -> dict[str, object]:
    with Workspace.open(shell.course, clock=TestClock()) as workspace:
        found = learner_state.read_quizzes(workspace)
        return {
            "answers": workspace.store.connection.execute("SELECT count(*) FROM review").fetchone()[0],
            "results": found.results,
            "notes": learner_state.load_notes(workspace, found.tasks[0]),
            "bookmark": learner_state.load_bookmark(workspace),
            "module": modules.registered_module(workspace.store, "tiny", "first"),
            "consent": llm_grader.has_consent(workspace, JUDGE),
            "drafts": [(draft.question_id, draft.text) for draft in drafts_of(workspace).all()],
            "cards": [card["id"] for card in json.loads(shell.run("cards", "--json").out)],
        }


def test_a_backup_brings_everything_to_an_empty_home(
    studied: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(studied)
    assert before == {
        "answers": 1, "results": {"recall-1": learner_state.RecallResult("2026-03-10", 2, 3)}, "notes": "my shapes",
        "bookmark": learner_state.Bookmark("1.2", 0.5),
        "module": MODULE, "consent": True, "drafts": [("q", "dear words")],
        "cards": ["patch-count", "patch-what", "attention-cloze", "latent-choice", "own-mine"],
    }  # fmt: skip
    assert studied.run("backup", str(tmp_path / "all.db")).code == 0
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "another"))
    done = studied.run("restore", str(tmp_path / "all.db"), "--yes")
    assert (done.code, done.err) == (0, "")
    assert "2 files of your own cards and notes came back with it." in done.out
    assert everything(studied) == before
    assert studied.run("doctor").code == 0


def test_restoring_takes_nothing_away_that_cannot_be_brought_back(studied: Shell, tmp_path: Path) -> None:
    before = everything(studied)
    studied.run("backup", str(tmp_path / "all.db"))
    studied.run("new-card", "--section", "1.1", "--covers", "01", "--front", "Another?", "--back", "Yes.")
    with Workspace.open(studied.course, clock=TestClock()) as workspace:
        drafts_of(workspace).save(Draft.of("q", Submission("dearer words"), workspace.clock.now()))
    changed = everything(studied)
    out = studied.run("restore", str(tmp_path / "all.db"), "--yes").out
    assert everything(studied) == before
    (kept,) = (tmp_path / "home/backups").glob("replaced-*.db")
    assert str(kept) in out
    studied.run("restore", str(kept), "--yes")
    assert everything(studied) == changed


def test_a_backup_from_before_leaves_all_but_the_answers_as_it_is(studied: Shell, tmp_path: Path) -> None:
    before = everything(studied)
    done = studied.run("restore", str(restored(RELEASED[0], tmp_path / "old.db")), "--yes")
    assert "It is from before drafts and own files were in backups: yours are as they were." in done.out
    assert everything(studied) == before | {"answers": 6}


def test_a_hostile_backup_is_refused_with_exit_code_2(studied: Shell, tmp_path: Path) -> None:
    before = everything(studied)
    studied.run("backup", str(tmp_path / "all.db"))
    connection = sqlite3.connect(tmp_path / "all.db")
    with connection:
        connection.execute("INSERT INTO own_file VALUES ('../../evil.toml', '', x'00')")
    connection.close()
    done = studied.run("restore", str(tmp_path / "all.db"), "--yes")
    assert done.code == 2
    assert done.err == (
        "studytui: The backup names “../../evil.toml”, which is no file of your own cards or notes. "
        "studytui makes no such backup; nothing was changed.\n"
    )
    assert everything(studied) == before
    assert not list(tmp_path.rglob("evil.toml"))


def test_a_backup_that_lacks_a_file_says_so_with_exit_code_2(studied: Shell, tmp_path: Path) -> None:
    (tmp_path / "home/own/tiny/notes/folder.md").mkdir()
    done = studied.run("backup", str(tmp_path / "all.db"))
    assert done.code == 2
    assert f"{tmp_path / 'all.db'} is made, but not all of your own files can be read" in done.err
    assert "folder.md" in done.err
    assert (tmp_path / "all.db").exists()
