"""Answer an open question aloud, or write it down first: the editor is imported and mounted when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from studytui.domain.grading import Verdict
from studytui.ui.widgets.answers.base import AnswerWidget

if TYPE_CHECKING:
    from textual.widgets import TextArea


class Written(AnswerWidget):
    """An optional page to write on. Its text goes into the log; the points ticked afterwards are the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "hand_in", "Done writing", id="written.done", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    Written > Static { color: $text-muted; }
    Written > TextArea { height: 10; }
    """
    prompt = "Say it aloud, or press t to write it down"

    def __init__(self) -> None:
        super().__init__()
        self._area: TextArea | None = None

    @property
    def text(self) -> str:
        """What was written, or ''."""
        return self._area.text if self._area else ""

    def compose(self) -> ComposeResult:
        yield Static("Answer in your own words, aloud or written (t). Then compare.", markup=False)

    def first_focus(self) -> Widget | None:
        return self._area

    async def write(self) -> None:
        """Open the page, or go back to it."""
        if self._area is None:
            from textual.widgets import TextArea

            self._area = TextArea(soft_wrap=True, tab_behavior="focus", id="page")
            await self.mount(self._area)
            self.query_one(Static).update("Write; ctrl+d or Escape and Space when done.")
        self._area.focus()

    def action_hand_in(self) -> None:
        self.hand_in()

    def hand_in(self) -> None:
        if not self.settled:
            self.post_message(self.Answered(None))

    def settle(self, verdict: Verdict | None) -> None:
        super().settle(verdict)
        self.query_one(Static).display = False
        if self._area is not None:
            self._area.read_only = True
            self._area.can_focus = False
