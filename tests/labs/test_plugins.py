"""Labs of other packages: found by their entry point, run in the same worker; a broken one costs nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_the_lab_on_the_page_is_the_lab_tested_here() -> None:
    page = (Path(__file__).parents[2] / "docs/labs.md").read_text(encoding="utf-8")
    code = (PACKAGE / "coin_lab.py").read_text(encoding="utf-8").strip()
    assert code in page
    assert len(code.splitlines()) <= 40


GOOD = """
from labs.checking import check_number
from labs.exercise import Exercise
from labs.protocol import *
{before}
def pose(params, seed):
    {pose}
    return Problem("bad.lab", dict(params), seed, "How many?", "integer")
def solve(problem, progress):
    {solve}
    return Evidence(value=3)
def check(problem, answer, evidence):
    {check}
    return check_number(problem, answer, evidence)
EXERCISES = {offer}
"""
OFFER = (
    '[Exercise(name="bad.lab", title="Bad", sections=(), covers=(), params=(), module="bad_lab", poser=pose, '
    "checker=check, seconds_allowed=2)]"
)


def bad_lab(folder: Path, **parts: str) -> None:
    """A package with a lab that does something bad in one place."""
    known = {"before": "", "pose": "pass", "solve": "pass", "check": "pass", "offer": OFFER} | parts
    folder.mkdir()
    (folder / "bad_lab.py").write_text(GOOD.format(**known), encoding="utf-8")
    about = folder / "bad_lab-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-lab\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[studytui.labs]\nbad = bad_lab:EXERCISES\n", encoding="utf-8")


def with_bad_lab(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"STUDYTUI_HOME": str(tmp_path), "PYTHONPATH": f"{tmp_path / 'bad'}:{Path.cwd()}"}
    command = [sys.executable, "-m", "studytui", *words]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"before": "import sys; sys.exit(3)"}, "SystemExit: 3"),
        ({"before": "raise KeyboardInterrupt"}, "KeyboardInterrupt"),
        ({"before": "class Odd(BaseException): pass\nraise Odd('\\x1b]52;\\x07 no')"}, "Odd: "),
        ({"before": "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd"}, "Odd"),
        ({"before": "while True: pass"}, "did not come back within 5 s"),
        ({"before": "def f(): f()\nf()"}, "RecursionError"),
        ({"offer": "3"}, "not iterable"),
        ({"offer": "None"}, "not iterable"),
        ({"before": "import itertools", "offer": "itertools.count()"}, "more than 1,000 exercises"),
        ({"offer": "['patches.count']"}, "which is no exercise"),
        ({"offer": OFFER.replace('"bad.lab"', '"patches.count"')}, "two lab exercises are called patches.count"),
        ({"offer": OFFER.replace('"bad.lab"', '"a\\x1b[2Jb"')}, "letters, digits, dots and dashes"),
        ({"offer": OFFER.replace('"Bad"', "7")}, "title must be a text"),
        ({"offer": OFFER.replace("seconds_allowed=2", "seconds_allowed=float('inf')")}, "must be a finite number"),
        ({"offer": OFFER.replace("params=()", "params=('a',)")}, "must be a Param"),
        ({"offer": OFFER.replace("poser=pose", "poser=None")}, "cannot be posed"),
        ({"offer": OFFER + " * 2"}, "two lab exercises are called bad.lab"),
    ],
)  # fmt: skip
def test_a_lab_that_cannot_be_loaded_is_named_and_all_else_goes_on(
    tmp_path: Path, parts: dict[str, str], says: str
) -> None:
    bad_lab(tmp_path / "bad", **parts)
    told = with_bad_lab(tmp_path, "lab", "list", "--json")
    assert told.returncode == 0
    assert "patches.count" in {one["exercise"] for one in json.loads(told.stdout)}
    assert told.stderr.startswith("studytui: the lab package “bad” cannot be used: ")
    assert says in told.stderr
    assert told.stderr.count("\n") == 1
    assert "\x1b" not in told.stderr


def test_what_a_lab_prints_while_it_is_loaded_spoils_no_output(tmp_path: Path) -> None:
    bad_lab(
        tmp_path / "bad", before="print('hello', flush=True)\nimport sys\nsys.stdout.write('\\x1b[2J')", pose="print(1)"
    )
    listed = with_bad_lab(tmp_path, "lab", "list", "--json")
    assert "bad.lab" in {one["exercise"] for one in json.loads(listed.stdout)}
    run = with_bad_lab(tmp_path, "lab", "run", "bad.lab", "--answer", "3", "--json")
    assert json.loads(run.stdout)["correct"] is True


AT_WORK: dict[str, tuple[str, str, str]] = {
    # name: where, what is done there, what is said
    "pose-exit": ("pose", "raise SystemExit(0)", "The lab package “bad” failed at bad.pose-exit: SystemExit: 0."),
    "pose-interrupt": ("pose", "raise KeyboardInterrupt", "failed at bad.pose-interrupt: KeyboardInterrupt."),
    "pose-none": ("pose", "return None", "the problem is None"),
    "pose-empty": ("pose", "return Problem(name, {}, seed, '', 'integer')", "prompt is empty"),
    "pose-other": ("pose", "return Problem('x', {}, seed, 'a', 'integer')", "the problem is of the exercise 'x'"),
    "pose-nan": ("pose", "return Problem(name, {}, seed, 'a', 'integer', tolerance=float('nan'))", "tolerance"),
    "pose-param": ("pose", "raise ParamError('side', 'must be even')", "side: must be even"),
    "check-exit": ("check", "raise SystemExit(0)", "failed at bad.check-exit: SystemExit: 0."),
    "check-true": ("check", "return True", "the verdict is True"),
    "check-yes": ("check", "return Verdict('yes', 'Right.')", "true or false"),
    "check-nan": ("check", "return Verdict(True, 'Right.', error=float('nan'))", "error must be a finite number"),
    "solve-exit": ("solve", "raise SystemExit(0)", "SystemExit: 0"),
    "solve-interrupt": ("solve", "raise KeyboardInterrupt", "KeyboardInterrupt"),
    "solve-none": ("solve", "return None", "crashed"),
    "solve-numpy": ("solve", "import numpy; return Evidence(value=numpy.int64(3))", "not JSON serializable"),
    "solve-text": ("solve", "return Evidence(value='three')", "which is no number"),
    "solve-long": ("solve", "raise ValueError('\\x1b]52;c;UFdO\\x07' + 'x' * 100000)", "ValueError"),
    "solve-prints": ("solve", "print('{' * 99); return Evidence(value=3, unit='\\ud800')", "answered in"),
    "solve-huge": ("solve", "return Evidence(value=10**400)", "finite number"),
    "solve-ragged": ("solve", "return Evidence(value=3, tables=(Table('', ('a',), (('b', 'c'),)),))", "another length"),
    "solve-dies": ("solve", "import os; os._exit(7)", "ended with status 7"),
    "solve-hangs": ("solve", "import time; time.sleep(600)", "did not answer within 2 s"),
    "pose-hangs": ("pose", "import time; time.sleep(600)", "did not come back within 2 s"),
    "pose-after": ("pose", "pass", "it hangs, and is not asked again"),
}
PACKAGE_AT_WORK = """
from labs.checking import check_number
from labs.exercise import Exercise
from labs.protocol import *
DONE = {done!r}
def at(where, name, seed):
    place, code, _ = DONE[name.removeprefix("bad.")]
    if place == where:
        scope = dict(globals())
        exec("def act(name, seed):\\n    " + code, scope)
        return True, scope["act"](name, seed)
    return False, None
def poser(name):
    def pose(params, seed):
        done, found = at("pose", name, seed)
        return found if done else Problem(name, dict(params), seed, "?", "integer")
    return pose
def solve(problem, progress):
    done, found = at("solve", problem.exercise, problem.seed)
    return found if done else Evidence(value=3)
def check(problem, answer, evidence):
    done, found = at("check", problem.exercise, problem.seed)
    return found if done else check_number(problem, answer, evidence)
EXERCISES = [
    Exercise(name="bad." + name, title="Bad", sections=(), covers=(), params=(), module="bad_lab",
             poser=poser("bad." + name), checker=check, seconds_allowed=2)
    for name in DONE
]
"""
ASK_ALL = """
import asyncio, json, sys
from labs import catalog
from labs.protocol import Evidence
from studytui.study.labs import LabClient, Solved
async def ask():
    client, said = LabClient(), {}
    await client.start()
    for one in catalog.exercises():
        if not one.name.startswith("bad."):
            continue
        try:
            problem = one.pose({}, 1)
            outcome = await client.solve(problem) if "solve" in one.name else None
            said[one.name] = outcome.message if outcome else str(one.check(problem, "3", Evidence(value=3)))
        except ValueError as error:
            said[one.name] = str(error)
    await client.close()
    return said
print(json.dumps(asyncio.run(ask())))
"""


def test_a_lab_that_fails_at_work_is_a_sentence_and_the_next_one_works(tmp_path: Path) -> None:
    bad_lab(tmp_path / "bad")
    (tmp_path / "bad" / "bad_lab.py").write_text(PACKAGE_AT_WORK.format(done=AT_WORK), encoding="utf-8")
    environment = os.environ | {"STUDYTUI_HOME": str(tmp_path), "PYTHONPATH": f"{tmp_path / 'bad'}:{Path.cwd()}"}
    done = subprocess.run(
        [sys.executable, "-c", ASK_ALL], check=False, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    for name, (_, _, words) in AT_WORK.items():
        assert words in said[f"bad.{name}"], name
        assert "Traceback" not in said[f"bad.{name}"]
        assert len(said[f"bad.{name}"]) < 3_000


def test_a_lab_that_ends_the_program_ends_a_run_with_a_sentence(tmp_path: Path) -> None:
    bad_lab(tmp_path / "bad", solve="raise SystemExit('\\x1b]52;c;UFdO\\x07')")
    run = with_bad_lab(tmp_path, "lab", "run", "bad.lab", "--answer", "3")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "studytui: The lab crashed: SystemExit: ␛]52;c;UFdO␇. Try again; it restarts.\n"
