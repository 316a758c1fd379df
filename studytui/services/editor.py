"""Which command line opens the learner's editor at a line, and waits until the file is closed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

FALLBACK: Final = "vi"


@dataclass(frozen=True, slots=True)
class _Style:
    """How a family of editors is told a line, and the spellings of its "wait until closed", if it needs one."""

    arguments: tuple[str, ...]
    wait: tuple[str, ...] = ()


_PLUS: Final = ("+{line}", "{file}")
_COLON: Final = ("{file}:{line}",)
_FILE_ONLY: Final = _Style(("{file}",))
_STYLES: Final = {
    **dict.fromkeys(("vi", "vim", "nvim", "view", "nano", "pico", "ne", "joe", "jed", "mg", "mcedit"), _Style(_PLUS)),
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
    "kate": _Style(("--line", "{line}", "{file}"), ("--block", "-b")),
}


def command(path: Path, line: int, environ: Mapping[str, str]) -> list[str]:
    """The words that open `path` at `line` (counted from 1) in $VISUAL, $EDITOR or vi.

    An editor that opens a window of its own is told to wait; one this module does not know gets the file alone.
    """
    words = editor(environ)
    name = PurePath(words[0]).name.lower().removesuffix(".exe")
    style = _STYLES.get(name, _FILE_ONLY)
    wait = style.wait[:1] if not set(style.wait) & set(words) else ()
    values = {"file": str(path), "line": str(max(1, line))}
    return [*words, *wait, *(argument.format_map(values) for argument in style.arguments)]


def editor(environ: Mapping[str, str]) -> list[str]:
    """The words of the first of $VISUAL and $EDITOR that names something, else vi.

    A value whose quotes do not close is taken as it stands, so that the message about it names what was set.
    """
    for variable in ("VISUAL", "EDITOR"):
        value = environ.get(variable, "").strip()
        if not value:
            continue
        try:
            words = shlex.split(value)
        except ValueError:
            words = [value]
        if words:
            return words
    return [FALLBACK]
