"""Own cards, notes and wordings, by the keys of their forms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import TextArea

from studytui.study.learner_state import Bookmark, latest_section, save_bookmark
from studytui.ui.screens.card_form import PickField, TextField
from tests.ui.tiny_course import Running, running


def field(run: Running, name: str) -> TextField:
    return run.app.screen.query_one(f"#field-{name}", TextField)


def picked(run: Running, name: str) -> str:
    return run.app.screen.query_one(f"#field-{name}", PickField).text


async def write(run: Running, name: str, text: str) -> None:
    """Type into a field of the form."""
    field(run, name).enter()
    await run.settle()
    for number, line in enumerate(text.split("\n")):
        if number:
            await run.press("enter")
        await run.type(line)


async def test_a_card_is_written_from_the_list_of_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "n")
        assert run.screen == "NewCardScreen"
        assert "1.1  Patches" in run.text, "the section of the marked card"
        assert "Enter  Go on to the back" in run.text
        await run.type("what is mine")
        await run.press("enter")
        await run.type("this")
        assert "Enter  Pick its objective and write the card" in run.text
        await run.press("enter")
        assert "1.1-01  Objective of 1.1." in run.text
        await run.press("enter")
        assert run.screen == "BrowserScreen"
        assert "own-what-is-mine added." in run.text
        assert "5 of 5" in run.text
        assert run.rows("SELECT section, kind, due_on FROM card WHERE key = 'own-what-is-mine'") == [
            ("1.1", "basic", None)
        ]
        text = (tmp_path / "home/own/tiny/cards/own.toml").read_text(encoding="utf-8")
        assert 'front = "what is mine"' in text
    assert not list((tmp_path / "course").rglob("own*")), "nothing is written into the course"


async def test_the_fields_are_those_of_the_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(80, 60)) as run:
        await run.press("n")
        assert not field(run, "options").display
        await run.press("ctrl+t", "ctrl+t")
        assert "◂ choice ▸" in run.text
        assert field(run, "options").display
        await run.press("ctrl+t")
        assert field(run, "steps").display
        assert not field(run, "options").display


async def test_what_is_missing_or_wrong_is_said_at_its_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(80, 60)) as run:
        await run.press("n", "ctrl+s")
        assert run.text.count("✗ Please fill this in.") == 1, "the front; an objective is asked for once that is there"
        await write(run, "front", "why")
        await run.press("ctrl+t", "ctrl+t", "ctrl+s")
        assert "✗ Please fill this in." in run.text, "the options of a choice"
        await write(run, "options", "a")
        await run.press("ctrl+s", "enter")
        assert "✗ begin the line of the right option with *." in run.text
        assert "Please fill this in" not in run.text
        assert not (tmp_path / "home/own").exists()


async def test_section_and_objectives_are_chosen_from_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "n", "shift+tab")
        assert "Enter  Choose what it covers" in run.text
        await run.press("enter", "enter")
        assert picked(run, "covers") == "1.1-01"
        assert "1.1-01  Objective of 1.1." in run.text
        await run.press("enter")
        assert "✓ 1.1-01" in run.text
        await run.press("enter")
        assert picked(run, "covers") == ""
        await run.press("shift+tab", "enter")
        await run.type("lat")
        await run.press("enter")
        assert picked(run, "section") == "2.1"
        assert "2.1  Latents" in run.text


async def test_the_section_is_the_one_last_read_or_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        assert latest_section(run.workspace) == "1.1", "the first of the course"
        run.review("latent-choice", 4)
        assert latest_section(run.workspace) == "2.1"
        run.clock.moment += timedelta(minutes=1)
        save_bookmark(run.workspace, Bookmark("1.2"))
        assert latest_section(run.workspace) == "1.2"
        run.clock.moment += timedelta(minutes=1)
        run.review("patch-count", 4)
        await run.press("n")
        assert picked(run, "section") == "1.1"


async def test_what_few_cards_need_is_under_more_and_the_quick_way_needs_no_scrolling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("n")
        form = run.app.screen.query_one("#form")
        assert form.max_scroll_y == 0
        assert "Helpers" not in run.text
        await run.press("f4")
        assert "◂ basic ▸" in run.text
        assert form.max_scroll_y > 0
        await write(run, "tags", "mine")
        await run.press("f4")
        assert form.max_scroll_y == 0
        await run.type("two")
        await run.press("ctrl+j")
        await run.type("lines")
        assert field(run, "front").text == "two\nlines"
        await run.press("enter")
        await run.type("yes")
        await run.press("enter", "enter")
        text = (tmp_path / "home/own/tiny/cards/own.toml").read_text(encoding="utf-8")
        assert 'tags = ["mine"]' in text


async def test_a_form_with_text_in_it_is_not_left_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("n", "escape")
        assert run.screen == "HomeScreen"
        await run.press("n")
        await write(run, "front", "half")
        await run.press("escape")
        assert "Leave without saving the card?" in run.text
        await run.press("n")
        assert field(run, "front").text == "half"
        await run.press("escape", "y")
        assert run.screen == "HomeScreen"


async def test_the_reader_offers_its_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("down", "down", "r")
        await run.settle()
        await run.press("a")
        assert run.screen == "NewCardScreen"
        assert picked(run, "section") == "2.1"


async def test_a_note_is_written_in_a_review_and_shown_below_the_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-what", 4, days_ago=1)
        await run.press("enter", "space")
        assert "A small square." in run.text
        await run.press("n")
        assert run.screen == "NoteScreen"
        await run.type("mine own")
        await run.press("ctrl+s")
        assert run.screen == "ReviewScreen"
        assert "✎ Your note" in run.text
        assert "mine own" in run.text
        assert "3 Good" in run.text, "the answer is still to be graded"
        await run.press("3")
        assert run.rows("SELECT repetitions FROM card WHERE key = 'patch-what'") == [(2,)]


async def test_a_new_front_is_asked_anew_with_the_schedule_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-what", 4, days_ago=1)
        await run.press("enter", "space", "n")
        field(run, "front").text = "And what is a patch?"
        await run.press("ctrl+s")
        assert "And what is a patch?" in run.text
        assert "Show answer" in run.text
        assert run.rows("SELECT repetitions, due_on FROM card WHERE key = 'patch-what'") == [(1, "2026-03-10")]


async def test_card_info_shows_the_note_and_gives_the_authors_text_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "down", "i", "n")
        await run.type("mine own")
        field(run, "back").text = "my back"
        await run.press("ctrl+s")
        assert run.screen == "CardInfoScreen"
        assert "✎ Your note" in run.text
        assert "my back" in run.text
        await run.press("n", "ctrl+r", "ctrl+s")
        assert "A small square." in run.text
        assert "mine own" in run.text
        text = (tmp_path / "home/own/tiny/overrides.toml").read_text(encoding="utf-8")
        assert "my back" not in text
        await run.press("n")
        area = field(run, "note").query_one(TextArea)
        area.text = ""
        await run.press("ctrl+s")
        assert "✎ Your note" not in run.text


async def test_a_cloze_with_other_blanks_is_refused_at_its_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(80, 40)) as run:
        await run.press("b", "down", "down", "i", "n")
        field(run, "front").text = "No blank at all."
        await run.press("ctrl+s")
        assert "✗ a cloze needs at least one blank" in run.text
        await run.press("escape", "y")
        assert run.screen == "CardInfoScreen"
        assert not (tmp_path / "home/own/tiny/overrides.toml").exists()
