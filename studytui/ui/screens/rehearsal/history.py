"""Every earlier answer of a question, and the first beside the last."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studytui.services.rehearsal.questions import Entry, entries
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import NARROW_OR_WIDE
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.rehearsal.past_answer import PastAnswer
from studytui.ui.widgets.rehearsal.question_lines import score_text

NOTHING_YET = "No answer yet. Rehearse a question; every answer to it is kept here, word for word."


class HistoryScreen(Screen[None]):
    """Questions that were answered; `question` is the one to begin at."""

    CSS_PATH = "history.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "compare", "First and last", id="history.compare",
                tooltip="The first and the last answer side by side"),
        Binding("enter", "compare", "First and last", show=False, id="history.open",
                tooltip="The first and the last answer side by side"),
        Binding("pagedown,space", "scroll_pages(0.9)", "Page down", show=False, id="history.page_down",
                tooltip="Scroll the answers"),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", show=False, id="history.page_up",
                tooltip="Scroll the answers back"),
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc", id="history.back", tooltip="Back"),
    ]  # fmt: skip

    def __init__(self, question: str = "") -> None:
        super().__init__()
        self._question = question
        self._entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        yield Static("Earlier answers", classes="title", markup=False)
        with Container(id="body"):
            yield OptionList(id="questions", markup=False)
            with VerticalScroll(id="sheet", can_focus=False):
                yield Face(id="ask")
                yield Vertical(id="answers")
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    @work(thread=True, exclusive=True, group="history")
    def _load(self) -> None:
        workspace = host(self).workspace
        try:
            number = workspace.interview_no
            found = [entry for entry in entries(workspace, number) if entry.attempts] if number is not None else []
        except StoreError as error:
            self.app.call_from_thread(self._say, f"The answers cannot be read: {sentence(error)}")
            return
        self.app.call_from_thread(self._show, found)

    def _say(self, text: str) -> None:
        self.query_one("#ask", Face).show(text)

    def _show(self, found: list[Entry]) -> None:
        if not self.is_mounted:
            return
        self._entries = sorted(found, key=lambda entry: entry.attempts[-1].review_id, reverse=True)
        questions = self.query_one("#questions", OptionList)
        questions.display = bool(found)
        if not found:
            self._say(NOTHING_YET)
            return
        for entry in self._entries:
            count = len(entry.attempts)
            line = (
                score_text(entry)
                + Content(safe(f"  {entry.question.id}"))
                + Content.styled(f"  ×{count}", "$text-muted")
            )
            questions.add_option(Option(line))
        ids = [entry.question.id for entry in self._entries]
        questions.highlighted = ids.index(self._question) if self._question in ids else 0
        questions.focus()

    @on(OptionList.OptionHighlighted)
    async def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        entry = self._entries[event.option_index]
        self.query_one("#ask", Face).show(entry.question.ask)
        answers = self.query_one("#answers", Vertical)
        await answers.remove_children()
        await answers.mount_all([PastAnswer(attempt) for attempt in reversed(entry.attempts)])
        self.query_one("#sheet").scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_compare()

    def action_compare(self) -> None:
        """Open the first and the last answer side by side."""
        at = self.query_one("#questions", OptionList).highlighted
        if at is None or not self._entries:
            return
        entry = self._entries[at]
        if len(entry.standing) < 2:
            self.notify("There is one answer so far; two can be compared.", markup=False)
            return
        from studytui.ui.screens.rehearsal.compare import CompareScreen

        self.app.push_screen(CompareScreen(entry))

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll the answers."""
        area = self.query_one("#sheet")
        area.scroll_relative(y=round(pages * area.size.height), animate=False)
