"""The settings, by their keys: what is set is saved and in force."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from studytui.course import settings
from studytui.course.settings import setting_fields
from studytui.domain.settings import Settings
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp
from studytui.ui.screens.settings import SettingsScreen
from tests.ui.tiny_course import NoLabs, Running, TestClock, running, write_course


def saved(tmp_path: Path) -> Settings:
    return settings.read(tmp_path / "home/settings.toml")


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
        assert run.workspace.settings.new_per_day == 10
        await run.press("up", "end", "backspace", "backspace", "backspace", "backspace", "backspace", "enter")
        assert "type a whole number" in run.text
        assert run.workspace.settings.new_per_day == 10


async def test_a_wrong_number_holds_the_first_escape_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("comma", "down", "end", "9", "9", "9", "escape")
        assert run.screen == "SettingsScreen"
        await run.press("escape")
        assert run.screen == "HomeScreen"
        assert run.workspace.settings.new_per_day == 10


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
            raise settings.SettingsError("settings.toml cannot be written: no space")

        monkeypatch.setattr(settings, "write", refuse)
        await run.press("comma", "right")
        assert "settings.toml cannot be written" in run.text
        assert run.workspace.settings.theme == "study-dark"


async def test_a_change_leaves_the_learners_comments_and_another_windows_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        path = tmp_path / "home/settings.toml"
        path.write_text("# mine\nleech_lapses = 5 # early\n", encoding="utf-8")
        await run.press("comma", "down", "end", "backspace", "backspace", "2", "enter")
        assert path.read_text(encoding="utf-8") == "# mine\nleech_lapses = 5 # early\nnew_per_day = 2\n"
        run.app.push_screen(SettingsScreen("new_per_day"))
        await run.settle()
        await run.press("ctrl+r")
        assert path.read_text(encoding="utf-8") == "# mine\nleech_lapses = 5 # early\n"


async def test_a_broken_file_is_said_on_home_and_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "new_per_day = 3\nleech_lapses = \n"
    (tmp_path / "home").mkdir()
    (tmp_path / "home/settings.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    root = write_course(tmp_path / "course")
    with Workspace.open(root, clock=TestClock()) as workspace:
        app = StudyApp(workspace, NoLabs())  # type: ignore[arg-type]
        async with app.run_test(size=(100, 40), notifications=True) as pilot:
            run = Running(app, pilot, workspace, TestClock())
            await run.settle()
            assert "settings.toml:2: this is not valid TOML" in " ".join(run.text.split())
            await run.press("comma", "down", "end", "backspace", "backspace", "2", "enter")
            assert "Fix it" in " ".join(run.text.split())
            assert (tmp_path / "home/settings.toml").read_text(encoding="utf-8") == text
            assert workspace.settings.new_per_day == 10


async def test_the_mouse_turns_a_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 50)) as run:
        await run.press("comma")
        await run.pilot.click("#row-bury_siblings Cycle", offset=(5, 0))
        await run.settle()
        assert not run.workspace.settings.bury_siblings
