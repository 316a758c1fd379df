"""Tick the points of a rubric that were said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from studytui.domain.grading import Verdict
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.card_face import Row
from studytui.ui.widgets.light_markdown import inline


class Tick(AnswerWidget, can_focus=True):
    """The points of an open card; the response is the list of indices that were ticked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous point", id="tick.up", show=False),
        Binding("down,j", "move(1)", "Next point", id="tick.down", show=False),
        Binding("space", "tick_at", "Tick the point", id="tick.toggle", show=False),
        Binding("a", "all", "Tick all points", id="tick.all", show=False),
        Binding("enter", "hand_in", "Done ticking", id="tick.hand_in", show=False),
        *(Binding(str(n), f"tick({n})", f"Tick point {n}", id=f"tick.{n}", show=False) for n in range(1, 10)),
    ]
    prompt = "Tick what you said, by number or with Space"

    def __init__(self, points: Sequence[str]) -> None:
        super().__init__()
        self._rows = [Row(index, inline(point)) for index, point in enumerate(points)]
        self._ticked: set[int] = set()
        self._at = 0

    def compose(self) -> ComposeResult:
        self._draw()
        yield from self._rows

    def action_move(self, step: int) -> None:
        self._at = (self._at + step) % len(self._rows)
        self._draw()

    def action_tick_at(self) -> None:
        self.action_tick(self._at + 1)

    def action_all(self) -> None:
        everything = set(range(len(self._rows)))
        self._ticked = set() if self._ticked == everything else everything
        self._draw()

    def action_tick(self, number: int) -> None:
        if not self.settled and 1 <= number <= len(self._rows):
            self._at = number - 1
            self._ticked ^= {self._at}
            self._draw()

    def action_hand_in(self) -> None:
        self.hand_in()

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(sorted(self._ticked)))

    def digit(self, number: int) -> bool:
        self.action_tick(number)
        return True

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        for index, row in enumerate(self._rows):
            said = index in self._ticked
            row.mark("✓ " if said else "✗ ", note="" if said else "not said", right=said)

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        self.action_tick(event.row.index + 1)

    def _draw(self) -> None:
        for index, row in enumerate(self._rows):
            at = index == self._at
            row.mark(f"{'▸' if at else ' '} [{'x' if index in self._ticked else ' '}] {index + 1}  ", at=at)
