"""The system's clock, and identifiers that sort by time."""

from __future__ import annotations

import secrets
from datetime import datetime

from studytui.domain.clock import Clock


class SystemClock:
    """The machine's clock in its present time zone; a traveller's zone change is seen at the next call."""

    def now(self) -> datetime:
        return datetime.now().astimezone()


def new_uid(clock: Clock) -> str:
    """A unique id that sorts by time, so that the index it goes into grows at one end only."""
    milliseconds = int(clock.now().timestamp() * 1000)
    return f"{max(0, milliseconds):012x}{secrets.token_hex(8)}"
