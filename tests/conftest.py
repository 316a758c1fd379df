"""What holds for every test: short waits, few examples, one worker more than there are cores."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import textual._wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

import studytui.ui.keys
import tests.examples  # noqa: F401  its profile holds before the first test is read

# Textual sleeps 20 ms at a time until a step was quiet; a tenth of it finds the same quiet sooner.
textual._wait.SLEEP_GRANULARITY = 0.002
textual._wait.SLEEP_IDLE = 0.001

# Tests press keys faster than any hand; those of held keys set the guard's time themselves.
studytui.ui.keys.REPEAT_SECONDS = 0.0

# Every app reads the same sheets, and what was read is never changed: one reading serves all apps of a process.
_sheets: dict[object, list[RuleSet]] = {}


def _rules(sheet: Stylesheet, *place: Any, read: Any = Stylesheet._parse_rules, **more: Any) -> list[RuleSet]:
    key = (place, tuple(more.items()), tuple(sheet._variables.items()))
    if key not in _sheets:
        _sheets[key] = read(sheet, *place, **more)
    return _sheets[key]


Stylesheet._parse_rules = _rules  # type: ignore[assignment, method-assign]

# Thousands of tests and what they share live to the end; looking through them again and again finds nothing.
gc.set_threshold(100_000, 50, 50)

# A home on a disk waits for it at each answer; what a kill or a full disk does is tried by tests.faults.
_MEMORY = Path("/dev/shm")
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 2 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# The colours of a screen do not hang on the terminal that the tests were started from.
os.environ["COLORTERM"] = "truecolor"
os.environ.pop("STUDYTUI_PICTURES", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: while one worker waits for a screen or a process, another one computes."""
    return (os.cpu_count() or 1) + 1
