"""A section of the course on the screen, with what was searched for marked in it."""

from __future__ import annotations

import re
from bisect import bisect_right

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from studytui.ui.widgets.light_markdown import layout, parse


class Page(Widget):
    """One section's text, laid out for the width it has."""

    DEFAULT_CSS = """
    Page { height: auto; text-wrap: nowrap; text-overflow: clip; padding-bottom: 2; }
    Page:last-of-type { min-height: 100%; }
    """

    def __init__(self, section: str, markdown: str) -> None:
        super().__init__(markup=False)
        self.section = section
        self._blocks = parse(markdown)
        self._laid: tuple[int, Content] | None = None
        self._sought: re.Pattern[str] | None = None
        self._at: int | None = None

    def seek(self, pattern: re.Pattern[str] | None) -> list[int]:
        """Mark every match; returns the line of each, counted from 0."""
        self._sought, self._at = pattern, None
        self.refresh()
        if pattern is None:
            return []
        text = self._content(self.content_size.width).plain
        ends = [match.start() for match in re.finditer("\n", text)]
        return [bisect_right(ends, match.start()) for match in pattern.finditer(text)]

    def point(self, match: int | None) -> None:
        """Mark one of the matches as the present one."""
        if match != self._at:
            self._at = match
            self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        del viewport
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return self._content(width).plain.count("\n") + 1

    def render(self) -> Content:
        content = self._content(self.content_size.width)
        if self._sought is not None:
            for number, match in enumerate(self._sought.finditer(content.plain)):
                style = "reverse bold" if number == self._at else "underline bold $text-warning"
                content = content.stylize(style, *match.span())
        return content

    def _content(self, width: int) -> Content:
        if self._laid is None or self._laid[0] != width:
            self._laid = (width, layout(self._blocks, width))
        return self._laid[1]


def sought(text: str) -> re.Pattern[str] | None:
    """The pattern of a typed text: any case, and any run of spaces or line end for a space. None for no text."""
    words = text.split()
    return re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE) if words else None
