"""Which questions a rehearsal asks: due, new, a chapter, the seven, a level, the weakest points, a mock interview."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import Course
from studytui.domain.rehearsal import MOCK_COUNT, MOCK_MINUTES
from studytui.domain.rubric import LEVELS, WORTH
from studytui.services.rehearsal.questions import Entry, chapters_of

Kind: TypeAlias = Literal["due", "new", "seven", "weakest", "mock", "chapter", "level", "one", "drafts"]

EMPTY: Final[dict[Kind, str]] = {
    "due": "Nothing is due. Take new questions, a chapter or a mock interview.",
    "new": "Every question was asked before. The weakest points come next.",
    "seven": "This course has no set of seven.",
    "weakest": "Nothing is open: each point of your last answers was covered, or nothing was rehearsed yet.",
    "mock": "There are no questions.",
    "chapter": "This chapter has no questions yet.",
    "level": "No question is of this level.",
    "one": "The course has no such question.",
    "drafts": "No answer is under way.",
}
"""What to do where a set holds nothing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A set to rehearse. `value` is the chapter, level or question id; `minutes` the time of a mock interview."""

    kind: Kind
    value: str = ""
    count: int | None = None
    minutes: int | None = None

    @property
    def is_mock(self) -> bool:
        """Nothing is shown before the end."""
        return self.kind == "mock"

    def title(self, course: Course) -> str:
        """The set in words."""
        match self.kind:
            case "due":
                return "Due today"
            case "new":
                return "New questions"
            case "seven":
                return "The seven questions"
            case "weakest":
                return "Weakest points first"
            case "mock":
                count, minutes = self.count or MOCK_COUNT, self.minutes or MOCK_MINUTES
                asked = f"{count} question{'s' * (count != 1)}"
                return f"Mock interview: {asked} in {minutes} minute{'s' * (minutes != 1)}"
            case "chapter":
                chapter = next((each for each in course.chapters if str(each.number) == self.value), None)
                return f"Chapter {self.value}{f'  {chapter.title}' if chapter else ''}"
            case "level":
                return f"Level: {self.value}"
            case "drafts":
                return "Answers under way"
        return self.value


def choices(course: Course) -> list[Choice]:
    """All sets, in the order in which they are offered."""
    chapters = [Choice("chapter", str(chapter.number)) for chapter in course.chapters]
    levels = [Choice("level", level) for level in LEVELS]
    return [
        Choice("due"),
        Choice("new"),
        Choice("seven"),
        Choice("weakest"),
        Choice("mock", count=MOCK_COUNT, minutes=MOCK_MINUTES),
        *chapters,
        *levels,
    ]


def select(
    choice: Choice, everything: Iterable[Entry], day: date, *, drafts: Sequence[str] = (), seed: int = 0
) -> list[Entry]:
    """The questions of a set in the order in which they are asked. Archived ones are not asked.

    Due ones come first, then the weaker before the stronger, then new ones. `drafts` are the ids of questions with an
    answer under way; `seed` shuffles a mock interview.
    """
    live = [entry for entry in everything if not entry.archived]
    match choice.kind:
        case "due":
            found = [entry for entry in live if entry.is_due(day)]
        case "new":
            return _first([entry for entry in live if entry.state.schedule.is_new], choice.count)
        case "seven":
            return _first([entry for entry in live if entry.question.is_one_of_seven], choice.count)
        case "weakest":
            found = sorted((entry for entry in live if weakness(entry) > 0), key=weakness, reverse=True)
            return _first(found, choice.count)
        case "mock":
            return _mock(live, choice.count or MOCK_COUNT, seed)
        case "chapter":
            found = [entry for entry in live if choice.value in chapters_of(entry.question)]
        case "level":
            found = [entry for entry in live if entry.question.level == choice.value]
        case "one":
            return [entry for entry in live if entry.question.id == choice.value]
        case "drafts":
            wanted = {name.partition("/")[0] for name in drafts}
            return [entry for entry in live if entry.question.id in wanted]
    return _first(sorted(found, key=lambda entry: _urgency(entry, day)), choice.count)


def weakness(entry: Entry) -> float:
    """The weight of what the last answer left open: its missing points, musts counted twice; 0 for a new question."""
    if entry.last is None:
        return 0.0
    weights = {point.id: point.weight for point in entry.question.points}
    return sum((1 + point.must) * weights.get(point.id, 1) * (1 - WORTH[point.coverage]) for point in entry.last.points)


def _urgency(entry: Entry, day: date) -> tuple[bool, bool, date, float]:
    schedule = entry.state.schedule
    return not entry.is_due(day), schedule.is_new, schedule.due_on or date.max, -weakness(entry)


def _mock(live: Sequence[Entry], count: int, seed: int) -> list[Entry]:
    """`count` questions at random, spread over chapters: one of each before a second of any."""
    chance = random.Random(f"mock:{seed}")
    by_chapter: dict[str, list[Entry]] = {}
    for entry in live:
        by_chapter.setdefault(entry.chapter, []).append(entry)
    piles = list(by_chapter.values())
    for pile in piles:
        chance.shuffle(pile)
    chance.shuffle(piles)
    picked: list[Entry] = []
    while piles and len(picked) < count:
        picked += [pile.pop() for pile in piles]
        piles = [pile for pile in piles if pile]
    picked = picked[:count]
    chance.shuffle(picked)
    return picked


def _first(found: list[Entry], count: int | None) -> list[Entry]:
    return found if count is None else found[:count]
