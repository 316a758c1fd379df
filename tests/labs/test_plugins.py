"""Labs of other packages: found by their entry point, run in the same worker; a broken one costs nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "fixtures" / "coin_lab"


def studytui(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"STUDYTUI_HOME": str(tmp_path), "PYTHONPATH": str(PACKAGE)}
    command = [sys.executable, "-m", "studytui", *words]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)


def test_a_lab_of_another_package_is_listed_posed_and_run(tmp_path: Path) -> None:
    listed = json.loads(studytui(tmp_path, "lab", "list", "--json").stdout)
    assert [one["title"] for one in listed if one["exercise"] == "coin.heads"] == ["Toss a coin"]
    assert any(one["exercise"] == "patches.count" for one in listed)
    run = studytui(
        tmp_path, "lab", "run", "coin.heads", "--seed", "7", "--set", "tosses=100", "--answer", "50", "--json"
    )
    shown = json.loads(run.stdout)
    assert run.returncode == 0
    assert shown["value"] == 51 or 35 <= shown["value"] <= 65
    wrong = studytui(tmp_path, "lab", "run", "coin.heads", "--seed", "7", "--set", "tosses=100", "--answer", "100")
    assert wrong.returncode == 1
    assert "about half are heads" in wrong.stdout


def test_a_broken_lab_of_another_package_is_named_and_left_out(tmp_path: Path) -> None:
    told = studytui(tmp_path, "lab", "list")
    assert told.returncode == 0
    assert "patches.count" in told.stdout
    assert "broken" in told.stderr
    assert "no_such_module" in told.stderr


def test_the_lab_in_the_readme_is_the_lab_tested_here() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    code = (PACKAGE / "coin_lab.py").read_text(encoding="utf-8").strip()
    assert code in readme
    assert len(code.splitlines()) <= 40
