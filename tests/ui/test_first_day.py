"""From a stranger's first start to the end of the first day, by real keys at 80x24; and the rule behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.queue import Scope
from studytui.study.progress import today_overview
from studytui.study.reading import begin_unread, mark, named_sections, read_or_known, unread_sections
from studytui.study.review import Answer, open_session
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp
from tests.ui.tiny_course import NoLabs, Running, TestClock, write_course

LONG = " ".join(f"Word {number} about squares." for number in range(110))


def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, setting: str = "") -> Workspace:
    """A home on a course in which every section has something to read; new where it was not opened before."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(f"start_labs = false\n{setting}")
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    root = write_course(
        tmp_path / "course", chapter=f"# One\n\n## 1.1 Patches\n\n{LONG}\n\n## 1.2 Attention\n\n{LONG}\n"
    )
    (root / "content/chapters/02.md").write_text(f"# Two\n\n## 2.1 Latents\n\n{LONG}\n")
    workspace = Workspace.open(root, clock=TestClock())
    begin_unread(workspace)
    return workspace


def promised(workspace: Workspace, scope: Scope | None = None) -> tuple[int, int]:
    """New cards that are counted, and that are shown."""
    session = open_session(workspace, scope)
    counted, shown = session.counts.new, 0
    while turn := session.next():
        session.answer(turn, 5, Answer())
        shown += turn.stored.state.schedule.is_new
    return counted, shown


async def test_a_strangers_first_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stranger(tmp_path, monkeypatch) as workspace:
        app = StudyApp(workspace, NoLabs())  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            run = Running(app, pilot, workspace, workspace.clock)  # type: ignore[arg-type]
            await run.settle()
            assert "Read 1.1 Patches (3 min)" in run.text
            assert "answer 2 cards from it" in run.text
            assert "How it works" in run.text
            await run.press("enter")
            assert run.screen == "ReaderScreen"
            assert "3 min" in run.text
            await run.press("enter")
            assert run.screen == "ReviewScreen"
            assert read_or_known(workspace) == {"1.1": "read"}
            await run.press("1", "9", "6", "enter", "enter")
            await run.press("enter", "4")
            assert run.screen == "SummaryScreen"
            assert "Today you also read 1.1." in run.text
            assert "Tomorrow: 2 cards due." in run.text
            assert run.rows("SELECT count(*) FROM review WHERE action = 'review'") == [(2,)]
            await run.press("enter")
            assert run.screen == "HomeScreen"
            assert "Read 1.2 Attention" in run.text


def test_counted_is_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stranger(tmp_path, monkeypatch) as workspace:
        assert promised(workspace) == (0, 0)
        mark(workspace, ["1.2"], "read")
        assert today_overview(workspace).counts.new == 1
        assert promised(workspace, Scope(chapter="1")) == (1, 1)
        mark(workspace, named_sections(workspace.course, ["all"]), "known")
        assert promised(workspace) == (3, 3)


def test_the_setting_turns_the_rule_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stranger(tmp_path, monkeypatch, setting="read_first = false\n") as workspace:
        assert unread_sections(workspace) == ()
        assert promised(workspace) == (4, 4)


def test_a_home_from_before_the_rule_knows_all_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stranger(tmp_path, monkeypatch) as workspace:
        workspace.store.connection.execute("DELETE FROM learner_state WHERE scope LIKE 'began-unread/%'")
        session = open_session(workspace)
        turn = session.next()
        assert turn is not None
        session.answer(turn, 4, Answer())
    with stranger(tmp_path, monkeypatch) as workspace:
        assert unread_sections(workspace) == ()
        assert today_overview(workspace).counts.new == 3


def test_taking_an_answer_back_leaves_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stranger(tmp_path, monkeypatch) as workspace:
        mark(workspace, ["1.1"], "read")
        session = open_session(workspace)
        turn = session.next()
        assert turn is not None
        session.answer(turn, 4, Answer())
        session.undo()
        assert session.counts.new == 2
        assert unread_sections(workspace) == ("1.2", "2.1")
