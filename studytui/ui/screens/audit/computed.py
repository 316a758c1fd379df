"""A part in numbers: fresh ones at every attempt, measured by the lab, each answer recorded at once."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from labs.catalog import UnknownExercise
from labs.protocol import ParamError
from studytui.domain.gate import PartVerdict, part_verdict
from studytui.domain.gate_parts import Computed, Item
from studytui.services import exercises
from studytui.services.attempt import SAY_SO, Attempt
from studytui.services.audit.evidence import Answered
from studytui.services.audit.posing import pose
from studytui.services.audit.recorder import Recorder
from studytui.services.audit.writing import Worked
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import NARROW_OR_WIDE
from studytui.ui.host import host
from studytui.ui.keys import DONT_KNOW
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.answers import widget_for
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.evidence import EvidenceView
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.verdict_panel import VerdictPanel


class ComputedScreen(Screen[bool | None]):
    """Asks until enough answers in a row are right. Answers True when the learner goes on, None when they leave."""

    CSS_PATH = "part.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "go_on", "Answer / next", key_display="enter", id="computed.go_on",
                tooltip="Hand in the answer; after the result, other numbers until enough are right in a row"),
        Binding(DONT_KNOW, "give_up", "Don't know", id="computed.give_up",
                tooltip="A wrong answer; what was measured is shown"),
        Binding("n", "next_part", "Next part", id="computed.next", tooltip="Leave this part open and go on"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="computed.leave",
                tooltip="Stop the computation; leave the field; leave the part. Every answer is saved"),
        Binding("pagedown", "scroll_pages(0.9)", "Page down", show=False, id="computed.page_down"),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", show=False, id="computed.page_up"),
    ]  # fmt: skip

    def __init__(self, recorder: Recorder, item: Item, part: Computed, *, more: int = 0) -> None:
        super().__init__()
        self._is_gone = False
        self._recorder = recorder
        self._item = item
        self._part = part
        self._more = more
        self._key = item.key(part)
        self._attempt = Attempt()
        self._unsaved: Worked | None = None
        self._answered = False
        self._computing = False
        self._right = 0
        """Right answers in a row that were given while the screen is open and before, to different problems."""

    def compose(self) -> ComposeResult:
        yield Static(safe(f"{self._item.title} · {self._part.title}"), classes="title", markup=False)
        with Container(id="bench"):
            with Vertical(id="work"):
                yield Static(id="row", markup=False)
                yield Face(id="prompt")
                yield Vertical(id="slot")
                yield VerdictPanel(id="verdict")
            with Vertical(id="result"):
                yield EvidenceView(id="evidence")
        yield Static(id="notice", markup=False)
        yield KeyBar()

    def on_unmount(self) -> None:
        self._is_gone = True

    async def on_mount(self) -> None:
        # A learner who answers a part again that is ready begins a new row.
        self._right = 0 if self._standing.state == "ready" else self._standing.right
        await self._ask()

    # Asking

    @property
    def _answers(self) -> tuple[Answered, ...]:
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
        self._say("")
        await self.query_one(EvidenceView).remove_children()
        self._answered = False
        self._unsaved = None
        self._attempt = Attempt()
        try:
            self._attempt = Attempt(problem=pose(self._part, self._answers))
        except (UnknownExercise, ParamError) as error:
            self._say(f"✗ The lab cannot ask this: {error} Run `studytui check`.", problem=True)
            return
        except StoreError as error:
            self._say(f"✗ {sentence(error)} Enter tries again.", problem=True)
            return
        self.query_one("#prompt", Face).show(self._attempt.question)
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
            self._say(refusal.replace(SAY_SO, "press F6 if you don't know"))
            return
        self._compute()

    @on(AnswerWidget.NotYet)
    def _not_yet(self, event: AnswerWidget.NotYet) -> None:
        self._say(event.what_to_do)

    def action_give_up(self) -> None:
        """The learner does not know: a wrong answer, and the measured value is shown."""
        if self._attempt.problem is not None and not self._computing and not self._answered:
            self._attempt.give_up()
            self._compute()

    def _compute(self) -> None:
        self._computing = True
        self._say("")
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
            self._not_measured(refusal or f"{attempt.trouble} That is no answer of yours: nothing was recorded.")
            return
        assert attempt.problem is not None
        answer = exercises.in_words(attempt.problem, attempt.response)
        self._unsaved = Worked(attempt.problem, answer, attempt.measured, attempt.verdict)
        await self._record()

    def _not_measured(self, reason: str) -> None:
        """The lab gave no number: that is no attempt, and the same problem may be answered again."""
        self._say(reason, problem=True)
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
            self._say(f"Not saved: {sentence(error)} Enter tries again.", problem=True)
            self.refresh_bindings()
            return
        self._unsaved = None
        self._answered = True
        self._right = (self._right + (answer.problem not in seen)) if answer.passed else 0
        self._say(f"Saved. {self._what_next()}")
        self._show_row()
        self.query_one(VerdictPanel).show_verdict(worked.verdict, "exercise")
        if self._answer is not None:
            self._answer.settle(worked.verdict)
        await self.query_one(EvidenceView).show(worked.measured)
        self.refresh_bindings()

    def _counted(self) -> list[Answered]:
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
        """Leave the part as it stands."""
        if not self._computing:
            self.dismiss(True)

    async def action_leave(self) -> None:
        """Stop the computation, or leave the field, or leave the part."""
        client = host(self).lab_client
        if self._computing and client is not None:
            await client.cancel()
        elif isinstance(self.focused, Input):
            self.set_focus(None)
            self._say("Escape again leaves; every answer given is saved. Enter hands in.")
        else:
            self.dismiss(None)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by a share of the page."""
        area = self.query_one("#result" if self.has_class("-wide") else "#bench")
        area.scroll_relative(y=round(pages * area.size.height), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that mean nothing now are not shown."""
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
        self.query_one("#row", Static).update(line + Content.styled(more, "$text-muted"))

    def _say(self, text: str, *, problem: bool = False) -> None:
        if self._is_gone:
            return
        line = self.query_one("#notice", Static)
        line.update(safe(text))
        line.set_class(bool(text), "-shown")
        line.set_class(problem, "-problem")
