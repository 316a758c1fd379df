"""Settings on the disk: defaults, ranges, mistakes named with their line, all or nothing when writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.domain.settings import RANGES, Settings
from studytui.library.settings_file import SettingsError, location, read, validated, write


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
        with pytest.raises(SettingsError, match=name):
            validated(replace(Settings(), **{name: high + 1}))


def test_the_environment_decides_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path))
    assert location() == tmp_path / "settings.toml"
    monkeypatch.delenv("STUDYTUI_HOME")
    assert location().name == "settings.toml"


def vars_of(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__slots__}
