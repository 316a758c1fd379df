"""Study beyond what is due: which cards. `cram_session` shows them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import Course
from studytui.domain.sm2 import add_days
from studytui.services import card_filter, catalogue
from studytui.services.card_filter import Entry
from studytui.services.course_lock import lock_of
from studytui.services.listing import FilterError
from studytui.services.workspace import Workspace

Forgotten: TypeAlias = Literal["", "today", "week"]
HARDEST: Final = 20
"""How many cards the hardest are, where no number is given."""
WEEK_DAYS: Final = 6
"""A week is today and the six days before."""


@dataclass(frozen=True, slots=True)
class CramChoice:
    """Which cards to study beside the schedule; all that is set must hold.

    Attributes:
        section: a chapter (2) or section (2.4).
        forgotten: failed today, or within a week.
        hardest: only so many, those with most lapses first, then those of lowest ease; 0 for no limit.
        filter_text: words and filters as in the list of cards.
        counts: grades move the schedule, as in a review.
    """

    section: str = ""
    tag: str = ""
    helper: str = ""
    lens: str = ""
    forgotten: Forgotten = ""
    hardest: int = 0
    filter_text: str = ""
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the chooser: what kind of choice it is, its name and how many cards it has."""

    group: str
    title: str
    choice: CramChoice
    cards: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a choice is made from: the cards one may be shown, and how often each was failed today and this week.

    `lock` says why there are none in a course that waits for a gate.
    """

    day: date
    entries: tuple[Entry, ...]
    today: Mapping[int, int]
    week: Mapping[int, int]
    lock: str = ""


def read(workspace: Workspace) -> Known:
    """The cards as they stand, without those suspended; none of a locked course. Statistics code is imported: call it
    in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.store import reports

    store, course_no = workspace.store, workspace.course_no
    day = workspace.today()
    lock = lock_of(workspace)
    listed = [] if lock is not None else catalogue.entries(workspace)
    shown = tuple(e for e in listed if not e.archived and not e.state.suspended)
    return Known(
        day,
        shown,
        reports.forgotten(store, course_no, day),
        reports.forgotten(store, course_no, add_days(day, -WEEK_DAYS)),
        "" if lock is None else str(lock),
    )


def select(known: Known, choice: CramChoice) -> list[Entry]:
    """The cards of a choice in the order of the course, or the hardest first where only those are wanted.

    Raises:
        FilterError: a value names nothing in the course; the text says what there is.
    """
    _check(known, choice)
    wanted = card_filter.parse(choice.filter_text)
    found = [
        entry
        for entry in known.entries
        if _belongs(entry, choice)
        and (not choice.forgotten or entry.no in (known.today if choice.forgotten == "today" else known.week))
        and wanted.matches(entry, known.day)
    ]
    return _hardest(found)[: choice.hardest] if choice.hardest else found


def offers(known: Known, course: Course, filter_text: str = "") -> list[Offer]:
    """What one may choose, each with how many cards it has within a filter: first what needs it most.

    Chapters, sections, helpers, lenses and tags without a card are left out.

    Raises:
        FilterError: the filter can match nothing.
    """
    within = select(known, CramChoice(filter_text=filter_text))
    narrowed = replace(known, entries=tuple(within))
    by_need = [
        ("Forgotten today", CramChoice(forgotten="today")),
        ("Forgotten this week", CramChoice(forgotten="week")),
        (f"The {HARDEST} hardest", CramChoice(hardest=HARDEST)),
        ("Everything", CramChoice()),
    ]
    found = [Offer("", title, choice, len(select(narrowed, choice))) for title, choice in by_need]
    counts = Counter(key for entry in within for key in _marks(entry))
    marks: list[tuple[str, str, CramChoice, tuple[str, str]]] = []
    marks += [("Helper", one.name, CramChoice(helper=one.id), ("helper", one.id)) for one in course.helpers]
    marks += [("Lens", one.question, CramChoice(lens=one.id), ("lens", one.id)) for one in course.lenses]
    tags = sorted({tag for entry in within for tag in entry.card.tags})
    marks += [("Tag", tag, CramChoice(tag=tag), ("tag", tag)) for tag in tags]
    for chapter in course.chapters:
        number = str(chapter.number)
        marks.append(("Chapter", f"{number}  {chapter.title}", CramChoice(section=number), ("section", number)))
        marks += [
            ("Section", f"{one.id}  {one.title}", CramChoice(section=one.id), ("section", one.id))
            for one in chapter.sections
        ]
    found += [Offer(group, title, choice, counts[key]) for group, title, choice, key in marks if counts[key]]
    return [replace(offer, choice=replace(offer.choice, filter_text=filter_text)) for offer in found]


def shuffled(entries: Sequence[Entry], seed: str) -> list[Entry]:
    """In another order each time: the course's own puts cards that give each other away side by side."""
    found = list(entries)
    random.Random(f"cram:{seed}").shuffle(found)
    return found


def _marks(entry: Entry) -> Iterator[tuple[str, str]]:
    card = entry.card
    yield "section", card.chapter
    yield "section", card.section
    yield from (("helper", one) for one in card.helpers)
    yield from (("lens", one) for one in card.lenses)
    yield from (("tag", one) for one in card.tags)


def _belongs(entry: Entry, choice: CramChoice) -> bool:
    wanted = {(key, getattr(choice, key)) for key in ("section", "helper", "lens", "tag") if getattr(choice, key)}
    return wanted <= set(_marks(entry))


def _check(known: Known, choice: CramChoice) -> None:
    if problem := card_filter.parse(choice.filter_text).problem:
        raise FilterError(problem)
    there = {mark for entry in known.entries for mark in _marks(entry)}
    for key in ("section", "helper", "lens", "tag"):
        value = getattr(choice, key)
        if value and (key, value) not in there:
            names = ", ".join(sorted(name for kind, name in there if kind == key)) or "none"
            raise FilterError(f"No card has the {key} “{value}”; there are {names}.")


def _hardest(entries: Iterable[Entry]) -> list[Entry]:
    begun = [entry for entry in entries if not entry.state.schedule.is_new]
    return sorted(begun, key=lambda e: (-e.state.schedule.lapses, e.state.schedule.ease_factor))
