"""The reader, by its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.queue import Scope
from tests.ui.tiny_course import CHAPTER_1, HOSTILE, running


async def test_sections_in_turn_and_the_place_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("r")
        assert "Before all." in run.text
        await run.press("right_square_bracket")
        assert "1.2 Attention" in run.text
        assert "Scores become weights here." in run.text
        await run.press("right_square_bracket")
        assert "A latent is a code." in run.text
        await run.press("right_square_bracket")
        assert "This is the last section." in run.text
        await run.press("escape", "r")
        assert "A latent is a code." in run.text
    async with running(tmp_path, monkeypatch) as run:
        await run.press("r")
        assert "A latent is a code." in run.text


async def test_the_place_within_a_section_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("r", "space", "space")
        before = run.text
        assert "A patch is a square." not in before
        await run.press("q", "r")
        line = next(line for line in before.split("\n") if "about squares" in line)
        assert line in run.text


async def test_the_contents_lead_to_a_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("r", "t")
        assert "First [bold]things[/bold]" in run.text
        await run.press("down", "enter")
        assert "Scores become weights here." in run.text
        await run.press("t", "down", "enter")
        assert "A latent is a code." in run.text


async def test_objectives_and_cards_of_the_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4, days_ago=1)
        await run.press("r", "o")
        assert "Objective of 1.1." in run.text
        assert "Cards: 2, 1 due" in run.text
        assert "What is a patch?" in run.text
        await run.press("down", "enter")
        assert run.screen == "CardInfoScreen"
        await run.press("escape", "escape", "escape")
        assert run.screen == "HomeScreen"


async def test_finding_words_round_the_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("r", "slash")
        await run.type("ABOUT  squares")
        await run.press("enter")
        assert "1 of 60" in run.text
        await run.press("n", "n")
        assert "3 of 60" in run.text
        await run.press("N", "N", "N")
        assert "60 of 60" in run.text
        assert "Line 59 about squares." in run.text
        await run.press("escape")
        assert "60 of 60" not in run.text
        await run.press("slash", "home", "shift+end", "delete")
        await run.type("nowhere")
        await run.press("enter")
        assert "not in this chapter" in run.text


async def test_a_review_of_the_section_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.app.open_reader("1.2")
        await run.settle()
        await run.press("r")
        assert run.screen == "ReviewScreen"
        assert run.app.screen.session.scope == Scope(section="1.2")  # type: ignore[attr-defined]
        await run.press("escape", "escape")
        assert run.screen == "ReaderScreen"


async def test_a_card_opens_its_section_and_escape_returns_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, start_with="review", scope=Scope(section="2.1")) as run:
        assert run.screen == "ReviewScreen"
        await run.press("s")
        assert "A latent is a code." in run.text
        await run.press("escape")
        assert run.screen == "ReviewScreen"


async def test_a_missing_chapter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        (tmp_path / "course/content/chapters/02.md").unlink()
        run.app.open_reader("2.1")
        await run.settle()
        assert run.screen == "ReaderScreen"
        assert "02.md" in run.text


async def test_a_spoiled_bookmark_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.workspace.store.connection.execute("INSERT INTO learner_state VALUES ('reading', 'tiny', '[1, 2', '', '')")
        await run.press("r")
        assert "Before all." in run.text
        await run.press("escape")
        assert run.screen == "HomeScreen"


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (140, 45)])
async def test_hostile_text_is_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    chapter = CHAPTER_1.replace("Before all.", f"`{HOSTILE}`")
    async with running(tmp_path, monkeypatch, size=size, chapter=chapter) as run:
        await run.press("r")
        assert "[bold red]not red[/]" in run.text
        assert "\x1b" not in run.text
        assert "\u202e" not in run.text


async def test_a_diagram_of_76_columns_is_not_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diagram = "+" + "-" * 74 + "+"
    chapter = CHAPTER_1.replace("Before all.", f"```\n{diagram}\n```")
    for size in ((80, 24), (113, 30), (138, 40)):
        async with running(tmp_path, monkeypatch, size=size, chapter=chapter) as run:
            run.workspace.store.delete_state("reading", "tiny")
            await run.press("r")
            assert diagram in run.text
