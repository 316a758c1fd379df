"""Stores for the tests, made by the migrations once and copied."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from studytui.store import Store
from tests.store.learner import DAY, Learner, compiled, new_learner


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed database of the newest schema without a course."""
    path = tmp_path_factory.mktemp("empty") / "study.db"
    Store.open(path, today=DAY).close()
    return path


@pytest.fixture
def path(tmp_path: Path, empty_database: Path) -> Path:
    """An empty database of the newest schema, for one test."""
    return Path(shutil.copy(empty_database, tmp_path / "study.db"))


@pytest.fixture
def learner(path: Path) -> Iterator[Learner]:
    """A learner with ten cards of one section, none seen."""
    learner = new_learner(path, [compiled(number) for number in range(10)])
    yield learner
    learner.store.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
