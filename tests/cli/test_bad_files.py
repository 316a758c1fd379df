"""One bad file: every command goes on with the rest, says which file and where, and `check` finds it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Shell

OWN = "own/tiny"


def a_course_file(home: Path, course: Path) -> tuple[Path, str]:
    return course / "content/cards/01.toml", "[[card]]\nid = \n"


def the_course_itself(home: Path, course: Path) -> tuple[Path, str]:
    return course / "content/course.toml", "id = 1\nx = \n"


def own_cards(home: Path, course: Path) -> tuple[Path, str]:
    return home / OWN / "cards/own.toml", "[[card]]\nid = \n"


def notes(home: Path, course: Path) -> tuple[Path, str]:
    return home / OWN / "overrides.toml", "[[override]]\nid = \n"


def settings(home: Path, course: Path) -> tuple[Path, str]:
    return home / "settings.toml", "new_per_day = 3\nrollover_hour = 99\n"


def settings_that_are_no_toml(home: Path, course: Path) -> tuple[Path, str]:
    return home / "settings.toml", "new_per_day = 3\nrollover_hour = \n"


def settings_without_an_end(home: Path, course: Path) -> tuple[Path, str]:
    return home / "settings.toml", "\nnew_per_day = " + "9" * 4400


def settings_nested_without_an_end(home: Path, course: Path) -> tuple[Path, str]:
    return home / "settings.toml", "\nnew_per_day = " + "[" * 5000


FILES = [
    a_course_file,
    the_course_itself,
    own_cards,
    notes,
    settings,
    settings_that_are_no_toml,
    settings_without_an_end,
    settings_nested_without_an_end,
]


@pytest.mark.parametrize("bad", FILES, ids=lambda bad: bad.__name__)
def test_every_command_goes_on_and_says_file_and_line(
    shell: Shell, tmp_path: Path, bad: Callable[[Path, Path], tuple[Path, str]]
) -> None:
    assert shell.run("due").err == ""
    file, text = bad(tmp_path / "home", shell.course)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    for words in (["due"], ["cards"], ["stats"], ["review", "--plain"], ["backup"]):
        done = shell.run(*words, stdin="196\n\n")
        (warning,) = [line for line in done.err.splitlines() if line.startswith("studytui: warning: ")]
        assert f"{file.relative_to(shell.course) if file.is_relative_to(shell.course) else file}:2: " in warning
        assert "Traceback" not in done.out + done.err
        assert done.code in (0, 1), (words, done)
        assert file.read_text(encoding="utf-8") == text
    assert "4 new" in shell.run("due").out or "3 new" in shell.run("due").out or bad in (settings,)


def test_a_setting_that_is_wrong_leaves_the_others_in_force(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/settings.toml").write_text("new_per_day = 3\nrollover_hour = 99\ncolour = 1\n", encoding="utf-8")
    done = shell.run("due")
    assert "3 new" in done.out
    assert [line.partition("settings.toml")[2][:3] for line in done.err.splitlines()] == [":2:", ":3:"]


def test_statistics_do_without_a_syllabus_that_cannot_be_read(shell: Shell) -> None:
    (shell.course / "content/syllabus.toml").write_text("\nx = ", encoding="utf-8")
    done = shell.run("stats")
    assert (done.code, "2.1" in done.out) == (0, True)
    assert done.err.startswith("studytui: warning: content/syllabus.toml:2: ")
    done = shell.run("stats", "--json")
    assert (done.code, json.loads(done.out)["objectives"]) == (0, [])


@pytest.mark.parametrize("bad", [a_course_file, the_course_itself], ids=lambda bad: bad.__name__)
def test_check_finds_it_with_code_1(
    shell: Shell, tmp_path: Path, bad: Callable[[Path, Path], tuple[Path, str]]
) -> None:
    file, text = bad(tmp_path / "home", shell.course)
    file.write_text(text, encoding="utf-8")
    done = shell.run("check")
    assert done.code == 1
    assert f"{file.relative_to(shell.course)}:2: " in done.out


@pytest.mark.parametrize("bad", [own_cards, notes, settings, settings_without_an_end], ids=lambda bad: bad.__name__)
def test_check_finds_what_is_wrong_in_the_learners_own_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bad: Callable[[Path, Path], tuple[Path, str]],
) -> None:
    from studytui.course.lint import check
    from studytui.study.workspace import SystemClock
    from tests.ui.tiny_course import write_course

    home, root = tmp_path / "home", write_course(tmp_path / "course")
    file, text = bad(home, root)
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    report = check(root, today=SystemClock().now().date(), own=home / OWN, settings=home / "settings.toml")
    (finding,) = [finding for finding in report.findings if finding.path == str(file)]
    assert finding.line == 2
    assert report.errors


@pytest.mark.parametrize(
    "value",
    [
        ("~nouser/x", "STUDYTUI_HOME begins with ~nouser, and there is no such user."),
        (" ", "STUDYTUI_HOME is blank."),
        ("x" * 5000, "STUDYTUI_HOME is longer than 1000 bytes."),
        ("{tmp}/" + "x" * 300, "File name too long"),
        ("{tmp}/file", "cannot be made"),
        ("{tmp}/file/below", "cannot be made"),
        ("/dev/null", "cannot be made"),
        ("{tmp}/loop", "cannot be made"),
        ("/proc", "cannot be opened"),
    ],
)
@pytest.mark.parametrize("command", [["due"], ["lab", "list"], ["check"]], ids=" ".join)
def test_a_home_that_cannot_be_is_one_sentence(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: tuple[str, str], command: list[str]
) -> None:
    home, said = value
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    monkeypatch.setenv("STUDYTUI_HOME", home.format(tmp=tmp_path))
    done = shell.run(*command)
    if command == ["due"]:
        assert (done.code, done.out) == (2, "")
        (line,) = done.err.splitlines()
        assert line.startswith("studytui: ")
        assert said in line
    assert "Traceback" not in done.out + done.err
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize(
    "value", ["", "relative", "{tmp}/with space/#?%[]'", "{tmp}/new\nline", "{tmp}/\udcff", "{tmp}/a/../b"]
)
def test_a_home_that_is_only_odd_works(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("STUDYTUI_HOME", value.format(tmp=tmp_path))
    assert shell.run("due").code == 0
    assert len([*tmp_path.rglob("study.db")]) == 1


@pytest.mark.parametrize("course", ["~nouser/x", "x" * 5000, "{tmp}/file", "{tmp}/none", ""])
def test_a_course_that_cannot_be_is_one_sentence(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, course: str
) -> None:
    (tmp_path / "file").write_text("x")
    shell.course = Path(course.format(tmp=tmp_path))
    monkeypatch.chdir(tmp_path)
    done = shell.run("due")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("studytui: --course ")
    assert len(done.err.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes as files")
@pytest.mark.parametrize(
    "name",
    [
        "home/settings.toml",
        "home/own/tiny/overrides.toml",
        "home/own/tiny/cards/x.toml",
        "course/content/chapters/01.md",
    ],
)
@pytest.mark.parametrize("kind", ["pipe", "endless", "folder", "loop"])
def test_what_is_no_file_stops_nothing(shell: Shell, tmp_path: Path, name: str, kind: str) -> None:
    shell.run("due")
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "endless":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
    done = shell.run("due")
    assert (done.code, done.out[:5]) == (0, "0 due")
    assert ("cannot be read" in done.err) == (not name.endswith(".md"))
    assert shell.run("check").code == int(name.endswith(".md"))
