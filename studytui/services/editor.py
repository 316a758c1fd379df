"""Which command line opens the learner's editor at a line, and waits until the file is closed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, TypeAlias

Finder: TypeAlias = Callable[[str], str | None]
"""Where a program is on the path, or None; as `shutil.which`."""
FALLBACKS: Final = ("sensible-editor", "nano", "vi")
WINDOWS_FALLBACK: Final = "notepad"
_PROGRAM_ENDINGS: Final = (".exe", ".cmd", ".bat", ".com")
_WINDOWS_PATH: Final = re.compile(r"(?:[A-Za-z]:|\\\\)[^\"]*?\.(?:exe|cmd|bat|com)(?=\s|$)", re.IGNORECASE)
"""A path that is not in quotes, with its spaces, up to the ending of a program."""
_WINDOWS_WORD: Final = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class _Style:
    """How a family of editors is told a line, and the spellings of its "wait until closed", if it needs one."""

    arguments: tuple[str, ...]
    wait: tuple[str, ...] = ()


_PLUS: Final = ("+{line}", "{file}")
_COLON: Final = ("{file}:{line}",)
_FILE_ONLY: Final = _Style(("{file}",))
_STYLES: Final = {
    **dict.fromkeys(
        ("vi", "vim", "nvim", "view", "nano", "pico", "ne", "joe", "jed", "mg", "mcedit", "sensible-editor"),
        _Style(_PLUS),
    ),
    **dict.fromkeys(("emacs", "emacsclient", "kak", "micro"), _Style(_PLUS)),
    **dict.fromkeys(("gvim", "mvim"), _Style(_PLUS, ("-f", "--nofork"))),
    "gedit": _Style(_PLUS, ("--wait", "-w")),
    **dict.fromkeys(("hx", "helix"), _Style(_COLON)),
    **dict.fromkeys(("subl", "sublime_text", "zed", "zeditor"), _Style(_COLON, ("--wait", "-w"))),
    **dict.fromkeys(
        ("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"),
        _Style(("--goto", "{file}:{line}"), ("--wait", "-w")),
    ),
    **dict.fromkeys(("mate", "idea", "pycharm"), _Style(("--line", "{line}", "{file}"), ("--wait", "-w"))),
    "notepad++": _Style(("-n{line}", "{file}")),
    "kate": _Style(("--line", "{line}", "{file}"), ("--block", "-b")),
}


def command(
    path: Path, line: int, environ: Mapping[str, str], *, find: Finder = shutil.which, windows: bool = os.name == "nt"
) -> list[str]:
    """The words that open `path` at `line` (counted from 1) in $VISUAL, $EDITOR or the platform's usual editor.

    An editor that opens a window of its own is told to wait; one this module does not know gets the file alone.
    """
    words = editor(environ, find=find, windows=windows)
    style = _STYLES.get(_name(words[0], windows=windows), _FILE_ONLY)
    wait = style.wait[:1] if not set(style.wait) & set(words) else ()
    values = {"file": str(path), "line": str(max(1, line))}
    if windows:  # which starts a code.cmd only by its full name
        words[0] = find(words[0]) or words[0]
    return [*words, *wait, *(argument.format_map(values) for argument in style.arguments)]


def editor(environ: Mapping[str, str], *, find: Finder = shutil.which, windows: bool = os.name == "nt") -> list[str]:
    """The words of the first of $VISUAL and $EDITOR that names something, else of what the platform has.

    A value whose quotes do not close is taken as it stands, so that the message about it names what was set.
    """
    for variable in ("VISUAL", "EDITOR"):
        value = environ.get(variable, "").strip()
        words = _windows_words(value) if windows else _posix_words(value)
        if words and words[0]:
            return words
    if windows:
        return [WINDOWS_FALLBACK]
    return [next((name for name in FALLBACKS if find(name)), FALLBACKS[-1])]


def _name(program: str, *, windows: bool) -> str:
    name = (PureWindowsPath if windows else PurePosixPath)(program).name.lower()
    return next((name.removesuffix(ending) for ending in _PROGRAM_ENDINGS if name.endswith(ending)), name)


def _posix_words(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return [value]


def _windows_words(value: str) -> list[str]:
    """The words of a Windows command line: backslashes are of paths, and a path may hold spaces without quotes."""
    if value.count('"') % 2:
        return [value]
    path = _WINDOWS_PATH.match(value)
    rest = value[path.end() :] if path else value
    words = [match[1] if match[1] is not None else match[2] for match in _WINDOWS_WORD.finditer(rest)]
    return [path[0], *words] if path else words
