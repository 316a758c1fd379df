"""`studytui audit` and `studytui module` as a shell sees them: words, JSON keys, exit codes, files."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from studytui.__main__ import main
from studytui.domain.settings import Settings
from studytui.study.cram import read_pool
from studytui.study.review import open_session
from studytui.study.workspace import Workspace
from tests.gate.course import (
    GOOD_PATCHES,
    POOR,
    answer,
    compute,
    later,
    pass_all,
    recall,
    workspace_at,
    write_gated,
)
from tests.ui.tiny_course import COURSE, TestClock, write_course

NEXT = COURSE.replace('id = "tiny"', 'id = "following"').replace("Tiny course", "Diffusion, in earnest")


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_gated(tmp_path / "course")


@pytest.fixture
def following(tmp_path: Path) -> Path:
    """The next module's folder."""
    root = write_course(tmp_path / "following")
    (root / "content/course.toml").write_text(NEXT, encoding="utf-8")
    return root


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], root: Path) -> Run:
    """Runs a command in this process on the day of the tests' clock, `days` later."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))

    def go(*words: str, course: Path = root, days: int = 0) -> Result:
        import io

        clock = TestClock()
        clock.moment += timedelta(days=days)
        monkeypatch.setattr("studytui.study.workspace.SystemClock", lambda: clock)
        monkeypatch.setattr(sys, "argv", ["studytui", "--course", str(course), *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capfd.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return Result(int(ended.value.code or 0), shown.out, shown.err)

    return go


@pytest.fixture
def passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """The gate was tested out on the clock's day and the day after."""
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        pass_all(workspace)
        later(workspace, 1)
        pass_all(workspace)


# audit --status


def test_the_status_of_an_untouched_gate_says_no_with_the_whole_way(run: Run) -> None:
    result = run("audit", "--status")
    assert result.code == 1
    assert "Module 9 is locked: its gap audit of 2 items has not been started." in result.out
    assert "○ What patches are: not started." in result.out
    assert "○ Count patches: not started." in result.out
    assert "possible from 2026-03-13, by testing out on 2026-03-11" in result.out
    assert "Read again: 1.1 Patches; 2.1 Latents." in result.out
    assert "Answer: Explain patches; Why positions; Explain latents." in result.out
    assert "Run: patches.count." in result.out
    assert "Recall 2 cards: 2 on 2026-03-10." in result.out
    assert "Bring forward (f on the gap audit's screen): patch-count, latent-choice." in result.out
    assert "Retention at the earliest on 2026-03-13." in result.out


def test_the_status_says_what_was_said_and_what_was_missing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        answer(workspace, "patches/tell", POOR)
        compute(workspace, "patches/count", right=False)
    result = run("audit", "--status")
    assert result.code == 1
    assert "◐ What patches are: shaky: Explain patches, Count patches." in result.out
    assert "You said: I like trains." in result.out
    assert "Missing: A patch is a small square of the picture" in result.out
    assert "shaky, 0 of 2 in a row, 2026-03-10" in result.out


@pytest.mark.usefixtures("passed")
def test_the_status_of_a_passed_gate_says_yes(run: Run) -> None:
    result = run("audit", "--status", days=1)
    assert result.code == 0
    assert result.out.splitlines() == [
        "Module 9 is open: all 2 items of its gap audit are ready.",
        "✓ What patches are: ready.",
        "✓ What latents are: ready.",
    ]


@pytest.mark.usefixtures("passed")
def test_a_faded_pass_says_so_and_asks_for_that_part_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        later(workspace, 4)
        recall(workspace, "latent-choice", 2)
    result = run("audit", "--status", days=4)
    assert result.code == 1
    assert "has faded: you missed 1 card; ready again from 2026-03-15." in result.out
    assert "has faded: you missed latent-choice." in result.out
    assert "Answer:" not in result.out
    assert "Run:" not in result.out


def test_the_json_has_stable_keys_and_the_same_exit_code(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        answer(workspace, "patches/tell", GOOD_PATCHES)
        recall(workspace, "patch-count")
    result = run("audit", "--status", "--json")
    assert result.code == 1
    data = json.loads(result.out)
    assert set(data) == {
        "gate", "title", "unlocks", "day", "state", "ready", "faded", "override", "retention_on", "items", "path",
    }  # fmt: skip
    assert (data["ready"], data["override"], data["retention_on"]) == (False, None, "2026-03-13")
    item = data["items"][0]
    assert (item["id"], item["verdict"], item["faded"]) == ("patches", "not yet seen", False)
    part = item["parts"][0]
    assert part == {
        "id": "patches/tell", "kind": "explain", "title": "Explain patches", "verdict": "ready", "right": 1,
        "wanted": 1, "day": "2026-03-10", "said": GOOD_PATCHES, "missing": [],
    }  # fmt: skip
    assert item["retention"] == {
        "verdict": "not yet seen", "by": None, "first_on": "2026-03-13", "test_out_on": "2026-03-11",
        "test_out_days": [],
        "objectives": [
            {"id": "1.1-01", "recalled_on": ["2026-03-10"], "lapsed": [], "met": False, "first_on": "2026-03-13"}
        ],
    }  # fmt: skip
    assert set(data["path"]) == {"sections", "answer", "labs", "cards", "without_card", "retention_on"}
    assert data["path"]["cards"][0] == {
        "id": "latent-choice", "on": "2026-03-10", "bring_forward": True, "suspended": False,
    }  # fmt: skip


def test_what_cannot_be_done_is_one_sentence_and_code_2(run: Run, root: Path, tmp_path: Path) -> None:
    no_terminal = run("audit")
    assert (no_terminal.code, no_terminal.out) == (2, "")
    assert "studytui audit --status" in no_terminal.err
    unknown = run("audit", "12", "--status")
    assert (unknown.code, "There is no gap audit before “12”; there are: 9 (The small audit)." in unknown.err) == (
        2,
        True,
    )
    (root / "quizzes/audit.toml").write_text("[[item]]\n", encoding="utf-8")
    broken = run("audit", "--status")
    assert broken.code == 2
    assert "quizzes/audit.toml:1:" in broken.err
    plain = write_course(tmp_path / "plain")
    without = run("audit", "--status", course=plain)
    assert (without.code, "has no gap audit" in without.err) == (2, True)
    assert run("module", "9", course=plain).code == 2


def test_a_report_is_written_as_markdown_and_html(run: Run, tmp_path: Path) -> None:
    result = run("audit", "--report", str(tmp_path / "out"))
    assert result.code == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["audit-first-2026-03-10-0900.html", "audit-first-2026-03-10-0900.md"]
    (tmp_path / "file").write_text("")
    refused = run("audit", "--report", str(tmp_path / "file"))
    assert (refused.code, "cannot be written" in refused.err) == (2, True)


# module


def test_a_locked_module_says_what_is_missing(run: Run, following: Path) -> None:
    result = run("module", "9", "--next", str(following))
    assert result.code == 1
    assert "Module 9 is locked" in result.out
    assert "○ What patches are: not started." in result.out
    assert "Fastest route:" in result.out
    assert "Diffusion" not in result.out


@pytest.mark.usefixtures("passed")
def test_an_open_module_shows_its_outline_and_is_remembered(run: Run, following: Path) -> None:
    bare = run("module", "9", days=1)
    assert (bare.code, "studytui module 9 --next FOLDER" in bare.out) == (0, True)
    result = run("module", "9", "--next", str(following), days=1)
    assert result.code == 0
    assert "Diffusion, in earnest (1)" in result.out
    assert "  1  First [bold]things[/bold]" in result.out
    assert "       1.2  Attention" in result.out
    again = run("module", "first", "--json", days=1)
    data = json.loads(again.out)
    assert (data["open"], data["title"], data["folder"]) == (True, "Diffusion, in earnest", str(following))
    assert [chapter["number"] for chapter in data["chapters"]] == [1, 2]


def test_a_folder_that_is_no_next_course_is_refused(run: Run, tmp_path: Path, root: Path) -> None:
    missing = run("module", "9", "--next", str(tmp_path / "nowhere"))
    assert (missing.code, "--next" in missing.err, "no such folder" in missing.err) == (2, True, True)
    itself = run("module", "9", "--next", str(root))
    assert (itself.code, "name the next one" in itself.err) == (2, True)
    empty = run("module", "9", "--override", " ")
    assert (empty.code, "needs a reason" in empty.err) == (2, True)


def test_the_next_courses_cards_are_locked_until_the_gate_is_passed(
    run: Run, following: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    before = json.loads(run("due", "--json", course=following).out)
    assert (before["new"], before["lock"]) == (4, "")
    assert run("module", "9", "--next", str(following)).code == 1
    locked = json.loads(run("due", "--json", course=following).out)
    assert (locked["new"], locked["due"]) == (0, 0)
    assert "Module 9 is locked" in locked["lock"]
    assert f"studytui --course {root} module 9" in locked["lock"]
    refused = run("review", "--plain", course=following)
    assert (refused.code, "Module 9 is locked" in refused.out) == (1, True)
    beside = run("cram", "--plain", course=following)
    assert (beside.code, "Module 9 is locked" in beside.out) == (1, True)
    aloud = run("rehearse", "--plain", "--new", course=following)
    assert (aloud.code, "Module 9 is locked" in aloud.out) == (1, True)
    assert json.loads(run("due", "--json").out)["new"] == 4  # the course that has the gate is not locked
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        pass_all(workspace)
        later(workspace, 1)
        pass_all(workspace)
    assert json.loads(run("due", "--json", course=following, days=1).out)["new"] == 4
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        later(workspace, 2)
        recall(workspace, "latent-choice", 1)
    faded = json.loads(run("due", "--json", course=following, days=2).out)
    assert (faded["new"], "has faded" in faded["lock"]) == (0, True)


def test_an_override_opens_the_cards_is_logged_and_can_be_taken_back(
    run: Run, following: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    result = run("module", "9", "--next", str(following), "--override", "I have taught this for years")
    assert result.code == 0
    assert "was opened on 2026-03-10 without its gap audit" in result.out
    assert "Diffusion, in earnest" in result.out
    assert json.loads(run("due", "--json", course=following).out)["new"] == 4
    status = run("audit", "--status", "--json")
    assert status.code == 1
    assert json.loads(status.out)["override"] == {"reason": "I have taught this for years", "day": "2026-03-10"}
    with workspace_at(tmp_path, monkeypatch, root) as workspace:
        rows = workspace.store.connection.execute(
            "SELECT c.key, r.evidence FROM review r JOIN card c ON c.id = r.card_id"
        ).fetchall()
        assert [key for key, _ in rows] == ["override"]
        assert json.loads(rows[0][1])["reason"] == "I have taught this for years"
    assert run("module", "9", "--lock").code == 1
    assert json.loads(run("due", "--json", course=following).out)["new"] == 0


def test_a_lock_whose_gate_cannot_be_read_stays_shut_and_says_why(run: Run, following: Path, root: Path) -> None:
    run("module", "9", "--next", str(following))
    (root / "quizzes/audit.toml").unlink()
    lock = json.loads(run("due", "--json", course=following).out)["lock"]
    assert "cannot be read" in lock
    assert "`studytui --course FOLDER module first`" in lock
    (root / "content/course.toml").write_text(COURSE, encoding="utf-8")  # the gate is no longer declared
    assert json.loads(run("due", "--json", course=following).out)["lock"] == ""


def test_a_course_that_moved_takes_its_lock_with_it(run: Run, following: Path, root: Path, tmp_path: Path) -> None:
    run("module", "9", "--next", str(following))
    moved = root.rename(tmp_path / "elsewhere")
    assert "cannot be read" in json.loads(run("due", "--json", course=following).out)["lock"]
    assert run("module", "first", course=moved).code == 1
    assert f"studytui --course {moved} module 9" in json.loads(run("due", "--json", course=following).out)["lock"]


def test_a_damaged_note_of_modules_locks_nothing(run: Run, following: Path, tmp_path: Path) -> None:
    run("module", "9", "--next", str(following))
    connection = sqlite3.connect(tmp_path / "home/study.db")
    with connection:
        connection.execute("UPDATE learner_state SET value = '{\"course\": 1}' WHERE scope = 'modules'")
    connection.close()
    assert json.loads(run("due", "--json", course=following).out)["new"] == 4


def test_a_session_of_a_locked_course_has_no_card(
    run: Run, following: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("module", "9", "--next", str(following))
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    with Workspace.open(following, clock=TestClock(), settings=Settings(start_labs=False)) as workspace:
        session = open_session(workspace)
        assert session.counts.total == 0
        assert session.next() is None
        assert read_pool(workspace).entries == ()
