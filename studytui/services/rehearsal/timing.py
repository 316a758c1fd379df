"""The two clocks of a question: thinking, then answering; both stand still in a pause."""

from __future__ import annotations

from time import monotonic
from typing import Literal, TypeAlias

Phase: TypeAlias = Literal["thinking", "answering", "done"]


class TwoClocks:
    """Seconds thought and answered, from what a draft brings along on."""

    def __init__(self, *, thought: float = 0.0, answered: float = 0.0, phase: Phase = "thinking") -> None:
        self._spent = {"thinking": thought, "answering": answered, "done": 0.0}
        self.phase: Phase = phase
        self._since: float | None = monotonic()

    @property
    def thought(self) -> float:
        return self._seconds("thinking")

    @property
    def answered(self) -> float:
        return self._seconds("answering")

    @property
    def is_paused(self) -> bool:
        return self._since is None

    def go(self, phase: Phase) -> None:
        """End the present phase and begin another; a pause ends with it."""
        self.pause()
        self.phase = phase
        self.resume()

    def pause(self) -> None:
        """Stand still."""
        if self._since is not None:
            self._spent[self.phase] += max(0.0, monotonic() - self._since)
            self._since = None

    def resume(self) -> None:
        """Go on."""
        if self._since is None:
            self._since = monotonic()

    def _seconds(self, phase: Phase) -> float:
        running = monotonic() - self._since if self._since is not None and self.phase == phase else 0.0
        return self._spent[phase] + max(0.0, running)
