"""How well what a learner believes about an answer fits what they really know.

G. W. Brier, "Verification of forecasts expressed in terms of probability", 1950, for two outcomes; its partition into
reliability, resolution and uncertainty after A. H. Murphy, "A new vector partition of the probability score", 1973.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median
from typing import Final, Literal, TypeAlias, get_args

from studytui.domain.cards import BODIES
from studytui.domain.queue import Counts
from studytui.domain.sm2 import SETTLED_GRADE, Schedule

PROBABILITY: Final[dict[int, float]] = {1: 0.1, 2: 0.3, 3: 0.5, 4: 0.7, 5: 0.9}
"""The chance of being right that each confidence stands for: the middles of five equal parts."""
SURE_WORDS: Final[dict[int, str]] = {1: "guess", 2: "doubtful", 3: "even", 4: "quite", 5: "certain"}
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
class ConfidenceLevel:
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


def levels(answers: Iterable[Judged]) -> tuple[ConfidenceLevel, ...]:
    """The answers by confidence, lowest first; a confidence never given is left out."""
    counts: dict[int, tuple[int, int]] = {}
    for one in answers:
        count, correct = counts.get(one.confidence, (0, 0))
        counts[one.confidence] = (count + one.count, correct + one.count * one.correct)
    return tuple(ConfidenceLevel(confidence, *counts[confidence]) for confidence in sorted(counts))


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


# How long what is left of a day will take, from the learner's own answers


Sight: TypeAlias = Literal["new", "due", "reask"]
"""For which time a card is seen: the first, a scheduled one, or once more on the same day."""

USUAL_SECONDS: Final[dict[str, float]] = {kind: body.usual_seconds for kind, body in BODIES.items()}
UNKNOWN_SECONDS: Final = 30.0
USUAL_MISSES: Final[dict[Sight, float]] = {"new": 0.35, "due": 0.2, "reask": 0.2}
"""The share of answers after which a card is asked again, until the learner's own show it."""
ENOUGH: Final = 8
"""Answers of a kind that tell more than what is usual."""


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer of the log: the card's kind, for which time it was seen, its grade and the seconds it took."""

    kind: str
    sight: Sight
    grade: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds an answer takes, by kind and sight, and the share of answers after which a card is asked again."""

    own: Mapping[tuple[str, Sight | None], float] = field(default_factory=dict)
    misses: Mapping[Sight, float] = field(default_factory=lambda: USUAL_MISSES)

    @classmethod
    def of(cls, answers: Iterable[Timed]) -> Pace:
        """The pace of these answers: medians where there are enough of them, what is usual elsewhere."""
        times: defaultdict[tuple[str, Sight | None], list[float]] = defaultdict(list)
        missed: defaultdict[Sight, list[bool]] = defaultdict(list)
        for answer in answers:
            times[answer.kind, answer.sight].append(answer.seconds)
            times[answer.kind, None].append(answer.seconds)
            missed[answer.sight].append(answer.grade < SETTLED_GRADE)
        own = {key: median(found) for key, found in times.items() if len(found) >= ENOUGH}
        misses = {
            sight: (sum(missed[sight]) + ENOUGH * usual) / (len(missed[sight]) + ENOUGH)
            for sight, usual in USUAL_MISSES.items()
        }
        return cls(own, misses)

    def seconds(self, kind: str, sight: Sight) -> float:
        """What an answer to a card of that kind takes; where no sight of it was seen often, what any took."""
        return self.own.get((kind, sight)) or self.own.get((kind, None)) or USUAL_SECONDS.get(kind, UNKNOWN_SECONDS)

    def mean(self, kinds: Mapping[str, int], sight: Sight) -> float:
        """What one of these cards takes on average; 0 for none."""
        cards = sum(kinds.values())
        return sum(count * self.seconds(kind, sight) for kind, count in kinds.items()) / cards if cards else 0.0

    def seconds_left(self, counts: Counts, kinds: Mapping[Sight, Mapping[str, int]]) -> float:
        """What is left of a day takes, with the re-asks that will come of it. `kinds` are those of the day's cards."""
        # Of the cards asked again, a share is asked once more, and of these once more.
        rounds = 1 + self.misses["reask"] + self.misses["reask"] ** 2
        every = Counter(kinds.get("due", {})) + Counter(kinds.get("new", {}))
        again = counts.reask * self.mean(kinds.get("reask") or every, "reask")
        total = 0.0
        firsts: tuple[tuple[Sight, int], ...] = (("new", counts.new), ("due", counts.due))
        for sight, count in firsts:
            total += count * self.mean(kinds.get(sight) or every, sight)
            again += count * self.misses[sight] * self.mean(kinds.get(sight) or every, "reask")
        return total + again * rounds


# How settled a card is: five stages, weakest first, read off its schedule


Stage: TypeAlias = Literal["new", "lapsed", "learning", "young", "mature"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""Weakest first. A card not seen yet is weaker than one that lapsed: nothing at all is known of it."""
YOUNG_DAYS: Final = 7
"""From this interval on a card is young; below, it is being learned."""
MATURE_DAYS: Final = 21
_WORTH: Final[dict[Stage, float]] = {"new": 0, "lapsed": 0, "learning": 1 / 3, "young": 2 / 3, "mature": 1}


def stage(schedule: Schedule) -> Stage:
    """The stage by the last interval; lapsed if the last scheduled review of a card once begun was failed."""
    if schedule.is_new:
        return "new"
    if schedule.lapses and not schedule.repetitions:
        return "lapsed"
    if schedule.interval_days < YOUNG_DAYS:
        return "learning"
    return "young" if schedule.interval_days < MATURE_DAYS else "mature"


def weakest(stages: Iterable[Stage]) -> Stage | None:
    """The weakest of some stages; None for none."""
    return min(stages, key=STAGES.index, default=None)


def strength(counts: dict[Stage, int]) -> float | None:
    """How far so many cards of each stage are on the whole, 0 (nothing learned) to 1 (all mature); None without any.

    A card counts 1 when mature, ⅔ young, ⅓ learning, and nothing while new or lapsed.
    """
    total = sum(counts.values())
    return sum(_WORTH[name] * count for name, count in counts.items()) / total if total else None
