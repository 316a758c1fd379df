"""Ten new cards a day in new homes; who studied with twenty keeps twenty and is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.study.review import Answer, open_session
from studytui.study.workspace import DEFAULTS, NEW_PER_DAY, Workspace
from tests.ui.tiny_course import write_course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    return write_course(tmp_path / "course")


def answer_one(workspace: Workspace) -> None:
    session = open_session(workspace)
    turn = session.next()
    assert turn is not None
    session.answer(turn, 4, Answer())


def test_a_new_home_starts_with_ten(course: Path) -> None:
    with Workspace.open(course) as workspace:
        assert workspace.settings.new_per_day == 10
        answer_one(workspace)
    with Workspace.open(course) as workspace:
        assert workspace.settings.new_per_day == 10
        assert workspace.notices == []


def test_a_home_with_answers_keeps_twenty_and_is_told_once(course: Path) -> None:
    with Workspace.open(course, settings=Settings()) as workspace:
        answer_one(workspace)
    with Workspace.open(course) as workspace:
        assert workspace.settings.new_per_day == 20
        assert [notice for notice in workspace.notices if "You keep 20 new cards a day" in notice]
    with Workspace.open(course) as workspace:
        assert workspace.settings.new_per_day == 20
        assert workspace.notices == []
        assert workspace.store.state(DEFAULTS, NEW_PER_DAY, bool)


@pytest.mark.parametrize("number", [7, 10])
def test_what_the_learner_wrote_stays(course: Path, tmp_path: Path, number: int) -> None:
    with Workspace.open(course, settings=Settings()) as workspace:
        answer_one(workspace)
    (tmp_path / "home/settings.toml").write_text(f"new_per_day = {number}\n")
    with Workspace.open(course) as workspace:
        assert workspace.settings.new_per_day == number
        assert workspace.notices == []
