"""The settings, by their keys: what is set is saved and in force."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.library import settings_file
from studytui.services.setting_fields import setting_fields
from studytui.ui.screens.settings import SettingsScreen
from tests.ui.tiny_course import running


def saved(tmp_path: Path) -> Settings:
    return settings_file.read(tmp_path / "home/settings.toml")


def test_every_setting_has_a_text() -> None:
    assert [field.name for field in setting_fields()] == [field.name for field in fields(Settings)]
    assert all(field.text.endswith(".") for field in setting_fields())


async def test_a_number_is_saved_and_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("comma", "down", "end", "backspace", "backspace", "2", "enter")
        assert run.workspace.settings.new_per_day == 2
        assert saved(tmp_path).new_per_day == 2
        await run.press("escape")
        assert "2 new" in run.text


async def test_a_wrong_number_is_refused_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("comma", "down", "end", "9", "9", "9", "enter")
        assert "✗" in run.text
        assert run.workspace.settings.new_per_day == 20
        await run.press("up", "end", "backspace", "backspace", "backspace", "backspace", "backspace", "enter")
        assert "a whole number is needed" in run.text
        assert run.workspace.settings.new_per_day == 20


async def test_a_wrong_number_holds_the_first_escape_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("comma", "down", "end", "9", "9", "9", "escape")
        assert run.screen == "SettingsScreen"
        await run.press("escape")
        assert run.screen == "HomeScreen"
        assert run.workspace.settings.new_per_day == 20


async def test_a_theme_is_seen_at_every_step_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        before = run.app.theme
        await run.press("comma", "right")
        assert run.app.theme != before
        assert saved(tmp_path).theme == run.app.theme
        await run.press("left")
        assert run.app.theme == before


async def test_switches_choices_and_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app.push_screen(SettingsScreen("bury_siblings"))
        await run.settle()
        await run.press("space")
        assert not saved(tmp_path).bury_siblings
        await run.press("down", "right")
        assert saved(tmp_path).grade_keys == "six"
        await run.press("ctrl+r")
        assert saved(tmp_path).grade_keys == "four"


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:

        def refuse(*_: object) -> None:
            raise settings_file.SettingsError("settings.toml cannot be written: no space")

        monkeypatch.setattr(settings_file, "write", refuse)
        await run.press("comma", "right")
        assert "settings.toml cannot be written" in run.text
        assert run.workspace.settings.theme == "textual-dark"


async def test_the_mouse_turns_a_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 50)) as run:
        await run.press("comma")
        await run.pilot.click("#row-bury_siblings Cycle", offset=(5, 0))
        await run.settle()
        assert not run.workspace.settings.bury_siblings
