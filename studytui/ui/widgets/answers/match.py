"""Match each left side to a right one: the number of a right goes to the left under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from studytui.domain.grading import Response, Verdict
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.card_face import Row
from studytui.ui.widgets.light_markdown import inline


class MatchPairs(AnswerWidget, can_focus=True):
    """Lefts in the author's order, rights shuffled and numbered; the response gives each left its right's index."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous left side", id="match.up", show=False),
        Binding("down,j", "move(1)", "Next left side", id="match.down", show=False),
        Binding("left", "cycle(-1)", "Previous right side", id="match.left", show=False),
        Binding("right", "cycle(1)", "Next right side", id="match.right", show=False),
        Binding("enter,space", "hand_in", "Check the pairs", id="match.hand_in", show=False),
        Binding("backspace", "clear", "Take the right side away", id="match.clear", show=False),
        *(Binding(str(n % 10), f"assign({n})", f"Right side {n}", id=f"match.{n}", show=False) for n in range(1, 11)),
    ]
    DEFAULT_CSS = """
    MatchPairs > Static { margin: 1 0 0 1; color: $text-muted; }
    """
    prompt = "Type the number that belongs to the marked line"

    def __init__(self, lefts: Sequence[str], rights: Sequence[str], permutation: Sequence[int]) -> None:
        super().__init__()
        self._rights_text = [inline(right) for right in rights]
        self._lefts = [Row(index, inline(left)) for index, left in enumerate(lefts)]
        self._rights = [Row(index, self._rights_text[index]) for index in permutation]
        self._number = {row.index: place for place, row in enumerate(self._rights, 1)}
        self._given: list[int | None] = [None] * len(lefts)
        self._at = 0

    def compose(self) -> ComposeResult:
        self._draw()
        yield from self._lefts
        yield Static("belongs to", markup=False)
        yield from self._rights

    def action_move(self, step: int) -> None:
        self._at = (self._at + step) % len(self._lefts)
        self._draw()

    def action_cycle(self, step: int) -> None:
        given = self._given[self._at]
        place = self._number[given] - 1 + step if given is not None else (0 if step > 0 else -1)
        self._assign(self._rights[place % len(self._rights)].index)
        self._draw()

    def action_assign(self, number: int) -> None:
        """Give the right side of that number to the left under the cursor, and go to the next one still without."""
        if self.settled or not 1 <= number <= len(self._rights):
            return
        self._assign(self._rights[number - 1].index)
        places = [(self._at + step) % len(self._lefts) for step in range(1, len(self._lefts))]
        self._at = next((place for place in places if self._given[place] is None), self._at)
        self._draw()

    def action_clear(self) -> None:
        self._given[self._at] = None
        self._draw()

    def action_hand_in(self) -> None:
        self.hand_in()

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(cast(Response, list(self._given))))

    def digit(self, number: int) -> bool:
        self.action_assign(number or 10)
        return True

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.query("Static").remove()
        for row in self._rights:
            row.display = False
        for index, row in enumerate(self._lefts):
            right = None if verdict is None else verdict.parts[index].correct
            sign = " " if right is None else "✓" if right else "✗"
            row.content = row.content + " – " + self._rights_text[index]
            given = self._given[index]
            note = ""
            if right is False:
                note = f"you chose: {self._rights_text[given].plain}" if given is not None else "you chose nothing"
            row.mark(f"{sign} ", note=note, right=right)

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        if self.settled:
            return
        if event.row in self._lefts:
            self._at = event.row.index
            self._draw()
        else:
            self.action_assign(self._number[event.row.index])

    def _assign(self, right: int) -> None:
        self._given = [None if given == right else given for given in self._given]
        self._given[self._at] = right

    def _draw(self) -> None:
        for index, row in enumerate(self._lefts):
            given = self._given[index]
            at = index == self._at
            note = "" if given is None else f"→ {self._number[given]}  {self._rights_text[given].plain}"
            row.mark(f"{'▸' if at else ' '} ", note=note, at=at)
        for row in self._rights:
            used = row.index in self._given
            row.mark(f"{'·' if used else ' '} {self._number[row.index]}  ")
