"""A shell in a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Shell
from tests.ui.tiny_course import write_course


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Nothing studied yet."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    return Shell(write_course(tmp_path / "course"), monkeypatch, capsys)
