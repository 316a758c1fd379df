"""All settings with what they mean. A change is checked, saved and in force at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from studytui.course.settings import SettingField, SettingsError, setting_fields
from studytui.domain.settings import Settings
from studytui.errors import StoreError
from studytui.ui.host import NARROW_OR_WIDE, format_error, host, known, names, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import ProblemLine, StudyScreen
from studytui.ui.widgets.charts import MUTED
from studytui.ui.widgets.controls import Cycle

if TYPE_CHECKING:
    from studytui.study.plan import LoadAhead

ON, OFF = "on", "off"
LOAD_HANGS_ON: Final = ("new_per_day", "reviews_per_day", "weekend_new", "weekend_cards", "bury_siblings")
"""The settings that change what the coming days will bring: that is foreseen beside them."""
GROUPS: Final = {
    "theme": "Look",
    "new_per_day": "A day",
    "grade_keys": "Answers",
    "ask_confidence_in_rehearsal": "Interview",
    "show_timer": "Clock and labs",
    "leech_lapses": "Leeches",
}
"""The heading above a setting."""


class SettingRow(Vertical):
    """One setting on a line: its name and field; and below what is wrong with the value, if anything."""

    def __init__(self, field: SettingField, value: Any, choices: tuple[str, ...]) -> None:
        super().__init__(id=f"row-{field.name}")
        self.field = field
        self._value = value
        self._choices = choices

    def compose(self) -> ComposeResult:
        if heading := GROUPS.get(self.field.name):
            yield Static(heading, classes="heading", markup=False)
        with Horizontal():
            yield Static(self.field.title, classes="name", markup=False)
            yield self._control()
        yield ProblemLine()

    def _control(self) -> Cycle | Input:
        if self.field.kind == "switch":
            return Cycle((ON, OFF), ON if self._value else OFF)
        if self._choices:
            return Cycle(self._choices, str(self._value))
        return Input(
            str(self._value), type="integer" if self.field.kind == "number" else "text", compact=True, max_length=200
        )

    def complain(self, text: str) -> None:
        """Show what is wrong; '' when all is well."""
        self.query_one(ProblemLine).complain(text)


class SettingsScreen(StudyScreen[None]):
    """The settings as a form, beside what the one under the cursor means; `name` is the one to begin at."""

    CSS_PATH = "settings.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", show=False, id="settings.next", tooltip="To the next setting"),
        Binding(
            "up", "app.focus_previous", "Previous", show=False, id="settings.up", tooltip="To the previous setting"
        ),
        Binding("ctrl+r", "default", "Default", id="settings.default", tooltip="Back to this setting's default"),
        Binding("escape", "leave", "Back", id="settings.back", tooltip="Keep what was set and leave"),
    ]

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._first = name
        self._load: LoadAhead | None = None

    def compose(self) -> ComposeResult:
        settings = host(self).workspace.settings
        yield Static("Settings", classes="title", markup=False)
        with Container(id="body"):
            yield Static(id="about", markup=False)
            # Not a VerticalScroll, whose own arrow keys would scroll instead of going to the next setting.
            with Vertical(id="form"):
                for field in setting_fields():
                    choices = tuple(names(self.app)) if field.name == "theme" else field.choices
                    yield SettingRow(field, getattr(settings, field.name), choices)
        yield Static(safe(f"Saved in {host(self).workspace.settings_path}"), id="path", classes="muted", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        row = f"#row-{self._first}" if self._first else "SettingRow"
        self.query(row).first(SettingRow).query("Cycle, Input").first().focus()
        self._foresee()

    def _foresee(self) -> None:
        """Say what the number of new cards a day will mean; reckoned in a thread, as it runs months ahead."""
        from studytui.study.plan import load_ahead

        self.read(partial(load_ahead, host(self).workspace), self._show_load, lambda _: None, expect=(StoreError,))

    def _show_load(self, found: LoadAhead) -> None:
        self._load = found
        self._explain()

    @on(events.DescendantFocus)
    def _explain(self) -> None:
        """Say what the setting under the cursor means, and what it will lead to."""
        control = self.focused
        if not isinstance(control, Cycle | Input):
            return
        current = self._row_of(control)
        for row in self.query(SettingRow):
            row.set_class(row is current, "-focused")
        field = current.field
        default = getattr(Settings(), field.name)
        default = {True: ON, False: OFF}.get(default, str(default)) if default != "" else "empty"
        said = Content.assemble((field.title, "bold"), "  ", field.text, (f" Default: {default}.", MUTED))
        if field.name in LOAD_HANGS_ON and self._load is not None:
            said += Content.styled(safe(f"\n{self._load.words}\n{self._load.curve}".rstrip()), MUTED)
        self.query_one("#about", Static).update(said)

    @on(Cycle.Turned)
    def _turned(self, event: Cycle.Turned) -> None:
        row = self._row_of(event.cycle)
        value = event.value == ON if row.field.kind == "switch" else event.value
        self._save(row, value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self._save_typed(event.input)
        self.app.action_focus_next()

    @on(Input.Blurred)
    def _blurred(self, event: Input.Blurred) -> None:
        self._save_typed(event.input)

    def action_default(self) -> None:
        control = self.focused
        if isinstance(control, Cycle | Input):
            row = self._row_of(control)
            value = getattr(type(host(self).workspace.settings)(), row.field.name)
            if isinstance(control, Input):
                control.value = str(value)
            else:
                control.reset({True: ON, False: OFF}.get(value, str(value)))
            self._save(row, value)

    def action_leave(self) -> None:
        """Save what stands in a field and leave; a wrong value keeps the screen once, then is let go."""
        if isinstance(self.focused, Input) and not self._save_typed(self.focused):
            self.focused.value = str(getattr(host(self).workspace.settings, self._row_of(self.focused).field.name))
            return
        self.dismiss(None)

    def _save_typed(self, control: Input) -> bool:
        row = self._row_of(control)
        if row.field.kind != "number":
            return self._save(row, control.value)
        try:
            return self._save(row, int(control.value))
        except ValueError:
            row.complain("type a whole number; the old value is kept")
            return False

    def _save(self, row: SettingRow, value: object) -> bool:
        workspace = host(self).workspace
        if getattr(workspace.settings, row.field.name) == value:
            row.complain("")
            return True
        try:
            workspace.save_settings(**{row.field.name: value})
        except SettingsError as error:
            row.complain(format_error(error))
            return False
        row.complain("")
        if row.field.name in LOAD_HANGS_ON:
            self._foresee()
        if row.field.name == "theme" and known(self.app, str(value)):
            self.app.theme = str(value)
        return True

    def _row_of(self, control: Cycle | Input) -> SettingRow:
        return next(node for node in control.ancestors if isinstance(node, SettingRow))
