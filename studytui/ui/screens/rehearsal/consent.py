"""Shows once, before the first time, what would be sent to the judge and where; nothing leaves without a yes."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from studytui.services.judge import Judge
from studytui.services.judge_consent import consent_text, shown_body
from studytui.ui.text import safe


class ConsentScreen(ModalScreen[bool]):
    """True if answers may be sent to this address, from now on."""

    DEFAULT_CSS = """
    ConsentScreen { align: center middle; }
    ConsentScreen > Vertical {
        width: 100; max-width: 100%; height: 90%; padding: 1 2; border: round $warning; background: $surface;
    }
    ConsentScreen #where { height: auto; }
    ConsentScreen #body { height: 1fr; margin: 1 0; border: solid $panel-lighten-2; }
    ConsentScreen Horizontal { height: auto; }
    ConsentScreen Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Send", id="consent.yes", tooltip="Send it, now and from now on"),
        Binding("n,escape,q", "dismiss(False)", "Do not", id="consent.no", tooltip="Send nothing; grade offline"),
        Binding("pagedown,down", "scroll(1)", "Down", show=False, id="consent.down", tooltip="Scroll down"),
        Binding("pageup,up", "scroll(-1)", "Up", show=False, id="consent.up", tooltip="Scroll up"),
    ]

    def __init__(self, judge: Judge, body: dict[str, Any]) -> None:
        super().__init__()
        self._judge = judge
        self._body = body

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(consent_text(self._judge), id="where", markup=False)
            with VerticalScroll(id="body", can_focus=False):
                yield Static(safe(shown_body(self._body)), markup=False)
            with Horizontal():
                yield Button("Send (y)", id="yes", variant="warning", compact=True)
                yield Button("Grade offline (n)", id="no", compact=True)

    def action_scroll(self, direction: int) -> None:
        """Scroll what would be sent."""
        self.query_one("#body").scroll_relative(y=direction * 5, animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
