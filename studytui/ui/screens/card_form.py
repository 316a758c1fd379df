"""A field of several lines in a form. Tab leaves it; what is wrong with it stands below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static, TextArea

from studytui.domain.cards import KINDS, Kind, Objective
from studytui.errors import CourseError, StoreError
from studytui.study import card_actions, learner_state
from studytui.study.card_actions import FIELDS, Wording, fields_of, missing_fields
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import PickScreen, ProblemLine, StudyScreen
from studytui.ui.widgets.charts import MUTED
from studytui.ui.widgets.controls import Cycle
from studytui.ui.widgets.panels import call

BLANKS_SAID: Final = "A cloze has its blanks in the front: {{answer|other spelling}}."
MORE_SAID: Final = Content.assemble(("F4", "bold $text-primary"), "  more: kind of card, hints, lab, tags, helpers, id")


class Lines(TextArea):
    """A few lines to write in, where Enter goes on; ctrl+j begins a new line."""

    KEYS_OF = "fields of several lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "go_on", "Go on", show=False, priority=True, tooltip="To the next field; from the back: write"
        ),
        Binding("ctrl+j", "new_line", "New line", show=False, priority=True, tooltip="Begin a new line"),
    ]

    @dataclass
    class WentOn(Message):
        """Enter was pressed."""

        lines: Lines

    def action_go_on(self) -> None:
        self.post_message(self.WentOn(self))

    def action_new_line(self) -> None:
        self.insert("\n")


class TextField(Vertical):
    """A title with how the field is written, one line or several to write in, and room for a problem.

    `goes_on`: Enter does not begin a new line in it.
    """

    DEFAULT_CSS = """
    TextField { height: auto; margin-bottom: 1; }
    TextField > .how { height: auto; }
    TextField TextArea { border: none; padding: 0 1; background: $boost; }
    TextField TextArea:focus { border: none; background: $surface-lighten-1; }
    TextField Input { background: $boost; padding: 0 1; }
    TextField Input:focus { background: $surface-lighten-1; }
    """

    def __init__(
        self, name: str, title: str, how: str = "", text: str = "", *, lines: int = 1, goes_on: bool = False
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self._title = title
        self._how = how
        self._control: Input | TextArea
        if lines == 1:
            self._control = Input(text, compact=True)
        else:
            self._control = (Lines if goes_on else TextArea)(text, soft_wrap=True, tab_behavior="focus")
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


# A form for a card of the learner's own: front, back, Enter; what few cards need stands under "more"


class PickField(Vertical, can_focus=True):
    """A title and what was picked from a list; Enter opens the list."""

    DEFAULT_CSS = """
    PickField { height: auto; }
    PickField Horizontal { height: auto; padding: 0 1; }
    PickField .name { width: 12; text-style: bold; }
    PickField .picked { width: 1fr; height: auto; }
    PickField:focus Horizontal { background: $primary 22%; }
    """
    KEYS_OF = "section and objective"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "ask", "Choose", tooltip="Choose from a list"),
    ]

    @dataclass
    class Asked(Message):
        """The list is wanted."""

        field: PickField

    def __init__(self, name: str, title: str) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self.text = ""
        """The id of what was picked, or several with blanks between."""
        self._title = title

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(self._title, classes="name", markup=False)
            yield Static(classes="picked", markup=False)
        yield ProblemLine()

    def show(self, text: str, words: Content) -> None:
        """Hold what was picked, and show it in words."""
        self.text = text
        self.query_one(".picked", Static).update(words)

    def enter(self) -> None:
        """Give the keys to the field."""
        self.focus()

    def complain(self, text: str) -> None:
        """Show what is wrong; '' when all is well."""
        self.query_one(ProblemLine).complain(text)

    def action_ask(self) -> None:
        self.post_message(self.Asked(self))

    def on_click(self) -> None:
        self.action_ask()


QUICK: Final = ("section", "covers", "front", "back")


class NewCardScreen(StudyScreen[str | None]):
    """Answers the id of the card that was written, or None."""

    CSS_PATH = "form.tcss"
    ABOUT = (
        "Your cards and notes stand in text files of yours beside the database. They are scheduled with the course and "
        "stay when it is updated."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="new.save", priority=True, tooltip="Check the card and write it"),
        Binding("f4", "more", "More", id="new.more", priority=True,
                tooltip="Kind, hints, lab, tags and what else a card may have; or put it away again"),
        Binding("ctrl+t", "kind", "Kind", id="new.kind", priority=True, tooltip="Another kind of card"),
        Binding("escape", "leave", "Back", key_display="esc", id="new.back", priority=True,
                tooltip="Go back without saving"),
    ]  # fmt: skip

    def __init__(self, section: str = "") -> None:
        super().__init__()
        self._section = section
        self._objectives: dict[str, list[Objective]] = {}

    def compose(self) -> ComposeResult:
        yield Static("New card of your own", classes="title", markup=False)
        yield Static(id="call", classes="call", markup=False)
        with VerticalScroll(id="form", can_focus=False):
            yield PickField("section", "Section")
            yield PickField("covers", "Objective")
            yield TextField("front", "Front", "the question", lines=3, goes_on=True)
            yield TextField("back", "Back", "the answer with its reason", lines=3, goes_on=True)
            yield Static(id="more-line", classes="muted", markup=False)
            with Vertical(id="more"):
                with Horizontal(id="kind-row"):
                    yield Static("Kind", classes="name", markup=False)
                    yield Cycle(KINDS, "basic", id="kind")
                yield Static(BLANKS_SAID, id="blanks", classes="muted", markup=False)
                for field in FIELDS:
                    if field.name not in QUICK:
                        yield TextField(field.name, field.title, field.how, lines=field.lines)
                yield Static(id="where", classes="muted", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        path = host(self).workspace.source_file("own/cards/own.toml")
        self.query_one("#where", Static).update(safe(f"Saved to {path}; you can edit it there."))
        self.query_one("#more").display = False
        self._show_fields()
        self._pick("section").show(self._section, Content(safe(self._section)))
        self._show_objectives("")
        self._field("front").enter()
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
        workspace = host(self).workspace
        self.read(
            lambda: (learner_state.objectives(workspace), self._section or learner_state.latest_section(workspace)),
            self._take,
        )

    def _take(self, found: tuple[dict[str, list[Objective]], str]) -> None:
        self._objectives, section = found
        self._show_section(section)
        self._show_objectives(self._pick("covers").text)

    def _show_section(self, section: str) -> None:
        named = host(self).workspace.course.section(section)
        self._pick("section").show(section, Content(safe(f"{section}  {named.title}" if named else section)))

    def _show_objectives(self, chosen: str) -> None:
        texts = {one.id: one.text for found in self._objectives.values() for one in found}
        words = [f"{one}  {texts.get(one, '')}".strip() for one in chosen.split()]
        shown = (
            Content(safe("\n".join(words)))
            if words
            else Content.styled("picked from a list before it is written", MUTED)
        )
        self._pick("covers").show(chosen, shown)
        self._say_enter()

    @on(Cycle.Turned, "#kind")
    def _show_fields(self) -> None:
        kind = self.kind
        shown = fields_of(kind)
        for field in FIELDS:
            self._field(field.name).display = field in shown
        self.query_one("#blanks").display = kind == "cloze"
        is_open = bool(self.query_one("#more").display)
        self.query_one("#more-line", Static).update(
            Content.assemble(("F4", "bold $text-primary"), "  less") if is_open else MORE_SAID
        )

    @on(events.DescendantFocus)
    def _say_enter(self) -> None:
        """Say what Enter does where the cursor is."""
        focused = self.focused
        then = ""
        if isinstance(focused, PickField):
            words = "Choose another section" if focused.field_name == "section" else "Choose what it covers"
        elif focused is not None and self._field("back") in focused.ancestors:
            words = "Write the card" if self._field("covers").text else "Pick its objective and write the card"
            then = "^j begins a new line."
        elif focused is not None and self._field("front") in focused.ancestors:
            words, then = "Go on to the back", "^j begins a new line."
        else:
            self.query_one("#call", Static).update(call("^s", "Write the card"))
            return
        self.query_one("#call", Static).update(call("Enter", words, then))

    @on(Lines.WentOn)
    def _went_on(self, event: Lines.WentOn) -> None:
        event.stop()
        if self._field("front") in event.lines.ancestors:
            self._field("back").enter()
        else:
            self.action_save()

    @on(PickField.Asked)
    def _asked(self, event: PickField.Asked) -> None:
        event.stop()
        if event.field.field_name == "section":
            self._ask_section()
        else:
            self._ask_objective()

    def _ask_section(self) -> None:
        lines = {
            section.id: Content(f"{section.id:<5} {safe(section.title)}")
            for chapter in host(self).workspace.course.chapters
            for section in chapter.sections
        }

        def picked(section: str | None) -> None:
            if section is not None and section != self._field("section").text:
                self._show_section(section)
                self._show_objectives("")

        self.app.push_screen(PickScreen("In which section?", lines, how="Type a part of its title."), picked)

    def _ask_objective(self, then: Callable[[], None] | None = None) -> None:
        """Choose an objective, or take a chosen one away; `then` goes on where one is chosen."""
        section, chosen = self._field("section").text, self._pick("covers").text.split()
        found = self._objectives.get(section, [])
        if not found:
            self._field("covers").complain(f"Section {section} has no objective: choose another section.")
            self._field("section").enter()
            return

        def picked(one: str | None) -> None:
            if one is None:
                return
            left = [each for each in chosen if each != one] if one in chosen else [*chosen, one]
            self._show_objectives(" ".join(left))
            if left and then is not None:
                then()

        lines = {one.id: Content(f"{'✓' if one.id in chosen else ' '} {one.id}  {safe(one.text)}") for one in found}
        how = "Type words of it, or move with the arrows."
        self.app.push_screen(PickScreen(f"What does the card cover in {section}?", lines, how=how), picked)

    def action_more(self) -> None:
        """Show what few cards need, or put it away."""
        more = self.query_one("#more")
        more.display = not more.display
        self._show_fields()
        if more.display:
            self.query_one("#kind", Cycle).focus()
        else:
            self._field("front").enter()

    def action_kind(self) -> None:
        self.query_one("#more").display = True
        self.query_one("#kind", Cycle).action_turn(1)

    def action_save(self) -> None:
        """Check the card; if it is right, write it and leave."""
        for field in FIELDS:
            self._field(field.name).complain("")
        kind, texts = self.kind, self.texts
        empty = [field.name for field in missing_fields(kind, texts)]
        if empty == ["covers"]:
            self._ask_objective(self.action_save)
            return
        if empty:
            for name in empty:
                if name != "covers":
                    self._field(name).complain("Please fill this in.")
            self._show(next(name for name in empty if name != "covers"))
            return
        try:
            added = card_actions.add_own_card(host(self).workspace, kind, texts)
        except CourseError as error:
            self._complain(error)
            return
        except StoreError as error:
            self.app.notify(f"The card is saved. {format_error(error)}", severity="warning", timeout=15, markup=False)
            self.dismiss(None)
            return
        self.app.notify(f"{added.id} added. Edit it under Cards (b) with e.", timeout=6, markup=False)
        self.dismiss(added.id)

    def action_leave(self) -> None:
        """Go back; if anything was written, ask first."""
        texts = self.texts | {"section": "", "covers": ""}
        if not any(text.strip() for text in texts.values()):
            self.dismiss(None)
            return

        self.confirm("Leave without saving the card?", "Leave", lambda: self.dismiss(None))

    def _complain(self, error: CourseError) -> None:
        """Say what is wrong at the field it is about."""
        name = {"extra": "pairs"}.get(error.field.partition(".")[0], error.field.partition(".")[0])
        if name not in self.texts:
            self.notify(format_error(error), severity="error", timeout=15, markup=False)
            return
        part = error.field.partition(".")[2]
        self._field(name).complain(f"{part}: {error.message}" if part else error.message)
        self._show(name)

    def _show(self, name: str) -> None:
        """Give the keys to a field, wherever it stands."""
        if name not in QUICK and not self.query_one("#more").display:
            self.query_one("#more").display = True
            self._show_fields()
        self._field(name).enter()

    def _field(self, name: str) -> TextField | PickField:
        return self._pick(name) if name in ("section", "covers") else self.query_one(f"#field-{name}", TextField)

    def _pick(self, name: str) -> PickField:
        return self.query_one(f"#field-{name}", PickField)


# The learner's own words on a card: a note beside it, another front, another back. The schedule stays


_FIELDS: Final = ("note", "front", "back")


class NoteScreen(StudyScreen[bool]):
    """Answers True if something was kept. What equals the author's text stays the author's, updates included."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="note.save", priority=True, tooltip="Keep it, and go back"),
        Binding("ctrl+r", "restore", "Restore original", id="note.restore", priority=True,
                tooltip="Put the original front and back into the fields"),
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
            yield TextField("front", "Front", "your wording; the checked answer does not change", lines=4)
            yield TextField("back", "Back", "your wording", lines=5)
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
        where = f"Saved in {path}; you can edit it by hand, too."
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

        self.confirm("Leave without saving what you wrote?", "Leave", lambda: self.dismiss(False))

    def _field(self, name: str) -> TextField:
        return self.query_one(f"#field-{name}", TextField)
