"""Golden pictures of few screens: what a learner sees every day, in dark and light, small and large.

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
from tests.ui.tiny_course import NoLabs, Running, TestClock, write_course


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


def test_home_on_a_large_screen(app: StudyApp, snap_compare: Any) -> None:
    assert snap_compare(app, terminal_size=(140, 45), run_before=pressing())


@pytest.mark.parametrize("app", ["study-dark", "study-light"], indirect=True)
def test_a_number_that_is_wrong(app: StudyApp, snap_compare: Any) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("enter", "1", "9", "7", "enter"))


def test_help_over_a_review(app: StudyApp, snap_compare: Any) -> None:
    keys = ("enter", "escape", "question_mark")
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing(*keys))


def test_the_reader(app: StudyApp, snap_compare: Any) -> None:
    assert snap_compare(app, terminal_size=(140, 45), run_before=pressing("r"))


LOOKS = pytest.mark.parametrize(
    ("app", "size"),
    [("study-dark", (80, 24)), ("study-light", (140, 45))],
    indirect=["app"],
    ids=["80 dark", "140 light"],
)


def answered(app: StudyApp) -> None:
    """Some weeks of answers, the same at each run."""
    run = Running(app, None, app.workspace, TestClock())  # type: ignore[arg-type]
    for back in (30, 29, 22, 21, 15, 14, 8, 7, 2, 1):
        run.review("patch-count", 2 if back in (22, 7) else 4, days_ago=back)
        run.review("latent-choice", 2 if back in (29, 8) else 5, days_ago=back)


@LOOKS
def test_statistics(app: StudyApp, size: tuple[int, int], snap_compare: Any) -> None:
    answered(app)
    assert snap_compare(app, terminal_size=size, run_before=pressing("s"))


@LOOKS
def test_home_after_some_weeks(app: StudyApp, size: tuple[int, int], snap_compare: Any) -> None:
    answered(app)
    assert snap_compare(app, terminal_size=size, run_before=pressing())


@pytest.mark.parametrize("app", ["study-light"], indirect=True)
def test_review_on_a_large_screen(app: StudyApp, snap_compare: Any) -> None:
    keys = ("enter", "1", "9", "7", "enter")
    assert snap_compare(app, terminal_size=(140, 45), run_before=pressing(*keys))
