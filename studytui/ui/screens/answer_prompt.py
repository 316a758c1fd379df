"""One prompt of free recall: think, reveal, tick the points that were said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.recall import Prompt
from studytui.services import recall
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.answers.tick import Tick
from studytui.ui.widgets.answers.written import Written
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar


class AnswerPromptScreen(Screen[None]):
    """`prompts` are those from the chosen one on; the next comes when one is done."""

    CSS_PATH = "quiz.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "reveal", "Show answer", id="prompt.reveal", tooltip="Compare with the model answer"),
        Binding("t", "write", "Write", id="prompt.write", tooltip="Write your answer down first"),
        Binding("n,enter", "next", "Next", key_display="n", id="prompt.next", tooltip="Go on to the next prompt"),
        Binding("r", "read", "Read", id="prompt.read", tooltip="Read the section it asks about"),
        Binding("escape", "leave", "Back", key_display="esc", id="prompt.back", tooltip="Out of the page, or leave"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="prompt.down", tooltip="Scroll down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="prompt.up", tooltip="Scroll up"),
    ]

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        super().__init__()
        self._prompts = list(prompts)
        self._at = 0
        self._revealed = self._done = False

    @property
    def _prompt(self) -> Prompt:
        return self._prompts[self._at]

    def compose(self) -> ComposeResult:
        yield Static(classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Face(id="ask")
            yield Vertical(id="own")
            yield Face(id="model")
            yield Vertical(id="points")
            yield Static(id="verdict", markup=False)
        yield KeyBar()

    async def on_mount(self) -> None:
        await self._show()

    async def _show(self) -> None:
        prompt = self._prompt
        self._revealed = self._done = False
        section = host(self).workspace.course.section(prompt.section)
        self.query_one(".title", Static).update(safe(f"Recall {prompt.section} {section.title if section else ''}"))
        self.query_one("#ask", Face).show(prompt.ask)
        self.query_one("#model", Face).show("")
        self.query_one("#verdict", Static).update("")
        await self.query_one("#points").remove_children()
        own = self.query_one("#own")
        await own.remove_children()
        await own.mount(Written())
        self.query_one("#sheet").scroll_home(animate=False)
        self.set_focus(None)
        self.refresh_bindings()

    async def action_reveal(self) -> None:
        """Show the model answer, and its points to tick."""
        if self._revealed:
            return
        self._revealed = True
        self.query_one(Written).settle(None)
        self.query_one("#model", Face).show(f"**A model answer.** {self._prompt.answer}")
        ticks = Tick(self._prompt.points)
        await self.query_one("#points").mount(ticks)
        ticks.focus()
        self.query_one("#verdict", Static).update(
            Content.styled("Tick what you said: a number or Space; Enter when done.", "$text-muted")
        )
        self.refresh_bindings()

    async def action_write(self) -> None:
        """Open a page to write on."""
        await self.query_one(Written).write()

    async def action_next(self) -> None:
        """Go on to the next prompt."""
        self._at = (self._at + 1) % len(self._prompts)
        await self._show()

    def action_read(self) -> None:
        """Read what the prompt asks about."""
        host(self).open_reader(self._prompt.section)

    def action_leave(self) -> None:
        """Out of the page one writes on, else out of the prompt."""
        if self.focused is not None and not isinstance(self.focused, AnswerWidget):
            self.set_focus(None)
        else:
            self.dismiss(None)

    def action_page(self, pages: int) -> None:
        """Scroll by a page."""
        area = self.query_one("#sheet")
        area.scroll_relative(y=pages * max(1, area.size.height - 2), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Before the answer is shown one may write; after the points are ticked one goes on."""
        match action:
            case "reveal" | "write":
                return not self._revealed
            case "next":
                return self._done
        return True

    @on(AnswerWidget.Answered)
    async def _answered(self, event: AnswerWidget.Answered) -> None:
        if not isinstance(event.response, list):
            await self.action_reveal()
            return
        said = [int(index) for index in event.response]
        try:
            recall.keep_result(host(self).workspace, self._prompt, said)
        except StoreError as error:
            self.notify(f"The result is not kept: {sentence(error)}", severity="warning", markup=False)
        ticks = self.query_one(Tick)
        ticks.settle(None)
        self.set_focus(None)
        self._done = True
        share = f"{len(said)} of {len(self._prompt.points)} points said."
        missed = "" if len(said) == len(self._prompt.points) else " What is missing stands above; r reads the section."
        self.query_one("#verdict", Static).update(Content.styled(share, "bold") + Content(missed))
        self.query_one("#verdict").scroll_visible(animate=False)
        self.refresh_bindings()
