"""Making anew what is only a copy: indexes, texts and places of cards from the course's files, states from the log.

The log is never touched, nor anything else that stands nowhere else.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from studytui.errors import StoreError
from studytui.store import backup
from studytui.store.connection import NOT_IN_ROWS, connect_to_examine, connect_to_repair, explain, lenient
from studytui.store.doctor import Examined, examine_file
from studytui.store.records import (
    HEAD,
    NEW_STATE,
    SET_STATE,
    STATE_COLUMNS,
    CompiledCard,
    CourseCopy,
    card_digest,
    course_digest,
    identity_digest,
    state_values,
    text_sha256,
)
from studytui.store.sync import mark_siblings, sync_course

_NEW_CARD: Final = (
    "INSERT INTO card (id, course_id, key, position, chapter, section, kind, sibling_group, has_siblings, archived,"
    f" {', '.join(STATE_COLUMNS)}) VALUES (?, ?, ?, 0, '', '', '', '', 0, 1, {NEW_STATE})"
)
_PLACE: Final = "SELECT course_id, key FROM card WHERE id = ?"
_UNUSED: Final = (
    "SELECT id FROM card WHERE course_id = ? AND key = ? AND id <> ?"
    " AND NOT EXISTS (SELECT 1 FROM review WHERE card_id = card.id)"
)


def copy_before(database: Path, *, at: datetime) -> Path:
    """A copy of the database as it is, damage and all, in the backups folder.

    Raises:
        StoreError: it cannot be made.
    """
    target = backup.folder(database) / f"unrepaired-{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.db"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(connect_to_examine(database)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE").fetchone()
    except OSError as error:
        what = f"The database cannot be copied before it is repaired ({error.strerror or error})."
        raise StoreError(what, hint="Nothing was changed.") from error
    except sqlite3.Error as error:
        raise explain(error, target) from error
    return target


def repair(database: Path, copies: Sequence[CourseCopy], examined: Examined) -> list[str]:
    """Make anew what can be of what was `examined`; returns in sentences what was done.

    `copies` are the courses whose files are at hand. Each step is one transaction. Copy the database first.

    Raises:
        StoreError: the database cannot be opened. A step that cannot be done is among the sentences.
    """
    with closing(connect_to_repair(database)) as connection:
        connection.text_factory = lenient
        work = _Repair(connection, copies)
        work.schema(examined)
        if examined.cards or examined.differ or examined.damaged.keys() & {"course", "source_file"}:
            work.courses(examined)
            # Rows that came back or changed their place have a state to be made, too.
            examined = examine_file(database)
        work.states(examined)
        return work.done


class _Repair:
    def __init__(self, connection: sqlite3.Connection, copies: Sequence[CourseCopy]) -> None:
        self.done: list[str] = []
        self._connection, self._copies = connection, copies

    def _step(self, work: Callable[[], str]) -> None:
        """One transaction; `work` returns what was done, or "" for nothing."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            done = work()
            connection.execute("COMMIT")
        except (sqlite3.Error, StoreError, *NOT_IN_ROWS) as error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            done = f"Not done, and nothing of it was written: {error}"
        if done:
            self.done.append(done)

    def schema(self, examined: Examined) -> None:
        """The version, what is too much, what is missing, and indexes that do not fit their tables."""
        if examined.version:
            self._step(self._write_version)
        for name, kind in examined.foreign.items():
            self._step(lambda name=name, kind=kind: self._drop(kind, name))  # type: ignore[misc]
        for name, sql in examined.missing.items():
            self._step(lambda name=name, sql=sql: self._make_index(name, sql))  # type: ignore[misc]
        if examined.indexes:
            self._step(self._reindex)
        if "identity" in examined.damaged:
            self._step(self._write_identity)

    def _write_version(self) -> str:
        self._connection.execute("DELETE FROM alembic_version")
        self._connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
        return f"The schema's version is {HEAD} again."

    def _drop(self, kind: str, name: str) -> str:
        self._connection.execute(f"DROP {kind} {_quoted(name)}")
        return f"The {kind} {name} was removed."

    def _make_index(self, name: str, sql: str) -> str:
        self._connection.execute(f"DROP INDEX IF EXISTS {_quoted(name)}")
        self._connection.execute(sql)
        return f"The index {name} was rebuilt."

    def _reindex(self) -> str:
        self._connection.execute("REINDEX")
        return "All indexes were rebuilt."

    def _write_identity(self) -> str:
        rows = self._connection.execute("SELECT uid FROM identity WHERE id = 1").fetchall()
        uid = rows[0][0] if rows and _is_uid(rows[0][0]) else secrets.token_hex(16)
        self._connection.execute("DELETE FROM identity")
        self._connection.execute("INSERT INTO identity (id, uid, digest) VALUES (1, ?, ?)", (uid, identity_digest(uid)))
        return "The database's identity was written again."

    def courses(self, examined: Examined) -> None:
        """Give each damaged row of a card or course its place, then write all that the files say of it anew."""
        for copy in self._copies:
            self._step(lambda copy=copy: self._write_course(copy, examined))  # type: ignore[misc]
        self._step(self._remove_orphans)

    def _write_course(self, copy: CourseCopy, examined: Examined) -> str:
        for row_id in examined.damaged.get("course", ()):
            self._give_course_its_key(row_id, copy)
        found = self._connection.execute("SELECT id FROM course WHERE key = ?", (copy.key,)).fetchone()
        if found is None:
            return ""
        (course_no,) = found
        placed = sum(self._give_card_its_place(no, course_no, copy) for no in sorted(examined.cards))
        sync_course(
            self._connection,
            copy.key,
            title=copy.title,
            version=copy.version,
            files=copy.files,
            cards=copy.cards,
            anew=True,
        )
        put = f"; {placed} of them got their place back" if placed else ""
        return f"{len(copy.cards)} cards of {copy.title} were rebuilt from the course's files{put}."

    def _give_course_its_key(self, row_id: int, copy: CourseCopy) -> None:
        (digest,) = self._connection.execute("SELECT digest FROM course WHERE id = ?", (row_id,)).fetchone()
        if digest == course_digest(row_id, copy.key, copy.title, copy.version):
            self._connection.execute("UPDATE course SET key = ? WHERE id = ?", (copy.key, row_id))

    def _give_card_its_place(self, no: int, course_no: int, copy: CourseCopy) -> bool:
        """Find the card that a damaged row was, by the digest that covers its place, else by the id in its whole text.

        Only its course and key are put right here: by them all else is found and written anew.
        """
        card = self._card_of(no, course_no, copy)
        if card is None:
            return False
        place = self._connection.execute(_PLACE, (no,)).fetchone()
        if place == (course_no, card.key):
            return False
        # The course may have been opened meanwhile: then the card is there a second time, new.
        for (other,) in self._connection.execute(_UNUSED, (course_no, card.key, no)).fetchall():
            self._connection.execute("DELETE FROM card_text WHERE card_id = ?", (other,))
            self._connection.execute("DELETE FROM card WHERE id = ?", (other,))
        if place is None:
            self._connection.execute(_NEW_CARD, (no, course_no, card.key))
        else:
            self._connection.execute("UPDATE card SET course_id = ?, key = ? WHERE id = ?", (course_no, card.key, no))
        return True

    def _card_of(self, no: int, course_no: int, copy: CourseCopy) -> CompiledCard | None:
        row = self._connection.execute(
            "SELECT digest, sha256, CAST(payload AS BLOB) FROM card_text WHERE card_id = ?", (no,)
        ).fetchone()
        if row is None:
            return None
        digest, sha256, payload = row
        for card in copy.cards:
            if digest == card_digest(no, course_no, card):
                return card
        key = _id_in(payload, sha256)
        return next((card for card in copy.cards if card.key == key), None) if key else None

    def _remove_orphans(self) -> str:
        orphans = "card_id NOT IN (SELECT id FROM card)"
        (reviewed,) = self._connection.execute(f"SELECT count(*) FROM review WHERE {orphans}").fetchone()
        if reviewed:
            return ""
        removed = self._connection.execute(f"DELETE FROM card_text WHERE {orphans}").rowcount
        return f"{removed} texts of cards that are not there were removed." if removed else ""

    def states(self, examined: Examined) -> None:
        """Make states follow from the log, where it proves them, and count siblings."""
        if examined.states:
            self._step(lambda: self._write_states(examined))
        for course_no in sorted(examined.siblings):
            self._step(lambda course_no=course_no: self._mark_siblings(course_no))  # type: ignore[misc]

    def _write_states(self, examined: Examined) -> str:
        self._connection.executemany(
            SET_STATE, ((*state_values(state), last, no) for no, (state, last) in examined.states.items())
        )
        count = len(examined.states)
        return f"The state of {count} card{'s' * (count > 1)} was rebuilt from the log."

    def _mark_siblings(self, course_no: int) -> str:
        count = mark_siblings(self._connection, course_no)
        return f"{count} card{'s' * (count > 1)} know of their siblings again." if count else ""


def _id_in(payload: bytes, sha256: str) -> str:
    """The id in a text that is whole; "" if it is not, or has none."""
    with suppress(ValueError, TypeError, AttributeError):
        text = payload.decode()
        if text_sha256(text) == sha256:
            return str(json.loads(text).get("id", ""))
    return ""


def _is_uid(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 32 and all(digit in "0123456789abcdef" for digit in value)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
