"""The shell: where it starts, what works everywhere, how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.course import settings
from studytui.domain.settings import Settings
from studytui.store import StoreError
from tests.rehearsal.tiny_interview import until
from tests.ui import tiny_course
from tests.ui.tiny_course import CARDS_1, running


async def test_q_leaves_from_the_first_screen_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "q")
        assert run.screen == "HomeScreen"
        await run.press("escape")
        assert run.app.is_running
        await run.press("q")
        assert run.app.return_value == 0


async def test_a_review_from_the_command_line_ends_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, start_with="review") as run:
        assert run.screen == "ReviewScreen"
        await run.press("escape", "escape")
        assert run.screen == "HomeScreen"
        assert "4 new" in run.text


async def test_dark_and_light_are_switched_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        assert run.app.theme == "study-dark"
        await run.press("d")
        assert run.app.theme == "study-light"
        assert settings.read(tmp_path / "home/settings.toml").theme == "study-light"
        await run.press("d")
        assert run.app.theme == "study-dark"


async def test_an_unknown_theme_is_said_and_the_app_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(theme="[bold]", start_labs=False)
    async with running(tmp_path, monkeypatch, settings=settings) as run:
        assert "no theme “[bold]”" in run.text


@pytest.mark.parametrize(
    ("typed", "screen", "seen"),
    [
        ("read 2.1", "ReaderScreen", "A latent is a code."),
        ("patch-what", "CardInfoScreen", "patch-what"),
        ("new per day", "SettingsScreen", "New per day"),
        ("cards", "BrowserScreen", "How many patches?"),
        ("keys and", "HelpScreen", "On this screen"),
    ],
)
async def test_the_palette_reaches_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, screen: str, seen: str
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("ctrl+p")
        await run.type(typed)
        await run.pilot.pause(0.3)
        await run.press("enter")
        await run.settle()
        assert run.screen == screen
        assert seen in run.text


async def test_the_palette_shows_brackets_of_a_card_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = CARDS_1.replace("How many patches?", "[bold]How many[/bold] [/x] patches?")
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await run.press("ctrl+p")
        await run.type("patches")
        await run.pilot.pause(0.3)
        assert "[bold]How many[/bold] [/x] patches?" in run.text


async def test_a_theme_from_the_palette_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app.action_change_theme()
        await run.settle()
        await run.type("nord")
        await run.pilot.pause(0.3)
        await run.press("enter")
        assert run.app.theme == "nord"
        assert run.workspace.settings.theme == "nord"


async def test_a_failed_backup_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("The disk is full.", hint="Make room.")

    monkeypatch.setattr("studytui.store.Store.daily_backup", full)
    async with running(tmp_path, monkeypatch) as run:
        assert "backup was not made" in run.text


async def test_a_backup_that_lacks_an_own_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home/own/tiny/notes/folder.md").mkdir(parents=True)
    (tmp_path / "home/study.db").write_bytes(tiny_course._empty_database())
    async with running(tmp_path, monkeypatch) as run:
        await until(run, lambda: bool(run.app._notifications))
        (said,) = [notice.message for notice in run.app._notifications]
        assert "is made, but not all of your own files can be read" in said
        assert "folder.md" in said
    assert list((tmp_path / "home/backups").glob("daily-*.db")) != []


async def test_an_unforeseen_store_error_ends_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app._handle_exception(StoreError("The file is damaged.", hint="Bring back a backup."))
        await run.pilot.pause()
        assert run.app.return_code == 2
