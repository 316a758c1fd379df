"""The SM-2 algorithm as Wozniak published it, read literally, on integers.

P. A. Wozniak, "Optimization of learning", 1990, section 3.2 (algorithm SM-2). Where the text allows two readings this
module takes the one below, because each is a visible choice:

* the ease factor (EF) is an integer of hundredths, so no rounding error ever reaches a ceiling;
* a grade below 3 restarts the repetitions and leaves EF alone ("without changing the E-Factor");
* I(n) = ceil(I(n-1) * EF) uses the EF *after* this review;
* a grade below 4 is asked again on the same day until it gets 4 or 5; such a re-ask moves nothing;
* the interval counts from the day the card is really reviewed, early or late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

INITIAL_EASE: Final = 250
MINIMUM_EASE: Final = 130
PASSING_GRADE: Final = 3
SETTLED_GRADE: Final = 4
MAXIMUM_INTERVAL_DAYS: Final = 36_500
"""A century. SM-2 has no ceiling; without one, a date past year 9999 would overflow."""
LEECH_LAPSES: Final = 8
LEECH_REPEAT: Final = 4


@dataclass(frozen=True, slots=True)
class Schedule:
    """Where a card stands. `due_on` is None while the card is new.

    Attributes:
        ease_factor: EF in hundredths, at least 130.
        interval_days: the last interval I(n); 0 while new.
        repetitions: n, successful reviews since the last failure.
        lapses: failed scheduled reviews after the first sight of the card.
        due_on: study day of the next review.
        reviewed_on: study day of the last scheduled review; re-asks do not move it.
        reask_on: study day on which the card is asked again, None when it is settled.
    """

    ease_factor: int = INITIAL_EASE
    interval_days: int = 0
    repetitions: int = 0
    lapses: int = 0
    due_on: date | None = None
    reviewed_on: date | None = None
    reask_on: date | None = None

    def __post_init__(self) -> None:
        if self.ease_factor < MINIMUM_EASE:
            raise ValueError(f"ease_factor must be at least {MINIMUM_EASE}, not {self.ease_factor}")
        if self.interval_days < 0 or self.repetitions < 0 or self.lapses < 0:
            raise ValueError("interval_days, repetitions and lapses cannot be negative")

    @property
    def is_new(self) -> bool:
        """True until the first scheduled review."""
        return self.due_on is None

    def is_reask(self, on: date) -> bool:
        """True if a review on study day `on` would be a re-ask, which moves nothing."""
        return self.reask_on == on


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a derivation: what a grade did, for `schedule` and for the question why a card is due."""

    grade: int
    reviewed_on: date
    before: Schedule
    after: Schedule


def new_ease(ease_factor: int, grade: int) -> int:
    """EF' = EF + 0.10 - (5-q)(0.08 + (5-q)*0.02) in hundredths, floor 1.30; unchanged for q < 3."""
    if grade < PASSING_GRADE:
        return ease_factor
    miss = 5 - grade
    return max(MINIMUM_EASE, ease_factor + 10 - miss * (8 + 2 * miss))


def next_interval_days(repetitions: int, previous_days: int, ease_factor: int) -> int:
    """I(1) = 1, I(2) = 6, I(n) = ceil(I(n-1) * EF); `repetitions` is n, counting this review."""
    if repetitions <= 1:
        return 1
    if repetitions == 2:
        return 6
    return min(MAXIMUM_INTERVAL_DAYS, -(-previous_days * ease_factor // 100))


def review(schedule: Schedule, grade: int, *, on: date) -> Schedule:
    """The state after a review graded 0 to 5 on study day `on`.

    A re-ask (a second review on a day whose first was graded below 4) only settles or keeps the re-ask.

    Raises:
        ValueError: if the grade is not an integer from 0 to 5.
    """
    check_grade(grade)
    reask_on = None if grade >= SETTLED_GRADE else on
    if schedule.is_reask(on):
        return replace(schedule, reask_on=reask_on)
    passed = grade >= PASSING_GRADE
    ease_factor = new_ease(schedule.ease_factor, grade)
    repetitions = schedule.repetitions + 1 if passed else 0
    interval_days = next_interval_days(repetitions, schedule.interval_days, ease_factor)
    return Schedule(
        ease_factor=ease_factor,
        interval_days=interval_days,
        repetitions=repetitions,
        lapses=schedule.lapses + (not passed and not schedule.is_new),
        due_on=add_days(on, interval_days),
        reviewed_on=on,
        reask_on=reask_on,
    )


def is_leech(before: Schedule, after: Schedule, *, threshold: int = LEECH_LAPSES) -> bool:
    """True when this lapse is the `threshold`-th (8th by default), or every 4th after that."""
    return after.lapses > before.lapses and after.lapses >= threshold and (after.lapses - threshold) % LEECH_REPEAT == 0


def derive(grades: Iterable[int], *, start_on: date) -> Iterator[Step]:
    """Each grade given on the day the card is due, the first on `start_on`."""
    schedule, on = Schedule(), start_on
    for grade in grades:
        after = review(replace(schedule, reask_on=None), grade, on=on)
        yield Step(grade=grade, reviewed_on=on, before=schedule, after=after)
        schedule = after
        on = after.due_on or on


def check_grade(grade: int) -> None:
    """Raises ValueError unless `grade` is an integer from 0 to 5."""
    if isinstance(grade, bool) or not isinstance(grade, int) or not 0 <= grade <= 5:
        raise ValueError(f"a grade is a whole number from 0 to 5, not {grade!r}")


def add_days(day: date, days: int) -> date:
    """`day` plus `days`, held at the first and the last date Python knows."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


# The words for grades, the same on every front


SIX_WORDS: Final = {0: "Blackout", 1: "Wrong", 2: "Nearly", 3: "Hard", 4: "Good", 5: "Easy"}


def grade_label(grade: int, *, four: bool) -> str:
    """The word for a grade on the learner's scale, of `four` grades or six; one of the other scale has a word too."""
    return "Again" if four and grade == 2 else SIX_WORDS[grade]
