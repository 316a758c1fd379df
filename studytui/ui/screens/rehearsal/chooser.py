"""Which questions to rehearse: the sets with how many each holds, and what is in the one under the cursor."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.rehearsal import MOCK_COUNT, MOCK_MINUTES
from studytui.domain.rubric import Question
from studytui.library.errors import CourseError
from studytui.services.course_lock import lock_of
from studytui.services.rehearsal.choice import EMPTY, Choice, choices, select
from studytui.services.rehearsal.questions import Entry, bring_up_to_date, entries, read_questions
from studytui.services.rehearsal.session import drafts_of
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import NARROW_OR_WIDE
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.light_markdown import Block
from studytui.ui.widgets.rehearsal.question_lines import question_blocks

NO_QUESTIONS: Final = "This course has no interview questions. They stand in quizzes/interview.toml of its folder."


class ChooserScreen(Screen[None]):
    """The door to the rehearsal. `begin` is a set to start with at once, as the command line names it."""

    CSS_PATH = "chooser.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mock", "Mock interview", id="rehearsal.mock",
                tooltip="How many questions, in how many minutes; nothing is shown before the end"),
        Binding("h", "history", "History", id="rehearsal.history", tooltip="Every earlier answer, first and last"),
        Binding("u", "undo", "Undo", id="rehearsal.undo", tooltip="Take back the last rehearsed answer"),
        Binding("escape,q", "app.leave(True)", "Back", key_display="esc", id="rehearsal.back",
                tooltip="Leave; every answer is saved"),
    ]  # fmt: skip

    def __init__(self, begin: Choice | None = None) -> None:
        super().__init__()
        self._begin = begin
        self._course_no: int | None = None
        self._entries: list[Entry] = []
        self._mock = Choice("mock", count=MOCK_COUNT, minutes=MOCK_MINUTES)
        self._offered: list[Choice] = []
        self._drafts: list[str] = []
        self._is_locked = False

    def compose(self) -> ComposeResult:
        yield Static("Interview rehearsal", classes="title", id="title", markup=False)
        with Container(id="body"):
            yield OptionList(id="sets", markup=False)
            with Vertical(id="preview"):
                yield Static(id="about", classes="heading", markup=False)
                with VerticalScroll(can_focus=False):
                    yield Face("Reading the questions…", id="questions")
        yield KeyBar()

    def on_screen_resume(self) -> None:
        self._load()

    @property
    def _day(self) -> date:
        workspace = host(self).workspace
        return workspace.today()

    # Reading

    @work(thread=True, exclusive=True, group="questions")
    def _load(self) -> None:
        workspace = host(self).workspace
        try:
            if (lock := lock_of(workspace)) is not None:
                self._call(self._show_lock, str(lock))
                return
            try:
                questions = read_questions(workspace)
            except CourseError as error:
                if workspace.interview_no is None:
                    raise
                self._call(self._keep_as_they_were, sentence(error))
            else:
                if not self._call(self._sync, questions):
                    return
            number = self._course_no
            found = entries(workspace, number) if number is not None else []
        except (CourseError, StoreError) as error:
            self._call(self._show_problem, sentence(error))
            return
        self._call(self._show, found)

    def _call(self, work: Callable[..., object], *args: object) -> object:
        return self.app.call_from_thread(work, *args)

    def _sync(self, questions: list[Question]) -> bool:
        try:
            self._course_no, _ = bring_up_to_date(host(self).workspace, questions)
        except StoreError as error:
            self._show_problem(sentence(error))
            return False
        return True

    def _keep_as_they_were(self, problem: str) -> None:
        """A file that went wrong changes nothing: the questions read before are asked until it is mended."""
        self._course_no = host(self).workspace.interview_no
        text = f"The questions stay as they were until their file is mended: {problem}"
        self.notify(text, severity="warning", timeout=10, markup=False)

    def _show_problem(self, text: str) -> None:
        if self.is_mounted:
            self.query_one("#questions", Face).show_blocks((Block(Content(f"✗ The questions cannot be read: {text}")),))

    def _show_lock(self, text: str) -> None:
        if self.is_mounted:
            self._begin, self._entries = None, []
            self._lock_up(True)
            self.query_one("#questions", Face).show_blocks((Block(Content(safe(text))),))

    def _lock_up(self, is_locked: bool) -> None:
        self._is_locked = is_locked
        self.query_one("#sets").display = not is_locked
        self.refresh_bindings()

    def _show(self, found: list[Entry]) -> None:
        if not self.is_mounted:
            return
        self._lock_up(False)
        self._entries = found
        self._drafts = [draft.question_id for draft in drafts_of(host(self).workspace).all()]
        live = [entry for entry in found if not entry.archived]
        if not live:
            self.query_one("#questions", Face).show_blocks((Block(Content(NO_QUESTIONS)),))
        self._offer()
        due = sum(entry.is_due(self._day) for entry in live)
        title = f"Interview rehearsal · {len(live)} questions, {due} due"
        self.query_one("#title", Static).update(title)
        if self._begin is not None:
            begin, self._begin = self._begin, None
            self._start(begin)

    # Choosing

    def _offer(self) -> None:
        sets = self.query_one("#sets", OptionList)
        before = self._offered[sets.highlighted] if sets.highlighted is not None else None
        course = host(self).workspace.course
        drafts = [Choice("drafts")] if self._drafts else []
        self._offered = drafts + [self._mock if each.kind == "mock" else each for each in choices(course)]
        sets.clear_options()
        for choice in self._offered:
            count = len(self._of(choice))
            sets.add_option(Option(_row(safe(choice.title(course)), "" if choice.is_mock else str(count), bool(count))))
        sets.highlighted = next((at for at, choice in enumerate(self._offered) if choice == before), 0)
        sets.focus()

    def _of(self, choice: Choice, seed: int = 0) -> list[Entry]:
        return select(choice, self._entries, self._day, drafts=self._drafts, seed=seed)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        choice = self._offered[event.option_index]
        about, face = self.query_one("#about", Static), self.query_one("#questions", Face)
        found = self._of(choice)
        about.update(safe(choice.title(host(self).workspace.course)))
        if not any(not entry.archived for entry in self._entries):
            return
        if choice.is_mock:
            text = (
                "Questions at random from all chapters, one after the other. Your answers are judged together at the "
                "end. m sets how many and how long."
            )
            face.show_blocks((Block(Content(text)),))
        elif not found:
            face.show_blocks((Block(Content(EMPTY[choice.kind])),))
        else:
            face.show_blocks(question_blocks(found, self._day))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._start(self._offered[event.option_index])

    def _start(self, choice: Choice) -> None:
        found = self._of(choice, secrets.randbits(31))
        if not found or self._course_no is None:
            self.notify(EMPTY.get(choice.kind, "There is no such question."), markup=False)
            return
        from studytui.ui.screens.rehearsal.flow import RehearsalScreen

        self.app.push_screen(RehearsalScreen(self._course_no, choice, found))

    def action_mock(self) -> None:
        """Set the size of a mock interview and go to its row."""
        from studytui.ui.screens.rehearsal.mock import MockScreen

        def answered(choice: Choice | None) -> None:
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
        """Browse earlier answers."""
        host(self).open_rehearsal_history()

    def action_undo(self) -> None:
        """Take back the last answer, with its follow-ups."""
        from studytui.services.rehearsal.session import Rehearsal

        if self._course_no is None:
            return
        workspace = host(self).workspace
        try:
            undone = Rehearsal.of(workspace, self._course_no, Choice("due"), ()).undo()
        except StoreError as error:
            self.notify(f"Nothing was taken back: {sentence(error)}", severity="error", markup=False)
            return
        key = next((entry.question.id for entry in self._entries if undone and entry.no == undone[-1].card_no), "")
        text = f"Taken back: {key}, grade {undone[-1].grade}." if undone else "There is nothing to take back."
        self.notify(text, markup=False)
        self._load()


def _row(title: str, count: str, is_open: bool) -> Content:
    return Content.styled(f"{count:>3}  ", "bold" if is_open else "$text-muted") + (
        Content(title) if is_open else Content.styled(title, "$text-muted")
    )
