"""Writing into the learner's own folder. What stands in its files stays as it is, comments and order included."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from studytui.domain.cards import Card
from studytui.library.errors import CourseError
from studytui.library.loader import load_cards, read_card
from studytui.library.own import OVERRIDES, PREFIX, Override, load_overrides
from studytui.library.toml_source import find_places, line_starts_in_text, parse
from studytui.library.toml_writing import Value, table

OWN_CARDS: Final = f"{PREFIX}cards/own.toml"
_CARDS_HEADER: Final = (
    "# Your own cards, in the course's format. Edit them as you like: a card keeps its schedule as long as its id\n"
    "# stays, and one that is deleted here is archived.\n"
)
_OVERRIDES_HEADER: Final = (
    "# Your notes on cards of the course, and your wording of their fronts and backs. Schedules are not touched.\n"
)


def read_draft(row: Mapping[str, Any]) -> Card:
    """A card that stands in no file yet, held against the course's schemas.

    Raises:
        CourseError: with the field that is wrong.
    """
    addition = table("card", row)
    place = find_places(addition)["card"][0]
    try:
        return read_card(parse(addition, "")["card"][0], OWN_CARDS, place)
    except CourseError as error:
        raise CourseError(error.message, card=error.card, field=error.field) from None


def add_card(folder: Path, row: Mapping[str, Value]) -> Card:
    """Append a card to the learner's file and return it as read back from there.

    Raises:
        CourseError: the card or the file as it stands is wrong, or the file cannot be written; it is left as it was.
    """
    read_draft(row)
    name = OWN_CARDS.removeprefix(PREFIX)
    path = folder / name
    before = _text(path)
    if before:
        _in_folder(folder, name)
    text = before or _CARDS_HEADER
    addition = ("" if text.endswith("\n") else "\n") + "\n" + table("card", row)
    whole = text + addition
    index = len(parse(text, str(path)).get("card", []))
    card = read_card(parse(whole, str(path))["card"][index], OWN_CARDS, find_places(whole)["card"][index])
    _append(path, addition if before else whole)
    return card


def save_override(folder: Path, override: Override) -> None:
    """Write what the learner says to one card: a new table at the end, or in the place of the one that stands there.

    An override that says nothing takes its table away.

    Raises:
        CourseError: the file as it stands is wrong, or it cannot be written; it is left as it was.
    """
    known = load_overrides(folder)
    path = folder / OVERRIDES.removeprefix(PREFIX)
    text = _text(path)
    row: dict[str, Value] = {"id": override.id}
    row |= {name: value for name in ("note", "front", "back") if (value := getattr(override, name))}
    new = table("override", row) if len(row) > 1 else ""
    if override.id in known:
        text = _replaced(text, list(known).index(override.id), new)
    elif new:
        text = text or _OVERRIDES_HEADER
        text += ("" if text.endswith("\n") else "\n") + "\n" + new
    else:
        return
    _replace(path, text)


def _replaced(text: str, index: int, new: str) -> str:
    """The text with the lines of its `index`-th override exchanged; comments between its fields go above it."""
    places = find_places(text)
    start = places["override"][index].line - 1
    lines = text.splitlines(keepends=True)
    tables = sorted(place.line - 1 for name, found in places.items() if name for place in found)
    end = next((line for line in tables if line > start), len(lines))
    inside = line_starts_in_text(text)
    while end > start + 1 and (not lines[end - 1].strip() or _is_comment(lines, end - 1, inside)):
        end -= 1
    comments = [lines[at] for at in range(start + 1, end) if _is_comment(lines, at, inside)]
    return "".join([*lines[:start], *comments, new, *lines[end:]])


def _is_comment(lines: list[str], at: int, inside: set[int]) -> bool:
    return at + 1 not in inside and lines[at].lstrip().startswith("#")


def _in_folder(folder: Path, name: str) -> None:
    """Raises CourseError, with the file's whole path, if the cards that stand there cannot be read."""
    try:
        load_cards(folder, name)
    except CourseError as error:
        raise CourseError(
            error.message, path=f"{folder}/{error.path}", line=error.line, card=error.card, field=error.field
        ) from None


def _text(path: Path) -> str:
    """The text with its line ends as they are; '' where there is no file."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise CourseError("the file is not UTF-8 text.", path=str(path)) from None
    except OSError as error:
        raise CourseError(f"the file cannot be read ({error.strerror or error}).", path=str(path)) from error


def _append(path: Path, addition: str) -> None:
    """All of it or nothing: where the disk gives up half-way, the file is cut back to what it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            size = file.tell()
            try:
                file.write(addition.encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(path, size)
                raise
    except OSError as error:
        raise CourseError(f"the file cannot be written ({error.strerror or error}).", path=str(path)) from error


def _replace(path: Path, text: str) -> None:
    target = path.resolve()
    draft = target.with_suffix(".new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text.encode())
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CourseError(f"the file cannot be written ({error.strerror or error}).", path=str(path)) from error
