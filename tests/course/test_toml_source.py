"""Reading files that people write: what is broken, odd or without an end is told in a sentence with file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studytui.course.toml_file import LARGEST_BYTES, is_there, read, toml_names
from studytui.errors import CourseError


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = ", "x.toml:1: this is not valid TOML"),
        (b"a = 1\nb = [1,\n", "x.toml:"),
        (b"a = 1\n\xff\xfe = 2", "x.toml:2: the file is not UTF-8"),
        (b"a = 1\nb = " + b"9" * 5000, "x.toml:2: this is not read: a number has more than 400 characters"),
        (b"a = 1\nb = " + b"[" * 5000, "x.toml:2: this is not read: it is nested deeper than 40 levels"),
        (b"a = 1\nb = " + b"{a=" * 5000, "x.toml:2: this is not read: it is nested deeper than 40 levels"),
        (b"a = 1\nb" + b".b" * 50_000 + b" = 1", "x.toml:2: this is not read: a name has more than 40 parts"),
        (b"a = 1\n[b" + b".b" * 50_000 + b"]", "x.toml:2: this is not read: a name has more than 40 parts"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(CourseError) as caught:
        read(tmp_path, "x.toml")
    assert said in str(caught.value)


def test_a_missing_file_and_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"x\.toml: the file is missing"):
        read(tmp_path, "x.toml")
    (tmp_path / "x.toml").mkdir()
    with pytest.raises(CourseError, match=r"x\.toml: the file cannot be read"):
        read(tmp_path, "x.toml")


def test_a_line_is_what_an_editor_shows_whatever_stands_in_the_texts(tmp_path: Path) -> None:
    odd = "\u2028\u2029\u0085"
    (tmp_path / "x.toml").write_text(f'a = "{odd}"\nb = """{odd}\n"""\nc = \n', encoding="utf-8")
    with pytest.raises(CourseError, match=r"x\.toml:4: this is not valid TOML"):
        read(tmp_path, "x.toml")


@pytest.mark.parametrize("size", [LARGEST_BYTES + 1, 10**12])
def test_a_file_without_measure_is_not_read(tmp_path: Path, size: int) -> None:
    with (tmp_path / "x.toml").open("wb") as file:
        file.truncate(size)  # a hole: takes no room on the disk
    with pytest.raises(CourseError, match=r"cannot be read \(it is larger than 32 MB\)"):
        read(tmp_path, "x.toml")


def test_what_is_no_file_is_neither_waited_for_nor_read_without_an_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    for name in ("pipe.toml", "zero.toml"):
        with pytest.raises(CourseError, match="it is a pipe or a device, not a file"):
            read(tmp_path, name)
    with pytest.raises(CourseError, match=r"cannot be read"):
        read(tmp_path, "loop.toml")
    with pytest.raises(CourseError, match="no file can have this name"):
        read(tmp_path, "a\0b.toml")
    with pytest.raises(CourseError, match="cannot be read"):
        read(tmp_path, "a" * 5000)


def test_only_what_is_a_toml_file_to_its_author_is_listed(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml", ".hidden.toml", "c.toml~", "d.md"):
        (tmp_path / name).write_text("")
    (tmp_path / ".#a.toml").symlink_to("somebody@somewhere.1234")
    assert toml_names(tmp_path) == ["a.toml", "b.toml"]
    assert toml_names(tmp_path / "none") == []
    with pytest.raises(CourseError, match="the folder cannot be read"):
        toml_names(tmp_path / "a.toml")
    (tmp_path / "\udcff.toml").write_text("")
    with pytest.raises(CourseError, match=r"a name that is not UTF-8 \('.*udcff"):
        toml_names(tmp_path)


def test_a_file_that_cannot_be_looked_at_is_there(tmp_path: Path) -> None:
    assert not is_there(tmp_path, "none.toml")
    assert not is_there(tmp_path, "none/none.toml")
    (tmp_path / "dangling.toml").symlink_to("none")
    for name in ("dangling.toml", "x" * 5000, "a\0b"):
        assert is_there(tmp_path, name)
        with pytest.raises(CourseError):
            read(tmp_path, name)
