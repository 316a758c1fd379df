"""A review: the stages of a card, what can be done with it, what the keys do, and the end of a session."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import date
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from studytui.domain.judging import Suggestion
from studytui.domain.plain_text import clock_text, counted
from studytui.domain.queue import Origin, Scope
from studytui.domain.sm2 import grade_label
from studytui.domain.verdict import Response
from studytui.errors import DuplicateReview, StaleCard, StoreError
from studytui.study.attempt import SAY_SO, Attempt
from studytui.study.card_actions import undone_words
from studytui.study.review import Graded, QueueItem, Session, Sitting, open_session
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import DONT_KNOW, HINT, KeyBar, tape_keys
from studytui.ui.screens import Notice, StudyScreen
from studytui.ui.widgets.answers import AnswerWidget
from studytui.ui.widgets.card_sheet import ReviewSheet
from studytui.ui.widgets.charts import across
from studytui.ui.widgets.controls import GradeBar, Offer, grade_offers, sure_offers

if TYPE_CHECKING:
    from studytui.study.cram import CramChoice
    from studytui.study.diagnosis import Named
    from studytui.study.next_steps import NextSteps
    from studytui.study.progress import SessionSummary

# The end of a session: what was done, how well, how long it took, and what comes tomorrow


_BAR_CELLS = 30


class SummaryScreen(StudyScreen[bool | None]):
    """Answers True if the last grade is to be taken back; the review then goes on."""

    CSS_PATH = "summary.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,escape,q", "dismiss(False)", "Done", key_display="enter", id="summary.done",
                tooltip="Back to where the review was started"),
        Binding("l", "lab", "Lab", id="summary.lab", tooltip="Try the lab that is offered"),
        Binding("u", "dismiss(True)", "Undo", id="summary.undo", tooltip="Undo the last grade and go on"),
    ]  # fmt: skip

    def __init__(self, session_uid: str, ended_by: str = "") -> None:
        super().__init__()
        self._session_uid = session_uid
        self._ended_by = ended_by
        self._lab = ""

    def action_lab(self) -> None:
        """Open the lab that is offered."""
        if self._lab:
            host(self).open_lab(self._lab)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """There is no lab to open until one is offered."""
        return bool(self._lab) if action == "lab" else True

    def compose(self) -> ComposeResult:
        yield Static("Session", classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static(id="head", markup=False)
            yield Static(id="numbers", markup=False)
            yield Static(id="grades", markup=False)
            yield Static(id="leeches", markup=False)
            yield Static(id="next", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def _load(self) -> None:
        from studytui.study.next_steps import next_steps
        from studytui.study.progress import session_summary

        workspace = host(self).workspace
        self.read(
            lambda: (session_summary(workspace, self._session_uid), next_steps(workspace)),
            self._show,
            self._show_problem,
        )

    def _show(self, both: tuple[SessionSummary, NextSteps]) -> None:
        from studytui.study.progress import today_overview

        found, steps = both
        workspace = host(self).workspace
        now = today_overview(workspace)
        done = found.reviews + found.reasks + found.crammed
        total = now.counts.total
        head = "All done for today." if not total else f"{total} card{'s are' if total > 1 else ' is'} left today."
        head = f"{self._ended_by} {head}".strip()
        self.query_one("#head", Static).update(head if done else f"Nothing was due here. {head}")
        if done:
            self.query_one("#numbers", Static).update(self._numbers(found))
            self.query_one("#grades", Static).update(_grades(found, four=workspace.settings.grade_keys == "four"))
        if found.leeches:
            names = ", ".join(safe(key) for key in found.leeches)
            text = f"Leeches: {names}. Reword them or split them in two."
            if workspace.settings.suspend_leeches:
                text = f"Leeches, suspended: {names}. Reword or split them, then bring them back under Cards (b)."
            self.query_one("#leeches", Static).update(text)
        tomorrow = f"Tomorrow: {found.due_tomorrow} card{'s' * (found.due_tomorrow != 1)} due."
        shown = [tomorrow, steps.now.words + (f", {steps.now.then}" if steps.now.do == "read" else "")]
        if steps.read or steps.ran:
            did = [f"read {', '.join(steps.read)}"] * bool(steps.read)
            did += [f"ran {counted(steps.ran, 'lab')}"] * bool(steps.ran)
            shown.insert(0, f"Today you also {' and '.join(did)}.")
        lab = steps.of("lab")
        if lab is not None and lab.step and not total and not steps.ran:
            shown.append(f"A lab to try (l): {safe(lab.step)}.")
        self._lab = lab.target if lab is not None else ""
        self.query_one("#next", Static).update("\n".join(shown))
        self.refresh_bindings()

    def _numbers(self, found: SessionSummary) -> str:
        parts = [f"{found.reviews} review{'s' * (found.reviews != 1)}"] if found.reviews or not found.crammed else []
        if found.crammed:
            parts.append(f"{found.crammed} in practice, {found.crammed_passed} of them recalled")
        if found.new:
            parts.append(f"{found.new} of them new")
        if found.reasks:
            parts.append(f"{found.reasks} repeated")
        minutes, seconds = divmod(round(found.seconds), 60)
        parts.append(f"{minutes} min {seconds:02d} s")
        if found.accuracy is not None:
            parts.append(f"{found.accuracy:.0%} recalled")
        return "  ·  ".join(parts)

    def _show_problem(self, error: Exception) -> None:
        text = f"The session is saved, but it cannot be summed up: {format_error(error)}"
        self.query_one("#head", Static).update(text)


def _grades(found: SessionSummary, *, four: bool) -> Content:
    most = max(found.grades.values(), default=1)
    lines = []
    for grade, count in found.grades.items():
        label = grade_label(grade, four=four)
        style = "$error" if grade < 3 else {3: "$warning", 4: "$success"}.get(grade, "$primary")
        lines.append(Content.assemble(f"{label:<9}", across(count, most, _BAR_CELLS, style), f" {count}"))
    return Content("\n").join(lines)


# The first line of a review: how far it is, how long the rest takes, why this card, where it stands


_ORIGINS: dict[Origin, tuple[str, str]] = {
    "new": ("new", "$text-primary"),
    "due": ("due", "$text-success"),
    "reask": ("to repeat", "$text-error"),
    "cram": ("practice", "$text-accent"),
}


def origin_text(origin: Origin, due_on: date | None, day: date) -> str:
    """Why the card is shown, in two or three words."""
    if origin == "due" and due_on is not None and due_on < day:
        late = (day - due_on).days
        return f"due · {late} day{'s' * (late > 1)} late"
    return _ORIGINS[origin][0]


class ReviewHeader(Static):
    """`13 of 91  ━━────  about 26 min left      ● due · 2.2 Title   0:12`: one line; what does not fit is left out."""

    DEFAULT_CSS = """
    ReviewHeader { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._left: list[Content] = []
        self._why = Content("")
        self._places: tuple[str, ...] = ("",)
        self._time = ""

    def show(
        self, origin: Origin, why: str, section: str, title: str, *, done: int, left: int, minutes: int, flagged: bool
    ) -> None:
        """Describe the card on the table: `done` answers were given before it, `left` are to come, it included."""
        total = done + left
        place = Content.styled(f"{done + 1}", "bold") + Content(f" of {total}")
        filled = round(done / total * _LINE_CELLS) if total else 0
        line = Content.assemble("  ", ("━" * filled, "$primary"), ("─" * (_LINE_CELLS - filled), "$foreground-muted"))
        rest = Content.styled(f"  about {minutes} min left", "$foreground-muted") if minutes else Content("")
        self._left = [place + line + rest, place + rest, place]
        flag = Content.styled("⚑ flagged  ", "$text-warning") if flagged else Content("")
        self._why = flag + Content.styled(f"● {why}", f"bold {_ORIGINS[origin][1]}")
        self._places = (f" · {section} {safe(title)}", f" · {section}", "")
        self._draw()

    def tick(self, text: str) -> None:
        """Show the time at the right end."""
        if text != self._time:
            self._time = text
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width or 78
        time = f"  {self._time:>5}" if self._time else ""
        for left in self._left:
            for place in self._places:
                right = self._why + Content.styled(place, "$foreground-muted") + Content(time)
                gap = width - left.cell_length - right.cell_length
                if gap >= 2:
                    self.update(left + Content(" " * gap) + right)
                    return
        self.update((self._left[-1] if self._left else Content("")) + Content("  ") + self._why)


_LINE_CELLS: Final = 20


class MoreBelow(Static):
    """`▼ 17 more lines: evidence`: what the page holds below its last row. Where all of it is in sight, no line."""

    DEFAULT_CSS = """
    MoreBelow {
        height: 1; padding: 0 2; background: $panel; color: $foreground-muted; text-align: right; display: none;
        text-wrap: nowrap;
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)

    def tell(self, below: int, what: str, *, fits: bool) -> None:
        """So many lines are below, and of what; it `fits` if they would all be in sight without this line."""
        self.display = not fits
        plural = "s" * (below != 1)
        self.update(f"▼ {below} more line{plural}{f': {what}' if what else ''}" if below else "")


# The way of one card: asked, answered, checked, graded, written down; only then comes the next


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


class ReviewFlow(StudyScreen[None]):
    """Base of the review screen: the stages of an attempt. What keys do in each stage is the subclass's."""

    GUARDS_REPEATS: ClassVar = True
    attempt: Attempt | None = None
    session: Session
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
        """Go on to the next card, or to the end."""
        try:
            turn = self.session.next()
        except StoreError as error:
            self.become(Stage.IDLE)
            self.say(f"The next card cannot be read: {format_error(error)} Press r to try again.", problem=True)
            return
        self.unsaved_grade = None
        if turn is None:
            self.finish()
        else:
            await self.show_again(turn)

    async def show_again(self, turn: QueueItem) -> None:
        """Ask a card from the beginning."""
        attempt = Attempt.at(turn, host(self).workspace.words)
        self.attempt = attempt
        with self.app.batch_update():
            self.show_header()
            await self.sheet.ask(attempt)
            self.become(Stage.ASKING)
        self.sheet.focus_answer()

    async def show_text(self, turn: QueueItem) -> None:
        """Show the same card with another back or note, where that is in sight."""
        attempt = self.table
        attempt.turn = turn
        if self.stage in (Stage.TICKING, Stage.GRADING):
            self.sheet.reveal(attempt)

    def show_header(self) -> None:
        """Bring the first line up to date."""
        if self.attempt is None:
            return
        turn = self.attempt.turn
        section = host(self).workspace.course.section(turn.card.section)
        self.query_one(ReviewHeader).show(
            turn.origin,
            origin_text(turn.origin, turn.stored.state.schedule.due_on, turn.day),
            turn.card.section,
            section.title if section else "",
            done=self.session.answered,
            left=self._cards_left(),
            minutes=self._minutes_left(),
            flagged=turn.stored.state.flagged,
        )
        self.show_time()

    def _cards_left(self) -> int:
        left, most = self.session.counts.total, self.session.sitting.cards
        return min(left, most - self.session.answered) if most else left

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
            self.say(f"The day turned, but the card cannot be read: {format_error(error)}", problem=True)
            return
        self.say("A new day has begun: what you answer now counts for it.")
        self.show_header()
        self.bar.offer(self._offers())

    async def answered(self, response: Response) -> None:
        """The learner answered, or asked to be shown; what cannot be an answer leaves the question as it is."""
        attempt = self.table
        attempt.written = getattr(self.sheet.answer, "text", "")
        if refusal := attempt.answer(response):
            self.refuse(refusal)
            return
        self.say("")
        self.set_focus(None)
        if host(self).workspace.settings.ask_confidence:
            self.become(Stage.SURE)
        else:
            await self.check()

    def uncover(self) -> None:
        """The learner has an answer in mind: bring the options into sight."""
        self.table.uncover()
        self.sheet.uncover()
        self.become(Stage.ASKING)
        self.sheet.focus_answer()

    def refuse(self, what_to_do: str) -> None:
        """Say what to type instead; the field stays."""
        give_up = "F6" if self.sheet.answer is not None and self.sheet.answer.is_typed else "x"
        what_to_do = what_to_do.replace(SAY_SO, f"press {give_up} if you don't know")
        self.say(what_to_do if "don't know" in what_to_do else f"{what_to_do} {give_up}: don't know.")
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
            self.say("This answer was saved already.")
        except StaleCard:
            self.session.recount()
            self.say("This card was answered in another window meanwhile; that answer counts.")
        except StoreError as error:
            self.unsaved_grade = grade
            self.refresh_bindings()
            self.say(f"Not saved: {format_error(error)} Press r to try again with {self.word(grade)}.", problem=True)
            return
        else:
            self.burst = self.burst + 1 if time.monotonic() - self._shown_at < UNREAD_SECONDS else 0
            self.say(_about(graded) or self._about_burst())
        await self.next_card()

    def acted(self) -> None:
        """Something other than a grade was written down or taken back."""
        self.burst = 0
        self.refresh_bindings()

    def _about_burst(self) -> str:
        if self.burst < 3:
            return ""
        return f"{self.burst} grades within {self.burst * UNREAD_SECONDS:.0f} s. Not meant? U undoes all {self.burst}."

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
            self.say(f"The card cannot be read: {format_error(error)} Press r to try again.", problem=True)
            return
        if turn is None:
            self.say("The new database does not have this card.")
            await self.next_card()
            return
        self.attempt.turn = turn
        self.show_header()
        self.say("")
        if self.unsaved_grade is not None:
            await self.grade(self.unsaved_grade)

    def finish(self) -> None:
        """Nothing is left today: say what was done. Undo there comes back here."""

        self.attempt = None
        self.become(Stage.IDLE)
        ended_by = self.session.sitting.words if self.session.is_sat_out else ""
        self.app.push_screen(SummaryScreen(self.session.uid, ended_by), self._after_summary)

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
                return sure_offers()
            case Stage.CHECKING:
                return [Offer(0, "esc", "Cancel", "the lab is computing")]
            case Stage.TICKING:
                return [Offer(0, "enter", "Done ticking", "space or a number ticks a point you said")]
            case Stage.GRADING:
                attempt = self.table
                previews = self.session.previews(attempt.turn)
                return grade_offers(self.session.grades, previews, attempt.default_grade, reason=attempt.reason)
        if self.table.covered:
            return [Offer(0, "space", "Show options", "have an answer in mind first")]
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
            f"“{graded.turn.card.id}” is a leech now: you missed it {graded.after.schedule.lapses} times. It is "
            "suspended. Reword it or split it in two, then bring it back under Cards (b). u undoes this."
        )
    if graded.let_go:
        return f"“{graded.turn.card.id}” was repeated often enough today; it comes back another day."
    return ""


# What can be done with the card on the table besides answering it


class CardActions(ReviewFlow):
    """Base of the review screen: acts on a card that are not answers. One that fails leaves the card as it was."""

    async def action_bury(self) -> None:
        await self._set_aside(self.session.bury, "Buried until tomorrow. u undoes it.")

    async def action_suspend(self) -> None:
        await self._set_aside(self.session.suspend, "Suspended. u undoes it; bring it back later under Cards (b).")

    def action_flag(self) -> None:
        if self.attempt is None:
            return
        try:
            self.attempt.turn = self.session.flag(self.attempt.turn)
        except StoreError as error:
            self.say(f"Not flagged: {format_error(error)}", problem=True)
            return
        self.acted()
        self.show_header()
        self.say("Flagged." if self.attempt.turn.stored.state.flagged else "No longer flagged.")

    async def action_edit(self) -> None:
        if self.attempt is None:
            return
        from studytui.ui.editing import edit_source

        turn = self.attempt.turn
        source = turn.card.source
        self.attempt.watch.pause()
        problem = edit_source(self.app, host(self).workspace, source.path, source.line)
        self.attempt.watch.resume()
        await self._show_edited(turn)
        if problem:
            stays = "The card stays as it was. " if self.attempt.turn.card == turn.card else ""
            self.say(f"{stays}{problem}", problem=True)

    def action_note(self) -> None:
        if self.attempt is not None:
            turn = self.attempt.turn
            host(self).open_note(turn.stored.no, partial(self._noted, turn), is_asked=not self.attempt.is_answered)

    async def _noted(self, turn: QueueItem, saved: bool | None) -> None:
        if saved:
            await self._show_edited(turn)

    async def _show_edited(self, turn: QueueItem) -> None:
        """The card as it now stands; asked anew only if what is asked has changed."""
        try:
            fresh = self.session.refresh(turn)
            self.session.recount()
        except StoreError as error:
            self.say(f"The edited card cannot be read: {format_error(error)}", problem=True)
            return
        self.say("")
        if fresh.card == turn.card:
            return
        before, now = turn.card, fresh.card
        if (now.front, now.body, now.lab, now.scene) == (before.front, before.body, before.lab, before.scene):
            await self.show_text(fresh)
        else:
            await self.show_again(fresh)
        self.say("Edited; the schedule is kept.")

    def action_section(self) -> None:
        if self.attempt is not None:
            host(self).open_reader(self.attempt.turn.card.section)

    def action_lab(self) -> None:
        if self.attempt is None:
            return
        link = self.attempt.turn.card.lab
        if link is None:
            self.say("This card has no lab.")
            return
        from labs.inspect.game import NAME as ROUND

        if link.exercise == ROUND and self.attempt.problem is not None and self.stage is Stage.ASKING:
            host(self).open_diagnosis(self.attempt.problem.seed, partial(self._played, self.attempt))
            return
        host(self).open_lab(link.exercise, dict(link.fixed), problem=self.attempt.problem)

    def _played(self, attempt: Attempt, named: Named | None) -> None:
        """Hand in the lens that was named in the round; its score is the suggested grade."""
        if named is None or self.attempt is not attempt or self.stage is not Stage.ASKING:
            return
        assert attempt.problem is not None
        if attempt.covered:
            self.uncover()
        attempt.played = Suggestion(named.grade, named.reason)
        self.call_later(self.answered, attempt.problem.options.index(named.said))

    def action_info(self) -> None:
        if self.attempt is not None:
            host(self).open_card(self.attempt.turn.stored.no, is_asked=not self.attempt.is_answered)

    def action_why(self) -> None:
        if self.attempt is not None:
            host(self).open_why_due(self.attempt.turn.stored.no)

    async def _set_aside(self, act: Callable[[QueueItem], None], done: str) -> None:
        if self.attempt is None:
            return
        try:
            act(self.attempt.turn)
        except StoreError as error:
            self.say(f"Nothing was changed: {format_error(error)}", problem=True)
            return
        self.acted()
        self.say(done)
        await self.next_card()


# The review screen: what the keys and the mouse do in each stage of a card


class ReviewScreen(CardActions):
    """Cards of a scope until the day's queue is empty.

    A write that fails leaves the card, its verdict and the chosen grade on the screen.
    """

    CSS_PATH = "review.tcss"
    AUTO_FOCUS = ""
    ABOUT = (
        "Again: you did not know it, and it starts over tomorrow. Hard: right, but with effort; you repeat it "
        "today. Good: right after a thought. Easy: at once. The suggested grade goes by what was right, by hints and "
        "by the time; point at it to see which rule held. Numbers: 1,204,224, 14², √2, 60%, 86 M, 14 × 14."
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  textual's own annotation
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "go_on", "Show answer, accept grade", id="review.go_on", show=False,
                tooltip="Show or check the answer; then accept the suggested grade (Good where there is none)"),
        Binding(HINT, "hint", "Hint", id="review.hint",
                tooltip="One more hint (F2 while typing); it costs the grade"),
        Binding(DONT_KNOW, "give_up", "Don't know", id="review.give_up", tooltip="Show the answer without giving one"),
        Binding("t", "write", "Write", id="review.write", tooltip="Write the answer to an open question"),
        Binding("r", "retry", "Try again", id="review.retry", tooltip="Retry saving"),
        Binding("u", "undo", "Undo", id="review.undo", tooltip="Undo the last grade, bury, suspend or flag"),
        Binding("U", "undo_burst", "Undo the burst", id="review.undo_burst", show=False,
                tooltip="Undo all grades that came too fast to be meant"),
        Binding("g", "guessed", "I guessed", id="review.guessed",
                tooltip="Right by luck: Hard, and you repeat it today"),
        Binding("escape", "leave", "Back", key_display="esc", id="review.leave", tooltip="Leave field or review"),
        Binding("e", "edit", "Edit", id="review.edit", tooltip="Edit the card in $VISUAL or $EDITOR"),
        Binding("n", "note", "Note", id="review.note", show=False,
                tooltip="Your note on the card, and your wording of its front and back"),
        Binding("s", "section", "Section", id="review.section", tooltip="Read the section this card comes from"),
        Binding("l", "lab", "Lab", id="review.lab", tooltip="Open the card's lab"),
        Binding("minus", "bury", "Bury", key_display="-", id="review.bury", tooltip="Hide the card until tomorrow"),
        Binding(
            "at,@", "suspend", "Suspend", key_display="@", id="review.suspend", show=False,
            tooltip="Take the card out of reviews until you bring it back under Cards (b)",
        ),
        Binding("asterisk", "flag", "Flag", key_display="*", id="review.flag", show=False, tooltip="Mark the card"),
        Binding("i", "info", "Card info", id="review.info", show=False, tooltip="Id, file, objectives and history"),
        Binding("w", "why", "Why due", id="review.why", show=False, tooltip="How SM-2 worked out this day"),
        *(Binding(str(n), f"digit({n})", f"Grade or option {n}", id=f"review.{n}", show=False) for n in range(10)),
        Binding("q", "leave", "Back", id="review.quit", show=False),
        *tape_keys("review"),
        Binding("down", "scroll_pages(0.01)", "Scroll down", id="review.down", show=False),
        Binding("up", "scroll_pages(-0.01)", "Scroll up", id="review.up", show=False),
        Binding("pagedown", "scroll_pages(0.9)", "Page down", id="review.page_down", show=False),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", id="review.page_up", show=False),
        Binding("home", "scroll_pages(-1000)", "Top", id="review.top", show=False),
        Binding("end", "scroll_pages(1000)", "Bottom", id="review.bottom", show=False),
    ]  # fmt: skip

    def __init__(self, scope: Scope | None = None, sitting: Sitting | None = None) -> None:
        super().__init__()
        self._scope = scope
        self._sitting = sitting

    def compose(self) -> ComposeResult:
        yield ReviewHeader(id="header")
        yield ReviewSheet(id="sheet")
        yield MoreBelow()
        yield Notice()
        yield GradeBar(id="bar")
        yield KeyBar()

    async def on_mount(self) -> None:
        self.session = await self.open_session()
        self.set_interval(1, self.show_time)
        await self.next_card()

    async def open_session(self) -> Session:
        """The session this screen is for."""
        return open_session(host(self).workspace, self._scope, self._sitting)

    @on(ReviewSheet.Scrolled)
    def _tell_what_is_below(self, event: ReviewSheet.Scrolled) -> None:
        event.stop()
        line = self.query_one(MoreBelow)
        below, hidden, what = self.sheet.below()
        line.tell(below, what, fits=hidden - line.display <= 0)

    def on_screen_suspend(self) -> None:
        if self.attempt is not None:
            self.attempt.watch.pause()

    def on_screen_resume(self) -> None:
        if self.attempt is not None:
            self.attempt.watch.resume()

    async def action_go_on(self) -> None:
        answer = self.sheet.answer
        match self.stage:
            case Stage.ASKING if self.table.covered:
                self.uncover()
            case Stage.ASKING if self.table.form in ("reveal", "points"):
                await self.answered(None)
            case Stage.ASKING:
                self.say("")
                self.sheet.focus_answer()
            case Stage.TICKING if answer is not None:
                answer.focus()
            case Stage.SURE:
                await self.check()
            case Stage.GRADING:
                await self.grade(self.table.default_grade)

    async def action_digit(self, number: int) -> None:
        match self.stage:
            case Stage.ASKING if self.table.covered:
                self.uncover()
            case Stage.ASKING | Stage.TICKING if self.sheet.answer is not None:
                self.sheet.answer.digit(number)
            case Stage.SURE if 1 <= number <= 5:
                self.table.confidence = number
                await self.check()
            case Stage.GRADING:
                grade = next((offer.value for offer in self.bar.offers if offer.key == str(number)), None)
                if grade is not None:
                    await self.grade(grade)

    async def action_give_up(self) -> None:
        self.table.give_up()
        if self.table.covered:
            self.uncover()
        self.say("")
        await self.check()

    def action_hint(self) -> None:
        if self.table.next_hint() is None:
            self.say("There are no more hints.")
        self.sheet.show_hints(self.table)

    async def action_write(self) -> None:
        from studytui.ui.widgets.answers import Written

        if isinstance(self.sheet.answer, Written):
            await self.sheet.answer.write()

    async def action_undo(self) -> None:
        self.acted()
        await self._take_back()

    async def _take_back(self) -> bool:
        """Take back the last act and say which; False, with the reason in the notice, where nothing was."""
        try:
            undone = self.session.undo()
        except StoreError as error:
            self.say(f"Nothing was undone: {format_error(error)}", problem=True)
            return False
        if undone is None:
            self.say("There is nothing to undo.")
            return False
        self.say(undone_words(undone, self.word(undone.grade) if undone.grade is not None else ""))
        await self.next_card()
        return True

    async def action_undo_burst(self) -> None:
        while self.burst and await self._take_back():
            self.burst -= 1
            if not self.burst:
                self.say("All undone. The cards are as they were before.")
        self.refresh_bindings()

    async def action_guessed(self) -> None:
        self.table.guess()
        await self.grade(self.table.default_grade)

    async def action_retry(self) -> None:
        self.say("")
        if self.unsaved_grade is not None:
            await self.grade(self.unsaved_grade)
        else:
            await self.next_card()

    async def action_leave(self) -> None:
        client = host(self).lab_client
        if self.stage is Stage.CHECKING and client is not None:
            await client.cancel()
        elif self.typing:
            self.set_focus(None)
            self.say("Keys are commands now. Enter goes back to the field, Escape leaves the review.")
        else:
            self.dismiss()

    @property
    def typing(self) -> bool:
        """True while a field takes the letters."""
        return self.focused is not None and not isinstance(self.focused, AnswerWidget)

    def action_scroll_pages(self, pages: float) -> None:
        self.sheet.scroll_pages(pages)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        attempt = self.attempt
        asking = attempt is not None and self.stage is Stage.ASKING
        form = attempt.form if attempt is not None else "reveal"
        match action:
            case "bury" | "suspend" | "flag":
                return attempt is not None and not self.typing
            case "hint":
                return asking and attempt is not None and bool(attempt.hints)
            case "give_up":
                return asking and form not in ("reveal", "points")
            case "write":
                return asking and form == "points"
            case "retry":
                return self.unsaved_grade is not None or self.stage is Stage.IDLE
            case "undo_burst":
                return self.burst > 2
            case "guessed":
                return self.stage is Stage.GRADING and attempt is not None and attempt.may_be_guessed
            case "lab":
                return attempt is not None and attempt.turn.card.lab is not None
        return True

    @on(AnswerWidget.Answered)
    async def _on_answered(self, event: AnswerWidget.Answered) -> None:
        if self.stage is Stage.ASKING:
            await self.answered(event.response)
        elif self.stage is Stage.TICKING and isinstance(event.response, list):
            self.table.tick([int(point) for point in event.response])
            self.judged()

    @on(AnswerWidget.NotYet)
    def _on_not_yet(self, event: AnswerWidget.NotYet) -> None:
        if self.stage is Stage.ASKING:
            self.refuse(event.what_to_do)

    @on(AnswerWidget.Changed)
    def _on_changed(self, event: AnswerWidget.Changed) -> None:
        if self.stage is Stage.ASKING and self.table.form == "blanks":
            self.sheet.show_front(self.table, event.values)

    @on(GradeBar.Chosen)
    async def _on_chosen(self, event: GradeBar.Chosen) -> None:
        match self.stage:
            case Stage.GRADING:
                await self.grade(event.value)
            case Stage.SURE:
                await self.action_digit(event.value)
            case Stage.CHECKING:
                await self.action_leave()
            case Stage.ASKING if self.table.covered:
                self.uncover()
            case Stage.ASKING | Stage.TICKING if self.sheet.answer is not None:
                self.sheet.answer.hand_in()
            case _:
                await self.action_go_on()


# Chosen cards beside the schedule: the review screen with a session of its own


class CramScreen(ReviewScreen):
    """Each card of the choice until it is Good."""

    CSS_PATH = "review.tcss"

    def __init__(self, choice: CramChoice) -> None:
        super().__init__()
        self._choice = choice

    async def open_session(self) -> Session:
        from studytui.study.cram import read_pool, select_cards, start_cram

        workspace = host(self).workspace
        known = await asyncio.to_thread(read_pool, workspace)
        return start_cram(workspace, self._choice, select_cards(known, self._choice))
