"""The folder of the learner's data and settings, where the environment names one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "STUDYTUI_HOME"
LONGEST: Final = 1000
"""Bytes; room for the names below it within what systems take."""


def chosen_home() -> Path | None:
    """The folder that STUDYTUI_HOME names, from the root on; None if it names none.

    Raises:
        ValueError: no folder can be meant by it; the text says why and what to do.
    """
    value = os.environ.get(VARIABLE, "")
    if not value:
        return None
    wrong = ""
    if not value.strip():
        wrong = "is blank"
    elif len(os.fsencode(value)) > LONGEST:
        wrong = f"is longer than {LONGEST} bytes"
    elif "\0" in value:
        wrong = "holds a character that no folder can have in its name"
    else:
        try:
            return Path(value).expanduser().absolute()
        except (RuntimeError, OSError):
            wrong = f"begins with {Path(value).parts[0]}, and there is no such user"
            if not value.startswith("~"):
                wrong = "is relative, and the folder in which studytui was started is gone"
    raise ValueError(f"{VARIABLE} {wrong}. Set it to a folder you can write to, or unset it.")
