"""Other databases beside the database, as programs leave them that keep a folder the same on several machines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from studytui.store.connection import connect_to_read
from studytui.store.errors import StoreError
from studytui.store.findings import Finding

_HEADER: Final = b"SQLite format 3\0"


def conflicted_copies(database: Path) -> Iterator[Finding]:
    """A warning for each: what is in it that is not in the database, and what to do."""
    for path in _others(database):
        missing = _answers_only_in(path, database)
        what = f"{path.name} lies beside {database.name}: a program that keeps folders the same found two versions."
        if missing is None:
            way_out = "It cannot be read. Look for the machine it came from; then remove it."
        elif missing:
            what += f" It has {missing} row{'s' * (missing > 1)} of the log that {database.name} has not."
            way_out = f'`studytui merge "{path}"` adds them; then remove it.'
        else:
            way_out = f"All that was answered in it is in {database.name} too: remove it."
        yield Finding("warning", what, f"{way_out} Let such programs carry the backups, not {database.name}.")


def _others(database: Path) -> list[Path]:
    """Databases in the folder that are called after this one or after a conflict; what is no database is none."""
    try:
        return sorted(path for path in database.parent.iterdir() if _is_other(path, database))
    except OSError:
        return []


def _is_other(path: Path, database: Path) -> bool:
    name = path.name.casefold()
    if path.name == database.name or name.endswith((".partial", ".restoring", "-wal", "-shm", "-journal")):
        return False
    if not (name.startswith(database.stem.casefold()) or "conflict" in name) or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def _answers_only_in(path: Path, database: Path) -> int | None:
    """Rows of the log that are in one file and not in the other; None if either cannot be read."""
    try:
        with closing(connect_to_read(path, at_rest=True)) as there, closing(connect_to_read(database)) as here:
            known = {uid for (uid,) in here.execute("SELECT review_uid FROM review")}
            return sum(uid not in known for (uid,) in there.execute("SELECT review_uid FROM review"))
    except (StoreError, sqlite3.Error, ValueError):
        return None
