"""The sections of a chapter with their progress, where the screen has room for them."""

from __future__ import annotations

from textual import events, on
from textual.content import Content
from textual.widget import Widget

from studytui.domain.cards import Course
from studytui.services.dashboard import Share
from studytui.ui.text import safe
from studytui.ui.widgets.scope_list import row


class SectionBars(Widget):
    """Bars of the sections of one chapter, or of the whole course."""

    DEFAULT_CSS = """
    SectionBars { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self, course: Course, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._course = course
        self._chapter = ""
        self._shares: dict[str, Share] | None = None

    def show(self, chapter: str, shares: dict[str, Share] | None) -> None:
        """Show the sections of a chapter ("" for all); shares by section, None while they are not known."""
        if (chapter, shares) != (self._chapter, self._shares):
            self._chapter, self._shares = chapter, shares
            self.refresh(layout=True)

    @on(events.Resize)
    def _resized(self) -> None:
        self.refresh()

    def render(self) -> Content:
        width = max(20, self.content_size.width)
        shares = self._shares
        return Content("\n").join(
            row(
                f"{section.id} {safe(section.title)}",
                None if shares is None else shares.get(section.id, Share()),
                width,
            )
            for chapter in self._course.chapters
            if self._chapter in {"", str(chapter.number)}
            for section in chapter.sections
        )
