"""Before the app: backups without a database. The learner says whether one comes back or all begins anew."""

from __future__ import annotations

from pathlib import Path

import pytest

import studytui.cli.options
from studytui.errors import NoDatabase
from studytui.study.workspace import Workspace
from studytui.ui.screens.dialogs import StartApp
from tests.study.desk import open_desk


@pytest.fixture
def newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a backup of one answer and no database."""
    with open_desk(tmp_path, monkeypatch) as desk:
        desk.answer("patch-what", 4)
        newest = desk.workspace.backup()
    (tmp_path / "home/study.db").unlink()
    return newest


@pytest.mark.parametrize(("key", "chosen"), [("r", "restore"), ("f", "afresh"), ("q", None), ("escape", None)])
async def test_the_learner_chooses_by_a_key(newest: Path, key: str, chosen: str | None) -> None:
    problem = NoDatabase("study.db is missing [b]", hint="", newest=newest)
    app = StartApp(problem)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert newest.name in app.export_screenshot().replace("&#160;", " ")
        await pilot.press(key)
    assert app.return_value == chosen


async def test_or_by_the_mouse(newest: Path) -> None:
    app = StartApp(NoDatabase("study.db is missing.", hint="", newest=newest))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("#afresh")
    assert app.return_value == "afresh"


@pytest.mark.parametrize(("chosen", "answers"), [("restore", 1), ("afresh", 0)])
def test_what_was_chosen_is_done(
    newest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, answers: int
) -> None:
    monkeypatch.setattr(StartApp, "run", lambda _: chosen)
    with studytui.cli.options._open_or_begin(tmp_path / "course") as workspace:
        (count,) = workspace.store.connection.execute("SELECT count(*) FROM review").fetchone()
    assert count == answers
    assert list((tmp_path / "home").rglob(newest.name))
    with Workspace.open(tmp_path / "course") as workspace:
        assert workspace.store.arrival is None


def test_leaving_changes_nothing(newest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StartApp, "run", lambda _: None)
    with pytest.raises(NoDatabase):
        studytui.cli.options._open_or_begin(tmp_path / "course")
    assert not (tmp_path / "home/study.db").exists()
