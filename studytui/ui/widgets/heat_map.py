"""A map of cells by shade, with a cursor: how far each part of the course is. It reads without colours too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.widget import Widget

from studytui.services.course_map import Cell, CourseMap
from studytui.services.dashboard import Share
from studytui.ui.text import safe
from studytui.ui.widgets.progress import STAGES

NARROWEST_CELL: Final = 5
WIDEST_CELL: Final = 8
LABEL_CELLS: Final = (12, 40)
_SHADES: Final = {name: (glyph, style) for name, glyph, style in STAGES}


def shade(share: Share) -> tuple[str, str]:
    """The sign and style of the stage the cards have reached on the whole; `░` as soon as one is begun."""
    reached = share.strength or 0.0
    if reached >= 5 / 6:
        return _SHADES["mature"]
    if reached >= 1 / 2:
        return _SHADES["young"]
    if reached >= 1 / 6:
        return _SHADES["learning"]
    return _SHADES["lapsed" if share.new < share.total else "new"]


class HeatMap(Widget, can_focus=True):
    """A row of cells for each row of the map: shade, strength in percent, and ! where a card has lapsed."""

    DEFAULT_CSS = """
    HeatMap { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(0, -1)", "Left", show=False, tooltip="To the cell on the left"),
        Binding("right,l", "move(0, 1)", "Right", show=False, tooltip="To the cell on the right"),
        Binding("up,k", "move(-1, 0)", "Up", show=False, tooltip="To the row above"),
        Binding("down,j", "move(1, 0)", "Down", show=False, tooltip="To the row below"),
        Binding("home,g", "move(0, -1000)", "Whole row", show=False, tooltip="To the cell that sums up the row"),
        Binding("end,G", "move(0, 1000)", "Row's end", show=False, tooltip="To the last cell of the row"),
        Binding("enter", "open", "Cards", tooltip="The cards of the cell in the list of cards"),
    ]
    KEYS_OF = "map"

    @dataclass
    class Moved(Message):
        """The cursor is on another cell, or on none."""

        cell: Cell | None

    @dataclass
    class Opened(Message):
        """A cell was chosen."""

        cell: Cell

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._map: CourseMap | None = None
        self._at = (0, 0)

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        return self._cell(*self._at)

    def show(self, found: CourseMap) -> None:
        """Show a map; the cursor keeps its place while the view is the same."""
        if self._map is None or self._map.view != found.view:
            first = ((row, column) for row, line in enumerate(found.rows) for column, c in enumerate(line.cells) if c)
            self._at = next(first, (0, 0))
        self._map = found
        self.refresh(layout=True)
        self.post_message(self.Moved(self.cell))

    def action_move(self, rows: int, columns: int) -> None:
        """Move to the next cell in a direction; empty places are passed over."""
        if self._map is None:
            return
        row, column = self._at
        if rows:
            row = self._next_row(row, column, rows)
        else:
            filled = [at for at, cell in enumerate(self._map.rows[row].cells if self._map.rows else ()) if cell]
            onward = [at for at in filled if (at - column) * columns > 0]
            if onward:
                column = sorted(onward, key=lambda at: abs(at - column))[min(abs(columns), len(onward)) - 1]
        self._go(row, column)

    def action_open(self) -> None:
        """Choose the cell under the cursor."""
        if self.cell is not None:
            self.post_message(self.Opened(self.cell))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        label, wide = self._measures(self.content_size.width)
        place = (event.y - 1, (event.x - label) // wide if event.x >= label else 0)
        if self._cell(*place) is None:
            return
        if place == self._at and event.chain == 2:
            self.action_open()
        self._go(*place)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        columns = len(self._map.columns) if self._map else 0
        return max(container.width, LABEL_CELLS[0] + columns * NARROWEST_CELL)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return 1 + len(self._map.rows) if self._map else 1

    def render(self) -> Content:
        if self._map is None:
            return Content.styled("reading …", "$text-muted")
        label, wide = self._measures(self.content_size.width)
        return Content("\n").join(self._lines(self._map, label, wide))

    def _lines(self, found: CourseMap, label: int, wide: int) -> Iterator[Content]:
        heads = "".join(f"{head:>{wide - 1}} " for head in found.columns)
        yield Content.styled(" " * label + heads, "$text-muted")
        for number, row in enumerate(found.rows):
            name = Content(safe(row.title)).truncate(label - 1, ellipsis=True)
            line = name.pad_right(label - name.cell_length)
            for column, cell in enumerate(row.cells):
                line += _drawn(cell, wide).stylize("reverse bold" if (number, column) == self._at else "")
            yield line

    def _measures(self, width: int) -> tuple[int, int]:
        """Cells for the rows' names and for one cell of the map."""
        columns = max(1, len(self._map.columns) if self._map else 1)
        names = max((Content(safe(row.title)).cell_length for row in self._map.rows), default=0) if self._map else 0
        least, most = LABEL_CELLS
        wide = max(NARROWEST_CELL, min(WIDEST_CELL, (width - min(most, names + 2)) // columns))
        return max(least, min(most, names + 2, width - columns * wide)), wide

    def _next_row(self, row: int, column: int, rows: int) -> int:
        """The next row in that direction that has a cell in the column, else the neighbour with any."""
        assert self._map is not None
        step = 1 if rows > 0 else -1
        there = range(row + step, len(self._map.rows) if step > 0 else -1, step)
        same = next((at for at in there if self._cell(at, column)), None)
        return same if same is not None else next((at for at in there if any(self._map.rows[at].cells)), row)

    def _go(self, row: int, column: int) -> None:
        if self._map is None or not self._map.rows:
            return
        cells = self._map.rows[row].cells
        if cells[column] is None:
            column = min((at for at, cell in enumerate(cells) if cell), key=lambda at: abs(at - column), default=0)
        self._at = (row, column)
        self.refresh()
        label, wide = self._measures(self.content_size.width)
        if self.parent is not None and isinstance(self.parent, Widget):
            left = 0 if column == 0 else label + column * wide
            self.parent.scroll_to_region(Region(left, row if row == 0 else row + 1, wide, 1), animate=False)
        self.post_message(self.Moved(self.cell))

    def _cell(self, row: int, column: int) -> Cell | None:
        if self._map is None or not 0 <= row < len(self._map.rows):
            return None
        cells = self._map.rows[row].cells
        return cells[column] if 0 <= column < len(cells) else None


def _drawn(cell: Cell | None, wide: int) -> Content:
    """`▒▒ 35!`: shade, strength, and whether a card has lapsed; the last cell keeps neighbours apart."""
    if cell is None:
        return Content(" " * wide)
    share = cell.share
    if not share.total:
        return Content.styled("–".rjust(wide - 1) + " ", "$text-muted")
    sign, style = shade(share)
    number = f"{round((share.strength or 0) * 100):>3}" if share.new < share.total else "   "
    return Content.assemble((sign * (wide - 4), style), number, ("!", "$text-error") if share.lapsed else " ")
