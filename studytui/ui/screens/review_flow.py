"""The way of one card: asked, answered, checked, graded, written down; only then comes the next."""

from __future__ import annotations

import time
from enum import Enum, auto
from typing import ClassVar, Final

from studytui.domain.grading import Response
from studytui.services.attempt import SAY_SO, Attempt
from studytui.services.session import Graded, Turn
from studytui.store.errors import DuplicateReview, StaleCard, StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.card_actions import CardActions
from studytui.ui.widgets.grade_bar import SURE_LABELS, GradeBar, Offer, grade_label, grade_offers
from studytui.ui.widgets.review_header import ReviewHeader, clock_text, origin_text
from studytui.ui.widgets.review_sheet import ReviewSheet

UNREAD_SECONDS: Final = 0.3
"""An answer that stood on the screen for less was hardly read."""


class Stage(Enum):
    """Where an attempt stands."""

    IDLE = auto()
    ASKING = auto()
    SURE = auto()
    CHECKING = auto()
    TICKING = auto()
    GRADING = auto()


class ReviewFlow(CardActions):
    """Base of the review screen: the stages of an attempt. What keys do in each stage is the subclass's."""

    GUARDS_REPEATS: ClassVar = True
    stage: Stage = Stage.IDLE
    unsaved_grade: int | None = None
    """A grade the store refused; it is kept for another try."""
    burst: int = 0
    """Grades in a row that came too soon after the answer was shown for it to be read."""
    _shown_at: float = 0.0

    @property
    def sheet(self) -> ReviewSheet:
        return self.query_one(ReviewSheet)

    @property
    def bar(self) -> GradeBar:
        return self.query_one(GradeBar)

    @property
    def table(self) -> Attempt:
        """The attempt at the card on the table; only asked for while there is one."""
        assert self.attempt is not None
        return self.attempt

    async def next_card(self) -> None:
        try:
            turn = self.session.next()
        except StoreError as error:
            self.become(Stage.IDLE)
            self.notice(f"The next card cannot be read: {sentence(error)} Press r to try again.", problem=True)
            return
        self.unsaved_grade = None
        if turn is None:
            self.finish()
        else:
            await self.show_again(turn)

    async def show_again(self, turn: Turn) -> None:
        attempt = Attempt.at(turn, host(self).workspace.words)
        self.attempt = attempt
        with self.app.batch_update():
            self.show_header()
            await self.sheet.ask(attempt)
            self.become(Stage.ASKING)
        self.sheet.focus_answer()

    async def show_text(self, turn: Turn) -> None:
        attempt = self.table
        attempt.turn = turn
        if self.stage in (Stage.TICKING, Stage.GRADING):
            self.sheet.reveal(attempt)

    def show_header(self) -> None:
        if self.attempt is None:
            return
        turn = self.attempt.turn
        section = host(self).workspace.course.section(turn.card.section)
        self.query_one(ReviewHeader).show(
            turn.origin,
            origin_text(turn.origin, turn.stored.state.schedule.due_on, turn.day),
            self.session.counts,
            f"{turn.card.section} {section.title if section else ''}",
            flagged=turn.stored.state.flagged,
            minutes=self._minutes_left(),
        )
        self.show_time()

    def _minutes_left(self) -> int:
        try:
            return self.session.minutes_left
        except StoreError:
            return 0  # a guess is not worth an interruption; the next card says what is wrong

    def show_time(self) -> None:
        """The seconds until the answer, at the end of the first line."""
        self._see_the_day()
        if self.attempt is not None and host(self).workspace.settings.show_timer:
            answered = self.attempt.answered_after
            self.query_one(ReviewHeader).tick(clock_text(self.attempt.watch.seconds if answered is None else answered))

    def _see_the_day(self) -> None:
        """When the study day turns under a card, its grades mean another day."""
        if self.attempt is None or self.session.today == self.attempt.turn.day:
            return
        try:
            self.attempt.turn = self.session.refresh(self.attempt.turn)
        except StoreError as error:
            self.notice(f"The day turned, but the card cannot be read: {sentence(error)}", problem=True)
            return
        self.notice("A new day has begun: what you answer now counts for it.")
        self.show_header()
        self.bar.offer(self._offers())

    async def answered(self, response: Response) -> None:
        """The learner answered, or asked to be shown; what cannot be an answer leaves the question as it is."""
        attempt = self.table
        attempt.written = getattr(self.sheet.answer, "text", "")
        if refusal := attempt.answer(response):
            self.refuse(refusal)
            return
        self.notice("")
        self.set_focus(None)
        if host(self).workspace.settings.ask_confidence:
            self.become(Stage.SURE)
        else:
            await self.check()

    def refuse(self, what_to_do: str) -> None:
        """Say what to type instead; the field stays."""
        give_up = "F6" if self.sheet.answer is not None and self.sheet.answer.is_typed else "x"
        what_to_do = what_to_do.replace(SAY_SO, f"press {give_up} if you don't know")
        self.notice(what_to_do if "don't know" in what_to_do else f"{what_to_do} {give_up}: don't know.")
        self.sheet.focus_answer()

    async def check(self) -> None:
        """Find out whether the answer is right, or show it to be compared."""
        attempt = self.table
        if attempt.needs_lab:
            self.become(Stage.CHECKING)
            self.run_worker(self._measure(attempt), group="lab", exclusive=True)
        elif attempt.form == "points":
            await self.sheet.ask_points(attempt)
            self.sheet.reveal(attempt)
            self.become(Stage.TICKING)
        else:
            attempt.check()
            self.judged()

    def judged(self) -> None:
        """Show what was right and offer the grades; without a verdict the learner judges."""
        attempt = self.table
        if attempt.verdict is not None:
            self.sheet.show_verdict(attempt, attempt.verdict, suggestion=self.word(attempt.default_grade))
        elif attempt.trouble:
            self.sheet.show_trouble(attempt.trouble)
        self.sheet.reveal(attempt)
        self.set_focus(None)
        self.become(Stage.GRADING)

    async def grade(self, grade: int) -> None:
        """Write the grade down; the next card comes only once it is safe."""
        attempt = self.table
        try:
            graded = self.session.answer(attempt.turn, grade, attempt.as_answer())
        except DuplicateReview:
            self.notice("This answer was saved already.")
        except StaleCard:
            self.session.recount()
            self.notice("This card was answered in another window meanwhile; that answer counts.")
        except StoreError as error:
            self.unsaved_grade = grade
            self.refresh_bindings()
            self.notice(f"Not saved: {sentence(error)} Press r to try again with {self.word(grade)}.", problem=True)
            return
        else:
            self.burst = self.burst + 1 if time.monotonic() - self._shown_at < UNREAD_SECONDS else 0
            self.notice(_about(graded) or self._about_burst())
        await self.next_card()

    def acted(self) -> None:
        self.burst = 0
        self.refresh_bindings()

    def _about_burst(self) -> str:
        if self.burst < 3:
            return ""
        return (
            f"{self.burst} grades within {self.burst * UNREAD_SECONDS:.0f} s. Not meant? U takes all {self.burst} back."
        )

    async def follow_file(self) -> None:
        """Another database is in the place of the one before: the card on the table goes on in it, as it is."""
        course_no = host(self).workspace.course_no
        if self.attempt is None:
            self.session.course_no = course_no
            self.session.recount()
            return
        try:
            turn = self.session.follow(course_no, self.attempt.turn)
        except StoreError as error:
            self.notice(f"The card cannot be read: {sentence(error)} Press r to try again.", problem=True)
            return
        if turn is None:
            self.notice("The new database does not have this card.")
            await self.next_card()
            return
        self.attempt.turn = turn
        self.show_header()
        self.notice("")
        if self.unsaved_grade is not None:
            await self.grade(self.unsaved_grade)

    def finish(self) -> None:
        """Nothing is left today: say what was done. Undo there comes back here."""
        from studytui.ui.screens.summary import SummaryScreen

        self.attempt = None
        self.become(Stage.IDLE)
        self.app.push_screen(SummaryScreen(self.session.uid), self._after_summary)

    def become(self, stage: Stage) -> None:
        """Enter a stage: the bar offers what it allows, the footer shows the keys that mean something."""
        self.stage = stage
        self._shown_at = time.monotonic()
        self.bar.offer(self._offers())
        self.refresh_bindings()

    def word(self, grade: int) -> str:
        """A grade as the learner's scale calls it."""
        return grade_label(grade, four=len(self.session.grades) == 4)

    async def _after_summary(self, undo: bool | None) -> None:
        if undo:
            await self.run_action("undo")
        else:
            self.dismiss()

    async def _measure(self, attempt: Attempt) -> None:
        def progress(fraction: float, words: str) -> None:
            if self.attempt is attempt and self.stage is Stage.CHECKING:
                self.sheet.verdict.show_progress(fraction, words)

        refusal = await attempt.measure(host(self).lab_client, progress)
        if self.attempt is not attempt or self.stage is not Stage.CHECKING:
            return
        if refusal:
            attempt.withdraw()
            self.sheet.verdict.clear()
            self.become(Stage.ASKING)
            self.refuse(refusal)
            return
        self.judged()
        if attempt.measured is not None:
            await self.sheet.show_evidence(attempt.measured)

    def _offers(self) -> list[Offer]:
        match self.stage:
            case Stage.IDLE:
                return []
            case Stage.SURE:
                return [Offer(n, str(n), word, "how sure?" if n == 3 else "") for n, word in SURE_LABELS.items()]
            case Stage.CHECKING:
                return [Offer(0, "esc", "Cancel", "the lab is computing")]
            case Stage.TICKING:
                return [Offer(0, "enter", "Done ticking", "space or a number ticks a point you said")]
            case Stage.GRADING:
                attempt = self.table
                return grade_offers(
                    self.session.grades, attempt.turn.previews, attempt.default_grade, reason=attempt.reason
                )
        answer = self.sheet.answer
        revealed = self.table.form in ("reveal", "points")
        return [
            Offer(
                0,
                "space" if revealed else "enter",
                "Show answer" if revealed else "Check",
                answer.prompt if answer else "",
            )
        ]


def _about(graded: Graded) -> str:
    if graded.became_leech:
        return (
            f"“{graded.turn.card.id}” became a leech ({graded.after.schedule.lapses} lapses) and was suspended. "
            "Reword it or split it in two, then resume it in the browser. u takes this back."
        )
    if graded.let_go:
        return f"“{graded.turn.card.id}” was asked often enough today; it comes back another day."
    return ""
