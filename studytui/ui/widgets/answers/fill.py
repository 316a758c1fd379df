"""Fill the blanks of a cloze: one field a blank; Enter goes to the next one and hands in at the last."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label

from studytui.domain.grading import Verdict
from studytui.ui.widgets.answers.base import AnswerWidget


class Fill(AnswerWidget):
    """Fields for `count` blanks; what is typed also appears in the text above."""

    DEFAULT_CSS = """
    Fill > Horizontal { height: 1; margin-bottom: 0; }
    Fill Label { width: 4; }
    Fill Input { width: 1fr; max-width: 60; }
    """
    is_typed = True
    prompt = "Fill in the blanks; Enter goes on"

    def __init__(self, count: int) -> None:
        super().__init__()
        self._fields = [Input(compact=True, placeholder="type here", id=f"blank-{i}") for i in range(count)]

    @property
    def values(self) -> list[str]:
        """What stands in the fields."""
        return [field.value for field in self._fields]

    def compose(self) -> ComposeResult:
        for number, field in enumerate(self._fields, 1):
            yield Horizontal(Label(f"{number} ›" if len(self._fields) > 1 else "›"), field)

    def first_focus(self) -> Widget | None:
        return next((field for field in self._fields if not field.value), self._fields[0])

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(self.values))

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self.values))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        place = self._fields.index(event.input)
        if place + 1 < len(self._fields):
            self._fields[place + 1].focus()
        else:
            self.hand_in()
