"""Acts on several cards at once and taking them back together, in the transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from studytui.store.acts import changed
from studytui.store.log import act_row, append, state_of
from studytui.store.records import Action, CardState

_UNDONE: Final = "EXISTS (SELECT 1 FROM review u WHERE u.undoes = {row}.id AND u.undoes IS NOT NULL)"
# A card that something else happened to since is left out: only a card's last act can be taken back.
_STANDING: Final = (
    "SELECT r.id, r.card_id, r.state_before FROM review r WHERE r.session_uid = ? AND r.action <> 'undo'"
    f" AND NOT {_UNDONE.format(row='r')} AND NOT EXISTS (SELECT 1 FROM review l WHERE l.card_id = r.card_id"
    f" AND l.id > r.id AND l.action <> 'undo' AND NOT {_UNDONE.format(row='l')}) ORDER BY r.id DESC"
)


def act_on_many(
    connection: sqlite3.Connection,
    action: Action,
    after: Mapping[int, CardState],
    *,
    at: datetime,
    study_day: date,
    session_uid: str,
    new_uid: Callable[[], str],
) -> int:
    """One row of the log for each card; `after` by the card's number. Returns how many.

    Raises:
        StaleCard: there is no such card.
        ValueError: `action` is an answer or an undo, or `at` has no time zone.
        sqlite3.Error: the database refuses.
    """
    for card_no, wanted in after.items():
        before, last = state_of(connection, card_no)
        result = changed(action, before, wanted)
        row = act_row(
            action,
            card_no,
            review_uid=new_uid(),
            session_uid=session_uid,
            at=at,
            study_day=study_day,
            before=before,
            after=result,
        )
        append(connection, row, card_no, after=result, expected=last)
    return len(after)


def undo_group(
    connection: sqlite3.Connection,
    group_uid: str,
    *,
    at: datetime,
    study_day: date,
    session_uid: str,
    new_uid: Callable[[], str],
) -> int:
    """Take back each act of session `group_uid` that is still its card's last; returns how many.

    A card that was answered or moved since keeps what came after.

    Raises:
        ValueError: `at` has no time zone.
        sqlite3.Error: the database refuses.
    """
    standing = connection.execute(_STANDING, (group_uid,)).fetchall()
    for review_id, card_no, state_before in standing:
        before, last = state_of(connection, card_no)
        restored = CardState.from_json(state_before)
        row = act_row(
            "undo",
            card_no,
            review_uid=new_uid(),
            session_uid=session_uid,
            at=at,
            study_day=study_day,
            before=before,
            after=restored,
            undoes=review_id,
        )
        append(connection, row, card_no, after=restored, expected=last)
    return len(standing)
