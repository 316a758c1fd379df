"""Golden pictures as SVG of the first home and the reader; `test_golden` has the main screens.

`pytest tests/ui/test_snapshots.py --snapshot-update` draws them anew; look at the difference before committing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from studytui.domain.settings import Settings
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp
from tests.ui.tiny_course import NoLabs, TestClock, write_course


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[StudyApp]:
    """The app on the tiny course at a fixed moment; the marker `theme` chooses the colours."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDYTUI_PICTURES", "cells")
    theme = getattr(request, "param", "study-dark")
    settings = Settings(start_labs=False, show_timer=False, theme=theme)
    with Workspace.open(write_course(tmp_path / "course"), clock=TestClock(), settings=settings) as workspace:
        yield StudyApp(workspace, NoLabs())  # type: ignore[arg-type]


def pressing(*keys: str) -> Any:
    """Press keys, each after all that followed the one before."""

    async def run(pilot: Pilot[int]) -> None:
        await pilot.app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        await pilot.pause()

    return run


@pytest.mark.parametrize("app", ["study-dark", "study-light"], indirect=True)
def test_home(app: StudyApp, snap_compare: Any) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


def test_the_reader(app: StudyApp, snap_compare: Any) -> None:
    assert snap_compare(app, terminal_size=(140, 45), run_before=pressing("r"))
