"""A file is written whole or not at all, behind links and beside other windows, and nothing is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from studytui import files
from studytui.files import change_text, read_at_most, write_atomically
from tests.store.surroundings import no_file_beyond, ordinary_user, with_root


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep/er/x.toml"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["x.toml"]


def test_the_mode_stays_and_a_new_file_gets_that_of_any_new_file(tmp_path: Path) -> None:
    path, plain = tmp_path / "x", tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomically(path, b"one")
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o4751)
    write_atomically(path, b"two")
    assert path.stat().st_mode & 0o7777 == 0o4751


def test_a_chain_of_links_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target = tmp_path / "far/target"
    target.parent.mkdir()
    (tmp_path / "near").mkdir()
    (tmp_path / "near/second").symlink_to("../far/target")
    (tmp_path / "first").symlink_to("near/second")
    write_atomically(tmp_path / "first", b"new")
    assert target.read_bytes() == b"new", "a link whose target is not there yet leads to where it is made"
    write_atomically(tmp_path / "first", b"newer")
    assert target.read_bytes() == b"newer"
    assert (tmp_path / "first").is_symlink()
    assert names(target.parent) == ["target"]
    assert names(tmp_path / "near") == ["second"]


def test_a_link_into_a_folder_that_is_gone_makes_no_folder_there(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to(tmp_path / "stick/x")
    with pytest.raises(OSError, match="No such file"):
        write_atomically(tmp_path / "x", b"new")
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop"])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/null")
        case "loop":
            path.symlink_to(path)
    before = path.lstat()
    with pytest.raises(OSError, match=r"folder|pipe|symbolic links"):
        write_atomically(path, b"new")
    with pytest.raises(OSError, match=r"folder|pipe|symbolic links"):
        read_at_most(path, 10)
    assert path.lstat().st_ino == before.st_ino
    assert names(tmp_path) == ["x"]
    assert not Path("/dev/null").is_file()


def test_a_disk_that_gives_up_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_atomically(path, b"old")
    with no_file_beyond(100), pytest.raises(OSError, match="too large"):
        write_atomically(path, b"x" * 10_000)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_any_step_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "x"
    write_atomically(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], fail)
    with pytest.raises(OSError, match="Input/output"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


def test_what_may_not_be_written_is_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with ordinary_user(), pytest.raises(PermissionError):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


WRITER = """
import sys
from pathlib import Path
from studytui.files import write_atomically
path, number = Path(sys.argv[1]), 0
while True:
    number += 1
    write_atomically(path, (str(number) + "\\n").encode() * 2000)
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for delay in (0.0, 0.003, 0.007, 0.011):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, env=with_root())
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
        told = [int(line) for line in writer.stdout.read().split()] or [1]
        writer.wait()
        writer.stdout.close()
        lines = path.read_bytes().split()
        assert len(lines) == 2000
        assert len(set(lines)) == 1
        assert int(lines[0]) in (told[-1], told[-1] + 1)


def test_drafts_of_writers_that_were_killed_go_in_time(tmp_path: Path) -> None:
    path, old, fresh, other = (tmp_path / name for name in ("x", ".x.1.new", ".x.2.new", ".y.3.new"))
    for left in (old, fresh, other):
        left.write_bytes(b"half")
    for left in (old, other):
        os.utime(left, (1, 1))
    write_atomically(path, b"new")
    assert names(tmp_path) == [".x.2.new", ".y.3.new", "x"]


def test_long_and_odd_names_are_written(tmp_path: Path) -> None:
    for name in ("x" * 255, "ä" * 120, "new\nline", "\udcff", "-"):
        write_atomically(tmp_path / name, b"new")
        assert (tmp_path / name).read_bytes() == b"new"
    assert len(names(tmp_path)) == 5


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert read_at_most(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 0 kB"):
        read_at_most(path, 4)
    assert read_at_most(Path("/proc/self/status"), 100_000), "a file that tells no size"
    with pytest.raises(OSError, match="larger than"):
        read_at_most(Path("/proc/self/status"), 10)
    with pytest.raises(FileNotFoundError):
        read_at_most(tmp_path / "none", 5)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\n", b"a\nb\nc\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\nc\r\n"),
        (b"a\r\nb\n", b"a\r\nb\nc\n"),
        (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfa\nc\n"),
        (b"", b"c\n"),
    ],
)
def test_a_change_keeps_the_mark_and_the_line_ends(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(before)
    change_text(path, 100, lambda text: text + "c\n")
    assert path.read_bytes() == after


def test_a_change_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\r\nb")
    os.utime(path, (1, 1))
    change_text(path, 100, lambda text: text)
    assert path.stat().st_mtime == 1


def test_a_change_that_is_refused_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def refuse(_: str) -> str:
        raise ValueError("no")

    edits: list[tuple[Callable[[str], str], type[Exception]]] = [(refuse, ValueError), (lambda _: "x" * 101, OSError)]
    for edit, error in edits:
        with pytest.raises(error):
            change_text(path, 100, edit)
    path.write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        change_text(path, 100, lambda text: text + "x")
    assert path.read_bytes() == b"\xff"


def test_a_file_that_another_program_writes_meanwhile_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old\n")
    seen: list[str] = []

    def edit(text: str) -> str:
        if not seen:
            path.write_text("of the other program\n")
        seen.append(text)
        return text + "mine\n"

    change_text(path, 100, edit)
    assert path.read_text() == "of the other program\nmine\n"
    assert seen == ["old\n", "of the other program\n"]


def test_a_program_that_never_stops_writing_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "x"

    def edit(text: str) -> str:
        path.write_text(text + "x")
        return text + "mine"

    with pytest.raises(OSError, match="keeps writing"):
        change_text(path, 100, edit)
    assert "mine" not in path.read_text()


def _with(line: str, text: str) -> str:
    return text + line


def _add(path: str, line: str) -> None:
    for number in range(40):
        change_text(Path(path), 1_000_000, partial(_with, f"{line} {number}\n"))


def test_windows_that_change_one_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    processes = [get_context("spawn").Process(target=_add, args=(str(path), line)) for line in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(path.read_text().splitlines()) == sorted(f"{line} {n}" for line in "abc" for n in range(40))
    assert names(tmp_path) == ["x"]


def test_a_window_that_hangs_holds_others_for_a_while_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr(files, "LOCK_SECONDS", 0.05)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(OSError, match="another window is writing it"):
            change_text(tmp_path / "x", 100, lambda text: text + "x")
    finally:
        os.close(handle)
    change_text(tmp_path / "x", 100, lambda text: text + "x")
    assert (tmp_path / "x").read_text() == "x"
