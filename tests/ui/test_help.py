"""The help names every key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from studytui.ui.keys import is_typed, key_groups
from studytui.ui.screens.browser import BrowserScreen
from studytui.ui.screens.card_form import NewCardScreen, NoteScreen
from studytui.ui.screens.course_map import CourseMapScreen
from studytui.ui.screens.extra import ExtraScreen
from studytui.ui.screens.home import HomeScreen
from studytui.ui.screens.reader import ReaderScreen
from studytui.ui.screens.recall import AnswerPromptScreen, RecallScreen, WorkOutScreen
from studytui.ui.screens.settings import SettingsScreen
from tests.ui.tiny_course import CARDS_1, running

CHOICE = """
[[card]]
id = "a-choice"
section = "1.1"
covers = ["1.1-01"]
kind = "choice"
front = "Which?"
options = [{ text = "This", correct = true }, { text = "That", why = "No." }]
back = "This."
"""


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
        assert "Command palette" in run.text
        assert "Each answer is on the disk" in " ".join(run.text.split())
        await run.press("home")
        assert "On this screen" in run.text
        await run.press("space", "escape")
        assert run.screen == "HomeScreen"


async def test_each_key_that_works_now_is_named_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for key in ("b", "r", "comma", "m", "x", "n", "f"):
            await run.press(key)
            screen = run.app.screen
            described = {line.description for line in key_groups(run.app, screen)[0].keys}
            own = {binding.description for binding in Binding.make_bindings(type(screen).BINDINGS)}
            working = {
                active.binding.description
                for name, active in screen.active_bindings.items()
                if active.node is screen and active.enabled and not is_typed(screen.focused, name)
            }
            assert own & described == own & working, key
            assert working, key
            await run.press("escape")


async def test_keys_that_a_field_takes_as_letters_and_those_that_are_out_of_place_are_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "slash")
        described = {line.description for group in key_groups(run.app, run.app.screen) for line in group.keys}
        assert "Back" in described
        assert "Flag" not in described, "the letter is typed into the line"
        await run.type("nothing")
        await run.press("enter")
        described = {line.description for group in key_groups(run.app, run.app.screen) for line in group.keys}
        assert "Filter" in described
        assert "Flag" not in described, "no card is listed"


async def test_options_by_number_take_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = CARDS_1.replace('[[card]]\nid = "patch-count"', CHOICE + '\n[[card]]\nid = "patch-count"')
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await run.press("enter")
        lines = [line for group in key_groups(run.app, run.app.screen) for line in group.keys]
        (options,) = [line for line in lines if "Pick option" in line.description]
        assert (options.display, options.description) == ("1 … 9", "Pick option n")


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
