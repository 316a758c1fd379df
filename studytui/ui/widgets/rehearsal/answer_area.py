"""Where an answer is written: a text field that shows control characters instead of keeping them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from studytui.domain.plain_text import visible

LONGEST_LINE: Final = 2000
_SENTENCE_END: Final = re.compile(r"[.!?] ")


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
        edit.text = unwound(visible(edit.text))
        return super().edit(edit)

    def load(self, text: str) -> None:
        """Show a text that was kept, with the cursor at its end."""
        self.load_text(unwound(visible(text)))
        self.move_cursor(self.document.end)


def unwound(text: str) -> str:
    """The text with line ends for some spaces of lines too long to be edited at a human's speed.

    A line ends after a sentence where there is one, and never within a word.
    """
    if len(text) <= LONGEST_LINE:
        return text
    return "\n".join(part for line in text.split("\n") for part in _parts(line))


def _parts(line: str) -> Iterator[str]:
    while len(line) > LONGEST_LINE:
        sentence = max((match.end() for match in _SENTENCE_END.finditer(line, 0, LONGEST_LINE)), default=0)
        cut = sentence or line.rfind(" ", 0, LONGEST_LINE) + 1 or line.find(" ", LONGEST_LINE) + 1
        if not cut:
            break
        yield line[: cut - 1]
        line = line[cut:]
    yield line
