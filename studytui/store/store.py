"""The store: one connection, the queue's questions, and one durable commit for each answer.

There is one way to the data: SQLModel declares the tables (`tables`), alembic migrates older files (`migrate`), and
queries are plain SQL, on this connection or on one that `connection.reading` opens. Nothing stands between, so that an
answer is on the disk in less than a millisecond.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock, get_ident
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from studytui.domain.queue import Counts, DayAnswers, Limits, Origin, ReviewOrder, Scope, new_may_go_first
from studytui.errors import DamagedText, DuplicateReview, KeptBeside, ReadOnly, Replaced, StoreError
from studytui.store import learner_state, log, records, wal
from studytui.store.connection import (
    NOT_IN_ROWS,
    connect,
    connect_to_read,
    explain,
    translated,
    version,
    wait_for_readers,
)
from studytui.store.learner_state import State
from studytui.store.log import Tally
from studytui.store.opening import Arrival, DailyBackups, look_for_missing, make_ready
from studytui.store.records import (
    HEAD,
    Action,
    CardPlace,
    CardState,
    ComingCard,
    CompiledCard,
    Done,
    FileStamp,
    LiveCard,
    ReviewRecord,
    Stamp,
    StoredCard,
    SyncReport,
    TimedAnswer,
    Undone,
    card_state,
    moment,
    stored_card,
)
from studytui.store.schema import bring_up_to_date, require_own
from studytui.store.wal import BACKUPS, Moved, Watch

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from studytui.store.log import CardAhead

UNLIMITED = -1
CHECKPOINT_AFTER = 64
"""Writes after which the log is put into the file: some 500 pages of answers."""
Result = TypeVar("Result")


class Store:
    """The learner's database. Calls are synchronous; each writing call is one commit, in the thread that opened it.

    What only reads may be called in any thread: in another one it opens a connection for the call, as one that is
    closed in the middle of a statement brings the process down.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, *, today: date, own: Path | None = None) -> None:
        """Raises StoreError if the file was replaced while it was opened."""
        self.connection = connection
        self._owner = get_ident()
        self.path = path
        self.own = own
        self.opened_on = today
        self.on_replaced: Callable[[], None] = lambda: None
        """Called where a write was refused because another program replaced the file."""
        self.arrival: Arrival | None = None
        self.copied_into: TemporaryDirectory[str] | None = None
        """The folder of a copy, where the database itself can only be read."""
        self._closed = False
        self._door = Lock()
        """Held while a connection to read is opened, and while the store closes: none comes in between."""
        self._replaced: Replaced | None = None
        self._writes = 0
        self.recompile: Callable[[], None] = lambda: None
        """Writes the texts of the course's cards anew from its files; called, in any thread, where one is damaged."""
        self.move_back: Callable[[Mapping[str, Any]], None] = lambda _: None
        """Puts cards, by their keys with what the log says of their move, back where their files had them."""
        self._statements: dict[tuple[Any, ...], str] = {}
        self._tallies: dict[int, Tally] = {}
        self._journal = str(wal.path_of(path))
        self._daily: DailyBackups | None = None
        with translated(path):
            self._watch = Watch(connection, path)

    @classmethod
    def open(cls, path: Path, *, today: date, own: Path | None = None) -> Self:
        """Open or make the database; an older schema is migrated after a backup dated `today`.

        `own` is the folder of the learner's own files, which backups carry; without it they carry none. A log that
        belongs to another file is moved into the backups first. Where the file lacks answers that were given on this
        machine since the last backup, they are kept in a file of their own: see `arrival`.

        Raises:
            NoDatabase: there is none, or one without an answer, beside backups that hold answers.
            StoreError: it cannot be opened, is damaged, or is from a newer version. The file is then untouched.
        """
        log = make_ready(path)
        connection = connect(path)
        try:
            with translated(path):
                found = version(connection)
                if found is not None:
                    require_own(connection, found, path)
            if found != HEAD:
                connection.close()
                if found is not None:
                    from studytui.store import backup

                    backup.before_migration(path, found, today=today, own=own)
                bring_up_to_date(path)
                connection = connect(path)
            store = cls(connection, path, today=today, own=own)
            store._settle_in(log)
        except BaseException:
            connection.close()
            raise
        return store

    @classmethod
    def open_copy(cls, path: Path, *, today: date, own: Path | None = None) -> Self:
        """Open a copy of a database that cannot be written, in the folder for passing files; closing removes it.

        Raises:
            StoreError: the database cannot be read, or the copy cannot be made.
        """
        from tempfile import TemporaryDirectory

        from studytui.store import backup

        place = TemporaryDirectory(prefix="studytui-")
        try:
            copied = Path(place.name) / path.name
            backup.restore(path, copied, at=datetime.now(UTC))
            store = cls.open(copied, today=today, own=own)
        except BaseException:
            place.cleanup()
            raise
        store.copied_into = place
        return store

    def close(self) -> None:
        """Put the log into the database and close it; what was committed is on the disk.

        Raises:
            KeptBeside: the file was replaced meanwhile; what it held is in a file of its own.
        """
        if self._daily is not None:
            self._daily.finish()
        if self._closed:
            return
        try:
            self.look()
        except Replaced as error:
            try:
                kept = self.keep_beside()
            finally:
                self.close_untouched()
            raise KeptBeside(
                f"{error} What this window's database held is kept in {kept}.",
                hint=f"Add its answers to the new file with `studytui merge {kept}`.",
            ) from error
        except StoreError:
            pass
        with self._door:
            self._closed = True
        wait_for_readers()
        self.connection.close()
        if self.copied_into is not None:
            self.copied_into.cleanup()

    def look(self) -> None:
        """Whether the file is still the one that was opened; costs two calls of the system.

        Raises:
            Replaced: another program replaced, rewrote or removed it, now or before.
        """
        if self._replaced is not None:
            raise self._replaced
        try:
            self._watch.look()
        except Moved as moved:
            self._open_anew(moved)

    @property
    def has_answers(self) -> bool:
        """Whether a card was ever answered; tags, notes and other acts are no answers.

        Raises:
            StoreError: the database cannot be read.
        """
        return self._one("SELECT 1 FROM review WHERE grade IS NOT NULL LIMIT 1", ()) is not None

    def answered_before(self, course_no: int, day: date) -> bool:
        """Whether a card of a course was answered before a study day.

        Raises:
            StoreError: the database cannot be read.
        """
        return self._one(records.ANSWERED_BEFORE, (day.isoformat(), course_no)) is not None

    @property
    def orphaned_log(self) -> Path | None:
        """The log of this connection, where it stands beside a file that is not its own."""
        try:
            self._watch.look()
        except Replaced:
            return self._watch.own_log()
        except Moved:
            pass
        return None

    @property
    def has_lost_its_name(self) -> bool:
        """Whether the name leads to another file than the one that was opened, or to none; that one is whole then."""
        return not self._watch.is_same_file()

    def reopen(self) -> None:
        """Open the file that has the name now; what was known of the one before is forgotten.

        Raises:
            StoreError: as `open`; the store is closed then.
        """
        fresh = type(self).open(self.path, today=self.opened_on, own=self.own)
        self.connection, self._watch, self.arrival = fresh.connection, fresh._watch, fresh.arrival
        self._tallies, self._writes, self._closed, self._replaced = {}, 0, False, None

    def keep_beside(self) -> Path:
        """Make a whole database of what this one held, and close it without a byte written into the new file.

        Raises:
            StoreError: it cannot be written; the store stays open, and its answers are in the journal too.
        """
        from studytui.store.backup import forget_moved, kept_copy

        # Where the file itself was written over, pages of two databases would be mixed in what the connection reads.
        kept = kept_copy(self.path, self.connection if self.has_lost_its_name else None)
        log = self.orphaned_log
        self.close_untouched()
        forget_moved(self.path, kept, log)
        return kept

    def close_untouched(self) -> None:
        """Close the connection so that nothing of its log is put into the file, whoever's that is now."""
        if self._closed:
            return
        self._closed = True
        if self.has_lost_its_name:
            # SQLite itself sees to it.
            self.connection.close()
            return
        # The last connection to a file puts the log into it, unless another one is open; one that may only read cannot.
        with suppress(sqlite3.Error):
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as other:
                other.execute("BEGIN")
                other.execute("PRAGMA user_version").fetchone()
                self.connection.close()
        self.connection.close()

    def merge(self, source: Path, *, at: datetime) -> int:
        """Add what another copy of the database holds and this one lacks, after a backup; returns how many rows came.

        Raises:
            Unreadable, NewerVersion: the copy is damaged, another program's or a newer version's.
            StoreError: the disk refuses, or another window is writing. In each case this database stays as it is.
        """
        from studytui.store import backup
        from studytui.store.merge import merge_file

        backup.require_restorable(source, self.path)
        self.look()
        backup.before_merge(self.path, at=at)
        with translated(self.path):
            added = merge_file(self.connection, source, begun=self._watch.before_write)
            self._watch = Watch(self.connection, self.path)
        self._tallies = {}
        self._checkpoint()
        return added

    def back_up_daily(self, on_trouble: Callable[[StoreError], None]) -> None:
        """From now on make a copy on each study day on which something is recorded, in a thread of its own.

        `on_trouble` is told, in that thread, of a copy that could not be made.
        """
        self._daily = DailyBackups(self.path, on_trouble, self.own)

    def back_up(self, target: Path | None, *, at: datetime) -> Path:
        """Copy the database to `target` (a new file, or a folder) or into the backups folder; returns the file written.

        Raises:
            StoreError: there is a file already, the copy cannot be written, or the database is damaged.
            LeftOut: the copy is made, but an own file cannot be read.
        """
        from studytui.store import backup

        if target is None and self.copied_into is not None:
            raise ReadOnly(
                "The folder of the database takes no files.",
                hint="Name a folder you can write to: `studytui backup FOLDER`.",
            )
        return backup.make(self.path, target, at=at, own=self.own)

    def daily_backup(self) -> Path | None:
        """Copy the database into the backups folder, once on each day; None if today's is there.

        It opens connections of its own, so it may run in any thread while the store is used.

        Raises:
            StoreError: the copy cannot be written, or the database is damaged; earlier backups stay.
            LeftOut: the copy is made, but an own file cannot be read.
        """
        from studytui.store import backup

        return backup.daily(self.path, today=self.opened_on, own=self.own)

    # The course

    def course_no(self, course_key: str) -> int | None:
        """The number of a course that was opened before, or None."""
        row = self._one("SELECT id FROM course WHERE key = ?", (course_key,))
        return None if row is None else int(row[0])

    def course_key(self, course_no: int) -> str:
        """The key of the course of a number: what names it in another copy of the database, too; "" for none.

        Raises:
            StoreError: the database cannot be read.
        """
        row = self._one("SELECT key FROM course WHERE id = ?", (course_no,))
        return "" if row is None else str(row[0])

    def course_files(self, course_key: str) -> dict[str, FileStamp]:
        """The course's files as they were when last compiled, by path."""
        return {row[0]: FileStamp(*row) for row in self._all(records.COURSE_FILES, (course_key,))}

    def card_places(self, course_no: int) -> dict[str, CardPlace]:
        """Where each card that is not archived stands, by its key."""
        from studytui.store.sync import card_places

        with translated(self.path), self._to_read() as connection:
            return card_places(connection, course_no)

    def sync_course(
        self,
        key: str,
        title: str,
        version: str,
        files: Sequence[FileStamp],
        cards: Sequence[CompiledCard],
        *,
        kept: Collection[str] = (),
        anew: bool = False,
    ) -> SyncReport:
        """Bring the cards in line with the course's files in one transaction; see `sync.sync_course`."""
        from studytui.store.sync import sync_course

        report = self._write(
            lambda connection: sync_course(
                connection, key, title=title, version=version, files=files, cards=cards, kept=kept, anew=anew
            )
        )
        self._checkpoint()
        return report

    # The queue

    def done_today(self, course_no: int, day: date) -> Done:
        """Scheduled reviews of a study day that were not taken back, of cards new before and of others.

        Raises:
            StoreError: the database cannot be read.
        """
        return self._caught_up(course_no, day).done

    def answers_today(self, course_no: int, day: date) -> DayAnswers:
        """The answers of a study day that stand; the same object, brought up to date, at the next call.

        Raises:
            StoreError: the database cannot be read.
        """
        return self._caught_up(course_no, day).answers

    def counts(
        self,
        course_no: int,
        day: date,
        *,
        limits: Limits,
        scope: Scope | None = None,
        bury_siblings: bool = True,
        first: Sequence[str] | None = None,
        unread: Sequence[str] = (),
    ) -> Counts:
        """What a study day will still bring within what is left of its limits: exactly what `pick` then gives.

        `first` is what `new_first` answered, if it was asked already; `unread` are sections that bring no new cards.

        Raises:
            StoreError: the database cannot be read.
        """
        if self._daily is not None and day != self.opened_on:
            self._daily.need(day)
        scope = scope or Scope()
        if first is None:
            first = self.new_first(course_no, day, limits=limits, unread=unread) if bury_siblings else ()
        found = {}
        for origin, bound in (("new", limits.new_per_day), ("due", limits.reviews_per_day)):
            sql = records.count(origin, scope=scope, bury_siblings=bury_siblings)  # type: ignore[arg-type]
            found[origin] = self._number(sql, self._values(course_no, day, scope, first, unread) | {"limit": bound})
        return Counts(**found, reask=len(self.missed(course_no, day, scope=scope)))

    def new_first(self, course_no: int, day: date, *, limits: Limits, unread: Sequence[str] = ()) -> tuple[str, ...]:
        """The sibling groups whose new card goes before its due card today: those that fill up the day's new cards.

        It looks at the whole course, so that each scope sees the same.

        Raises:
            StoreError: the database cannot be read.
        """
        if not new_may_go_first(day):
            return ()
        values = self._values(course_no, day, Scope(), unread=unread)
        sql = records.count("new", scope=Scope(), bury_siblings=True)
        free = self._number(sql, values | {"limit": limits.new_per_day})
        if free >= limits.new_per_day:
            return ()
        rows = self._all(records.NEW_BEHIND_DUE, values | {"limit": limits.new_per_day - free})
        return tuple(group for (group,) in rows)

    def missed(self, course_no: int, day: date, *, scope: Scope | None = None) -> list[int]:
        """The cards that are still asked again on a study day, by number.

        Raises:
            StoreError: the database cannot be read.
        """
        scope = scope or Scope()
        sql = records.waiting("reask", scope=scope, bury_siblings=False)
        rows = self._all(sql, self._values(course_no, day, scope) | {"limit": UNLIMITED})
        if not rows:
            return []
        answers = self.answers_today(course_no, day)
        return [no for no, _ in rows if not answers.is_spent(no)]

    def unseen(self, course_no: int, day: date, scope: Scope, *, bury_siblings: bool = True) -> int:
        """The new cards of a scope that a study day may bring, whatever its limits and what was read.

        Raises:
            StoreError: the database cannot be read.
        """
        sql = records.count("new", scope=scope, bury_siblings=bury_siblings)
        return self._number(sql, self._values(course_no, day, scope) | {"limit": UNLIMITED})

    def overdue(self, course_no: int, day: date, *, scope: Scope | None = None) -> int:
        """All cards that are due on a study day, whatever its limits and their siblings.

        Raises:
            StoreError: the database cannot be read.
        """
        scope = scope or Scope()
        sql = records.count("due", scope=scope, bury_siblings=False)
        return self._number(sql, self._values(course_no, day, scope) | {"limit": UNLIMITED})

    def kinds(
        self,
        origin: Origin,
        course_no: int,
        day: date,
        *,
        most: int,
        scope: Scope | None = None,
        bury_siblings: bool = True,
        unread: Sequence[str] = (),
    ) -> dict[str, int]:
        """Of which kind the next cards of an origin are, `most` of them.

        Raises:
            StoreError: the database cannot be read.
        """
        scope = scope or Scope()
        sql = records.waiting(origin, scope=scope, bury_siblings=bury_siblings)
        values = self._values(course_no, day, scope, unread=unread) | {"limit": most}
        return dict(Counter(kind for _, kind in self._all(sql, values)))

    def kinds_of(self, numbers: Sequence[int]) -> dict[str, int]:
        """How many of the cards of these numbers are of each kind.

        Raises:
            StoreError: the database cannot be read.
        """
        return dict(self._all(records.KINDS_OF, (json.dumps(numbers),)))

    def recent_times(self, course_no: int, *, most: int, reach: int) -> list[TimedAnswer]:
        """The newest answers of a course with the time they took, newest first: `most` of the log's last `reach` rows.

        Raises:
            StoreError: the database cannot be read.
        """
        rows = self._all(records.RECENT_TIMES, {"course": course_no, "most": most, "reach": reach})
        return [TimedAnswer(kind, action, bool(new), grade, ms) for kind, action, new, grade, ms in rows]

    def live_cards(self, course_no: int) -> list[LiveCard]:
        """All cards of a course that are not archived, in its order; some milliseconds, as no text is read.

        Raises:
            StoreError: the database cannot be read.
        """
        rows = self._all(records.LIVE_CARDS, (course_no,))
        with translated(self.path):
            found = []
            for no, key, chapter, section, kind, group, *values in rows:
                state = card_state(values)
                card = LiveCard(
                    no, key, chapter, section, kind, str(group), state.schedule,
                    state.leech, state.suspended, state.buried_on,
                )  # fmt: skip
                found.append(card)
            return found

    def coming(
        self, course_no: int, day: date, until: date, *, first: Sequence[str] = (), bury_siblings: bool = True
    ) -> list[ComingCard]:
        """The cards due before `until`, in the order in which they come; what holds them on `day` is said.

        Raises:
            StoreError: the database cannot be read.
        """
        rows = self._all(records.COMING, self._values(course_no, day, Scope(), first) | {"until": until.isoformat()})
        with translated(self.path):
            return [
                ComingCard(
                    no,
                    str(group) if bury_siblings else str(no),
                    date.fromisoformat(due_on),
                    bool(hidden),
                    bury_siblings and bool(gives_way),
                    chapter,
                    section,
                )
                for no, group, due_on, hidden, gives_way, chapter, section in rows
            ]

    def last_act(self, course_no: int) -> tuple[str, Undone] | None:
        """The session of the course's last act that still stands, and what taking it back would be; None without one.

        Raises:
            StoreError: the database cannot be read.
        """
        found = self._one(records.LAST_LIVE, (course_no,))
        if found is None:
            return None
        review_id, card_no, action, grade, _, key, section = found
        session = self._one("SELECT session_uid FROM review WHERE id = ?", (review_id,))
        return str(session[0]) if session else "", Undone(action, card_no, grade, review_id, key, section)

    def last_answered(self, course_no: int) -> tuple[str, str] | None:
        """When a card of the course was answered last (UTC, ISO), and its section; None if none was.

        Raises:
            StoreError: the database cannot be read.
        """
        return self._one(records.LAST_ANSWERED, (course_no,))

    def state_changed(self, scope: str, name: str) -> str:
        """When a small state was written (UTC, ISO); "" if there is none. Raises StoreError."""
        row = self._one("SELECT changed_at FROM learner_state WHERE scope = ? AND name = ?", (scope, name))
        return "" if row is None else str(row[0])

    def days_in_a_row(self, course_nos: Sequence[int], day: date) -> tuple[int, bool]:
        """How many study days in a row had a review, and whether `day` is one; see `log.days_in_a_row`.

        Raises:
            StoreError: the database cannot be read.
        """
        with translated(self.path), self._to_read() as connection:
            return log.days_in_a_row(connection, course_nos, day)

    def cards_ahead(self, course_nos: Sequence[int], now: datetime, day: date) -> list[CardAhead]:
        """The cards that wait for a day which a clock that was ahead gave them; see `log.cards_ahead`.

        Raises:
            StoreError: the database cannot be read.
        """
        with translated(self.path), self._to_read() as connection:
            return log.cards_ahead(connection, course_nos, now, day)

    def pick(
        self,
        origin: Origin,
        course_no: int,
        day: date,
        *,
        order: ReviewOrder = "due",
        scope: Scope | None = None,
        bury_siblings: bool = True,
        first: Sequence[str] = (),
        unread: Sequence[str] = (),
    ) -> StoredCard | None:
        """The next due or new card of a study day, or None; `first` as `new_first` gives it, `unread` as in `counts`.

        Raises:
            DamagedText: its text is damaged, and the course's files do not give it again.
            StoreError: the database cannot be read.
        """
        scope = scope or Scope()
        shape = (origin, order, scope, bury_siblings)
        sql = self._statements.get(shape)
        if sql is None:
            sql = records.pick(origin, order=order, scope=scope, bury_siblings=bury_siblings)
            self._statements[shape] = sql
        values = self._values(course_no, day, scope, first, unread)
        if order == "shuffled":
            values["salt"] = day.toordinal() * 97_612_893
        return self._card(sql, values)

    def card(self, course_no: int, key: str) -> StoredCard | None:
        """The card of an author's id, archived ones too."""
        return self._card(records.CARD_BY_KEY, (course_no, key))

    def card_by_no(self, no: int) -> StoredCard | None:
        """The card of a database number."""
        return self._card(records.CARD_BY_NO, (no,))

    # Writing

    def answer(self, record: ReviewRecord) -> int:
        """Write one answer and the state it leads to, durably, and return the log row's id.

        Where it was given beside the schedule, the card's present state stands before and after it: an answer in
        another window meanwhile is neither overwritten nor in the way.

        Raises:
            StaleCard: the card changed since it was shown, or there is no such card; nothing was written.
            DuplicateReview: this showing is in the log already.
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: the moment has no time zone.
        """
        return self._write(lambda connection: log.answer(connection, record))

    def act(
        self,
        action: Action,
        after: Mapping[int, CardState],
        stamp: Stamp,
        *,
        evidence: Mapping[int, Mapping[str, Any]] = MappingProxyType({}),
    ) -> list[int]:
        """Suspend, bury, flag, tag, override the due date or reset cards (by number), all or none; gives the rows' ids.

        Of `after` only what the action is about is taken (`records.changed`): if another window answered the card
        meanwhile, its new schedule stands. `evidence` is what the act did to a card beside its state, as JSON holds it.

        Raises:
            StaleCard: there is no such card.
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: `action` is an answer or an undo, or the moment has no time zone.
        """
        return self._write(lambda connection: log.act(connection, action, after, stamp, evidence))

    def undo(self, course_no: int, stamp: Stamp) -> Undone | None:
        """Take back the course's last act that still stands, by a row that says so; again goes deeper.

        Returns None when nothing is left to take back.

        Raises:
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: the moment has no time zone.
        """
        return self._write(lambda connection: log.undo(connection, course_no, stamp))

    def moves(self, review_id: int, session_uid: str = "") -> dict[str, Any]:
        """What the log says of moves that stand, by the cards' keys: of one row, or of all of a session.

        Raises:
            StoreError: the database cannot be read.
        """
        with translated(self.path), self._to_read() as connection:
            return log.moves(connection, review_id, session_uid)

    def undo_session(self, session_uid: str, stamp: Stamp) -> int:
        """Take back all that stands of a session, all or none, but for cards something happened to since; how many.

        Raises as `undo`.
        """
        return self._write(lambda connection: log.undo_session(connection, session_uid, stamp))

    # The learner's small states; `learner_state` says what they are

    def state(self, scope: str, name: str, read: Callable[[Any], Result]) -> Result | None:
        """What `read` makes of a small state's value, or None if there is none.

        Raises:
            StoreError: the database cannot be read.
            ValueError: the value cannot.
        """
        try:
            with self._to_read() as connection:
                return learner_state.get(connection, scope, name, read)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def states(self, scope: str, read: Callable[[Any], Result]) -> dict[str, Result]:
        """The small states of a scope by name, without those that `read` cannot read. Raises StoreError."""
        with translated(self.path), self._to_read() as connection:
            return learner_state.all_of(connection, scope, read)

    def put_state(self, scope: str, name: str, value: Any, *, at: datetime) -> None:
        """Write a small state, durably; `value` is anything JSON can hold.

        Raises:
            StoreError: busy, full, read-only; what was there stands.
        """
        changed_at, _ = moment(at)
        self._write(lambda connection: learner_state.put(connection, State(scope, name, value), changed_at))

    def delete_state(self, scope: str, name: str) -> None:
        """Take a small state away, if it is there. Raises StoreError."""
        self._write(lambda connection: learner_state.delete(connection, scope, name))

    def import_states(self, files: Mapping[str, tuple[str, Sequence[State]]], *, at: datetime) -> None:
        """Take in what files hold, by their names with their hashes: each once, and nothing over what is there.

        Raises:
            StoreError: nothing of them was written.
        """
        changed_at, _ = moment(at)

        def write(connection: sqlite3.Connection) -> None:
            for name, (sha256, states) in files.items():
                learner_state.import_once(connection, name, sha256, states, changed_at)

        self._write(write)

    def set_state_aside(self, scope: str, name: str) -> None:
        """Keep a small state that cannot be read where no other overwrites it. Raises StoreError."""
        self._write(lambda connection: learner_state.set_aside(connection, scope, name))

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The same database through a connection of its own that changes nothing, for use in another thread.

        Raises:
            StoreError: the database cannot be read.
        """
        with closing(self._reader()) as connection:
            yield Store(connection, self.path, today=self.opened_on)

    @staticmethod
    def _values(
        course_no: int, day: date, scope: Scope, first: Sequence[str] = (), unread: Sequence[str] = ()
    ) -> dict[str, Any]:
        return {
            "course": course_no,
            "day": day.isoformat(),
            "section": scope.section,
            "chapter": scope.chapter,
            "first": json.dumps(first) if first else "[]",
            "unread": json.dumps(unread) if unread else "[]",
        }

    def _caught_up(self, course_no: int, day: date) -> Tally:
        with translated(self.path), self._to_read() as connection:
            tally = self._tallies.get(course_no) if connection is self.connection else None
            if tally is None or tally.day != day:
                tally = Tally(connection, course_no, day)
                if connection is self.connection:
                    self._tallies[course_no] = tally
            tally.catch_up(connection)
            return tally

    def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """One transaction that takes the write lock at once; all of it is durable, or none of it is written."""
        try:
            return self._transact(work)
        except Moved as moved:
            self._open_anew(moved)
            return self._transact(work)

    def _transact(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """A function and not a context manager, as `_one` is: each answer passes here."""
        connection, watch = self.connection, self._watch
        try:
            connection.execute("BEGIN IMMEDIATE")
            watch.before_write(connection)
            top, after = watch.newest or (0, None)
            result = work(connection)
            added = connection.execute(wal.ADDED, (after, top)).fetchall()
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            watch.marked = False
            if isinstance(error, sqlite3.IntegrityError) and "review.review_uid" in str(error):
                raise DuplicateReview("This answer is in the log already.") from error
            if isinstance(error, sqlite3.Error):
                raise self._explained(error) from error
            if isinstance(error, UnicodeError | OverflowError | MemoryError):  # a value that SQLite cannot take
                raise StoreError(f"The database cannot hold this ({error}).", hint="Nothing was written.") from error
            if isinstance(error, Replaced):
                self._replaced = error
                self.on_replaced()
            with translated(self.path):
                raise
        if added:
            newest, uid, day, _ = added[-1]
            watch.newest = newest, uid
            wal.append(self._journal, [line for *_, line in added])
            if self._daily is not None:
                self._daily.need(date.fromisoformat(day))
        self._writes += 1
        if self._writes >= CHECKPOINT_AFTER:
            self._checkpoint()
        return result

    @contextmanager
    def _to_read(self) -> Iterator[sqlite3.Connection]:
        """The connection of the thread that opened the store; one for the block in any other."""
        if get_ident() == self._owner:
            yield self.connection
        else:
            with closing(self._reader()) as connection:
                yield connection

    def _reader(self) -> sqlite3.Connection:
        with self._door:
            if self._closed:
                raise StoreError(
                    "The study database was closed meanwhile.", hint="Start studytui again; nothing is lost."
                )
            return connect_to_read(self.path)

    def _number(self, sql: str, values: Any) -> int:
        row = self._one(sql, values)
        return int(row[0]) if row else 0

    def _all(self, sql: str, values: Any) -> list[tuple[Any, ...]]:
        with translated(self.path), self._to_read() as connection:
            return connection.execute(sql, values).fetchall()

    def _checkpoint(self) -> None:
        """Put the log into the file, if that is still ours; where it cannot be done now, it is done another time."""
        self._writes = 0
        with suppress(sqlite3.Error, StoreError, Moved):
            self._watch.look()
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._watch.after_checkpoint()

    def _open_anew(self, moved: Moved) -> None:
        with translated(self.path):
            if moved.log_is_gone:
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self.connection.close()
            else:
                self.close_untouched()
            self.connection = connect(self.path)
            self._watch = Watch(self.connection, self.path)

    def _settle_in(self, log: Path | None) -> None:
        """After opening: see whether the file is the one that was left here, and mark one that never was."""
        with translated(self.path):
            if self._watch.newest is None and self.path.with_name(BACKUPS).is_dir():
                from studytui.store import backup

                backup.require_no_other_answers(self.path, self._watch.uid)
            missing = look_for_missing(self.connection, self.path)
        if log is not None or missing is not None:
            answers, kept = missing or (0, None)
            self.arrival = Arrival(answers, kept, log)
        if self._watch.is_unmarked:
            with suppress(StoreError):
                self._write(lambda _: None)
                self._checkpoint()

    def _explained(self, error: sqlite3.Error) -> StoreError:
        """What an error of SQLite means; in a file that was written over, whatever it says."""
        try:
            self._watch.look()
        except Replaced as replaced:
            self._replaced = replaced
            self.on_replaced()
            return replaced
        except Moved:
            pass
        return explain(error, self.path)

    def mended(self, read: Callable[[], Result]) -> Result:
        """What `read` returns; where it meets a damaged text of a card, the course's files are compiled anew first.

        Raises:
            DamagedText: the files do not give the text again.
        """
        try:
            return read()
        except DamagedText:
            self.recompile()
            return read()

    def _card(self, sql: str, values: Any) -> StoredCard | None:
        def read() -> StoredCard | None:
            row = self._one(sql, values)
            try:
                return None if row is None else stored_card(row)
            except NOT_IN_ROWS:
                with translated(self.path):
                    raise

        return self.mended(read)

    def _one(self, sql: str, values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None
        try:
            if get_ident() == self._owner:
                row = self.connection.execute(sql, values).fetchone()
            else:
                with closing(self._reader()) as connection:
                    row = connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise self._explained(error) from error
        return row
