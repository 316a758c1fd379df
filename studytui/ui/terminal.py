"""The app's border with the terminal: what slipped past `safe` stops here, and bytes that are no text end nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color
    from textual.driver import Driver

_COMMANDS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NO_TEXT: Final = "What was typed or pasted is no UTF-8 text and was left out. Set the terminal to UTF-8."


class NoCommands(LineFilter):
    """Leaves out what a terminal would obey: it takes no cell. Half a character takes one and becomes a sign."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The line's segments; those that are the app's own commands (pictures) stay as they are."""
        return [
            segment
            if segment.control or not _COMMANDS.search(segment.text)
            else Segment(_COMMANDS.sub(_left, segment.text), segment.style)
            for segment in segments
        ]


def _left(match: re.Match[str]) -> str:
    return "�" if match[0] >= "\ud800" else ""


def tolerant(driver: type[Driver]) -> type[Driver]:
    """The driver with an input that goes on after bytes that are no UTF-8, and says so; Textual's own ends the app."""
    if not hasattr(driver, "run_input_thread"):  # the drivers of Windows and of tests get characters
        return driver

    class Tolerant(driver):  # type: ignore[misc, valid-type]
        def run_input_thread(self) -> Any:
            while True:
                try:
                    return super().run_input_thread()
                except UnicodeDecodeError:
                    app = self._app
                    app.call_later(app.notify, NO_TEXT, severity="warning")

    return Tolerant
