"""The learner's small states: where reading was left, drafts, results of free recall, modules, consents.

A row each, by scope and name, so that two windows never overwrite each other's. A value is JSON; what it means is known
to the service that wrote it, whose reader makes it out and raises one of `UNREADABLE` if it cannot.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from studytui.errors import NewerVersion, Unreadable
from studytui.files import read_at_most, write_atomically
from studytui.store.connection import connect, connect_to_read, translated
from studytui.store.records import state_digest
from studytui.store.schema import bring_up_to_date

UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
SET_ASIDE: Final = "unreadable/"
"""What stands before the scope of a row that was set aside."""
IMPORTED: Final = "imported"
"""The scope of what was taken in from files: the hash of each by its name."""

# As bytes: a flipped bit may have left text that is no UTF-8, and that is no reason to end every other row's reading.
_GET: Final = "SELECT CAST(value AS BLOB), CAST(changed_at AS BLOB) FROM learner_state WHERE scope = ? AND name = ?"
_LIST: Final = "SELECT CAST(name AS BLOB), CAST(value AS BLOB) FROM learner_state WHERE scope = ? ORDER BY name"
_EVERYTHING: Final = (
    "SELECT CAST(scope AS BLOB), CAST(name AS BLOB), CAST(value AS BLOB), CAST(changed_at AS BLOB) FROM learner_state"
)
_PUT: Final = "INSERT OR REPLACE INTO learner_state (scope, name, value, changed_at, digest) VALUES (?, ?, ?, ?, ?)"

Read = TypeVar("Read")


class State(NamedTuple):
    """A small state: whose it is, its name there, and anything JSON can hold."""

    scope: str
    name: str
    value: Any


def get(connection: sqlite3.Connection, scope: str, name: str, read: Callable[[Any], Read]) -> Read | None:
    """What `read` makes of the value, or None if there is none.

    Raises:
        ValueError: it cannot be read.
        sqlite3.Error: the database refuses.
    """
    row = connection.execute(_GET, (scope, name)).fetchone()
    if row is None:
        return None
    try:
        return read(json.loads(row[0].decode()))
    except UNREADABLE as error:
        raise ValueError(f"{scope} {name} cannot be read") from error


def all_of(connection: sqlite3.Connection, scope: str, read: Callable[[Any], Read]) -> dict[str, Read]:
    """What `read` makes of the values of a scope, by name; those that cannot be read are left out.

    Raises:
        sqlite3.Error: the database refuses.
    """
    found = {}
    for name, value in connection.execute(_LIST, (scope,)):
        try:
            found[name.decode()] = read(json.loads(value.decode()))
        except UNREADABLE:
            continue
    return found


def put(connection: sqlite3.Connection, state: State, changed_at: str) -> None:
    """Write a row, in the transaction of the caller; `changed_at` is UTC as `rows.moment` writes it.

    Raises:
        sqlite3.Error: the database refuses.
    """
    scope, name, value = state
    text = json.dumps(value, separators=(",", ":"))
    connection.execute(_PUT, (scope, name, text, changed_at, state_digest(scope, name, text, changed_at)))


def delete(connection: sqlite3.Connection, scope: str, name: str) -> None:
    """Take a row away, if it is there, in the transaction of the caller. Raises sqlite3.Error."""
    connection.execute("DELETE FROM learner_state WHERE scope = ? AND name = ?", (scope, name))


def set_aside(connection: sqlite3.Connection, scope: str, name: str) -> None:
    """Keep a value that cannot be read where no other overwrites it, as text. Raises sqlite3.Error."""
    row = connection.execute(_GET, (scope, name)).fetchone()
    if row is not None:
        value, changed_at = (column.decode(errors="backslashreplace") for column in row)
        put(connection, State(SET_ASIDE + scope, f"{name} {changed_at}", value), changed_at)
        delete(connection, scope, name)


def carry_over(source: Path, target: Path) -> None:
    """Write the small states of one database into another from before there were any, which is brought up to date.

    Raises:
        StoreError: a file cannot be read or written; but of a damaged source nothing is carried over.
    """
    with closing(connect_to_read(target)) as connection, translated(target):
        if _has_table(connection):
            return
    rows = []
    with suppress(Unreadable, NewerVersion), closing(connect_to_read(source)) as connection, translated(source):
        rows = connection.execute(_EVERYTHING).fetchall() if _has_table(connection) else []
    if not rows:
        return
    bring_up_to_date(target)
    with closing(connect(target)) as connection, translated(target):
        connection.execute("BEGIN IMMEDIATE")
        for scope, name, value, changed_at in rows:
            try:
                state = State(scope.decode(), name.decode(), json.loads(value.decode()))
                put(connection, state, changed_at.decode())
            except UNREADABLE:
                continue
        connection.execute("COMMIT")
        # A log beside a file that is about to be renamed would stay behind.
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


def import_once(
    connection: sqlite3.Connection, file: str, sha256: str, states: Iterable[State], changed_at: str
) -> None:
    """Write what a file holds and what is not there yet, unless it was taken in before. Raises sqlite3.Error."""
    mark = State(IMPORTED, file, sha256)
    known = connection.execute(_GET, (mark.scope, mark.name)).fetchone()
    if known is not None and known[0] == json.dumps(sha256).encode():
        return
    for state in states:
        if connection.execute(_GET, (state.scope, state.name)).fetchone() is None:
            put(connection, state, changed_at)
    put(connection, mark, changed_at)


def _has_table(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'learner_state'").fetchone()
    return row is not None


# The learner's own cards and notes inside a backup: put there when it is made, written out when it is restored


LARGEST_BYTES: Final = 200_000_000

# Names without separators, drives, controls and halves of characters: the same file on every system, and never outside.
_NAME: Final = r"[^/\\:\x00-\x1f\x7f-\x9f\ud800-\udfff]"
_COURSE: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_PATH: Final = re.compile(rf"{_COURSE.pattern}/(?:cards/{_NAME}+\.toml|overrides\.toml|notes/{_NAME}+\.md)")


class OwnFile(NamedTuple):
    """A file by its path below the folder of own files, with `/`."""

    path: str
    sha256: str
    content: bytes


class Brought(NamedTuple):
    """What a backup brings: files, the paths of damaged ones, and whether it is from before backups had any."""

    files: tuple[OwnFile, ...] = ()
    damaged: tuple[str, ...] = ()
    is_older: bool = False

    def sentences(self) -> Iterator[str]:
        """What to tell the learner once all is written."""
        if self.is_older:
            yield "It is from before drafts and own files were in backups: yours are as they were."
        elif self.files:
            count = len(self.files)
            yield f"{count} file{'s' * (count > 1)} of your own cards and notes came back with it."
        else:
            yield "It holds no cards and notes of your own; those that are here are as they were."
        for path in self.damaged:
            yield f"Your {path} is damaged in it and is here as it was."


def pack(copy: Path, folder: Path) -> list[str]:
    """Put the files below `folder` into a copy of the database; returns which cannot be read, and why.

    A copy of a schema without a table for them carries none.

    Raises:
        StoreError: the copy cannot be written.
    """
    problems: list[str] = []
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection, translated(copy):
        if not _has_own_files(connection):
            return []
        connection.execute("BEGIN")
        connection.execute("DELETE FROM own_file")
        connection.executemany("INSERT INTO own_file (path, sha256, content) VALUES (?, ?, ?)", _read(folder, problems))
        connection.execute("COMMIT")
    return problems


def take_out(fresh: Path) -> Brought:
    """Take the files out of a backup that becomes the database, since that holds none.

    Raises:
        Unreadable: it names a file that is none of the learner's own.
        StoreError: it cannot be read or written.
    """
    found, damaged = [], []
    with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as connection, translated(fresh):
        if not _has_own_files(connection):
            return Brought(is_older=True)
        for file in _rows(connection):
            if not _PATH.fullmatch(file.path):
                raise Unreadable(
                    f"The backup names “{file.path}”, which is no file of your own cards or notes.",
                    hint="studytui makes no such backup; nothing was changed.",
                )
            if isinstance(file.content, bytes) and _hash(file.content) == file.sha256:
                found.append(file)
            else:
                damaged.append(file.path)
        connection.execute("DELETE FROM own_file")
    return Brought(tuple(found), tuple(damaged))


@contextlib.contextmanager
def written(
    brought: Brought, folder: Path, *, kept: Path | None, aside: Path, say: Callable[[str], None]
) -> Iterator[None]:
    """Write the files below `folder`; if the block raises, put back what was there. Links are followed and stay.

    What is overwritten is copied below `aside` first, unless `kept`, the backup of what was there, holds it. `say` is
    told in sentences what was done.

    Raises:
        OSError: a file cannot be read or written; all are as they were.
        StoreError: `kept` cannot be read.
    """
    held = _hashes(kept)
    before: list[tuple[Path, bytes | None]] = []
    try:
        for path, sha256, content in brought.files:
            target = folder / path
            present = _content(target)
            if present is not None and _hash(present) == sha256:
                continue
            if present is not None and _hash(present) != held.get(path):
                write_atomically(aside / path, present)
            before.append((target, present))
            write_atomically(target, content)
        yield
    except BaseException:
        for target, present in reversed(before):
            with contextlib.suppress(OSError):
                if present is None:
                    Path(os.path.realpath(target)).unlink(missing_ok=True)
                else:
                    write_atomically(target, present)
        raise
    for sentence in brought.sentences():
        say(sentence)
    if aside.exists():
        say(f"Files of your own that were overwritten are kept in {aside}.")


def _hashes(kept: Path | None) -> dict[str, str]:
    """The hashes of the files in a backup, by path; none if it cannot be read."""
    if kept is None:
        return {}
    with contextlib.suppress(Unreadable, NewerVersion), contextlib.closing(connect_to_read(kept)) as connection:
        if _has_own_files(connection):
            return {file.path: _hash(file.content) for file in _rows(connection) if isinstance(file.content, bytes)}
    return {}


def _has_own_files(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'own_file'").fetchone()
    return row is not None


def _read(folder: Path, problems: list[str]) -> Iterator[OwnFile]:
    """The files one after the other, so that not all are in memory at once."""
    for path in _files(folder, problems):
        name = path.relative_to(folder).as_posix()
        if not _PATH.fullmatch(name):
            problems.append(f"{path} (not every system takes its name)")
            continue
        try:
            content = read_at_most(path, LARGEST_BYTES)
        except FileNotFoundError:
            continue
        except OSError as error:
            problems.append(f"{path} ({error.strerror or error})")
            continue
        yield OwnFile(name, _hash(content), content)


def _files(folder: Path, problems: list[str]) -> Iterator[Path]:
    """The files of every course, in order; a folder that cannot be listed is a problem."""
    for course in _children(folder, problems):
        for path in _children(course, problems) if _COURSE.fullmatch(course.name) else ():
            if path.name == "overrides.toml":
                yield path
            elif path.name in ("cards", "notes"):
                ending = ".toml" if path.name == "cards" else ".md"
                yield from (child for child in _children(path, problems) if child.name.endswith(ending))


def _children(folder: Path, problems: list[str]) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problems.append(f"{folder} ({error.strerror or error})")
        return []


def _rows(connection: sqlite3.Connection) -> Iterator[OwnFile]:
    for path, sha256, content in connection.execute(
        "SELECT CAST(path AS BLOB), CAST(sha256 AS BLOB), content FROM own_file ORDER BY path"
    ):
        yield OwnFile(path.decode(errors="replace"), sha256.decode(errors="replace"), content)


def _content(path: Path) -> bytes | None:
    """What stands in the file; None if there is none."""
    try:
        return read_at_most(path, LARGEST_BYTES)
    except FileNotFoundError:
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
