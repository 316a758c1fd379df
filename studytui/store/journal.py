"""The answers since the last backup, once more as text: `study.answers.jsonl`, a line for each row of the log.

The database alone is durable. This is for the day on which another file stands in its place: together with the newest
backup it gives back all that this machine's database held, whatever was done to `study.db` and its log. A line holds
all that the answer needs in any database: the keys of course and card, the row, and the card with its text. It is
written right after the commit, and begun anew by each daily backup.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from studytui.files import open_regular, without_waiting
from studytui.store.statements import LOG_COLUMNS

CARD_COLUMNS: Final = ("chapter", "section", "kind", "sibling_group", "position")
TEXT_COLUMNS: Final = ("path", "line", "sha256", "payload")
_LINES: Final = (
    "SELECT r.id, r.review_uid, r.study_day, json_array(?, k.key, k.title, k.version, c.key, u.review_uid,"
    f" json_array({', '.join(f'r.{column}' for column in LOG_COLUMNS)}), r.digest,"
    f" json_array({', '.join(f'c.{column}' for column in CARD_COLUMNS)},"
    f" {', '.join(f't.{column}' for column in TEXT_COLUMNS)}))"
    " FROM {schema}review r JOIN {schema}card c ON c.id = r.card_id JOIN {schema}course k ON k.id = c.course_id"
    " LEFT JOIN {schema}card_text t ON t.card_id = c.id LEFT JOIN {schema}review u ON u.id = r.undoes"
)
ADDED: Final = f"{_LINES.format(schema='')} WHERE r.id > ? ORDER BY r.id"
"""id, review_uid, study_day and line of the rows after an id; the line's `after` is the first parameter."""

_BEFORE: Final = "(SELECT p.review_uid FROM other.review p WHERE p.id < r.id ORDER BY p.id DESC LIMIT 1)"
_KNOWN: Final = "SELECT 1 FROM main.review m WHERE m.review_uid = r.review_uid"
MISSING: Final = f"{_LINES.format(schema='other.').replace('?', _BEFORE, 1)} WHERE NOT EXISTS ({_KNOWN}) ORDER BY r.id"
"""The same of the rows that the attached database `other` has and this one lacks, oldest first."""

_TAIL: Final = 1 << 15
"""Bytes at the end of the journal in which its last line is looked for first."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A row of the log with all that it needs in any database.

    Attributes:
        after: the review_uid of the row before it in the log it comes from, None for the first.
        course: key, title and version.
        card: the author's id of the card.
        undoes: the review_uid of the row it takes back, or None.
        row: the values of `statements.LOG_COLUMNS`; card_id and undoes are numbers of the database it comes from.
        digest: the digest of the row there, '' if there was none.
        about: the values of `CARD_COLUMNS` and `TEXT_COLUMNS`.
    """

    after: str | None
    course: tuple[str, str, str]
    card: str
    undoes: str | None
    row: tuple[Any, ...]
    digest: str
    about: tuple[Any, ...]

    @property
    def uid(self) -> str:
        return str(self.row[0])


def path_of(database: Path) -> Path:
    """The journal of a database: beside its name, also where that is a link, for it is this machine's alone."""
    return database.with_name(f"{database.stem}.answers.jsonl")


def append(journal: str, lines: Iterable[str]) -> None:
    """Note rows that were committed. A disk that refuses is none of an answer's business: it is in the database."""
    # Opened each time: a window that makes a backup begins the file anew. The line end stands in front, so that a line
    # that a crash cut short spoils no other.
    text = "\n" + "\n".join(lines)
    try:
        handle = without_waiting(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)
    except OSError:
        return


def parse(text: str | bytes) -> LogLine:
    """Raises ValueError if the text is no line of a journal."""
    match json.loads(text):
        case [after, str(key), str(title), str(version), str(card), undoes, list(row), str(digest), list(about)]:
            if len(row) == len(LOG_COLUMNS) and len(about) == len(CARD_COLUMNS) + len(TEXT_COLUMNS):
                return LogLine(after, (key, title, version), card, undoes, tuple(row), digest, tuple(about))
    raise ValueError("no line of a journal")


def read(database: Path) -> list[LogLine]:
    """The rows in the journal, oldest first; what is no line is passed over."""
    return _lines(_bytes(path_of(database)))


def last_uid(database: Path) -> str | None:
    """The review_uid of the newest row in the journal, None if it is empty."""
    for last in (_TAIL, None):
        content = _bytes(path_of(database), last)
        for line in reversed(content.split(b"\n")):
            if uid := _uid(line):
                return uid
        if last is not None and len(content) < last:
            return None
    return None


def forget(database: Path) -> None:
    """Begin anew: a copy holds all of it."""
    with suppress(OSError):
        path_of(database).unlink(missing_ok=True)


def begin_anew(database: Path, copy: Path) -> None:
    """Drop what a new backup holds but its newest row; rows that were committed while it was made stay.

    From that one row the next opening sees whether the database is still the one that the backup was made from.

    Raises:
        sqlite3.Error: the copy cannot be read.
    """
    path = path_of(database)
    old = path.with_name(f"{path.name}.old")
    with suppress(OSError):
        path.replace(old)
    reading = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (newest,) = reading.execute("SELECT max(id) FROM review").fetchone()
        kept = [line for *_, line in reading.execute(ADDED, (None, (newest or 0) - 1))]
        lines = _bytes(old).split(b"\n")
        kept += [line.decode() for line in lines if (uid := _uid(line)) and not _holds(reading, uid)]
    finally:
        reading.close()
    if kept:
        append(str(path), kept)
    old.unlink(missing_ok=True)


def _holds(connection: sqlite3.Connection, uid: str) -> bool:
    return connection.execute("SELECT 1 FROM review WHERE review_uid = ?", (uid,)).fetchone() is not None


def _uid(line: bytes) -> str:
    try:
        return parse(line).uid
    except ValueError:
        return ""


def _lines(content: bytes) -> list[LogLine]:
    found = []
    for line in content.split(b"\n"):
        with suppress(ValueError):
            found.append(parse(line))
    return found


def _bytes(path: Path, last: int | None = None) -> bytes:
    try:
        with open_regular(path) as file:
            if last is not None:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - last))
            return file.read()
    except OSError:
        return b""
