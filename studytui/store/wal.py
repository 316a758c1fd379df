"""Whose is the write-ahead log beside a database? SQLite goes by its name alone and would apply it to any file.

Two free numbers of the header tell. `user_version` is the *mark* of a state: a random number, new with the first write
after each checkpoint. `application_id` is the mark that the file itself had when the log was begun. Both stand on page
1, which that first write puts into the log; a checkpoint writes page 1 before all others. So a log belongs to a file if
and only if the mark in the file is one of those in the log, whenever the process that wrote them was killed.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from studytui.errors import Replaced
from studytui.files import is_special, open_regular, without_waiting
from studytui.store import records
from studytui.store.records import LOG_COLUMNS

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
            # A checkpoint that a reader held up leaves a page 1 that counts pages which are in the log alone: SQLite
            # takes the file by itself for damaged then, unless the schema may be written.
            connection.execute("PRAGMA writable_schema = ON")
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


# Files that a killed process left half-made: copies in the making carry its number in their names


BACKUPS: Final = "backups"
"""The folder of the backups, beside a database's name."""
STALE_SECONDS: Final = 86_400
_PARTIAL: Final = r"(?:\.(?P<pid>\d+))?\.[^.]+\.partial(?:-journal|-wal|-shm)?$|\.restoring$"


def remove_left_overs(folder: Path) -> None:
    """Remove from a folder what no living process is making."""
    for path in left_overs(folder):
        with suppress(OSError):
            path.unlink()


def left_overs(folder: Path) -> Iterator[Path]:
    """The half-made copies in a folder whose makers are gone; where that cannot be told, those older than a day."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # Each start comes by here, and hardly any meets such a file: the pattern is compiled for those alone.
            is_likely = ".partial" in entry.name or ".restoring" in entry.name
            match = re.search(_PARTIAL, entry.name) if is_likely else None
            if match is not None and (_is_gone(match["pid"]) or _is_old(entry)):
                yield Path(entry.path)


def _is_gone(pid: str | None) -> bool:
    if pid is None or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _is_old(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        return entry.stat().st_mtime < time.time() - STALE_SECONDS
    return False


# The answers since the last backup, once more as text: `study.answers.jsonl`, a line for each row of the log


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
        row: the values of `records.LOG_COLUMNS`; card_id and undoes are numbers of the database it comes from.
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


# Is the file of this name still the one that was opened? Asked before each write, at the price of microseconds


Place: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of anything, in nanoseconds."""

_HEAD: Final = (
    "SELECT i.uid, r.id, r.review_uid FROM identity i LEFT JOIN review r ON r.id = (SELECT max(id) FROM review)"
    " WHERE i.id = 1"
)
_IS_KNOWN: Final = "SELECT 1 FROM review WHERE review_uid = ?"


class Moved(Exception):
    """The name leads to the same content in another file, or the log lost its name: open anew, and nothing is lost.

    `log_is_gone`: what the log held has to go into the file before.
    """

    def __init__(self, *, log_is_gone: bool) -> None:
        super().__init__()
        self.log_is_gone = log_is_gone


class Watch:
    """What is known of the file that a connection has open. `newest` is the log's last row, id and review_uid."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Raises sqlite3.Error, and Replaced if the file went away meanwhile."""
        self.path = path
        self._name = str(path)
        self._log_name = str(log_of(path))
        self.uid, *newest = connection.execute(_HEAD).fetchone()
        self.newest: tuple[int, str] | None = None if newest[0] is None else (newest[0], newest[1])
        self._mark = mark_of(path)
        self._place = _place(self._name)
        self._log_place = _log_place(self._log_name)
        self._own_mark: int | None = None
        self.marked = False
        """Whether this connection has marked the log since the last checkpoint."""

    def look(self) -> None:
        """Is the file the same, from outside?

        Raises:
            Replaced: it is not, or there is none.
            Moved: its content is the same in another place, or the log is gone.
        """
        place = _place(self._name)
        log_place = _log_place(self._log_name)
        if place != self._place:
            self._look_closer(place, log_place)
        if log_place != self._log_place:
            if log_place is not None:
                raise _replaced(self.path, "another program replaced its log")
            raise Moved(log_is_gone=True)

    def before_write(self, connection: sqlite3.Connection) -> None:
        """Within a transaction that holds the write lock: is the file the same, and does the log go on from here?

        Raises:
            Replaced, Moved: as `look`.
            sqlite3.Error: the database refuses.
        """
        self.look()
        row = connection.execute(_HEAD).fetchone()
        if row is None or row[0] != self.uid:
            raise _replaced(self.path, "it holds another database")
        if self.newest is not None and row[1:] != self.newest:
            self._follow(connection, row[1])
        self.newest = None if row[1] is None else row[1:]
        if not self.marked:
            self._own_mark = mark(connection, self._mark or 0)
            self.marked = True

    def after_checkpoint(self) -> None:
        """A checkpoint of ours changed the file; the next write begins a log anew."""
        self._place, self._mark, self.marked = _place(self._name), mark_of(self.path), False

    @property
    def is_unmarked(self) -> bool:
        """Whether no mark was ever put into the file."""
        return not self._mark

    def is_same_file(self) -> bool:
        """Whether the name still leads to the file that was opened, whatever was written over it."""
        try:
            return _place(self._name)[:2] == self._place[:2]
        except Replaced:
            return False

    def own_log(self) -> Path | None:
        """The log that the connection writes, if it still has its name."""
        same = self._log_place is not None and _log_place(self._log_name) == self._log_place
        return Path(self._log_name) if same else None

    def _look_closer(self, place: Place, log_place: tuple[int, int] | None) -> None:
        """Only a checkpoint changes the file; after one of another window its mark stands in our common log."""
        mark = mark_of(self.path)
        if mark is None or (mark not in (self._mark, self._own_mark) and not is_in_log(self.path, mark)):
            raise _replaced(self.path, "another program wrote another file in its place")
        if place[:2] != self._place[:2] and log_place == self._log_place:
            raise Moved(log_is_gone=False)
        if place[:2] != self._place[:2]:
            raise _replaced(self.path, "another program moved it away from its log")
        if place[2] < self._place[2]:
            raise _replaced(self.path, "another program cut it short")
        self._place, self._mark, self.marked = place, mark, False

    def _follow(self, connection: sqlite3.Connection, top: int | None) -> None:
        """Another window added rows, or put those of another machine in between; ours must still be there."""
        assert self.newest is not None
        known, uid = self.newest
        if top is not None and connection.execute(records.UID_OF, (known,)).fetchone() == (uid,):
            return
        if connection.execute(_IS_KNOWN, (uid,)).fetchone() is None:
            raise _replaced(self.path, "it lacks answers that were saved")


def _place(name: str) -> Place:
    try:
        found = os.stat(name)  # noqa: PTH116  a Path costs as much as the call
    except OSError as error:
        raise _replaced(name, "another program removed it") from error
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _log_place(name: str) -> tuple[int, int] | None:
    try:
        found = os.stat(name)  # noqa: PTH116  a Path costs as much as the call
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _replaced(path: Path | str, how: str) -> Replaced:
    return Replaced(
        f"{path} is no longer the file that studytui opened: {how}. Nothing was written into it.",
        hint="Your answers are safe in this window.",
    )
