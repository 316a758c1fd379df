"""`python -m tests.terminals.shown FILE`: one picture on black, with the app's own way to the terminal.

FILE gets what was chosen. After three seconds a toast lies over the picture for two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult

from studytui.ui.app import tolerant
from studytui.ui.terminal import Answers
from studytui.ui.widgets.picture import PictureView
from tests.terminals.meant import png

if TYPE_CHECKING:
    from textual.driver import Driver


class Shown(App[None]):
    CSS = "Screen { background: black; } PictureView { width: 60; }"
    ENABLE_COMMAND_PALETTE = False
    answers: Answers | None = None

    def get_driver_class(self) -> type[Driver]:
        return tolerant(super().get_driver_class())

    def compose(self) -> ComposeResult:
        yield PictureView(png(), "in words")

    def hear(self, answers: Answers) -> None:
        self.answers = answers
        self.query_one(PictureView).look()

    def on_resize(self) -> None:
        for view in self.query(PictureView):
            view.look()

    def on_mount(self) -> None:
        self.set_timer(2.5, self._tell)
        self.set_timer(3.0, lambda: self.notify("over the picture\n" * 30, timeout=2))

    def _tell(self) -> None:
        said = {
            "way": self.query_one(PictureView)._way,
            "name": self.answers.name if self.answers else None,
            "colours": self.console.color_system,
        }
        Path(sys.argv[1]).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    Shown().run()
