"""The learner's own words on a card: a note beside it, another front, another back. The schedule stays."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from studytui.library.errors import CourseError
from studytui.services import notes
from studytui.services.notes import Wording
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.ask import ConfirmScreen
from studytui.ui.text import safe
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.text_field import TextField

_FIELDS: Final = ("note", "front", "back")


class NoteScreen(Screen[bool]):
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

    @work(thread=True, exclusive=True, group="wording")
    def _load(self) -> None:
        try:
            found = notes.wording(host(self).workspace, self._card_no)
        except (CourseError, StoreError, LookupError) as error:
            self.app.call_from_thread(self._failed, error)
        else:
            self.app.call_from_thread(self._show, found)

    def _failed(self, error: Exception) -> None:
        self.app.notify(sentence(error), severity="error", timeout=15, markup=False)
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
        """The author's front and back again."""
        if self._wording is not None:
            self._field("front").text = self._wording.card.front
            self._field("back").text = self._wording.card.back

    def action_save(self) -> None:
        """Keep what stands in the fields."""
        if self._wording is None:
            return
        texts = {name: self._field(name).text for name in _FIELDS}
        try:
            changed = notes.save(host(self).workspace, self._wording.card, **texts)
        except (CourseError, StoreError) as error:
            field = getattr(error, "field", "")
            name = field if field in _FIELDS else "note"
            for other in _FIELDS:
                self._field(other).complain("")
            self._field(name).complain(error.message if field and isinstance(error, CourseError) else sentence(error))
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

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(False)

        self.app.push_screen(ConfirmScreen("Leave without keeping what you wrote?", "Leave"), answered)

    def _field(self, name: str) -> TextField:
        return self.query_one(f"#field-{name}", TextField)
