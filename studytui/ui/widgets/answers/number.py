"""Type a number, its unit beside the field."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label

from studytui.domain.grading import Verdict
from studytui.ui.text import safe
from studytui.ui.widgets.answers.base import AnswerWidget


class Number(AnswerWidget):
    """A field that takes any spelling of a number: `14 x 14 = 196`, `1,024`, `3.5e-4`, `50 %`."""

    DEFAULT_CSS = """
    Number > Horizontal { height: 1; }
    Number Label { width: auto; margin-right: 1; }
    Number Input { width: 1fr; max-width: 30; margin-right: 1; }
    """
    is_typed = True
    prompt = "Type the number; Enter checks it"

    def __init__(self, unit: str = "") -> None:
        super().__init__()
        self._field = Input(compact=True, placeholder="a number, or 3 x 4", id="number")
        self._unit = unit

    def compose(self) -> ComposeResult:
        yield Horizontal(Label("›"), self._field, Label(safe(self._unit), markup=False))

    def first_focus(self) -> Widget | None:
        return self._field

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(self._field.value))

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.hand_in()
