"""How long what is left of a day will take, from the learner's own answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final, Literal, TypeAlias

from studytui.domain.queue import Counts
from studytui.domain.sm2 import SETTLED_GRADE

Sight: TypeAlias = Literal["new", "due", "reask"]
"""For which time a card is seen: the first, a scheduled one, or once more on the same day."""

USUAL_SECONDS: Final[dict[str, float]] = {
    "basic": 15, "cloze": 20, "choice": 30, "numeric": 45, "exercise": 75, "order": 45, "match": 60, "open": 150,
}  # fmt: skip
"""What an answer takes, until the learner's own show it."""
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
