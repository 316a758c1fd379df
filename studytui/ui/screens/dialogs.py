"""Two small questions: yes or no, and which day."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from studytui.errors import NoDatabase
from studytui.study.card_actions import read_day
from studytui.ui.host import safe

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


# Asks what becomes of two databases when another program has put its own file in the place of the open one


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
        """End with the choice."""
        match choice:
            case "restore" | "afresh":
                self.exit(choice)
            case _:
                self.exit(None)
