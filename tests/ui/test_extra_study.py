"""Extra study, by its keys: the chooser, the session, its summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.study.cram import CramChoice
from tests.ui.test_review import first_line
from tests.ui.tiny_course import Running, running

SCHEDULES = "SELECT key, due_on, interval_days, repetitions, lapses, ease_factor, reask_on FROM card ORDER BY key"


def actions(run: Running) -> list[tuple[str, int | None]]:
    return [(row[0], row[1]) for row in run.rows("SELECT action, grade FROM review ORDER BY id")]


async def test_the_chooser_counts_narrows_and_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("attention-cloze", 2)
        await run.press("x")
        assert run.screen == "ExtraScreen"
        assert "1 card   Forgotten today" in run.text
        assert "4 cards  Everything" in run.text
        assert "Helper   The eye" in run.text
        await run.press("slash")
        await run.type("kind:basic")
        assert "1 card   Everything" in run.text
        assert "0 cards  Forgotten today" in run.text
        await run.press("enter", "enter")
        assert run.screen == "CramScreen"
        assert "What is a patch?" in run.text
        assert "practice" in run.text
        assert first_line(run).startswith("1 of 1 ")


async def test_grades_are_logged_apart_and_move_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        before = run.rows(SCHEDULES)
        await run.press("x", "slash")
        await run.type("id:patch-what")
        await run.press("enter", "enter", "space")
        assert "no change" in run.text
        await run.press("1")
        assert first_line(run).startswith("2 of 2 ")
        await run.press("space", "3")
        assert run.screen == "SummaryScreen"
        assert "2 in practice, 1 of them recalled" in run.text
        assert run.rows(SCHEDULES) == before
        assert actions(run) == [("cram", 2), ("cram", 4)]
        await run.press("u")
        assert "What is a patch?" in run.text
        assert [action for action, _ in actions(run)] == ["cram", "cram", "undo"]
        await run.press("escape", "escape", "escape")
        assert run.screen == "HomeScreen"
        assert "4 new" in run.text
        assert "done today" not in run.text


async def test_switched_over_the_grades_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("x", "c")
        assert "count as reviews" in run.text
        await run.press("slash")
        await run.type("id:patch-what")
        await run.press("enter", "enter", "space", "3")
        assert "1 review" in run.text
        assert actions(run) == [("review", 4)]
        assert run.rows("SELECT due_on FROM card WHERE key = 'patch-what'") == [("2026-03-11",)]


async def test_u_takes_an_answer_back_within_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("x", "slash")
        await run.type("kind:basic,cloze")
        await run.press("enter", "enter")
        first = run.app.screen.attempt.turn.card.id  # type: ignore[attr-defined]
        await run.press("x", "1") if first == "attention-cloze" else await run.press("space", "1")
        await run.press("escape", "u") if first == "patch-what" else await run.press("u")
        assert run.app.screen.attempt.turn.card.id == first  # type: ignore[attr-defined]
        assert first_line(run).startswith("1 of 2 ")


async def test_a_filter_that_finds_nothing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("x", "slash")
        await run.type("nowhere")
        assert "No card is within this filter" in run.text
        await run.press("enter", "escape", "slash")
        await run.type("state:dew")
        assert "There is no state “dew”" in run.text


async def test_the_list_of_cards_and_a_chapter_are_studied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("down", "down", "x")
        assert "chapter:2" in run.text
        assert "1 card   Everything" in run.text
        await run.press("escape", "up", "up", "b", "slash")
        await run.type("kind:cloze")
        await run.press("enter", "c")
        assert run.screen == "ExtraScreen"
        assert "1 card   Everything" in run.text


async def test_the_command_line_opens_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = CramChoice(section="2.1")
    async with running(tmp_path, monkeypatch, start_with="review", extra=choice) as run:
        assert run.screen == "CramScreen"
        assert "What is a latent?" in run.text
        await run.press("escape")
        assert run.screen == "HomeScreen"


async def test_the_mouse_chooses_and_switches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("x")
        await run.pilot.click("#counts")
        await run.settle()
        assert "count as reviews" in run.text
        await run.pilot.click("#offers", offset=(12, 3))
        await run.settle()
        assert run.screen == "CramScreen"


async def test_why_due_and_card_info_tell_extra_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-what", 4, days_ago=1)
        await run.press("x", "slash")
        await run.type("id:patch-what")
        await run.press("enter", "enter", "space", "3", "enter", "escape", "escape", "b", "slash")
        await run.type("id:patch-what")
        await run.press("enter", "i", "end")
        run.app.screen.query_one("#sheet").scroll_end(animate=False)
        await run.settle()
        assert "practice" in run.text
        await run.press("w")
        assert "practice, graded 4; the schedule stays unchanged." in run.text
        assert "due today" in run.text
