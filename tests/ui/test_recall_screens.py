"""Free recall and exercises, by their keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ui.tiny_course import running, write_course

PROMPTS = """
[[prompt]]
id = "recall-1"
section = "1.1"
covers = ["1.1-01"]
ask = "What is a [bold]patch[/bold]? Say all you know."
answer = "A square of pixels that becomes a token."
points = ["A square", "Of pixels", "Becomes a token"]

[[prompt]]
id = "recall-2"
section = "2.1"
covers = ["2.1-01"]
ask = "What is a latent?"
answer = "A compressed code."
points = ["A code", "Compressed"]
"""
TASKS = """
[[exercise]]
id = "ex-1"
section = "2.1"
covers = ["2.1-01"]
level = "easy"
minutes = 10
task = "Follow a picture through a VAE."
strong = ["Names the shapes", "Names the factor"]
traps = ["Calls the latent a thumbnail"]
worked = "From 512 to 64."
"""


@pytest.fixture
def quizzes(tmp_path: Path) -> Path:
    root = write_course(tmp_path / "course")
    (root / "quizzes/recall.toml").write_text(PROMPTS, encoding="utf-8")
    (root / "quizzes/exercises.toml").write_text(TASKS, encoding="utf-8")
    return root


async def test_a_prompt_is_thought_over_revealed_and_ticked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("f")
        assert run.screen == "RecallScreen"
        assert "What is a [bold]patch[/bold]?" in run.text
        assert "easy, 10 min" in run.text
        await run.press("enter")
        assert "A square of pixels" not in run.text
        await run.press("space")
        assert "A square of pixels that becomes a token." in run.text
        await run.press("1", "3", "enter")
        assert "2 of 3 points said." in run.text
        ((scope, name, value),) = run.rows("SELECT scope, name, value FROM learner_state")
        assert (scope, name) == ("recall/tiny", "recall-1")
        assert json.loads(value) == {"on": "2026-03-10", "said": 2, "of": 3}
        await run.press("enter")
        assert "What is a latent?" in run.text
        await run.press("escape")
        assert "2 of 3, 2026-03-10" in run.text
        assert run.rows("SELECT count(*) FROM review") == [(0,)], "no schedule is touched"


async def test_a_result_that_cannot_be_kept_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("f", "enter", "space")
        run.workspace.store.connection.execute("PRAGMA query_only=ON")
        await run.press("1", "enter")
        assert "The result is not saved" in run.text
        assert "1 of 3 points said." in run.text
        run.workspace.store.connection.execute("PRAGMA query_only=OFF")


async def test_an_answer_may_be_written_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("f", "down", "enter", "t")
        await run.type("a code n r")
        assert run.screen == "AnswerPromptScreen"
        assert "a code n r" in run.text
        await run.press("escape", "space")
        assert "a code n r" in run.text, "what was written stands beside the model answer"
        assert "A compressed code." in run.text
        await run.press("escape")
        assert run.screen == "RecallScreen"


async def test_an_exercise_keeps_notes_and_shows_its_parts_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path
) -> None:
    async with running(tmp_path, monkeypatch, size=(80, 40)) as run:
        await run.press("f", "end", "enter")
        assert "Follow a picture through a VAE." in run.text
        await run.press("t")
        await run.type("my shapes r")
        await run.press("escape")
        assert (tmp_path / "home/own/tiny/notes/ex-1.md").read_text(encoding="utf-8") == "my shapes r"
        for heard, hidden in (("Names the factor", "thumbnail"), ("thumbnail", "From 512"), ("From 512", "nothing")):
            await run.press("space")
            assert heard in run.text
            assert hidden not in run.text
        await run.press("escape")
        assert run.screen == "RecallScreen"
        await run.press("enter")
        assert "my shapes r" in run.text


async def test_notes_that_cannot_be_kept_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        own = tmp_path / "home/own"
        own.write_text("a file in the way", encoding="utf-8")
        await run.press("f", "end", "enter", "t")
        await run.type("x")
        await run.press("escape")
        assert "Your notes are not saved" in run.text


async def test_the_section_is_read_from_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("f", "down", "r")
        assert "A latent is a code." in run.text


async def test_a_course_without_quizzes_says_where_they_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("f")
        assert "This course has no prompts yet" in run.text
        await run.press("enter", "escape")
        assert run.screen == "HomeScreen"


async def test_a_wrong_file_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quizzes: Path
) -> None:
    (quizzes / "quizzes/recall.toml").write_text(PROMPTS.replace("answer = ", "anwser = "), encoding="utf-8")
    async with running(tmp_path, monkeypatch) as run:
        await run.press("f")
        assert run.screen == "HomeScreen"
        assert "quizzes/recall.toml" in run.text
