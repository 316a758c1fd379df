"""The end of a rehearsal: scores, time, trend, what was missed; and what is done about it with one key."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from studytui.services.card_acts import take_back
from studytui.services.rehearsal import export, forward
from studytui.services.rehearsal.export import ExportError, Report
from studytui.services.rehearsal.forward import Forward
from studytui.services.rehearsal.questions import entries
from studytui.services.rehearsal.scorecard import Scorecard, scorecard
from studytui.services.rehearsal.session import Rehearsal
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.rehearsal.score_blocks import score_blocks


class EndScreen(Screen[None]):
    """The scorecard, read from the log."""

    CSS_PATH = "end.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape,q", "dismiss(None)", "Done", key_display="enter", id="end.done",
                tooltip="Back to the sets; every answer is saved"),
        Binding("f", "forward", "Cards to today", id="end.forward",
                tooltip="The cards of every missed objective are due today; again takes it back"),
        Binding("x", "export", "Export", id="end.export",
                tooltip="Write the whole rehearsal as Markdown and HTML into studytui-rehearsals"),
        Binding("u", "undo", "Undo", id="end.undo", tooltip="Take back the last answer; its text is a draft again"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="end.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="end.up", tooltip="Scroll up"),
        Binding("pagedown,space", "scroll_lines(10)", "Page down", show=False, id="end.page_down",
                tooltip="Scroll a page down"),
        Binding("pageup", "scroll_lines(-10)", "Page up", show=False, id="end.page_up", tooltip="Scroll a page up"),
    ]  # fmt: skip

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__()
        self._rehearsal = rehearsal
        self._card: Scorecard | None = None
        self._planned: Forward | None = None
        self._moved: Forward | None = None

    def compose(self) -> ComposeResult:
        title = self._rehearsal.choice.title(host(self).workspace.course)
        yield Static(safe(f"Scorecard · {title}"), classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Face("Adding up…", id="score")
        yield Static(id="forward", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    def action_forward(self) -> None:
        """Bring the cards of missed objectives to today, or take that back."""
        workspace = host(self).workspace
        try:
            if self._moved is not None:
                count = take_back(workspace, self._moved.group_uid)
                self._moved = None
                self.notify(forward.taken_back_words(count), markup=False)
            elif self._planned is not None and self._planned.cards:
                self._moved = forward.bring_forward(workspace, self._planned)
        except StoreError as error:
            self.notify(f"Nothing was changed: {sentence(error)}", severity="error", markup=False)
        self._load()

    def action_export(self) -> None:
        """Write both files."""
        if self._card is None:
            return
        workspace = host(self).workspace
        title = f"Rehearsal: {self._rehearsal.choice.title(workspace.course)}"
        try:
            paths = export.save(Report(title, workspace.clock.now(), workspace.course, self._card))
        except ExportError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.notify(f"Saved {' and '.join(str(path) for path in paths)}.", timeout=10, markup=False)

    def action_undo(self) -> None:
        """Take back the last answer of this rehearsal."""
        if not self._rehearsal.recorded:
            self.notify("There is nothing to take back.", markup=False)
            return
        try:
            self._rehearsal.undo()
        except StoreError as error:
            self.notify(f"Not all was taken back: {sentence(error)}", severity="error", markup=False)
        else:
            self.notify("Taken back. The text is among the answers under way.", markup=False)
        self._load()

    @work(thread=True, exclusive=True, group="score")
    def _load(self) -> None:
        workspace = host(self).workspace
        try:
            card = scorecard(entries(workspace, self._rehearsal.course_no), self._rehearsal.uid)
            planned = forward.plan(workspace, forward.missed_objectives(card.attempts))
        except StoreError as error:
            self.app.call_from_thread(self._show_problem, sentence(error))
            return
        self.app.call_from_thread(self._show, card, planned)

    def _show_problem(self, text: str) -> None:
        self.query_one("#score", Face).show(f"The answers are saved, but they cannot be added up: {text}")

    def _show(self, card: Scorecard, planned: Forward) -> None:
        if not self.is_mounted:
            return
        self._card, self._planned = card, planned
        course = host(self).workspace.course
        self.query_one("#score", Face).show_blocks(
            score_blocks(card, Report("", host(self).workspace.clock.now(), course, card))
        )
        self.query_one("#forward", Static).update(self._forward_text(planned))

    def _forward_text(self, planned: Forward) -> str:
        if self._moved is not None:
            return f"✓ Due today: {self._moved.words}. f takes it back."
        if planned.cards:
            return f"Missed, and due later: {planned.words}. f brings them to today."
        if self._card is not None and self._card.missed:
            return "The cards of what was missed are due already, or suspended."
        return "Nothing was missed."
