"""The help names every key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from studytui.ui.keys import key_groups
from studytui.ui.screens.browser import BrowserScreen
from studytui.ui.screens.card_form import NewCardScreen, NoteScreen
from studytui.ui.screens.course_map import CourseMapScreen
from studytui.ui.screens.extra import ExtraScreen
from studytui.ui.screens.home import HomeScreen
from studytui.ui.screens.reader import ReaderScreen
from studytui.ui.screens.recall import AnswerPromptScreen, RecallScreen, WorkOutScreen
from studytui.ui.screens.settings import SettingsScreen
from tests.ui.tiny_course import running


async def test_help_lists_the_keys_of_the_screen_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 60)) as run:
        await run.press("b", "question_mark")
        for word in ("Filter", "Suspend", "Make it new again", "Everywhere", "palette"):
            assert word in run.text
        await run.press("question_mark")
        assert run.screen == "BrowserScreen"


async def test_help_scrolls_and_explains_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("question_mark", "end")
        assert "Finding cards" in run.text
        await run.press("home")
        assert "On this screen" in run.text
        await run.press("space", "escape")
        assert run.screen == "HomeScreen"


async def test_no_key_of_the_screen_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for key in ("b", "r", "comma", "m", "x", "n", "f"):
            await run.press(key)
            groups = key_groups(run.app, run.app.screen)
            described = {line.description for group in groups for line in group.keys}
            wanted = {b.description for b in Binding.make_bindings(type(run.app.screen).BINDINGS)}
            assert wanted <= described
            await run.press("escape")


@pytest.mark.parametrize(
    "screen",
    [
        AnswerPromptScreen,
        BrowserScreen,
        CourseMapScreen,
        ExtraScreen,
        HomeScreen,
        NewCardScreen,
        NoteScreen,
        ReaderScreen,
        RecallScreen,
        SettingsScreen,
        WorkOutScreen,
    ],
)
def test_every_binding_has_an_id_and_a_tooltip(screen: type[HomeScreen]) -> None:
    for binding in screen.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.tooltip
