"""What a study day will still bring: the one count that home, review, `due`, statistics and forecast all show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from studytui.course.loader import decode
from studytui.domain import sm2
from studytui.domain.cards import Card, odds_among
from studytui.domain.clock import Clock
from studytui.domain.judging import Circumstances, Presentation, believed_seconds, present, seed_of, words_in, words_of
from studytui.domain.queue import (
    REASK_EVERY,
    REASK_GAPS,
    AnswerKind,
    Counts,
    DayAnswers,
    Limits,
    Origin,
    Scope,
    Waiting,
    choose,
    first_of_groups,
    mix_every,
)
from studytui.domain.settings import Settings
from studytui.domain.sm2 import add_days
from studytui.domain.statistics import MATURE_DAYS, Pace, Sight, Timed
from studytui.domain.verdict import Response, Verdict
from studytui.store import CardState, ReviewRecord, Stamp, Store, StoredCard, Undone
from studytui.store.records import Action
from studytui.study.course_lock import lock_of
from studytui.study.reading import unread_sections
from studytui.study.today import limits_on, undo_newest
from studytui.study.workspace import Workspace, new_uid, stamp_now

if TYPE_CHECKING:
    from labs.protocol import Problem
    from studytui.domain.statistics import Sight


FORECAST_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class LeftToday:
    """The cards of a scope that will come, and the sibling groups whose new card goes before its due one today.

    `new_done` and `reviews_done` are what the course has seen on the day, in any scope; `limits` is what that left.
    `unread` are the sections that bring no new cards.
    """

    counts: Counts
    limits: Limits
    new_done: int = 0
    reviews_done: int = 0
    new_first: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What today still brings; the due cards by section and chapter ("" is the course), and which cards these are."""

    left: Counts
    due: dict[str, int]
    cards: frozenset[int]


def left_today(
    store: Store,
    course_no: int,
    day: date,
    settings: Settings,
    *,
    scope: Scope | None = None,
    locked: bool = False,
    unread: tuple[str, ...] = (),
) -> LeftToday:
    """What is left of a study day; nothing in a locked course, and no new card of a section in `unread`.

    Raises:
        StoreError: the database cannot be read.
    """
    done = store.done_today(course_no, day)
    if locked:
        return LeftToday(Counts(), Limits(0, 0), done.new, done.reviews)
    limits = limits_on(store, course_no, day, settings).left(new_today=done.new, reviews_today=done.reviews)
    if limits.cards_per_day is not None:
        limits = limits.with_due(store.overdue(course_no, day))
    bury = settings.bury_siblings
    first = store.new_first(course_no, day, limits=limits, unread=unread) if bury else ()
    counts = store.counts(course_no, day, limits=limits, scope=scope, bury_siblings=bury, first=first, unread=unread)
    return LeftToday(counts, limits, done.new, done.reviews, first, unread)


def outlook(
    store: Store,
    course_no: int,
    day: date,
    settings: Settings,
    *,
    locked: bool = False,
    unread: tuple[str, ...] = (),
) -> Outlook:
    """The due cards of today, within the daily limits and one sibling a day.

    Raises:
        StoreError: the database cannot be read.
    """
    if locked:
        return Outlook(Counts(), {}, frozenset())
    left = left_today(store, course_no, day, settings, unread=unread)
    found = store.coming(course_no, day, add_days(day, 1), first=left.new_first, bury_siblings=settings.bury_siblings)
    waiting = [Waiting(card.no, card.group, card.due_on, card.is_hidden or card.gives_way) for card in found]
    today = frozenset(card.no for card in first_of_groups(waiting, day))
    due: dict[str, int] = {}
    for card in found:
        if card.no in today:
            for place in ("", card.chapter, card.section):
                due[place] = min(left.limits.reviews_per_day, due.get(place, 0) + 1)
    return Outlook(left.counts, due, today)


# A review session: pick a card, show it, record the answer, take it back


FOUR_GRADES: tuple[int, ...] = (2, 3, 4, 5)
SIX_GRADES: tuple[int, ...] = (0, 1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a grade would do: days until the card is due, and whether it is asked again today first.

    Where a grade `moves` nothing, the days mean nothing.
    """

    interval_days: int
    asks_again: bool
    moves: bool = True


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One card on the table: its showing, its state before, why it is shown and the grades it may be given.

    `day` is the study day on which it was shown; an answer counts for the day on which it is given. The options of a
    choice are `covered` until the learner has an answer in mind.
    """

    showing: Presentation
    stored: StoredCard
    origin: Origin
    day: date
    grades: tuple[int, ...] = ()
    covered: bool = False

    @property
    def card(self) -> Card:
        return self.showing.card

    @property
    def is_new(self) -> bool:
        """The card is seen for the first time, or was for the first time earlier today and is asked again."""
        schedule = self.stored.state.schedule
        return schedule.is_new or (schedule.is_reask(self.day) and schedule.repetitions <= 1 and not schedule.lapses)

    def circumstances(
        self,
        seconds: float,
        *,
        problem: Problem | None = None,
        hints_used: int = 0,
        guessed: bool = False,
        paused: bool = False,
    ) -> Circumstances:
        """How an answer to this turn came about, as a suggested grade needs it; `problem` is what its lab posed."""
        words, odds = words_of(self.card), self.card.body.odds
        if problem is not None:
            words += words_in(problem.prompt, *problem.options)
            odds = odds_among(len(problem.options), in_order=problem.answer_type == "order")
        return Circumstances(
            kind=self.card.kind,
            seconds=seconds,
            words=words,
            hints_used=hints_used,
            is_new=self.is_new,
            guessed=guessed,
            paused=paused,
            odds=odds,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the learner did with a turn, besides the grade.

    `duration_ms` is what a clock showed, without pauses that are known; what is logged of it is bounded by what an
    answer to such a card can take.
    """

    response: Response = None
    verdict: Verdict | None = None
    suggested_grade: int | None = None
    confidence: int | None = None
    duration_ms: int = 0
    hints_used: int = 0
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer that is safely in the log. `let_go` says that the card was asked again for the last time today."""

    review_id: int
    turn: QueueItem
    grade: int
    after: CardState
    became_leech: bool
    let_go: bool = False


@dataclass(frozen=True, slots=True)
class Sitting:
    """How long a session goes on at most: so many minutes, so many answers, or both; 0 is no end."""

    minutes: int = 0
    cards: int = 0

    @property
    def words(self) -> str:
        """What ended it."""
        minutes = f"{self.minutes} minute{'s' * (self.minutes != 1)}"
        cards = f"{self.cards} card{'s' * (self.cards != 1)}"
        return " or ".join([minutes] * bool(self.minutes) + [cards] * bool(self.cards)) + " done."


def open_session(workspace: Workspace, scope: Scope | None = None, sitting: Sitting | None = None) -> Session:
    """A new review session; it shows nothing while the course is locked.

    Raises:
        StoreError: the database cannot be read.
    """
    return Session(
        workspace.store, workspace.course_no, clock=workspace.clock, settings=workspace.settings, scope=scope,
        locked=lock_of(workspace) is not None, sitting=sitting, unread=partial(unread_sections, workspace),
    )  # fmt: skip


class Session:
    """Reviews within a scope on the study day the clock shows. Not thread-safe; one store, one learner.

    A session of a `locked` course has no cards, due or new. `unread` says, whenever the cards are counted, which
    sections bring no new ones.
    """

    def __init__(
        self,
        store: Store,
        course_no: int,
        *,
        clock: Clock,
        settings: Settings,
        scope: Scope | None = None,
        locked: bool = False,
        sitting: Sitting | None = None,
        unread: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self.store = store
        self.course_no = course_no
        self.clock = clock
        self.settings = settings
        self.scope = scope or Scope()
        self.locked = locked
        self._unread = unread
        self.sitting = sitting or Sitting()
        self.answered = 0
        self._began = clock.now()
        self.uid = new_uid(clock)
        self.shown = 0
        self._pinned: int | None = None
        self._reask_shown: int | None = None
        self.day = self.today
        self.counts = Counts()
        self._left = LeftToday(self.counts, settings.limits)
        self._mix = 0
        self._pace: DayPace | None = None
        self.recount()
        self._mix = mix_every(self.counts)

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades the learner's keys give, lowest first."""
        return FOUR_GRADES if self.settings.grade_keys == "four" else SIX_GRADES

    @property
    def today(self) -> date:
        """The study day of this moment."""
        return self.stamp().day

    def stamp(self) -> Stamp:
        """What dates a row of the log that is written at this moment."""
        return stamp_now(self.clock, self.settings, self.uid)

    @property
    def minutes_left(self) -> int:
        """About how long the rest of the session takes at the learner's own pace; 0 where nothing is left.

        Raises:
            StoreError: the database cannot be read.
        """
        if self._pace is None:
            self._pace = DayPace(own_pace(self.store, self.course_no), self._kinds_left())
        minutes = self._pace.minutes(self.counts)
        return min(minutes, max(1, self.sitting.minutes - self._minutes_spent)) if self.sitting.minutes else minutes

    @property
    def is_sat_out(self) -> bool:
        """The sitting that was asked for is over, though cards may be left."""
        sitting = self.sitting
        by_time = sitting.minutes and self._minutes_spent >= sitting.minutes
        return bool(by_time or (sitting.cards and self.answered >= sitting.cards))

    @property
    def _minutes_spent(self) -> int:
        return int((self.clock.now() - self._began).total_seconds() // 60)

    def recount(self) -> None:
        """Ask the database what is left today, after anything but a plain answer happened."""
        before, self.day = self.day, self.today
        self._left = left_today(
            self.store, self.course_no, self.day, self.settings,
            scope=self.scope, locked=self.locked, unread=self._unread(),
        )  # fmt: skip
        self.counts = self._left.counts
        if self.day != before:
            self._pace, self._reask_shown = None, None
            self._mix = mix_every(self.counts)

    def next(self) -> QueueItem | None:
        """The next card, or None when nothing is left today."""
        if self.locked:
            return None
        stamp = self.stamp()
        if stamp.day != self.day:
            self.recount()
        if self._pinned is not None:
            pinned, self._pinned = self._pinned, None
            if (stored := self.store.card_by_no(pinned)) and _can_be_asked(stored.state, self.day):
                return self._turn(stored, _origin_of(stored.state, self.day), stamp)
        if self.is_sat_out:
            return None
        for _ in range(2):
            missed = self._next_missed() if self.counts.reask else None
            origin = choose(
                self.counts,
                reask_ready=missed is not None,
                new_cards=self.settings.new_cards,
                shown=self.shown,
                mix_every=self._mix,
            )
            if origin is None:
                return None
            stored = self.store.card_by_no(missed) if missed is not None else self._pick(origin)
            if stored is not None:
                if origin == "reask":
                    self._reask_shown = len(self._answers)
                return self._turn(stored, origin, stamp)
            # Another window answered the card meanwhile, or a sibling left the day.
            self.recount()
        return None

    def answer(self, turn: QueueItem, grade: int, answer: Answer) -> Graded:
        """Record a grade durably, on the study day of this moment; only when this returns may the next card be shown.

        Raises:
            StoreError: nothing was written; the same call may be made again. DuplicateReview means it is in the log.
        """
        stamp, before = self.stamp(), turn.stored.state
        day = stamp.day
        action = _kind_of(turn.origin, before, day)
        if action == "cram":
            return self._beside(turn, grade, answer, stamp)
        schedule = sm2.review(before.schedule, grade, on=day)
        leech = sm2.is_leech(before.schedule, schedule, threshold=self.settings.leech_lapses)
        suspended = before.suspended or (leech and self.settings.suspend_leeches)
        after = replace(before, schedule=schedule, leech=before.leech or leech, suspended=suspended)
        review_id = self._write(turn, grade, answer, stamp, action=action, after=after)
        let_go = action == "reask" and schedule.reask_on == day and self._answers.is_spent(turn.stored.no)
        alone = not (turn.stored.has_siblings or leech or let_go or before.suspended)
        if alone and day == self.day and self.scope.holds(turn.card.chapter, turn.card.section):
            self._count(action, turn, after)
        else:
            self.recount()
        return Graded(review_id, turn, grade, after, leech, let_go)

    def undo(self) -> Undone | None:
        """Take back the last act on this course, whatever it was; a card that is asked today comes back next.

        Again goes deeper.
        """
        undone = undo_newest(self.store, self.course_no, self.stamp())
        if undone is not None:
            self._pinned = undone.card_no
            self.answered = max(0, self.answered - (undone.grade is not None))
            self.recount()
        return undone

    def bury(self, turn: QueueItem) -> None:
        """Hide the card until the next study day."""
        stamp = self.stamp()
        self._act("bury", turn.stored, replace(turn.stored.state, buried_on=stamp.day), stamp)

    def suspend(self, turn: QueueItem) -> None:
        """Take the card out of reviews until it is resumed from the browser."""
        self._act("suspend", turn.stored, replace(turn.stored.state, suspended=True), self.stamp())

    def flag(self, turn: QueueItem) -> QueueItem:
        """Turn the card's mark on or off; the same turn goes on with the card's new state."""
        flagged = not turn.stored.state.flagged
        after = replace(turn.stored.state, flagged=flagged)
        self._act("flag" if flagged else "unflag", turn.stored, after, self.stamp())
        return self.refresh(turn)

    def refresh(self, turn: QueueItem) -> QueueItem:
        """The same turn with the card as it now stands in course and database, and what a grade would do today."""
        if self.today != self.day:
            self.recount()
        stored = self.store.card_by_no(turn.stored.no)
        if stored is None:
            return turn
        shown = turn.showing
        card = decode(stored.payload)
        fresh = present(card, review_uid=shown.review_uid, seed=shown.seed, from_memory=shown.from_memory)
        showing = replace(shown, card=fresh.card) if fresh.card.body == turn.card.body else fresh
        return replace(turn, stored=stored, showing=showing, day=self.day)

    def _write(
        self, turn: QueueItem, grade: int, answer: Answer, stamp: Stamp, *, action: AnswerKind, after: CardState
    ) -> int:
        longest = believed_seconds(turn.card.kind, words_of(turn.card))
        review_id = self.store.answer(
            ReviewRecord(
                turn.showing.review_uid,
                turn.stored,
                action,
                stamp,
                grade,
                after,
                answer.suggested_grade,
                answer.confidence,
                duration_ms=round(min(max(0, answer.duration_ms), longest * 1000)),
                hints_used=answer.hints_used,
                correct=answer.verdict.correct if answer.verdict else None,
                response=answer.response,
                evidence=answer.evidence,
            )
        )
        self.answered += 1
        return review_id

    def _beside(self, turn: QueueItem, grade: int, answer: Answer, stamp: Stamp) -> Graded:
        """Record an answer that moves no schedule."""
        state = turn.stored.state
        review_id = self._write(turn, grade, answer, stamp, action="cram", after=state)
        self.recount()
        return Graded(review_id, turn, grade, state, False)

    def follow(self, course_no: int, turn: QueueItem) -> QueueItem | None:
        """The same turn in the database that took the place of the one before; None if that has no such card.

        Raises:
            StoreError: the database cannot be read.
        """
        self.course_no = course_no
        self.recount()
        stored = self.store.card(course_no, turn.stored.key)
        return None if stored is None else self.refresh(replace(turn, stored=stored))

    def _act(self, action: Action, stored: StoredCard, after: CardState, stamp: Stamp) -> None:
        self.store.act(action, {stored.no: after}, stamp)
        self.recount()

    def _turn(self, stored: StoredCard, origin: Origin, stamp: Stamp) -> QueueItem:
        uid = stamp.uid()
        self.shown += 1
        covers = self.settings.options == "covered"
        from_memory = covers and stored.state.schedule.interval_days >= MATURE_DAYS
        showing = present(decode(stored.payload), review_uid=uid, seed=seed_of(uid, "shuffle"), from_memory=from_memory)
        return QueueItem(showing, stored, origin, self.day, self.grades, covered=covers and showing.covers)

    def previews(self, turn: QueueItem) -> dict[int, Preview]:
        """What each grade would do to the card on the day of the turn."""
        state, day = turn.stored.state, turn.day
        kind = _kind_of(turn.origin, state, day)
        last = kind == "reask" and self._answers.reasks(turn.stored.no) + 1 >= len(REASK_GAPS)
        previews = {}
        for grade in turn.grades:
            after = sm2.review(state.schedule, grade, on=day)
            asks_again = kind != "cram" and after.reask_on == day and not last
            previews[grade] = Preview(_days_until(after.due_on, day), asks_again, moves=kind != "cram")
        return previews

    def _kinds_left(self) -> dict[Sight, dict[str, int]]:
        return kinds_left(
            self.store, self.course_no, self.day, self.counts,
            scope=self.scope, bury_siblings=self.settings.bury_siblings, unread=self._left.unread,
        )  # fmt: skip

    @property
    def _answers(self) -> DayAnswers:
        return self.store.answers_today(self.course_no, self.day)

    def _next_missed(self) -> int | None:
        """The missed card whose turn it is. One that was shown and put aside unanswered counts as shown, too."""
        answers = self._answers
        others_wait = bool(self.counts.due or self.counts.new)
        shown = self._reask_shown
        if others_wait and shown is not None and len(answers) - shown < REASK_EVERY - 1:
            return None
        return answers.next_reask(
            self.store.missed(self.course_no, self.day, scope=self.scope), others_wait=others_wait
        )

    def _pick(self, origin: Origin) -> StoredCard | None:
        return self.store.pick(
            origin,
            self.course_no,
            self.day,
            order=self.settings.review_order,
            scope=self.scope,
            bury_siblings=self.settings.bury_siblings,
            first=self._left.new_first,
            unread=self._left.unread,
        )

    def _count(self, action: AnswerKind, turn: QueueItem, after: CardState) -> None:
        counts, asks_again = self.counts, after.schedule.reask_on is not None
        if action == "reask":
            self.counts = replace(counts, reask=max(0, counts.reask - (not asks_again)))
            return
        field_name = "new" if turn.stored.state.schedule.is_new else "due"
        left = max(0, getattr(counts, field_name) - 1)
        self.counts = replace(counts, **{field_name: left, "reask": counts.reask + asks_again})


def _kind_of(origin: Origin, state: CardState, day: date) -> AnswerKind:
    """What an answer on `day` is to the schedule.

    A card that was asked again when the day turned, and is not due on the new one, moves nothing: it was reviewed
    yesterday, and its next review is another day's.
    """
    schedule = state.schedule
    if schedule.is_reask(day):
        return "reask"
    if origin == "reask" and schedule.due_on is not None and schedule.due_on > day:
        return "cram"
    return "review"


def _origin_of(state: CardState, day: date) -> Origin:
    if state.schedule.is_reask(day):
        return "reask"
    return "new" if state.schedule.is_new else "due"


def _can_be_asked(state: CardState, day: date) -> bool:
    """New, due or asked again today, and neither suspended nor buried."""
    schedule = state.schedule
    waits = schedule.due_on is None or schedule.due_on <= day or schedule.is_reask(day)
    return waits and not state.suspended and state.buried_on != day


def _days_until(due_on: date | None, day: date) -> int:
    return max(0, (due_on - day).days) if due_on else 0


# The time that what is left of a day will take, from the newest answers in the log


MOST_ANSWERS: Final = 600
"""So many of the newest answers show a learner's pace."""
REACH_ROWS: Final = 3000
"""How far back in the log they are looked for, whatever else stands there."""
MOST_CARDS: Final = 200
"""So many of the next cards show of which kinds a day is."""


@dataclass(frozen=True, slots=True)
class DayPace:
    """The learner's pace and the kinds of a day's cards: what any part of the day takes."""

    pace: Pace
    kinds: dict[Sight, dict[str, int]]

    def minutes(self, counts: Counts) -> int:
        """Whole minutes for what is left, at least one while anything is."""
        return max(1, round(self.pace.seconds_left(counts, self.kinds) / 60)) if counts.total else 0


def own_answers(store: Store, course_no: int) -> list[Timed]:
    """The newest answers on a course, with their times; some milliseconds, however long the log is.

    Raises:
        StoreError: the database cannot be read.
    """
    return [
        Timed(
            answer.kind,
            "reask" if answer.action == "reask" else "new" if answer.was_new else "due",
            answer.grade,
            answer.duration_ms / 1000,
        )
        for answer in store.recent_times(course_no, most=MOST_ANSWERS, reach=REACH_ROWS)
    ]


def own_pace(store: Store, course_no: int) -> Pace:
    """The learner's pace on a course, from the newest answers.

    Raises:
        StoreError: the database cannot be read.
    """
    return Pace.of(own_answers(store, course_no))


def kinds_left(
    store: Store,
    course_no: int,
    day: date,
    counts: Counts,
    *,
    scope: Scope | None = None,
    bury_siblings: bool = True,
    unread: tuple[str, ...] = (),
) -> dict[Sight, dict[str, int]]:
    """Of which kinds the next cards of a day are.

    Raises:
        StoreError: the database cannot be read.
    """
    wanted: tuple[tuple[Sight, int], ...] = (("new", counts.new), ("due", counts.due), ("reask", counts.reask))
    return {
        sight: store.kinds(
            sight, course_no, day,
            most=min(count, MOST_CARDS), scope=scope, bury_siblings=bury_siblings, unread=unread,
        )
        for sight, count in wanted
        if count
    }  # fmt: skip
