"""The review screen: what the keys and the mouse do in each stage of a card."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from studytui.domain.queue import Scope
from studytui.services.card_acts import undone_words
from studytui.services.session import Session, open_session
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.keys import DONT_KNOW, HINT
from studytui.ui.problems import sentence
from studytui.ui.screens.review_flow import ReviewFlow, Stage
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.grade_bar import GradeBar
from studytui.ui.widgets.key_bar import KeyBar
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
        Binding("space,enter", "go_on", "Show answer, accept grade", id="review.go_on", show=False,
                tooltip="Show or check the answer; then accept the suggested grade (Good where there is none)"),
        Binding(HINT, "hint", "Hint", id="review.hint",
                tooltip="One more hint (F2 while typing); it costs the grade"),
        Binding(DONT_KNOW, "give_up", "Don't know", id="review.give_up", tooltip="Show the answer without giving one"),
        Binding("t", "write", "Write", id="review.write", tooltip="Write the answer to an open question"),
        Binding("r", "retry", "Try again", id="review.retry", tooltip="Save the grade again"),
        Binding("u", "undo", "Undo", id="review.undo", tooltip="Take back the last grade, bury, suspend or flag"),
        Binding("U", "undo_burst", "Undo the burst", id="review.undo_burst", show=False,
                tooltip="Take back all grades that came too fast to be meant"),
        Binding("g", "guessed", "I guessed", id="review.guessed",
                tooltip="The answer was right by luck: Hard, and asked again today"),
        Binding("escape", "leave", "Back", key_display="esc", id="review.leave", tooltip="Leave field or review"),
        Binding("e", "edit", "Edit", id="review.edit", tooltip="Edit the card in $VISUAL or $EDITOR"),
        Binding("n", "note", "Note", id="review.note", show=False,
                tooltip="Your note on the card, and your wording of its front and back"),
        Binding("s", "section", "Section", id="review.section", tooltip="Read the section this card comes from"),
        Binding("l", "lab", "Lab", id="review.lab", tooltip="Open the card's lab"),
        Binding("minus", "bury", "Bury", key_display="-", id="review.bury", tooltip="Hide the card until tomorrow"),
        Binding(
            "at,@", "suspend", "Suspend", key_display="@", id="review.suspend", show=False,
            tooltip="Take the card out of reviews until it is resumed in the browser",
        ),
        Binding("asterisk", "flag", "Flag", key_display="*", id="review.flag", show=False, tooltip="Mark the card"),
        Binding("i", "info", "Card info", id="review.info", show=False, tooltip="Id, file, objectives and history"),
        Binding("w", "why", "Why due", id="review.why", show=False, tooltip="How SM-2 came to this day"),
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
        yield KeyBar()

    async def on_mount(self) -> None:
        self.session = await self.open_session()
        self.set_interval(1, self.show_time)
        await self.next_card()

    async def open_session(self) -> Session:
        """The session this screen is for."""
        return open_session(host(self).workspace, self._scope)

    def on_screen_suspend(self) -> None:
        if self.attempt is not None:
            self.attempt.watch.pause()

    def on_screen_resume(self) -> None:
        if self.attempt is not None:
            self.attempt.watch.resume()

    async def action_go_on(self) -> None:
        answer = self.sheet.answer
        match self.stage:
            case Stage.ASKING if self.table.form in ("reveal", "points"):
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
        self.table.give_up()
        self.notice("")
        await self.check()

    def action_hint(self) -> None:
        if self.table.next_hint() is None:
            self.notice("There are no more hints.")
        self.sheet.show_hints(self.table)

    async def action_write(self) -> None:
        from studytui.ui.widgets.answers.written import Written

        if isinstance(self.sheet.answer, Written):
            await self.sheet.answer.write()

    async def action_undo(self) -> None:
        self.acted()
        await self._take_back()

    async def _take_back(self) -> bool:
        """Take back the last act and say which; False, with the reason in the notice, where nothing was."""
        try:
            undone = self.session.undo()
        except StoreError as error:
            self.notice(f"Nothing was taken back: {sentence(error)}", problem=True)
            return False
        if undone is None:
            self.notice("There is nothing to take back.")
            return False
        self.notice(undone_words(undone, self.word(undone.grade) if undone.grade is not None else ""))
        await self.next_card()
        return True

    async def action_undo_burst(self) -> None:
        while self.burst and await self._take_back():
            self.burst -= 1
            if not self.burst:
                self.notice("All of them are taken back. The cards are as they were before.")
        self.refresh_bindings()

    async def action_guessed(self) -> None:
        self.table.guess()
        await self.grade(self.table.default_grade)

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
        form = attempt.form if attempt is not None else "reveal"
        match action:
            case "bury" | "suspend" | "flag":
                return attempt is not None and not self.typing
            case "hint":
                return asking and attempt is not None and bool(attempt.hints)
            case "give_up":
                return asking and form not in ("reveal", "points")
            case "write":
                return asking and form == "points"
            case "retry":
                return self.unsaved_grade is not None or self.stage is Stage.IDLE
            case "undo_burst":
                return self.burst > 2
            case "guessed":
                return self.stage is Stage.GRADING and attempt is not None and attempt.may_be_guessed
            case "lab":
                return attempt is not None and attempt.turn.card.lab is not None
        return True

    @on(AnswerWidget.Answered)
    async def _on_answered(self, event: AnswerWidget.Answered) -> None:
        if self.stage is Stage.ASKING:
            await self.answered(event.response)
        elif self.stage is Stage.TICKING and isinstance(event.response, list):
            self.table.tick([int(point) for point in event.response])
            self.judged()

    @on(AnswerWidget.NotYet)
    def _on_not_yet(self, event: AnswerWidget.NotYet) -> None:
        if self.stage is Stage.ASKING:
            self.refuse(event.what_to_do)

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
