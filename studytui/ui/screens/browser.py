"""All cards: find, look at, hide, mark, move, edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from studytui.domain.sm2 import grade_label
from studytui.errors import StoreError
from studytui.study.card_actions import CardActions, read_day, undone_words
from studytui.study.cards import ORDERS, CardEntry, card_entries, matching_cards, parse_filter
from studytui.ui.host import NARROW_OR_WIDE, format_error, host
from studytui.ui.keys import KeyBar
from studytui.ui.screens import BoxScreen, FilterScreen, ProblemLine
from studytui.ui.widgets.card_table import CardPreview, CardTable


class BrowserScreen(FilterScreen[None]):
    """A table under a filter line, with the card under the cursor beside or below it."""

    CSS_PATH = "browser.tcss"
    LIST = "CardTable"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="cards.filter",
                tooltip="Words and kind: state: section:"),
        Binding("enter,i", "info", "Info", id="cards.info", tooltip="Objectives, state and review history of the card"),
        Binding("at", "act('toggle_suspended')", "Suspend", key_display="@", id="cards.suspend",
                tooltip="In or out of reviews"),
        Binding("minus", "act('toggle_buried')", "Bury", key_display="-", id="cards.bury",
                tooltip="Hide until tomorrow, or not"),
        Binding("asterisk", "act('toggle_flagged')", "Flag", key_display="*", id="cards.flag",
                tooltip="Flag, or take the flag off"),
        Binding("e", "edit", "Edit", id="cards.edit", tooltip="Open the card's source in $EDITOR"),
        Binding("n", "new", "New", id="cards.new",
                tooltip="Write a card of your own, on the section of the card marked"),
        Binding("c", "cram", "Extra study", show=False, id="cards.cram",
                tooltip="Study the cards listed, beside the schedule"),
        Binding("t", "set_due", "Due", show=False, id="cards.due", tooltip="Set the day on which it is due"),
        Binding("x", "reset", "Reset", show=False, id="cards.reset", tooltip="Make it new again (asks first)"),
        Binding("u", "undo", "Undo", id="cards.undo", tooltip="Take back the last act or review; again goes deeper"),
        Binding("w", "why", "Why due", show=False, id="cards.why", tooltip="How it came to be due when it is"),
        Binding("s", "source", "Section", show=False, id="cards.section", tooltip="Read the section it belongs to"),
        Binding("a", "archived", "Archived", show=False, id="cards.archived",
                tooltip="Show cards that left the course, or not"),
        Binding("o", "order", "Order", show=False, id="cards.order", tooltip="By course, due day, ease or lapses"),
        Binding("escape", "leave", "Back", show=False, id="cards.back",
                tooltip="Out of the filter line, clear it, or leave"),
    ]  # fmt: skip

    def __init__(self, filter_text: str = "") -> None:
        super().__init__(filter_text)
        self._entries: list[CardEntry] = []
        self._loaded = False
        self._archived = False
        self._order = 0

    def compose(self) -> ComposeResult:
        with Horizontal(id="line"):
            yield Static("Cards ", id="name", markup=False)
            yield Input(self.first_filter, placeholder="kind:choice state:due section:2.2 words", compact=True)
            yield Static(id="found", markup=False)
        with Container(id="body"):
            yield CardTable(id="table")
            with VerticalScroll(id="side", can_focus=False):
                yield CardPreview(id="preview")
        yield KeyBar()

    def on_mount(self) -> None:
        self._acts = CardActions(host(self).workspace)
        self.query_one("#found", Static).update("reading …")

    def on_screen_resume(self) -> None:
        self._load()

    def _load(self) -> None:
        self.read(lambda: card_entries(host(self).workspace), self._show, self._failed)

    def _show(self, found: list[CardEntry]) -> None:
        self._entries, self._loaded = found, True
        self._select()

    def _failed(self, error: Exception) -> None:
        self.ask_again("The cards cannot be read", error, self._load)

    @on(Input.Changed)
    def _select(self) -> None:
        if not self._loaded:
            return
        wanted = parse_filter(self.query_one(Input).value)
        order = ORDERS[self._order]
        found = matching_cards(self._entries, wanted, self._acts.day, archived=self._archived, order=order)
        self.query_one(CardTable).show(found, self._acts.day)
        parts = [f"{len(found):,} of {len(self._entries):,}"]
        parts += [f"by {order}"] if order != "course" else []
        parts += ["with archived"] if self._archived else []
        self.query_one("#found", Static).update(f" {', '.join(parts)}")
        if not found:
            self.query_one(CardPreview).say(wanted.problem or self._nothing())

    @on(CardTable.Moved)
    def _moved(self, event: CardTable.Moved) -> None:
        if event.entry is not None:
            self.query_one(CardPreview).show(event.entry, self._acts.day)
            self.query_one("#side").scroll_home(animate=False)

    @on(CardTable.Opened)
    def action_info(self) -> None:
        self._with_card(lambda entry: host(self).open_card(entry.no))

    def action_why(self) -> None:
        self._with_card(lambda entry: host(self).open_why_due(entry.no))

    def action_source(self) -> None:
        self._with_card(lambda entry: host(self).open_reader(entry.card.section))

    def action_archived(self) -> None:
        """Show cards that left the course, or not."""
        self._archived = not self._archived
        self._select()

    def action_order(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)
        self._select()

    def action_act(self, name: str) -> None:
        act: Callable[[int], str] = getattr(self._acts, name)
        self._with_card(lambda entry: self._do(entry.no, lambda: act(entry.no)))

    def action_set_due(self) -> None:
        def ask(entry: CardEntry) -> None:
            def answered(day: date | None) -> None:
                if day is not None:
                    self._do(entry.no, lambda: self._acts.set_due(entry.no, day))

            self.app.push_screen(DayScreen(f"On which day is {entry.card.id} due?", self._acts.day), answered)

        self._with_card(ask)

    def action_reset(self) -> None:
        """Make the card new again, after asking."""

        def ask(entry: CardEntry) -> None:
            question = f"Make {entry.card.id} new again? Its interval and ease are dropped; u brings them back."
            self.confirm(question, "Make it new", lambda: self._do(entry.no, lambda: self._acts.reset(entry.no)))

        self._with_card(ask)

    def action_undo(self) -> None:
        try:
            undone = self._acts.undo()
            if undone is None:
                self.notify("There is nothing left to take back.", timeout=3)
                return
            if undone.cards > 1:
                self._load()
            else:
                self._fresh(undone.card_no)
        except StoreError as error:
            self._unchanged(error)
            return
        four = host(self).workspace.settings.grade_keys == "four"
        word = "" if undone.grade is None else grade_label(undone.grade, four=four)
        self.notify(undone_words(undone, word), timeout=3, markup=False)

    def action_new(self) -> None:
        entry = self.query_one(CardTable).entry
        host(self).open_new_card(entry.card.section if entry else "")

    def action_cram(self) -> None:
        """Study what is listed, beside the schedule."""
        host(self).open_extra(self.query_one(Input).value)

    def action_edit(self) -> None:
        """Open the card's source in the editor and read the course again."""

        def edit(entry: CardEntry) -> None:
            from studytui.ui.editing import edit_source

            problem = edit_source(self.app, host(self).workspace, entry.card.source.path, entry.card.source.line)
            if problem:
                self.notify(problem, severity="error", timeout=15, markup=False)
            self._load()

        self._with_card(edit)

    def _with_card(self, act: Callable[[CardEntry], None]) -> None:
        entry = self.query_one(CardTable).entry
        if entry is None:
            self.notify("No card is marked. Change the filter with /.", severity="warning")
        else:
            act(entry)

    def _do(self, no: int, act: Callable[[], str]) -> None:
        try:
            text = act()
            self._fresh(no)
        except (StoreError, LookupError) as error:
            self._unchanged(error)
            return
        self.notify(text, timeout=3, markup=False)

    def _unchanged(self, error: Exception) -> None:
        self.notify(f"Nothing was changed: {format_error(error)}", severity="error", timeout=10, markup=False)

    def _fresh(self, no: int) -> None:
        """Show one card as it now is, without reading all of them."""
        stored = host(self).workspace.store.card_by_no(no)
        if stored is not None:
            self._entries = [replace(e, state=stored.state) if e.no == no else e for e in self._entries]
            self._select()

    def _nothing(self) -> str:
        if not self._entries:
            return (
                "The course has no cards yet. Write some in content/cards (`studytui check` says if they are right), "
                "or one of your own with n."
            )
        return "No card matches. Esc clears the filter; ? explains its words."


class DayScreen(BoxScreen[date | None]):
    """Asks for a day."""

    DEFAULT_CSS = """
    DayScreen > Vertical { width: 64; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", tooltip="Change nothing")]

    def __init__(self, question: str, today: date) -> None:
        super().__init__()
        self._question = question
        self._today = today

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            yield Input(placeholder="today, tomorrow, +7 or 2026-12-01", max_length=20)
            yield ProblemLine()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        day = read_day(event.value, self._today)
        if day is not None and day >= self._today:
            self.dismiss(day)
            return
        text = "That day is over." if day else "Type today, tomorrow, a number of days or a date."
        self.query_one(ProblemLine).complain(text)
