"""`python -m tests.screenshot`: take docs/review.svg, the picture in the README, from the real app and the real lab."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from studytui.domain.settings import Settings
from studytui.study.labs import LabClient
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp

CARD = "vit-count-any"
TARGET = Path(__file__).parents[1] / "docs" / "review.svg"
LONGEST_WAIT_S = 60
MOST_PATCHES_A_SIDE = 16


async def take(target: Path) -> None:
    """Answer one lab card right, wait for the evidence, and save the screen."""
    with Workspace.open(settings=Settings(show_timer=False)) as workspace:
        workspace.store.connection.execute("UPDATE card SET suspended = 1 WHERE key <> ?", (CARD,))
        client = LabClient()
        app = StudyApp(workspace, client)
        async with app.run_test(size=(124, 34)) as pilot:
            await client.start()
            side, patch = 1000, 1
            while side // patch > MOST_PATCHES_A_SIDE:  # a grid that can be seen in so few cells
                await pilot.press("enter")
                await pilot.pause()
                params = app.screen.attempt.problem.params  # type: ignore[attr-defined]
                side, patch = int(params["image_size"]), int(params["patch_size"])
                if side // patch > MOST_PATCHES_A_SIDE:
                    await pilot.press("escape", "escape")
            for key in str((side // patch) ** 2):
                await pilot.press(key)
            await pilot.press("enter")
            for _ in range(LONGEST_WAIT_S * 10):
                await pilot.pause(0.1)
                if app.screen.query("EvidenceView PictureView"):
                    break
            await pilot.pause(0.5)
            target.parent.mkdir(exist_ok=True)
            target.write_text(app.export_screenshot(title="studytui"), encoding="utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as home:
        os.environ["STUDYTUI_HOME"] = home
        os.environ["STUDYTUI_PICTURES"] = "cells"
        asyncio.run(take(TARGET))
    sys.exit(0)
