"""A map of cells by shade, with a cursor: how far each part of the course is. It reads without colours too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer, VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from studytui.study.progress import MAP_VIEWS, WEAKEST_COUNTS, CourseMap, MapCell, Mastery, Share, course_map, mastery
from studytui.ui.host import host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.charts import STAGES, legend
from studytui.ui.widgets.controls import Cycle
from studytui.ui.widgets.markdown import Block, MarkdownView, inline

NARROWEST_CELL: Final = 5
WIDEST_CELL: Final = 8
LABEL_CELLS: Final = (12, 60)
_SHADES: Final = {name: (glyph, style) for name, glyph, style in STAGES}


def shade(share: Share) -> tuple[str, str]:
    """Sign and style of the stage the cards have reached on the whole; the one of lapsed as soon as one is begun."""
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

        cell: MapCell | None

    @dataclass
    class Opened(Message):
        """A cell was chosen."""

        cell: MapCell

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._map: CourseMap | None = None
        self._at = (0, 0)

    @property
    def cell(self) -> MapCell | None:
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
            return Content.styled("reading …", "$foreground-muted")
        label, wide = self._measures(self.content_size.width)
        return Content("\n").join(self._lines(self._map, label, wide))

    def _lines(self, found: CourseMap, label: int, wide: int) -> Iterator[Content]:
        heads = "".join(f"{head:>{wide - 1}} " for head in found.columns)
        yield Content.styled(" " * label + heads, "$foreground-muted")
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

    def _cell(self, row: int, column: int) -> MapCell | None:
        if self._map is None or not 0 <= row < len(self._map.rows):
            return None
        cells = self._map.rows[row].cells
        return cells[column] if 0 <= column < len(cells) else None


def _drawn(cell: MapCell | None, wide: int) -> Content:
    """`▒▒ 35!`: shade, strength, and whether a card has lapsed; the last cell keeps neighbours apart."""
    if cell is None:
        return Content(" " * wide)
    share = cell.share
    if not share.total:
        return Content.styled("–".rjust(wide - 1) + " ", "$foreground-muted")
    sign, style = shade(share)
    number = f"{round((share.strength or 0) * 100):>3}" if share.new < share.total else "   "
    return Content.assemble((sign * (wide - 4), style), number, ("!", "$text-error") if share.lapsed else " ")


# The course map: how far each section is, or each helper or lens by chapter; Enter opens the cards of a cell


VIEW_NAMES: Final = dict(zip(MAP_VIEWS, ("by section", "by helper", "by lens"), strict=True))
_SIGNS: Final = {name: (sign, style) for name, sign, style in STAGES}


class CourseMapScreen(StudyScreen[None]):
    """The map above; below it the cell under the cursor: its cards by stage, and each of its objectives."""

    CSS_PATH = "course_map.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "View", id="map.view", tooltip="By section, by helper, by lens"),
        Binding("r", "read", "Read", id="map.read", tooltip="Read the section, or the chapter, of the cell"),
        Binding(
            "x", "cram", "Practise", id="map.cram", tooltip="Practise the cards of this cell; schedules stay unchanged"
        ),
        Binding("pagedown,space", "page(1)", "Down", show=False, id="map.down", tooltip="Scroll the objectives down"),
        Binding("pageup", "page(-1)", "Up", show=False, id="map.up", tooltip="Scroll the objectives up"),
        Binding("escape,q,m", "dismiss(None)", "Back", key_display="esc", id="map.back", tooltip="Leave the map"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._mastery: Mastery | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="line", classes="title"):
            yield Static("Course map ", id="name", markup=False)
            yield Cycle(list(VIEW_NAMES.values()), VIEW_NAMES["section"], id="view")
            yield Static(legend(), id="legend", markup=False)
        with ScrollableContainer(id="map", can_focus=False):
            yield HeatMap()
        yield Static(id="cell", classes="heading", markup=False)
        yield Static(id="counts", markup=False)
        with VerticalScroll(id="objectives", can_focus=False):
            yield MarkdownView(id="listed")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(HeatMap).focus()

    def on_screen_resume(self) -> None:
        self._load()

    def _load(self) -> None:
        self.read(lambda: mastery(host(self).workspace), self._show, self._failed)

    def _failed(self, error: Exception) -> None:
        self.ask_again("The course map cannot be drawn", error, self._load, or_leave=True)

    def _show(self, found: Mastery) -> None:
        self._mastery = found
        self._draw()

    @on(Cycle.Turned)
    def _draw(self) -> None:
        if self._mastery is None:
            return
        view = next(view for view, name in VIEW_NAMES.items() if name == self.query_one("#view", Cycle).value)
        found = course_map(host(self).workspace.course, self._mastery, view)
        self.query_one(HeatMap).show(found)
        if not found.rows:
            self.query_one("#cell", Static).update(f"This course names no {view}. Press v for another view.")

    @on(HeatMap.Moved)
    def _moved(self, event: HeatMap.Moved) -> None:
        cell = event.cell
        if cell is None:
            self.query_one("#cell", Static).update("No card belongs here. Press v for another view.")
            self.query_one("#counts", Static).update("")
            self.query_one("#listed", MarkdownView).show("")
            return
        reached = cell.share.strength
        strength = Content.styled(f"  strength {reached:.0%}" if reached is not None else "", "$foreground-muted")
        self.query_one("#cell", Static).update(Content(safe(cell.title)) + strength)
        self.query_one("#counts", Static).update(counts(cell))
        self.query_one("#listed", MarkdownView).show_blocks(tuple(_objectives(cell)))
        self.query_one("#objectives").scroll_home(animate=False)

    @on(HeatMap.Opened)
    def _opened(self, event: HeatMap.Opened) -> None:
        host(self).open_browser(f"{event.cell.filter_text} ")

    def action_view(self) -> None:
        self.query_one("#view", Cycle).action_turn(1)
        self.query_one(HeatMap).focus()

    def action_read(self) -> None:
        cell = self.query_one(HeatMap).cell
        if cell is not None:
            host(self).open_reader(cell.section or None)

    def action_cram(self) -> None:
        cell = self.query_one(HeatMap).cell
        if cell is not None:
            host(self).open_extra(f"{cell.filter_text} ")

    def action_page(self, pages: int) -> None:
        area = self.query_one("#objectives")
        area.scroll_relative(y=pages * max(1, area.size.height - 1), animate=False)


def counts(cell: MapCell) -> Content:
    """The cell's cards by stage, and what is due."""
    share = cell.share
    if not share.total:
        return Content.styled("No card covers this yet. Write one with n under Cards (b).", "$foreground-muted")
    parts = [Content.styled(f"{share.total} card{'s' * (share.total != 1)}:", "bold")]
    parts += [
        Content.assemble((sign, style), f" {count} {name}")
        for name, (sign, style) in _SIGNS.items()
        if (count := getattr(share, name))
    ]
    parts.append(Content.styled(f"{share.due} due", "$foreground-muted"))
    return Content("  ").join(parts)


def _objectives(cell: MapCell) -> Iterator[Block]:
    if not cell.objectives:
        yield Block(Content.styled("These cards have no objectives.", "$foreground-muted"))
        return
    yield Block(Content.styled(WEAKEST_COUNTS, "$foreground-muted"))
    for one in cell.objectives:
        sign = _SIGNS[one.state][0] if one.state else " "
        head = f"{sign} {one.state or 'no card':<8}  {one.objective.id:<7} "
        spread = [f"{getattr(one.share, name)} {name}" for name in _SIGNS if getattr(one.share, name)]
        text = inline(one.objective.text)
        if len(spread) > 1:
            text += Content.styled(f"  ({', '.join(spread)})", "$foreground-muted")
        yield Block(text, first=head, rest=" " * len(head), spaced=False)
