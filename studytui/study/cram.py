"""Study beyond what is due: which cards. `cram_session` shows them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import Course
from studytui.domain.clock import Clock
from studytui.domain.queue import Counts, DayAnswers
from studytui.domain.settings import Settings
from studytui.domain.sm2 import SETTLED_GRADE, add_days
from studytui.domain.statistics import Sight
from studytui.errors import StaleCard
from studytui.store import Store, Undone, reports
from studytui.study import cards
from studytui.study.cards import CardEntry, FilterError
from studytui.study.course_lock import lock_of
from studytui.study.review import Answer, Graded, Preview, QueueItem, Session
from studytui.study.workspace import Workspace, new_uid

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
class ScopeOption:
    """One line of the chooser: what kind of choice it is, its name and how many cards it has."""

    group: str
    title: str
    choice: CramChoice
    cards: int


@dataclass(frozen=True, slots=True)
class CardPool:
    """What a choice is made from: the cards one may be shown, and how often each was failed today and this week.

    `lock` says why there are none in a course that waits for a gate; `saved` are the learner's filters.
    """

    day: date
    entries: tuple[CardEntry, ...]
    today: Mapping[int, int]
    week: Mapping[int, int]
    lock: str = ""
    saved: Mapping[str, str] = field(default_factory=dict)


def read_pool(workspace: Workspace) -> CardPool:
    """The cards as they stand, without those suspended; none of a locked course. It reads much: call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    store, course_no = workspace.store, workspace.course_no
    day = workspace.today()
    lock = lock_of(workspace)
    listed = [] if lock is not None else cards.card_entries(workspace)
    shown = tuple(e for e in listed if not e.archived and not e.state.suspended)
    return CardPool(
        day,
        shown,
        reports.forgotten(store, course_no, day),
        reports.forgotten(store, course_no, add_days(day, -WEEK_DAYS)),
        "" if lock is None else str(lock),
        cards.saved_filters(workspace),
    )


def select_cards(known: CardPool, choice: CramChoice) -> list[CardEntry]:
    """The cards of a choice in the order of the course, or the hardest first where only those are wanted.

    Raises:
        FilterError: a value names nothing in the course; the text says what there is.
    """
    _check(known, choice)
    wanted = cards.parse_filter(choice.filter_text, known.saved)
    found = [
        entry
        for entry in known.entries
        if _belongs(entry, choice)
        and (not choice.forgotten or entry.no in (known.today if choice.forgotten == "today" else known.week))
        and wanted.matches(entry, known.day)
    ]
    return _hardest(found)[: choice.hardest] if choice.hardest else found


def scope_options(known: CardPool, course: Course, filter_text: str = "") -> list[ScopeOption]:
    """What one may choose, each with how many cards it has within a filter: first what needs it most.

    Chapters, sections, helpers, lenses and tags without a card are left out.

    Raises:
        FilterError: the filter can match nothing.
    """
    within = select_cards(known, CramChoice(filter_text=filter_text))
    narrowed = replace(known, entries=tuple(within))
    by_need = [
        ("Forgotten today", CramChoice(forgotten="today")),
        ("Forgotten this week", CramChoice(forgotten="week")),
        (f"The {HARDEST} hardest", CramChoice(hardest=HARDEST)),
        ("Everything", CramChoice()),
    ]
    found = [ScopeOption("", title, choice, len(select_cards(narrowed, choice))) for title, choice in by_need]
    counts = Counter(key for entry in within for key in _marks(entry))
    marks: list[tuple[str, str, CramChoice, tuple[str, str]]] = []
    marks += [("Helper", one.name, CramChoice(helper=one.id), ("helper", one.id)) for one in course.helpers]
    marks += [("Lens", one.question, CramChoice(lens=one.id), ("lens", one.id)) for one in course.lenses]
    tags = sorted({tag for entry in within for tag in entry.tags})
    marks += [("Tag", tag, CramChoice(tag=tag), ("tag", tag)) for tag in tags]
    for chapter in course.chapters:
        number = str(chapter.number)
        marks.append(("Chapter", f"{number}  {chapter.title}", CramChoice(section=number), ("section", number)))
        marks += [
            ("Section", f"{one.id}  {one.title}", CramChoice(section=one.id), ("section", one.id))
            for one in chapter.sections
        ]
    found += [ScopeOption(group, title, choice, counts[key]) for group, title, choice, key in marks if counts[key]]
    return [replace(offer, choice=replace(offer.choice, filter_text=filter_text)) for offer in found]


def shuffled(entries: Sequence[CardEntry], seed: str) -> list[CardEntry]:
    """In another order each time: the course's own puts cards that give each other away side by side."""
    found = list(entries)
    random.Random(f"cram:{seed}").shuffle(found)
    return found


def _marks(entry: CardEntry) -> Iterator[tuple[str, str]]:
    card = entry.card
    yield "section", card.chapter
    yield "section", card.section
    yield from (("helper", one) for one in card.helpers)
    yield from (("lens", one) for one in card.lenses)
    yield from (("tag", one) for one in entry.tags)


def _belongs(entry: CardEntry, choice: CramChoice) -> bool:
    wanted = {(key, getattr(choice, key)) for key in ("section", "helper", "lens", "tag") if getattr(choice, key)}
    return wanted <= set(_marks(entry))


def _check(known: CardPool, choice: CramChoice) -> None:
    if problem := cards.parse_filter(choice.filter_text, known.saved).problem:
        raise FilterError(problem)
    there = {mark for entry in known.entries for mark in _marks(entry)}
    for key in ("section", "helper", "lens", "tag"):
        value = getattr(choice, key)
        if value and (key, value) not in there:
            names = ", ".join(sorted(name for kind, name in there if kind == key)) or "none"
            raise FilterError(f"No card has the {key} “{value}”; there are {names}.")


def _hardest(entries: Iterable[CardEntry]) -> list[CardEntry]:
    begun = [entry for entry in entries if not entry.state.schedule.is_new]
    return sorted(begun, key=lambda e: (-e.state.schedule.lapses, e.state.schedule.ease_factor))


# A session with chosen cards: beside the schedule, unless it is asked to move it


def start_cram(workspace: Workspace, choice: CramChoice, entries: Iterable[CardEntry]) -> CramSession:
    """A session with the cards of a choice: the hardest first, any others shuffled."""
    found = list(entries)
    return CramSession(
        workspace.store,
        workspace.course_no,
        [entry.no for entry in (found if choice.hardest else shuffled(found, new_uid(workspace.clock)))],
        clock=workspace.clock,
        settings=workspace.settings,
        counts_grades=choice.counts,
    )


class CramSession(Session):
    """Chosen cards, each until it is graded Good, whatever is due and whatever the day's limits are.

    A missed card comes back after the same gaps as in a review. Without `counts_grades` each answer is logged as "cram"
    and moves nothing; with it, as the review it then is.
    """

    def __init__(
        self,
        store: Store,
        course_no: int,
        cards: Iterable[int],
        *,
        clock: Clock,
        settings: Settings,
        counts_grades: bool = False,
    ) -> None:
        self.counts_grades = counts_grades
        self._rest = list(cards)
        self._missed: list[int] = []
        self._given = DayAnswers()
        super().__init__(store, course_no, clock=clock, settings=settings)

    def recount(self) -> None:
        """Count what is left of the choice."""
        self.day = self.today
        self.counts = Counts(due=len(self._rest), reask=len(self._missed))

    def next(self) -> QueueItem | None:
        """The next card, or None when all were graded Good."""
        self.recount()
        while (no := self._next_no()) is not None:
            stored = self.store.card_by_no(no)
            if stored is not None and (no == self._pinned or not stored.state.suspended):
                self._pinned = None
                return self._turn(stored, "cram", self.stamp())
            self._drop(no)
        return None

    def answer(self, turn: QueueItem, grade: int, answer: Answer) -> Graded:
        """Record a grade durably; see `Session.answer`.

        Raises:
            StoreError: nothing was written; the same call may be made again. DuplicateReview means it is in the log.
        """
        no = turn.stored.no
        try:
            if self.counts_grades:
                graded = super().answer(turn, grade, answer)
            else:
                graded = self._beside(turn, grade, answer, self.stamp())
        except StaleCard:
            self._drop(no)
            raise
        self._given.add(graded.review_id, no, "reask" if no in self._missed else "review")
        self._drop(no)
        if grade < SETTLED_GRADE and not graded.became_leech:
            self._missed.append(no)
        self.recount()
        return replace(graded, let_go=False)

    def bury(self, turn: QueueItem) -> None:
        """Hide the card until the next study day, here too."""
        super().bury(turn)
        self._drop(turn.stored.no)
        self.recount()

    def suspend(self, turn: QueueItem) -> None:
        """Take the card out of reviews and out of this session."""
        super().suspend(turn)
        self._drop(turn.stored.no)
        self.recount()

    def undo(self) -> Undone | None:
        """Take back the last act on this course, whatever it was; the card comes back next. Again goes deeper."""
        undone = super().undo()
        if undone is not None:
            self._given.take_back(undone.review_id)
            self._missed = [no for no in self._missed if no != undone.card_no]
            if undone.card_no not in self._rest:
                self._rest.insert(0, undone.card_no)
            self.recount()
        return undone

    def _next_no(self) -> int | None:
        if self._pinned is not None:
            return self._pinned
        again = self._given.next_reask(self._missed, others_wait=bool(self._rest))
        return again if again is not None else next(iter(self._rest), None)

    def previews(self, turn: QueueItem) -> dict[int, Preview]:
        """A card comes back until it is Good; its schedule moves only where grades count."""
        if not self.counts_grades:
            return {grade: Preview(0, grade < SETTLED_GRADE, moves=False) for grade in turn.grades}
        found = super().previews(turn)
        return {grade: replace(preview, asks_again=grade < SETTLED_GRADE) for grade, preview in found.items()}

    def _kinds_left(self) -> dict[Sight, dict[str, int]]:
        return {"due": self.store.kinds_of([*self._rest, *self._missed])}

    def _drop(self, no: int) -> None:
        self._rest = [other for other in self._rest if other != no]
        self._missed = [other for other in self._missed if other != no]
        if self._pinned == no:
            self._pinned = None
