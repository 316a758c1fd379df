"""The table of contents: chapters and their sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studytui.domain.cards import Course
from studytui.ui.text import safe


class Contents(OptionList):
    """Sections in order, under their chapters."""

    DEFAULT_CSS = """
    Contents { border: none; padding: 0; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    Contents:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "table of contents"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Go there", show=False, tooltip="Read the section under the cursor"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """A section was chosen."""

        section: str

    def __init__(self, course: Course, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._sections: list[str] = []
        for number, chapter in enumerate(course.chapters):
            if number:
                self.add_option(None)
            title = Content.styled(f"{chapter.number}  {safe(chapter.title)}", "bold $text-primary")
            self.add_option(Option(title, id=f"c{chapter.number}", disabled=True))
            for section in chapter.sections:
                self._sections.append(section.id)
                prompt = Content(f"{section.id}  {safe(section.title)}")
                self.add_option(Option(prompt, id=_id(section.id)))

    def mark(self, section: str) -> None:
        """Put the cursor on the section that is being read."""
        if section in self._sections:
            self.highlighted = self.get_option_index(_id(section))

    def neighbour(self, section: str, step: int) -> str | None:
        """The section `step` places on, across chapters; None past the ends."""
        if section not in self._sections:
            return self._sections[0] if self._sections and step > 0 else None
        at = self._sections.index(section) + step
        return self._sections[at] if 0 <= at < len(self._sections) else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen((event.option_id or "")[1:]))


def _id(section: str) -> str:
    return f"s{section}"
