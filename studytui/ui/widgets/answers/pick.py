"""Pick one of several options: by its number, with arrows and Enter, or with the mouse."""

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


class Pick(AnswerWidget, can_focus=True):
    """Options in the order of this showing; the response is the author's index of the one picked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous option", id="pick.up", show=False),
        Binding("down,j", "move(1)", "Next option", id="pick.down", show=False),
        Binding("enter,space", "hand_in", "Pick", id="pick.hand_in", tooltip="Answer with this option", show=False),
        *(Binding(str(n), f"pick({n})", f"Pick option {n}", id=f"pick.{n}", show=False) for n in range(1, 10)),
    ]
    prompt = "Pick an option by its number"

    def __init__(
        self,
        options: Sequence[str],
        permutation: Sequence[int],
        *,
        right: int | None = None,
        whys: Sequence[str] = (),
    ) -> None:
        """`right` and `whys` (in the author's order) are shown once the answer is judged; a lab tells them later."""
        super().__init__()
        self._right = right
        self._whys = tuple(whys)
        self._shown = tuple(permutation)
        self._rows = [Row(index, inline(options[index])) for index in self._shown]
        self._at: int | None = None
        self._picked: int | None = None

    def compose(self) -> ComposeResult:
        self._draw()
        yield from self._rows

    def action_move(self, step: int) -> None:
        if self._at is None:
            self._at = 0 if step > 0 else len(self._rows) - 1
        else:
            self._at = (self._at + step) % len(self._rows)
        self._draw()

    def action_pick(self, number: int) -> None:
        if not self.settled and 1 <= number <= len(self._rows):
            self._at = number - 1
            self._draw()
            self.hand_in()

    def action_hand_in(self) -> None:
        self.hand_in()

    def hand_in(self) -> None:
        if self._at is None and not self.settled:
            self.post_message(self.NotYet("Pick an option: type its number, or move to it with ↓ and press Enter."))
        elif self._at is not None and not self.settled:
            self._picked = self._shown[self._at]
            self.post_message(self.Answered(self._picked))

    def digit(self, number: int) -> bool:
        self.action_pick(number)
        return 1 <= number <= len(self._rows)

    def settle(self, verdict: Verdict | None) -> None:
        """Mark the right option and the picked one, and say what is wrong with the others."""
        super().settle(verdict)
        right = self._right if self._right is not None else self._right_by_words(verdict)
        for place, row in enumerate(self._rows, 1):
            is_right, was_picked = row.index == right, row.index == self._picked
            sign = "✓" if is_right else "✗" if was_picked else " "
            why = self._whys[row.index] if row.index < len(self._whys) and not was_picked else ""
            row.mark(f"{sign} {place}  ", note=why, right=True if is_right else False if was_picked else None)

    def _right_by_words(self, verdict: Verdict | None) -> int | None:
        if verdict is None or not verdict.parts:
            return None
        words = inline(verdict.parts[0].right).plain
        return next((row.index for row in self._rows if row.content.plain == words), None)

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        self.action_pick(self._rows.index(event.row) + 1)

    def _draw(self) -> None:
        for place, row in enumerate(self._rows):
            at = place == self._at
            row.mark(f"{'▸' if at else ' '} {place + 1}  ", at=at)
