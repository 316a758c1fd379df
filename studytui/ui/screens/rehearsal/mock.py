"""How many questions, in how many minutes."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from studytui.domain.rehearsal import MOST_MINUTES, MOST_QUESTIONS
from studytui.services.rehearsal.choice import Choice


class MockScreen(ModalScreen[Choice | None]):
    """Asks for the size of a mock interview; None leaves it as it was."""

    DEFAULT_CSS = """
    MockScreen { align: center middle; }
    MockScreen > Vertical {
        width: 64; max-width: 100%; height: auto; padding: 1 2; border: round $primary; background: $surface;
    }
    MockScreen Horizontal { height: auto; margin-top: 1; }
    MockScreen Horizontal Static { width: 14; }
    MockScreen Input { width: 12; }
    MockScreen #problem { color: $text-error; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="mock.cancel", tooltip="Leave it as it was"),
        Binding("down", "app.focus_next", "Next", show=False, id="mock.next", tooltip="To the next field"),
        Binding("up", "app.focus_previous", "Before", show=False, id="mock.before", tooltip="To the field before"),
    ]

    def __init__(self, count: int, minutes: int) -> None:
        super().__init__()
        self._count = count
        self._minutes = minutes

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Mock interview: nothing is shown before the end. Enter sets it.", markup=False)
            with Horizontal():
                yield Static("Questions", markup=False)
                yield Input(str(self._count), type="integer", max_length=3, compact=True, id="count")
            with Horizontal():
                yield Static("Minutes", markup=False)
                yield Input(str(self._minutes), type="integer", max_length=3, compact=True, id="minutes")
            yield Static(id="problem", markup=False)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        count = _whole(self.query_one("#count", Input).value, MOST_QUESTIONS)
        minutes = _whole(self.query_one("#minutes", Input).value, MOST_MINUTES)
        if count is not None and minutes is not None:
            self.dismiss(Choice("mock", count=count, minutes=minutes))
            return
        problem = self.query_one("#problem", Static)
        problem.update(f"✗ From 1 to {MOST_QUESTIONS} questions, in 1 to {MOST_MINUTES} minutes.")
        problem.display = True


def _whole(text: str, most: int) -> int | None:
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 1 <= number <= most else None
