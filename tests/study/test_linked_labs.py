"""Numeric cards are held against the labs they link, by running them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studytui.domain.cards import Card, LabLink, Numeric, Source
from studytui.study.maintenance import contradicted

RECTANGLE = LabLink("patches.count", {"image_size": 480, "image_width": 640, "patch_size": 16})


def numeric(key: str, answer: float, lab: LabLink | None, *, unit: str = "", tolerance: float = 0.0) -> Card:
    body = Numeric(answer, unit, tolerance)
    return Card(
        key, "1.1", ("1.1-01",), "numeric", "How many?", "So.", body, Source("content/cards/01.toml", 3), lab=lab
    )


def test_an_answer_that_its_own_lab_contradicts_is_found() -> None:
    share = LabLink("patches.defect", {"patch_size": 32, "defect_px": 8})
    cards = [
        numeric("right", 1200, RECTANGLE),
        numeric("wrong", 1250, RECTANGLE),
        numeric("within", 1250, RECTANGLE, tolerance=60),
        numeric("percent", 6.25, share, unit="%"),
        numeric("varies", 196, LabLink("patches.count", {"patch_size": 16})),
        numeric(
            "words",
            4,
            LabLink("patches.shuffle", {"positions": "without", "readout": "the class token", "patch_size": 16}),
        ),
        numeric("no-lab", 7, None),
        numeric("no-such-lab", 7, LabLink("patches.nothing")),
        replace(numeric("exercise", 7, RECTANGLE), kind="exercise"),
    ]
    told: list[tuple[int, int]] = []
    findings, trouble = contradicted(cards[:8], progress=lambda done, of: told.append((done, of)))
    assert trouble == ""
    assert [(one.card, one.rule, one.field) for one in findings] == [
        ("wrong", "lab-contradicts", "answer"),
        ("varies", "lab-varies", "lab"),
        ("words", "lab-contradicts", "lab"),
    ]
    assert findings[0].message == "1,250 is not what patches.count computes: 1,200 patches."
    assert told == [(done, 7) for done in range(8)]


@pytest.mark.parametrize("labs_are_there", [True, False])
def test_check_runs_the_labs_or_says_that_they_are_not_there(tmp_path: Path, *, labs_are_there: bool) -> None:
    from tests.ui.tiny_course import CARDS_1, write_course

    lab = 'lab = { exercise = "patches.count", set = { image_size = 224, patch_size = 16 } }\n'
    root = write_course(tmp_path / "course", cards=CARDS_1.replace("answer = 196", f"{lab}answer = 197"))
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/torch.py").write_text("raise ModuleNotFoundError('No module named torch', name='torch')\n")
    paths = [str(Path.cwd()), *([] if labs_are_there else [str(tmp_path / "hidden")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "STUDYTUI_HOME": str(tmp_path / "home")}

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studytui", "--course", str(root), "check", *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    done = run()
    if labs_are_there:
        where = "content/cards/01.toml:10: [patch-count] answer: "
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith(
            f"{where}197 is not what patches.count computes: 196 patches. (lab-contradicts)\n"
        )
        assert "1 finding." in done.stdout
        assert run("--no-labs").returncode == 0
    else:
        assert done.returncode == 0, done.stdout
        assert done.stderr.startswith("The answers of 1 card were not computed. The labs need torch")
