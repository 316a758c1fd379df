"""All cards of the course with their states, for the list of cards and the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import Card, Cloze
from studytui.domain.showing import cloze_text, right_answer
from studytui.library.compiled import decode
from studytui.services.card_filter import CardFilter, Entry
from studytui.services.course_lock import lock_of
from studytui.services.workspace import Workspace
from studytui.store import CardState

Order: TypeAlias = Literal["course", "due", "ease", "lapses"]
ORDERS: Final[tuple[Order, ...]] = ("course", "due", "ease", "lapses")
TITLE_CELLS: Final = 200

_EMPHASIS: Final = re.compile(r"(?<![^\W_])(\*\*|\*|`)(?=\S)(.{1,200}?)(?<=\S)\1(?![^\W_])")


def entries(workspace: Workspace) -> list[Entry]:
    """Every card, archived ones too, in the order of the course. Statistics code is imported: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    rows = reports.cards(workspace.store, workspace.course_no, archived=True)
    locked = lock_of(workspace) is not None
    return [entry_of(row.no, decode(row.payload), row.state, archived=row.archived, locked=locked) for row in rows]


def entry_of(no: int, card: Card, state: CardState, *, archived: bool = False, locked: bool = False) -> Entry:
    """A card with its state as lists show it."""
    return Entry(no, card, state, archived, _title(card), _search_text(card), locked)


def select(
    all_entries: Iterable[Entry], wanted: CardFilter, day: date, *, archived: bool = False, order: Order = "course"
) -> list[Entry]:
    """The entries a filter lets through; archived ones only if asked for, by `archived` or by the filter itself."""
    archived = archived or wanted.asks_for_archived
    found = [e for e in all_entries if (archived or not e.archived) and wanted.matches(e, day)]
    return ordered(found, order)


def ordered(found: list[Entry], order: Order) -> list[Entry]:
    """By due date (new ones last), lowest ease first, or most lapses first; `course` leaves them as they are."""
    match order:
        case "due":
            return sorted(found, key=lambda e: e.state.schedule.due_on or date.max)
        case "ease":
            return sorted(found, key=lambda e: (e.state.schedule.is_new, e.state.schedule.ease_factor))
        case "lapses":
            return sorted(found, key=lambda e: -e.state.schedule.lapses)
    return found


def of_section(all_entries: Sequence[Entry], section: str) -> list[Entry]:
    """The live cards of a section."""
    return [entry for entry in all_entries if entry.card.section == section and not entry.archived]


def _title(card: Card) -> str:
    text = cloze_text(card.body, []) if isinstance(card.body, Cloze) else card.front or card.back
    return " ".join(_EMPHASIS.sub(r"\2", text[: 4 * TITLE_CELLS]).split())[:TITLE_CELLS]


def _search_text(card: Card) -> str:
    return "\n".join((card.id, card.front, right_answer(card), card.back, *card.tags)).casefold()
