"""`studytui new-course`: what it writes is a course that opens, is clean, and is learned with."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from studytui.__main__ import main
from studytui.cli.maintenance import STARTER
from studytui.domain.settings import Settings
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp
from tests.cli.command import Done
from tests.ui.tiny_course import NoLabs, Running, TestClock

Typed: TypeAlias = Callable[..., Done]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Run studytui with words in a home of its own."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def run(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["studytui", *words])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Done(code, *capsys.readouterr())

    return run


def test_it_is_clean(typed: Typed, tmp_path: Path) -> None:
    done = typed("new-course", str(tmp_path / "Optics 101"))
    assert (done.code, done.err) == (0, "")
    assert f"studytui --course '{tmp_path}/Optics 101'" in done.out
    done = typed("--course", str(tmp_path / "Optics 101"), "check", "--json")
    report = json.loads(done.out)
    assert (done.code, done.err, report["findings"]) == (0, "", [])
    assert report["objectives_covered"] == report["objectives"] == 4
    for words in (("due",), ("cards",), ("rehearse", "--list"), ("lab", "list")):
        done = typed("--course", str(tmp_path / "Optics 101"), *words)
        assert (done.code, done.err) == (0, "")
    assert typed("--course", str(tmp_path / "Optics 101"), "audit", "--status").code == 1


async def test_it_opens_and_a_review_is_logged(typed: Typed, tmp_path: Path) -> None:
    typed("new-course", str(tmp_path / "optics"), "--title", "Optics")
    clock = TestClock()
    with Workspace.open(tmp_path / "optics", clock=clock, settings=Settings(start_labs=False)) as workspace:
        app = StudyApp(workspace, NoLabs())  # type: ignore[arg-type]
        async with app.run_test(size=(100, 30)) as pilot:
            run = Running(app, pilot, workspace, clock)
            await run.settle()
            assert "Optics" in run.text
            await run.press("enter")
            assert "in place of words" in run.text
            await run.press("space", "3")
            assert run.rows("SELECT grade FROM review") == [(4,)]
        assert workspace.course.id == "optics"


@pytest.mark.parametrize(
    ("title", "course_id"),
    [('Say "hi" \\ [b]', "say-hi-b"), ("光学", "my-course"), ("x" * 200, "x" * 80), ("a\nb\x7f\x1b", "a-b")],
)
def test_any_title_will_do(typed: Typed, tmp_path: Path, title: str, course_id: str) -> None:
    done = typed("new-course", str(tmp_path / "new"), "--title", title, "--json")
    assert (done.code, json.loads(done.out)["id"]) == (0, course_id)
    assert typed("--course", str(tmp_path / "new"), "check", "--no-labs").code == 0


def test_it_writes_into_an_empty_folder_alone(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for name in ("mine", "file"):
        done = typed("new-course", str(tmp_path / name))
        assert (done.code, done.out) == (2, "")
        assert done.err.strip() == f"studytui: new-course: {tmp_path / name} is not empty; name a new folder."
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    assert typed("new-course", str(tmp_path / "empty")).code == 0
    assert {path.relative_to(tmp_path / "empty") for path in (tmp_path / "empty").rglob("*.*")} == {
        path.relative_to(STARTER) for path in STARTER.rglob("*.*")
    }


def test_a_folder_that_cannot_be_is_a_sentence(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for name in (str(tmp_path / "file" / "in"), "n" * 300):
        done = typed("new-course", name)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
