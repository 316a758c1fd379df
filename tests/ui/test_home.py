"""The home screen, by its keys."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.store import StoreError
from studytui.ui.screens import home
from tests.study.desk import examine
from tests.ui.tiny_course import running


async def test_counts_streak_progress_and_forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        assert "0 due   4 new   0 to repeat" in run.text
        run.review("patch-count", 4, days_ago=1)
        run.review("patch-what", 3)
        await run.press("f5")
        assert "1 due" in run.text
        assert "1 to repeat" in run.text
        assert "2 days studied" in run.text
        assert "Tu10 We11" in run.text
        assert "First [bold]things[/bold]" in run.text
        assert "1 card" in run.text
        assert "1 cards" not in run.text


async def test_enter_reviews_everything_or_the_chapter_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("enter")
        assert run.screen == "ReviewScreen"
        await run.press("escape", "escape")
        assert run.screen == "HomeScreen"
        await run.press("down", "down", "space")
        assert "What is a latent?" in run.text


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("r", "ReaderScreen"),
        ("b", "BrowserScreen"),
        ("comma", "SettingsScreen"),
        ("f1", "HelpScreen"),
        ("m", "CourseMapScreen"),
        ("x", "ExtraScreen"),
        ("n", "NewCardScreen"),
        ("f", "RecallScreen"),
    ],
)
async def test_a_key_for_every_screen_and_escape_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, screen: str
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press(key)
        assert run.screen == screen
        await run.press("escape")
        assert run.screen == "HomeScreen"


async def test_the_chapter_marked_is_read_and_browsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("down", "down", "r")
        assert "A latent is a code." in run.text
        await run.press("escape", "b")
        assert "1 of 4" in run.text


async def test_numbers_are_fresh_after_a_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b")
        run.review("patch-count", 4)
        await run.press("escape")
        assert "3 new" in run.text
        assert "✓ 1 done today" in run.text


async def test_the_day_turns_while_the_screen_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "WATCH_SECONDS", 0.05)
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4)
        await run.press("f5")
        assert "0 due" in run.text
        run.clock.moment += timedelta(days=1)
        await run.pilot.pause(0.3)
        await run.settle()
        assert "1 due" in run.text
        assert "not studied yet today" in run.text
        assert "Wed 11 Mar" in run.text


async def test_a_database_that_cannot_be_read_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:

        def broken(*_: object, **__: object) -> None:
            raise StoreError("The disk refused to read.", hint="Check the disk.")

        with monkeypatch.context() as patch:
            patch.setattr(run.workspace.store, "counts", broken)
            await run.press("f5")
            assert "The disk refused to read. Check the disk." in run.text
        await run.press("r")
        assert run.screen == "HomeScreen"
        assert "4 new" in run.text


async def test_cards_a_wrong_clock_sent_ahead_are_named_and_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        assert "dated after now" not in run.text
        for key in ("patch-count", "patch-what"):
            run.review(key, 4, days_ago=-3650)
        await run.press("f5")
        assert "! 2 cards are dated after now (up to 2036-03-08). Wrong clock? t: due today" in run.text
        assert "0 due   2 new" in run.text
        await run.press("t")
        assert "2 due   2 new" in run.text
        assert "dated after now" not in run.text
        assert run.rows("SELECT action, study_day FROM review ORDER BY id")[2:] == [("set_due", "2026-03-10")] * 2
        await run.press("u")
        assert "0 due   2 new" in run.text
        assert "dated after now" in run.text
        assert [finding for finding in examine(run.workspace) if finding.level == "error"] == []


async def test_days_of_absence_leave_nothing_of_the_old_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "WATCH_SECONDS", 0.05)
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4)
        run.review("patch-what", 2)
        await run.press("f5")
        assert "0 due   2 new   1 to repeat   ✓ 2 done today" in run.text
        await run.press("question_mark")
        run.clock.moment += timedelta(days=3)
        await run.pilot.pause(0.2)
        await run.press("escape")
        assert "2 due   2 new   0 to repeat" in run.text
        assert "done today" not in run.text
        assert "Fri 13 Mar" in run.text
        run.clock.moment += timedelta(days=3)
        await run.pilot.pause(0.3)
        await run.settle()
        assert "Mon 16 Mar" in run.text


async def test_a_backlog_says_how_much_of_it_comes_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, settings=Settings(start_labs=False, reviews_per_day=1)) as run:
        for key in ("patch-count", "patch-what", "attention-cloze"):
            run.review(key, 4, days_ago=9)
        await run.press("f5")
        assert "1 today of 3 overdue" in run.text
        assert re.search(r"Everything .* 1 due +0%", run.text)
        await run.press("enter")
        assert "1 of 2 " in run.text
        assert "● due" in run.text


async def test_a_course_without_cards_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for key in ("patch-count", "patch-what", "attention-cloze", "latent-choice"):
            run.review(key, 5)
        await run.press("f5")
        assert "Done for today." in run.text


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (60, 15)])
async def test_every_size_shows_counts_and_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with running(tmp_path, monkeypatch, size=size) as run:
        assert "4 new" in run.text
        assert "Start" in run.text
        assert "Everything" in run.text
        assert ("1.2 Attention" in run.text) is (size[0] >= 110)
