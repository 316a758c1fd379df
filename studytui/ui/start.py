"""Before the app: no database, or none with an answer, beside backups. The learner says which it is to be."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Button, Static

from studytui.store.errors import NoDatabase
from studytui.ui.text import safe

Start = Literal["restore", "afresh"]


class StartApp(App[Start]):
    """Ends with what the learner chose, or with None."""

    CSS = """
    StartApp Screen { align: center middle; }
    #box { width: 76; max-width: 100%; height: auto; padding: 1 2; border: round $warning; background: $surface; }
    #box Static { margin-bottom: 1; }
    #box Button { width: 1fr; margin-bottom: 1; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "exit_with('restore')", "Bring it back"),
        Binding("f", "exit_with('afresh')", "Start afresh"),
        Binding("q,escape", "exit_with('')", "Leave"),
    ]

    def __init__(self, problem: NoDatabase) -> None:
        super().__init__()
        self._problem = problem

    def compose(self) -> ComposeResult:
        newest = self._problem.newest
        with Vertical(id="box"):
            yield Static(safe(str(self._problem)), markup=False)
            yield Static(safe(f"The newest sound backup is {newest.name}, in {newest.parent}."), markup=False)
            yield Button("Bring that backup back (r)", id="restore", variant="primary", compact=True)
            yield Button("Start afresh; the backups move into a folder of their own (f)", id="afresh", compact=True)
            yield Button("Leave, and change nothing (q)", id="leave", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_exit_with({"restore": "restore", "afresh": "afresh"}.get(event.button.id or "", ""))

    def action_exit_with(self, choice: str) -> None:
        """End with the choice."""
        match choice:
            case "restore" | "afresh":
                self.exit(choice)
            case _:
                self.exit(None)
