"""One pass over the whole log: is each row as it was written, and where does the log lead each card?

The rows are read in the order in which they were written: a log is far larger than what has to be kept of each card.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias

from studytui.domain import sm2
from studytui.store.digests import seal
from studytui.store.findings import BRING_BACK, Finding, Findings
from studytui.store.records import CardState
from studytui.store.replay import Logged, faults_of
from studytui.store.rows import moment
from studytui.store.table_rows import ACTIONS, MOST_OFFSET_MINUTES, Row, faults, is_day, is_moment, is_name, rows

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
        self._findings.add(f"review {kind}", Finding("error", what, BRING_BACK, "review", first))
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
            reached = CardState(
                sm2.review(schedule, grade, on=day), state.suspended, state.buried_on, state.flagged, state.leech
            )
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
        self._findings.add(f"review {kind}", Finding("error", what, BRING_BACK, "review", row[0]))

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
