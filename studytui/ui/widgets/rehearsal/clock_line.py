"""The clock of a question: which phase, how much of its time is used, as a bar, in words and in colour."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widgets import Static

from studytui.services.rehearsal.export import minutes
from studytui.services.rehearsal.timing import Phase

NEARLY: Final = 0.8
_BAR_CELLS: Final = 20


class ClockLine(Static):
    """One line; hidden where no clock runs."""

    DEFAULT_CSS = """
    ClockLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, phase: Phase, used: float, given: int, *, paused: bool = False, left: float | None = None) -> None:
        """Draw the time; `left` is what remains of a whole mock interview."""
        share = used / given if given else 1.0
        style = "$text-error" if share >= 1 else "$text-warning" if share >= NEARLY else "$text-success"
        filled = min(_BAR_CELLS, int(share * _BAR_CELLS))
        bar = Content.styled("▰" * filled + "▱" * (_BAR_CELLS - filled), style)
        over = f"  {minutes(used - given)} over" if share >= 1 else ""
        words = f"{phase} {minutes(used)} of {minutes(given)}{over}"
        line = Content.assemble((f"{words:<26}", f"bold {style}" if over else ""), bar)
        if paused:
            line += Content.styled("  ‖ paused", "bold $text-warning")
        if left is not None:
            text = f"  interview: {minutes(left)} left" if left > 0 else f"  interview: {minutes(-left)} over"
            line += Content.styled(text, "$text-error" if left <= 0 else "")
        self.update(line)
