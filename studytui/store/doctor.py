"""Which backup still has rows of the log as they were written."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from studytui.domain import sm2
from studytui.domain.sm2 import MAXIMUM_INTERVAL_DAYS, add_days
from studytui.errors import Damaged, StoreError
from studytui.store import schema
from studytui.store.backup import folder
from studytui.store.connection import (
    ACTIONS,
    FIRST,
    MOST_OFFSET_MINUTES,
    NOT_IN_ROWS,
    Row,
    connect_to_examine,
    connect_to_read,
    explain,
    faults,
    is_day,
    is_moment,
    is_name,
    lenient,
    require_known,
    rows,
    translated,
    version,
)
from studytui.store.records import (
    CARD_DIGEST_OF,
    HEAD,
    LOG_COLUMNS,
    Action,
    CardState,
    CompiledCard,
    CourseCopy,
    card_state,
    changed,
    moment,
    seal,
    text_sha256,
)
from studytui.store.store import Store
from studytui.store.sync import WRONG_ABOUT_SIBLINGS

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


# What an examination found, with the table and row it is about


Level: TypeAlias = Literal["error", "warning", "info"]

MOST_OF_A_KIND: Final = 20
BRING_BACK: Final = "Bring back a backup with `studytui restore FILE`; backups are in the folder beside the database."
REPAIR: Final = "Run this again with --repair: {}."


@dataclass(frozen=True, slots=True)
class Defect:
    """Something the examination found. `error` and `warning` are wrong; `info` is only worth knowing.

    `table` and `row` (its rowid) say where it stands, if it stands in one row of the database.
    """

    level: Level
    what: str
    how_to_fix: str = ""
    table: str = ""
    row: int | None = None

    def __str__(self) -> str:
        return f"{self.level}: {self.what} {self.how_to_fix}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """Keys: level, what, how_to_fix, table, row."""
        return asdict(self)


class Findings:
    """Findings by kind, in the order in which the kinds were first met: the first of each in full, the rest counted."""

    def __init__(self) -> None:
        self._of: dict[str, list[Defect]] = {}
        self._more: Counter[str] = Counter()

    def add(self, kind: str, finding: Defect) -> None:
        found = self._of.setdefault(kind, [])
        if len(found) < MOST_OF_A_KIND:
            found.append(finding)
        else:
            self._more[kind] += 1

    def advise(self, kind: str, how_to_fix: str) -> None:
        """Say what to do about all findings of a kind."""
        self._of[kind] = [replace(finding, how_to_fix=how_to_fix) for finding in self._of[kind]]

    def all(self) -> list[Defect]:
        told = []
        for kind, found in self._of.items():
            told += found
            if more := self._more[kind]:
                told.append(Defect(found[0].level, f"And {more} more of the same kind.", found[0].how_to_fix))
        return told


# Other databases beside the database, as programs leave them that keep a folder the same on several machines


_HEADER: Final = b"SQLite format 3\0"


def conflicted_copies(database: Path) -> Iterator[Defect]:
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
        yield Defect("warning", what, f"{way_out} Let such programs carry the backups, not {database.name}.")


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


# Replaying a card's log: the state must follow from it. Pure; `log_proof` reads the rows


@dataclass(frozen=True, slots=True)
class Logged:
    """What a row of the log says happened to a card."""

    id: int
    action: Action
    undoes: int | None
    study_day: date
    grade: int | None
    before: CardState
    after: CardState


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a log leads, its last row's id, and in which rows it contradicts itself."""

    state: CardState
    last_review_id: int | None
    faults: tuple[str, ...] = ()


def replay(log: Iterable[Logged]) -> Replayed:
    """Follow a card's log, oldest row first, from a new card on.

    Each row must start from where the one before ended, and end where SM-2, the act or the undo leads. After a fault
    the replay goes on from what the row says, so that each fault is told once.
    """
    state, last = CardState(), None
    standing: list[Logged] = []
    faults = []
    for row in log:
        if row.before != state:
            faults.append(f"row {row.id} starts from a state that the row before does not end with")
        faults += [f"row {row.id} {fault}" for fault in faults_of(row, standing[-1] if standing else None)]
        if row.action == "undo":
            standing = [other for other in standing if other.id != row.undoes]
        else:
            standing.append(row)
        state, last = row.after, row.id
    return Replayed(state, last, tuple(faults))


def faults_of(row: Logged, last: Logged | None) -> list[str]:
    """In what a row contradicts itself or `last`, the card's last act that stands before it."""
    match row.action:
        case "review" | "reask":
            return _answer_faults(row)
        case "undo":
            if last is None or last.id != row.undoes:
                return ["takes back what is not the card's last act"]
            return ["does not restore the state before the act it takes back"] * (row.after != last.before)
        case action:
            expected = changed(action, row.before, row.after)
            return [f"changes more than {action} may"] * (row.after != expected)


def _answer_faults(row: Logged) -> list[str]:
    before, after = row.before, row.after
    if row.grade is None:
        return ["is an answer without a grade"]
    faults = []
    if (row.action == "reask") is not before.schedule.is_reask(row.study_day):
        faults.append(f"is logged as {row.action} and is not one")
    # Whether the lapse made a leech depends on a setting of that day; it can only suspend and mark.
    marks = replace(
        before,
        schedule=sm2.review(before.schedule, row.grade, on=row.study_day),
        leech=before.leech or after.leech,
        suspended=before.suspended or (after.suspended and after.leech),
    )
    if after != marks:
        faults.append(f"does not end where SM-2 leads from a grade of {row.grade}")
    return faults


# One pass over the whole log: is each row as it was written, and where does the log lead each card?


Progress: TypeAlias = Callable[[int, int], None]
"""Called with the rows of the log examined so far and all rows."""

STEP: Final = 20_000
CLOCK_SLACK: Final = timedelta(hours=1)
"""A clock that was ahead by less is not worth a word."""
_LAST: Final = "SELECT id, action, undoes, study_day, grade, state_before, state_after FROM review WHERE id = ?"
_NEW: Final = CardState()
_NEW_TEXT: Final = _NEW.to_json()
_NO_STATE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(slots=True)
class Track:
    """Where the log leads a card, up to row `last`.

    It `is_torn` where that row is not as it was written, or others were lost: what it says of the state is then no
    proof. `standing` are the ids of the card's acts that were not taken back, oldest first.
    """

    state: CardState = _NEW
    text: str = _NEW_TEXT
    last: int | None = None
    is_torn: bool = False
    standing: array[int] = field(default_factory=lambda: array("q"))


class LogProof:
    """The log of a database, examined by `read`.

    Attributes:
        tracks: where the log leads each card that stands in it, by the card's number.
        later: of each card with rows dated later than `now` the last of these: its id and its moment.
        changed: the id, uid and digest of rows that are not as they were written.
    """

    def __init__(self, connection: sqlite3.Connection, findings: Findings, now: datetime | None) -> None:
        self.tracks: dict[int, Track] = {}
        self.later: dict[int, tuple[int, str]] = {}
        self.changed: list[tuple[int, Any, Any]] = []
        self._connection = connection
        self._findings = findings
        self._latest = "9999-12-31T23:59:59.999+00:00"
        self._latest_day = date.max.isoformat()
        if now is not None:
            self._latest_day = sm2.add_days(now.date(), 1).isoformat()
            with suppress(OverflowError):
                self._latest, _ = moment(now + CLOCK_SLACK)
        self._days: dict[Any, date | None] = {}
        self._expected = 1
        self._lost_rows = False

    def read(self, progress: Progress) -> None:
        """Raises sqlite3.Error if nothing of the log can be read."""
        count = self._last_row()
        done = 0
        for row in rows(self._connection, "review", self._unreadable):
            done += 1
            if row[0] != self._expected:
                self._lose(self._expected, row[0] - 1, "missing", "are missing")
            self._expected = row[0] + 1
            self._follow(row)
            if done % STEP == 0:
                progress(done, max(done, count))
        progress(done, done)

    def _last_row(self) -> int:
        """About how many rows there are; 0 if that cannot be told."""
        try:
            (last,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM review").fetchone()
        except sqlite3.Error:
            return 0
        return int(last)

    def _unreadable(self, first: int, last: int | None, reason: str) -> None:
        self._lose(first, last, "lost", f"cannot be read ({reason})")
        self._expected = first if last is None else last + 1

    def _lose(self, first: int, last: int | None, kind: str, how: str) -> None:
        which = f"Rows from {first} on" if last is None else f"Rows {first} to {last}"
        what = f"Row {first} of review {how.replace('are', 'is', 1)}." if last == first else f"{which} of review {how}."
        self._findings.add(f"review {kind}", Defect("error", what, BRING_BACK, "review", first))
        self._lost_rows = True
        for track in self.tracks.values():
            track.is_torn = True

    def _follow(self, row: Row) -> None:
        row_id, no, at, day_text, before, digest = row[0], row[3], row[7], row[9], row[18], row[20]
        is_plain = self._is_plain(row)
        try:
            is_whole = seal(row[2:-1]) == digest
        except TypeError:
            is_whole = False
        if not (is_plain and is_whole):
            self._tell_row(row, is_whole=is_whole)
            if type(no) is not int:
                return
        track = self.tracks.get(no)
        if track is None:
            track = self.tracks[no] = Track(is_torn=self._lost_rows)
        if is_plain and (at > self._latest or day_text > self._latest_day):
            self.later[no] = (row_id, at)
        is_plain = is_plain and is_whole and before == track.text
        if not (is_plain and self._leads(track, row)):
            self._follow_slowly(track, row, is_whole=is_whole)
        track.last = row_id

    def _leads(self, track: Track, row: Row) -> bool:
        """Take the step of nearly every row: an answer that ends where SM-2 leads. False for any other."""
        row_id, action, day_text, grade, after = row[0], row[4], row[9], row[10], row[19]
        state = track.state
        if action in ("review", "reask"):
            day = self._days[day_text]
            schedule = state.schedule
            if grade is None or day is None or (action == "reask") is not (schedule.reask_on == day):
                return False
            reached = state.at(sm2.review(schedule, grade, on=day))
            if reached.to_json() != after:
                return False
            track.state, track.text = reached, after
        elif action != "cram" or after != track.text:
            return False
        track.standing.append(row_id)
        track.is_torn = False
        return True

    def _follow_slowly(self, track: Track, row: Row, *, is_whole: bool) -> None:
        row_id, after_text = row[0], row[19]
        told = []
        try:
            present = self._logged((row_id, row[4], row[5], row[9], row[10], row[18], after_text))
            if not track.is_torn and present.before != track.state:
                told.append("starts from a state that the row before does not end with")
            if not (self._lost_rows and present.action == "undo"):
                told += faults_of(present, self._last_standing(track, present))
        except _NO_STATE as error:
            if is_whole:
                self._tell("replay", row, f"has a state that cannot be read ({error})")
            track.standing.append(row_id)
            track.is_torn = True
            return
        for fault in told if is_whole else ():
            self._tell("replay", row, fault)
        if present.action != "undo":
            track.standing.append(row_id)
        elif present.undoes is not None and present.undoes in track.standing:
            track.standing.remove(present.undoes)
        track.state, track.text, track.is_torn = present.after, after_text, not is_whole

    def _last_standing(self, track: Track, present: Logged) -> Logged | None:
        """The card's last act before, read again where it matters: an undo has to lead back to its beginning."""
        if present.action != "undo" or not track.standing:
            return None
        try:
            return self._logged(self._connection.execute(_LAST, (track.standing[-1],)).fetchone())
        except (sqlite3.Error, *_NO_STATE):
            return None

    def _logged(self, values: tuple[Any, ...]) -> Logged:
        """From the columns of `_LAST`; raises one of `_NO_STATE`."""
        row_id, action, undoes, day, grade, before, after = values
        study_day = self._day(day)
        if study_day is None:
            raise ValueError("it has no day")
        return Logged(row_id, action, undoes, study_day, grade, CardState.from_json(before), CardState.from_json(after))

    def _day(self, text: Any) -> date | None:
        if text not in self._days:
            self._days[text] = date.fromisoformat(text) if is_day(text) else None
        return self._days[text]

    def _is_plain(self, row: Row) -> bool:
        """What `table_rows.faults` finds nothing in; written out, since it is asked of every row."""
        (
            row_id, _, uid, no, action, undoes, session, at, offset, day, grade, suggested, confidence, duration, hints,
            correct, response, evidence, _, _, _,
        ) = row  # fmt: skip
        try:
            return (
                is_name(uid)
                and type(no) is int
                and action in ACTIONS
                and (undoes is None or (type(undoes) is int and 0 < undoes < row_id))
                and is_name(session)
                and is_moment(at)
                and type(offset) is int
                and -MOST_OFFSET_MINUTES <= offset <= MOST_OFFSET_MINUTES
                and self._day(day) is not None
                and (grade is None or (type(grade) is int and 0 <= grade <= 5))
                and (suggested is None or (type(suggested) is int and 0 <= suggested <= 5))
                and (confidence is None or (type(confidence) is int and 1 <= confidence <= 5))
                and type(duration) is int
                and duration >= 0
                and type(hints) is int
                and hints >= 0
                and (correct is None or (type(correct) is int and 0 <= correct <= 1))
                and (evidence == "{}" or type(json.loads(evidence)) is dict)
                and (response == "null" or _is_json(response))
            )
        except (ValueError, TypeError, RecursionError):
            return False

    def _tell_row(self, row: Row, *, is_whole: bool) -> None:
        found = list(faults("review", row[1:]))
        if type(row[5]) is int and row[5] >= row[0]:
            found.append(f"it takes back row {row[5]}, which comes after it")
        if not is_whole:
            self.changed.append((row[0], row[2], row[-1]))
            how = "has no digest" if row[-1] == "" else "is not as it was written"
            self._tell("changed", row, f"{how}: {'; '.join(found)}" if found else how)
        elif found:
            self._tell("values", row, f"cannot be: {'; '.join(found)}")

    def _tell(self, kind: str, row: Row, fault: str) -> None:
        what = f"{self._name(row)} {fault}."
        self._findings.add(f"review {kind}", Defect("error", what, BRING_BACK, "review", row[0]))

    def _name(self, row: Row) -> str:
        """A row for a person: its number, and whose answer it is."""
        about = f'card "{key_of(self._connection, row[3])}"'
        return f"Row {row[0]} of review ({about}{f', {row[9]}' if self._day(row[9]) else ''})"


def key_of(connection: sqlite3.Connection, no: Any) -> str:
    """A card's id, or its number if that cannot be read."""
    try:
        row = connection.execute("SELECT key FROM card WHERE id = ?", (no,)).fetchone()
    except sqlite3.Error:
        row = None
    return row[0] if row is not None and type(row[0]) is str else f"number {no}"


def _is_json(text: str) -> bool:
    json.loads(text)
    return True


# Examining the database: is everything in it as it was written, and does every card's state follow from the log


_SEALED: Final = {"identity": 3, "course": 5, "source_file": 6, "learner_state": 5}
"""Tables whose rows end with a digest of the values before it, by the number of their columns."""
_WAYS_OUT: Final = {
    "identity": REPAIR.format("the database gets a new one"),
    "course": REPAIR.format("it is written again from the course's files"),
    "source_file": REPAIR.format("the course's files are read again"),
    "card": REPAIR.format("it is rebuilt from the course's files and the log"),
    "card_text": REPAIR.format("it is rebuilt from the course's files"),
}
"""Of which table a damaged row can be made anew, and how; a backup brings back any other."""
_STATE: Final = REPAIR.format("it is rebuilt from the log")
_INDEXES: Final = REPAIR.format("indexes are rebuilt")
_ABOUT_INDEXES: Final = ("missing from index", "wrong # of entries in index", "non-unique entry in index")
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


def examine(store: Store, *, now: datetime | None = None, progress: Progress | None = None) -> list[Defect]:
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
        self._add(kind, Defect(level, what, way_out, table, row))

    def _add(self, kind: str, finding: Defect) -> None:
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
        farthest = None if self._now is None else add_days(self._now.date(), MAXIMUM_INTERVAL_DAYS + 1).isoformat()
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
        no, key, last = row[1], row[3], row[-1]
        track = self._tracks.get(no) or Track()
        try:
            fits = card_state(row[11:-1]) == track.state and last == track.last
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
                self._tell("siblings", what, REPAIR.format("they are counted again"), at=("card", no))

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


# Comparing what the database holds of a course's files with what the files give now


_FIELDS: Final = tuple(field.name for field in fields(CompiledCard))
_STORED: Final = (
    "SELECT c.id, c.archived, c.key, c.position, c.chapter, c.section, c.kind, c.sibling_group, t.path, t.line,"
    " t.sha256, t.payload FROM course o JOIN card c ON c.course_id = o.id JOIN card_text t ON t.card_id = c.id"
    " WHERE o.key = ? ORDER BY c.id"
)
_STAMPS: Final = (
    "SELECT f.path, f.sha256 FROM source_file f JOIN course o ON o.id = f.course_id WHERE o.key = ? ORDER BY f.path"
)
_WAY_OUT: Final = REPAIR.format("it is rebuilt from the course's files")


def differences(database: Path, copy: CourseCopy, known: Collection[int]) -> Iterator[Defect]:
    """Cards that are not what the files give, but for those of files that changed since, and those `known` by number.

    Raises:
        StoreError: the database cannot be read.
    """
    with closing(connect_to_examine(database)) as connection, translated(database):
        connection.text_factory = lenient
        stamps = dict(connection.execute(_STAMPS, (copy.key,)).fetchall())
        now = {stamp.path: stamp.sha256 for stamp in copy.files}
        changed = {path for path in now.keys() | stamps.keys() if now.get(path) != stamps.get(path)}
        if not stamps or any(_is_shared(path, copy) for path in changed):
            return
        yield from _compared(connection, copy, changed, known)


def whole_texts(database: Path, key: str) -> dict[str, str]:
    """The texts, by card id, of the cards that are in a course; those that are damaged are left out.

    Raises:
        StoreError: the database cannot be read.
    """
    with closing(connect_to_examine(database)) as connection, translated(database):
        connection.text_factory = lenient
        rows = connection.execute(_STORED, (key,)).fetchall()
    return {
        row[2]: row[11]
        for row in rows
        if not row[1] and all(isinstance(row[place], str) for place in (2, 11)) and text_sha256(row[11]) == row[10]
    }


def _is_shared(path: str, copy: CourseCopy) -> bool:
    """What no card comes from stands for something that all hang on."""
    return all(card.path != path for card in copy.cards)


def _compared(
    connection: sqlite3.Connection, copy: CourseCopy, changed: Collection[str], known: Collection[int]
) -> Iterator[Defect]:
    expected = {card.key: card for card in copy.cards}
    for no, archived, *values in connection.execute(_STORED, (copy.key,)):
        key, path = values[0], values[6]
        card = expected.pop(key, None)
        if no in known or path in changed or (card is None and archived):
            continue
        if card is None or archived:
            where = f"it is not in {path}" if card is None else f"it is in {card.path}:{card.line}"
            what = f'Row {no} of card: card "{key}" is {"out of" if archived else "in"} the course, and {where}.'
            yield Defect("error", what, _WAY_OUT, "card", no)
        elif wrong := _unequal(values, card):
            what = (
                f'Row {no} of card_text: card "{key}" is not what {card.path}:{card.line} gives ({", ".join(wrong)}).'
            )
            yield Defect("error", what, _WAY_OUT, "card_text", no)
    # A card that seems missing may be one of the known, under a damaged name.
    for card in expected.values() if not known else ():
        if card.path not in changed:
            what = f'Card "{card.key}" is in {card.path}:{card.line} and is not in the database.'
            yield Defect("error", what, _WAY_OUT, "card")


def _unequal(values: list[Any], card: CompiledCard) -> list[str]:
    pairs = zip(_FIELDS, values, astuple(card), strict=True)
    return [name for name, stored, compiled in pairs if stored != compiled]
