"""One question: think, then answer in writing or aloud, under a clock that may be paused; then say how sure you are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.rehearsal import Given, Mode, word_count
from studytui.domain.rubric import Question
from studytui.services.rehearsal.drafts import Draft, Drafts
from studytui.services.rehearsal.timing import TwoClocks
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.keys import ALOUD, PAUSE
from studytui.ui.problems import sentence
from studytui.ui.screens.ask import ConfirmScreen
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.grade_bar import SURE_LABELS, GradeBar, Offer
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.rehearsal.answer_area import AnswerArea
from studytui.ui.widgets.rehearsal.clock_line import ClockLine

DRAFT_SECONDS: Final = 2.0
"""How often what was typed is saved while it changes."""
TICK_SECONDS: Final = 0.25


class Stage(Enum):
    """Where the answer stands."""

    THINKING = auto()
    ANSWERING = auto()
    SURE = auto()


@dataclass(frozen=True, slots=True)
class Skipped:
    """The learner goes on to the next question, after so much time at this one."""

    seconds: float


class QuestionScreen(Screen[Given | Skipped | None]):
    """Answers with what was given, with Skipped, or with None to end the rehearsal. What was typed is a draft by then.

    Args:
        left: what remains of a whole mock interview when the question is asked, in seconds.
    """

    CSS_PATH = "question.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "go_on", "Start, write", key_display="enter", id="question.go_on", show=False,
                tooltip="Start answering; go back to the page; go on without saying how sure you are"),
        Binding("ctrl+d", "hand_in", "Hand in", id="question.hand_in", show=False, tooltip="The answer is complete"),
        Binding(ALOUD, "mode", "Aloud / in writing", id="question.mode",
                tooltip="Answer aloud, with a page for notes, or in writing"),
        Binding(PAUSE, "pause", "Pause", id="question.pause",
                tooltip="Stop the clock and cover the question; again to go on"),
        Binding("ctrl+n", "empty", "Empty page", id="question.empty", show=False,
                tooltip="Begin with an empty page; ctrl+z on it brings the text back"),
        Binding("s", "skip", "Skip", id="question.skip", show=False, tooltip="Go on without an answer; a draft stays"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="question.leave",
                tooltip="Leave the page; again to leave the rehearsal. What you typed is kept as a draft"),
        *(Binding(str(n), f"sure({n})", f"Sure {n}", id=f"question.{n}", show=False,
                  tooltip=f"{word.capitalize()}: how sure you are, before anything is shown")
          for n, word in SURE_LABELS.items()),
        Binding("pagedown", "scroll_pages(0.9)", "Page down", show=False, id="question.page_down"),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", show=False, id="question.page_up"),
    ]  # fmt: skip

    def __init__(
        self, question: Question, drafts: Drafts, *, title: str, left: float | None = None, mode: Mode = "written"
    ) -> None:
        super().__init__()
        self._question = question
        self._drafts = drafts
        self._title = title
        self._left = left
        self._mode: Mode = mode
        self._stage = Stage.THINKING
        self._clocks = TwoClocks()
        self._area = AnswerArea(id="page")
        self._unsaved = False
        self._over = False
        self._warned = False
        self._is_done = False
        self._is_gone = False

    def compose(self) -> ComposeResult:
        yield Static(safe(self._title), classes="title", markup=False)
        with VerticalScroll(id="asked", can_focus=False):
            yield Face(id="ask")
        yield ClockLine(id="clock")
        yield self._area
        yield Static(id="count", classes="muted", markup=False)
        yield Static(id="notice", markup=False)
        yield GradeBar(id="bar")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#ask", Face).show(self._question.ask)
        self._area.display = False
        draft = self._drafts.load(self._question.id)
        if draft is not None:
            self._restore(draft)
        elif not self._has_clock or not self._question.think_seconds:
            self._answer()
        else:
            self._become(Stage.THINKING)
        self.set_interval(TICK_SECONDS, self._tick)
        self.set_interval(DRAFT_SECONDS, self._save)

    def on_unmount(self) -> None:
        self._is_gone = True
        self._save()

    def on_screen_suspend(self) -> None:
        self._clocks.pause()
        self._save()

    def on_screen_resume(self) -> None:
        if not self._is_covered:
            self._clocks.resume()

    # What the keys do

    def action_go_on(self) -> None:
        match self._stage:
            case Stage.THINKING if not self._is_covered:
                self._answer()
            case Stage.ANSWERING if not self._is_covered:
                self._area.focus()
            case Stage.SURE:
                self._finish(None)

    def action_hand_in(self) -> None:
        """Hand the answer in; an empty page is asked about first."""
        if self._stage is not Stage.ANSWERING or self._is_covered:
            return
        if self._mode == "written" and not self._area.text.strip():
            question = "You wrote nothing. Hand it in empty? It counts as nothing said."
            self.app.push_screen(ConfirmScreen(question, "Leave it empty"), self._empty_confirmed)
            return
        self._complete()

    def action_mode(self) -> None:
        """Answer aloud, or in writing."""
        if self._stage is Stage.SURE:
            return
        self._mode = "written" if self._mode == "aloud" else "aloud"
        self._become(self._stage)
        self._say(
            "Speak; the page is for notes. You judge each point yourself afterwards." if self._mode == "aloud" else ""
        )

    def action_pause(self) -> None:
        """Stop the clock and cover everything, or go on."""
        if self._stage is Stage.SURE:
            return
        self._hide(not self._is_covered)

    def action_empty(self) -> None:
        """Take all text away, in a way that ctrl+z undoes."""
        if self._stage is Stage.ANSWERING and not self._is_covered:
            self._area.clear()
            self._area.focus()
            self._say("An empty page. ctrl+z brings the text back.")

    def action_skip(self) -> None:
        self._go(Skipped(self._clocks.thought + self._clocks.answered))

    def action_sure(self, confidence: int) -> None:
        """How sure the learner is, before anything is shown."""
        if self._stage is Stage.SURE:
            self._finish(confidence)

    def action_leave(self) -> None:
        """Leave the page first, then the rehearsal."""
        if self.focused is self._area:
            self.set_focus(None)
            self._say(
                "Keys are commands now. Enter goes back to the page, Escape leaves; your text is kept as a draft."
            )
        elif self._stage is Stage.SURE:
            self._answer()
        else:
            self._go(None)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll a long question."""
        asked = self.query_one("#asked")
        asked.scroll_relative(y=round(pages * asked.size.height), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that mean nothing now are neither shown nor taken."""
        match action:
            case "mode" | "pause":
                return self._stage is not Stage.SURE
            case "sure":
                return self._stage is Stage.SURE
            case "skip":
                return self._stage is not Stage.SURE
        return True

    @on(AnswerArea.HandedIn)
    def _handed_in(self) -> None:
        self.action_hand_in()

    @on(AnswerArea.Changed)
    def _changed(self) -> None:
        self._unsaved = True
        self._count()

    @on(GradeBar.Chosen)
    def _chosen(self, event: GradeBar.Chosen) -> None:
        match self._stage:
            case Stage.SURE:
                self._finish(event.value)
            case Stage.ANSWERING:
                self.action_hand_in()
            case Stage.THINKING:
                self.action_go_on()

    def on_click(self, event: events.Click) -> None:
        if self._is_covered:
            event.stop()
            self._hide(False)

    # How the answer goes from stage to stage

    @property
    def _has_clock(self) -> bool:
        return host(self).workspace.settings.rehearsal_clock

    @property
    def _is_covered(self) -> bool:
        return self.has_class("-covered")

    def _restore(self, draft: Draft) -> None:
        self._mode = draft.mode
        self._area.load(draft.text)
        self._clocks = TwoClocks(thought=draft.seconds_thought, answered=draft.seconds_answered)
        self._answer()
        when = draft.saved_at.astimezone(host(self).workspace.clock.now().tzinfo)
        self._say(f"Your draft of {when:%d %b %H:%M} is back, {draft.words} words. ctrl+n begins with an empty page.")

    def _answer(self) -> None:
        self._clocks.go("answering")
        self._become(Stage.ANSWERING)
        self._area.focus()

    def _go(self, result: Skipped | None) -> None:
        """Leave, once the draft is safe; where it cannot be, only when asked a second time."""
        kept = self._keep()
        if kept or self._warned:
            self._is_done = kept
            self.dismiss(result)
        else:
            self._warned = True

    def _empty_confirmed(self, yes: bool | None) -> None:
        if yes:
            self._complete()

    def _complete(self) -> None:
        self._clocks.go("done")
        self._save()
        if host(self).workspace.settings.ask_confidence_in_rehearsal:
            self.set_focus(None)
            self._say("")
            self._become(Stage.SURE)
        else:
            self._finish(None)

    def _finish(self, confidence: int | None) -> None:
        given = Given(
            answer=self._area.text,
            mode=self._mode,
            seconds_thought=self._clocks.thought,
            seconds_answered=self._clocks.answered,
            seconds_given=self._question.answer_seconds if self._has_clock else None,
            confidence=confidence,
        )
        self._is_done = True
        self.dismiss(given)

    def _become(self, stage: Stage) -> None:
        self._stage = stage
        self._area.display = stage is not Stage.THINKING
        self._area.read_only = stage is Stage.SURE
        self._area.border_title = "Notes" if self._mode == "aloud" else "Your answer"
        self.query_one(GradeBar).offer(self._offers())
        self.refresh_bindings()
        self._count()
        self._tick()

    def _offers(self) -> list[Offer]:
        match self._stage:
            case Stage.THINKING:
                return [
                    Offer(0, "enter", "Start answering", "F3 to answer aloud" if self._mode == "written" else "aloud")
                ]
            case Stage.ANSWERING:
                detail = "then judge each point yourself" if self._mode == "aloud" else ""
                return [Offer(0, "ctrl+d", "Done" if self._mode == "aloud" else "Hand in", detail)]
        return [Offer(n, str(n), word, "how sure?" if n == 3 else "") for n, word in SURE_LABELS.items()]

    def _hide(self, covered: bool) -> None:
        self.set_class(covered, "-covered")
        if covered:
            self._clocks.pause()
            self._save()
            self.set_focus(None)
            self._say("Paused. F4 or p goes on.")
        else:
            self._clocks.resume()
            self._say("")
            if self._stage is Stage.ANSWERING:
                self._area.focus()
        self._tick()

    def _count(self) -> None:
        words = word_count(self._area.text)
        self.query_one("#count", Static).update(f"{words} word{'s' * (words != 1)}" if self._area.display else "")

    def _tick(self) -> None:
        """Bring the clock up to date; say once that the time is over."""
        thought, answered = self._clocks.thought, self._clocks.answered
        clock = self.query_one(ClockLine)
        clock.display = self._has_clock and self._stage is not Stage.SURE
        if not clock.display:
            return
        left = None if self._left is None else self._left - thought - answered
        paused = self._clocks.is_paused
        if self._stage is Stage.THINKING:
            clock.show("thinking", thought, self._question.think_seconds, paused=paused, left=left)
            if thought >= self._question.think_seconds and not paused:
                self._answer()
                self._say("Time to think is over: answer now.")
            return
        clock.show("answering", answered, self._question.answer_seconds, paused=paused, left=left)
        is_over = answered >= self._question.answer_seconds or (left is not None and left <= 0)
        if is_over and not self._over:
            self._over = True
            self._unsaved = True
            self._save()
            what = "interview" if left is not None and left <= 0 else "answer"
            self._say(f"The time for this {what} is over. What you wrote is kept: finish the sentence and hand in.")

    # Drafts

    def _save(self) -> None:
        """Save what was typed since the last time."""
        if self._unsaved and not self._is_done:
            self._keep()

    def _keep(self) -> bool:
        """Write the draft now, or drop it if the page is empty. True if nothing can be lost any more."""
        text = self._area.text
        if not text.strip():
            self._drafts.drop(self._question.id)
            self._unsaved = False
            return True
        given = Given(
            text, self._mode, self._clocks.thought, self._clocks.answered,
            self._question.answer_seconds if self._has_clock else None,
        )  # fmt: skip
        try:
            self._drafts.save(Draft.of(self._question.id, given, host(self).workspace.clock.now()))
        except StoreError as error:
            self._say(f"The draft is not saved: {sentence(error)}", problem=True)
            return False
        self._unsaved = False
        return True

    def _say(self, text: str, *, problem: bool = False) -> None:
        if self._is_gone:
            return
        line = self.query_one("#notice", Static)
        line.update(safe(text))
        line.set_class(bool(text), "-shown")
        line.set_class(problem, "-problem")
