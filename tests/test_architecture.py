"""The page on how the app is built names files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"`((?:studytui|labs|tests|content|quizzes)/[\w/.]*)`")
PAGES = ("docs/architecture.md", "CONTRIBUTING.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str) -> None:
    named = set(NAMED.findall((ROOT / page).read_text(encoding="utf-8")))
    assert len(named) > 3
    assert [path for path in sorted(named) if "NAME" not in path and not (ROOT / path).exists()] == []


def test_every_room_is_on_the_page() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = {path.name for path in (ROOT / "studytui").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert [room for room in sorted(rooms) if f"{room}/" not in page] == []
