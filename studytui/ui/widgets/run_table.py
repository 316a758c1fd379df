"""Earlier runs side by side: the parameters that differ, prediction, measured value, distance."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.light_markdown import Block

MOST_RUNS = 8


class RunTable(Face):
    """Hidden until there are two runs to compare."""

    def show_rows(self, rows: Sequence[dict[str, str]]) -> None:
        """Show the runs, newest first."""
        self.display = len(rows) > 1
        if len(rows) < 2:
            self.show_blocks(())
            return
        head = tuple(Content.styled(safe(name.replace("_", " ")), "bold") for name in rows[0])
        lines = tuple(tuple(Content(safe(cell)) for cell in row.values()) for row in rows[:MOST_RUNS])
        title = Block(Content.styled("Runs", "bold $text-primary"))
        self.show_blocks((title, Block(Content(""), kind="table", spaced=False, rows=(head, *lines))))
