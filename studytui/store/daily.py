"""A backup for each study day on which something is recorded, made in a thread that no answer waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from studytui.store.errors import StoreError


class DailyBackups:
    """Makes the copies of one database. `on_trouble` is told, in the thread, of a copy that could not be made."""

    def __init__(self, path: Path, on_trouble: Callable[[StoreError], None], own: Path | None = None) -> None:
        self._path = path
        self._own = own
        self._on_trouble = on_trouble
        self._day: date | None = None
        self._thread: threading.Thread | None = None

    def need(self, day: date) -> None:
        """See to it that there is a copy of a study day; costs nothing from the second time on."""
        if day == self._day:
            return
        self.finish()
        self._day = day
        self._thread = threading.Thread(target=self._make, args=(day,), name="daily backup")
        self._thread.start()

    def finish(self) -> None:
        """Wait for the copy in the making."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _make(self, day: date) -> None:
        from studytui.store import backup

        try:
            backup.daily(self._path, today=day, own=self._own)
        except StoreError as error:
            self._on_trouble(error)
