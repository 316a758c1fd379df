"""All cards: find, look at, hide, mark, move, edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from studytui.course.user_cards import OWN_FILE_PREFIX
from studytui.domain.sm2 import grade_label
from studytui.errors import CourseError, StoreError, shortened
from studytui.study.card_actions import CardActions, read_day, read_tags, undone_words
from studytui.study.cards import (
    CARD_STATES,
    FILTER_KEYS,
    NUMBER_KEYS,
    ORDERS,
    CardEntry,
    FilterError,
    card_entries,
    delete_filter,
    matching_cards,
    own_tags,
    parse_filter,
    save_filter,
    saved_filters,
    saved_word,
)
from studytui.study.learner_state import objectives
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import BoxScreen, FilterScreen, PickScreen, ProblemLine
from studytui.ui.widgets.card_table import LEAST_CELLS, CardPreview, CardTable

SIDE_CELLS: Final = 48
"""The width of the card beside the table, as browser.tcss has it."""
KEEP: Final = "keep"
WITH_SIDE: Final[list[tuple[int, str]] | None] = [(0, "-narrow"), (LEAST_CELLS + SIDE_CELLS, "-wide")]


class BrowserScreen(FilterScreen[None]):
    """A table under a filter line, with the card under the cursor beside or below it."""

    CSS_PATH = "browser.tcss"
    LIST = "CardTable"
    ABOUT = (
        f"All words of a filter must hold. Keys: {', '.join(f'{key}:' for key in FILTER_KEYS)}; numbers: "
        f"{', '.join(f'{key}<7' for key in NUMBER_KEYS)}, with < <= = >= >. A minus before a word turns it round, a "
        f"comma gives alternatives. States: {', '.join(CARD_STATES)}. What changes cards changes all marked ones."
    )
    HORIZONTAL_BREAKPOINTS = WITH_SIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="cards.filter",
                tooltip="Words and kind: state: section:"),
        Binding("enter,i", "info", "Info", id="cards.info", tooltip="Objectives, state and review history of the card"),
        Binding("at", "act('toggle_suspended')", "Suspend", key_display="@", id="cards.suspend",
                tooltip="Take it out of reviews, or bring it back"),
        Binding("minus", "act('toggle_buried')", "Bury", key_display="-", id="cards.bury",
                tooltip="Hide until tomorrow, or not"),
        Binding("asterisk", "act('toggle_flagged')", "Flag", key_display="*", id="cards.flag",
                tooltip="Flag, or take the flag off"),
        Binding("e", "edit", "Edit", id="cards.edit", tooltip="Open the card's source in $EDITOR"),
        Binding("n", "new", "New", id="cards.new",
                tooltip="Write a card of your own in this section"),
        Binding("c", "cram", "Practise", show=False, id="cards.cram",
                tooltip="Practise the cards listed; schedules stay unchanged"),
        Binding("t", "set_due", "Due", show=False, id="cards.due", tooltip="Set the day on which it is due"),
        Binding("T", "tag", "Tag", show=False, id="cards.tag", tooltip="Give tags of your own, or take them off"),
        Binding("M", "move", "Move", show=False, id="cards.move", tooltip="Move your own cards to another section"),
        Binding("x", "reset", "Reset", show=False, id="cards.reset", tooltip="Make it new again (asks first)"),
        Binding("u", "undo", "Undo", id="cards.undo", tooltip="Undo the last change or review, and the one before"),
        Binding("w", "why", "Why due", show=False, id="cards.why", tooltip="How its due day was worked out"),
        Binding("s", "source", "Section", show=False, id="cards.section", tooltip="Read the section it belongs to"),
        Binding("a", "archived", "Archived", show=False, id="cards.archived",
                tooltip="Show cards that left the course, or not"),
        Binding("S", "save_filter", "Save filter", show=False, id="cards.save_filter",
                tooltip="Save the filter under a name, for saved:NAME"),
        Binding("f", "saved", "Saved", id="cards.saved", tooltip="Pick a saved filter from a list, or delete one"),
        Binding("o", "order", "Order", show=False, id="cards.order", tooltip="By course, due day, ease or lapses"),
        Binding("escape", "leave", "Back", show=False, id="cards.back",
                tooltip="Leave the filter line, unmark all, clear the filter, or leave the screen"),
    ]  # fmt: skip

    def __init__(self, filter_text: str = "") -> None:
        super().__init__(filter_text)
        self._entries: list[CardEntry] = []
        self._loaded = False
        self._archived = False
        self._order = 0
        self._counts = ""
        self._saved: dict[str, str] = {}

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
        workspace = host(self).workspace
        self.read(lambda: (card_entries(workspace), saved_filters(workspace)), self._show, self._failed)

    def _show(self, found: tuple[list[CardEntry], dict[str, str]]) -> None:
        (self._entries, self._saved), self._loaded = found, True
        self._select()

    def _failed(self, error: Exception) -> None:
        self.ask_again("The cards cannot be read", error, self._load)

    @on(Input.Changed)
    def _select(self) -> None:
        if not self._loaded:
            return
        wanted = parse_filter(self.query_one(Input).value, self._saved)
        order = ORDERS[self._order]
        found = matching_cards(self._entries, wanted, self._acts.day, archived=self._archived, order=order)
        self.query_one(CardTable).show(found, self._acts.day)
        parts = [f"{len(found):,} of {len(self._entries):,}"]
        parts += [f"by {order}"] if order != "course" else []
        parts += ["with archived"] if self._archived else []
        self._counts = ", ".join(parts)
        self._show_counts()
        if not found:
            self.query_one(CardPreview).say(wanted.problem or self._nothing())

    @on(CardTable.Marked)
    def _show_counts(self) -> None:
        table = self.query_one(CardTable)
        hidden = len(table.marked.keys() - {entry.no for entry in table.entries})
        line = Content.styled(f" {self._counts}", "$foreground-muted")
        if table.marked:
            line += Content.styled(f"  ✓ {len(table.marked):,} marked", "bold $text-primary")
            line += Content.styled(f" ({hidden:,} not listed)" if hidden else "", "$text-warning")
        self.query_one("#found", Static).update(line)
        self.refresh_bindings()

    @on(CardTable.Moved)
    def _moved(self, event: CardTable.Moved) -> None:
        self.refresh_bindings()
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
        act: Callable[..., str] = getattr(self._acts, name)
        self._with_cards(lambda numbers: self._do(numbers, lambda: act(*numbers)))

    def action_set_due(self) -> None:
        def ask(numbers: Sequence[int]) -> None:
            def answered(day: date | None) -> None:
                if day is not None:
                    self._do(numbers, lambda: self._acts.set_due(day, *numbers))

            what = self._names(numbers, "is", "are")
            self.app.push_screen(DayScreen(f"On which day {what} due?", self._acts.day), answered)

        self._with_cards(ask)

    def action_tag(self) -> None:
        """Ask for tags, and give them to the cards or take them off."""

        def ask(numbers: Sequence[int]) -> None:
            def answered(typed: str | None) -> None:
                if typed is not None:
                    self._do(numbers, lambda: self._acts.toggle_tags(typed, *numbers))

            wanted = set(numbers)
            lines = {tag: _tag_line(tag, wanted, having) for tag, having in own_tags(self._entries).items()}
            how = "Type a tag, or several; one that all of them have is taken off."
            self.app.push_screen(PickScreen(f"Tag {self._names(numbers)}", lines, how=how, typed=read_tags), answered)

        self._with_cards(ask)

    def action_move(self) -> None:
        """Ask for a section and an objective of it, and move the cards of the learner's own there."""

        def ask(numbers: Sequence[int]) -> None:
            workspace = host(self).workspace
            wanted = set(numbers)
            if not any(e.no in wanted and e.card.source.path.startswith(OWN_FILE_PREFIX) for e in self._entries):
                self.notify("Only cards that you wrote can move; the course keeps its own in place.",
                            severity="warning", markup=False)  # fmt: skip
                return

            def ask_objective(section: str | None) -> None:
                if section is None:
                    return
                try:
                    found = objectives(workspace).get(section, [])
                except CourseError as error:
                    self._unchanged(error)
                    return

                def picked(key: str | None) -> None:
                    if key is not None:
                        covers = (key,) if key != KEEP else ()
                        self._do(numbers, lambda: self._acts.move(section, covers, *numbers), is_moved=True)

                lines = {one.id: Content(f"{one.id}  {safe(one.text)}") for one in found}
                keep = Content.styled("Leave the objectives as they are", "$foreground-muted")
                self.app.push_screen(PickScreen(f"What do they cover in {section}?", {**lines, KEEP: keep}), picked)

            lines = {
                section.id: Content(f"{section.id:<5} {safe(section.title)}")
                for chapter in workspace.course.chapters
                for section in chapter.sections
            }
            what = self._names(numbers)
            self.app.push_screen(PickScreen(f"Move {what} to which section?", lines), ask_objective)

        self._with_cards(ask)

    def action_reset(self) -> None:
        """Make the cards new again, after asking."""

        def ask(numbers: Sequence[int]) -> None:
            its = "Its" if len(numbers) == 1 else "Their"
            question = f"Make {self._names(numbers)} new again? {its} interval and ease are lost; u undoes it."
            self.confirm(question, "Make it new" if len(numbers) == 1 else "Make them new",
                         lambda: self._do(numbers, lambda: self._acts.reset(*numbers)))  # fmt: skip

        self._with_cards(ask)

    def _names(self, numbers: Sequence[int], is_: str = "", are: str = "") -> str:
        """`is patch-count`, `are the 3 marked cards`: what a question is about."""
        if len(numbers) > 1:
            return f"{are} the {len(numbers):,} marked cards".strip()
        key = next((entry.card.id for entry in self._entries if entry.no == numbers[0]), "the marked card")
        return f"{is_} {key}".strip()

    def action_undo(self) -> None:
        try:
            undone = self._acts.undo()
            if undone is None:
                self.notify("There is nothing to undo.", timeout=3)
                return
            if undone.cards > 1 or undone.action == "move":
                self._load()
            else:
                self._fresh([undone.card_no])
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

    def action_save_filter(self) -> None:
        """Save the filter line under a name that is asked for."""
        workspace, line = host(self).workspace, self.query_one(Input).value

        def saved(name: str | None) -> None:
            if name is not None:
                self.notify(f"Saved. Type {saved_word(name)}, or pick it with f.", timeout=3, markup=False)

        if not line.strip():
            self.notify("There is no filter to save. Type one with /.", severity="warning")
            return
        self.app.push_screen(NameScreen(line, lambda name: save_filter(workspace, name, line)), saved)

    def action_saved(self) -> None:
        """Pick a saved filter."""

        def picked(name: str | None) -> None:
            if name is not None:
                self.query_one(Input).value = saved_word(name)

        if not self._saved:
            self.notify("No saved filters yet. S saves the one you typed.", severity="warning")
            return
        self.app.push_screen(SavedScreen(self._saved, lambda name: delete_filter(host(self).workspace, name)), picked)

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
            self.notify("No cards listed. Change the filter with /.", severity="warning")
        else:
            act(entry)

    def _with_cards(self, act: Callable[[Sequence[int]], None]) -> None:
        """Do it to the marked cards, or to the one under the cursor where none is marked."""
        marked = tuple(self.query_one(CardTable).marked)
        if marked:
            act(marked)
        else:
            self._with_card(lambda entry: act((entry.no,)))

    def _do(self, numbers: Sequence[int], act: Callable[[], str], *, is_moved: bool = False) -> None:
        """Do it, show the cards as they are now (those that moved from their file) and say what was done."""
        try:
            text = act()
            if is_moved:
                self._load()
            else:
                self._fresh(numbers)
        except (StoreError, LookupError, CourseError) as error:
            self._unchanged(error)
            return
        self.notify(f"{text} u undoes it." if len(numbers) > 1 else text, timeout=3, markup=False)

    def _unchanged(self, error: Exception) -> None:
        self.notify(f"Nothing was changed: {format_error(error)}", severity="error", timeout=10, markup=False)

    def _fresh(self, numbers: Sequence[int]) -> None:
        """Show cards as they now are; a single one without reading all of them."""
        if len(numbers) > 1:
            self._load()
            return
        stored = host(self).workspace.store.card_by_no(numbers[0])
        if stored is not None:
            self._entries = [replace(e, state=stored.state) if e.no == stored.no else e for e in self._entries]
            self._select()

    def action_leave(self) -> None:
        """One step out: from the line to the list, from the marks, from a filter, from the screen."""
        table = self.query_one(CardTable)
        if table.marked and not self.query_one(Input).has_focus:
            table.mark(())
        else:
            super().action_leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What is done to cards needs one."""
        table = next(iter(self.query(CardTable)), None)
        if table is None or not self._loaded:
            return True
        if action in ("info", "edit", "why", "source"):
            return table.entry is not None
        return action not in ("act", "set_due", "reset", "tag", "move") or table.entry is not None or bool(table.marked)

    def _nothing(self) -> str:
        if not self._entries:
            return (
                "The course has no cards yet. Write some in content/cards (`studytui check` finds mistakes), "
                "or one of your own with n."
            )
        return "No card matches. Esc clears the filter; ? explains its words."


def _tag_line(tag: str, wanted: set[int], having: Sequence[int]) -> Content:
    """A tag with how many of the cards in question have it, and how many of all."""
    count = len(wanted.intersection(having))
    sign = "✓" if count == len(wanted) else "◐" if count else " "
    return Content.assemble(f"{sign} {safe(tag)}", (f"  {len(having):,}", "$foreground-muted"))


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


class NameScreen(BoxScreen[str | None]):
    """Asks for the name of a filter; answers with the name under which `save` kept it."""

    DEFAULT_CSS = """
    NameScreen > Vertical { width: 64; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", tooltip="Save nothing")]

    def __init__(self, line: str, save: Callable[[str], str]) -> None:
        super().__init__()
        self._line = line
        self._save = save

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(safe(f"Under which name is “{shortened(self._line, 200)}” saved?"), markup=False)
            yield Input(placeholder="a name; an existing one is replaced", max_length=100)
            yield ProblemLine()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self._save(event.value))
        except (FilterError, StoreError) as error:
            self.query_one(ProblemLine).complain(format_error(error))


class SavedScreen(BoxScreen[str | None]):
    """The saved filters; answers with the name of the one picked."""

    DEFAULT_CSS = """
    SavedScreen OptionList { height: auto; max-height: 16; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x,delete", "delete", "Delete", tooltip="Delete the saved filter under the cursor"),
        Binding("escape,q", "dismiss(None)", "Cancel", tooltip="Pick none"),
    ]

    def __init__(self, saved: Mapping[str, str], delete: Callable[[str], None]) -> None:
        super().__init__()
        self._saved = dict(saved)
        self._delete = delete

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Saved filters: Enter picks one, x deletes it", classes="what", markup=False)
            lines = (
                Content.assemble((safe(name), "bold"), ("  " + safe(line), "$foreground-muted"))
                for name, line in self._saved.items()
            )
            yield OptionList(*lines, markup=False)
            yield ProblemLine()

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(list(self._saved)[event.option_index])

    def action_delete(self) -> None:
        """Delete the filter under the cursor; with the last one the list closes."""
        listed = self.query_one(OptionList)
        if listed.highlighted is None:
            return
        name = list(self._saved)[listed.highlighted]
        try:
            self._delete(name)
        except StoreError as error:
            self.query_one(ProblemLine).complain(format_error(error))
            return
        del self._saved[name]
        listed.remove_option_at_index(listed.highlighted)
        if not self._saved:
            self.dismiss(None)
