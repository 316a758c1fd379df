"""The learner's settings.toml: read without schema libraries, since it is read before the first paint; written line by
line, since it is the learner's file.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from studytui.course.toml_file import TomlSource, not_text, parse
from studytui.domain import settings
from studytui.domain import settings as definitions
from studytui.domain.settings import RANGES, Settings
from studytui.errors import CourseError, shortened
from studytui.files import change_text, chosen_home, read_at_most

FILE: Final = "settings.toml"
LARGEST_BYTES: Final = 100_000
LONGEST_TEXT: Final = 1000
_HEADER: Final = (
    "# Settings of studytui; what is not here has its default. The settings screen (,) changes single lines.\n"
)
_ADVICE: Final = "Fix it, or delete it to start from defaults."


class SettingsError(Exception):
    """A setting is unknown or not allowed, or the file cannot be read or written; the text says what and where.

    `line` counts from 1; 0 where it is about no line of the file.
    """

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def location() -> Path:
    """Where settings are kept: STUDYTUI_HOME if set, else the platform's folder for configuration.

    Raises:
        SettingsError: STUDYTUI_HOME can name no folder.
    """
    try:
        home = chosen_home()
    except ValueError as error:
        raise SettingsError(str(error)) from None
    if home is not None:
        return home / FILE
    from platformdirs import user_config_path

    return user_config_path("studytui", appauthor=False) / FILE


def read(path: Path) -> Settings:
    """The settings of a file; a missing file means the defaults.

    Raises:
        SettingsError: the first thing that is wrong.
    """
    settings, problems = read_what_is_right(path)
    if problems:
        raise problems[0]
    return settings


def read_what_is_right(path: Path) -> tuple[Settings, list[SettingsError]]:
    """The settings of a file, the default for each that cannot be read, and an error for each thing that is wrong."""
    try:
        text = read_at_most(path, LARGEST_BYTES).decode("utf-8-sig")
        return _settings_of(_parsed(text, path), path)
    except FileNotFoundError:
        return Settings(), []
    except UnicodeDecodeError as error:
        found = not_text(error, str(path))
        return Settings(), [SettingsError(f"{found} {_ADVICE}", line=found.line)]
    except OSError as error:
        return Settings(), [SettingsError(f"{path} cannot be read ({error.strerror or error}).")]
    except SettingsError as error:
        return Settings(), [error]


def is_set(path: Path, name: str) -> bool:
    """Whether the file has a line for a setting; False where it cannot be read."""
    try:
        return name in _parsed(read_at_most(path, LARGEST_BYTES).decode("utf-8-sig"), path).data
    except (OSError, UnicodeDecodeError, SettingsError):
        return False


def validated(settings: Settings) -> Settings:
    """The settings, if each is of its type and within its range.

    Raises:
        SettingsError: `name: must be …, not …`.
    """
    hints = get_type_hints(Settings, vars(definitions))
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if problem := _problem(field.name, value, hints[field.name]):
            raise SettingsError(f"{field.name}: {problem}")
    return settings


def write(path: Path, settings: Settings, *names: str) -> None:
    """Write the settings of these names (without names, all), each into its own line; a default has none.

    The file is read again before, so that what another window or the learner wrote meanwhile stays.

    Raises:
        SettingsError: something else in the file is wrong, or it cannot be written; it is as it was.
    """
    defaults = Settings()
    values = {name: getattr(settings, name) for name in names or (field.name for field in fields(Settings))}
    wanted = {name: value for name, value in values.items() if value != getattr(defaults, name)}

    def edit(text: str) -> str:
        before = _parsed(text, path)
        others = {name: value for name, value in before.data.items() if name not in values}
        if before.data == others | wanted:
            return text
        for error in _settings_of(replace(before, data=others), path)[1]:
            raise SettingsError(f"{error} Fix that first; nothing was changed.", line=error.line)
        return _with_lines(text, path, others, wanted)

    try:
        change_text(path, LARGEST_BYTES, edit)
    except UnicodeDecodeError as error:
        found = not_text(error, str(path))
        raise SettingsError(f"{found} {_ADVICE}", line=found.line) from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror or error}).") from error


def _with_lines(text: str, path: Path, others: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The text with a line for each of the wanted settings and for no setting beyond them and the others.

    Raises:
        SettingsError: the editor would change more than that.
    """
    import tomlkit

    from studytui.course.toml_file import comments, literal

    text = text or _HEADER
    gone: Counter[str] = Counter()
    try:
        ends = text.endswith("\n")
        document: Any = tomlkit.parse(text if ends else text + "\n")
        for name in list(document):
            if name not in others and name not in wanted:
                gone[document.item(name).trivia.comment.rstrip()] += 1
                document.remove(name)
        for name, value in wanted.items():
            if name not in document or document[name] != value:
                document[name] = tomlkit.parse(f"x = {literal(value)}\n")["x"]
        after: str = document.as_string()
        after = after if ends else after.removesuffix("\n")
        sound = _parsed(after, path).data == {**others, **wanted}
        sound = sound and not Counter(comments(text)) - Counter(comments(after)) - gone
    except Exception:  # whatever the editor stumbles over, the learner's file stays as it is
        sound = False
    if not sound:
        names = ", ".join(wanted) or "it"
        raise SettingsError(
            f"{path} is written in a way that no single line can be changed; change {names} there by hand."
        )
    return after


def _parsed(text: str, path: Path) -> TomlSource:
    try:
        return parse(text, str(path))
    except CourseError as error:
        raise SettingsError(f"{error} {_ADVICE}", line=error.line) from None


def _settings_of(source: TomlSource, path: Path) -> tuple[Settings, list[SettingsError]]:
    """The settings of a file, the default for each that is not allowed, and an error for each thing that is wrong."""
    known = get_type_hints(Settings, vars(definitions))
    settings, problems = Settings(), []
    for name, value in source.data.items():
        line = source.top.of(name)
        if name not in known:
            message = f"{path}:{line}: there is no setting “{shortened(name)}”; there are {', '.join(sorted(known))}."
            problems.append(SettingsError(message, line=line))
        elif problem := _problem(name, value, known[name]):
            problems.append(SettingsError(f"{path}:{line}: {name}: {problem}", line=line))
        else:
            settings = replace(settings, **{name: value})
    return settings, problems


def _problem(name: str, value: object, hint: Any) -> str:
    """`must be …, not ….`, or "" for a value that is allowed."""
    wanted = ""
    if hint is bool:
        wanted = "" if isinstance(value, bool) else "true or false"
    elif get_origin(hint) is Literal:
        choices = get_args(hint)
        wanted = "" if isinstance(value, str) and value in choices else f"one of {', '.join(choices)}"
    elif hint is int:
        low, high = RANGES[name]
        right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        wanted = "" if right else f"a whole number from {low} to {high}"
    elif not isinstance(value, str):
        wanted = "text in quotes"
    elif len(value) > LONGEST_TEXT:
        wanted = f"a text of at most {LONGEST_TEXT} characters"
    if not wanted:
        return ""
    return f"must be {wanted}, not {shortened(repr(value))}."


# The settings as a form sees them: name, text and what each may be, read from `domain.settings` itself


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting. `choices` holds what it may be, where that is a short list; else it is a number or a text."""

    name: str
    text: str
    kind: Literal["switch", "choice", "number", "text"]
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name as words: New per day."""
        return _TITLES.get(self.name) or self.name.replace("_", " ").capitalize()


_TITLES: Final = {
    "bury_siblings": "One card per objective a day",
    "ask_confidence_in_rehearsal": "Ask confidence in interviews",
    "rehearsal_clock": "Interview clock",
}
"""What the screen calls a setting whose name in the file is not how the app speaks."""


@cache
def setting_fields() -> tuple[SettingField, ...]:
    """All settings in their order."""
    texts = _docstrings()
    hints = get_type_hints(Settings, vars(settings))
    found = []
    for field in fields(Settings):
        hint, text = hints[field.name], texts.get(field.name, "")
        if hint is bool:
            found.append(SettingField(field.name, text, "switch"))
        elif get_origin(hint) is Literal:
            found.append(SettingField(field.name, text, "choice", get_args(hint)))
        else:
            found.append(SettingField(field.name, text, "number" if hint is int else "text"))
    return tuple(found)


def _docstrings() -> dict[str, str]:
    body = ast.parse(inspect.getsource(Settings)).body[0]
    texts: dict[str, str] = {}
    name = ""
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        match node:
            case ast.AnnAssign(target=ast.Name(id=found)):
                name = found
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                texts[name] = " ".join(text.split())
                name = ""
    return texts
