"""Choosing what to study beside the schedule: what was forgotten, the hardest, or any part of the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from studytui.study.cards import FilterError
from studytui.study.cram import CardPool, ScopeOption, read_pool, scope_options
from studytui.ui.host import host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import FilterScreen, ProblemLine
from studytui.ui.widgets.controls import Cycle

STAYS, MOVES = "practice only", "count as reviews"
_GROUP_CELLS: Final = 9


class Offers(OptionList):
    """One line for each thing one may study."""

    DEFAULT_CSS = """
    Offers { border: none; padding: 0; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    Offers:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "list of choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Practise", tooltip="Practise the cards of the line under the cursor"),
        Binding("j", "cursor_down", "Down", show=False, tooltip="To the next line"),
        Binding("k", "cursor_up", "Up", show=False, tooltip="To the previous line"),
    ]


class ExtraScreen(FilterScreen[None]):
    """A filter line as in the list of cards narrows all choices; a switch lets the grades count."""

    CSS_PATH = "extra.tcss"
    LIST = "Offers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="extra.filter", tooltip="Words and kind: state: tag:"),
        Binding("c", "counts", "Grades", id="extra.counts", tooltip="Grades count as reviews, or change no schedule"),
        Binding("escape", "leave", "Back", key_display="esc", id="extra.back", tooltip="Leave the line, or the screen"),
        Binding("q", "dismiss(None)", "Back", show=False, id="extra.quit", tooltip="Leave this screen"),
    ]

    def __init__(self, filter_text: str = "") -> None:
        super().__init__(filter_text)
        self._known: CardPool | None = None
        self._offers: Sequence[ScopeOption] = ()

    def compose(self) -> ComposeResult:
        with Horizontal(id="line", classes="title"):
            yield Static("Practice ", id="name", markup=False)
            yield Input(self.first_filter, placeholder="everything; or lens:eye state:young words", compact=True)
            yield Static("grades ", id="effect", markup=False)
            yield Cycle((STAYS, MOVES), STAYS, id="counts")
        yield Static("Practise any cards; each repeats until you know it. Schedules stay unchanged.", id="about",
                     classes="muted", markup=False)  # fmt: skip
        yield ProblemLine(id="problem")
        yield Offers(id="offers", markup=False)
        yield KeyBar()

    def on_screen_resume(self) -> None:
        self._load()

    def _load(self) -> None:
        self.read(lambda: read_pool(host(self).workspace), self._show, self._failed)

    def _failed(self, error: Exception) -> None:
        self.ask_again("The cards cannot be read", error, self._load, or_leave=True)

    def _show(self, found: CardPool) -> None:
        self._known = found
        self._list()

    @on(Input.Changed)
    def _list(self) -> None:
        if self._known is None:
            return
        problem = ""
        try:
            self._offers = scope_options(self._known, host(self).workspace.course, self.query_one(Input).value)
        except FilterError as error:
            self._offers, problem = (), str(error)
        if not problem and not any(offer.cards for offer in self._offers):
            problem = self._known.lock or "No card is within this filter. Esc clears it."
        self.query_one(ProblemLine).complain(problem)
        listed = self.query_one(Offers)
        at = listed.highlighted or 0
        listed.clear_options()
        listed.add_options([Option(_line(offer), disabled=not offer.cards) for offer in self._offers])
        open_lines = [place for place, offer in enumerate(self._offers) if offer.cards]
        listed.highlighted = min(open_lines, key=lambda place: abs(place - at), default=None)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        choice = self._offers[event.option_index].choice
        host(self).open_cram(replace(choice, counts=self.query_one("#counts", Cycle).value == MOVES))

    def action_counts(self) -> None:
        """Let the grades count, or not."""
        self.query_one("#counts", Cycle).action_turn(1)


def _line(offer: ScopeOption) -> Content:
    number = Content.styled(f"{offer.cards:>5} card{' ' if offer.cards == 1 else 's'}  ", "$foreground-muted")
    group = Content.styled(f"{offer.group:<{_GROUP_CELLS}}" if offer.group else "", "$foreground-muted")
    indent = "  " if offer.group == "Section" else ""
    return number + group + Content(f"{indent}{safe(offer.title)}")
