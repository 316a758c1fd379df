"""A part in words: written from memory, graded point by point, recorded at once whatever the outcome."""

from __future__ import annotations

import time
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.gate_parts import Item, Written
from studytui.domain.rehearsal import Given, word_count
from studytui.domain.rubric import AnswerGrade
from studytui.services.audit.evidence import Answered
from studytui.services.audit.gates import gate_key
from studytui.services.audit.grading import CannotGrade, grade_written
from studytui.services.audit.recorder import Recorder
from studytui.services.audit.report import judged
from studytui.services.rehearsal.drafts import Draft, Drafts
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.audit.dispute import DisputeScreen
from studytui.ui.text import safe
from studytui.ui.widgets.audit.judged_points import JudgedPoints, shown_points
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.rehearsal.answer_area import AnswerArea
from studytui.ui.widgets.rehearsal.marked_answer import MarkedAnswer

DRAFT_SECONDS: Final = 2.0


class WrittenScreen(Screen[bool | None]):
    """Answers True once the answer is in the log and was looked at, None if the learner left; a draft is kept then."""

    CSS_PATH = "part.tcss"
    AUTO_FOCUS = "AnswerArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "hand_in", "Hand in", id="written_part.hand_in", tooltip="The answer is complete: judge it"),
        Binding("enter", "go_on", "Go on", id="written_part.go_on", tooltip="Go on to what comes next"),
        Binding("r", "reread", "Reread", id="written_part.reread", tooltip="Read the section that teaches it"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="written_part.leave",
                tooltip="Leave the page; again to leave the part. What you typed is kept as a draft"),
        Binding("pagedown", "scroll_pages(0.9)", "Page down", show=False, id="written_part.page_down"),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", show=False, id="written_part.page_up"),
    ]  # fmt: skip

    def __init__(self, recorder: Recorder, item: Item, part: Written, *, more: int = 0) -> None:
        super().__init__()
        self._is_gone = False
        self._recorder = recorder
        self._item = item
        self._part = part
        self._more = more
        self._key = item.key(part)
        self._area = AnswerArea(id="page")
        self._since = time.monotonic()
        self._unsaved = False
        self._grade: AnswerGrade | None = None
        self._answer: Answered | None = None
        self._grading = False

    def compose(self) -> ComposeResult:
        yield Static(safe(f"{self._item.title} · {self._part.title}"), classes="title", markup=False)
        with VerticalScroll(id="asked", can_focus=False):
            yield Face(self._part.question.ask, id="ask")
        yield self._area
        yield Static(id="count", classes="muted", markup=False)
        with Vertical(id="judged"):
            yield Static(id="headline", markup=False)
            yield JudgedPoints(id="points")
            with VerticalScroll(id="texts", can_focus=False):
                yield Static("Your answer", classes="heading", markup=False)
                yield MarkedAnswer(id="answer")
                yield Static("A model answer", classes="heading", id="model-heading", markup=False)
                yield Face(id="model")
        yield Static(id="notice", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        draft = self._drafts.load(self._key)
        if draft is not None:
            self._area.load(draft.text)
            self._say(f"Your draft is back, {draft.words} words.")
        self._count()
        self.set_interval(DRAFT_SECONDS, self._save)

    def on_unmount(self) -> None:
        self._is_gone = True
        self._save()

    def on_screen_suspend(self) -> None:
        self._save()

    @property
    def _drafts(self) -> Drafts:
        workspace = self._recorder.workspace
        return Drafts(workspace.store, gate_key(workspace.course.id, self._recorder.gate.id))

    @property
    def answer(self) -> Answered | None:
        """The answer as it stands in the log, once it does."""
        return self._answer

    # Writing

    @on(AnswerArea.Changed)
    def _changed(self) -> None:
        self._unsaved = True
        self._count()

    @on(AnswerArea.HandedIn)
    def _handed_in(self) -> None:
        self.action_hand_in()

    def action_hand_in(self) -> None:
        """Have the answer judged; it is in the log before anything is shown."""
        if self._answer is not None or self._grading:
            return
        if self._grade is not None:
            self._record()
            return
        self._save()
        self._grading = True
        self._area.read_only = True
        self._say("Reading your answer…")
        self._judge(self._area.text)

    @work(thread=True, exclusive=True, group="grading")
    def _judge(self, text: str) -> None:
        try:
            found = grade_written(self._part, text)
        except CannotGrade as error:
            self.app.call_from_thread(self._not_graded, str(error))
            return
        self.app.call_from_thread(self._graded, found)

    def _not_graded(self, reason: str) -> None:
        self._grading = False
        if not self._is_gone:
            self._area.read_only = False
            self._area.focus()
            self._say(reason, problem=True)

    def _graded(self, found: AnswerGrade) -> None:
        self._grading = False
        self._grade = found
        self._record()

    def _record(self) -> None:
        """Write the row; a refused write leaves the answer where it is, to be tried again."""
        assert self._grade is not None
        try:
            seconds = time.monotonic() - self._since
            self._answer = self._recorder.written(self._item, self._part, self._grade, seconds=seconds)
        except (StoreError, LookupError) as error:
            self._say(f"Not saved: {sentence(error)} ctrl+d tries again.", problem=True)
            return
        self._unsaved = False
        self._drafts.drop(self._key)
        if not self._is_gone:
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
        self.query_one("#model", Face).show(self._part.question.model if answer.passed else "")
        self._point_at_quote()
        again = "" if answer.passed else f"Read again {', '.join(self._item.sections)} (r), then answer it anew. "
        self._say(f"{again}{' '.join(answer.notes)}".strip())
        self.refresh_bindings()

    @on(JudgedPoints.Moved)
    def _point_at_quote(self) -> None:
        if self._answer is not None:
            at = self.query_one(JudgedPoints).at
            self.query_one(MarkedAnswer).show_answer(self._answer.answer, shown_points(self._answer.points), at)

    @on(JudgedPoints.Disputed)
    def _disputed(self, event: JudgedPoints.Disputed) -> None:
        self.app.push_screen(DisputeScreen(event.point), lambda note: self._note(event.point.id, note))

    def _note(self, point_id: str, note: str | None) -> None:
        if not note or self._answer is None:
            return
        try:
            self._answer = self._recorder.dispute(self._answer, point_id, note)
        except StoreError as error:
            self._say(f"Not noted: {sentence(error)}", problem=True)
            return
        self.call_later(self.query_one(JudgedPoints).show, self._answer)
        self._say("Noted beside the verdict.")

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
            self._say("Escape again leaves; your text is kept as a draft. ctrl+d hands it in.")
        elif not self._grading and (self._keep() or self._grade is not None):
            self.dismiss(None)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll the texts, or a long question."""
        area = self.query_one("#texts" if self._answer is not None else "#asked")
        area.scroll_relative(y=round(pages * area.size.height), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that mean nothing now are not shown."""
        match action:
            case "hand_in":
                return self._answer is None
            case "go_on" | "reread":
                return self._answer is not None
        return True

    def _save(self) -> None:
        if self._unsaved and self._answer is None:
            self._keep()

    def _keep(self) -> bool:
        """Write the draft, or drop it if the page is empty. True if nothing can be lost any more."""
        text = self._area.text
        if not text.strip():
            self._drafts.drop(self._key)
            self._unsaved = False
            return True
        try:
            self._drafts.save(Draft.of(self._key, Given(text), self._recorder.workspace.clock.now()))
        except StoreError as error:
            self._say(f"The draft is not saved: {sentence(error)}", problem=True)
            return False
        self._unsaved = False
        return True

    def _count(self) -> None:
        words = word_count(self._area.text)
        more = f" · {self._more} more to come" if self._more else ""
        self.query_one("#count", Static).update(f"{words} word{'s' * (words != 1)}{more}")

    def _say(self, text: str, *, problem: bool = False) -> None:
        if self._is_gone:
            return
        line = self.query_one("#notice", Static)
        line.update(safe(text))
        line.set_class(bool(text), "-shown")
        line.set_class(problem, "-problem")
