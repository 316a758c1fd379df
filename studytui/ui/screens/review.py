"""The review screen: what the keys and the mouse do in each stage of a card."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Static

from studytui.domain.queue import Scope
from studytui.services.checking import judge
from studytui.services.session import Session
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.screens.review_flow import ReviewFlow, Stage
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.grade_bar import GradeBar
from studytui.ui.widgets.review_header import ReviewHeader
from studytui.ui.widgets.review_sheet import ReviewSheet


class ReviewScreen(ReviewFlow):
    """Cards of a scope until the day's queue is empty.

    A write that fails leaves the card, its verdict and the chosen grade on the screen.
    """

    CSS_PATH = "review.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  textual's own annotation
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,f2,ctrl+h", "hint", "Hint", key_display="h", id="review.hint",
                tooltip="One more hint (F2 while typing); it costs the grade"),
        Binding("x", "give_up", "Don't know", id="review.give_up", tooltip="Show the answer without giving one"),
        Binding("t", "write", "Write", id="review.write", tooltip="Write the answer to an open question"),
        Binding("r", "retry", "Try again", id="review.retry", tooltip="Save the grade again"),
        Binding("u", "undo", "Undo", id="review.undo", tooltip="Take back the last grade, bury, suspend or flag"),
        Binding("escape", "leave", "Back", key_display="esc", id="review.leave", tooltip="Leave field or review"),
        Binding("space,enter", "go_on", "Show answer, accept grade", id="review.go_on", show=False,
                tooltip="Show or check the answer; then accept the suggested grade (Good where there is none)"),
        *(Binding(str(n), f"digit({n})", f"Grade or option {n}", id=f"review.{n}", show=False) for n in range(10)),
        Binding("q", "leave", "Back", id="review.quit", show=False),
        Binding("down", "scroll_pages(0.01)", "Scroll down", id="review.down", show=False),
        Binding("up", "scroll_pages(-0.01)", "Scroll up", id="review.up", show=False),
        Binding("pagedown", "scroll_pages(0.9)", "Page down", id="review.page_down", show=False),
        Binding("pageup", "scroll_pages(-0.9)", "Page up", id="review.page_up", show=False),
        Binding("home", "scroll_pages(-1000)", "Top", id="review.top", show=False),
        Binding("end", "scroll_pages(1000)", "Bottom", id="review.bottom", show=False),
    ]  # fmt: skip

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self._scope = scope

    def compose(self) -> ComposeResult:
        yield ReviewHeader(id="header")
        yield ReviewSheet(id="sheet")
        yield Static(id="notice", markup=False)
        yield GradeBar(id="bar")
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        self.session = await self.open_session()
        self.set_interval(1, self.show_time)
        await self.next_card()

    async def open_session(self) -> Session:
        """The session this screen is for."""
        return host(self).workspace.session(self._scope)

    def on_screen_suspend(self) -> None:
        if self.attempt is not None:
            self.attempt.watch.pause()

    def on_screen_resume(self) -> None:
        if self.attempt is not None:
            self.attempt.watch.resume()

    async def action_go_on(self) -> None:
        answer = self.sheet.answer
        match self.stage:
            case Stage.ASKING if answer is None or self.table.turn.card.kind == "open":
                await self.answered(None)
            case Stage.ASKING:
                self.notice("")
                self.sheet.focus_answer()
            case Stage.TICKING if answer is not None:
                answer.focus()
            case Stage.SURE:
                await self.check()
            case Stage.GRADING:
                await self.grade(self.table.default_grade)

    async def action_digit(self, number: int) -> None:
        match self.stage:
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
        self.table.dont_know = True
        await self.answered(self.sheet.answer.nothing() if self.sheet.answer is not None else None)

    def action_hint(self) -> None:
        if self.table.next_hint() is None:
            self.notice("There are no more hints.")
        self.sheet.show_hints(self.table)

    async def action_write(self) -> None:
        from studytui.ui.widgets.answers.written import Written

        if isinstance(self.sheet.answer, Written):
            await self.sheet.answer.write()

    async def action_undo(self) -> None:
        try:
            undone = self.session.undo()
        except StoreError as error:
            self.notice(f"Nothing was taken back: {sentence(error)}", problem=True)
            return
        if undone is None:
            self.notice("There is nothing to take back.")
            return
        what = f"the grade {self.word(undone.grade)}" if undone.grade is not None else f"“{undone.action}”"
        self.notice(f"Taken back: {what}. The card is as it was before it.")
        await self.next_card()

    async def action_retry(self) -> None:
        self.notice("")
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
            self.notice("Keys are commands now. Enter goes back to the field, Escape leaves the review.")
        else:
            self.dismiss()

    @property
    def typing(self) -> bool:
        """True while a field takes the letters."""
        return self.focused is not None and not isinstance(self.focused, AnswerWidget)

    def action_scroll_pages(self, pages: float) -> None:
        self.sheet.scroll_pages(pages)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that mean nothing now are neither shown nor taken."""
        attempt = self.attempt
        asking = attempt is not None and self.stage is Stage.ASKING
        kind = attempt.turn.card.kind if attempt is not None else ""
        match action:
            case "bury" | "suspend" | "flag":
                return attempt is not None and not self.typing
            case "hint":
                return asking and attempt is not None and bool(attempt.hints)
            case "give_up":
                return asking and kind not in ("basic", "open")
            case "write":
                return asking and kind == "open"
            case "retry":
                return self.unsaved_grade is not None or self.stage is Stage.IDLE
            case "lab":
                return attempt is not None and attempt.turn.card.lab is not None
        return True

    @on(AnswerWidget.Answered)
    async def _on_answered(self, event: AnswerWidget.Answered) -> None:
        if self.stage is Stage.ASKING:
            await self.answered(self.table.in_words(event.response))
        elif self.stage is Stage.TICKING:
            self.table.response = event.response
            self.judged(judge(self.table.turn.card, event.response))

    @on(AnswerWidget.Changed)
    def _on_changed(self, event: AnswerWidget.Changed) -> None:
        if self.stage is Stage.ASKING:
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
            case Stage.ASKING | Stage.TICKING if self.sheet.answer is not None:
                self.sheet.answer.hand_in()
            case _:
                await self.action_go_on()
