"""The store: one connection, the queue's questions, and one durable commit for each answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from studytui.domain.queue import Counts, Limits, Origin, ReviewOrder, Scope
from studytui.store import statements
from studytui.store.acts import changed
from studytui.store.connection import HEAD, NOT_IN_ROWS, connect, explain, translated, version
from studytui.store.errors import DamagedText, DuplicateReview
from studytui.store.log import act_row, answer_row, append, state_of
from studytui.store.records import (
    Action,
    CardState,
    CompiledCard,
    Done,
    FileStamp,
    ReviewRecord,
    StoredCard,
    SyncReport,
    Undone,
)
from studytui.store.rows import stored_card
from studytui.store.tally import Tally

UNLIMITED = -1
Result = TypeVar("Result")


class Store:
    """The learner's database. Calls are synchronous and belong to one thread; each writing call is one commit."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, today: date) -> None:
        self.connection = connection
        self.path = path
        self.opened_on = today
        self.recompile: Callable[[], None] = lambda: None
        """Writes the texts of the course's cards anew from its files; called, in any thread, where one is damaged."""
        self._statements: dict[tuple[Any, ...], str] = {}
        self._tally: Tally | None = None

    @classmethod
    def open(cls, path: Path, *, today: date) -> Self:
        """Open or make the database; an older schema is migrated after a backup dated `today`.

        Raises:
            StoreError: it cannot be opened, is damaged, or is from a newer version. The file is then untouched.
        """
        connection = connect(path)
        try:
            with translated(path):
                found = version(connection)
            if found != HEAD:
                from studytui.store.migrate import migrate

                connection.close()
                migrate(path, found, today=today)
                connection = connect(path)
        except BaseException:
            connection.close()
            raise
        return cls(connection, path, today=today)

    def close(self) -> None:
        """Close the connection; what was committed is on the disk."""
        self.connection.close()

    def daily_backup(self) -> Path | None:
        """Copy the database into the backups folder, once on each day it is opened; None if today's is there.

        It opens connections of its own, so it may run in any thread while the store is used.

        Raises:
            StoreError: the copy cannot be written, or the database is damaged; earlier backups stay.
        """
        from studytui.store import backup

        return backup.daily(self.path, today=self.opened_on)

    # The course

    def course_no(self, course_key: str) -> int | None:
        """The number of a course that was opened before, or None."""
        row = self._one("SELECT id FROM course WHERE key = ?", (course_key,))
        return None if row is None else int(row[0])

    def course_files(self, course_key: str) -> dict[str, FileStamp]:
        """The course's files as they were when last compiled, by path."""
        with translated(self.path):
            rows = self.connection.execute(statements.COURSE_FILES, (course_key,)).fetchall()
        return {row[0]: FileStamp(*row) for row in rows}

    def sync_course(
        self,
        key: str,
        title: str,
        version: str,
        files: Sequence[FileStamp],
        cards: Sequence[CompiledCard],
        *,
        anew: bool = False,
    ) -> SyncReport:
        """Bring the cards in line with the course's files in one transaction; see `sync.sync_course`."""
        from studytui.store.sync import sync_course

        return self._write(
            lambda connection: sync_course(
                connection, key, title=title, version=version, files=files, cards=cards, anew=anew
            )
        )

    # The queue

    def done_today(self, course_no: int, day: date) -> Done:
        """Scheduled reviews of a study day that were not taken back, of cards new before and of others.

        Raises:
            StoreError: the database cannot be read.
        """
        with translated(self.path):
            if self._tally is None or (self._tally.course_no, self._tally.day) != (course_no, day):
                self._tally = Tally(self.connection, course_no, day)
            return self._tally.count(self.connection)

    def counts(
        self, course_no: int, day: date, *, limits: Limits, scope: Scope | None = None, bury_siblings: bool = True
    ) -> Counts:
        """Cards waiting on a study day, within what is left of the day's limits."""
        scope = scope or Scope()
        bounds: dict[Origin, int] = {
            "new": limits.new_per_day,
            "due": limits.reviews_per_day,
            "reask": UNLIMITED,
        }
        found = {}
        for origin, bound in bounds.items():
            sql = statements.count(origin, scope=scope, bury_siblings=bury_siblings)
            row = self._one(sql, self._values(course_no, day, scope) | {"limit": bound})
            found[origin] = int(row[0]) if row else 0
        return Counts(new=found["new"], due=found["due"], reask=found["reask"])

    def pick(
        self,
        origin: Origin,
        course_no: int,
        day: date,
        *,
        order: ReviewOrder = "due",
        scope: Scope | None = None,
        bury_siblings: bool = True,
        skip: Sequence[int] = (),
    ) -> StoredCard | None:
        """The next card of an origin on a study day, or None; cards in `skip` are passed over.

        Raises:
            DamagedText: its text is damaged, and the course's files do not give it again.
            StoreError: the database cannot be read.
        """
        scope = scope or Scope()
        shape = (origin, order, scope, bury_siblings, len(skip))
        sql = self._statements.get(shape)
        if sql is None:
            sql = statements.pick(origin, order=order, scope=scope, bury_siblings=bury_siblings, skip=len(skip))
            self._statements[shape] = sql
        values = self._values(course_no, day, scope)
        if order == "shuffled":
            values["salt"] = day.toordinal() * 97_612_893
        for index, no in enumerate(skip):
            values[f"skip{index}"] = no
        return self._card(sql, values)

    def card(self, course_no: int, key: str) -> StoredCard | None:
        """The card of an author's id, archived ones too."""
        return self._card(statements.CARD_BY_KEY, (course_no, key))

    def card_by_no(self, no: int) -> StoredCard | None:
        """The card of a database number."""
        return self._card(statements.CARD_BY_NO, (no,))

    # Writing

    def record_review(self, record: ReviewRecord) -> int:
        """Write one answer and the state it leads to, durably, and return the log row's id.

        Raises:
            StaleCard: the card changed since it was shown; nothing was written.
            DuplicateReview: this showing is in the log already.
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: the answer was given beside the schedule, or `at` has no time zone.
        """
        if record.action == "cram":
            raise ValueError("an answer beside the schedule is written by record_cram")
        row = answer_row(record)
        return self._write(
            lambda connection: append(
                connection, row, record.card_no, after=record.after, expected=record.expected_last_review_id
            )
        )

    def record_cram(self, record: ReviewRecord) -> int:
        """Write one answer given beside the schedule, durably, and return the log row's id.

        The card's present state stands before and after it, whatever `record` says of it: an answer in another window
        meanwhile is neither overwritten nor in the way.

        Raises:
            StaleCard: there is no such card.
            DuplicateReview: this showing is in the log already.
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: the record is of a scheduled answer, or `at` has no time zone.
        """
        if record.action != "cram":
            raise ValueError(f"{record.action!r} is scheduled; record_review writes it")

        def write(connection: sqlite3.Connection) -> int:
            present, last = state_of(connection, record.card_no)
            row = answer_row(replace(record, before=present, after=present))
            return append(connection, row, record.card_no, after=present, expected=last)

        return self._write(write)

    def act(
        self,
        action: Action,
        card_no: int,
        *,
        after: CardState,
        at: datetime,
        study_day: date,
        session_uid: str,
        review_uid: str,
    ) -> int:
        """Suspend, bury, flag, override the due date or reset: logged like an answer; returns the log row's id.

        Of `after` only what the action is about is taken (`acts.changed`): if another window answered the card
        meanwhile, its new schedule stands.

        Raises:
            StaleCard: there is no such card.
            DuplicateReview: an act of this uid is in the log already.
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: `action` is an answer or an undo, or `at` has no time zone.
        """

        def write(connection: sqlite3.Connection) -> int:
            before, last = state_of(connection, card_no)
            result = changed(action, before, after)
            row = act_row(
                action,
                card_no,
                review_uid=review_uid,
                session_uid=session_uid,
                at=at,
                study_day=study_day,
                before=before,
                after=result,
            )
            return append(connection, row, card_no, after=result, expected=last)

        return self._write(write)

    def act_on_many(
        self,
        action: Action,
        after: Mapping[int, CardState],
        *,
        at: datetime,
        study_day: date,
        session_uid: str,
        new_uid: Callable[[], str],
    ) -> int:
        """`act` on several cards at once, all or none; returns how many. Raises as `act` does."""
        from studytui.store.groups import act_on_many

        return self._write(
            lambda connection: act_on_many(
                connection, action, after, at=at, study_day=study_day, session_uid=session_uid, new_uid=new_uid
            )
        )

    def undo_group(
        self, group_uid: str, *, at: datetime, study_day: date, session_uid: str, new_uid: Callable[[], str]
    ) -> int:
        """Take back all that still stands of a session, all or none; see `groups.undo_group`. Raises as `undo_last`."""
        from studytui.store.groups import undo_group

        return self._write(
            lambda connection: undo_group(
                connection, group_uid, at=at, study_day=study_day, session_uid=session_uid, new_uid=new_uid
            )
        )

    def undo_last(
        self, *, course_no: int, at: datetime, study_day: date, session_uid: str, review_uid: str
    ) -> Undone | None:
        """Take back the course's last act that still stands, by a row that says so; again goes deeper.

        Returns None when nothing is left to take back.

        Raises:
            DuplicateReview: an act of this uid is in the log already.
            StoreError: busy, full, read-only; nothing was written and the call may be repeated.
            ValueError: `at` has no time zone.
        """

        def write(connection: sqlite3.Connection) -> Undone | None:
            found = connection.execute(statements.LAST_LIVE, (course_no,)).fetchone()
            if found is None:
                return None
            review_id, card_no, action, grade, state_before = found
            before, last = state_of(connection, card_no)
            restored = CardState.from_json(state_before)
            row = act_row(
                "undo",
                card_no,
                review_uid=review_uid,
                session_uid=session_uid,
                at=at,
                study_day=study_day,
                before=before,
                after=restored,
                undoes=review_id,
            )
            append(connection, row, card_no, after=restored, expected=last)
            return Undone(action, card_no, grade, review_id)

        return self._write(write)

    @staticmethod
    def _values(course_no: int, day: date, scope: Scope) -> dict[str, Any]:
        return {"course": course_no, "day": day.isoformat(), "section": scope.section, "chapter": scope.chapter}

    def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """One transaction that takes the write lock at once; all of it is durable, or none of it is written.

        A function and not a context manager, as `_one` is: each answer passes here.
        """
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError) and "review.review_uid" in str(error):
                raise DuplicateReview("This answer is in the log already.") from error
            with translated(self.path):
                raise
        return result

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
        try:
            row: tuple[Any, ...] | None = self.connection.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        return row
