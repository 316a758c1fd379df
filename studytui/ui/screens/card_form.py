"""A field of several lines in a form. Tab leaves it; what is wrong with it stands below."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from studytui.domain.cards import KINDS, Kind, Objective
from studytui.errors import CourseError, StoreError
from studytui.study import card_actions, learner_state
from studytui.study.card_actions import FIELDS, Wording, fields_of, missing_fields
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import ProblemLine, StudyScreen
from studytui.ui.widgets.controls import Cycle


class TextField(Vertical):
    """A title with how the field is written, one line or several to write in, and room for a problem."""

    DEFAULT_CSS = """
    TextField { height: auto; margin-bottom: 1; }
    TextField > .how { height: auto; }
    TextField TextArea { border: none; padding: 0 1; background: $boost; }
    TextField TextArea:focus { border: none; background: $surface-lighten-1; }
    TextField Input { background: $boost; padding: 0 1; }
    TextField Input:focus { background: $surface-lighten-1; }
    """

    def __init__(self, name: str, title: str, how: str = "", text: str = "", *, lines: int = 1) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self._title = title
        self._how = how
        self._lines = lines
        self._control: Input | TextArea
        if lines == 1:
            self._control = Input(text, compact=True)
        else:
            self._control = TextArea(text, soft_wrap=True, tab_behavior="focus")
            self._control.styles.height = lines

    def compose(self) -> ComposeResult:
        how = Content.styled(f"  {self._how}" if self._how else "", "$foreground-muted")
        yield Static(Content.styled(self._title, "bold") + how, classes="how", markup=False)
        yield self._control
        yield ProblemLine()

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self._control.value if isinstance(self._control, Input) else self._control.text

    @text.setter
    def text(self, text: str) -> None:
        if isinstance(self._control, Input):
            self._control.value = text
        else:
            self._control.text = text

    def enter(self) -> None:
        """Give the keys to the field."""
        self._control.focus()

    def complain(self, text: str) -> None:
        """Show what is wrong; '' when all is well."""
        self.query_one(ProblemLine).complain(text)


# A form for a card of the learner's own, with the fields of its kind


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


class NewCardScreen(StudyScreen[str | None]):
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

    def _load(self) -> None:
        self.read(lambda: learner_state.objectives(host(self).workspace), self._take)

    def _take(self, found: dict[str, list[Objective]]) -> None:
        self._objectives = found
        self._list_objectives()

    @on(Cycle.Turned, "#kind")
    def _show_fields(self) -> None:
        kind = self.kind
        shown = fields_of(kind)
        for field in FIELDS:
            self._field(field.name).display = field in shown

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
        self.query_one("#kind", Cycle).action_turn(1)

    def action_save(self) -> None:
        """Check the card; if it is right, write it and leave."""
        for field in FIELDS:
            self._field(field.name).complain("")
        kind, texts = self.kind, self.texts
        if empty := missing_fields(kind, texts):
            for field in empty:
                self._field(field.name).complain("This is needed.")
            self._field(empty[0].name).enter()
            return
        try:
            added = card_actions.add_own_card(host(self).workspace, kind, texts)
        except CourseError as error:
            self._complain(error)
            return
        except StoreError as error:
            self.app.notify(f"The card is written. {format_error(error)}", severity="warning", timeout=15, markup=False)
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

        self.confirm("Leave without writing the card?", "Leave", lambda: self.dismiss(None))

    def _complain(self, error: CourseError) -> None:
        """Say what is wrong at the field it is about."""
        name = {"extra": "pairs"}.get(error.field.partition(".")[0], error.field.partition(".")[0])
        if name not in self.texts:
            self.notify(format_error(error), severity="error", timeout=15, markup=False)
            return
        part = error.field.partition(".")[2]
        self._field(name).complain(f"{part}: {error.message}" if part else error.message)
        self._field(name).enter()

    def _field(self, name: str) -> TextField:
        return self.query_one(f"#field-{name}", TextField)


# The learner's own words on a card: a note beside it, another front, another back. The schedule stays


_FIELDS: Final = ("note", "front", "back")


class NoteScreen(StudyScreen[bool]):
    """Answers True if something was kept. What equals the author's text stays the author's, updates included."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="note.save", priority=True, tooltip="Keep it, and go back"),
        Binding("ctrl+r", "restore", "Author's text", id="note.restore", priority=True,
                tooltip="Put the author's front and back into the fields again"),
        Binding("escape", "leave", "Back", key_display="esc", id="note.back", priority=True,
                tooltip="Go back and change nothing"),
    ]  # fmt: skip

    def __init__(self, card_no: int, *, is_asked: bool = False) -> None:
        """Of a card that `is_asked` in a review, the fields that would answer it stay covered."""
        super().__init__()
        self._card_no = card_no
        self._is_asked = is_asked
        self._wording: Wording | None = None

    def compose(self) -> ComposeResult:
        yield Static("Your words", classes="title", markup=False)
        with VerticalScroll(id="form", can_focus=False):
            yield TextField("note", "Your note", "shown below the back, as yours", lines=4)
            yield TextField("front", "Front", "worded your way; the answer that is checked stays", lines=4)
            yield TextField("back", "Back", "worded your way", lines=5)
            yield Static(id="where", classes="muted", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#form").disabled = True
        self._load()

    def _load(self) -> None:
        self.read(
            lambda: card_actions.wording(host(self).workspace, self._card_no),
            self._show,
            self._failed,
            expect=(CourseError, StoreError, LookupError),
        )

    def _failed(self, error: Exception) -> None:
        self.app.notify(format_error(error), severity="error", timeout=15, markup=False)
        self.dismiss(False)

    def _show(self, found: Wording) -> None:
        self._wording = found
        self.query_one(".title", Static).update(safe(f"Your words on {found.card.id}"))
        for name, text in zip(_FIELDS, (found.mine.note, found.front, found.back), strict=True):
            self._field(name).text = text
        path = host(self).workspace.source_file("own/overrides.toml")
        where = f"Kept in {path}, which you may also edit by hand."
        covered = () if not self._is_asked else _FIELDS if found.card.kind == "cloze" else ("note", "back")
        for name in covered:
            self._field(name).display = False
        if covered:
            where = f"The {', '.join(covered)} would give the answer away: open this again once you have answered."
        self.query_one("#where", Static).update(safe(where))
        self.query_one("#form").disabled = False
        for name in _FIELDS:
            if name not in covered:
                self._field(name).enter()
                break

    def action_restore(self) -> None:
        if self._wording is not None:
            self._field("front").text, self._field("back").text = self._wording.card.written

    def action_save(self) -> None:
        if self._wording is None:
            return
        texts = {name: self._field(name).text for name in _FIELDS}
        try:
            changed = card_actions.save_wording(host(self).workspace, self._wording.card, **texts)
        except (CourseError, StoreError) as error:
            field = getattr(error, "field", "")
            name = field if field in _FIELDS else "note"
            for other in _FIELDS:
                self._field(other).complain("")
            self._field(name).complain(
                error.message if field and isinstance(error, CourseError) else format_error(error)
            )
            self._field(name).enter()
            return
        self.dismiss(changed)

    def action_leave(self) -> None:
        """Go back; after a change, ask first."""
        found = self._wording
        before = (found.mine.note, found.front, found.back) if found is not None else ("", "", "")
        if found is None or tuple(self._field(name).text for name in _FIELDS) == before:
            self.dismiss(False)
            return

        self.confirm("Leave without keeping what you wrote?", "Leave", lambda: self.dismiss(False))

    def _field(self, name: str) -> TextField:
        return self.query_one(f"#field-{name}", TextField)
