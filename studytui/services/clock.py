"""The system's clock, and identifiers that sort by time."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from studytui.domain.clock import Clock


class SystemClock:
    """The machine's clock in its present time zone: a change of zone is seen at the next call, where the system tells.

    A clock beyond the years a date can have stands still at their end.
    """

    def now(self) -> datetime:
        # Without it a process keeps the zone it started in. It costs some microseconds; Windows does not have it.
        if hasattr(time, "tzset"):
            time.tzset()
        try:
            return datetime.now().astimezone()
        except (OverflowError, ValueError, OSError):
            return datetime.min.replace(tzinfo=UTC) if time.time() < 0 else datetime.max.replace(tzinfo=UTC)


def new_uid(clock: Clock) -> str:
    """A unique id that sorts by time, so that the index it goes into grows at one end only."""
    milliseconds = int(clock.now().timestamp() * 1000)
    return f"{max(0, milliseconds):012x}{secrets.token_hex(8)}"
