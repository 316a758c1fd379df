"""The whole course and its chapters with their progress, to start a review of one from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studytui.domain.cards import Course
from studytui.domain.queue import Scope
from studytui.services.dashboard import Share
from studytui.ui.text import safe
from studytui.ui.widgets.progress import bar

EVERYTHING = ""


class ScopeList(OptionList):
    """One row for everything and one a chapter. Rows stay in place when the numbers come in."""

    DEFAULT_CSS = """
    ScopeList { height: auto; border: none; padding: 0; background: transparent; text-wrap: nowrap; }
    ScopeList:focus { border: none; background-tint: transparent 0%; }
    """

    KEYS_OF = "list of chapters"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Review", tooltip="Review everything, or the chapter under the cursor")
    ]

    @dataclass
    class Chosen(Message):
        """A row was chosen for review."""

        scope: Scope

    def __init__(self, course: Course, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._titles = {EVERYTHING: "Everything"} | {
            str(chapter.number): f"{chapter.number}  {safe(chapter.title)}" for chapter in course.chapters
        }
        self._shares: dict[str, Share] | None = None
        self._drawn: tuple[int, dict[str, Share] | None] | None = None
        for key in self._titles:
            self.add_option(Option(self._titles[key], id=f"chapter-{key}"))
        self.highlighted = 0

    @property
    def chapter(self) -> str:
        """The number of the chapter under the cursor, "" for everything."""
        return list(self._titles)[self.highlighted or 0]

    def show(self, shares: dict[str, Share]) -> None:
        """Fill in the numbers."""
        self._shares = shares
        self._draw()

    @on(events.Resize)
    def _resized(self) -> None:
        self._draw()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(Scope(chapter=self.chapter)))

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or self._drawn == (width, self._shares):
            return
        self._drawn = (width, self._shares)
        for index, (key, title) in enumerate(self._titles.items()):
            share = self._shares.get(key, Share()) if self._shares is not None else None
            self.replace_option_prompt_at_index(index, row(title, share, width))


def row(title: str, share: Share | None, width: int) -> Content:
    """Title, bar, cards due and cards in all on one line of `width` cells."""
    numbers = (
        ""
        if share is None
        else f"{share.due:>5} due {share.total:>6} card{' ' if share.total == 1 else 's'}"
        if share.total
        else "no cards yet"
    )
    numbers = numbers.rjust(22)
    bar_width = max(8, min(30, width // 4))
    room = max(8, width - bar_width - len(numbers) - 4)
    name = Content(title).truncate(room, ellipsis=True)
    name = name.pad_right(max(0, room - name.cell_length))
    return Content(" ").join([name, bar(share, bar_width), Content.styled(numbers, "$text-muted")])
