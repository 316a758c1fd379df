"""What a section is for: its objectives, and the cards on it with their state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.cards import Objective
from studytui.services.card_filter import Entry, states
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.card_table import SIGNS
from studytui.ui.widgets.light_markdown import Block, inline


class SectionCards(OptionList):
    """The cards of a section."""

    DEFAULT_CSS = """
    SectionCards {
        height: 1fr; border: none; padding: 0; background: transparent;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    SectionCards:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "cards of the section"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Card info", show=False, tooltip="All about the card under the cursor")
    ]


class SectionSide(Vertical):
    """Objectives above, cards below."""

    DEFAULT_CSS = """
    SectionSide #objectives-scroll { height: 1fr; }
    """

    @dataclass
    class CardChosen(Message):
        """A card of the section was chosen."""

        card_no: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[str, Sequence[Entry], date] | None = None

    def compose(self) -> ComposeResult:
        yield Static("Objectives", classes="heading", markup=False)
        with VerticalScroll(id="objectives-scroll", can_focus=True):
            yield Face(id="objectives")
        yield Static("Cards", classes="heading", id="cards-heading", markup=False)
        yield SectionCards(id="cards", markup=False)

    def show(self, section: str, objectives: Sequence[Objective], entries: Sequence[Entry], day: date) -> None:
        """Show another section, or the same with other states."""
        if self._shown == (section, entries, day):
            return
        self._shown = (section, entries, day)
        blocks = tuple(Block(inline(o.text), "• ", "  ", spaced=False) for o in objectives)
        self.query_one("#objectives", Face).show_blocks(blocks or (Block(Content("None is listed.")),))
        waiting = sum("due" in states(e, day) or "settle" in states(e, day) for e in entries)
        heading = f"Cards: {len(entries)}, {waiting} due" if entries else "No cards on this section yet"
        self.query_one("#cards-heading", Static).update(heading)
        cards = self.query_one(SectionCards)
        at = cards.highlighted
        cards.clear_options()
        cards.add_options([Option(_row(entry, day), id=str(entry.no)) for entry in entries])
        cards.highlighted = min(at, len(entries) - 1) if at is not None and entries else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id:
            self.post_message(self.CardChosen(int(event.option_id)))


def _row(entry: Entry, day: date) -> Content:
    word = states(entry, day)[0]
    return Content.styled(f"{SIGNS.get(word, ' ')} {word:<9} ", "$text-muted") + Content(safe(entry.title))
