"""`make floor`: run the labs against the oldest versions of their libraries that pyproject.toml admits.

python -m tests.floor [--only NAME]... [PYTEST WORDS]

Builds an environment of its own in .bench/floor: the floors are installed there, everything else is taken from the
environment that runs this. Without words all tests of the labs run. Ends with pytest's code.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACE: Final = ROOT / ".bench" / "floor"
CHECKED: Final = ("torch", "transformers")


def floors() -> dict[str, str]:
    """The oldest version of each library of the labs, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = (re.match(r"([\w-]+)>=([\d.]+)", line) for line in project["optional-dependencies"]["labs"])
    return {match[1]: match[2] for match in found if match}


def build(wanted: list[str]) -> Path:
    """An environment with exactly these requirements over the present one; returns its interpreter."""
    shutil.rmtree(PLACE, ignore_errors=True)
    venv.create(PLACE, with_pip=True)
    python = PLACE / ("Scripts" if os.name == "nt" else "bin") / "python"
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True).stdout.strip())
    # Behind the environment's own packages, so that the floors win; this checkout before what may be installed of it.
    (site / "present.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--ignore-installed", *wanted], check=True)
    return python


def main() -> int:
    """Build, say what is tested, test."""
    parser = argparse.ArgumentParser(prog="python -m tests.floor", description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=CHECKED, help="the library to go back with; both if none")
    wanted, words = parser.parse_known_args()
    oldest = floors()
    requirements = [f"{name}=={oldest[name]}" for name in wanted.only or CHECKED]
    python = build(requirements)
    print(f"Testing the labs with {' and '.join(requirements)}.", flush=True)
    # How little is imported is asked of the versions at hand; older ones compute the same and import more.
    tests = words or ["tests/labs", "--ignore=tests/labs/test_lean_imports.py"]
    # Libraries of different ages warn one another of what is to come; that is not what is asked here.
    quiet = ["-W", "ignore::DeprecationWarning", "-W", "ignore::FutureWarning"]
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *quiet, *tests]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
