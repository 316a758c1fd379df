"""Put lines in order: move the line under the cursor, pick lines by number one after another, or drag them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from studytui.domain.grading import Verdict
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.card_face import Row
from studytui.ui.widgets.light_markdown import inline


class OrderLines(AnswerWidget, can_focus=True):
    """Steps in the order of this showing; the response is the list of the author's indices, top to bottom.

    Each line keeps the number it was shown with. Typing numbers builds the order from the top: the first one typed
    becomes the first line, and so on; Backspace takes the last one back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous line", id="order.up", show=False),
        Binding("down,j", "move(1)", "Next line", id="order.down", show=False),
        Binding("shift+up,K", "shift(-1)", "Move line up", id="order.raise", show=False),
        Binding("shift+down,J", "shift(1)", "Move line down", id="order.lower", show=False),
        Binding("enter,space", "hand_in", "Check the order", id="order.hand_in", show=False),
        Binding("backspace", "unplace", "Take the last number back", id="order.unplace", show=False),
        *(Binding(str(n), f"place({n})", f"Line {n} comes next", id=f"order.{n}", show=False) for n in range(1, 10)),
    ]
    prompt = "⇧↑ ⇧↓ move a line, or type the numbers in order"

    def __init__(self, steps: Sequence[str], permutation: Sequence[int]) -> None:
        super().__init__()
        self._rows = [Row(index, inline(steps[index])) for index in permutation]
        self._number = {row.index: place for place, row in enumerate(self._rows, 1)}
        self._at = 0
        self._placed = 0
        self._touched = False
        self._grabbed = False

    @property
    def order(self) -> list[int]:
        """The author's indices from top to bottom."""
        return [row.index for row in self._rows]

    def compose(self) -> ComposeResult:
        self._draw()
        yield from self._rows

    def action_move(self, step: int) -> None:
        self._at = max(0, min(len(self._rows) - 1, self._at + step))
        self._draw()

    def action_shift(self, step: int) -> None:
        self._move(self._at, self._at + step)

    def action_place(self, number: int) -> None:
        """The line shown with this number takes the next place from the top."""
        if self.settled:
            return
        place = next((i for i, row in enumerate(self._rows) if self._number[row.index] == number), None)
        if place is None or place < self._placed:
            return
        self._touched = True
        target, self._placed = self._placed, self._placed + 1
        self._move(place, target)

    def action_unplace(self) -> None:
        self._placed = max(0, self._placed - 1)
        self._draw()

    def action_hand_in(self) -> None:
        self.hand_in()

    def hand_in(self) -> None:
        if self.settled:
            return
        if self._touched:
            self.post_message(self.Answered(self.order))
        else:
            self.post_message(self.NotYet("Nothing is in order yet: move lines with ⇧↑ ⇧↓, or type their numbers."))

    def digit(self, number: int) -> bool:
        self.action_place(number)
        return True

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        for place, row in enumerate(self._rows):
            if verdict is None or place >= len(verdict.parts):
                row.mark(f"  {place + 1}  ")
            else:
                right = verdict.parts[place].correct
                note = "" if right else f"belongs in place {row.index + 1}"
                row.mark(f"{'✓' if right else '✗'} {place + 1}  ", note=note, right=right)

    def _move(self, start: int, end: int) -> None:
        if self.settled or not 0 <= end < len(self._rows):
            return
        self._touched = True
        row = self._rows.pop(start)
        self._rows.insert(end, row)
        self._at = end
        if end < start:
            self.move_child(row, before=self.children[end])
        else:
            self.move_child(row, after=self.children[end])
        self._draw()

    def _draw(self) -> None:
        for place, row in enumerate(self._rows):
            at = place == self._at
            done = f"{place + 1}." if place < self._placed else "  "
            row.mark(f"{'▸' if at else ' '}{done} {self._number[row.index]}  ", at=at)

    @on(events.MouseDown)
    def _grab(self, event: events.MouseDown) -> None:
        place = self._place_at(event.screen_y)
        if place is not None and not self.settled:
            self._at, self._grabbed = place, True
            self.capture_mouse()
            self._draw()

    @on(events.MouseMove)
    def _drag(self, event: events.MouseMove) -> None:
        place = self._place_at(event.screen_y)
        if self._grabbed and place is not None and place != self._at:
            self._move(self._at, place)

    @on(events.MouseUp)
    def _drop(self) -> None:
        if self._grabbed:
            self._grabbed = False
            self.release_mouse()

    def _place_at(self, screen_y: int) -> int | None:
        return next((i for i, row in enumerate(self._rows) if row.region.y <= screen_y < row.region.bottom), None)
