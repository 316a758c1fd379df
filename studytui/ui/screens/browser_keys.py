"""The keys of the list of cards."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

BROWSER_KEYS: Final[list[BindingType]] = [
    Binding(
        "slash",
        "filter",
        "Filter",
        key_display="/",
        id="cards.filter",
        tooltip="Words and kind: state: section:",
    ),
    Binding(
        "enter,i",
        "info",
        "Info",
        id="cards.info",
        tooltip="Objectives, state and review history of the card",
    ),
    Binding(
        "at",
        "act('toggle_suspended')",
        "Suspend",
        key_display="@",
        id="cards.suspend",
        tooltip="In or out of reviews",
    ),
    Binding(
        "minus",
        "act('toggle_buried')",
        "Bury",
        key_display="-",
        id="cards.bury",
        tooltip="Hide until tomorrow, or not",
    ),
    Binding(
        "asterisk",
        "act('toggle_flagged')",
        "Flag",
        key_display="*",
        id="cards.flag",
        tooltip="Flag, or take the flag off",
    ),
    Binding(
        "e",
        "edit",
        "Edit",
        id="cards.edit",
        tooltip="Open the card's source in $EDITOR",
    ),
    Binding(
        "n",
        "new",
        "New",
        id="cards.new",
        tooltip="Write a card of your own, on the section of the card marked",
    ),
    Binding(
        "c",
        "cram",
        "Extra study",
        show=False,
        id="cards.cram",
        tooltip="Study the cards listed, beside the schedule",
    ),
    Binding(
        "t",
        "set_due",
        "Due",
        show=False,
        id="cards.due",
        tooltip="Set the day on which it is due",
    ),
    Binding(
        "x",
        "reset",
        "Reset",
        show=False,
        id="cards.reset",
        tooltip="Make it new again (asks first)",
    ),
    Binding(
        "u",
        "undo",
        "Undo",
        id="cards.undo",
        tooltip="Take back the last act or review; again goes deeper",
    ),
    Binding(
        "w",
        "why",
        "Why due",
        show=False,
        id="cards.why",
        tooltip="How it came to be due when it is",
    ),
    Binding(
        "s",
        "source",
        "Section",
        show=False,
        id="cards.section",
        tooltip="Read the section it belongs to",
    ),
    Binding(
        "a",
        "archived",
        "Archived",
        show=False,
        id="cards.archived",
        tooltip="Show cards that left the course, or not",
    ),
    Binding(
        "o",
        "order",
        "Order",
        show=False,
        id="cards.order",
        tooltip="By course, due day, ease or lapses",
    ),
    Binding(
        "escape",
        "leave",
        "Back",
        show=False,
        id="cards.back",
        tooltip="Out of the filter line, clear it, or leave",
    ),
]
