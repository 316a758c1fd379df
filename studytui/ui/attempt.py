"""One attempt at a card, from the moment it is shown to the grade: response, hints, time, verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from studytui.domain.grading import Response, Verdict, suggest_grade
from studytui.services.session import Answer, Turn

if TYPE_CHECKING:
    from labs.protocol import Problem

LONGEST_SECONDS: Final = 600.0
"""Time logged for one card at most: whoever takes longer has left the desk."""


class Stopwatch:
    """Seconds spent on a card; stands still while another screen, or the editor, covers it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._before = 0.0
        self._since: float | None = monotonic()

    @property
    def seconds(self) -> float:
        running = self._monotonic() - self._since if self._since is not None else 0.0
        return min(LONGEST_SECONDS, self._before + running)

    def pause(self) -> None:
        self._before, self._since = self.seconds, None

    def resume(self) -> None:
        if self._since is None:
            self._since = self._monotonic()


@dataclass(slots=True)
class Attempt:
    """What the learner did so far with the card on the table.

    Attributes:
        answered_after: seconds until the answer was given, None before; the suggested grade rests on it.
        suggested: the grade suggested on the learner's own scale, None before the check.
    """

    turn: Turn
    watch: Stopwatch = field(default_factory=Stopwatch)
    problem: Problem | None = None
    trouble: str = ""
    response: Response = None
    dont_know: bool = False
    verdict: Verdict | None = None
    suggested: int | None = None
    confidence: int | None = None
    hints_used: int = 0
    answered_after: float | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def hints(self) -> tuple[str, ...]:
        """The author's hints, then those of the lab's problem."""
        return self.turn.card.hints + (self.problem.hints if self.problem else ())

    def next_hint(self) -> str | None:
        """One more hint, counted; None when there is none left."""
        if self.hints_used >= len(self.hints):
            return None
        self.hints_used += 1
        return self.hints[self.hints_used - 1]

    def in_words(self, response: Response) -> Response:
        """A response to a lab's problem as the words the lab expects; any other response as it is."""
        if self.problem is None:
            return response
        from studytui.services import exercises

        return exercises.in_words(self.problem, response)

    def answer(self, response: Response) -> None:
        """The learner answered; the time until now is what the suggestion looks at."""
        self.response = response
        self.answered_after = self.watch.seconds

    def judged(self, verdict: Verdict) -> None:
        """A verdict arrived: suggest a grade that the learner's keys can give."""
        self.verdict = verdict
        suggested = suggest_grade(
            verdict,
            kind=self.turn.card.kind,
            seconds=self.answered_after or 0.0,
            hints_used=self.hints_used,
        )
        self.suggested = max(suggested, min(self.turn.previews))

    @property
    def default_grade(self) -> int:
        """What Enter gives: the suggestion, or Good where the learner alone judges."""
        return 4 if self.suggested is None else self.suggested

    def as_answer(self) -> Answer:
        """What goes into the log besides the grade."""
        return Answer(
            response=self.response,
            verdict=self.verdict,
            suggested_grade=self.suggested,
            confidence=self.confidence,
            duration_ms=round(self.watch.seconds * 1000),
            hints_used=self.hints_used,
            evidence=self.evidence,
        )
