"""Settings on the disk: defaults, ranges, mistakes named with their line, all or nothing when writing."""

from __future__ import annotations

import os
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.course.settings import LARGEST_BYTES, SettingsError, location, read, read_what_is_right, validated, write
from studytui.domain.settings import RANGES, Settings


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path / "settings.toml") == Settings()


@given(st.integers(0, 9999), st.text(max_size=30), st.sampled_from(["after", "before", "mixed"]), st.booleans())
def test_what_is_written_is_read_back(number: int, theme: str, order: str, flag: bool) -> None:
    from tempfile import TemporaryDirectory

    if any(0xD800 <= ord(c) <= 0xDFFF for c in theme):
        return
    settings = replace(Settings(), new_per_day=number, theme=theme, new_cards=order, start_labs=flag)  # type: ignore[arg-type]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "deep" / "settings.toml"
        write(path, settings)
        assert read(path) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("new_per_day = -1", "settings.toml:1: new_per_day: must be a whole number from 0 to 9999, not -1"),
        ("\nrollover_hour = 24", "settings.toml:2: rollover_hour: must be a whole number from 0 to 23, not 24"),
        ("new_per_day = true", "must be a whole number"),
        ('bury_siblings = "yes"', "bury_siblings: must be true or false"),
        ('new_cards = "later"', "one of after, before, mixed"),
        ("theme = 3", "text in quotes"),
        ("colour = 1", "settings.toml:1: there is no setting “colour”"),
        ("new_per_day = ", "is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read(path)
    assert said in str(caught.value)


BY_HAND = """\ufeff# mine
  new_per_day=7 # few
# below
"theme" = 'nord'   # dark
bury_siblings = false

# end"""


def changed(path: Path, text: str, settings: Settings, *names: str) -> str:
    path.write_bytes(text.encode())
    write(path, settings, *names)
    return path.read_bytes().decode()


def test_one_line_is_changed_and_the_rest_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    assert changed(path, BY_HAND, Settings(new_per_day=8), "new_per_day") == BY_HAND.replace("=7", "=8")
    assert changed(path, BY_HAND, Settings(theme='a "b"\n'), "theme") == BY_HAND.replace("'nord'", '"a \\"b\\"\\n"')
    windows = BY_HAND.replace("\n", "\r\n")
    assert changed(path, windows, Settings(new_per_day=8), "new_per_day") == windows.replace("=7", "=8")


def test_a_new_setting_is_one_line_more(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    before, after = BY_HAND.split("\n"), changed(path, BY_HAND, Settings(leech_lapses=4), "leech_lapses").split("\n")
    assert [line for line in after if line and line not in before] == ["leech_lapses = 4"]
    assert [line for line in after if line in before] == before


def test_a_default_takes_its_line_away_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    assert changed(path, BY_HAND, Settings(), "new_per_day") == BY_HAND.replace("  new_per_day=7 # few\n", "")
    assert changed(path, BY_HAND, Settings(), "leech_lapses") == BY_HAND, "it has no line"
    assert changed(path, "new_per_day = 7", Settings(), "new_per_day") == ""


def test_two_windows_change_their_own_settings_only(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n", encoding="utf-8")
    write(path, replace(Settings(), new_per_day=5), "new_per_day")
    write(path, replace(Settings(), theme="nord"), "theme")
    assert read(path) == Settings(new_per_day=5, theme="nord")
    assert path.read_text(encoding="utf-8").startswith("# mine\n")


def _set_often(path: str, name: str) -> None:
    for number in range(3, 23):
        changed: dict[str, Any] = {name: number}
        write(Path(path), replace(Settings(), **changed), name)


def test_windows_that_write_at_once_keep_both_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    names = ("new_per_day", "reviews_per_day", "leech_lapses")
    processes = [get_context("spawn").Process(target=_set_often, args=(str(path), name)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert read(path) == Settings(new_per_day=22, reviews_per_day=22, leech_lapses=22)


def test_a_link_is_kept_and_its_target_written(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles/settings.toml"
    target.parent.mkdir()
    target.write_text(BY_HAND, encoding="utf-8")
    target.chmod(0o600)
    home = tmp_path / "home"
    home.symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "real").mkdir()
    (home / "settings.toml").symlink_to("../dotfiles/settings.toml")
    write(home / "settings.toml", Settings(new_per_day=8), "new_per_day")
    assert (home / "settings.toml").readlink() == Path("../dotfiles/settings.toml")
    assert target.read_text(encoding="utf-8") == BY_HAND.replace("=7", "=8")
    assert target.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in target.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("new_per_day = \n", r":1: this is not valid TOML.*Fix it"),
        ("theme = 'nord'\nnew_per_day = -1\n", r":2: new_per_day: must be .*Fix that first; nothing was changed"),
        ("colour = 1\ntheme = 'nord'\n", r":1: there is no setting “colour”.*Fix that first"),
        ("theme = 'nord'\n[ui]\nx = 1\n", r":2: there is no setting “ui”.*Fix that first"),
        ("theme = 'a'\ntheme = 'b'\n", r":2: this is not valid TOML"),
        ("\n\udcff", r":2: the file is not UTF-8"),
        ("\nx = " + "[" * 5000, r":2: this is not read: it is nested deeper"),
        ("\nnew_per_day = " + "9" * 4400, r":2: this is not read: a number has more than"),
    ],
)
def test_a_file_that_is_wrong_is_not_written_over(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SettingsError, match=said) as caught:
        write(path, Settings(leech_lapses=4), "leech_lapses")
    assert path.read_bytes() == text.encode(errors="surrogateescape")
    with pytest.raises(SettingsError) as read_too:
        read(path)
    assert caught.value.line == read_too.value.line > 0


def test_the_setting_that_is_wrong_can_be_set_right(tmp_path: Path) -> None:
    text = "# mine\nnew_per_day = -1 # oops\ntheme = 'nord'\n"
    assert changed(tmp_path / "settings.toml", text, Settings(new_per_day=5), "new_per_day") == text.replace("-1", "5")


def test_what_is_right_is_in_force_beside_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("new_per_day = 5\nrollover_hour = 99\ncolour = 1\ntheme = 'nord'\n", encoding="utf-8")
    settings, problems = read_what_is_right(path)
    assert settings == Settings(new_per_day=5, theme="nord")
    assert [problem.line for problem in problems] == [2, 3]


@pytest.mark.parametrize("kind", ["pipe", "endless", "folder", "loop", "large"])
def test_what_is_no_settings_file_is_told_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "settings.toml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "endless":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
        case "large":
            path.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(SettingsError, match="cannot be read"):
        read(path)
    with pytest.raises(SettingsError, match="cannot be written"):
        write(path, Settings(leech_lapses=4), "leech_lapses")


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").symlink_to("/dev/null")
    with pytest.raises(SettingsError, match="cannot be written"):
        write(tmp_path / "settings.toml", Settings(leech_lapses=4), "leech_lapses")
    assert not Path("/dev/null").is_file()


def test_a_folder_that_cannot_be_written_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="cannot be written"):
        write(tmp_path / "file" / "settings.toml", Settings(new_per_day=1))


def test_every_number_has_a_range() -> None:
    numbers = {
        name for name, value in vars_of(Settings()).items() if isinstance(value, int) and not isinstance(value, bool)
    }
    assert numbers == set(RANGES)
    for name, (low, high) in RANGES.items():
        assert low <= getattr(Settings(), name) <= high
        changed: dict[str, Any] = {name: high + 1}
        with pytest.raises(SettingsError, match=name):
            validated(replace(Settings(), **changed))


def test_the_environment_decides_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path))
    assert location() == tmp_path / "settings.toml"
    monkeypatch.delenv("STUDYTUI_HOME")
    assert location().name == "settings.toml"


def vars_of(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__slots__}
