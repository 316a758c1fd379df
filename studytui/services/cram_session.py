"""A session with chosen cards: beside the schedule, unless it is asked to move it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from studytui.domain.clock import Clock, study_day
from studytui.domain.pace import Sight
from studytui.domain.queue import Counts, DayAnswers
from studytui.domain.settings import Settings
from studytui.domain.sm2 import SETTLED_GRADE
from studytui.services.card_filter import Entry
from studytui.services.clock import new_uid
from studytui.services.cram import CramChoice, shuffled
from studytui.services.session import Answer, Graded, Preview, Session, Turn
from studytui.services.workspace import Workspace
from studytui.store import Store, Undone
from studytui.store.errors import StaleCard


def cram(workspace: Workspace, choice: CramChoice, entries: Iterable[Entry]) -> CramSession:
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

    def next(self) -> Turn | None:
        """The next card, or None when all were graded Good."""
        self.recount()
        while (no := self._next_no()) is not None:
            stored = self.store.card_by_no(no)
            if stored is not None and (no == self._pinned or not stored.state.suspended):
                self._pinned = None
                return self._turn(stored, "cram")
            self._drop(no)
        return None

    def answer(self, turn: Turn, grade: int, answer: Answer) -> Graded:
        """Record a grade durably; see `Session.answer`.

        Raises:
            StoreError: nothing was written; the same call may be made again. DuplicateReview means it is in the log.
        """
        no = turn.stored.no
        try:
            if self.counts_grades:
                graded = super().answer(turn, grade, answer)
            else:
                now = self.clock.now()
                graded = self._beside(turn, grade, answer, at=now, day=study_day(now, self.settings.rollover_hour))
        except StaleCard:
            self._drop(no)
            raise
        self._given.add(graded.review_id, no, "reask" if no in self._missed else "review")
        self._drop(no)
        if grade < SETTLED_GRADE and not graded.became_leech:
            self._missed.append(no)
        self.recount()
        return replace(graded, let_go=False)

    def bury(self, turn: Turn) -> None:
        """Hide the card until the next study day, here too."""
        super().bury(turn)
        self._drop(turn.stored.no)
        self.recount()

    def suspend(self, turn: Turn) -> None:
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

    def _with_previews(self, turn: Turn) -> Turn:
        """A card comes back until it is Good; its schedule moves only where grades count."""
        previews = super()._with_previews(turn).previews
        return replace(
            turn,
            previews={
                grade: replace(preview, asks_again=grade < SETTLED_GRADE)
                if self.counts_grades
                else Preview(0, grade < SETTLED_GRADE, moves=False)
                for grade, preview in previews.items()
            },
        )

    def _kinds_left(self) -> dict[Sight, dict[str, int]]:
        return {"due": self.store.kinds_of([*self._rest, *self._missed])}

    def _drop(self, no: int) -> None:
        self._rest = [other for other in self._rest if other != no]
        self._missed = [other for other in self._missed if other != no]
        if self._pinned == no:
            self._pinned = None
