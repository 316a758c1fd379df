"""Whose is the write-ahead log beside a database? SQLite goes by its name alone and would apply it to any file.

Two free numbers of the header tell. `user_version` is the *mark* of a state: a random number, new with the first write
after each checkpoint. `application_id` is the mark that the file itself had when the log was begun. Both stand on page
1, which that first write puts into the log; a checkpoint writes page 1 before all others. So a log belongs to a file if
and only if the mark in the file is one of those in the log, whenever the process that wrote them was killed.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from studytui.files import is_special, open_regular

_HEADER: Final = struct.Struct(">8I")
"""Magic number, format, page size, checkpoint number, two salts, two checksums."""
_FRAME: Final = struct.Struct(">6I")
"""Page number, pages after a commit, two salts, two checksums; the page follows."""
_MAGIC: Final = (0x377F0682, 0x377F0683)
_MARKS: Final = struct.Struct(">i4xi")
"""user_version and application_id, at byte 60 of page 1."""
_MARKS_AT: Final = 60


def log_of(database: Path) -> Path:
    """The name of a database's write-ahead log: beside the file itself, wherever a link leads."""
    return Path(f"{os.path.realpath(database)}-wal")


def index_of(database: Path) -> Path:
    """The name of the log's index. What it says would be believed of the next log of this name."""
    return Path(f"{os.path.realpath(database)}-shm")


def special_file(database: Path) -> Path | None:
    """The folder, pipe or device in the place of a database or of a file beside it; SQLite would wait on the latter."""
    real = os.path.realpath(database)
    return next((Path(name) for ending in ("", "-wal", "-shm", "-journal") if is_special(name := real + ending)), None)


def mark_of(database: Path) -> int | None:
    """The mark in the file itself, whatever its log says; None if it is no database.

    It goes through SQLite, which may have the file open: closing any other handle would drop SQLite's locks on it.
    """
    try:
        with closing(
            sqlite3.connect(f"{Path(os.path.realpath(database)).as_uri()}?mode=ro&immutable=1", uri=True)
        ) as connection:
            (mark,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return None
    return int(mark)


def belongs(database: Path) -> bool:
    """Whether the log beside a database, if there is one, may be applied to it.

    A log without a mark was written by an earlier version, or by another program on purpose; it is taken as it was.
    """
    log = log_of(database)
    marks = _marks_in(log)
    first = next(marks, None)
    if first is None:
        return True
    mark = mark_of(database)
    return mark is not None and (mark in first or any(mark in others for others in marks))


def mark(connection: sqlite3.Connection, begun_on: int) -> int:
    """Within a transaction: put in a new mark, which is returned, and that of the file on which the log was begun.

    Raises:
        sqlite3.Error: the database refuses.
    """
    connection.execute(f"PRAGMA application_id = {begun_on}")
    new = int.from_bytes(os.urandom(4), "big") % 0x7FFFFFFF + 1
    connection.execute(f"PRAGMA user_version = {new}")
    return new


def is_in_log(database: Path, mark: int) -> bool:
    """Whether the log beside a database leads to, or from, a state with this mark."""
    return any(mark in marks for marks in _marks_in(log_of(database)))


def left_over(database: Path) -> Path | None:
    """A log that SQLite would apply to the database although it belongs to another file; None if there is none.

    Where there is no database, or an empty one, no log belongs to it. A rollback journal beside a database of ours is
    another file's too: in write-ahead mode there is none.
    """
    real = os.path.realpath(database)
    log, journal = log_of(database), Path(f"{real}-journal")
    if _size(log) and not (_size(Path(real)) and belongs(database)):
        return log
    return journal if _size(journal) and mark_of(database) else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _marks_in(log: Path) -> Iterator[tuple[int, int]]:
    """The marks of each page 1 in a log, oldest first; what is left of an earlier log in the file does not count."""
    try:
        file = open_regular(log)
    except OSError:
        return
    with file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        magic, _, page_size, _, *salts = _HEADER.unpack(header)[:6]
        if magic not in _MAGIC or not page_size:
            return
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            page_no, _, *frame_salts = _FRAME.unpack(frame)[:4]
            if frame_salts != salts:
                return
            if page_no != 1:
                file.seek(page_size, os.SEEK_CUR)
                continue
            page = file.read(page_size)
            if len(page) < page_size:
                return
            yield _MARKS.unpack_from(page, _MARKS_AT)
