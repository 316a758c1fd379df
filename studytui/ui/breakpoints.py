"""From how many columns on a screen puts its parts side by side."""

from __future__ import annotations

from typing import Final

NARROW_OR_WIDE: Final[list[tuple[int, str]] | None] = [(0, "-narrow"), (110, "-wide")]
SHORT_OR_TALL: Final[list[tuple[int, str]] | None] = [(0, "-short"), (20, "-tall")]
"""From how many lines on there is room for more than what one has to see."""
READER: Final[list[tuple[int, str]] | None] = [(0, "-narrow"), (113, "-middle"), (138, "-wide")]
"""The text keeps 78 columns at every width, enough for a diagram of 76; the rest goes to what stands beside it."""
