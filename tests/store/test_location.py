"""Where the database is."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.files import cache_folder, data_folder
from studytui.study.workspace import Workspace
from tests.ui.tiny_course import write_course


def test_the_learner_may_say_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "here"))
    assert data_folder() == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STUDYTUI_HOME", "~/study")
    assert data_folder() == tmp_path / "study"


def test_otherwise_it_is_where_the_platform_keeps_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUDYTUI_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder() == tmp_path / "studytui"


def test_what_can_be_made_again_is_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here/cache"
    monkeypatch.delenv("STUDYTUI_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert cache_folder() == tmp_path / "caches/studytui"


def test_compiled_files_beside_the_database_move_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, root = tmp_path / "home", write_course(tmp_path / "course")
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    Workspace.open(root).close()
    (kept,) = (home / "cache").iterdir()
    assert not (home / "compiled").exists()

    (home / "compiled").mkdir()
    kept.rename(home / "compiled" / kept.name)
    (home / "compiled" / "0123.json").write_text("{}", encoding="utf-8")
    (root / "content/course.toml").write_text("broken", encoding="utf-8")
    with Workspace.open(root) as workspace:
        assert workspace.course.id == "tiny", "it is as it was last read"
        assert workspace.problems
    assert {path.name for path in (home / "cache").iterdir()} == {kept.name, "0123.json"}
    assert not (home / "compiled").exists()
