"""Which database it is to be: two that stand for the same one, or none beside backups."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Button, Static

from studytui.errors import NoDatabase
from studytui.ui.host import safe
from studytui.ui.screens import BoxScreen

# Asks what becomes of two databases when another program has put its own file in the place of the open one


Choice = Literal["go_on", "keep"]


class ReplacedScreen(BoxScreen[Choice | None]):
    """What happened, and the two ways on. What is below it stays as it is."""

    DEFAULT_CSS = """
    ReplacedScreen > Vertical { width: 76; border: round $warning; }
    ReplacedScreen Static { margin-bottom: 1; }
    ReplacedScreen Button { width: 1fr; margin: 0 0 1 0; }
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


# Before the app: no database, or none with an answer, beside backups. The learner says which it is to be


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
        match choice:
            case "restore" | "afresh":
                self.exit(choice)
            case _:
                self.exit(None)
