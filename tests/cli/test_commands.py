"""The commands as a shell sees them: output, JSON keys, exit codes; every foreseen error is one sentence and code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studytui.__main__ import main
from studytui.cli.main import app
from studytui.study.workspace import DATABASE
from tests.ui.tiny_course import CARDS_1, write_course

Run = Callable[..., "Result"]


class Result:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], root: Path) -> Run:
    """Runs `studytui …` in this process, as the console script does, on the tiny course."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))

    def go(*words: str, course: Path | None = root, stdin: str = "") -> Result:
        import io

        monkeypatch.setattr(sys, "argv", ["studytui", *(["--course", str(course)] if course else []), *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capfd.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return Result(int(ended.value.code or 0), shown.out, shown.err)

    return go


def refused(result: Result, *said: str) -> None:
    """Code 2 and a sentence on standard error."""
    assert result.code == 2, (result.code, result.out, result.err)
    for text in said:
        assert text in result.err
    assert result.out == ""


# schedule: SM-2 for scripts


def test_schedule_prints_the_derivation(run: Run) -> None:
    steps = run("schedule", "4", "4", "4", "0", "5", "5", "5", "--start", "2026-11-01", "--json").json["steps"]
    assert [step["interval_days"] for step in steps] == [1, 6, 15, 1, 1, 6, 17]
    assert steps[-1] == {
        "grade": 5,
        "ease_factor_before": 2.7,
        "ease_factor_after": 2.8,
        "interval_days": 17,
        "due_on": "2026-12-18",
    }
    text = run("schedule", "3").out
    assert "2.50" in text
    assert "2.36" in text


@pytest.mark.parametrize(
    "words", [["schedule", "6"], ["schedule", "4", "--start", "soon"], ["schedule", "x"], ["schedule"]]
)
def test_schedule_refuses_what_is_no_grade_or_day(run: Run, words: list[str]) -> None:
    assert run(*words).code == 2


# due, stats, cards


def test_due_stats_and_cards_for_scripts(run: Run) -> None:
    due = run("due", "--json").json
    assert {key: due[key] for key in ("due", "new", "reasks")} == {"due": 0, "new": 4, "reasks": 0}
    stats = run("stats", "--json").json
    assert stats["totals"]["total"] == 4
    assert [section["id"] for section in stats["sections"]] == ["1", "1.1", "1.2", "2", "2.1"]
    cards = run("cards", "--json").json
    assert [card["id"] for card in cards] == ["patch-count", "patch-what", "attention-cloze", "latent-choice"]
    assert {"id", "kind", "section", "covers", "state", "due_on"} <= set(cards[0])
    assert [card["id"] for card in run("cards", "kind:choice", "--json").json] == ["latent-choice"]
    assert "1 sections" not in run("stats").out
    assert "latent-choice" in run("cards", "section:2.1").out
    assert "No card matches" in run("cards", "kind:open").out


def test_a_filter_that_can_match_nothing(run: Run) -> None:
    refused(run("cards", "state:done"), "There is no state “done”")


# review --plain


def test_a_plain_session_answers_grades_and_saves(run: Run) -> None:
    answers = "196\n\n" + "\n3\n" + "softmax\n\n" + "q\n"
    first = run("review", "--plain", stdin=answers)
    assert first.code == 0
    assert "How many patches?" in first.out
    assert "Right." in first.out
    assert "Stopped after 3 answers; all are saved." in first.out
    assert run("due", "--json").json["new_done"] == 3


def test_a_plain_session_asks_how_sure_if_set_so(run: Run, tmp_path: Path) -> None:
    assert "How sure are you" not in run("review", "--plain", stdin="196\n\nq\n").out
    (tmp_path / "home/settings.toml").write_text("ask_confidence = true\n", encoding="utf-8")
    told = run("review", "--plain", stdin="\n4\n3\n" + "softmax\n\n\n" + "1\n9\n\n")
    assert told.out.index("How sure are you") < told.out.index("A small square.")
    found = run("stats", "--json").json["calibration"]
    assert (found["answers"], found["levels"][0]["confidence"]) == (1, 4)


def test_a_plain_session_takes_back_and_sets_aside(run: Run) -> None:
    told = run("review", "--plain", stdin="12\n-\n" + "\n@\n" + "u\n" + "*\n" + "softmax\n\n")
    assert "Buried until tomorrow." in told.out
    assert "Suspended." in told.out
    assert told.code == 0


def test_a_section_that_is_not_there(run: Run) -> None:
    refused(run("review", "--plain", "--section", "9"), "--section 9", "chapters are 1, 2")


def test_the_app_needs_a_terminal(run: Run) -> None:
    refused(run(), "review --plain")


# check


def test_check_is_quiet_on_a_sound_course_and_names_what_is_wrong(run: Run, root: Path) -> None:
    sound = run("check", "--json")
    assert sound.code == 0
    assert sound.json["findings"] == []
    assert (sound.json["cards"], sound.json["objectives"], sound.json["objectives_covered"]) == (4, 3, 3)
    (root / "content/cards/01.toml").write_text(CARDS_1.replace('back = "14 times 14."', 'back = ""'), encoding="utf-8")
    wrong = run("check", "--json")
    assert wrong.code == 1
    (finding,) = wrong.json["findings"]
    assert (finding["rule"], finding["path"], finding["line"], finding["card"]) == (
        "empty-back",
        "content/cards/01.toml",
        10,
        "patch-count",
    )
    assert finding["field"] == "back"
    assert "content/cards/01.toml:10: [patch-count] back: " in run("check").out


def test_check_lists_the_labs_that_are_wanted(run: Run) -> None:
    assert "0 objectives with a lab idea" in run("check", "--wanted").out


# doctor, backup, restore


def test_doctor_finds_nothing_then_what_was_tampered_with(run: Run, tmp_path: Path) -> None:
    run("review", "--plain", stdin="196\n\nq\n")
    assert "sound" in run("doctor").out
    import sqlite3

    with sqlite3.connect(tmp_path / "home" / DATABASE) as connection:
        connection.execute("UPDATE card SET interval_days = 99 WHERE key = 'patch-count'")
    connection.close()
    told = run("doctor", "--json")
    assert told.code == 1
    assert "patch-count" in told.json["findings"][0]["what"]


def test_backup_and_restore(run: Run, tmp_path: Path) -> None:
    run("review", "--plain", stdin="196\n\nq\n")
    target = tmp_path / "saved.db"
    assert str(target) in run("backup", str(target)).out
    run("review", "--plain", stdin="\n4\nq\n")
    assert run("due", "--json").json["new_done"] == 2
    assert "kept at" in run("restore", str(target), "--yes").out
    assert run("due", "--json").json["new_done"] == 1
    refused(run("restore", str(tmp_path / "none.db"), "--yes"), "none.db")


# bad input


def test_a_course_that_is_missing(run: Run, tmp_path: Path) -> None:
    refused(run("due", course=tmp_path / "nowhere"), "--course", "there is no such folder")
    refused(run("due", course=tmp_path), "content/course.toml")


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ("[[card]\n", "01.toml:1: this is not valid TOML"),
        (CARDS_1.replace("front =", "fornt =", 1), "01.toml:8: [patch-count] fornt: there is no such field"),
        (CARDS_1.replace("answer = 196", 'answer = "196"'), "01.toml:9: [patch-count] answer"),
        (CARDS_1.replace("patch-what", "patch-count"), "01.toml:14: [patch-count] id"),
    ],
)
def test_a_broken_card_file_is_a_sentence_and_nothing_is_lost(run: Run, root: Path, cards: str, said: str) -> None:
    run("review", "--plain", stdin="196\n\nq\n")
    (root / "content/cards/01.toml").write_text(cards, encoding="utf-8")
    shown = run("due", "--json")
    assert (shown.code, shown.json["new_done"]) == (0, 1)
    assert said in shown.err
    (root / "content/cards/01.toml").write_text(CARDS_1, encoding="utf-8")
    shown = run("due", "--json")
    assert (shown.json["new_done"], shown.json["new"], shown.err) == (1, 3, "")


def test_an_unreadable_database(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / DATABASE).write_bytes(b"not a database" * 1000)
    refused(run("due"), DATABASE)
    assert (home / DATABASE).read_bytes().startswith(b"not a database")


def test_a_home_that_is_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    assert run("due").code == 2


# lab


def test_labs_are_listed_with_their_knobs(run: Run) -> None:
    listed = run("lab", "list", "--json").json
    counts = next(one for one in listed if one["exercise"] == "patches.count")
    assert {"exercise", "title", "sections", "covers", "params"} <= set(counts)
    assert "patches.count" in run("lab", "list").out


def test_a_lab_runs_and_writes_what_it_showed(run: Run, tmp_path: Path) -> None:
    words = ("lab", "run", "patches.count", "--set", "image_size=224", "--set", "patch_size=16")
    right = run(*words, "--answer", "14 x 14 = 196", "--json", "--out", str(tmp_path / "out"))
    assert right.code == 0
    shown = right.json
    assert (shown["exercise"], shown["value"], shown["correct"], shown["suggested_grade"]) == (
        "patches.count",
        196,
        True,
        5,
    )
    assert {"params", "answer", "seconds", "evidence"} <= set(shown)
    assert (tmp_path / "out/grid.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "out/evidence.json").read_text())["value"] == 196
    run("lab", "run", "denoising.snr", "--seed", "3", "--out", str(tmp_path / "curves"))
    assert (tmp_path / "curves/curve-1.svg").read_text(encoding="utf-8").startswith("<svg")
    wrong = run(*words, "--answer", "14")
    assert wrong.code == 1
    assert "one side" in wrong.out


def test_a_lab_computes_where_the_settings_say(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labs.protocol import DEVICE_VARIABLE
    from studytui.cli import lab

    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    assert lab._device() == "cpu"
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home/settings.toml").write_text('lab_device = "auto"\n', encoding="utf-8")
    assert lab._device() == "auto"
    monkeypatch.setenv(DEVICE_VARIABLE, "mps")
    assert lab._device() == "mps"
    found = run("lab", "run", "patches.count", "--json").json  # there is none here: the CPU answers
    assert found["evidence"]["versions"]["device"] in {"cpu", "mps"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clip.caption", "--model", "nobody/none-such"], "labs use no network; fetch it once with"),
        (["patches.count", "--model", "x"], "no such parameter"),
        (["patches.cuont"], "Did you mean patches.count"),
        (["patches.count", "--set", "patch_size=5000"], "patch_size: must be"),
        (["patches.count", "--set", "patch_size=big"], "patch_size: must be a whole number"),
        (["patches.count", "--set", "size=3"], "no such parameter"),
        (["patches.count", "--set", "patch_size"], "KEY=VALUE"),
        (["patches.count", "--set", "picture=/none.png"], "there is no file"),
    ],
)
def test_a_lab_parameter_that_cannot_be(run: Run, words: list[str], said: str) -> None:
    refused(run("lab", "run", *words, "--answer", "1"), said)


# the console script itself


def test_a_reader_that_leaves_the_pipe_is_no_error(root: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m studytui --course {root} cards | head -1"
    environment = os.environ | {"STUDYTUI_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, shell=True, check=True, env=environment, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


def test_every_command_has_a_help_text() -> None:
    for words in ([], ["review"], ["due"], ["stats"], ["cards"], ["schedule"], ["check"], ["doctor"], ["lab", "run"]):
        told = CliRunner().invoke(app, [*words, "--help"])
        assert told.exit_code == 0
        assert "Usage" in told.output


def test_the_version(run: Run) -> None:
    from studytui import __version__

    assert __version__ in run("--version", course=None).out


def test_a_round_is_played_by_lines(tmp_path: Path) -> None:
    env = {**os.environ, "STUDYTUI_HOME": str(tmp_path)}
    lines = "probe\nbelow\ncrops\nb\nprobe\nnonsense\neye\n"
    command = [sys.executable, "-m", "studytui", "lab", "diagnose", "--plain", "--seed", "3"]
    done = subprocess.run(command, input=lines, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "probe: it ran already." in done.stdout
    assert "neither an experiment" in done.stdout
    assert "5 of 5. Right, for 4 coins" in done.stdout
    assert "It was the eye: haze." in done.stdout
