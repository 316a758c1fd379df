"""Where an answer is written: a text field that shows control characters instead of keeping them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from studytui.domain.plain_text import visible


class AnswerArea(TextArea):
    """A page for words. Tab leaves it; ctrl+d hands in."""

    KEYS_OF = "page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "hand_in", "Hand in", id="answer.hand_in", tooltip="The answer is complete"),
    ]

    @dataclass
    class HandedIn(Message):
        """The learner is done."""

        area: AnswerArea

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            soft_wrap=True, tab_behavior="focus", show_line_numbers=False, highlight_cursor_line=False, id=id
        )

    def action_hand_in(self) -> None:
        """Say that the answer is complete."""
        self.post_message(self.HandedIn(self))

    def edit(self, edit: Edit) -> EditResult:
        """Apply an edit, typed or pasted, with escapes as signs: they must not reach the terminal."""
        edit.text = visible(edit.text)
        return super().edit(edit)
