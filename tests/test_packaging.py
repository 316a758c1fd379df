"""Wheel and sdist build, and the app installed from the wheel, with no repository around it, finds its course."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_wheel_holds_course_labs_weights_and_styles(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for wanted in (
        "studytui/builtin/content/course.toml",
        "studytui/builtin/content/cards/02-vision-encoders.toml",
        "studytui/builtin/content/chapters/02-vision-encoders.md",
        "studytui/builtin/quizzes/interview.toml",
        "studytui/builtin/quizzes/lexicon.toml",
        "studytui/builtin/quizzes/wordings/chapter-2.toml",
        "studytui/course/starter/content/course.toml",
        "studytui/study/grader/vectors.safetensors",
        "studytui/ui/screens/review.tcss",
        "studytui/store/migrations/versions/0001_first_schema.py",
        "labs/worker.py",
    ):
        assert wanted in names
    weights = {name for name in names if name.endswith(".safetensors")}
    assert {name.replace(".safetensors", ".toml") for name in weights} <= names
    assert not any(name.startswith(("tests/", "studytui/builtin/quizzes/grader")) for name in names)


def test_the_sdist_holds_what_the_tests_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    root = ("Makefile", "constraints.txt", "pyproject.toml")
    for wanted in (*root, "tests/test_packaging.py", "content/course.toml", "docs/answers.md"):
        assert wanted in names


def test_the_app_from_the_wheel_finds_its_course(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "empty"
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # The libraries come from here; a .pth line adds the folder without its own .pth files, so not this checkout.
    (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    environment = {"STUDYTUI_HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]}

    def studytui(*words: str) -> str:
        command = [str(python), "-m", "studytui", *words]
        done = subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done.stdout

    where = subprocess.run(
        [python, "-c", "import studytui, labs; print(studytui.__file__, labs.__file__)"],
        check=True, cwd=tmp_path, env=environment, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where.replace(sysconfig.get_path("purelib"), "")
    assert json.loads(studytui("due", "--json"))["new"] == 10
    assert json.loads(studytui("check", "--json"))["objectives_covered"] == 369
    run = studytui(
        "lab", "run", "patches.count", "--set", "image_size=224", "--set", "patch_size=16", "--answer", "196"
    )
    assert "Right." in run
