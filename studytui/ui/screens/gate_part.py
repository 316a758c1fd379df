"""A part in numbers: fresh ones at every attempt, measured by the lab, each answer recorded at once."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from labs.catalog import UnknownExercise
from labs.protocol import ParamError
from studytui.domain.gate import Computed, Item, PartVerdict, Written, part_verdict
from studytui.domain.plain_text import counted
from studytui.domain.rubric import AnswerGrade, AskedBack, JudgedPoint, word_count
from studytui.errors import StoreError
from studytui.study import labs
from studytui.study.attempt import SAY_SO, Attempt, Stopwatch
from studytui.study.gate import (
    GateAnswer,
    GateRecorder,
    LabAnswer,
    gate_key,
    grade_written,
    pose_item,
)
from studytui.study.learner_state import Drafts
from studytui.study.reports import judged
from studytui.study.submissions import CannotGrade
from studytui.ui.host import NARROW_OR_WIDE, format_error, host, safe
from studytui.ui.keys import DONT_KNOW, KeyBar, page_keys, tape_keys
from studytui.ui.screens import BoxScreen, Notice, StudyScreen
from studytui.ui.screens.page import PageScreen
from studytui.ui.widgets.answers import AnswerWidget, widget_for
from studytui.ui.widgets.card_sheet import VerdictPanel
from studytui.ui.widgets.evidence import EvidenceView
from studytui.ui.widgets.judged_answer import JudgedPoints, MarkedAnswer
from studytui.ui.widgets.markdown import MarkdownView
from studytui.ui.widgets.question_pictures import QuestionPictures


class ComputedScreen(StudyScreen[bool | None]):
    """Asks until enough answers in a row are right. Answers True when the learner goes on, None when they leave."""

    CSS_PATH = "part.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "go_on", "Answer / next", key_display="enter", id="computed.go_on",
                tooltip="Hand in the answer; after the result, other numbers until enough are right in a row"),
        Binding(DONT_KNOW, "give_up", "Don't know", id="computed.give_up",
                tooltip="Counts as wrong; shows what was measured"),
        Binding("n", "next_part", "Next part", id="computed.next", tooltip="Leave this part open and go on"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="computed.leave",
                tooltip="Stop the computation; leave the field; leave the part. Every answer is saved"),
        *tape_keys("computed"),
        *page_keys("computed"),
    ]  # fmt: skip

    def __init__(self, recorder: GateRecorder, item: Item, part: Computed, *, more: int = 0) -> None:
        super().__init__()
        self._recorder = recorder
        self._item = item
        self._part = part
        self._more = more
        self._key = item.key(part)
        self._attempt = Attempt()
        self._unsaved: LabAnswer | None = None
        self._answered = False
        self._computing = False
        self._right = 0
        """Right answers in a row that were given while the screen is open and before, to different problems."""

    def compose(self) -> ComposeResult:
        yield Static(safe(f"{self._item.title} · {self._part.title}"), classes="title", markup=False)
        with Container(id="bench"):
            with Vertical(id="work"):
                yield Static(id="row", markup=False)
                yield MarkdownView(id="prompt")
                yield QuestionPictures(id="pictures")
                yield Vertical(id="slot")
                yield VerdictPanel(id="verdict")
            with Vertical(id="result"):
                yield EvidenceView(id="evidence")
        yield Notice()
        yield KeyBar()

    async def on_mount(self) -> None:
        # A learner who answers a part again that is ready begins a new row.
        self._right = 0 if self._standing.state == "ready" else self._standing.right
        await self._ask()

    # Asking

    @property
    def _answers(self) -> tuple[GateAnswer, ...]:
        return self._recorder.answers(self._key)

    @property
    def _standing(self) -> PartVerdict:
        standing = [answer.as_attempt() for answer in self._answers if not answer.undone]
        return part_verdict(self._key, self._part, standing)

    @property
    def _is_done(self) -> bool:
        return self._right >= self._part.count

    @property
    def _answer(self) -> AnswerWidget | None:
        return next(iter(self.query(AnswerWidget)), None)

    async def _ask(self) -> None:
        """Put a fresh problem on the table."""
        self.query_one(VerdictPanel).clear()
        self.say("")
        await self.query_one(EvidenceView).remove_children()
        self._answered = False
        self._unsaved = None
        self._attempt = Attempt()
        try:
            self._attempt = Attempt(problem=pose_item(self._part, self._answers))
        except (UnknownExercise, ParamError) as error:
            self.say(f"✗ The lab cannot ask this: {error} Run `studytui check`.", problem=True)
            return
        except StoreError as error:
            self.say(f"✗ {format_error(error)} Enter tries again.", problem=True)
            return
        self.query_one("#prompt", MarkdownView).show(self._attempt.question)
        shown = self.query_one(QuestionPictures)
        self.run_worker(shown.show_look(self._attempt, host(self).lab_client), group="look")
        slot = self.query_one("#slot", Vertical)
        await slot.remove_children()
        widget = widget_for(self._attempt)
        assert widget is not None
        await slot.mount(widget)
        self.set_focus(widget.first_focus(), scroll_visible=False)
        self._show_row()
        self.refresh_bindings()

    @on(AnswerWidget.Answered)
    def _given(self, event: AnswerWidget.Answered) -> None:
        if self._attempt.problem is None or self._computing or self._answered:
            return
        if refusal := self._attempt.answer(event.response):
            self.say(refusal.replace(SAY_SO, "press F6 if you don't know"))
            return
        self._compute()

    @on(AnswerWidget.NotYet)
    def _not_yet(self, event: AnswerWidget.NotYet) -> None:
        self.say(event.what_to_do)

    def action_give_up(self) -> None:
        """The learner does not know: a wrong answer, and the measured value is shown."""
        if self._attempt.problem is not None and not self._computing and not self._answered:
            self._attempt.give_up()
            self._compute()

    def _compute(self) -> None:
        self._computing = True
        self.say("")
        self.set_focus(None)
        self.refresh_bindings()
        self.run_worker(self._measure(self._attempt), group="lab", exclusive=True)

    async def _measure(self, attempt: Attempt) -> None:
        def progress(fraction: float, words: str) -> None:
            if self._computing:
                self.query_one(VerdictPanel).show_progress(fraction, words)

        refusal = await attempt.measure(host(self).lab_client, progress)
        self._computing = False
        self.query_one(VerdictPanel).clear()
        if attempt.verdict is None or attempt.measured is None:
            attempt.withdraw()
            self._not_measured(refusal or f"{attempt.trouble} Nothing was recorded.")
            return
        assert attempt.problem is not None
        answer = labs.in_words(attempt.problem, attempt.response)
        self._unsaved = LabAnswer(attempt.problem, answer, attempt.measured, attempt.verdict)
        await self._record()

    def _not_measured(self, reason: str) -> None:
        """The lab gave no number: that is no attempt, and the same problem may be answered again."""
        self.say(reason, problem=True)
        if self._answer is not None:
            self.set_focus(self._answer.first_focus(), scroll_visible=False)
        self.refresh_bindings()

    async def _record(self) -> None:
        worked = self._unsaved
        assert worked is not None
        seen = {answer.problem for answer in self._counted()}
        try:
            answer = self._recorder.computed(
                self._item, self._part, worked, seconds=self._attempt.answered_after or 0.0
            )
        except (StoreError, LookupError) as error:
            self.say(f"Not saved: {format_error(error)} Enter tries again.", problem=True)
            self.refresh_bindings()
            return
        self._unsaved = None
        self._answered = True
        self._right = (self._right + (answer.problem not in seen)) if answer.passed else 0
        self.say(f"Saved. {self._what_next()}")
        self._show_row()
        self.query_one(VerdictPanel).show_verdict(worked.verdict, "exercise")
        if self._answer is not None:
            self._answer.settle(worked.verdict)
        await self.query_one(EvidenceView).show(worked.measured)
        self.refresh_bindings()

    def _counted(self) -> list[GateAnswer]:
        """The answers of the present row."""
        return list(self._answers[-self._right :]) if self._right else []

    def _what_next(self) -> str:
        if self._is_done:
            return f"That is {self._part.count} of {self._part.count}: Enter goes on."
        return "Enter asks with other numbers."

    # Keys

    async def action_go_on(self) -> None:
        """Hand in what stands there; after the result the next numbers, or on to what comes next."""
        if self._computing:
            return
        if self._unsaved is not None:
            await self._record()
        elif self._attempt.problem is None:
            await self._ask()
        elif not self._answered:
            if self._answer is not None:
                self._answer.hand_in()
        elif self._is_done:
            self.dismiss(True)
        else:
            await self._ask()

    def action_next_part(self) -> None:
        if not self._computing:
            self.dismiss(True)

    async def action_leave(self) -> None:
        """Stop the computation, or leave the field, or leave the part."""
        client = host(self).lab_client
        if self._computing and client is not None:
            await client.cancel()
        elif not self.leave_field("Escape again leaves; every answer given is saved. Enter hands in."):
            self.dismiss(None)

    def scrolled(self) -> list[Widget]:
        return [self.query_one("#result" if self.has_class("-wide") else "#bench")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        if action == "next_part":
            return not self._computing and bool(self._more)
        if action == "give_up":
            return not self._computing and not self._answered and self._attempt.problem is not None
        return True

    # Showing

    def _show_row(self) -> None:
        right, count = min(self._right, self._part.count), self._part.count
        signs = "●" * right + "○" * (count - right)
        what = self._answer.prompt if self._answer is not None and not self._answered else ""
        more = f"  ·  {what}" if what else ""
        line = Content.styled(signs, "$text-success") + Content(f"  {right} of {count} right in a row")
        self.query_one("#row", Static).update(line + Content.styled(more, "$foreground-muted"))


# A note on a point that the learner holds to be judged wrongly


LONGEST_NOTE = 500


class DisputeScreen(BoxScreen[str | None]):
    """Answers with the note, or None."""

    DEFAULT_CSS = """
    DisputeScreen Static { margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", tooltip="Write no note")]

    def __init__(self, point: JudgedPoint) -> None:
        super().__init__()
        self._point = point

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(safe(f"{self._point.text}: {self._point.coverage}"), markup=False)
            yield Static(
                "Why is this judgement wrong? Your note is kept with the verdict and goes into the report. The "
                "verdict stays; answering the part again, in other words, is what changes it.",
                markup=False,
            )
            yield Input(placeholder="I did say it: …", max_length=LONGEST_NOTE)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip() or None)


# A part in words: written from memory, graded point by point, recorded at once whatever the outcome


class WrittenScreen(PageScreen[bool | None]):
    """Answers True once the answer is in the log and was looked at, None if the learner left; a draft is kept then."""

    CSS_PATH = "part.tcss"
    AUTO_FOCUS = "AnswerArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "hand_in", "Hand in", id="written_part.hand_in", tooltip="The answer is complete: judge it"),
        Binding("enter", "go_on", "Go on", id="written_part.go_on", tooltip="Go on to what comes next"),
        Binding("r", "reread", "Reread", id="written_part.reread", tooltip="Read the section that teaches it"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="written_part.leave",
                tooltip="Leave the page; again to leave the part. What you typed is kept as a draft"),
        *page_keys("written_part"),
    ]  # fmt: skip

    def __init__(self, recorder: GateRecorder, item: Item, part: Written, *, more: int = 0) -> None:
        workspace = recorder.workspace
        drafts = Drafts(workspace.store, gate_key(workspace.course.id, recorder.gate.id))
        super().__init__(drafts, item.key(part))
        self._recorder = recorder
        self._item = item
        self._part = part
        self._more = more
        self._watch = Stopwatch()
        self._grade: AnswerGrade | None = None
        self._asked: tuple[AskedBack, ...] = ()
        self._answer: GateAnswer | None = None
        self._grading = False

    def compose(self) -> ComposeResult:
        yield Static(safe(f"{self._item.title} · {self._part.title}"), classes="title", markup=False)
        with VerticalScroll(id="asked", can_focus=False):
            yield MarkdownView(self._part.question.ask, id="ask")
        yield self._area
        yield Static(id="count", classes="muted", markup=False)
        with Vertical(id="judged"):
            yield Static(id="headline", markup=False)
            yield JudgedPoints(id="points")
            with VerticalScroll(id="texts", can_focus=False):
                yield Static("Your answer", classes="heading", markup=False)
                yield MarkedAnswer(id="answer")
                yield Static("A model answer", classes="heading", id="model-heading", markup=False)
                yield MarkdownView(id="model")
        yield Notice()
        yield KeyBar()

    def on_mount(self) -> None:
        draft = self._drafts.load(self._key)
        if draft is not None:
            self._area.load(draft.text)
            self.say(f"Your draft is back, {draft.words} words.")
        self.count()

    @property
    def is_kept(self) -> bool:
        return self._answer is not None

    @property
    def answer(self) -> GateAnswer | None:
        """The answer as it stands in the log, once it does."""
        return self._answer

    # Writing

    def action_hand_in(self) -> None:
        """Have the answer judged; it is in the log before anything is shown."""
        if self._answer is not None or self._grading:
            return
        if self._grade is not None:
            self._record()
            return
        try:
            until = self._recorder.waits_until(self._item, self._part)
        except StoreError as error:
            self.say(f"✗ {format_error(error)} ctrl+d tries again.", problem=True)
            return
        if until is not None:
            self.say(f"Failed twice when asked back: answer it again on {until}.", problem=True)
            return
        self.save()
        self._grading = True
        self._area.read_only = True
        self.say("Reading your answer…")
        text = self._area.text
        root = self._recorder.workspace.root
        self.read(lambda: grade_written(self._part, text, root), self._graded, self._not_graded, expect=(CannotGrade,))

    def _not_graded(self, error: Exception) -> None:
        self._grading = False
        self._area.read_only = False
        self._area.focus()
        self.say(str(error), problem=True)

    def _graded(self, found: AnswerGrade) -> None:
        self._grading = False
        self._grade = found
        try:
            asked = self._recorder.ask_back(self._item, self._part, found)
        except StoreError as error:
            self._grade = None
            self._not_graded(error)
            return
        if not asked:
            self._record()
            return
        from studytui.ui.screens.cross_examination import CrossExaminationScreen

        self.app.push_screen(CrossExaminationScreen(asked), self._chosen)

    def _chosen(self, asked: tuple[AskedBack, ...] | None) -> None:
        self._asked = asked or ()
        self._record()

    def _record(self) -> None:
        """Write the row; a refused write leaves the answer where it is, to be tried again."""
        assert self._grade is not None
        try:
            self._answer = self._recorder.written(
                self._item, self._part, self._grade, self._asked, seconds=self._watch.seconds
            )
        except (StoreError, LookupError) as error:
            self.say(f"Not saved: {format_error(error)} ctrl+d tries again.", problem=True)
            return
        self._unsaved = False
        self._drafts.drop(self._key)
        self.call_later(self._show)

    # What was found

    async def _show(self) -> None:
        answer = self._answer
        assert answer is not None
        self.add_class("-judged")
        sign, tone = ("✓", "$text-success") if answer.passed else ("◐", "$text-warning")
        line = judged(answer)
        self.query_one("#headline", Static).update(
            Content.styled(safe(f"{sign} {line[0].upper()}{line[1:]}"), f"bold {tone}")
        )
        points = self.query_one(JudgedPoints)
        await points.show(answer)
        points.focus()
        # Before the part is passed the model answer would be copied, not remembered.
        for name in ("#model-heading", "#model"):
            self.query_one(name).display = answer.passed
        self.query_one("#model", MarkdownView).show(self._part.question.model if answer.passed else "")
        self._point_at_quote()
        again = "" if answer.passed else f"Read {', '.join(self._item.sections)} again (r), then answer again. "
        lost = [one for one in answer.asked_back if not one.is_right]
        if lost:
            said = "; ".join(one.said or "nothing chosen" for one in lost)
            again = f"Asked back, you lost {counted(len(lost), 'point')}: {said}. {again}"
        self.say(f"{again}{' '.join(answer.notes)}".strip())
        self.refresh_bindings()

    @on(JudgedPoints.Moved)
    def _point_at_quote(self) -> None:
        if self._answer is not None:
            at = self.query_one(JudgedPoints).at
            self.query_one(MarkedAnswer).show_answer(self._answer.answer, self._answer.points, at)

    @on(JudgedPoints.Disputed)
    def _disputed(self, event: JudgedPoints.Disputed) -> None:
        self.app.push_screen(DisputeScreen(event.point), lambda note: self._note(event.point.id, note))

    def _note(self, point_id: str, note: str | None) -> None:
        if not note or self._answer is None:
            return
        try:
            self._answer = self._recorder.dispute(self._answer, point_id, note)
        except StoreError as error:
            self.say(f"Your note is not saved: {format_error(error)}", problem=True)
            return
        self.call_later(self.query_one(JudgedPoints).show, self._answer)
        self.say("Your note is saved with the verdict.")

    # Leaving

    def action_go_on(self) -> None:
        """On to the next part, or back to the board."""
        if self._answer is not None:
            self.dismiss(True)

    def action_reread(self) -> None:
        """Read the section; before the answer that would be cheating, so only after it."""
        if self._answer is not None:
            host(self).open_reader(self._item.sections[0])

    def action_leave(self) -> None:
        """Leave the page, then the part."""
        if self._answer is not None:
            self.dismiss(None)
        elif self.focused is self._area and not self._grading:
            self.set_focus(None)
            self.say("Escape again leaves; your text is kept as a draft. ctrl+d hands it in.")
        elif not self._grading and (self.keep() or self._grade is not None):
            self.dismiss(None)

    def scrolled(self) -> list[Widget]:
        return [self.query_one("#texts" if self._answer is not None else "#asked")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        match action:
            case "hand_in":
                return self._answer is None
            case "go_on" | "reread":
                return self._answer is not None
        return True

    def count(self) -> None:
        words = word_count(self._area.text)
        more = f" · {self._more} more to come" if self._more else ""
        self.query_one("#count", Static).update(f"{words} word{'s' * (words != 1)}{more}")
