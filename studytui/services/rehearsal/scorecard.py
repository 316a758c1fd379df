"""What a rehearsal came to: by question, chapter and lens, with time, missed points and the trend of each question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from studytui.domain.rubric import Question
from studytui.services.rehearsal.attempts import Attempt, JudgedPoint
from studytui.services.rehearsal.questions import Entry, chapter_of

_BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Line:
    """One question of the rehearsal: its answer, and the scores of the answers before it, oldest first."""

    question: Question
    attempt: Attempt
    earlier: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """Against the answer before; None at the first one."""
        return self.attempt.score - self.earlier[-1] if self.earlier else None


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean score of some questions, 0 to 1."""

    name: str
    count: int
    score: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The answers of one rehearsal that stand, in their order. Times are in seconds.

    `seconds_given` sums over the answers that ran against a clock, and `seconds_used` over the same.
    """

    lines: tuple[Line, ...]
    chapters: tuple[Mean, ...]
    lenses: tuple[Mean, ...]
    seconds_used: float
    seconds_given: float

    @property
    def score(self) -> float:
        """The mean over the questions; 0 without any."""
        return sum(line.attempt.score for line in self.lines) / len(self.lines) if self.lines else 0.0

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        return tuple(line.attempt for line in self.lines)

    @property
    def missed(self) -> tuple[tuple[Question, JudgedPoint], ...]:
        """Every point that was not wholly covered, in the order of the answers; musts of a question first."""
        return tuple(
            (line.question, point)
            for line in self.lines
            for point in sorted(line.attempt.missed, key=lambda point: not point.must)
        )


def scorecard(entries: Iterable[Entry], session_uid: str) -> Scorecard:
    """The scorecard of one rehearsal, from what stands in the log."""
    lines = []
    for entry in entries:
        standing = entry.standing
        for at, attempt in enumerate(standing):
            if attempt.session_uid == session_uid:
                lines.append(Line(entry.question, attempt, tuple(each.score for each in standing[:at])))
    lines.sort(key=lambda line: line.attempt.review_id)
    timed = [line.attempt.given for line in lines if line.attempt.given.seconds_given is not None]
    return Scorecard(
        lines=tuple(lines),
        chapters=_means((chapter_of(line.question), line.attempt.score) for line in lines),
        lenses=_means((lens, line.attempt.score) for line in lines for lens in line.question.lenses),
        seconds_used=sum(given.seconds_answered for given in timed),
        seconds_given=sum(given.seconds_given or 0 for given in timed),
    )


def trend_bars(scores: Sequence[float]) -> str:
    """Scores as one bar each, oldest first."""
    return "".join(_BARS[min(len(_BARS) - 1, int(score * len(_BARS)))] for score in scores)


def trend_words(line: Line) -> str:
    """How the answer stands against the one before it."""
    if line.change is None:
        return "first time"
    points = round(line.change * 100)
    return "as before" if points == 0 else f"{points:+d} points"


def _means(scores: Iterable[tuple[str, float]]) -> tuple[Mean, ...]:
    grouped: dict[str, list[float]] = {}
    for name, score in scores:
        if name:
            grouped.setdefault(name, []).append(score)
    return tuple(Mean(name, len(found), sum(found) / len(found)) for name, found in sorted(grouped.items()))
