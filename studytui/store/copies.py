"""Comparing what the database holds of a course's files with what the files give now."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from studytui.store.connection import connect_to_examine, translated
from studytui.store.digests import text_sha256
from studytui.store.findings import REPAIR, Finding
from studytui.store.records import CompiledCard, CourseCopy
from studytui.store.table_rows import lenient

_FIELDS: Final = tuple(field.name for field in fields(CompiledCard))
_STORED: Final = (
    "SELECT c.id, c.archived, c.key, c.position, c.chapter, c.section, c.kind, c.sibling_group, t.path, t.line,"
    " t.sha256, t.payload FROM course o JOIN card c ON c.course_id = o.id JOIN card_text t ON t.card_id = c.id"
    " WHERE o.key = ? ORDER BY c.id"
)
_STAMPS: Final = (
    "SELECT f.path, f.sha256 FROM source_file f JOIN course o ON o.id = f.course_id WHERE o.key = ? ORDER BY f.path"
)
_WAY_OUT: Final = REPAIR.format("it is made anew from the course's files")


def differences(database: Path, copy: CourseCopy, known: Collection[int]) -> Iterator[Finding]:
    """Cards that are not what the files give, but for those of files that changed since, and those `known` by number.

    Raises:
        StoreError: the database cannot be read.
    """
    with closing(connect_to_examine(database)) as connection, translated(database):
        connection.text_factory = lenient
        stamps = dict(connection.execute(_STAMPS, (copy.key,)).fetchall())
        now = {stamp.path: stamp.sha256 for stamp in copy.files}
        changed = {path for path in now.keys() | stamps.keys() if now.get(path) != stamps.get(path)}
        if not stamps or any(_is_shared(path, copy) for path in changed):
            return
        yield from _compared(connection, copy, changed, known)


def whole_texts(database: Path, key: str) -> dict[str, str]:
    """The texts, by card id, of the cards that are in a course; those that are damaged are left out.

    Raises:
        StoreError: the database cannot be read.
    """
    with closing(connect_to_examine(database)) as connection, translated(database):
        connection.text_factory = lenient
        rows = connection.execute(_STORED, (key,)).fetchall()
    return {
        row[2]: row[11]
        for row in rows
        if not row[1] and all(isinstance(row[place], str) for place in (2, 11)) and text_sha256(row[11]) == row[10]
    }


def _is_shared(path: str, copy: CourseCopy) -> bool:
    """What no card comes from stands for something that all hang on."""
    return all(card.path != path for card in copy.cards)


def _compared(
    connection: sqlite3.Connection, copy: CourseCopy, changed: Collection[str], known: Collection[int]
) -> Iterator[Finding]:
    expected = {card.key: card for card in copy.cards}
    for no, archived, *values in connection.execute(_STORED, (copy.key,)):
        key, path = values[0], values[6]
        card = expected.pop(key, None)
        if no in known or path in changed or (card is None and archived):
            continue
        if card is None or archived:
            where = f"it is not in {path}" if card is None else f"it stands in {card.path}:{card.line}"
            what = f'Row {no} of card: card "{key}" is {"out of" if archived else "in"} the course, and {where}.'
            yield Finding("error", what, _WAY_OUT, "card", no)
        elif wrong := _unequal(values, card):
            what = (
                f'Row {no} of card_text: card "{key}" is not what {card.path}:{card.line} gives ({", ".join(wrong)}).'
            )
            yield Finding("error", what, _WAY_OUT, "card_text", no)
    # A card that seems missing may be one of the known, under a damaged name.
    for card in expected.values() if not known else ():
        if card.path not in changed:
            what = f'Card "{card.key}" stands in {card.path}:{card.line} and is not in the database.'
            yield Finding("error", what, _WAY_OUT, "card")


def _unequal(values: list[Any], card: CompiledCard) -> list[str]:
    pairs = zip(_FIELDS, values, astuple(card), strict=True)
    return [name for name, stored, compiled in pairs if stored != compiled]
