"""Own cards that move to another section: into their files, and back where the log says they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studytui.course.loader import decode
from studytui.course.user_cards import OWN_FILE_PREFIX, Place, place_cards
from studytui.errors import CourseError, StoreError
from studytui.store import Store, StoredCard


def is_own(card: StoredCard) -> bool:
    """Whether the learner wrote the card."""
    return card.path.startswith(OWN_FILE_PREFIX)


def place_of(card: StoredCard) -> Place:
    """Where a card belongs, as its file had it when it was read last."""
    told = decode(card.payload)
    return Place(told.section, told.covers)


def told(before: Place, after: Place) -> dict[str, Any]:
    """What the log keeps of a move. Keys: from, to; in each section, covers."""
    return {"from": asdict(before), "to": asdict(after)}


def place_all(own: Path, places: Mapping[StoredCard, Place]) -> None:
    """Write places of own cards into their files; if one cannot be written, the others are as they were.

    Raises:
        CourseError: a file is wrong, or cannot be written.
    """
    by_file: dict[str, dict[StoredCard, Place]] = {}
    for card, place in places.items():
        by_file.setdefault(card.path, {})[card] = place
    written: dict[str, dict[StoredCard, Place]] = {}
    try:
        for path, wanted in by_file.items():
            place_cards(own, path, {card.key: place for card, place in wanted.items()})
            written[path] = wanted
    except CourseError:
        for path, done in written.items():
            place_cards(own, path, {card.key: place_of(card) for card in done})
        raise


def move_back(store: Store, course_no: int, own: Path, moves: Mapping[str, Any]) -> None:
    """Put own cards back where they were before moves, of which the log says this; one that is elsewhere by now stays.

    Raises:
        StoreError: a file cannot be changed, and none was.
    """
    back: dict[StoredCard, Place] = {}
    for key, move in moves.items():
        card = store.card(course_no, key)
        before, after = (Place(move[end]["section"], tuple(move[end]["covers"])) for end in ("from", "to"))
        if card is not None and is_own(card) and place_of(card) == after:
            back[card] = before
    try:
        place_all(own, back)
    except CourseError as error:
        raise StoreError(f"The move cannot be undone. {error}") from error
