"""The last line of every screen of the real course: whole pairs that work now, and help always in view."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from studytui.domain.settings import Settings
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp
from studytui.ui.keys import GAP, KeyBar, fitted, is_typed
from tests.ui.tiny_course import NoLabs, TestClock, running

WIDTHS = (40, 60, 80, 140)
OPENED: dict[str, Callable[[StudyApp], object]] = {
    "home": lambda app: None,
    "review": lambda app: app.open_review(),
    "reader": lambda app: app.open_reader("2.2"),
    "browser": lambda app: app.open_browser("kind:numeric"),
    "map": lambda app: app.open_course_map(),
    "extra": lambda app: app.open_extra(),
    "recall": lambda app: app.open_recall(),
    "new card": lambda app: app.open_new_card("2.2"),
    "card": lambda app: app.open_card(1),
    "why due": lambda app: app.open_why_due(1),
    "note": lambda app: app.open_note(1, lambda _: None),
    "lab": lambda app: app.open_lab("patches.count"),
    "interview": lambda app: app.open_rehearsal(),
    "earlier answers": lambda app: app.open_rehearsal_history(),
    "audit": lambda app: app.open_gate(),
    "statistics": lambda app: app.open_statistics(),
    "settings": lambda app: app.open_settings(),
}


async def settled(pilot: Pilot[int]) -> None:
    with suppress(WorkerCancelled):  # one that a later of its group takes the place of
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_no_pair_is_cut_and_help_is_in_view_on_any_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path))
    with Workspace.open(clock=TestClock(), settings=Settings(start_labs=False)) as workspace:
        app = StudyApp(workspace, NoLabs())  # type: ignore[arg-type]
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            for name, opened in OPENED.items():
                opened(app)
                await settled(pilot)
                check(app.screen.query_one(KeyBar), name)
                app.open_help()
                await settled(pilot)
                area = app.screen.query_one("#help")
                assert area.max_scroll_y <= area.size.height, f"the help of {name} has more than two pages"
                while len(app.screen_stack) > 1:
                    app.pop_screen()
                    await settled(pilot)


def check(bar: KeyBar, name: str) -> None:
    pairs = bar.pairs()
    assert str(bar.render()).endswith((" ? Help", " F1 Help")), name
    for _, pair in pairs:
        assert not is_typed(bar.screen.focused, pair.key), f"{name}: {pair.key} is typed"
    words = [f"{pair.name} {pair.word}" for action, pair in pairs if action != "help"]
    for width in WIDTHS:
        line = str(fitted(pairs, width)[0])
        assert len(line) <= width, f"{name} at {width}"
        left, _, help_word = line.rpartition(" " * GAP)
        assert help_word in ("? Help", "F1 Help"), f"{name} at {width}"
        shown = [each.strip() for each in left.split(" " * GAP) if each.strip()]
        assert shown == words[: len(shown)], f"{name} at {width}"
        assert shown, f"{name} at {width}"


async def test_under_a_box_stand_the_keys_of_the_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "space")
        bar = run.app.screen.query_one(KeyBar)
        assert "Suspend" in bar.render().plain
        await run.press("T")
        assert "Cancel" in [pair.word for _, pair in bar.pairs()]
        assert "Suspend" not in bar.render().plain
        assert "esc Cancel" in run.text
        await run.press("escape")
        assert "Suspend" in run.text
