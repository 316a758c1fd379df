"""What an answer covered, as evidence: its own words beside the model answer; each point accepted or changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain import sm2
from studytui.domain.cross_examination import answered
from studytui.domain.rubric import YOURSELF, AnswerGrade, AskedBack, Submission, by_whom, percent
from studytui.domain.sm2 import grade_label
from studytui.errors import ReportError, StoreError
from studytui.study import llm_grader, rehearsal, reports
from studytui.study.card_actions import set_due_together, take_back
from studytui.study.llm_grader import Judge, consent_text, shown_body
from studytui.study.rehearsal import (
    Rehearsal,
    RehearsalStep,
    RehearsalTask,
    Reschedule,
    Scorecard,
    grade_offline,
    scorecard,
    wants_judge,
)
from studytui.study.reports import attempt_time
from studytui.study.submissions import QuestionEntry, RehearsedAnswer, question_entries
from studytui.ui.host import NARROW_OR_WIDE, format_error, host, safe
from studytui.ui.keys import KeyBar, line_keys, page_keys
from studytui.ui.screens import BoxScreen, Notice, StudyScreen
from studytui.ui.widgets.controls import GradeBar, Offer, interval_text
from studytui.ui.widgets.judged_answer import (
    MarkedAnswer,
    ModelAnswer,
    PastAnswer,
    PointList,
    coverage_text,
    score_blocks,
    score_text,
)
from studytui.ui.widgets.markdown import Block, MarkdownView, inline

Record = Callable[[AnswerGrade], object]
"""Writes the grade down; raises StoreError or LookupError if it cannot."""


AskBack = Callable[[RehearsalTask, Submission, AnswerGrade], tuple[AskedBack, ...]]
"""What the interviewer asks back about a graded answer; nothing where it is not set so."""


class ResultScreen(StudyScreen[bool | None]):
    """Grades an answer and lets the learner judge; True once the grade is in the log, None if the answer is put off."""

    CSS_PATH = "result.tcss"
    AUTO_FOCUS = "PointList"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "record", "Record", id="result.record", show=False,
                tooltip="Accept the points as shown and save the grade"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="result.leave",
                tooltip="Do not wait for the judge; else leave without a grade, the answer stays as a draft"),
        *page_keys("result"),
    ]  # fmt: skip

    def __init__(self, step: RehearsalStep, record: Record, *, title: str, ask_back: AskBack | None = None) -> None:
        super().__init__()
        self._ask_back = ask_back
        assert step.given is not None
        self._asked = step.task
        self._given = step.given
        self._record = record
        self._title = title
        self._grade: AnswerGrade | None = None
        self._offline: AnswerGrade | None = None
        self._judge: Judge | None = None
        self._unjudged: frozenset[str] = frozenset()
        self._warned = False
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        yield Static(safe(self._title), classes="title", markup=False)
        yield Static("Reading your answer…", id="verdict", markup=False)
        yield PointList(id="points")
        with Container(id="texts"):
            with VerticalScroll(id="yours", can_focus=False):
                yield MarkdownView(self._asked.question.ask, id="ask")
                yield Static("Your answer", classes="heading", markup=False)
                yield MarkedAnswer(id="answer")
            with VerticalScroll(id="model", can_focus=False):
                yield ModelAnswer(self._asked.question)
        yield Notice()
        yield GradeBar(id="bar")
        yield KeyBar()

    def on_mount(self) -> None:
        self._grade_offline()

    def on_unmount(self) -> None:
        self._stop.set()

    # Grading

    def _grade_offline(self) -> None:
        root = host(self).workspace.root
        self.read(lambda: grade_offline(self._asked.question, self._given, root), self._offline_found)

    async def _offline_found(self, found: AnswerGrade) -> None:
        self._offline = found
        judge = Judge.of(host(self).workspace.settings)
        if judge is None or not wants_judge(self._given):
            await self._graded(found)
        elif judge.problem or llm_grader.has_consent(host(self).workspace, judge):
            self._ask_judge(judge)
        else:
            body = llm_grader.request_body(judge, self._asked.question, self._given.answer)

            async def answered(yes: bool | None) -> None:
                if yes:
                    llm_grader.give_consent(host(self).workspace, judge)
                    self._ask_judge(judge)
                else:
                    await self._graded(replace(found, notes=(*found.notes, "Nothing was sent; graded offline.")))

            self.app.push_screen(ConsentScreen(judge, body), answered)

    def _ask_judge(self, judge: Judge) -> None:
        self._judge = judge
        self.query_one("#verdict", Static).update(safe(f"{judge.model} reads your answer… Escape grades it offline."))
        offline, root = self._offline, host(self).workspace.root
        assert offline is not None
        self.read(
            lambda: llm_grader.grade(judge, self._asked.question, self._given.answer, offline, root, stop=self._stop),
            self._judge_found,
        )

    async def _judge_found(self, found: AnswerGrade) -> None:
        if self._judge is not None:
            self._judge = None
            await self._graded(found)

    async def _graded(self, found: AnswerGrade) -> None:
        asked = self._ask_back(self._asked, self._given, found) if self._ask_back is not None else ()
        if not asked:
            await self._show_grade(found)
            return
        from studytui.ui.screens.cross_examination import CrossExaminationScreen

        async def chosen(choices: tuple[AskedBack, ...] | None) -> None:
            await self._show_grade(answered(found, choices or ()))

        self.app.push_screen(CrossExaminationScreen(asked), chosen)

    async def _show_grade(self, found: AnswerGrade) -> None:
        self._grade = found
        self._unjudged = found.unsure
        if found.grader == YOURSELF:
            self._unjudged = frozenset(verdict.point_id for verdict in found.verdicts)
        self.say(" ".join(found.notes))
        await self._show()
        self.query_one(PointList).focus()

    # Judging

    @on(PointList.Chosen)
    async def _chosen(self, event: PointList.Chosen) -> None:
        if self._grade is not None:
            self._grade = self._grade.choose(event.point_id, event.coverage)
            self._unjudged -= {event.point_id}
            await self._show()

    @on(PointList.Moved)
    def _moved(self) -> None:
        self._point_at_quote()

    @on(GradeBar.Chosen)
    async def _pressed(self) -> None:
        await self.action_record()

    async def action_record(self) -> None:
        """Write the grade down; a refused write leaves everything as it is."""
        if self._grade is None:
            return
        if self._unjudged and not self._warned:
            self._warned = True
            count = len(self._unjudged)
            is_one = count == 1
            self.say(
                f"{count} point{'' if is_one else 's'} {'is' if is_one else 'are'} not judged yet and would count as "
                "missed. Keys 1 to 4 judge; Enter again records."
            )
            return
        try:
            self._record(self._grade)
        except (StoreError, LookupError) as error:
            self.say(f"Not saved: {format_error(error)} Enter tries again.", problem=True)
            return
        self.dismiss(True)

    async def action_leave(self) -> None:
        """Stop waiting for the judge, or put the answer off."""
        if self._judge is not None and self._offline is not None:
            self._judge = None
            self._stop.set()
            note = "You did not wait for the judge; graded offline."
            await self._graded(replace(self._offline, notes=(*self._offline.notes, note)))
        else:
            self.dismiss(None)

    def scrolled(self) -> list[Widget]:
        """Both texts side by side, or one below the other."""
        return list(self.query("#yours, #model" if self.has_class("-wide") else "#texts"))

    # Showing

    async def _show(self) -> None:
        grade = self._grade
        assert grade is not None
        await self.query_one(PointList).show(grade.points, unjudged=self._unjudged)
        self.query_one("#verdict", Static).update(self._headline(grade))
        detail = "follow-up comes next" if grade.probe is not None and not self._asked.is_probe else ""
        label = f"Record grade {grade.grade} · {grade_label(grade.grade, four=False)} · {self._comes_back(grade.grade)}"
        self.query_one(GradeBar).offer([Offer(0, "enter", label, detail, tone=_tone(grade.grade))])
        self._point_at_quote()

    def _headline(self, grade: AnswerGrade) -> Content:
        parts = [f"score {percent(grade.score)}", f"grade {grade.grade} of 5", attempt_time(self._given)]
        if self._given.confidence is not None:
            parts.append(f"sure {self._given.confidence} of 5")
        by = Content.styled(safe(f" · {by_whom(grade.grader)}"), "$foreground-muted")
        return Content.styled(" · ".join(parts), "bold") + by

    def _comes_back(self, grade: int) -> str:
        if self._asked.is_probe:
            return "schedule unchanged"
        workspace = host(self).workspace
        stored = workspace.store.card_by_no(self._asked.entry.no)
        before = stored.state.schedule if stored else self._asked.entry.state.schedule
        day = workspace.today()
        after = sm2.review(before, grade, on=day)
        days = interval_text(max(0, (after.due_on - day).days)) if after.due_on else ""
        is_asked_today = after.reask_on == day and self._asked.entry.answers_left(day) > 1
        return f"again today, then in {days}" if is_asked_today else f"again in {days}"

    def _point_at_quote(self) -> None:
        if self._grade is None:
            return
        answer = self.query_one(MarkedAnswer)
        empty = "(said aloud; no notes)" if self._given.mode == "aloud" else "(nothing)"
        answer.show_answer(self._given.answer, self._grade.points, self.query_one(PointList).at, empty=empty)
        self.call_after_refresh(self._bring_quote_into_view)

    def _bring_quote_into_view(self) -> None:
        answer = self.query_one(MarkedAnswer)
        area = self.query_one("#yours" if self.has_class("-wide") else "#texts")
        line = answer.virtual_region.y + answer.line_pointed_at
        if answer.line_pointed_at:
            area.scroll_to(y=max(0, line - area.size.height // 3), animate=False)


def _tone(grade: int) -> str:
    return "error" if grade < 3 else "warning" if grade == 3 else "success"


# Shows once, before the first time, what would be sent to the judge and where; nothing leaves without a yes


class ConsentScreen(BoxScreen[bool]):
    """True if answers may be sent to this address, from now on."""

    DEFAULT_CSS = """
    ConsentScreen > Vertical { width: 100; height: 90%; border: round $warning; }
    ConsentScreen #where { height: auto; }
    ConsentScreen #body { height: 1fr; margin: 1 0; border: solid $panel-lighten-2; }
    ConsentScreen Horizontal { margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Send", id="consent.yes", tooltip="Send it, now and from now on"),
        Binding("n,escape,q", "dismiss(False)", "Do not", id="consent.no", tooltip="Send nothing; grade offline"),
        Binding("pagedown,down", "scroll(1)", "Down", show=False, id="consent.down", tooltip="Scroll down"),
        Binding("pageup,up", "scroll(-1)", "Up", show=False, id="consent.up", tooltip="Scroll up"),
    ]

    def __init__(self, judge: Judge, body: dict[str, Any]) -> None:
        super().__init__()
        self._judge = judge
        self._body = body

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(consent_text(self._judge), id="where", markup=False)
            with VerticalScroll(id="body", can_focus=False):
                yield Static(safe(shown_body(self._body)), markup=False)
            with Horizontal():
                yield Button("Send (y)", id="yes", variant="warning", compact=True)
                yield Button("Grade offline (n)", id="no", compact=True)

    def action_scroll(self, direction: int) -> None:
        self.query_one("#body").scroll_relative(y=direction * 5, animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


# The end of a rehearsal: scores, time, trend, what was missed; and what is done about it with one key


class EndScreen(StudyScreen[None]):
    """The scorecard, read from the log."""

    CSS_PATH = "end.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape,q", "dismiss(None)", "Done", key_display="enter", id="end.done",
                tooltip="Back to the sets; every answer is saved"),
        Binding("f", "forward", "Cards to today", id="end.forward",
                tooltip="Make the cards of every objective you missed due today; press again to undo"),
        Binding("x", "export", "Export", id="end.export",
                tooltip="Save the whole interview as Markdown and HTML into studytui-rehearsals"),
        Binding("u", "undo", "Undo", id="end.undo", tooltip="Undo the last answer; its text is a draft again"),
        *line_keys("end"),
        *page_keys("end", "scroll_lines(10)", "pagedown,space"),
    ]  # fmt: skip

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__()
        self._rehearsal = rehearsal
        self._card: Scorecard | None = None
        self._planned: Reschedule | None = None
        self._moved: tuple[str, Reschedule] | None = None
        """What was brought forward, after the group that takes it back."""

    def compose(self) -> ComposeResult:
        title = self._rehearsal.choice.title(host(self).workspace.course)
        yield Static(safe(f"Scorecard · {title}"), classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield MarkdownView("Adding up…", id="score")
        yield Static(id="forward", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def action_forward(self) -> None:
        """Bring the cards of missed objectives to today, or take that back."""
        workspace = host(self).workspace
        try:
            if self._moved is not None:
                count = take_back(workspace, self._moved[0])
                self._moved = None
                self.notify(rehearsal.taken_back_words(count), markup=False)
            elif self._planned is not None and self._planned.cards:
                self._moved = set_due_together(workspace, self._planned.days), self._planned
        except StoreError as error:
            self.notify(f"Nothing was changed: {format_error(error)}", severity="error", markup=False)
        self._load()

    def action_export(self) -> None:
        if self._card is None:
            return
        workspace = host(self).workspace
        try:
            paths = reports.save_rehearsal(workspace, self._rehearsal.choice, self._card)
        except ReportError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.notify(f"Saved {' and '.join(str(path) for path in paths)}.", timeout=10, markup=False)

    def action_undo(self) -> None:
        if not self._rehearsal.recorded:
            self.notify("There is nothing to undo.", markup=False)
            return
        try:
            self._rehearsal.undo()
        except StoreError as error:
            self.notify(f"Not all was undone: {format_error(error)}", severity="error", markup=False)
        else:
            self.notify("Undone. The text waits under “Answers under way”.", markup=False)
        self._load()

    def _load(self) -> None:
        self.read(self._score, self._show, self._show_problem)

    def _score(self) -> tuple[Scorecard, Reschedule]:
        workspace = host(self).workspace
        card = scorecard(question_entries(workspace, self._rehearsal.course_no), self._rehearsal.uid)
        return card, rehearsal.plan_reschedule(workspace, rehearsal.missed_objectives(card.attempts))

    def _show_problem(self, error: Exception) -> None:
        text = f"The answers are saved, but they cannot be added up: {format_error(error)}"
        self.query_one("#score", MarkdownView).show(text)

    def _show(self, found: tuple[Scorecard, Reschedule]) -> None:
        card, planned = found
        self._card, self._planned = card, planned
        blocks = tuple(score_blocks(host(self).workspace.course, card))
        self.query_one("#score", MarkdownView).show_blocks(blocks)
        self.query_one("#forward", Static).update(self._forward_text(planned))

    def _forward_text(self, planned: Reschedule) -> str:
        if self._moved is not None:
            return f"✓ Due today: {self._moved[1].words}. f undoes it."
        if planned.cards:
            return f"Missed, and due later: {planned.words}. f brings them to today."
        if self._card is not None and self._card.missed:
            return "The cards of what you missed are already due, or suspended."
        return "You missed nothing."


# Every earlier answer of a question, and the first beside the last


NOTHING_YET = "No answers yet. Answer an interview question: every answer is kept here, word for word."


class HistoryScreen(StudyScreen[None]):
    """Questions that were answered; `question` is the one to begin at."""

    CSS_PATH = "history.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "compare", "First and last", id="history.compare",
                tooltip="The first and the last answer side by side"),
        Binding("enter", "compare", "First and last", show=False, id="history.open",
                tooltip="The first and the last answer side by side"),
        *page_keys("history", down="pagedown,space"),
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc", id="history.back", tooltip="Back"),
    ]  # fmt: skip

    def __init__(self, question: str = "") -> None:
        super().__init__()
        self._question = question
        self._entries: list[QuestionEntry] = []

    def compose(self) -> ComposeResult:
        yield Static("Earlier answers", classes="title", markup=False)
        with Container(id="body"):
            yield OptionList(id="questions", markup=False)
            with VerticalScroll(id="sheet", can_focus=False):
                yield MarkdownView(id="ask")
                yield Vertical(id="answers")
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def _load(self) -> None:
        self.read(self._answered_questions, self._show, self._show_problem)

    def _answered_questions(self) -> list[QuestionEntry]:
        workspace = host(self).workspace
        number = workspace.interview_no
        return [entry for entry in question_entries(workspace, number) if entry.attempts] if number is not None else []

    def _show_problem(self, error: Exception) -> None:
        self.query_one("#ask", MarkdownView).show(f"The answers cannot be read: {format_error(error)}")

    def _show(self, found: list[QuestionEntry]) -> None:
        self._entries = sorted(found, key=lambda entry: entry.attempts[-1].review_id, reverse=True)
        questions = self.query_one("#questions", OptionList)
        questions.display = bool(found)
        if not found:
            self.query_one("#ask", MarkdownView).show(NOTHING_YET)
            return
        for entry in self._entries:
            count = len(entry.attempts)
            line = (
                score_text(entry)
                + Content(safe(f"  {entry.question.id}"))
                + Content.styled(f"  ×{count}", "$foreground-muted")
            )
            questions.add_option(Option(line))
        ids = [entry.question.id for entry in self._entries]
        questions.highlighted = ids.index(self._question) if self._question in ids else 0
        questions.focus()

    @on(OptionList.OptionHighlighted)
    async def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        entry = self._entries[event.option_index]
        self.query_one("#ask", MarkdownView).show(entry.question.ask)
        answers = self.query_one("#answers", Vertical)
        await answers.remove_children()
        await answers.mount_all([PastAnswer(attempt) for attempt in reversed(entry.attempts)])
        self.query_one("#sheet").scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_compare()

    def action_compare(self) -> None:
        at = self.query_one("#questions", OptionList).highlighted
        if at is None or not self._entries:
            return
        entry = self._entries[at]
        if len(entry.standing) < 2:
            self.notify("There is one answer so far; two can be compared.", markup=False)
            return

        self.app.push_screen(CompareScreen(entry))


# The first and the last answer to a question, beside each other where there is room, and point by point


class CompareScreen(StudyScreen[None]):
    """Two answers that stand; nothing can be changed here."""

    CSS_PATH = "history.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    SCROLLS = "#pair"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,c", "dismiss(None)", "Back", key_display="esc", id="compare.back", tooltip="Back"),
        *line_keys("compare"),
        *page_keys("compare", "scroll_lines(10)", "pagedown,space"),
    ]  # fmt: skip

    def __init__(self, entry: QuestionEntry) -> None:
        super().__init__()
        self._entry = entry
        self._first, self._last = entry.standing[0], entry.standing[-1]

    def compose(self) -> ComposeResult:
        change = round((self._last.score - self._first.score) * 100)
        title = (
            f"First and last of {len(self._entry.standing)} answers · {change:+d} points · {self._entry.question.id}"
        )
        yield Static(safe(title), classes="title", markup=False)
        with VerticalScroll(id="points", can_focus=False):
            face = MarkdownView()
            face.show_blocks(tuple(compared(self._first, self._last)))
            yield face
        with Container(id="pair"):
            for name, attempt in (("First · ", self._first), ("Last · ", self._last)):
                with Vertical(classes="side"):
                    yield PastAnswer(attempt, with_points=False, title=name)
        yield KeyBar()


def compared(first: RehearsedAnswer, last: RehearsedAnswer) -> Iterator[Block]:
    """Each point with both verdicts; one that the rubric did not have yet, or has no longer, has a dash."""
    before = {point.id: point for point in first.points}
    after = {point.id: point for point in last.points}
    dash = Content.styled("–", "$foreground-muted")
    rows = [tuple(Content.styled(name, "bold") for name in ("point", "first", "last"))]
    for point_id in dict.fromkeys([*after, *before]):
        one, two = before.get(point_id), after.get(point_id)
        shown = two or one
        if shown is not None:
            rows.append(
                (
                    inline(shown.text),
                    coverage_text(one.coverage) if one else dash,
                    coverage_text(two.coverage) if two else dash,
                )
            )
    yield Block(Content(""), kind="table", rows=tuple(rows))
