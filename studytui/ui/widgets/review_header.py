"""The first line of a review: why this card, what is left, where it stands, how long it takes."""

from __future__ import annotations

from datetime import date

from textual.content import Content
from textual.widgets import Static

from studytui.domain.queue import Counts, Origin
from studytui.ui.text import safe

_ORIGINS: dict[Origin, tuple[str, str]] = {
    "new": ("new", "$text-primary"),
    "due": ("due", "$text-success"),
    "reask": ("asked again", "$text-error"),
    "cram": ("extra", "$text-accent"),
}


def clock_text(seconds: float) -> str:
    """0:07, 12:30."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def origin_text(origin: Origin, due_on: date | None, day: date) -> str:
    """Why the card is shown, in two or three words."""
    if origin == "due" and due_on is not None and due_on < day:
        late = (day - due_on).days
        return f"due · {late} day{'s' * (late > 1)} late"
    return _ORIGINS[origin][0]


class ReviewHeader(Static):
    """One line that is cut, not wrapped; the counts come before the title so that they always fit."""

    DEFAULT_CSS = """
    ReviewHeader { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._line = Content("")
        self._minutes = Content("")
        self._title = ""
        self._right = ""

    def show(self, origin: Origin, why: str, counts: Counts, title: str, *, flagged: bool, minutes: int = 0) -> None:
        """Describe the card on the table; its own count is underlined. `minutes` is about what is left."""
        parts = [Content.styled(f"● {why}", f"bold {_ORIGINS[origin][1]}"), Content("   ")]
        left: list[tuple[Origin, int, str]] = [
            ("new", counts.new, "new"),
            ("due", counts.due, "due"),
            ("reask", counts.reask, "to repeat"),
        ]
        if origin == "cram":
            left = [("cram", counts.due, "left"), ("reask", counts.reask, "to repeat")]
        for name, count, word in left:
            style = _ORIGINS[name][1] + (" bold underline" if name == origin else "")
            parts += [Content.styled(f"{count} {word}", style), Content(" · " if name != "reask" else "   ")]
        if flagged:
            parts.append(Content.styled("⚑ flagged   ", "$text-warning"))
        self._line, self._title = Content("").join(parts), safe(title)
        self._minutes = Content.styled(f"{minutes} min   ", "$text-muted") if minutes else Content("")
        self._draw()

    def tick(self, text: str) -> None:
        """Show the time at the right end."""
        if text != self._right:
            self._right = text
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width or 78
        line = self._line + self._minutes
        if line.cell_length + len(self._right) > width:
            line = self._line
        room = width - line.cell_length - len(self._right) - 2
        title = Content(self._title).truncate(max(0, room), ellipsis=True) if room > 4 else Content("")
        gap = max(1, width - line.cell_length - title.cell_length - len(self._right))
        self.update(line + title.stylize("$text-muted") + " " * gap + self._right)
