"""The file under the commands: replaced, missing, on a medium that takes no files, in another copy."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import Shell
from tests.store.conftest import open_folder as open_folder  # noqa: PLC0414  a fixture
from tests.store.surroundings import ordinary_user, with_root
from tests.ui.tiny_course import write_course

ANSWER = ":x\n4\n"
ANSWERED = """
import os, sys
from pathlib import Path
from studytui.study.review import Answer, open_session
from studytui.study.workspace import Workspace
workspace = Workspace.open(Path(sys.argv[1]))
session = open_session(workspace)
session.answer(session.next(), 4, Answer())
workspace.store._daily.finish()
if sys.argv[2] == "killed":
    os.kill(os.getpid(), 9)
workspace.close()
"""


def uids(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {uid for (uid,) in connection.execute("SELECT review_uid FROM review")}


def everywhere(home: Path) -> set[str]:
    """The answers in any database of the home."""
    return set().union(*(uids(path) for path in home.rglob("*.db")))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Plain:
    """`review --plain` in a process of its own, answered line by line."""

    def __init__(self, shell: Shell, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studytui", "--course", str(shell.course), "review", "--plain"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=with_root() | {"STUDYTUI_HOME": str(home)},
        )
        self.said = ""

    def until(self, text: str) -> str:
        """What was said since the last time, up to a text."""
        assert self.process.stdout
        begun = len(self.said)
        while text not in self.said[begun:]:
            chunk = os.read(self.process.stdout.fileno(), 4096).decode()
            assert chunk, self.said
            self.said += chunk
        return self.said[begun:]

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def ends(self, lines: str = "") -> tuple[int, str, str]:
        out, err = self.process.communicate(lines.encode(), timeout=60)
        return self.process.returncode, out.decode(), err.decode()


@pytest.fixture
def session(shell: Shell, home: Path) -> Iterator[Plain]:
    """A learner who answered one card earlier and another one now; the next is asked."""
    assert shell.run("review", "--plain", stdin="196\n4\n:q\nq\n").code == 0
    plain = Plain(shell, home)
    plain.until("Grade" if "Grade" in plain.said else ":")
    yield plain
    plain.process.kill()
    plain.process.communicate()


def another_machines(home: Path, tmp_path: Path, shell: Shell) -> Path:
    """A copy of the database with one answer more from another home."""
    there = tmp_path / "there"
    there.mkdir()
    shutil.copyfile(home / "study.db", there / "study.db")
    done = subprocess.run(
        [sys.executable, "-m", "studytui", "--course", str(shell.course), "review", "--plain"],
        input=ANSWER,
        text=True,
        capture_output=True,
        check=False,
        env=with_root() | {"STUDYTUI_HOME": str(there)},
    )
    assert "Saved" in done.stdout, done.stdout
    return there / "study.db"


def arrive(new: Path, path: Path, how: str) -> None:
    match how:
        case "renamed":
            Path(shutil.copyfile(new, path.with_name("arriving"))).replace(path)
        case "in place":
            shutil.copyfile(new, path)
        case "removed":
            path.unlink()
        case "cut short":
            os.truncate(path, 5000)


@pytest.mark.parametrize("how", ["renamed", "in place"])
def test_a_plain_session_goes_on_with_both(shell: Shell, home: Path, tmp_path: Path, session: Plain, how: str) -> None:
    new = another_machines(home, tmp_path, shell)
    session.type(":x")
    session.until("Grade")
    session.type("4")
    session.until("Saved")
    mine = uids(home / "study.db")
    arrive(new, home / "study.db", how)
    code, out, err = session.ends(f"{ANSWER}1\n4\n")
    assert "Nothing was written into it" in out
    assert "One database holds all answers now; 1 came from the new file." in out
    assert "Saved: " in out.split("One database")[1]
    assert (code, err) == (0, "")
    assert uids(home / "study.db") > mine | uids(new)
    assert shell.run("doctor").code == 0


@pytest.mark.parametrize("how", ["renamed", "in place", "removed", "cut short"])
@pytest.mark.parametrize("choice", ["", "2\n"], ids=["end of input", "keep"])
def test_a_plain_session_keeps_ours_beside(shell: Shell, home: Path, session: Plain, how: str, choice: str) -> None:
    new = another_machines(home, home.parent, shell)
    mine = uids(home / "study.db")
    arrive(new, home / "study.db", how)
    content = (home / "study.db").read_bytes() if how != "removed" else None
    code, out, err = session.ends(f"{ANSWER}{choice}")
    assert "kept in" in out + err
    assert code == (0 if choice else 2)
    assert mine <= set().union(*(uids(kept) for kept in home.glob("backups/kept-*.db")))
    if how in {"renamed", "in place"}:
        assert uids(home / "study.db") == uids(new)
    else:
        assert ((home / "study.db").read_bytes() if how != "removed" else None) == content
    assert not list(home.glob("*-wal"))


@pytest.mark.parametrize("how", ["renamed", "in place"])
def test_killed_and_then_another_file_arrives(
    shell: Shell, home: Path, tmp_path: Path, session: Plain, how: str
) -> None:
    new = another_machines(home, tmp_path, shell)
    session.type(":x")
    session.until("Grade")
    session.type("4")
    session.until("Saved")
    session.process.send_signal(signal.SIGKILL)
    session.process.wait()
    assert (home / "study.db-wal").stat().st_size
    arrive(new, home / "study.db", how)
    done = shell.run("due", "--json")
    assert done.code == 0
    assert "2 answers given here" in done.err or "1 answer given here" in done.err
    assert uids(home / "study.db") == uids(new)
    assert len(everywhere(home) | uids(new)) == 3
    (kept,) = home.glob("backups/kept-*.db")
    assert "1 row" in shell.run("merge", str(kept)).out
    assert len(uids(home / "study.db")) == 3
    assert shell.run("doctor").code == 0


def test_a_plain_session_offers_what_the_file_lacks(shell: Shell, home: Path, tmp_path: Path) -> None:
    assert shell.run("due").code == 0
    shutil.copyfile(home / "study.db", tmp_path / "old.db")
    shell.run("review", "--plain", stdin="196\n4\n:q\nq\n")
    shutil.copyfile(tmp_path / "old.db", home / "study.db")
    done = shell.run("review", "--plain", stdin="add\nq\n:q\n")
    assert "1 answer given here is not in it" in done.out + done.err
    assert "1 added." in done.out
    assert len(uids(home / "study.db")) == 1


def test_a_missing_database_beside_backups_is_said_by_every_command(shell: Shell, home: Path) -> None:
    shell.run("review", "--plain", stdin="196\n4\n:q\nq\n")
    shell.run("backup")
    (home / "study.db").unlink()
    for words in (["due"], ["stats"], ["cards"], ["review", "--plain"], ["doctor"], ["backup"], ["audit", "--status"]):
        done = shell.run(*words)
        assert done.code == 2, words
        assert "is missing, and there are backups" in done.err
        assert "studytui restore" in done.err
        assert not (home / "study.db").exists()
    newest = max(home.glob("backups/*.db"), key=lambda path: path.stat().st_mtime_ns)
    assert str(newest) in done.err
    assert shell.run("restore", "--yes", str(newest)).code == 0
    assert len(uids(home / "study.db")) == 1


def test_restore_asks_only_when_the_file_is_there_and_good(shell: Shell, home: Path, tmp_path: Path) -> None:
    shell.run("due")
    (tmp_path / "noise.db").write_bytes(b"noise" * 1000)
    for name in ("none.db", "noise.db"):
        done = shell.run("restore", str(tmp_path / name), stdin="y\n")
        assert done.code == 2
        assert "Replace" not in done.out
        assert name in done.err


def test_merging_adds_what_another_copy_holds(shell: Shell, home: Path, tmp_path: Path) -> None:
    shell.run("review", "--plain", stdin="196\n4\n:q\nq\n")
    new = another_machines(home, tmp_path, shell)
    done = shell.run("merge", str(new))
    assert (done.code, done.out) == (0, f"1 row of the log came from {new}.\n")
    assert uids(home / "study.db") == uids(new)
    assert len(list(home.glob("backups/replaced-*.db"))) == 1
    assert shell.run("merge", str(tmp_path / "none.db")).code == 2


def test_the_copy_of_the_day_is_made_by_a_plain_session_too(shell: Shell, home: Path) -> None:
    shell.run("due")
    assert not list(home.glob("backups/*"))
    shell.run("review", "--plain", stdin="196\n4\n:q\nq\n")
    (daily,) = home.glob("backups/daily-*.db")
    assert uids(daily) == uids(home / "study.db")


@pytest.mark.parametrize("left", ["closed", "killed"])
def test_a_medium_that_takes_no_files_can_be_read_and_backed_up(
    open_folder: Path, left: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(write_course(open_folder / "course"), monkeypatch, capsys)
    home, usb = open_folder / "home", open_folder / "usb"
    usb.mkdir()
    usb.chmod(0o777)
    subprocess.run(
        [sys.executable, "-c", ANSWERED, str(shell.course), left],
        env=with_root() | {"STUDYTUI_HOME": str(home)},
        check=False,
    )
    assert (home / "study.db-wal").exists() is (left == "killed")
    commands = (["due"], ["stats", "--brief"], ["cards"], ["doctor"])
    # Once as it is, since an ordinary user may not even read the modules of this installation.
    monkeypatch.setenv("STUDYTUI_HOME", str(shutil.copytree(home, open_folder / "writable")))
    for words in (*commands, ["backup"], ["review", "--plain"]):
        shell.run(*words)
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", str(usb))
    for path in (home, *home.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with ordinary_user():
        for words in commands:
            done = shell.run(*words)
            assert (done.code, done.err) == (0, ""), words
        assert shell.run("backup", str(usb / "copy.db")).code == 0
        refused = shell.run("backup")
        assert (refused.code, "Name a folder" in refused.err) == (2, True)
        assert "Saved" not in shell.run("review", "--plain", stdin=ANSWER).out
    assert len(uids(usb / "copy.db")) == 1
    assert [path.name for path in usb.iterdir()] == ["copy.db"]
    for path in (home, *home.rglob("*")):
        path.chmod(0o755)
