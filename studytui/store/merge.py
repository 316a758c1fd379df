"""Bringing the answers of another copy of the database into this one: the union by review_uid, replayed.

Two machines went on from a common log, so each has rows the other lacks. Those that are missing here are put in where
their time is, after the row that they follow there; the rows behind them move up. Then the cards that got a row are
replayed: what the learner did stays as it was logged, what it led to is worked out again. Which of two copies is
brought into the other makes no difference to the cards.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from studytui.domain import sm2
from studytui.errors import Unreadable
from studytui.store import records, wal
from studytui.store.connection import connect_to_read, require_known, translated, version
from studytui.store.log import digest
from studytui.store.records import (
    CARD_DIGEST_OF,
    HEAD,
    LOG_COLUMNS,
    NEW_STATE,
    SET_STATE,
    STATE_COLUMNS,
    CardState,
    changed,
    course_digest,
    seal,
    state_values,
    text_day,
)
from studytui.store.schema import bring_up_to_date, require_own
from studytui.store.wal import CARD_COLUMNS, TEXT_COLUMNS, LogLine

_PLACE: Final = {column: place for place, column in enumerate(LOG_COLUMNS)}
_ID_OF: Final = "SELECT id FROM review WHERE review_uid = ?"
_TAKEN_BACK: Final = "SELECT 1 FROM review WHERE undoes = ? AND undoes IS NOT NULL"
_FIRST_LATER: Final = "SELECT min(id) FROM review WHERE id > ? AND (at_utc, review_uid) > (?, ?)"
_TAKEN_BACK_BEHIND: Final = (
    "SELECT min(undoes) FROM review WHERE id > ? AND undoes <= ? AND card_id IN (SELECT value FROM json_each(?))"
)
_TAIL: Final = (
    f"SELECT r.id, u.review_uid, r.digest, {', '.join(f'r.{column}' for column in LOG_COLUMNS)}"
    " FROM review r LEFT JOIN review u ON u.id = r.undoes WHERE r.id > ? ORDER BY r.id"
)
_STATE_AFTER: Final = "SELECT state_after FROM review WHERE card_id = ? AND id <= ? ORDER BY id DESC LIMIT 1"
_STATE_BEFORE: Final = "SELECT state_before FROM review WHERE review_uid = ?"
_STANDING: Final = (
    "SELECT r.review_uid FROM review r WHERE r.card_id = ? AND r.id <= ? AND r.action <> 'undo'"
    " AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id AND u.undoes IS NOT NULL AND u.id <= ?)"
    " ORDER BY r.id"
)
_INSERT: Final = (
    f"INSERT INTO review (id, {', '.join(LOG_COLUMNS)}, digest) VALUES ({', '.join('?' for _ in range(20))})"
)
_NEW_CARD: Final = (
    f"INSERT INTO card (course_id, key, {', '.join(CARD_COLUMNS)}, has_siblings, archived, {', '.join(STATE_COLUMNS)})"
    f" VALUES (?, ?, {', '.join('?' for _ in CARD_COLUMNS)}, 0, ?, {NEW_STATE})"
)
_NEW_TEXT: Final = (
    f"INSERT INTO card_text (card_id, {', '.join(TEXT_COLUMNS)}) VALUES (?, {', '.join('?' for _ in TEXT_COLUMNS)})"
)
_SEALED: Final = f"SELECT {CARD_DIGEST_OF} FROM card_text t JOIN card c ON c.id = t.card_id WHERE c.id = ?"
_NEWER_STATES: Final = (
    "INSERT INTO main.learner_state SELECT * FROM other.learner_state WHERE true ON CONFLICT (scope, name)"
    " DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, digest = excluded.digest"
    " WHERE (excluded.changed_at, excluded.value) > (learner_state.changed_at, learner_state.value)"
)


@dataclass(slots=True)
class _Row:
    """A row on its way into the log; `id` is what it has now, 0 for one that comes in."""

    id: int
    undoes: str | None
    values: list[Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[_PLACE[column]]

    def __setitem__(self, column: str, value: Any) -> None:
        self.values[_PLACE[column]] = value

    @property
    def uid(self) -> str:
        return str(self["review_uid"])

    @property
    def at(self) -> tuple[str, str]:
        """Orders the rows of two machines: the moment in UTC, then the review_uid."""
        return str(self["at_utc"]), self.uid


def merge_file(
    connection: sqlite3.Connection,
    source: Path,
    *,
    begun: Callable[[sqlite3.Connection], None] = lambda _: None,
) -> int:
    """Take in what another database of this app has and this one lacks; returns how many rows came in.

    All of it is one transaction, in which `begun` is called first. Of the learner's small states the one changed last
    stays; of two changed at once the same one, whichever file takes in the other.

    Raises:
        Unreadable, NewerVersion: the source is damaged, no database of this app or a newer version's.
        StoreError: the disk refuses, or another window is writing. In each case this database stays as it is.
    """
    with closing(connect_to_read(source)) as reading, translated(source):
        found = version(reading)
        require_known(found)
        if found is None:
            raise Unreadable(f"{source} is empty.")
        require_own(reading, found, source)
        if found != HEAD:
            with TemporaryDirectory(prefix="studytui-") as place:
                return merge_file(connection, _brought_up_to_date(reading, Path(place) / "study.db"), begun=begun)
    how = "mode=ro" if wal.log_of(source).exists() else "mode=ro&immutable=1"
    with translated(source):
        connection.execute("ATTACH ? AS other", (f"{source.absolute().as_uri()}?{how}",))
        try:
            rows = connection.execute(wal.MISSING).fetchall()
            connection.execute("BEGIN IMMEDIATE")
            try:
                begun(connection)
                added = merge(connection, [wal.parse(line) for *_, line in rows])
                connection.execute(_NEWER_STATES)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        finally:
            connection.execute("DETACH other")
    return added


def _brought_up_to_date(reading: sqlite3.Connection, copy: Path) -> Path:
    with closing(sqlite3.connect(copy)) as writing:
        reading.backup(writing)
    bring_up_to_date(copy)
    return copy


def merge(connection: sqlite3.Connection, lines: Iterable[LogLine]) -> int:
    """Within the caller's transaction: put rows of another log in that are missing here; returns how many.

    `lines` are in the order of their log. Left out are those that are there already, that were damaged on their way,
    that take back what was taken back here too, or what never came.

    Raises:
        Unreadable: a row in the log here is damaged; nothing may be worked out from it.
        sqlite3.Error: the database refuses.
    """
    coming = _coming(connection, lines)
    if not coming:
        return 0
    fresh = [row for _, row in coming]
    floor = _floor(connection, coming)
    tail = [_row(found) for found in connection.execute(_TAIL, (floor,)).fetchall()]
    order = _in_order(coming, tail)
    try:
        states = {no: _replayed(connection, order, no, floor) for no in dict.fromkeys(row["card_id"] for row in fresh)}
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"A state in the log cannot be read: {error}.", hint="Run `studytui doctor`.") from error
    _write(connection, order, floor, states)
    return len(fresh)


def _coming(connection: sqlite3.Connection, lines: Iterable[LogLine]) -> list[tuple[str | None, _Row]]:
    """The rows that come in, with the review_uid of the row here that each must stand after."""
    coming: list[tuple[str | None, _Row]] = []
    here: dict[str, str | None] = {}
    came: set[str] = set()
    taken_back: set[str] = set()
    known: dict[str, int | None] = {}

    def id_of(uid: str | None) -> int | None:
        if uid is not None and uid not in known:
            found = connection.execute(_ID_OF, (uid,)).fetchone()
            known[uid] = None if found is None else int(found[0])
        return None if uid is None else known[uid]

    numbers: dict[tuple[str, str], int] = {}
    for line in lines:
        # What a row follows may itself have come in or been left out: then what that one followed.
        after = here.get(line.after, line.after) if line.after else None
        if id_of(line.uid) is not None:
            continue
        here[line.uid] = after if id_of(after) is not None else None
        if line.digest and digest(line.row) != line.digest:
            continue
        if line.undoes is not None:
            target = id_of(line.undoes)
            if line.undoes in taken_back or (target is None and line.undoes not in came):
                continue
            if target is not None and connection.execute(_TAKEN_BACK, (target,)).fetchone():
                continue
            taken_back.add(line.undoes)
        key = (line.course[0], line.card)
        if key not in numbers:
            numbers[key] = _card_no(connection, line)
        row = _Row(0, line.undoes, list(line.row))
        row["card_id"] = numbers[key]
        coming.append((here[line.uid], row))
        came.add(line.uid)
    return coming


def _card_no(connection: sqlite3.Connection, line: LogLine) -> int:
    """The card's number here; one that is not here is made.

    Where the course's files were read without it, it is archived until they bring it back.
    """
    key, title, edition = line.course
    found = connection.execute(
        "SELECT c.id FROM card c JOIN course k ON k.id = c.course_id WHERE k.key = ? AND c.key = ?", (key, line.card)
    ).fetchone()
    if found is not None:
        return int(found[0])
    connection.execute(
        "INSERT INTO course (key, title, version) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING", (key, title, edition)
    )
    (course_no,) = connection.execute("SELECT id FROM course WHERE key = ?", (key,)).fetchone()
    connection.execute(
        "UPDATE course SET digest = ? WHERE id = ? AND digest = ''",
        (course_digest(course_no, key, title, edition), course_no),
    )
    about, text = line.about[: len(CARD_COLUMNS)], line.about[len(CARD_COLUMNS) :]
    (is_read,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM source_file WHERE course_id = ?)", (course_no,)
    ).fetchone()
    no = connection.execute(_NEW_CARD, (course_no, line.card, *about, is_read)).lastrowid
    assert no is not None
    if text[0] is not None:
        connection.execute(_NEW_TEXT, (no, *text))
        values = connection.execute(_SEALED, (no,)).fetchone()
        connection.execute("UPDATE card_text SET digest = ? WHERE card_id = ?", (seal(values), no))
    return no


def _floor(connection: sqlite3.Connection, coming: Sequence[tuple[str | None, _Row]]) -> int:
    """The id of the last row that stays where it is.

    That is what stands before the first row that comes in, and before all that is taken back behind it.
    """
    after, first = coming[0]
    pred = _id(connection, after) if after is not None else 0
    (later,) = connection.execute(_FIRST_LATER, (pred, *first.at)).fetchone()
    (newest,) = connection.execute(records.NEWEST).fetchone()
    floor = (newest or 0) if later is None else later - 1
    for _, row in coming:
        if row.undoes is not None and (target := _id(connection, row.undoes)):
            floor = min(floor, target - 1)
    cards = json.dumps(list({row["card_id"] for _, row in coming}))
    while (lower := connection.execute(_TAKEN_BACK_BEHIND, (floor, floor, cards)).fetchone()[0]) is not None:
        floor = lower - 1
    return int(floor)


def _id(connection: sqlite3.Connection, uid: str) -> int:
    found = connection.execute(_ID_OF, (uid,)).fetchone()
    return 0 if found is None else int(found[0])


def _row(found: Sequence[Any]) -> _Row:
    row_id, undoes, known_digest, *values = found
    if known_digest and digest(values) != known_digest:
        raise Unreadable(f"Row {row_id} of the log is damaged.", hint="Run `studytui doctor`.")
    return _Row(row_id, undoes, values)


def _in_order(coming: Sequence[tuple[str | None, _Row]], tail: Sequence[_Row]) -> list[_Row]:
    """Both by time; each log keeps its own order, and no row comes before the one it follows."""
    place = {row.uid: index for index, row in enumerate(tail)}
    order: list[_Row] = []
    reached = 0
    for after, row in coming:
        least = -1 if after is None else place.get(after, -1)
        while reached < len(tail) and (reached <= least or tail[reached].at < row.at):
            order.append(tail[reached])
            reached += 1
        order.append(row)
    return order + list(tail[reached:])


def _replayed(connection: sqlite3.Connection, order: list[_Row], card_no: int, floor: int) -> CardState:
    """Follow one card through the rows that are written again; puts them right and returns where it ends."""
    slots = [slot for slot, row in enumerate(order) if row["card_id"] == card_no]
    found = connection.execute(_STATE_AFTER, (card_no, floor)).fetchone()
    start = CardState() if found is None else CardState.from_json(found[0])
    standing = [uid for (uid,) in connection.execute(_STANDING, (card_no, floor, floor))]
    rows = [order[slot] for slot in slots]
    sorted_rows = _nested(rows, standing)
    for slot, row in zip(slots, sorted_rows, strict=True):
        order[slot] = row
    before: dict[str, CardState] = {}
    state, same = start, True
    for old, row in zip(rows, sorted_rows, strict=True):
        same = same and old is row and row.id > 0
        before[row.uid] = state
        if same:
            state = CardState.from_json(row["state_after"])
            continue
        state = _follow(connection, row, state, before)
    return state


def _nested(rows: Sequence[_Row], standing: Sequence[str]) -> list[_Row]:
    """The same rows; an undo of what is not the card's last standing act is put right behind that act."""
    stack, result = list(standing), list(rows)
    for row in rows:
        if row.undoes is None:
            stack.append(row.uid)
        elif stack and stack[-1] == row.undoes:
            stack.pop()
        else:
            stack = [uid for uid in stack if uid != row.undoes]
            result.remove(row)
            result.insert(next(at for at, other in enumerate(result) if other.uid == row.undoes) + 1, row)
    return result


def _follow(connection: sqlite3.Connection, row: _Row, state: CardState, before: dict[str, CardState]) -> CardState:
    """Make the row start from `state`; returns where it leads."""
    logged_before, logged = CardState.from_json(row["state_before"]), CardState.from_json(row["state_after"])
    day = text_day(row["study_day"])
    match row["action"]:
        case "undo":
            target = row.undoes
            assert target is not None
            if target in before:
                after = before[target]
            else:
                after = CardState.from_json(connection.execute(_STATE_BEFORE, (target,)).fetchone()[0])
        case "review" | "reask":
            if day is None:
                raise ValueError(f"{row.uid} has no day")
            row["action"] = "reask" if state.schedule.is_reask(day) else "review"
            became_leech = logged.leech and not logged_before.leech
            after = replace(
                state,
                schedule=sm2.review(state.schedule, row["grade"], on=day),
                leech=state.leech or became_leech,
                suspended=state.suspended or (became_leech and logged.suspended),
            )
        case action:
            after = changed(action, state, logged)
    row["state_before"], row["state_after"] = state.to_json(), after.to_json()
    return after


def _write(connection: sqlite3.Connection, order: Sequence[_Row], floor: int, states: dict[int, CardState]) -> None:
    connection.execute("PRAGMA defer_foreign_keys = ON")
    connection.execute("DELETE FROM review WHERE id > ?", (floor,))
    ids = {row.uid: floor + place for place, row in enumerate(order, start=1)}
    last: dict[int, int] = {}
    for row in order:
        if row.undoes is not None:
            row["undoes"] = ids[row.undoes] if row.undoes in ids else _id(connection, row.undoes)
        connection.execute(_INSERT, (ids[row.uid], *row.values, digest(row.values)))
        last[row["card_id"]] = ids[row.uid]
    for no, review_id in last.items():
        if no in states:
            connection.execute(SET_STATE, (*state_values(states[no]), review_id, no))
        else:
            connection.execute("UPDATE card SET last_review_id = ? WHERE id = ?", (review_id, no))
