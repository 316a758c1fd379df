"""A form for a card of the learner's own, with the fields of its kind."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.cards import KINDS, Kind, Objective
from studytui.library.errors import CourseError
from studytui.services import own_cards, reading
from studytui.services.card_draft import FIELDS, fields_of, missing
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.ask import ConfirmScreen
from studytui.ui.text import safe
from studytui.ui.widgets.cycle import Cycle
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.text_field import TextField


class Objectives(OptionList):
    """The objectives of the section; one that is chosen goes into the field above, or out of it."""

    DEFAULT_CSS = """
    Objectives { text-wrap: nowrap; text-overflow: ellipsis; }
    Objectives:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "list of objectives"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Choose", show=False, tooltip="This objective is one the card covers, or not"),
    ]


class NewCardScreen(Screen[str | None]):
    """Answers the id of the card that was written, or None."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="new.save", priority=True, tooltip="Check the card and write it"),
        Binding("ctrl+t", "kind", "Kind", id="new.kind", priority=True, tooltip="Another kind of card"),
        Binding("escape", "leave", "Back", key_display="esc", id="new.back", priority=True,
                tooltip="Go back and write nothing"),
    ]  # fmt: skip

    def __init__(self, section: str = "") -> None:
        super().__init__()
        self._section = section
        self._objectives: dict[str, list[Objective]] = {}

    def compose(self) -> ComposeResult:
        yield Static("New card of your own", classes="title", markup=False)
        with VerticalScroll(id="form", can_focus=False):
            with Horizontal(id="kind-row"):
                yield Static("Kind", classes="name", markup=False)
                yield Cycle(KINDS, "basic", id="kind")
            for field in FIELDS:
                text = self._section if field.name == "section" else ""
                yield TextField(field.name, field.title, field.how, text, lines=field.lines)
                if field.name == "covers":
                    yield Objectives(id="objectives", markup=False)
            yield Static(id="where", classes="muted", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        path = host(self).workspace.source_file("own/cards/own.toml")
        self.query_one("#where", Static).update(safe(f"Written to {path}; edit it there as you like."))
        self._show_fields()
        self._field("covers" if self._section else "section").enter()
        self._load()

    @property
    def kind(self) -> Kind:
        """The kind chosen."""
        value = self.query_one("#kind", Cycle).value
        return next(kind for kind in KINDS if kind == value)

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the fields of this kind."""
        return {field.name: self._field(field.name).text for field in fields_of(self.kind)}

    @work(thread=True, exclusive=True, group="objectives")
    def _load(self) -> None:
        try:
            found = reading.objectives(host(self).workspace)
        except CourseError as error:
            self.app.call_from_thread(self.notify, sentence(error), severity="warning", markup=False)
        else:
            self.app.call_from_thread(self._take, found)

    def _take(self, found: dict[str, list[Objective]]) -> None:
        self._objectives = found
        self._list_objectives()

    @on(Cycle.Turned, "#kind")
    def _show_fields(self) -> None:
        kind = self.kind
        for field in FIELDS:
            self._field(field.name).display = kind in field.kinds

    @on(Input.Changed, "#field-section Input, #field-covers Input")
    def _list_objectives(self) -> None:
        chosen = self._field("covers").text
        section = self._field("section").text.strip()
        listed = self.query_one(Objectives)
        at = listed.highlighted
        listed.clear_options()
        for one in self._objectives.get(section, ()):
            mark = "✓" if one.id in chosen else " "
            listed.add_option(Option(Content(f"{mark} {one.id}  {safe(one.text)}"), id=one.id))
        listed.highlighted = at if at is not None and at < listed.option_count else None
        listed.display = bool(listed.option_count)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = self._field("covers").text.replace(",", " ").split()
        one = event.option_id or ""
        self._field("covers").text = " ".join(
            [each for each in chosen if each != one] if one in chosen else [*chosen, one]
        )

    def action_kind(self) -> None:
        """Go on to the next kind."""
        self.query_one("#kind", Cycle).action_turn(1)

    def action_save(self) -> None:
        """Check the card; if it is right, write it and leave."""
        for field in FIELDS:
            self._field(field.name).complain("")
        kind, texts = self.kind, self.texts
        if empty := missing(kind, texts):
            for field in empty:
                self._field(field.name).complain("This is needed.")
            self._field(empty[0].name).enter()
            return
        try:
            added = own_cards.add(host(self).workspace, kind, texts)
        except CourseError as error:
            self._complain(error)
            return
        except StoreError as error:
            self.app.notify(f"The card is written. {sentence(error)}", severity="warning", timeout=15, markup=False)
            self.dismiss(None)
            return
        self.app.notify(f"{added.id} is in the schedule; e in the list of cards edits it.", timeout=6, markup=False)
        self.dismiss(added.id)

    def action_leave(self) -> None:
        """Go back; if anything was written, ask first."""
        texts = self.texts | {"section": ""}
        if not any(text.strip() for text in texts.values()):
            self.dismiss(None)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(None)

        self.app.push_screen(ConfirmScreen("Leave without writing the card?", "Leave"), answered)

    def _complain(self, error: CourseError) -> None:
        """Say what is wrong at the field it is about."""
        name = {"extra": "pairs"}.get(error.field.partition(".")[0], error.field.partition(".")[0])
        if name not in self.texts:
            self.notify(sentence(error), severity="error", timeout=15, markup=False)
            return
        part = error.field.partition(".")[2]
        self._field(name).complain(f"{part}: {error.message}" if part else error.message)
        self._field(name).enter()

    def _field(self, name: str) -> TextField:
        return self.query_one(f"#field-{name}", TextField)
