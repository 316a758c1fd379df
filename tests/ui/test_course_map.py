"""The course map, by its keys and the mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.store import StoreError
from studytui.study.reading import begin_unread, mark
from studytui.ui.screens.course_map import HeatMap
from studytui.ui.widgets.card_table import CardTable
from tests.ui import tiny_course
from tests.ui.tiny_course import CHAPTER_1, Running, running


def at(run: Running) -> str:
    cell = run.app.screen.query_one(HeatMap).cell
    assert cell is not None
    return cell.filter_text


async def test_m_opens_the_map_and_enter_the_cards_of_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for grade in (4, 4, 4, 4):
            run.review("attention-cloze", grade)
        await run.press("m")
        assert run.screen == "CourseMapScreen"
        assert at(run) == "chapter:1"
        assert "3 cards:" in run.text
        assert "counts as its weakest card" in run.text
        await run.press("right", "l")
        assert at(run) == "section:1.2"
        assert "1.2  Attention" in run.text
        await run.press("enter")
        assert run.screen == "BrowserScreen"
        assert [entry.card.id for entry in run.app.screen.query_one(CardTable)._entries] == ["attention-cloze"]
        await run.press("escape")
        assert at(run) == "section:1.2", "the cursor is where it was"


async def test_states_of_section_and_objectives_are_told_without_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for days_ago, grade in ((23, 4), (22, 4), (16, 4), (1, 4)):
            run.review("patch-count", grade, days_ago=days_ago)
        run.review("patch-what", 4, days_ago=2)
        run.review("patch-what", 0, days_ago=1)
        await run.press("m")
        await run.press("right")
        (counts,) = [line for line in run.text.splitlines() if "2 cards:" in line]
        assert " ".join(counts.split()) == "2 cards:▇ 1 mature ▂ 1 lapsed 1 due"
        assert "strength 50%" in run.text
        assert "▂ lapsed    1.1-01  Objective of 1.1.  (1 mature, 1 lapsed)" in run.text
        (chapter,) = [line for line in run.text.splitlines() if "1  First" in line]
        assert "▅▅▅▅ 50!" in chapter, "a cell with a lapsed card is marked"


async def test_the_view_is_switched_to_helpers_and_lenses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("m", "v")
        assert "by helper" in run.text
        assert at(run) == "helper:eye"
        assert "The eye" in run.text
        await run.press("right")
        assert at(run) == "helper:eye chapter:1"
        await run.press("enter")
        assert [entry.card.id for entry in run.app.screen.query_one(CardTable)._entries] == ["patch-count"]
        await run.press("escape", "v")
        assert at(run) == "lens:eye"
        assert "Did the eye fail?" in run.text
        assert "1.2-01  Objective of 1.2." in run.text
        await run.press("v")
        assert at(run) == "chapter:1"


async def test_a_section_says_how_long_it_takes_to_read_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = f"\n\n## 1.2 Attention\n\n{'Scores become weights. ' * 300}\n"
    chapter = CHAPTER_1.partition("\n\n## 1.2")[0] + long
    settings = Settings(start_labs=False, read_first=True)
    async with running(tmp_path, monkeypatch, chapter=chapter, settings=settings) as run:
        begin_unread(run.workspace)
        mark(run.workspace, ["1.1"], "known")
        await run.press("m")
        assert "1 of 2 sections read, 5 min left" in run.text
        assert "▶ r  Read 1.2 Attention (5 min)  It has 1 card." in run.text
        rows = [line for line in run.text.splitlines() if "1.1  Patches" in line or "1.2  Attention" in line]
        assert [row.split()[-3:] for row in rows] == [["2", "min", "✓"], ["5", "min", "○"]]
        cells = next(line for line in run.text.splitlines() if "1  First" in line)
        assert "✓" in cells
        assert cells.count("5m") == 2, "the chapter's is what is left of it"
        await run.press("right")
        assert "2 min to read · ✓ declared known" in run.text
        assert "▶ x  Practise its 2 cards" in run.text
        await run.press("home", "r")
        assert run.screen == "ReaderScreen"
        assert "Scores become weights." in run.text


async def test_chapters_keep_their_number_where_their_titles_have_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "A chapter with a title of more than that"
    monkeypatch.setattr(tiny_course, "COURSE", tiny_course.COURSE.replace("Second things", title))
    async with running(tmp_path, monkeypatch, size=(60, 24)) as run:
        await run.press("m", "down")
        assert f"Chapter 2  {title}" in run.text
        assert "…" not in run.text


async def test_the_cursor_passes_over_empty_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("m", "right", "right", "right", "right")
        assert at(run) == "section:1.2"
        await run.press("down")
        assert at(run) == "section:2.1", "the nearest cell of that row"
        await run.press("home")
        assert at(run) == "chapter:2"
        await run.press("up", "up", "end")
        assert at(run) == "section:1.2"
        await run.press("left")
        assert at(run) == "section:1.1"


async def test_the_mouse_marks_a_cell_and_a_double_click_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("m")
        heat = run.app.screen.query_one(HeatMap)
        label, wide = heat._measures(heat.content_size.width)
        place = (label + 2 * wide + 1, 1)
        await run.pilot.click(HeatMap, offset=place)
        await run.settle()
        assert at(run) == "section:1.2"
        await run.pilot.click(HeatMap, offset=(label + 2 * wide + 1, 2))
        await run.settle()
        assert at(run) == "section:1.2", "nothing is there"
        await run.pilot.click(HeatMap, offset=place, times=2)
        await run.settle()
        assert run.screen == "BrowserScreen"
        await run.press("escape")
        await run.pilot.click("#view", offset=(10, 0))
        await run.settle()
        assert "by helper" in run.text


async def test_a_cell_is_read_and_studied_from_the_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("m", "down", "r")
        assert "A latent is a code." in run.text
        await run.press("escape", "x")
        assert run.screen == "ExtraScreen"
        assert "chapter:2" in run.text
        await run.press("escape", "escape")
        assert run.screen == "HomeScreen"


async def test_numbers_are_fresh_after_a_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("m", "down", "enter")
        run.review("latent-choice", 4)
        await run.press("escape")
        assert "▃ 1 learning" in run.text


async def test_a_database_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:

        def broken(*_: object, **__: object) -> None:
            raise StoreError("The disk refused to read.", hint="Check the disk.")

        with monkeypatch.context() as patch:
            patch.setattr("studytui.ui.screens.course_map.mastery", broken)
            await run.press("m")
            assert "The disk refused to read. Check the disk." in run.text
        await run.press("r")
        assert "3 cards:" in run.text


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (60, 15)])
async def test_every_size_shows_map_counts_and_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with running(tmp_path, monkeypatch, size=size) as run:
        await run.press("m")
        for words in ("all", ".2", "2  Second", "3 cards:", "View"):
            assert words in run.text
