"""A figure with its title, drawn anew at every width: in a frame on a wide screen, under a heading on others.

And a place for pictures, which takes no room and loads nothing while it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from studytui.ui.host import safe
from studytui.ui.widgets.charts import MUTED

if TYPE_CHECKING:
    from labs.protocol import Picture

Draw: TypeAlias = Callable[[int], Content]
"""Gives the figure for a width in cells."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a panel shows: its title, a remark, and the drawing; `wide` takes a whole row of the screen."""

    title: str
    draw: Draw
    note: str = ""
    wide: bool = False


class Panel(Widget, can_focus=False):
    """Draws a figure to its own width; as tall as the figure is."""

    DEFAULT_CSS = """
    Panel { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; margin-bottom: 1; }
    """

    def __init__(self, figure: Figure | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.figure = figure

    def on_mount(self) -> None:
        self._retitle()

    def show(self, figure: Figure) -> None:
        """Draw another figure."""
        self.figure = figure
        self._retitle()
        self.refresh(layout=True)

    def on_resize(self) -> None:
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """The lines of the figure at that width."""
        return str(self._figure_at(width)).count("\n") + 1

    def render(self) -> Content:
        return self._figure_at(self.content_size.width)

    def _retitle(self) -> None:
        if self.figure is not None:
            self.set_class(self.figure.wide, "-row")
            self.border_title = Content(self.figure.title)
            self.border_subtitle = Content(self.figure.note)

    def _figure_at(self, width: int) -> Content:
        if self.figure is None:
            return Content("")
        drawn = self.figure.draw(max(1, width))
        if self.screen.has_class("-wide"):
            return drawn
        return Content("\n").join([heading(self.figure.title, self.figure.note, width), drawn])


def call(key: str, words: str, then: str = "") -> Content:
    """The one thing to do, with its key; `then` is what it leads to."""
    said = Content.assemble((f"▶ {safe(key)}  ", "bold $text-primary"), (safe(words), "bold"))
    return said + Content.styled(f"  {safe(then)}" if then else "", MUTED)


def heading(title: str, note: str, width: int) -> Content:
    """A title at the left and a remark at the right; the remark gives way where both have no room."""
    room = width - len(title) - len(note)
    if room < 2:
        return Content.styled(title, "bold")
    return Content.assemble((title, "bold"), " " * room, (note, MUTED))


class PicturePlace(Vertical):
    """Where the pictures of a card stand, if it has any."""

    DEFAULT_CSS = """
    PicturePlace { height: auto; display: none; }
    """

    async def show(self, pictures: Sequence[Picture]) -> None:
        """Show these pictures; none hides the place."""
        self.display = bool(pictures)
        await self.remove_children()
        if pictures:
            from studytui.ui.widgets.question_pictures import QuestionPictures  # loads what draws pictures

            await self.mount(QuestionPictures(pictures))
