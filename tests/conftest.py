"""What holds for every test: short waits, few examples, one worker more than there are cores."""

from __future__ import annotations

import os

import pytest
import textual._wait

import studytui.ui.keys
import tests.examples  # noqa: F401  its profile holds before the first test is read

# Textual sleeps 20 ms at a time until a step was quiet; a tenth of it finds the same quiet sooner.
textual._wait.SLEEP_GRANULARITY = 0.002
textual._wait.SLEEP_IDLE = 0.001

# Tests press keys faster than any hand; those of held keys set the guard's time themselves.
studytui.ui.keys.REPEAT_SECONDS = 0.0

# The colours of a screen do not hang on the terminal that the tests were started from.
os.environ["COLORTERM"] = "truecolor"
os.environ.pop("STUDYTUI_PICTURES", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: while one worker waits for a screen or a process, another one computes."""
    return (os.cpu_count() or 1) + 1
