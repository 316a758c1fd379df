"""Asks what becomes of two databases when another program has put its own file in the place of the open one."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from studytui.ui.text import safe

Choice = Literal["go_on", "keep"]


class ReplacedScreen(ModalScreen[Choice | None]):
    """What happened, and the two ways on. What is below it stays as it is."""

    DEFAULT_CSS = """
    ReplacedScreen { align: center middle; }
    ReplacedScreen > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $warning; background: $surface;
    }
    ReplacedScreen .what { text-style: bold; }
    ReplacedScreen Static { margin-bottom: 1; }
    ReplacedScreen Button { width: 1fr; margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "dismiss('go_on')", "Go on with both", tooltip="One database with the answers of both"),
        Binding("k", "dismiss('keep')", "Keep mine beside it", tooltip="Yours goes into the backups"),
        Binding("escape", "dismiss(None)", "Later", tooltip="Nothing is written until you choose"),
    ]

    def __init__(self, what: str, *, has_new_file: bool) -> None:
        super().__init__()
        self._what = what
        self._has_new_file = has_new_file

    def compose(self) -> ComposeResult:
        go_on = "Go on with both: one database with all answers" if self._has_new_file else "Put mine back and go on"
        keep = "Keep mine beside the new file" if self._has_new_file else "Keep mine in the backups and leave"
        with Vertical():
            yield Static("✗ Another program changed the study database", classes="what", markup=False)
            yield Static(safe(self._what), markup=False)
            yield Button(f"{go_on} (g)", id="go_on", variant="primary", compact=True)
            yield Button(f"{keep} (k)", id="keep", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss("go_on" if event.button.id == "go_on" else "keep")
