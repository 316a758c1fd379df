"""A course that waits for a gate: its cards are kept and listed, and nowhere due, studied, crammed or rehearsed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from studytui.domain.settings import Settings
from studytui.store import Store
from studytui.study import cards, progress
from studytui.study.cards import card_states, card_story, listing
from studytui.study.gate import GateRecorder, gate_head, gate_of
from studytui.study.modules import RegisteredModule, register_module
from studytui.study.progress import dashboard, today_overview
from studytui.study.workspace import Workspace
from tests.gate.course import UNGATED, write_gated
from tests.ui import tiny_course
from tests.ui.tiny_course import Running, TestClock, running

WAITING = UNGATED.replace('id = "tiny"', 'id = "following"')
QUESTIONS = """
[[question]]
id = "why-patches"
ask = "Why patches?"
model = "A pixel a token would be too many."
sections = ["1.1"]
covers = ["1.1-01"]
level = "senior"
kind = "concept"
think_seconds = 20
answer_seconds = 90
[[question.point]]
id = "many"
text = "A pixel a token would be too many tokens"
phrasings = ["a pixel a token would be too many", "the sequence would be far too long"]
"""


@asynccontextmanager
async def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> AsyncIterator[Running]:
    """The app on a course that waits for the gate of another; one of its cards was reviewed and would be due."""
    home, gated = tmp_path / "home", write_gated(tmp_path / "gated")
    home.mkdir(exist_ok=True)
    (home / "study.db").write_bytes(tiny_course._empty_database())
    monkeypatch.setattr(tiny_course, "COURSE", WAITING)
    (tmp_path / "course/quizzes").mkdir(parents=True)
    (tmp_path / "course/quizzes/interview.toml").write_text(QUESTIONS, encoding="utf-8")
    store = Store.open(home / "study.db", today=TestClock().now().date())
    register_module(
        store,
        RegisteredModule("following", str(tmp_path / "course"), "first", "tiny", str(gated)),
        at=TestClock().now(),
    )
    store.close()
    async with running(tmp_path, monkeypatch, **options) as run:
        run.review("patch-count", 4, days_ago=3)
        yield run


def override(tmp_path: Path, reason: str = "I know it") -> None:
    """Open the gate without passing it."""
    with Workspace.open(tmp_path / "gated", clock=TestClock(), settings=Settings(start_labs=False)) as workspace:
        GateRecorder(workspace, gate_of(workspace.root, gate_head(workspace.course))).override(reason, ["all of it"])


async def test_nothing_of_it_is_due_anywhere_until_the_override_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with waiting(tmp_path, monkeypatch) as run:
        workspace = run.workspace
        assert today_overview(workspace).counts.total == 0
        numbers = dashboard(workspace)
        assert set(numbers.forecast.total) == {0}
        assert (numbers.shares[""].due, numbers.shares[""].total) == (0, 4)
        entries = cards.card_entries(workspace)
        day = run.clock.now().date()
        assert {card_states(entry, day)[0] for entry in entries} == {"locked"}
        assert not any("due" in card_states(entry, day) for entry in entries)
        assert progress.mastery(workspace).today == frozenset()
        assert listing(workspace, "state:due") == []
        assert len(listing(workspace, "state:locked")) == 4
        assert card_states(card_story(workspace, run.no("patch-count")).entry, day)[0] == "locked"
        override(tmp_path)
        assert today_overview(workspace).counts.due == 1
        assert progress.mastery(workspace).today == {run.no("patch-count")}
        assert dashboard(workspace).forecast.due[0] == 1
        assert [row["id"] for row in listing(workspace, "state:due")] == ["patch-count"]
        assert listing(workspace, "state:locked") == []


async def test_review_extra_study_and_rehearsal_say_why_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with waiting(tmp_path, monkeypatch, size=(140, 45)) as run:
        said = "Module 9 is locked: its gap audit of 2 items has not been started."
        assert said in run.text
        await run.press("x")
        assert run.screen == "ExtraScreen"
        assert said in run.text
        await run.press("enter")
        assert run.screen == "ExtraScreen"
        await run.press("escape", "i")
        assert run.screen == "ChooserScreen"
        assert said in run.text
        await run.press("m", "enter")
        assert run.screen == "ChooserScreen"
        assert "Mock interview" not in run.text
        await run.press("escape")
        assert run.screen == "HomeScreen"
        reviews = run.rows("SELECT count(*) FROM review")
        await run.press("enter")
        assert run.rows("SELECT count(*) FROM review") == reviews == [(1,)]
        assert said in run.text


async def test_an_override_logged_meanwhile_opens_the_rehearsal_when_it_is_returned_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with waiting(tmp_path, monkeypatch, size=(140, 45)) as run:
        override(tmp_path)
        await run.press("i")
        assert "  1  New questions" in run.text
        await run.press("m")
        assert run.screen == "MockScreen"


async def test_a_set_named_on_the_command_line_does_not_get_past_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studytui.study.rehearsal import QuestionChoice

    async with waiting(tmp_path, monkeypatch, start_with="rehearsal", rehearse=QuestionChoice("new")) as run:
        assert run.screen == "ChooserScreen"
        assert "Module 9 is locked" in run.text
