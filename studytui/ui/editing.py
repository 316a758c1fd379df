"""Which command line opens the learner's editor at a line, and waits until the file is closed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from textual.app import App, SuspendNotSupported

if TYPE_CHECKING:
    from studytui.study.workspace import Workspace


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


# Leaving the screen to the learner's editor and taking it back


def open_editor(app: App[Any], path: Path, line: int) -> str:
    """Open `path` at `line` in the learner's editor and wait for it; returns '' or what went wrong, as a sentence."""
    words = command(path, line, os.environ)
    try:
        with app.suspend():
            # Nothing may leave this block but its end: Textual takes the terminal back only there.
            problem = _run(words)
    except SuspendNotSupported:
        return f"An editor cannot be opened from here; the card is in {path}:{line}."
    app.refresh(layout=True)
    return problem


def _run(words: list[str]) -> str:
    """Run the editor to its end; '' or what went wrong. ctrl+c on the terminal is the editor's alone meanwhile."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a handler: what is ignored here, the editor would ignore
    try:
        code = subprocess.run(words, check=False).returncode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return f"The editor “{words[0]}” cannot be started ({why}). Set $VISUAL or $EDITOR to one that is installed."
    finally:
        signal.signal(signal.SIGINT, before)
    if code < 0:
        return f"The editor “{words[0]}” was ended by signal {-code}."
    return f"The editor “{words[0]}” ended with code {code}." if code else ""


def edit_source(app: App[Any], workspace: Workspace, path: str, line: int) -> str:
    """Edit the course file `path` (relative to the course's root) and read the course again.

    Returns '' or what went wrong, as a sentence; a file that cannot be read leaves the cards as they were. It is read
    again however the editor ended: it may have written before.
    """
    return edit_file(app, workspace, workspace.source_file(path), line)


def edit_file(app: App[Any], workspace: Workspace, file: Path, line: int) -> str:
    """Edit a file of the course or of the learner and read all that changed; returns as `edit_source` does."""
    from studytui.errors import CourseError, StoreError

    problem = open_editor(app, file, line)
    try:
        workspace.reload()
    except (CourseError, StoreError) as error:
        return f"{problem} {error}".strip()
    unread = next((each.message for each in workspace.problems if each.file == file), "")
    return f"{problem} {unread}".strip()
