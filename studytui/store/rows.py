"""Between the records of the store and the columns of its rows: days and moments as ISO text, truth as 0 and 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from studytui.domain.sm2 import Schedule
from studytui.store.digests import text_sha256
from studytui.store.errors import DamagedText
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
    """From ease_factor … leech, eleven columns in the order of `statements.STATE_COLUMNS`.

    Raises:
        ValueError, TypeError: the row is damaged.
    """
    of_types(row[:4], int, int, int, int)
    return CardState(
        Schedule(row[0], row[1], row[2], row[3], text_day(row[4]), text_day(row[5]), text_day(row[6])),
        _truth(row[7]),
        text_day(row[8]),
        _truth(row[9]),
        _truth(row[10]),
    )


def stored_card(row: Sequence[Any]) -> StoredCard:
    """From the columns of `statements.CARD_COLUMNS`.

    Raises:
        DamagedText: the text is not as it was compiled.
        ValueError, TypeError: the row is damaged.
    """
    of_types((row[1], row[16], row[17]), str, str, int)
    require_whole_text(row[2], row[18], key=row[1], path=row[16], line=row[17], card_no=row[0])
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


def require_whole_text(payload: Any, sha256: Any, *, key: str, path: str, line: int, card_no: int) -> None:
    """Raises DamagedText unless the text is the one that was compiled: it decides which answer is right."""
    if type(payload) is not str or text_sha256(payload) != sha256:
        raise DamagedText(key, path, line, card_no)


def of_types(values: Iterable[Any], *types: type) -> None:
    """Raises TypeError unless each value is of its type; SQLite itself keeps anything in any column."""
    for value, expected in zip(values, types, strict=True):
        if type(value) is not expected:
            raise TypeError(f"{value!r:.60} stands where {expected.__name__} belongs")


def _truth(value: Any) -> bool:
    if value not in (0, 1):
        raise ValueError(f"{value!r:.60} is neither 0 nor 1")
    return bool(value)
