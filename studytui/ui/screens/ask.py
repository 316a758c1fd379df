"""Two small questions: yes or no, and which day."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from studytui.services.card_acts import read_day

_BOX = """
    {name} {{ align: center middle; }}
    {name} > Vertical {{
        width: 64; max-width: 100%; height: auto; padding: 1 2; border: round $primary; background: $surface;
    }}
    {name} Horizontal {{ height: auto; margin-top: 1; }}
    {name} Button {{ margin-right: 2; }}
    {name} #problem {{ color: $text-error; display: none; }}
"""


class ConfirmScreen(ModalScreen[bool]):
    """Asks before something that is not done lightly; Enter and y agree, anything else leaves it."""

    DEFAULT_CSS = _BOX.format(name="ConfirmScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", tooltip="Do it"),
        Binding("n,escape,q", "dismiss(False)", "No", tooltip="Leave everything as it is"),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            with Horizontal():
                yield Button(f"{self._yes} (y)", id="yes", variant="warning", compact=True)
                yield Button("No (n)", id="no", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class DayScreen(ModalScreen[date | None]):
    """Asks for a day."""

    DEFAULT_CSS = _BOX.format(name="DayScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", tooltip="Change nothing")]

    def __init__(self, question: str, today: date) -> None:
        super().__init__()
        self._question = question
        self._today = today

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            yield Input(placeholder="today, tomorrow, +7 or 2026-12-01", max_length=20)
            yield Static(id="problem", markup=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        day = read_day(event.value, self._today)
        if day is not None and day >= self._today:
            self.dismiss(day)
            return
        problem = self.query_one("#problem", Static)
        problem.update("✗ That day is over." if day else "✗ Type today, tomorrow, a number of days or a date.")
        problem.display = True
