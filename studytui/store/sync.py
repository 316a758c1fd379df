"""Bringing the cards in line with the course's files, without touching a schedule."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from studytui.errors import Damaged, StoreError
from studytui.store.records import (
    CARD_DIGEST_OF,
    NEW_STATE,
    STATE_COLUMNS,
    CardPlace,
    CompiledCard,
    FileStamp,
    SyncReport,
    card_digest,
    course_digest,
    seal,
    stamp_digest,
)

_UPSERT_CARD = (
    "INSERT INTO card (course_id, key, position, chapter, section, kind, sibling_group, has_siblings, archived,"
    f" {', '.join(STATE_COLUMNS)})"
    f" VALUES (:course, :key, :position, :chapter, :section, :kind, :group, 0, 0, {NEW_STATE})"
    " ON CONFLICT (course_id, key) DO UPDATE SET position = :position, chapter = :chapter, section = :section,"
    " kind = :kind, sibling_group = :group, archived = 0 RETURNING id"
)
_UPSERT_TEXT = (
    "INSERT INTO card_text (card_id, path, line, sha256, payload, digest) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (card_id) DO UPDATE SET path = excluded.path, line = excluded.line, sha256 = excluded.sha256,"
    " payload = excluded.payload, digest = excluded.digest"
)
_STORED = (
    "SELECT c.key, c.id, c.archived, t.path, t.sha256, t.line FROM card c JOIN card_text t ON t.card_id = c.id"
    " WHERE c.course_id = ?"
)
_CARDS = f"SELECT {CARD_DIGEST_OF}, t.digest FROM card_text t JOIN card c ON c.id = t.card_id"
_TO_ARCHIVE = f"{_CARDS} WHERE c.id = ?"
_COURSES = "SELECT id, key, title, version, digest FROM course NOT INDEXED"
WRONG_ABOUT_SIBLINGS = (
    "course_id = :course AND has_siblings <> (sibling_group IN (SELECT sibling_group FROM card"
    " WHERE course_id = :course AND archived = 0 GROUP BY sibling_group HAVING count(*) > 1))"
)
"""Which rows of `card` do not say whether another card of their group is in the course."""


def card_places(connection: sqlite3.Connection, course_no: int) -> dict[str, CardPlace]:
    """Where each card that is not archived stands, by its key."""
    rows = connection.execute(_STORED, (course_no,)).fetchall()
    return {key: CardPlace(path, line, sha256) for key, _, archived, path, sha256, line in rows if not archived}


def sync_course(
    connection: sqlite3.Connection,
    key: str,
    *,
    title: str,
    version: str,
    files: Sequence[FileStamp],
    cards: Sequence[CompiledCard],
    kept: Collection[str] = (),
    anew: bool = False,
) -> SyncReport:
    """Within the caller's transaction: take in the cards of changed files, archive those that left, restore returners.

    `files` are all files of the course; `cards` at least those of files whose sha256 is new. Cards of files with a
    known sha256 that are not in `cards` stay as they are, and so do those of `kept` files, which cannot be read now.
    With `anew` no sha256 is known.

    Raises:
        Damaged: a card or course that would be taken for a new one, or for one that left, may be there under damage.
        StoreError: a card id stands in a changed file and in an unchanged one.
    """
    is_new = connection.execute("SELECT 1 FROM course WHERE key = ?", (key,)).fetchone() is None
    if is_new:
        _require_whole(connection, "course", _COURSES)
    (course_no,) = connection.execute(
        "INSERT INTO course (key, title, version) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET title = excluded.title, version = excluded.version RETURNING id",
        (key, title, version),
    ).fetchone()
    connection.execute(
        "UPDATE course SET digest = ? WHERE id = ?", (course_digest(course_no, key, title, version), course_no)
    )
    known = dict(
        connection.execute("SELECT path, sha256 FROM source_file WHERE course_id = ?", (course_no,)).fetchall()
    )
    same = {stamp.path for stamp in files if known.get(stamp.path) == stamp.sha256 and not anew}
    unchanged = same.difference(kept)
    before = {row[0]: row[1:] for row in connection.execute(_STORED, (course_no,))}
    added = changed = restored = 0
    seen = set()
    for card in cards:
        old = before.get(card.key)
        if old and not old[1] and old[2] in unchanged and old[2] != card.path:
            raise StoreError(
                f'Card id "{card.key}" is in {card.path}:{card.line} and in {old[2]}:{old[4]}.',
                hint="Give one of them another id.",
            )
        added += old is None
        restored += bool(old and old[1])
        changed += bool(old and not old[1] and old[3] != card.sha256)
        seen.add(card.key)
        _store_card(connection, course_no, card)
    gone = [
        no
        for card_key, (no, archived, path, _, _) in before.items()
        if card_key not in seen and not archived and path not in unchanged and path not in kept
    ]
    if (added or gone) and not (is_new or anew):
        _require_whole(connection, "card_text", _CARDS)
    for no in gone:
        _archive(connection, no)
    mark_siblings(connection, course_no)
    connection.execute("DELETE FROM source_file WHERE course_id = ?", (course_no,))
    connection.executemany(
        "INSERT INTO source_file (course_id, path, size, mtime_ns, sha256, digest) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (course_no, stamp.path, stamp.size, stamp.mtime_ns, stamp.sha256, stamp_digest(course_no, stamp))
            for stamp in files
        ],
    )
    return SyncReport(added=added, changed=changed, archived=len(gone), restored=restored)


def _store_card(connection: sqlite3.Connection, course_no: int, card: CompiledCard) -> None:
    (no,) = connection.execute(
        _UPSERT_CARD,
        {
            "course": course_no,
            "key": card.key,
            "position": card.position,
            "chapter": card.chapter,
            "section": card.section,
            "kind": card.kind,
            "group": card.sibling_group,
        },
    ).fetchone()
    digest = card_digest(no, course_no, card)
    connection.execute(_UPSERT_TEXT, (no, card.path, card.line, card.sha256, card.payload, digest))


def _require_whole(connection: sqlite3.Connection, table: str, rows: str) -> None:
    for *values, digest in connection.execute(rows):
        if seal(values) != digest:
            raise Damaged(f"Row {values[0]} of {table} is damaged: it is not as it was written.")


def _archive(connection: sqlite3.Connection, no: int) -> None:
    """A row that does not fit its digest keeps it: damage is not made to look whole."""
    *values, digest = connection.execute(_TO_ARCHIVE, (no,)).fetchone()
    is_whole = digest == seal(values)
    connection.execute("UPDATE card SET archived = 1 WHERE id = ?", (no,))
    if is_whole:
        *values, _ = connection.execute(_TO_ARCHIVE, (no,)).fetchone()
        connection.execute("UPDATE card_text SET digest = ? WHERE card_id = ?", (seal(values), no))


def mark_siblings(connection: sqlite3.Connection, course_no: int) -> int:
    """Make the cards of a course say whether they have siblings; returns how many said otherwise."""
    return connection.execute(
        f"UPDATE card SET has_siblings = NOT has_siblings WHERE {WRONG_ABOUT_SIBLINGS}", {"course": course_no}
    ).rowcount
