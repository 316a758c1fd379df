"""However the program is told to leave, it leaves as `q` does: all in one file, and the terminal as it was."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.store.surroundings import with_root
from tests.ui.tiny_course import write_course

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of Unix")


ON_ITS_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from studytui.__main__ import main
main()
"""

LEADER = """
import fcntl, signal, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGHUP, lambda *_: None)
sys.exit(subprocess.run([sys.executable, "-m", "studytui", *sys.argv[1:]]).returncode)
"""


class Terminal:
    """The program on a terminal that is its own to be stopped by and hung up."""

    def __init__(self, *words: str, home: Path, leader: str = "") -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", leader or ON_ITS_TERMINAL, *words],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env=with_root() | {"STUDYTUI_HOME": str(home), "TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(theirs)
        self.before = termios.tcgetattr(self.ours)
        self.printed = b""

    def listen(self, seconds: float, until: bytes = b"\0") -> bool:
        """Take what is printed until it holds something; False if it did not come."""
        end = time.monotonic() + seconds
        while until not in self.printed and (left := end - time.monotonic()) > 0:
            if select.select([self.ours], [], [], min(left, 0.1))[0]:
                try:
                    self.printed += os.read(self.ours, 65_536)
                except OSError:
                    return False
            elif self.process.poll() is not None:
                break
        return until in self.printed

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def ends(self, seconds: float = 30) -> int | None:
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.listen(0.1)
        self.listen(0.2)
        return self.process.poll()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.ours)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    @property
    def is_stopped(self) -> bool:
        return " T " in Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("start_labs = false\nnew_per_day = 3\nread_first = false\n", encoding="utf-8")
    return home


@pytest.fixture
def course(tmp_path: Path) -> str:
    return str(write_course(tmp_path / "course"))


def logged(home: Path) -> int:
    """Rows in the log of the file itself; a log beside it would be a failure of the farewell."""
    assert sorted(path.name for path in home.glob("study.db*")) == ["study.db"]
    with contextlib.closing(sqlite3.connect(f"{(home / 'study.db').as_uri()}?immutable=1", uri=True)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM review").fetchone()
    return int(count)


def answer_one(terminal: Terminal) -> None:
    """From the home screen on: start, don't know, and take the grade that is suggested."""
    assert terminal.listen(60, b"How many patches?"), terminal.printed[-2000:]
    terminal.type("1\r")
    assert terminal.listen(20, b"14 times 14"), terminal.printed[-2000:]
    time.sleep(0.6)
    terminal.type("1")
    assert terminal.listen(20, b"What is a"), terminal.printed[-2000:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_app_with_all_in_one_file_and_the_terminal_as_it_was(
    home: Path, course: str, number: signal.Signals
) -> None:
    terminal = Terminal("--course", course, "review", home=home)
    try:
        answer_one(terminal)
        assert termios.tcgetattr(terminal.ours) != terminal.before
        terminal.process.send_signal(number)
        assert terminal.ends() == 128 + number
        assert logged(home) == 1
        last = {
            mode: terminal.printed.rfind(b"\x1b[?" + mode + b"l") > terminal.printed.rfind(b"\x1b[?" + mode + b"h") >= 0
            for mode in (b"1049", b"1000", b"1003", b"2004", b"1004")
        }
        assert all(last.values()), last
        assert terminal.printed.rfind(b"\x1b[?25h") > terminal.printed.rfind(b"\x1b[?25l")
        assert termios.tcgetattr(terminal.ours) == terminal.before
    finally:
        terminal.close()


def test_a_terminal_that_is_closed_loses_nothing(home: Path, course: str) -> None:
    terminal = Terminal("--course", course, "review", home=home)
    try:
        answer_one(terminal)
        os.close(terminal.ours)
        assert terminal.process.wait(30) is not None
        assert logged(home) == 1
    finally:
        terminal.close()


def test_a_terminal_that_is_closed_over_a_program_that_waits_loses_nothing(home: Path, course: str) -> None:
    """The kernel tells only the leader of the session. `make` leads it in `make study`, and waits for the app."""
    terminal = Terminal("--course", course, "review", home=home, leader=LEADER)
    try:
        answer_one(terminal)
        os.close(terminal.ours)
        assert terminal.process.wait(30) is not None
        assert logged(home) == 1
        assert not (home / "study.db-wal").exists()
    finally:
        terminal.close()


def test_a_signal_while_the_app_starts_leaves_nothing_behind(home: Path, course: str) -> None:
    for delay in (0.2, 0.5, 0.8):
        terminal = Terminal("--course", course, home=home)
        try:
            terminal.listen(delay)
            terminal.process.send_signal(signal.SIGTERM)
            assert terminal.ends() in (128 + signal.SIGTERM, -signal.SIGTERM)
            if (home / "study.db").exists() and terminal.process.returncode > 0:
                assert not (home / "study.db-wal").exists()
            assert termios.tcgetattr(terminal.ours) == terminal.before
        finally:
            terminal.close()


KILLED_BEFORE = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from textual.drivers import _writer_thread, linux_driver
def first(call):
    def killed(*given):
        os.kill(os.getpid(), signal.SIGTERM)
        return call(*given)
    return killed
WHERE
from studytui.__main__ import main
main()
"""


@pytest.mark.parametrize(
    "where",
    [
        "_writer_thread.WriterThread.start = first(_writer_thread.WriterThread.start)",
        "linux_driver.LinuxDriver.start_application_mode = first(linux_driver.LinuxDriver.start_application_mode)",
        "linux_driver.LinuxDriver._enable_mouse_support = first(linux_driver.LinuxDriver._enable_mouse_support)",
    ],
    ids=["its thread", "its start", "its mouse"],
)
def test_a_signal_while_the_terminal_is_set_up_waits_until_the_app_stands(home: Path, course: str, where: str) -> None:
    terminal = Terminal("--course", course, home=home, leader=KILLED_BEFORE.replace("WHERE", where))
    try:
        assert terminal.ends() == 128 + signal.SIGTERM, terminal.printed[-2000:]
        assert b"Traceback" not in terminal.printed
        assert termios.tcgetattr(terminal.ours) == terminal.before
        assert not (home / "study.db-wal").exists()
    finally:
        terminal.close()


def test_ctrl_z_goes_to_the_shell_and_back(home: Path, course: str) -> None:
    terminal = Terminal("--course", course, "review", home=home)
    try:
        answer_one(terminal)
        terminal.type("\x1a")
        end = time.monotonic() + 20
        while not terminal.is_stopped and time.monotonic() < end:
            terminal.listen(0.1)
        assert terminal.is_stopped
        assert termios.tcgetattr(terminal.ours)[3] & termios.ECHO
        assert b"\x1b[?1049l" in terminal.printed
        terminal.printed = b""
        terminal.process.send_signal(signal.SIGCONT)
        assert terminal.listen(20, b"\x1b[?1049h"), terminal.printed
        assert terminal.listen(20, b"What is a"), terminal.printed
        terminal.type("q")
        assert terminal.listen(20, b"Progress"), terminal.printed[-2000:]
        terminal.type("q")
        assert terminal.ends() == 0
        assert logged(home) == 1
    finally:
        terminal.close()


def test_a_file_that_arrived_while_the_app_was_stopped_is_seen_on_return(home: Path, course: str) -> None:
    terminal = Terminal("--course", course, "review", home=home)
    try:
        answer_one(terminal)
        terminal.type("\x1a")
        end = time.monotonic() + 20
        while not terminal.is_stopped and time.monotonic() < end:
            terminal.listen(0.1)
        (home / "study.db").rename(home / "elsewhere.db")
        terminal.process.send_signal(signal.SIGCONT)
        assert terminal.listen(20, b"Another program changed"), terminal.printed[-3000:]
        terminal.type("g")
        assert terminal.listen(20, b"One database holds"), terminal.printed[-3000:]
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ends() == 128 + signal.SIGTERM
        assert logged(home) == 1
    finally:
        terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_plain_session_with_all_in_one_file(home: Path, course: str, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "studytui", "--course", course, "review", "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=with_root() | {"STUDYTUI_HOME": str(home)},
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"196\n4\n")
    process.stdin.flush()
    said = b""
    while b"Saved: " not in said:
        chunk = os.read(process.stdout.fileno(), 4096)
        assert chunk, said
        said += chunk
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (128 + number, b"")
    assert logged(home) == 1


def test_what_is_ignored_stays_ignored(home: Path, course: str) -> None:
    process = subprocess.Popen(
        ["nohup", sys.executable, "-m", "studytui", "--course", course, "review", "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=with_root() | {"STUDYTUI_HOME": str(home)},
    )
    assert process.stdout
    while b"How many patches?" not in os.read(process.stdout.fileno(), 4096):
        pass
    process.send_signal(signal.SIGHUP)
    process.communicate(b"196\n4\n", timeout=30)
    assert process.returncode == 0
    assert logged(home) == 1
