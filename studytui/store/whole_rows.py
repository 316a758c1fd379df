"""Which backup still has rows of the log as they were written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from studytui.store.backup import folder
from studytui.store.connection import connect_to_read
from studytui.store.digests import seal
from studytui.store.errors import StoreError
from studytui.store.statements import LOG_COLUMNS

MOST_ROWS: Final = 1000
"""So many rows are looked for; where more are damaged, any backup that has these is a good one."""
_ROW: Final = f"SELECT {', '.join(LOG_COLUMNS)}, digest FROM review WHERE id = ?"


def newest_backup_with(database: Path, wanted: Sequence[tuple[int, Any, Any]]) -> Path | None:
    """The newest backup that has all of these rows (id, uid and digest of each) whole, or None."""
    try:
        copies = sorted(folder(database).glob("*.db"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    except OSError:
        return None
    return next((copy for copy in copies if _has(copy, wanted[:MOST_ROWS])), None)


def _has(copy: Path, wanted: Sequence[tuple[int, Any, Any]]) -> bool:
    try:
        with closing(connect_to_read(copy, at_rest=True)) as connection:
            return all(_is_whole(connection, *row) for row in wanted)
    except (StoreError, sqlite3.Error, ValueError, TypeError):
        return False


def _is_whole(connection: sqlite3.Connection, row_id: int, uid: Any, digest: Any) -> bool:
    """True if the copy's row of this id is whole and the same answer: here, its uid or its digest is as it was."""
    row = connection.execute(_ROW, (row_id,)).fetchone()
    return row is not None and seal(row[:-1]) == row[-1] and (row[0] == uid or row[-1] == digest)
