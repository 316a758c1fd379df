"""What went wrong, in a sentence; and the screen for an error that leaves nothing else to show."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from studytui.ui.text import safe


def sentence(error: Exception) -> str:
    """An error's text with what to do about it, where it knows."""
    return safe(f"{error} {getattr(error, 'hint', '')}".strip())


class ProblemScreen(ModalScreen[bool]):
    """An error in plain words. Answers True if what failed is to be tried again."""

    DEFAULT_CSS = """
    ProblemScreen { align: center middle; }
    ProblemScreen > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $error; background: $surface;
    }
    ProblemScreen .what { text-style: bold; }
    ProblemScreen Horizontal { height: auto; margin-top: 1; }
    ProblemScreen Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "answer(True)", "Try again", tooltip="Try again what failed"),
        Binding("escape,q", "answer(False)", "Close", tooltip="Go on without it"),
    ]

    def __init__(self, title: str, error: Exception) -> None:
        super().__init__()
        self._title = title
        self._text = sentence(error)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"✗ {self._title}", classes="what", markup=False)
            yield Static(self._text, markup=False)
            with Horizontal():
                yield Button("Try again (r)", id="retry", variant="primary", compact=True)
                yield Button("Close (Esc)", id="close", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "retry")

    def action_answer(self, retry: bool) -> None:
        """Close, and say whether to try again."""
        self.dismiss(retry)
