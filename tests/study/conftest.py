"""The tiny course of the screens, opened without them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.study.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A learner at the tiny course, none of its four cards seen."""
    with open_desk(tmp_path, monkeypatch) as desk:
        yield desk
