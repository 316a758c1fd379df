"""What is slow to import is absent at the first card: the libraries of labs, migrations, schemas, pictures, plots."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "torch",
    "re2",
    "transformers",
    "numpy",
    "alembic",
    "jinja2",
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "plotext",
    "textual_plot",
    "PIL",
}

OPEN_A_REVIEW = """
import asyncio, json, sys
import studytui.cli.main
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp

async def first_card(workspace):
    app = StudyApp(workspace, start_with="review")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert type(app.screen).__name__ == "ReviewScreen", app.screen
        return sorted({name.partition(".")[0] for name in sys.modules})

workspace = Workspace.open()
try:
    print(json.dumps(asyncio.run(first_card(workspace))))
finally:
    workspace.close()
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a learner who opened the course before: the database is made, the cards are compiled."""
    (tmp_path / "settings.toml").write_text("start_labs = false\n", encoding="utf-8")
    environment = os.environ | {"STUDYTUI_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "studytui", "due"], check=True, env=environment, capture_output=True)
    return environment


def test_the_first_card_is_shown_without_heavy_modules(home: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", OPEN_A_REVIEW], check=False, env=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "textual" in loaded
    assert loaded & HEAVY == set()


def test_asking_what_is_due_needs_no_heavy_modules_and_no_textual(home: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "studytui", "due"],
        check=True,
        env=home,
        capture_output=True,
        text=True,
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "studytui" in loaded
    assert loaded & (HEAVY | {"textual"}) == set()
