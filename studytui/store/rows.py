"""Between the records of the store and the columns of its rows: days and moments as ISO text, truth as 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from studytui.domain.sm2 import Schedule
from studytui.store.records import CardState, StoredCard, day_text, text_day


def moment(at: datetime) -> tuple[str, int]:
    """An aware moment as UTC ISO text to the millisecond, and the minutes its zone was ahead of UTC.

    In the first and the last hours that dates know, the moment in UTC is held within them.

    Raises:
        ValueError: the moment has no time zone.
    """
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a moment in the log needs a time zone")
    try:
        utc = at.astimezone(UTC)
    except OverflowError:
        utc = datetime.min.replace(tzinfo=UTC) if offset > timedelta(0) else datetime.max.replace(tzinfo=UTC)
    return utc.isoformat(timespec="milliseconds"), int(offset.total_seconds() // 60)


def state_values(state: CardState) -> tuple[Any, ...]:
    """ease_factor … leech, in the order of `statements.UPDATE_STATE`."""
    schedule = state.schedule
    return (
        schedule.ease_factor, schedule.interval_days, schedule.repetitions, schedule.lapses, day_text(schedule.due_on),
        day_text(schedule.reviewed_on), day_text(schedule.reask_on), state.suspended, day_text(state.buried_on),
        state.flagged, state.leech,
    )  # fmt: skip


def card_state(row: Sequence[Any]) -> CardState:
    """From ease_factor … leech, eleven columns in the order of `statements.STATE_COLUMNS`."""
    return CardState(
        Schedule(row[0], row[1], row[2], row[3], text_day(row[4]), text_day(row[5]), text_day(row[6])),
        bool(row[7]),
        text_day(row[8]),
        bool(row[9]),
        bool(row[10]),
    )


def stored_card(row: Sequence[Any]) -> StoredCard:
    """From the columns of `statements.CARD_COLUMNS`."""
    return StoredCard(
        no=row[0],
        key=row[1],
        payload=row[2],
        state=card_state(row[3:14]),
        last_review_id=row[14],
        has_siblings=bool(row[15]),
        path=row[16],
        line=row[17],
    )
