"""No row takes two lines, nothing stands out of the screen, titles get the room there is: at every width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import OptionList

from studytui.domain.settings import Settings
from studytui.study.progress import Share
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp
from studytui.ui.keys import KeyBar
from studytui.ui.screens import home
from studytui.ui.screens.course_map import HeatMap
from studytui.ui.widgets.card_table import LEAST_CELLS, CardTable, _columns
from studytui.ui.widgets.panels import Panel
from tests.ui import tiny_course
from tests.ui.tiny_course import NoLabs, Running, TestClock, running

WIDTHS = range(60, 201)
SOME_WIDTHS = sorted({*range(60, 201, 7), 80, 110, 119, 120, 131, 132, 140})
SCREENS = {"home": "", "cards": "b", "map": "m", "statistics": "s", "rehearsal": "i", "settings": "comma", "plan": "p"}
LONG = "A title that goes on well beyond what any row of eighty cells can hold, [bold]with[/bold] more behind it"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_is_one_line_and_cuts_no_title_that_fits(width: int) -> None:
    for title in ("1  Short", "2  A title of forty-four cells, the longest one", f"3  {LONG}"):
        drawn = home.row(title, Share(total=9, new=9), width).plain
        assert len(drawn) <= width
        assert "\n" not in drawn
        if len(title) + 1 + home.BAR_CELLS[0] + home.TAIL_CELLS <= width:
            assert title in drawn
    line = _columns(width, "✓*○ new", "1.1", "choice", "2026-12-01", "patch-count", LONG)
    assert len(line) == width
    if width >= LEAST_CELLS:
        assert LONG[: LEAST_CELLS - 41] in line


def _faults(screen: Widget, width: int) -> Iterator[str]:
    """What of a screen is wider than it, or takes more lines than its text has; the map may be scrolled sideways."""
    for widget in screen.query("*"):
        if not widget.is_on_screen:
            continue
        if widget.region.right > width and not isinstance(widget, HeatMap):
            yield f"{widget!r} ends at {widget.region.right}"
        if isinstance(widget, OptionList):
            lines = sum(str(option.prompt).count("\n") + 1 for option in widget.options)
            if len(widget._lines) > lines:
                yield f"{widget!r} has {len(widget._lines)} lines for {lines}"
        if isinstance(widget, Panel | home.SectionBars):
            widest = max(line.cell_length for line in widget.render().split("\n"))
            if widest > widget.size.width:
                yield f"{widget!r} draws {widest} cells in {widget.size.width}"


async def _resized(run: Running, width: int) -> None:
    await run.pilot.resize_terminal(width, 45)
    await run.pilot.pause()
    while run.app.screen.size.width != width or run.app.screen.query_one(KeyBar).region.right != width:
        await run.pilot.pause()
    await run.pilot.pause()


@pytest.mark.parametrize("key", SCREENS.values(), ids=SCREENS)
async def test_no_row_of_a_screen_wraps_at_any_width(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    course = tiny_course.COURSE.replace('title = "Second things"', f'title = "{LONG}"')
    monkeypatch.setattr(tiny_course, "COURSE", course.replace('title = "Attention"', f'title = "{LONG}"'))
    cards = tiny_course.CARDS_1.replace("How many patches?", f"{LONG}? ")
    async with running(tmp_path, monkeypatch, cards=cards, size=(60, 45)) as run:
        for days_ago in (30, 22, 9, 1):
            run.review("patch-count", 4, days_ago=days_ago)
        await run.press("f5", *[key] * bool(key))
        for width in SOME_WIDTHS:
            await _resized(run, width)
            assert not list(_faults(run.app.screen, width)), width


async def test_the_course_is_read_whole_at_140_columns_and_wraps_at_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path))
    with Workspace.open(clock=TestClock(), settings=Settings(start_labs=False)) as workspace:
        app = StudyApp(workspace, NoLabs())  # type: ignore[arg-type]
        async with app.run_test(size=(60, 45)) as pilot:
            run = Running(app, pilot, workspace, TestClock())
            await run.settle()
            course = workspace.course
            for width in WIDTHS:
                await _resized(run, width)
                rows = app.screen.query_one(home.ScopeList)
                assert not list(_faults(app.screen, width)), width
                assert rows.virtual_size.height == len(course.chapters) + 1, width
                titles = " ".join(str(option.prompt) for option in rows.options)
                if width >= 75:
                    assert all(chapter.title in titles for chapter in course.chapters), width
                if width >= 140:
                    drawn = str(app.screen.query_one(home.SectionBars).render())
                    assert [s.title for c in course.chapters for s in c.sections if s.title not in drawn] == [], width
            await run.press("m")
            for width in SOME_WIDTHS:
                await _resized(run, width)
                assert not list(_faults(app.screen, width)), width
                if width >= 140:
                    drawn = str(app.screen.query_one(HeatMap).render())
                    assert all(chapter.title in drawn for chapter in course.chapters), width
            await run.press("escape", "b")
            for width in SOME_WIDTHS:
                await _resized(run, width)
                assert not list(_faults(app.screen, width)), width
                table = app.screen.query_one(CardTable)
                assert table.size.width >= min(width, LEAST_CELLS) - 2, width
