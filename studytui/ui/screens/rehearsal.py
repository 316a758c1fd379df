"""Which questions to rehearse: the sets with how many each holds, and what is in the one under the cursor."""

from __future__ import annotations

import secrets
from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from functools import partial
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.rubric import (
    Mode,
    Question,
    Submission,
    word_count,
)
from studytui.domain.settings import MOCK_COUNT, MOCK_MINUTES, MOST_MINUTES, MOST_QUESTIONS
from studytui.domain.statistics import SURE_WORDS
from studytui.errors import CourseError, StoreError
from studytui.study.course_lock import lock_of
from studytui.study.learner_state import Draft, Drafts
from studytui.study.rehearsal import (
    EMPTY_CHOICE,
    QuestionChoice,
    Rehearsal,
    RehearsalStep,
    RehearsalTask,
    TwoClocks,
    drafts_of,
    question_choices,
    select_questions,
)
from studytui.study.submissions import QuestionEntry, question_entries, read_questions, sync_questions
from studytui.ui.host import NARROW_OR_WIDE, format_error, host, safe
from studytui.ui.keys import ALOUD, PAUSE, KeyBar, page_keys
from studytui.ui.screens import BoxScreen, Notice, ProblemLine, StudyScreen
from studytui.ui.screens.page import PageScreen
from studytui.ui.screens.rehearsal_result import EndScreen, ResultScreen
from studytui.ui.widgets.controls import GradeBar, Offer, sure_offers
from studytui.ui.widgets.judged_answer import ClockLine, question_blocks
from studytui.ui.widgets.markdown import Block, MarkdownView

NO_QUESTIONS: Final = "This course has no interview questions. They belong in its file quizzes/interview.toml."


class ChooserScreen(StudyScreen[None]):
    """The door to the rehearsal. `begin` is a set to start with at once, as the command line names it."""

    CSS_PATH = "chooser.tcss"
    ABOUT = (
        "What you type is a draft and waits for you if you leave. The result shows which of your words count for which "
        "point, and you may overrule it; the question then comes back like a card."
    )
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mock", "Mock interview", id="rehearsal.mock",
                tooltip="How many questions, in how many minutes; nothing is shown before the end"),
        Binding("h", "history", "History", id="rehearsal.history", tooltip="Every earlier answer, first and last"),
        Binding("u", "undo", "Undo", id="rehearsal.undo", tooltip="Undo the last answer"),
        Binding("escape,q", "app.leave(True)", "Back", key_display="esc", id="rehearsal.back",
                tooltip="Leave; every answer is saved"),
    ]  # fmt: skip

    def __init__(self, begin: QuestionChoice | None = None) -> None:
        super().__init__()
        self._begin = begin
        self._course_no: int | None = None
        self._entries: list[QuestionEntry] = []
        self._mock = QuestionChoice("mock", count=MOCK_COUNT, minutes=MOCK_MINUTES)
        self._offered: list[QuestionChoice] = []
        self._drafts: list[str] = []
        self._is_locked = False

    def compose(self) -> ComposeResult:
        yield Static("Interview", classes="title", id="title", markup=False)
        with Container(id="body"):
            yield OptionList(id="sets", markup=False)
            with Vertical(id="preview"):
                yield Static(id="about", classes="heading", markup=False)
                with VerticalScroll(can_focus=False):
                    yield MarkdownView("Reading the questions…", id="questions")
        yield KeyBar()

    def on_screen_resume(self) -> None:
        self._load()

    @property
    def _day(self) -> date:
        workspace = host(self).workspace
        return workspace.today()

    # Reading

    @work(exclusive=True, group="questions")
    async def _load(self) -> None:
        workspace = host(self).workspace
        try:
            if (lock := await to_thread(lock_of, workspace)) is not None:
                self._show_lock(str(lock))
                return
            try:
                questions = await to_thread(read_questions, workspace)
            except CourseError as error:
                if workspace.interview_no is None:
                    raise
                self._keep_as_they_were(format_error(error))
            else:
                self._course_no, _ = sync_questions(workspace, questions)
            number = self._course_no
            found = await to_thread(question_entries, workspace, number) if number is not None else []
        except (CourseError, StoreError) as error:
            self._show_text(f"✗ The questions cannot be read: {format_error(error)}")
        else:
            self._show(found)

    def _keep_as_they_were(self, problem: str) -> None:
        """A file that went wrong changes nothing: the questions read before are asked until it is fixed."""
        self._course_no = host(self).workspace.interview_no
        text = f"The questions stay as they were until their file is fixed: {problem}"
        self.notify(text, severity="warning", timeout=10, markup=False)

    def _show_text(self, text: str) -> None:
        self.query_one("#questions", MarkdownView).show_blocks((Block(Content(text)),))

    def _show_lock(self, text: str) -> None:
        self._begin, self._entries = None, []
        self._lock_up(True)
        self._show_text(safe(text))

    def _lock_up(self, is_locked: bool) -> None:
        self._is_locked = is_locked
        self.query_one("#sets").display = not is_locked
        self.refresh_bindings()

    def _show(self, found: list[QuestionEntry]) -> None:
        self._lock_up(False)
        self._entries = found
        self._drafts = [draft.question_id for draft in drafts_of(host(self).workspace).all()]
        live = [entry for entry in found if not entry.archived]
        if not live:
            self._show_text(NO_QUESTIONS)
        self._offer()
        due = sum(entry.is_due(self._day) for entry in live)
        title = f"Interview · {len(live)} questions, {due} due"
        self.query_one("#title", Static).update(title)
        if self._begin is not None:
            begin, self._begin = self._begin, None
            self._start(begin)

    # Choosing

    def _offer(self) -> None:
        sets = self.query_one("#sets", OptionList)
        before = self._offered[sets.highlighted] if sets.highlighted is not None else None
        course = host(self).workspace.course
        drafts = [QuestionChoice("drafts")] if self._drafts else []
        self._offered = drafts + [self._mock if each.kind == "mock" else each for each in question_choices(course)]
        sets.clear_options()
        for choice in self._offered:
            count = len(self._of(choice))
            sets.add_option(Option(_row(safe(choice.title(course)), "" if choice.is_mock else str(count), bool(count))))
        sets.highlighted = next((at for at, choice in enumerate(self._offered) if choice == before), 0)
        sets.focus()

    def _of(self, choice: QuestionChoice, seed: int = 0) -> list[QuestionEntry]:
        return select_questions(choice, self._entries, self._day, drafts=self._drafts, seed=seed)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        choice = self._offered[event.option_index]
        found = self._of(choice)
        self.query_one("#about", Static).update(safe(choice.title(host(self).workspace.course)))
        if not any(not entry.archived for entry in self._entries):
            return
        if choice.is_mock:
            text = (
                "Questions at random from all chapters, one after the other. Your answers are judged together at the "
                "end. m sets how many and how long."
            )
            self._show_text(text)
        elif not found:
            self._show_text(EMPTY_CHOICE[choice.kind])
        else:
            self.query_one("#questions", MarkdownView).show_blocks(question_blocks(found, self._day))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._start(self._offered[event.option_index])

    def _start(self, choice: QuestionChoice) -> None:
        found = self._of(choice, secrets.randbits(31))
        if not found or self._course_no is None:
            self.notify(EMPTY_CHOICE.get(choice.kind, "There is no such question."), markup=False)
            return

        self.app.push_screen(RehearsalScreen(self._course_no, choice, found))

    def action_mock(self) -> None:
        def answered(choice: QuestionChoice | None) -> None:
            if choice is not None:
                self._mock = choice
                self._offer()
            row = next((at for at, each in enumerate(self._offered) if each.is_mock), None)
            self.query_one("#sets", OptionList).highlighted = row

        self.app.push_screen(MockScreen(self._mock.count or MOCK_COUNT, self._mock.minutes or MOCK_MINUTES), answered)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """In a course that waits for a gate nothing is asked."""
        return not (self._is_locked and action in ("mock", "undo"))

    def action_history(self) -> None:
        host(self).open_rehearsal_history()

    def action_undo(self) -> None:
        """Take back the last answer, with its follow-ups."""
        if self._course_no is None:
            return
        workspace = host(self).workspace
        try:
            undone = Rehearsal.of(workspace, self._course_no, QuestionChoice("due"), ()).undo()
        except StoreError as error:
            self.notify(f"Nothing was undone: {format_error(error)}", severity="error", markup=False)
            return
        key = next((entry.question.id for entry in self._entries if undone and entry.no == undone[-1].card_no), "")
        text = f"Undone: {key}, grade {undone[-1].grade}." if undone else "There is nothing to undo."
        self.notify(text, markup=False)
        self._load()


def _row(title: str, count: str, is_open: bool) -> Content:
    return Content.styled(f"{count:>3}  ", "bold" if is_open else "$foreground-muted") + (
        Content(title) if is_open else Content.styled(title, "$foreground-muted")
    )


# How many questions, in how many minutes


class MockScreen(BoxScreen[QuestionChoice | None]):
    """Asks for the size of a mock interview; None leaves it as it was."""

    DEFAULT_CSS = """
    MockScreen > Vertical { width: 64; }
    MockScreen Horizontal Static { width: 14; }
    MockScreen Input { width: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="mock.cancel", tooltip="Leave it as it was"),
        Binding("down", "app.focus_next", "Next", show=False, id="mock.next", tooltip="To the next field"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="mock.before", tooltip="To the previous field"),
    ]

    def __init__(self, count: int, minutes: int) -> None:
        super().__init__()
        self._count = count
        self._minutes = minutes

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Mock interview: nothing is shown before the end. Enter sets it.", markup=False)
            with Horizontal():
                yield Static("Questions", markup=False)
                yield Input(str(self._count), type="integer", max_length=3, compact=True, id="count")
            with Horizontal():
                yield Static("Minutes", markup=False)
                yield Input(str(self._minutes), type="integer", max_length=3, compact=True, id="minutes")
            yield ProblemLine()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        count = _whole(self.query_one("#count", Input).value, MOST_QUESTIONS)
        minutes = _whole(self.query_one("#minutes", Input).value, MOST_MINUTES)
        if count is not None and minutes is not None:
            self.dismiss(QuestionChoice("mock", count=count, minutes=minutes))
            return
        text = f"From 1 to {MOST_QUESTIONS} questions, in 1 to {MOST_MINUTES} minutes."
        self.query_one(ProblemLine).complain(text)


def _whole(text: str, most: int) -> int | None:
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 1 <= number <= most else None


# One question: think, then answer in writing or aloud, by a clock that may be paused; then say how sure you are


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


class QuestionScreen(PageScreen[Submission | Skipped | None]):
    """Answers with what was given, with Skipped, or with None to end the rehearsal. What was typed is a draft by then.

    Args:
        left: what remains of a whole mock interview when the question is asked, in seconds.
    """

    CSS_PATH = "question.tcss"
    AUTO_FOCUS = ""
    SCROLLS = "#asked"
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
                tooltip="Leave the page; again to leave the interview. What you typed is kept as a draft"),
        *(Binding(str(n), f"sure({n})", f"Sure {n}", id=f"question.{n}", show=False,
                  tooltip=f"{word.capitalize()}: how sure you are, before anything is shown")
          for n, word in SURE_WORDS.items()),
        *page_keys("question"),
    ]  # fmt: skip

    def __init__(
        self, question: Question, drafts: Drafts, *, title: str, left: float | None = None, mode: Mode = "written"
    ) -> None:
        super().__init__(drafts, question.id)
        self._question = question
        self._title = title
        self._left = left
        self._mode: Mode = mode
        self._stage = Stage.THINKING
        self._clocks = TwoClocks()
        self._over = False
        self._warned = False
        self._is_done = False

    def compose(self) -> ComposeResult:
        yield Static(safe(self._title), classes="title", markup=False)
        with VerticalScroll(id="asked", can_focus=False):
            yield MarkdownView(id="ask")
        yield ClockLine(id="clock")
        yield self._area
        yield Static(id="count", classes="muted", markup=False)
        yield Notice()
        yield GradeBar(id="bar")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#ask", MarkdownView).show(self._question.ask)
        self._area.display = False
        draft = self._drafts.load(self._question.id)
        if draft is not None:
            self._restore(draft)
        elif not self._has_clock or not self._question.think_seconds:
            self._answer()
        else:
            self._become(Stage.THINKING)
        self.set_interval(TICK_SECONDS, self._tick)

    def on_screen_suspend(self) -> None:
        self._clocks.pause()

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
            self.confirm(question, "Leave it empty", self._complete)
            return
        self._complete()

    def action_mode(self) -> None:
        """Answer aloud, or in writing."""
        if self._stage is Stage.SURE:
            return
        self._mode = "written" if self._mode == "aloud" else "aloud"
        self._become(self._stage)
        self.say(
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
            self.say("An empty page. ctrl+z brings the text back.")

    def action_skip(self) -> None:
        self._go(Skipped(self._clocks.thought + self._clocks.answered))

    def action_sure(self, confidence: int) -> None:
        """How sure the learner is, before anything is shown."""
        if self._stage is Stage.SURE:
            self._finish(confidence)

    def action_leave(self) -> None:
        """Leave the page first, then the rehearsal."""
        if self.leave_field(
            "Keys are commands now. Enter goes back to the page, Escape leaves; your text is kept as a draft."
        ):
            return
        if self._stage is Stage.SURE:
            self._answer()
        else:
            self._go(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        match action:
            case "mode" | "pause":
                return self._stage is not Stage.SURE
            case "sure":
                return self._stage is Stage.SURE
            case "skip":
                return self._stage is not Stage.SURE
        return True

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
    def is_kept(self) -> bool:
        return self._is_done

    @property
    def given(self) -> Submission:
        return Submission(
            self._area.text,
            self._mode,
            self._clocks.thought,
            self._clocks.answered,
            self._question.answer_seconds if self._has_clock else None,
        )

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
        self.say(f"Your draft of {when:%d %b %H:%M} is back, {draft.words} words. ctrl+n begins with an empty page.")

    def _answer(self) -> None:
        self._clocks.go("answering")
        self._become(Stage.ANSWERING)
        self._area.focus()

    def _go(self, result: Skipped | None) -> None:
        """Leave, once the draft is safe; where it cannot be, only when asked a second time."""
        kept = self.keep()
        if kept or self._warned:
            self._is_done = kept
            self.dismiss(result)
        else:
            self._warned = True

    def _complete(self) -> None:
        self._clocks.go("done")
        self.save()
        if host(self).workspace.settings.ask_confidence_in_rehearsal:
            self.set_focus(None)
            self.say("")
            self._become(Stage.SURE)
        else:
            self._finish(None)

    def _finish(self, confidence: int | None) -> None:
        given = replace(self.given, confidence=confidence)
        self._is_done = True
        self.dismiss(given)

    def _become(self, stage: Stage) -> None:
        self._stage = stage
        self._area.display = stage is not Stage.THINKING
        self._area.read_only = stage is Stage.SURE
        self._area.border_title = "Notes" if self._mode == "aloud" else "Your answer"
        self.query_one(GradeBar).offer(self._offers())
        self.refresh_bindings()
        self.count()
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
        return sure_offers()

    def _hide(self, covered: bool) -> None:
        self.set_class(covered, "-covered")
        if covered:
            self._clocks.pause()
            self.save()
            self.set_focus(None)
            self.say("Paused. F4 or p goes on.")
        else:
            self._clocks.resume()
            self.say("")
            if self._stage is Stage.ANSWERING:
                self._area.focus()
        self._tick()

    def count(self) -> None:
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
                self.say("Time to think is over: answer now.")
            return
        clock.show("answering", answered, self._question.answer_seconds, paused=paused, left=left)
        is_over = answered >= self._question.answer_seconds or (left is not None and left <= 0)
        if is_over and not self._over:
            self._over = True
            self._unsaved = True
            self.save()
            what = "interview" if left is not None and left <= 0 else "answer"
            self.say(f"The time for this {what} is over. What you wrote is kept: finish the sentence and hand in.")


# Runs a rehearsal: question, result, follow-up, the next question, and the scorecard at the end


class RehearsalScreen(Screen[None]):
    """Lies below the screens of one rehearsal and decides which comes next; the learner sees it for a moment only."""

    def __init__(self, course_no: int, choice: QuestionChoice, entries: Sequence[QuestionEntry]) -> None:
        super().__init__()
        self._course_no = course_no
        self._choice = choice
        self._entries = tuple(entries)
        self._rehearsal: Rehearsal | None = None
        self._mode: Mode = "written"

    def compose(self) -> ComposeResult:
        yield Static(safe(self._choice.title(host(self).workspace.course)), classes="title", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._rehearsal = Rehearsal.of(host(self).workspace, self._course_no, self._choice, self._entries)
        self._go_on()

    @property
    def rehearsal(self) -> Rehearsal:
        """The rehearsal; there is one as soon as the screen is mounted."""
        assert self._rehearsal is not None
        return self._rehearsal

    def _go_on(self) -> None:
        before = self.rehearsal.unasked
        step = self.rehearsal.next_step()
        if self.rehearsal.unasked > before:
            self.notify(self.rehearsal.out_of_time, markup=False)
        if step is None:
            self._end()
        elif step.do == "ask":
            self._ask(step.task)
        else:
            self._judge(step)

    def _ask(self, task: RehearsalTask) -> None:
        self.rehearsal.began(task)
        screen = QuestionScreen(
            task.question,
            self.rehearsal.drafts,
            title=self._title(task),
            left=None if task.is_probe else self.rehearsal.seconds_left,
            mode="written" if task.is_probe else self._mode,
        )
        self.app.push_screen(screen, partial(self._answered, task))

    def _answered(self, task: RehearsalTask, result: Submission | Skipped | None) -> None:
        if isinstance(result, Submission):
            self._mode = self._mode if task.is_probe else result.mode
            try:
                self.rehearsal.hand_in(task, result)
            except StoreError as error:
                self.notify(
                    f"Your answer is not saved as a draft: {format_error(error)}", severity="warning", markup=False
                )
        elif isinstance(result, Skipped):
            self.rehearsal.skip(task, result.seconds)
        else:
            self.rehearsal.stop()
        self._go_on()

    def _judge(self, step: RehearsalStep) -> None:
        assert step.given is not None
        record = partial(self.rehearsal.record, step.task, step.given)
        title, ask_back = self._title(step.task), self.rehearsal.ask_back
        self.app.push_screen(ResultScreen(step, record, title=title, ask_back=ask_back), self._judged)

    def _judged(self, recorded: bool | None) -> None:
        if not recorded:
            self.rehearsal.put_off()
            self.notify("Without a grade your answer is kept as a draft: see “Answers under way”.", markup=False)
        self._go_on()

    def _end(self) -> None:
        if not self.rehearsal.recorded:
            self.dismiss(None)
            return
        self.app.push_screen(EndScreen(self.rehearsal), self._leave)

    def _leave(self, _: None) -> None:
        self.dismiss(None)

    def _title(self, task: RehearsalTask) -> str:
        question = task.entry.question
        place = self.rehearsal.number_of(task)
        number = f"Question {place} of {self.rehearsal.total}" if place else "Your answer"
        what = "Follow-up" if task.is_probe else number
        return f"{what} · {', '.join(question.sections)} · {question.level} · {question.kind} · {question.id}"
