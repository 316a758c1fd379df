"""Naming the row that made reading fail. Imported only then."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from studytui.store.table_rows import TABLES, faults, rows


class _Unreadable(Exception):
    """Rows that cannot be read at all."""


def first_damage(path: Path | str) -> str:
    """A sentence on the first row that holds what does not belong there, or on the file's pages; "" if all is well.

    It reads the small tables first and may take seconds where a long log has to be read.
    """
    if not isinstance(path, Path):
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            for table in TABLES:
                if sentence := _first_in(connection, table):
                    return sentence
            # A value may have been read from an index, whose rows are copies.
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            return "" if verdict == "ok" else f"{path} is damaged: {verdict}."
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return f"{path} is damaged ({error})."


def _first_in(connection: sqlite3.Connection, table: str) -> str:
    def lost(first: int, last: int | None, reason: str) -> None:
        which = f"Row {first}" if first == last else f"Rows from {first} on"
        raise _Unreadable(f"{which} of {table} cannot be read ({reason}).")

    try:
        for row in rows(connection, table, lost):
            if fault := next(faults(table, row[1:]), ""):
                return f"Row {row[0]} of {table} is damaged: {fault}."
    except _Unreadable as found:
        return str(found)
    return ""
