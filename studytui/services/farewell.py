"""A signal that ends the program (a terminal that is closed, `kill`, a shutdown) ends it as `q` does."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def leave_by(way: Callable[[int], object]) -> Callable[[], None]:
    """Call `way` with the exit code when the first signal comes; later ones do not disturb the farewell.

    Only in the main thread; a signal that is ignored (`nohup`) stays so. Returns what undoes it, if none came.
    """

    def told(number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        way(128 + number)

    before = {each: signal.getsignal(each) for each in SIGNALS}
    taken = [each for each in SIGNALS if before[each] is not signal.SIG_IGN]
    try:
        for each in taken:
            signal.signal(each, told)
    except ValueError:  # not the main thread
        return lambda: None

    def undo() -> None:
        for each in taken:
            if signal.getsignal(each) is told:
                signal.signal(each, before[each])

    return undo


def by_exit(code: int) -> NoReturn:
    """The way of a command: every `with` on the way out closes what it opened."""
    raise SystemExit(code)
