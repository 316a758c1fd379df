"""What holds for every test: Textual's idle wait is short, since the suite waits far more than it works."""

from __future__ import annotations

import textual._wait

import studytui.ui.keys

# Textual sleeps 20 ms at a time until a step was quiet; a tenth of it finds the same quiet sooner.
textual._wait.SLEEP_GRANULARITY = 0.002
textual._wait.SLEEP_IDLE = 0.001

# Tests press keys faster than any hand; those of held keys set the guard's time themselves.
studytui.ui.keys.REPEAT_SECONDS = 0.0
