"""A review session: pick a card, show it, record the answer, take it back.

The database is the only truth. Each step asks it again, so two windows on one file, an undo or an edited card never
leave the session with a stale plan; what is kept here is only what the day's limits and the gap before a re-ask need.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, TypeAlias

from studytui.domain import sm2
from studytui.domain.cards import Card
from studytui.domain.clock import Clock, study_day
from studytui.domain.grading import Response, Verdict
from studytui.domain.queue import REASK_GAP, Counts, Limits, Origin, Scope, choose, mix_every
from studytui.domain.settings import Settings
from studytui.domain.showing import Showing, seed_of, show
from studytui.library.compiled import decode
from studytui.services.clock import new_uid
from studytui.store import CardState, ReviewRecord, Store, StoredCard, Undone
from studytui.store.records import Action

Answered: TypeAlias = Literal["review", "reask", "cram"]
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
class Turn:
    """One card on the table: its showing, its state before, why it is shown and what each grade would do."""

    showing: Showing
    stored: StoredCard
    origin: Origin
    day: date
    previews: dict[int, Preview]

    @property
    def card(self) -> Card:
        return self.showing.card


@dataclass(frozen=True, slots=True)
class Answer:
    """What the learner did with a turn, besides the grade."""

    response: Response = None
    verdict: Verdict | None = None
    suggested_grade: int | None = None
    confidence: int | None = None
    duration_ms: int = 0
    hints_used: int = 0
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer that is safely in the log."""

    review_id: int
    turn: Turn
    grade: int
    after: CardState
    became_leech: bool


class Session:
    """Reviews within a scope on the study day the clock shows. Not thread-safe; one store, one learner.

    A session of a `locked` course has no cards, due or new.
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
    ) -> None:
        self.store = store
        self.course_no = course_no
        self.clock = clock
        self.settings = settings
        self.scope = scope or Scope()
        self.locked = locked
        self.uid = new_uid(clock)
        self.shown = 0
        self._answered = 0
        self._failed_at: dict[int, int] = {}
        self._pinned: int | None = None
        self._postponed: int | None = None
        self.day = self._today()
        self.counts = Counts()
        self._left = Limits()
        self._mix = 0
        self.recount()
        self._mix = mix_every(self.counts)

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades the learner's keys give, lowest first."""
        return FOUR_GRADES if self.settings.grade_keys == "four" else SIX_GRADES

    def recount(self) -> None:
        """Ask the database what is left today, after anything but a plain answer happened."""
        self.day = self._today()
        if self.locked:
            return
        done = self.store.done_today(self.course_no, self.day)
        self._left = self.settings.limits.left(new_today=done.new, reviews_today=done.reviews)
        self.counts = self.store.counts(
            self.course_no,
            self.day,
            limits=self._left,
            scope=self.scope,
            bury_siblings=self.settings.bury_siblings,
        )

    def next(self) -> Turn | None:
        """The next card, or None when nothing is left today."""
        if self.locked:
            return None
        if self._today() != self.day:
            self.recount()
        if self._pinned is not None:
            pinned, self._pinned = self._pinned, None
            if stored := self.store.card_by_no(pinned):
                return self._turn(stored, self._origin_of(stored))
        for _ in range(2):
            ready = self._pick("reask", skip=self._waiting()) if self.counts.reask else None
            origin = choose(
                self.counts,
                reask_ready=ready is not None,
                new_cards=self.settings.new_cards,
                shown=self.shown,
                mix_every=self._mix,
            )
            if origin is None:
                return None
            stored = ready if origin == "reask" and ready else self._pick(origin, skip=self._just_answered())
            stored = stored or self._pick(origin)
            if stored is not None:
                return self._turn(stored, origin)
            # Another window answered the card meanwhile, or a sibling left the day.
            self.recount()
        return None

    def answer(self, turn: Turn, grade: int, answer: Answer) -> Graded:
        """Record a grade durably; only when this returns may the next card be shown.

        Raises:
            StoreError: nothing was written; the same call may be made again. DuplicateReview means it is in the log.
        """
        before = turn.stored.state
        schedule = sm2.review(before.schedule, grade, on=turn.day)
        leech = sm2.is_leech(before.schedule, schedule, threshold=self.settings.leech_lapses)
        after = replace(before, schedule=schedule, leech=before.leech or leech, suspended=before.suspended or leech)
        action: Answered = "reask" if before.schedule.is_reask(turn.day) else "review"
        review_id = self.store.record_review(self._record(turn, grade, answer, action=action, after=after))
        self._answered += 1
        self._failed_at.pop(turn.stored.no, None)
        if after.schedule.reask_on == turn.day:
            self._failed_at[turn.stored.no] = self._answered
        self._postponed = turn.stored.no
        if leech or turn.stored.has_siblings or turn.stored.state.suspended:
            self.recount()
        else:
            self._count(turn.origin, after)
        return Graded(review_id, turn, grade, after, leech)

    def _record(self, turn: Turn, grade: int, answer: Answer, *, action: Answered, after: CardState) -> ReviewRecord:
        return ReviewRecord(
            review_uid=turn.showing.review_uid,
            card_no=turn.stored.no,
            action=action,
            session_uid=self.uid,
            at=self.clock.now(),
            study_day=turn.day,
            grade=grade,
            suggested_grade=answer.suggested_grade,
            confidence=answer.confidence,
            duration_ms=max(0, answer.duration_ms),
            hints_used=answer.hints_used,
            correct=answer.verdict.correct if answer.verdict else None,
            response=json.dumps(answer.response, ensure_ascii=False),
            evidence=json.dumps(answer.evidence, ensure_ascii=False) if answer.evidence else "{}",
            before=turn.stored.state,
            after=after,
            expected_last_review_id=turn.stored.last_review_id,
        )

    def undo(self) -> Undone | None:
        """Take back the last act on this course, whatever it was; the card comes back next. Again goes deeper."""
        undone = self.store.undo_last(
            course_no=self.course_no,
            at=self.clock.now(),
            study_day=self._today(),
            session_uid=self.uid,
            review_uid=new_uid(self.clock),
        )
        if undone is not None:
            self._pinned = undone.card_no
            self._failed_at.pop(undone.card_no, None)
            self.recount()
        return undone

    def bury(self, turn: Turn) -> None:
        """Hide the card until the next study day."""
        self._act("bury", turn.stored, replace(turn.stored.state, buried_on=self.day))

    def suspend(self, turn: Turn) -> None:
        """Take the card out of reviews until it is resumed from the browser."""
        self._act("suspend", turn.stored, replace(turn.stored.state, suspended=True))

    def flag(self, turn: Turn) -> Turn:
        """Turn the card's mark on or off; the same turn goes on with the card's new state."""
        flagged = not turn.stored.state.flagged
        self._act("flag" if flagged else "unflag", turn.stored, replace(turn.stored.state, flagged=flagged))
        return self.refresh(turn)

    def refresh(self, turn: Turn) -> Turn:
        """The same turn with the card as it now stands in the course and the database."""
        stored = self.store.card_by_no(turn.stored.no)
        if stored is None:
            return turn
        card = decode(stored.payload)
        showing = (
            replace(turn.showing, card=card)
            if card.body == turn.card.body
            else show(card, review_uid=turn.showing.review_uid, seed=turn.showing.seed)
        )
        return replace(turn, stored=stored, showing=showing)

    def follow(self, course_no: int, turn: Turn) -> Turn | None:
        """The same turn in the database that took the place of the one before; None if that has no such card.

        Raises:
            StoreError: the database cannot be read.
        """
        self.course_no = course_no
        self.recount()
        stored = self.store.card(course_no, turn.stored.key)
        return None if stored is None else self.refresh(replace(turn, stored=stored))

    def _act(self, action: Action, stored: StoredCard, after: CardState) -> None:
        self.store.act(
            action,
            stored.no,
            after=after,
            at=self.clock.now(),
            study_day=self.day,
            session_uid=self.uid,
            review_uid=new_uid(self.clock),
        )
        self.recount()

    def _turn(self, stored: StoredCard, origin: Origin) -> Turn:
        card = decode(stored.payload)
        uid = new_uid(self.clock)
        self.shown += 1
        previews = {}
        for grade in self.grades:
            after = sm2.review(stored.state.schedule, grade, on=self.day)
            previews[grade] = Preview(_days_until(after.due_on, self.day), after.reask_on == self.day)
        return Turn(show(card, review_uid=uid, seed=seed_of(uid, "shuffle")), stored, origin, self.day, previews)

    def _pick(self, origin: Origin, *, skip: Sequence[int] = ()) -> StoredCard | None:
        return self.store.pick(
            origin,
            self.course_no,
            self.day,
            order=self.settings.review_order,
            scope=self.scope,
            bury_siblings=self.settings.bury_siblings,
            skip=skip,
        )

    def _waiting(self) -> list[int]:
        return [no for no, at in self._failed_at.items() if self._answered - at < REASK_GAP]

    def _just_answered(self) -> list[int]:
        return [] if self._postponed is None else [self._postponed]

    def _origin_of(self, stored: StoredCard) -> Origin:
        schedule = stored.state.schedule
        if schedule.is_reask(self.day):
            return "reask"
        return "new" if schedule.is_new else "due"

    def _count(self, origin: Origin, after: CardState) -> None:
        counts = self.counts
        if origin == "reask":
            settled = after.schedule.reask_on is None
            self.counts = replace(counts, reask=max(0, counts.reask - settled))
            return
        asks_again = after.schedule.reask_on is not None
        field_name = "new" if origin == "new" else "due"
        left = max(0, getattr(counts, field_name) - 1)
        self.counts = replace(counts, **{field_name: left, "reask": counts.reask + asks_again})

    def _today(self) -> date:
        return study_day(self.clock.now(), self.settings.rollover_hour)


def _days_until(due_on: date | None, day: date) -> int:
    return max(0, (due_on - day).days) if due_on else 0
