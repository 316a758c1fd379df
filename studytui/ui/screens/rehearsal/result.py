"""What an answer covered, as evidence: its own words beside the model answer; each point accepted or changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain import sm2
from studytui.domain.rehearsal import YOURSELF, by_whom
from studytui.domain.rubric import AnswerGrade
from studytui.services import judge as judging
from studytui.services import judge_consent
from studytui.services.judge import Judge
from studytui.services.rehearsal.export import attempt_time
from studytui.services.rehearsal.graders import grade_offline, wants_judge
from studytui.services.rehearsal.session import Step
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import NARROW_OR_WIDE
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.grade_bar import SIX_LABELS, GradeBar, Offer, interval_text
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.rehearsal.marked_answer import MarkedAnswer
from studytui.ui.widgets.rehearsal.model_answer import ModelAnswer
from studytui.ui.widgets.rehearsal.point_list import PointList
from studytui.ui.widgets.rehearsal.signs import points_of_grade

Record = Callable[[AnswerGrade], object]
"""Writes the grade down; raises StoreError or LookupError if it cannot."""


class ResultScreen(Screen[bool | None]):
    """Grades an answer and lets the learner judge; True once the grade is in the log, None if the answer is put off."""

    CSS_PATH = "result.tcss"
    AUTO_FOCUS = "PointList"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "record", "Record", id="result.record", show=False,
                tooltip="Accept the points as they stand now and write the grade down"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="result.leave",
                tooltip="Do not wait for the judge; else leave without a grade, the answer stays as a draft"),
        Binding("pagedown", "scroll_pages(0.9)", "Page down", show=False, id="result.page_down",
                tooltip="Scroll the answers"),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", show=False, id="result.page_up",
                tooltip="Scroll the answers back"),
    ]  # fmt: skip

    def __init__(self, step: Step, record: Record, *, title: str) -> None:
        super().__init__()
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
                yield Face(self._asked.question.ask, id="ask")
                yield Static("Your answer", classes="heading", markup=False)
                yield MarkedAnswer(id="answer")
            with VerticalScroll(id="model", can_focus=False):
                yield ModelAnswer(self._asked.question)
        yield Static(id="notice", markup=False)
        yield GradeBar(id="bar")
        yield KeyBar()

    def on_mount(self) -> None:
        self._grade_offline()

    def on_unmount(self) -> None:
        self._stop.set()

    # Grading

    @work(thread=True, group="grading")
    def _grade_offline(self) -> None:
        found = grade_offline(self._asked.question, self._given)
        self.app.call_from_thread(self.call_later, self._offline_found, found)

    async def _offline_found(self, found: AnswerGrade) -> None:
        if not self.is_mounted:
            return
        self._offline = found
        judge = Judge.of(host(self).workspace.settings)
        if judge is None or not wants_judge(self._given):
            await self._graded(found)
        elif judge.problem or judge_consent.agreed(host(self).workspace, judge):
            self._ask_judge(judge)
        else:
            from studytui.ui.screens.rehearsal.consent import ConsentScreen

            body = judging.request_body(judge, self._asked.question, self._given.answer)

            async def answered(yes: bool | None) -> None:
                if yes:
                    judge_consent.agree(host(self).workspace, judge)
                    self._ask_judge(judge)
                else:
                    await self._graded(replace(found, notes=(*found.notes, "Nothing was sent; graded offline.")))

            self.app.push_screen(ConsentScreen(judge, body), answered)

    def _ask_judge(self, judge: Judge) -> None:
        self._judge = judge
        self.query_one("#verdict", Static).update(safe(f"{judge.model} reads your answer… Escape grades it offline."))
        self._grade_with_judge(judge)

    @work(thread=True, group="judge")
    def _grade_with_judge(self, judge: Judge) -> None:
        assert self._offline is not None
        found = judging.grade(judge, self._asked.question, self._given.answer, self._offline, stop=self._stop)
        self.app.call_from_thread(self.call_later, self._judge_found, found)

    async def _judge_found(self, found: AnswerGrade) -> None:
        if self.is_mounted and self._judge is not None:
            self._judge = None
            await self._graded(found)

    async def _graded(self, found: AnswerGrade) -> None:
        self._grade = found
        if found.grader == YOURSELF:
            self._unjudged = frozenset(verdict.point_id for verdict in found.verdicts)
        self._say(" ".join(found.notes))
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
            self._say(
                f"{count} point{'' if is_one else 's'} {'is' if is_one else 'are'} not judged yet and would count as "
                "missed. Keys 1 to 4 judge; Enter again records."
            )
            return
        try:
            self._record(self._grade)
        except (StoreError, LookupError) as error:
            self._say(f"Not saved: {sentence(error)} Enter tries again.", problem=True)
            return
        self.dismiss(True)

    async def action_leave(self) -> None:
        """Stop waiting for the judge, or put the answer off."""
        if self._judge is not None and self._offline is not None:
            self._judge = None
            self._stop.set()
            note = "The judge was not waited for; graded offline."
            await self._graded(replace(self._offline, notes=(*self._offline.notes, note)))
        else:
            self.dismiss(None)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll what can be scrolled: both texts side by side, or one below the other."""
        areas = ("#yours", "#model") if self.has_class("-wide") else ("#texts",)
        for name in areas:
            area = self.query_one(name)
            area.scroll_relative(y=round(pages * area.size.height), animate=False)

    # Showing

    async def _show(self) -> None:
        grade = self._grade
        assert grade is not None
        points = points_of_grade(grade)
        await self.query_one(PointList).show(points, unjudged=self._unjudged)
        self.query_one("#verdict", Static).update(self._headline(grade))
        detail = "follow-up comes next" if grade.probe is not None and not self._asked.is_probe else ""
        label = f"Record grade {grade.grade} · {SIX_LABELS[grade.grade]} · {self._comes_back(grade.grade)}"
        self.query_one(GradeBar).offer([Offer(0, "enter", label, detail, tone=_tone(grade.grade))])
        self._point_at_quote()

    def _headline(self, grade: AnswerGrade) -> Content:
        parts = [f"score {grade.score:.0%}", f"grade {grade.grade} of 5", attempt_time(self._given)]
        if self._given.confidence is not None:
            parts.append(f"sure {self._given.confidence} of 5")
        by = Content.styled(safe(f" · {by_whom(grade.grader)}"), "$text-muted")
        return Content.styled(" · ".join(parts), "bold") + by

    def _comes_back(self, grade: int) -> str:
        if self._asked.is_probe:
            return "moves no schedule"
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
        answer.show_answer(self._given.answer, points_of_grade(self._grade), self.query_one(PointList).at, empty=empty)
        self.call_after_refresh(self._bring_quote_into_view)

    def _bring_quote_into_view(self) -> None:
        answer = self.query_one(MarkedAnswer)
        area = self.query_one("#yours" if self.has_class("-wide") else "#texts")
        line = answer.virtual_region.y + answer.line_pointed_at
        if answer.line_pointed_at:
            area.scroll_to(y=max(0, line - area.size.height // 3), animate=False)

    def _say(self, text: str, *, problem: bool = False) -> None:
        line = self.query_one("#notice", Static)
        line.update(safe(text))
        line.set_class(bool(text), "-shown")
        line.set_class(problem, "-problem")


def _tone(grade: int) -> str:
    return "error" if grade < 3 else "warning" if grade == 3 else "success"
