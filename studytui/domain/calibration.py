"""How well what a learner believes about an answer fits what they really know.

G. W. Brier, "Verification of forecasts expressed in terms of probability", 1950, for two outcomes; its partition into
reliability, resolution and uncertainty after A. H. Murphy, "A new vector partition of the probability score", 1973.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

PROBABILITY: Final[dict[int, float]] = {1: 0.1, 2: 0.3, 3: 0.5, 4: 0.7, 5: 0.9}
"""The chance of being right that each confidence stands for: the middles of five equal parts."""
FEWEST_ANSWERS: Final = 5
"""A topic with fewer answers says nothing about over-confidence."""
CLEAR_GAP: Final = 0.1
"""Believing oneself right this much more often than one is, is over-confident."""
Z_95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Judged:
    """How sure the learner was (1 to 5), whether it was right, what it was about, and how many answers were so."""

    confidence: int
    correct: bool
    topic: str = ""
    count: int = 1

    @property
    def probability(self) -> float:
        return PROBABILITY[self.confidence]


@dataclass(frozen=True, slots=True)
class Level:
    """The answers of one confidence. `low` and `high` bound the true share at 95 %, after Wilson."""

    confidence: int
    count: int
    correct: int

    @property
    def said(self) -> float:
        """The share the confidence claims."""
        return PROBABILITY[self.confidence]

    @property
    def share(self) -> float:
        """The share that was right."""
        return self.correct / self.count

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.correct, self.count)


@dataclass(frozen=True, slots=True)
class Topic:
    """What was believed and what was right in one topic, as shares of its answers."""

    topic: str
    count: int
    said: float
    share: float

    @property
    def gap(self) -> float:
        """Positive where more was believed than known."""
        return round(self.said - self.share, 9)


@dataclass(frozen=True, slots=True)
class Partition:
    """brier = reliability - resolution + uncertainty.

    Attributes:
        reliability: how far each confidence is from the share that was right; 0 is perfect.
        resolution: how far the confidences tell right answers from wrong ones; more is better.
        uncertainty: what always saying one's own average would score.
    """

    reliability: float
    resolution: float
    uncertainty: float


def brier(answers: Sequence[Judged]) -> float | None:
    """The mean squared distance of belief from outcome: 0 is perfect, 0.25 is a coin's; None without answers."""
    if not answers:
        return None
    return sum(one.count * (one.probability - one.correct) ** 2 for one in answers) / _count(answers)


def partition(answers: Sequence[Judged]) -> Partition | None:
    """Murphy's three parts; None without answers."""
    if not answers:
        return None
    count = _count(answers)
    base = sum(one.count * one.correct for one in answers) / count
    found = levels(answers)
    return Partition(
        reliability=sum(level.count * (level.said - level.share) ** 2 for level in found) / count,
        resolution=sum(level.count * (level.share - base) ** 2 for level in found) / count,
        uncertainty=base * (1 - base),
    )


def levels(answers: Iterable[Judged]) -> tuple[Level, ...]:
    """The answers by confidence, lowest first; a confidence never given is left out."""
    counts: dict[int, tuple[int, int]] = {}
    for one in answers:
        count, correct = counts.get(one.confidence, (0, 0))
        counts[one.confidence] = (count + one.count, correct + one.count * one.correct)
    return tuple(Level(confidence, *counts[confidence]) for confidence in sorted(counts))


def topics(answers: Iterable[Judged]) -> tuple[Topic, ...]:
    """The answers by topic, the widest gap first."""
    grouped: dict[str, list[Judged]] = {}
    for answer in answers:
        grouped.setdefault(answer.topic, []).append(answer)
    found = [
        Topic(
            topic,
            _count(group),
            sum(one.count * one.probability for one in group) / _count(group),
            sum(one.count * one.correct for one in group) / _count(group),
        )
        for topic, group in grouped.items()
    ]
    return tuple(sorted(found, key=lambda topic: (-topic.gap, topic.topic)))


def overconfident(answers: Iterable[Judged]) -> tuple[Topic, ...]:
    """Topics with enough answers in which clearly more was believed than known, the widest gap first."""
    return tuple(topic for topic in topics(answers) if topic.count >= FEWEST_ANSWERS and topic.gap >= CLEAR_GAP)


def _count(answers: Iterable[Judged]) -> int:
    return sum(one.count for one in answers)


def wilson(hits: int, count: int, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share (E. B. Wilson, 1927), 0 to 1.

    Raises:
        ValueError: there are no trials, or more hits than trials.
    """
    if not 0 <= hits <= count or not count:
        raise ValueError(f"{hits} of {count} is no share")
    share = hits / count
    scale = 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)
