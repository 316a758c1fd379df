"""Examining the database: is everything in it as it was written, and does every card's state follow from the log?

Each row has a digest (`digests`), but for a card's state: that is proven by replaying its log (`log_proof`). What is
damaged does not end the examination: all that can still be read is looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from studytui.domain.sm2 import MAXIMUM_INTERVAL_DAYS, add_days
from studytui.store import schema
from studytui.store.conflicts import conflicted_copies
from studytui.store.connection import FIRST, HEAD, NOT_IN_ROWS, connect_to_examine, explain, require_known, version
from studytui.store.digests import CARD_DIGEST_OF, seal, text_sha256
from studytui.store.errors import Damaged, StoreError
from studytui.store.findings import BRING_BACK, MOST_OF_A_KIND, REPAIR, Finding, Findings, Level
from studytui.store.log_proof import LogProof, Progress, Track, key_of
from studytui.store.records import CardState, day_text
from studytui.store.rows import card_state
from studytui.store.store import Store
from studytui.store.sync import WRONG_ABOUT_SIBLINGS
from studytui.store.table_rows import Row, faults, rows
from studytui.store.whole_rows import newest_backup_with

__all__ = ["Examined", "Finding", "Progress", "examine", "examine_file"]

_SEALED: Final = {"identity": 3, "course": 5, "source_file": 6, "learner_state": 5}
"""Tables whose rows end with a digest of the values before it, by the number of their columns."""
_WAYS_OUT: Final = {
    "identity": REPAIR.format("the database gets a new one"),
    "course": REPAIR.format("it is written anew from the course's files"),
    "source_file": REPAIR.format("the course's files are read anew"),
    "card": REPAIR.format("it is made anew from the course's files and the log"),
    "card_text": REPAIR.format("it is made anew from the course's files"),
}
"""Of which table a damaged row can be made anew, and how; a backup brings back any other."""
_STATE: Final = REPAIR.format("it is made anew from the log")
_INDEXES: Final = REPAIR.format("indexes are made anew")
_ABOUT_INDEXES: Final = ("missing from index", "wrong # of entries in index", "non-unique entry in index")
_FILE_FAULTS: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SEALED_CARD: Final = f"SELECT {CARD_DIGEST_OF} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = ?"
_WITHOUT_TEXT: Final = (
    "SELECT c.id, c.key FROM card c WHERE NOT EXISTS (SELECT 1 FROM card_text t WHERE t.card_id = c.id) ORDER BY c.id"
)
_HAS_VERSION: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
_ARCHIVED: Final = "SELECT count(*) FROM card WHERE archived = 1 AND due_on IS NOT NULL"


@dataclass(slots=True)
class Examined:
    """What was found, and what of it `repair` can make anew.

    Attributes:
        indexes: SQLite itself says that an index does not fit its table.
        missing: the SQL of indexes that are not there, by name.
        foreign: the kind (trigger, view, index) of what is too much in the schema, by name.
        version: the file says another schema than it has.
        states: where the log leads cards whose state says otherwise, with their last row; by the card's number.
        cards: numbers of cards whose text, or place in the course, is not as it was written or not there.
        damaged: rowids of other damaged rows that can be made anew, by table.
        siblings: courses of which a card is wrong about its siblings.
        differ: cards are not what the course's files give; said by who has the files.
    """

    findings: Findings = field(default_factory=Findings)
    indexes: bool = False
    missing: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    version: bool = False
    states: dict[int, tuple[CardState, int | None]] = field(default_factory=dict)
    cards: set[int] = field(default_factory=set)
    damaged: dict[str, list[int]] = field(default_factory=dict)
    siblings: set[int] = field(default_factory=set)
    differ: bool = False


def examine(store: Store, *, now: datetime | None = None, progress: Progress | None = None) -> list[Finding]:
    """All findings; an empty list is a sound database. Without `now` nothing is dated too late.

    Raises:
        NewerVersion: a newer version of the app wrote it.
        StoreError: the database cannot be read at all.
    """
    return examine_file(store.path, now=now, progress=progress).findings.all()


def is_to_be_brought_up(path: Path) -> bool:
    """True if there is no database yet, or one of an older version: opening it makes or migrates it."""
    try:
        if not path.stat().st_size:
            return True
        with closing(connect_to_examine(path)) as connection:
            found = version(connection)
    except FileNotFoundError:
        return True
    except (OSError, StoreError, sqlite3.Error, *NOT_IN_ROWS):
        return False
    return found is None or FIRST <= found < HEAD


def examine_file(path: Path, *, now: datetime | None = None, progress: Progress | None = None) -> Examined:
    """As `examine`, with what can be repaired. It reads through a connection of its own, in one snapshot."""
    with closing(connect_to_examine(path)) as connection:
        return _Examination(connection, path, now).all(progress or (lambda _done, _all: None))


class _Examination:
    def __init__(self, connection: sqlite3.Connection, path: Path, now: datetime | None) -> None:
        self.found = Examined()
        self._connection, self._path, self._now = connection, path, now
        self._tracks: dict[int, Track] | None = None

    def all(self, progress: Progress) -> Examined:
        self._look_at_the_file()
        self._connection.execute("BEGIN")
        if self._is_of_this_schema():
            for table in (*_SEALED, "own_file"):
                self._try(f"The table {table}", lambda table=table: self._look_at_rows(table))  # type: ignore[misc]
            self._try("The table review", lambda: self._look_at_the_log(progress))
            self._try("The table card", self._look_at_cards)
            self._try("The table card_text", self._look_at_texts)
            self._try("What the tables say of each other", self._look_at_links)
            self._try("Which cards have a text", self._look_for_texts)
            self._try("What cards say of their siblings", self._look_at_siblings)
            self._try("How many cards left the course", self._count_archived)
        for finding in conflicted_copies(self._path):
            self._add("conflicts", finding)
        return self.found

    def _try(self, what: str, look: Callable[[], None]) -> None:
        try:
            look()
        except (sqlite3.Error, *NOT_IN_ROWS) as error:
            self._tell("unreadable", f"{what} cannot be examined: {error}.")

    def _tell(
        self,
        kind: str,
        what: str,
        way_out: str = BRING_BACK,
        *,
        level: Level = "error",
        at: tuple[str, int] | None = None,
    ) -> None:
        table, row = at or ("", None)
        self._add(kind, Finding(level, what, way_out, table, row))

    def _add(self, kind: str, finding: Finding) -> None:
        self.found.findings.add(kind, finding)

    # The file

    def _look_at_the_file(self) -> None:
        try:
            told = [str(line) for (line,) in self._connection.execute(f"PRAGMA integrity_check({MOST_OF_A_KIND})")]
        except UnicodeDecodeError as error:
            told = [f"its schema is no text ({error})"]
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise explain(error, self._path) from error
            told = [str(error)]
        for line in told:
            if line != "ok":
                is_index = any(words in line for words in _ABOUT_INDEXES)
                self.found.indexes |= is_index
                self._tell("integrity", f"The file is damaged: {line}.", _INDEXES if is_index else BRING_BACK)

    def _is_of_this_schema(self) -> bool:
        """Compare what is declared with what the migrations declare; False if no row can be looked at."""
        try:
            present = schema.read(self._connection)
            says_version = self._connection.execute(_HAS_VERSION).fetchone() is not None
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._tell("schema", f"The schema cannot be read: {error}.")
            return False
        expected = schema.made_by_migrations(HEAD)
        assert expected is not None
        if not self._is_of_this_version(is_right=says_version and present == expected):
            return False
        for kind, name in present.keys() - expected.keys():
            way_out = BRING_BACK
            if kind != "table":
                self.found.foreign[name] = kind
                way_out = REPAIR.format("it is removed")
            self._tell("schema", f"The {kind} {name} in the database is none of studytui's.", way_out)
        for (kind, name), sql in expected.items():
            if present.get((kind, name)) == sql:
                continue
            if kind == "index":
                self.found.missing[name] = sql
            how = "is not declared as studytui declares it" if (kind, name) in present else "is not there"
            self._tell("schema", f"The {kind} {name} {how}.", _INDEXES if kind == "index" else BRING_BACK)
        if not says_version:
            self._tell("schema", "The table alembic_version is not there.")
        return True

    def _is_of_this_version(self, *, is_right: bool) -> bool:
        """Whether the file says that it has this version's schema; where it has (`is_right`), its word is damaged.

        Raises:
            NewerVersion: a newer version of the app wrote it.
        """
        try:
            said = [str(one) for (one,) in self._connection.execute("SELECT version_num FROM alembic_version")]
        except (sqlite3.Error, UnicodeDecodeError) as error:
            said = [f"unreadable ({error})"]
        if said == [HEAD]:
            return True
        which = ", ".join(said) or "nothing"
        self.found.version = True
        if is_right:
            what = f"Row 1 of alembic_version is damaged: it says {which} and the tables are those of schema {HEAD}."
            self._tell("schema", what, REPAIR.format("it is put right"), at=("alembic_version", 1))
            return True
        try:
            require_known("".join(said))
        except Damaged as error:
            self._tell("schema", str(error), at=("alembic_version", 1))
            return True
        self._tell("schema", f"The database has schema {which}; its rows are looked at once it has schema {HEAD}.")
        return False

    # Rows

    def _look_at_rows(self, table: str) -> None:
        count = 0
        for row in rows(self._connection, table, self._lost(table)):
            count += 1
            wrong = list(faults(table, row[1:]))
            if not wrong and not _is_sealed(table, row):
                wrong = ["it is not as it was written"]
            for fault in wrong:
                self.found.damaged.setdefault(table, []).append(row[0])
                self._tell_row(table, row[0], "", fault)
            if table == "learner_state" and not wrong:
                self._look_at_moment(row)
        if table == "identity" and count != 1:
            self.found.damaged.setdefault(table, [])
            self._tell("identity rows", f"The table identity has {count} rows, not one.", _WAYS_OUT[table])

    def _look_at_moment(self, row: Row) -> None:
        if self._now is not None and datetime.fromisoformat(row[4]) > self._now:
            what = f"Row {row[0]} of learner_state is dated {row[4]}, later than now."
            self._tell("states later", what, "Nothing to do.", level="info", at=("learner_state", row[0]))

    def _lost(self, table: str) -> Callable[[int, int | None, str], None]:
        def tell(first: int, last: int | None, reason: str) -> None:
            which = f"Row {first}" if first == last else f"Rows {first} to {last}" if last else f"Rows from {first} on"
            what = f"{which} of {table} cannot be read ({reason})."
            self._tell(f"{table} lost", what, _WAYS_OUT.get(table, BRING_BACK), at=(table, first))

        return tell

    def _tell_row(self, table: str, row_id: int, about: str, fault: str) -> None:
        what = f"Row {row_id} of {table}{about} is damaged: {fault}."
        self._tell(f"{table} rows", what, _WAYS_OUT.get(table, BRING_BACK), at=(table, row_id))

    def _look_at_the_log(self, progress: Progress) -> None:
        proof = LogProof(self._connection, self.found.findings, self._now)
        proof.read(progress)
        self._tracks = proof.tracks
        if proof.changed:
            kept = newest_backup_with(self._path, proof.changed)
            whole = f"It is whole in {kept}; `studytui restore {kept}` brings that back." if kept else ""
            self.found.findings.advise("review changed", whole or "No backup has it whole; do not trust this answer.")
        for no, (row_id, at) in proof.later.items():
            still = proof.tracks[no].last == row_id
            self._tell(
                "later" if still else "once later",
                f'Row {row_id} of review (card "{key_of(self._connection, no)}") is dated {at}, later than now.',
                "If the clock is right now, t on the home screen makes its card due today."
                if still
                else "Nothing to do: its card was moved since.",
                level="warning" if still else "info",
                at=("review", row_id),
            )

    def _look_at_cards(self) -> None:
        farthest = None if self._now is None else day_text(add_days(self._now.date(), MAXIMUM_INTERVAL_DAYS + 1))
        for row in rows(self._connection, "card", self._lost("card")):
            no, key, due_on = row[1], row[3], row[15]
            about = f' (card "{key}")' if type(key) is str else ""
            wrong = list(faults("card", row[1:]))
            for fault in wrong:
                self._tell_row("card", no, about, fault)
            self._look_at_state(row, is_told=bool(wrong))
            if farthest and not wrong and due_on is not None and due_on > farthest:
                what = f'Row {no} of card: card "{key}" is due on {due_on}, more than a century from now.'
                way_out = "Set another day: the list of cards, then the card's own actions."
                self._tell("far", what, way_out, level="warning", at=("card", no))

    def _look_at_state(self, row: Row, *, is_told: bool) -> None:
        """Unless the log cannot be read at all: then nothing is proven, which is told of the log."""
        if self._tracks is None:
            return
        no, key, last = row[1], row[3], row[22]
        track = self._tracks.get(no) or Track()
        try:
            fits = card_state((*row[11:18], *row[18:22])) == track.state and last == track.last
        except NOT_IN_ROWS:
            fits = False
        if fits:
            return
        if track.is_torn:
            what = f'The state of card "{key}" cannot be proven: its last rows in review are damaged or lost.'
            self._tell("unproven", what, at=("card", no))
            return
        self.found.states[no] = (track.state, track.last)
        if not is_told:
            self._tell("states", f'The state of card "{key}" does not follow from its log.', _STATE, at=("card", no))

    def _look_at_texts(self) -> None:
        for row in rows(self._connection, "card_text", self._lost("card_text")):
            no, text_hash, payload, digest = row[1], row[4], row[5], row[6]
            about = f' (card "{key_of(self._connection, no)}")'
            wrong = list(faults("card_text", row[1:]))
            if not wrong and text_sha256(payload) != text_hash:
                wrong = ["the text is not as it was compiled"]
            for fault in wrong:
                self._tell_row("card_text", no, about, fault)
            if wrong or not self._is_sealed_card(no, digest):
                self.found.cards.add(no)
                if not wrong:
                    what = f"Row {no} of card or of card_text{about} is damaged: its place is not as it was written."
                    self._tell("places", what, _WAYS_OUT["card_text"], at=("card", no))

    def _is_sealed_card(self, no: int, digest: str) -> bool:
        """Where there is no card, that is told of the link."""
        try:
            row = self._connection.execute(_SEALED_CARD, (no,)).fetchone()
            return row is None or seal(row) == digest
        except (sqlite3.Error, TypeError):
            return False

    def _look_at_links(self) -> None:
        for table, row_id, other, _ in self._connection.execute("PRAGMA foreign_key_check"):
            if table == "card_text":
                self.found.cards.add(row_id)
            what = f"Row {row_id} of {table} refers to a row of {other} that is not there."
            self._tell("links", what, _WAYS_OUT.get(table, BRING_BACK), at=(table, row_id))

    def _look_for_texts(self) -> None:
        for no, key in self._connection.execute(_WITHOUT_TEXT):
            self.found.cards.add(no)
            self._tell("no text", f'Card "{key}" has no text.', _WAYS_OUT["card_text"], at=("card", no))

    def _look_at_siblings(self) -> None:
        for (course_no,) in self._connection.execute("SELECT id FROM course").fetchall():
            wrong = f"SELECT id, key FROM card WHERE {WRONG_ABOUT_SIBLINGS}"
            for no, key in self._connection.execute(wrong, {"course": course_no}):
                self.found.siblings.add(course_no)
                what = f'Row {no} of card: card "{key}" is wrong about having siblings.'
                self._tell("siblings", what, REPAIR.format("they are counted anew"), at=("card", no))

    def _count_archived(self) -> None:
        (count,) = self._connection.execute(_ARCHIVED).fetchone()
        if count:
            what = f"{count} card{'s that were' if count > 1 else ' that was'} reviewed left the course."
            way_out = "Nothing to do: the schedule waits for the card to come back."
            self._tell("archived", what, way_out, level="info")


def _is_sealed(table: str, row: Row) -> bool:
    """True if the row is as it was written; a table without digests has a hash of its content."""
    if table == "own_file":
        return bool(sha256(row[3]).hexdigest() == row[2])
    return bool(row[-1] == "" or seal(row[1:-1]) == row[-1])
