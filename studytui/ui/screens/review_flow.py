"""The way of one card: asked, answered, checked, graded, written down; only then comes the next."""

from __future__ import annotations

from enum import Enum, auto

from studytui.domain.grading import Response, Verdict
from studytui.domain.showing import judge
from studytui.services.session import Graded, Turn
from studytui.store.errors import DuplicateReview, StaleCard, StoreError
from studytui.ui.attempt import Attempt
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.card_actions import CardActions
from studytui.ui.solving import PATIENCE_SECONDS, ask_lab, progress_text
from studytui.ui.widgets.grade_bar import SURE_LABELS, GradeBar, Offer, grade_label, grade_offers
from studytui.ui.widgets.review_header import ReviewHeader, clock_text, origin_text
from studytui.ui.widgets.review_sheet import ReviewSheet


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

    stage: Stage = Stage.IDLE
    unsaved_grade: int | None = None
    """A grade the store refused; it is kept for another try."""

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
        attempt = Attempt(turn)
        if turn.card.kind == "exercise":
            _pose(attempt)
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
        )
        self.show_time()

    def show_time(self) -> None:
        """The seconds until the answer, at the end of the first line."""
        if self.attempt is not None and host(self).workspace.settings.show_timer:
            answered = self.attempt.answered_after
            self.query_one(ReviewHeader).tick(clock_text(self.attempt.watch.seconds if answered is None else answered))

    async def answered(self, response: Response) -> None:
        """The learner answered, or asked to be shown; the clock that the suggestion looks at stops."""
        self.notice("")
        self.table.answer(response)
        self.set_focus(None)
        if host(self).workspace.settings.ask_confidence:
            self.become(Stage.SURE)
        else:
            await self.check()

    async def check(self) -> None:
        """Find out whether the answer is right, or show it to be compared."""
        attempt = self.table
        kind = attempt.turn.card.kind
        if kind == "exercise" and attempt.problem is not None:
            self.become(Stage.CHECKING)
            self.run_worker(self._ask_lab(attempt), group="lab", exclusive=True)
        elif kind == "open":
            written = getattr(self.sheet.answer, "text", "")
            if written:
                attempt.evidence = {"written": written}
            await self.sheet.ask_points(attempt)
            self.sheet.reveal(attempt)
            self.become(Stage.TICKING)
        else:
            verdict = judge(attempt.turn.card, attempt.response)
            self.judged(verdict, trouble=attempt.trouble)

    def judged(self, verdict: Verdict | None, *, trouble: str = "") -> None:
        """Show what was right and offer the grades; without a verdict the learner judges."""
        attempt = self.table
        if verdict is not None:
            attempt.judged(verdict)
            self.sheet.show_verdict(attempt, verdict, suggestion=self.word(attempt.default_grade))
        elif trouble:
            self.sheet.show_trouble(trouble)
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
            self.notice(_about(graded))
        await self.next_card()

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

    async def _ask_lab(self, attempt: Attempt) -> None:
        problem = attempt.problem
        assert problem is not None
        latest = [progress_text(0, "starting the lab")]
        patience = self.set_timer(PATIENCE_SECONDS, lambda: self._show_progress(latest[0]))

        def advanced(fraction: float, words: str) -> None:
            latest[0] = progress_text(fraction, words)
            if self.attempt is attempt and attempt.watch.seconds - (attempt.answered_after or 0) > PATIENCE_SECONDS:
                self._show_progress(latest[0])

        outcome = await ask_lab(host(self).lab_client, problem, advanced)
        patience.stop()
        if self.attempt is not attempt or self.stage is not Stage.CHECKING:
            return
        if outcome.evidence is None:
            self.judged(None, trouble=outcome.message)
            return
        from studytui.services import exercises

        attempt.evidence = exercises.for_log(problem, outcome.evidence)
        try:
            verdict = exercises.judge(problem, str(attempt.response or ""), outcome.evidence)
        except (ValueError, LookupError, TypeError) as error:
            self.judged(None, trouble=f"The lab's value is below, but it could not judge the answer ({error}).")
        else:
            self.judged(verdict)
        await self.sheet.show_evidence(outcome.evidence)

    def _show_progress(self, text: str) -> None:
        if self.stage is Stage.CHECKING:
            self.sheet.verdict.show_progress(text)

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
                return grade_offers(self.session.grades, attempt.turn.previews, attempt.default_grade)
        kind = self.table.turn.card.kind
        answer = self.sheet.answer
        key = "space" if answer is None or kind == "open" else "enter"
        label = "Show answer" if answer is None or kind == "open" else "Check"
        detail = answer.prompt if answer else ""
        if answer is not None and answer.is_typed and self.table.hints:
            detail += " · F2 gives a hint"
        return [Offer(0, key, label, detail)]


def _pose(attempt: Attempt) -> None:
    """Pose the exercise with this showing's numbers; a lab that cannot pose leaves a card that is only revealed."""
    from studytui.services import exercises

    try:
        attempt.problem = exercises.pose(attempt.turn.card, attempt.turn.showing.review_uid)
    except (ValueError, LookupError, TypeError) as error:
        attempt.trouble = f"The lab of this card cannot pose a problem: {error}"


def _about(graded: Graded) -> str:
    if graded.became_leech:
        return (
            f"“{graded.turn.card.id}” became a leech ({graded.after.schedule.lapses} lapses) and was suspended. "
            "Reword it or split it in two, then resume it in the browser. u takes this back."
        )
    return ""
