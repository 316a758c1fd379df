"""Examining the database: is the file sound, and does every card's state follow from its log?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Literal, TypeAlias

from studytui.store.connection import connect_to_read, translated
from studytui.store.records import CardState, text_day
from studytui.store.replay import Logged, replay
from studytui.store.rows import card_state
from studytui.store.statements import STATE_COLUMNS
from studytui.store.store import Store

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the cards examined so far and all cards."""

MOST_OF_A_KIND: Final = 20
STEP: Final = 1000

_BRING_BACK: Final = "Bring back a backup with `studytui restore FILE`; backups are in the folder beside the database."
_LOG: Final = (
    "SELECT card_id, id, action, undoes, study_day, grade, state_before, state_after FROM review ORDER BY card_id, id"
)
_CARDS: Final = f"SELECT id, key, last_review_id, {', '.join(STATE_COLUMNS)} FROM card ORDER BY id"
_WITHOUT_TEXT: Final = (
    "SELECT c.key FROM card c WHERE NOT EXISTS (SELECT 1 FROM card_text t WHERE t.card_id = c.id) ORDER BY c.id"
)
_TEXT_ALONE: Final = (
    "SELECT t.card_id FROM card_text t WHERE NOT EXISTS (SELECT 1 FROM card c WHERE c.id = t.card_id) ORDER BY 1"
)
_LOG_ALONE: Final = (
    "SELECT r.id FROM review r WHERE NOT EXISTS (SELECT 1 FROM card c WHERE c.id = r.card_id) ORDER BY 1"
)
_ARCHIVED: Final = "SELECT count(*) FROM card WHERE archived = 1 AND due_on IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the examination found. `error` and `warning` are wrong; `info` is only worth knowing."""

    level: Literal["error", "warning", "info"]
    what: str
    how_to_fix: str = ""

    def __str__(self) -> str:
        return f"{self.level}: {self.what} {self.how_to_fix}".rstrip()

    def to_json(self) -> dict[str, str]:
        """Keys: level, what, how_to_fix."""
        return asdict(self)


def examine(store: Store, *, progress: Progress | None = None) -> list[Finding]:
    """All findings; an empty list is a sound database. It reads through its own connection, in one snapshot.

    Raises:
        StoreError: the database cannot be read at all.
    """
    with closing(connect_to_read(store.path)) as connection, translated(store.path):
        damage = _damage(connection)
        if damage:
            return damage
        connection.execute("BEGIN")
        return [
            *_capped(_broken_references(connection)),
            *_capped(_orphans(connection)),
            *_capped(_unexplained(connection, progress or (lambda _done, _all: None))),
            *_archived(connection),
        ]


def _damage(connection: sqlite3.Connection) -> list[Finding]:
    try:
        lines = [str(line) for (line,) in connection.execute(f"PRAGMA integrity_check({MOST_OF_A_KIND})")]
    except sqlite3.DatabaseError as error:
        lines = [str(error)]
    return [Finding("error", f"The file is damaged: {line}.", _BRING_BACK) for line in lines if line != "ok"]


def _broken_references(connection: sqlite3.Connection) -> Iterator[Finding]:
    for table, row_id, other, _ in connection.execute("PRAGMA foreign_key_check"):
        yield Finding("error", f"Row {row_id} of {table} refers to a row of {other} that is not there.", _BRING_BACK)


def _orphans(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (key,) in connection.execute(_WITHOUT_TEXT):
        yield Finding("error", f'Card "{key}" has no text.', "Change its course file and open the app again.")
    for (no,) in connection.execute(_TEXT_ALONE):
        yield Finding("warning", f"A text belongs to card number {no}, which is not there.", _BRING_BACK)
    for (row_id,) in connection.execute(_LOG_ALONE):
        yield Finding("error", f"Row {row_id} of the log belongs to no card.", _BRING_BACK)


def _unexplained(connection: sqlite3.Connection, progress: Progress) -> Iterator[Finding]:
    """Cards whose state does not follow from their log. Both are read in the order of the cards, side by side."""
    (count,) = connection.execute("SELECT count(*) FROM card").fetchone()
    logs = groupby(connection.execute(_LOG), key=itemgetter(0))
    log_no, rows = next(logs, (None, iter(())))
    for done, (no, key, last, *columns) in enumerate(connection.execute(_CARDS), start=1):
        if done % STEP == 0 or done == count:
            progress(done, count)
        while log_no is not None and log_no < no:
            log_no, rows = next(logs, (None, iter(())))
        try:
            result = replay(_logged(rows if log_no == no else iter(())))
            state = card_state(columns)
        except (ValueError, KeyError, TypeError) as error:
            yield Finding("error", f'Card "{key}" has a state or log that cannot be read: {error}.', _BRING_BACK)
            continue
        for fault in result.faults:
            yield Finding("error", f'The log of card "{key}": {fault}.', _BRING_BACK)
        if state != result.state or last != result.last_review_id:
            yield Finding("error", f'The state of card "{key}" does not follow from its log.', _BRING_BACK)


def _logged(rows: Iterator[tuple[Any, ...]]) -> Iterator[Logged]:
    after_text, after = "", CardState()
    for _, row_id, action, undoes, day, grade, before_text, new_text in rows:
        study_day = text_day(day)
        if study_day is None:
            raise ValueError(f"row {row_id} has no day")
        before = after if before_text == after_text else CardState.from_json(before_text)
        after_text, after = new_text, CardState.from_json(new_text)
        yield Logged(row_id, action, undoes, study_day, grade, before, after)


def _archived(connection: sqlite3.Connection) -> Iterator[Finding]:
    (count,) = connection.execute(_ARCHIVED).fetchone()
    if count:
        yield Finding(
            "info",
            f"{count} card{'s that were' if count > 1 else ' that was'} reviewed left the course.",
            "Nothing to do: the schedule waits for the card to come back.",
        )


def _capped(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The first of a kind in full, the rest as a number."""
    more = 0
    for number, finding in enumerate(findings):
        if number < MOST_OF_A_KIND:
            yield finding
        else:
            more += 1
    if more:
        yield Finding("error", f"And {more} more of the same kind.", _BRING_BACK)
