"""The learner's own cards, notes and rewordings: a folder beside the database, never inside the installed course.

own/COURSE/cards/*.toml     cards in the course's own format
own/COURSE/overrides.toml   [[override]] tables: a note, another front or back for a card of the course
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from studytui.domain.cards import Card, Cloze
from studytui.library.errors import CourseError
from studytui.library.toml_source import TomlSource, is_there, read, toml_names

PREFIX: Final = "own/"
OVERRIDES: Final = "own/overrides.toml"
"""How paths in the learner's folder are written where course paths are relative to the course's root."""

LARGEST_OWN: Final = 4_000_000
"""Bytes; thousands of notes. Saving one goes through the whole file."""


@dataclass(frozen=True, slots=True)
class Override:
    """What the learner says instead of, or beside, a card of the course; '' leaves it as it is."""

    id: str
    front: str = ""
    back: str = ""
    note: str = ""

    def applied(self, card: Card) -> Card:
        """The card in the learner's words. Its id, answer and schedule stay.

        Raises:
            ValueError: the new front of a cloze has other blanks than the course's, whose answers are checked.
        """
        front = self.front or card.front
        body = card.body
        if self.front and isinstance(body, Cloze):
            from studytui.library.cloze import parse_cloze

            new = parse_cloze(front)
            if len(new.blanks) != len(body.blanks):
                raise ValueError(f"the cloze has {len(body.blanks)} blanks; the new front has {len(new.blanks)}")
            body = new
        return replace(card, front=front, back=self.back or card.back, note=self.note, body=body)


def own_files(folder: Path) -> list[str]:
    """The learner's card files by name, as `own/cards/NAME.toml`.

    Raises:
        CourseError: the folder cannot be read, or a file in it has a name that cannot be written.
    """
    return [f"{PREFIX}cards/{name}" for name in toml_names(folder / "cards")]


def place_of(root: Path, folder: Path, path: str) -> Path:
    """The file that a card's `source.path` means."""
    return folder / path.removeprefix(PREFIX) if path.startswith(PREFIX) else root / path


def read_own_cards(folder: Path, path: str) -> tuple[list[Card], list[CourseError]]:
    """The cards of one of the `own_files` that can be read, and an error for each that cannot; with whole paths.

    Raises:
        CourseError: the file as a whole cannot be read.
    """
    from studytui.library.loader import cards_in

    name = path.removeprefix(PREFIX)
    return cards_in(_read(folder, name))


def _read(folder: Path, name: str) -> TomlSource:
    return read(folder, name, shown=str(folder / name), largest=LARGEST_OWN)


def load_overrides(folder: Path) -> dict[str, Override]:
    """The learner's overrides by card id; none if there is no such file.

    Raises:
        CourseError: the file is wrong; with its whole path, line and field.
    """
    name = OVERRIDES.removeprefix(PREFIX)
    if not is_there(folder, name):
        return {}
    return overrides_in(_read(folder, name))


def overrides_in(source: TomlSource) -> dict[str, Override]:
    """The overrides of a file by card id.

    Raises:
        CourseError: with line and field.
    """
    from studytui.library.loader import only_tables, validate
    from studytui.library.schema import OverrideModel

    only_tables(source, "override")
    found: dict[str, Override] = {}
    for index, row in enumerate(source.data.get("override", [])):
        place = source.place("override", index)
        model = validate(OverrideModel, row, source.path, place, who=str(row.get("id", ""))[:80])
        if model.id in found:
            raise CourseError("this card is overridden twice.", path=source.path, line=place.line, card=model.id)
        found[model.id] = Override(model.id, model.front.strip(), model.back.strip(), model.note.strip())
    return found


def apply(cards: Sequence[Card], overrides: Mapping[str, Override]) -> list[Card]:
    """The cards, each in the learner's words where there are any.

    A front that no longer fits, since the course gave the cloze other blanks, gives way to the course's own.
    """
    result = []
    for card in cards:
        override = overrides.get(card.id, Override(card.id))
        try:
            result.append(override.applied(card))
        except ValueError:
            result.append(replace(override, front="").applied(card))
    return result
