"""A chapter as one scrolling text, made of its sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from studytui.services.reading import Bookmark, Passage
from studytui.ui.widgets.page import Page, sought

CONTEXT_LINES = 3


class ChapterText(VerticalScroll, can_focus=True):
    """Scrolls through a chapter, says which section is on top, and finds text in it."""

    DEFAULT_CSS = """
    ChapterText { padding: 0 0 0 1; }
    """
    KEYS_OF = "text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, tooltip="Scroll down a line, as the arrow does"),
        Binding("k", "scroll_up", "Up", show=False, tooltip="Scroll up a line, as the arrow does"),
        Binding("space,pagedown", "page(1)", "Page down", show=False, tooltip="Scroll a page down"),
        Binding("b,pageup", "page(-1)", "Page up", show=False, tooltip="Scroll a page up"),
        Binding("g,home", "scroll_home", "Top", show=False, tooltip="To the top of the chapter"),
        Binding("G,end", "scroll_end", "End", show=False, tooltip="To the end of the chapter"),
    ]

    @dataclass
    class Moved(Message):
        """Another place is on top of the screen."""

        section: str
        percent: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._matches: list[tuple[Page, int, int]] = []
        self._match = 0

    @property
    def place(self) -> Bookmark:
        """The section on top, and how much of it is above the screen."""
        page = self._page_on_top()
        if page is None:
            return Bookmark("")
        region = page.virtual_region
        return Bookmark(page.section, max(0.0, min(1.0, (self.scroll_y - region.y) / max(1, region.height))))

    async def show(self, passages: Sequence[Passage], place: Bookmark) -> None:
        """Show another chapter, at a place."""
        self._matches = []
        with self.app.batch_update():
            await self.remove_children()
            await self.mount_all(Page(passage.section, passage.markdown) for passage in passages)
        self.call_after_refresh(self.go_to, place)

    def go_to(self, place: Bookmark) -> None:
        """Scroll to a place in the chapter shown."""
        for page in self.query(Page):
            if page.section == place.section:
                region = page.virtual_region
                self.scroll_to(y=region.y + round(place.share * region.height), animate=False, force=True)
                self._tell()
                return
        self._tell()

    def find(self, text: str) -> tuple[int, int]:
        """Mark a text wherever it stands and go to its first place from here on; (which, how many), (0, 0) for none."""
        pattern = sought(text)
        self._matches = [
            (page, number, line) for page in self.query(Page) for number, line in enumerate(page.seek(pattern))
        ]
        here = self.scroll_y
        following = (i for i, (page, _, line) in enumerate(self._matches) if page.virtual_region.y + line >= here)
        self._match = next(following, 0)
        return self.step(0)

    def step(self, by: int) -> tuple[int, int]:
        """Go to another match, round at the ends; returns which of how many."""
        if not self._matches:
            return 0, 0
        self._match = (self._match + by) % len(self._matches)
        page, number, line = self._matches[self._match]
        for each in self.query(Page):
            each.point(number if each is page else None)
        self.scroll_to(y=max(0, page.virtual_region.y + line - CONTEXT_LINES), animate=False, force=True)
        return self._match + 1, len(self._matches)

    def action_page(self, pages: int) -> None:
        """Scroll by what fits on the screen, less two lines to keep the eye's place."""
        self.scroll_relative(y=pages * max(1, self.size.height - 2), animate=False)

    def action_scroll_home(self) -> None:
        """To the top at once."""
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        """To the end at once."""
        self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._tell()

    def _tell(self) -> None:
        page = self._page_on_top()
        if page is not None:
            percent = round(100 * self.scroll_y / self.max_scroll_y) if self.max_scroll_y else 100
            self.post_message(self.Moved(page.section, percent))

    def _page_on_top(self) -> Page | None:
        top = round(self.scroll_y) + 1
        pages = list(self.query(Page))
        above = [page for page in pages if page.virtual_region.y <= top]
        return above[-1] if above else pages[0] if pages else None
