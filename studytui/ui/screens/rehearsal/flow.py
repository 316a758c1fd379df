"""Runs a rehearsal: question, result, follow-up, the next question, and the scorecard at the end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.rehearsal import Given, Mode
from studytui.services.rehearsal.choice import Choice
from studytui.services.rehearsal.questions import Entry
from studytui.services.rehearsal.session import Rehearsal, Step, Task
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.rehearsal.question import QuestionScreen, Skipped
from studytui.ui.screens.rehearsal.result import ResultScreen
from studytui.ui.text import safe
from studytui.ui.widgets.key_bar import KeyBar


class RehearsalScreen(Screen[None]):
    """Lies below the screens of one rehearsal and decides which comes next; the learner sees it for a moment only."""

    def __init__(self, course_no: int, choice: Choice, entries: Sequence[Entry]) -> None:
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

    def _ask(self, task: Task) -> None:
        self.rehearsal.began(task)
        screen = QuestionScreen(
            task.question,
            self.rehearsal.drafts,
            title=self._title(task),
            left=None if task.is_probe else self.rehearsal.seconds_left,
            mode=self._mode,
        )
        self.app.push_screen(screen, partial(self._answered, task))

    def _answered(self, task: Task, result: Given | Skipped | None) -> None:
        if isinstance(result, Given):
            self._mode = result.mode
            try:
                self.rehearsal.hand_in(task, result)
            except StoreError as error:
                self.notify(f"Your answer is not kept as a draft: {sentence(error)}", severity="warning", markup=False)
        elif isinstance(result, Skipped):
            self.rehearsal.skip(task, result.seconds)
        else:
            self.rehearsal.stop()
        self._go_on()

    def _judge(self, step: Step) -> None:
        assert step.given is not None
        record = partial(self.rehearsal.record, step.task, step.given)
        self.app.push_screen(ResultScreen(step, record, title=self._title(step.task)), self._judged)

    def _judged(self, recorded: bool | None) -> None:
        if not recorded:
            self.rehearsal.put_off()
            self.notify("Without a grade your answer is kept as a draft: see “Answers under way”.", markup=False)
        self._go_on()

    def _end(self) -> None:
        if not self.rehearsal.recorded:
            self.dismiss(None)
            return
        from studytui.ui.screens.rehearsal.end import EndScreen

        self.app.push_screen(EndScreen(self.rehearsal), self._leave)

    def _leave(self, _: None) -> None:
        self.dismiss(None)

    def _title(self, task: Task) -> str:
        question = task.entry.question
        number = (
            f"Question {self.rehearsal.number} of {self.rehearsal.total}" if self.rehearsal.number else "Your answer"
        )
        what = "Follow-up" if task.is_probe else number
        return f"{what} · {', '.join(question.sections)} · {question.level} · {question.kind} · {question.id}"
