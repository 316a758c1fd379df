"""From how many columns on a screen puts its parts side by side."""

from __future__ import annotations

from typing import Final

NARROW_OR_WIDE: Final[list[tuple[int, str]] | None] = [(0, "-narrow"), (110, "-wide")]
