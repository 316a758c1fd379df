"""The learner's note on a card, and another wording of its front or back; the card's schedule is not touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studytui.domain.cards import Card
from studytui.library.errors import CourseError
from studytui.library.own import Override
from studytui.services.workspace import Workspace
from studytui.store.findings import Finding


@dataclass(frozen=True, slots=True)
class Wording:
    """A card as its author wrote it, and what the learner says to it."""

    card: Card
    mine: Override

    @property
    def front(self) -> str:
        """The front as it is shown."""
        return self.mine.front or self.card.front

    @property
    def back(self) -> str:
        """The back as it is shown."""
        return self.mine.back or self.card.back


def wording(workspace: Workspace, card_no: int) -> Wording:
    """The card's text in its author's words, and the learner's. Reads the course's file: call it in a thread.

    Raises:
        CourseError: the card's file, or the learner's, cannot be read.
        LookupError: there is no card of that number, or its file no longer has it.
        StoreError: the database cannot be read.
    """
    from studytui.library.own import load_overrides
    from studytui.services.course_sync import load_file

    stored = workspace.store.card_by_no(card_no)
    if stored is None:
        raise LookupError(f"there is no card of number {card_no}")
    cards = load_file(workspace.root, workspace.own, stored.path)
    card = next((card for card in cards if card.id == stored.key), None)
    if card is None:
        raise LookupError(f"{stored.key} is no longer in {stored.path}")
    return Wording(card, load_overrides(workspace.own).get(stored.key, Override(stored.key)))


def save(workspace: Workspace, card: Card, *, note: str = "", front: str = "", back: str = "") -> bool:
    """Keep what the learner says to a card; what equals the author's text is the author's. True if it changed.

    Raises:
        CourseError: the front of a cloze has other blanks, or a file is wrong or cannot be written; `field` names it.
        StoreError: the database cannot take it in now; it will at the next start.
    """
    from studytui.library.own_writing import save_override

    front, back = front.strip(), back.strip()
    mine = Override(
        card.id,
        front="" if front == card.front else front,
        back="" if back == card.back else back,
        note=note.strip(),
    )
    try:
        mine.applied(card)
    except ValueError as error:
        raise CourseError(f"{error}.", card=card.id, field="front") from None
    save_override(workspace.own, mine)
    return workspace.reload() is not None


def astray(own: Path, shown: Mapping[str, str]) -> list[Finding]:
    """Overrides in the learner's folder of cards that are not in the course, and fronts that no longer fit.

    They do no harm. `shown` are the payloads of the course's cards by their id.
    """
    from studytui.library.compiled import decode
    from studytui.library.own import load_overrides

    try:
        overrides = load_overrides(own)
    except CourseError as error:
        return [Finding("error", f"Your notes cannot be read. {error}", "Mend the file.")]
    found = []
    for key, override in overrides.items():
        if key not in shown:
            what = f'Your note on "{key}" belongs to a card that is not in the course.'
            found.append(Finding("info", what, "Nothing to do: it waits for the card to come back."))
        elif override.front and decode(shown[key]).front != override.front:
            what = f'Your front of "{key}" has other blanks than the card has now, so the course\'s is shown.'
            found.append(Finding("info", what, "Reword it again: n on the card."))
    return found
