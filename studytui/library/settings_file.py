"""The learner's settings.toml: read without schema libraries, since it is read before the first paint."""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from studytui.domain import settings as definitions
from studytui.domain.settings import RANGES, Settings

FILE: Final = "settings.toml"
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"'}


class SettingsError(Exception):
    """A setting is unknown or not allowed, or the file cannot be read or written; the text says what and where."""


def location() -> Path:
    """Where settings are kept: STUDYTUI_HOME if set, else the platform's folder for configuration."""
    if home := os.environ.get("STUDYTUI_HOME"):
        return Path(home).expanduser() / FILE
    from platformdirs import user_config_path

    return user_config_path("studytui", appauthor=False) / FILE


def read(path: Path) -> Settings:
    """The settings of a file; a missing file means the defaults.

    Raises:
        SettingsError: the file is not TOML, or a setting in it is unknown or not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}).") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not valid TOML: {error}. Mend it, or delete it to start from defaults."
        ) from None
    known = {field.name for field in fields(Settings)}
    for name in data:
        if name not in known:
            line = _line_of(text, name)
            raise SettingsError(f"{path}:{line}: there is no setting “{name}”; there are {', '.join(sorted(known))}.")
    try:
        return validated(replace(Settings(), **data))
    except SettingsError as error:
        name = str(error).partition(":")[0]
        raise SettingsError(f"{path}:{_line_of(text, name)}: {error}") from None


def validated(settings: Settings) -> Settings:
    """The settings, if each is of its type and within its range.

    Raises:
        SettingsError: `name: must be …, not …`.
    """
    hints = get_type_hints(Settings, vars(definitions))
    for field in fields(Settings):
        value, hint = getattr(settings, field.name), hints[field.name]
        if problem := _problem(field.name, value, hint):
            raise SettingsError(f"{field.name}: must be {problem}, not {value!r}.")
    return settings


def write(path: Path, settings: Settings) -> None:
    """Write what differs from the defaults, all or nothing.

    Raises:
        SettingsError: the file cannot be written; the old one stands.
    """
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text("".join(_lines(settings)), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise SettingsError(f"{path} cannot be written ({error.strerror or error}).") from error


def _problem(name: str, value: object, hint: Any) -> str:
    if hint is bool:
        return "" if isinstance(value, bool) else "true or false"
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return "" if value in choices else f"one of {', '.join(choices)}"
    if hint is int:
        low, high = RANGES[name]
        right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if right else f"a whole number from {low} to {high}"
    return "" if isinstance(value, str) else "text in quotes"


def _lines(settings: Settings) -> Iterator[str]:
    yield "# Settings of studytui; what is not here has its default. The settings screen (,) writes this file.\n"
    defaults = Settings()
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if value != getattr(defaults, field.name):
            yield f"{field.name} = {_literal(value)}\n"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _code(c)) for c in str(value)) + '"'


def _code(character: str) -> str:
    return f"\\U{ord(character):08x}"


def _line_of(text: str, name: str) -> int:
    return next((n for n, line in enumerate(text.splitlines(), 1) if line.split("=")[0].strip() == name), 1)
