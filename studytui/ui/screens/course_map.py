"""A map of cells by shade, with a cursor: how far each part of the course is. It reads without colours too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from studytui.domain.plain_text import counted
from studytui.study.progress import MAP_VIEWS, WEAKEST_COUNTS, CourseMap, MapCell, Mastery, Share, course_map, mastery
from studytui.study.reading import Reading
from studytui.ui.host import NARROW_OR_WIDE, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.charts import MUTED, STAGES, legend, strength
from studytui.ui.widgets.controls import Cycle
from studytui.ui.widgets.markdown import Block, MarkdownView, inline
from studytui.ui.widgets.panels import call

NARROWEST_CELL: Final = 5
WIDEST_CELL: Final = 8
LABEL_CELLS: Final = (12, 60)
READ, TO_READ = "✓", "○"
SIGNS_SAID: Final = "Strength in percent · ! a card has lapsed · 3m minutes to read · ✓ read or known"
ROW_CELLS: Final = 17
"""Behind a section's title and bar: share known, minutes, sign."""
LEAST_BAR, MOST_BAR = 6, 18
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
    """A row of cells for each row of the map: shade, strength in percent, and ! where a card has lapsed.

    Of a section in which nothing is begun the minutes to read it, or ✓ where it is read or known.
    """

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
            name = Content(safe(row.title))
            if name.cell_length >= label:
                name = Content(safe(row.short)) if row.short else name.truncate(label - 1, ellipsis=True)
            line = name.pad_right(label - name.cell_length)
            for column, cell in enumerate(row.cells):
                line += _drawn(cell, wide).stylize("reverse bold" if (number, column) == self._at else "")
            yield line

    def _measures(self, width: int) -> tuple[int, int]:
        """Cells for the rows' names and for one cell of the map."""
        columns = max(1, len(self._map.columns) if self._map else 1)
        rows = self._map.rows if self._map else ()
        names = max((Content(safe(row.title)).cell_length for row in rows), default=0)
        least, most = LABEL_CELLS
        if rows and all(row.short for row in rows) and names + 1 > width - columns * NARROWEST_CELL:
            # Whole titles or none: below the map the title of the cell under the cursor stands whole.
            label = max(len(row.short) for row in rows) + 2
            return label, max(NARROWEST_CELL, min(WIDEST_CELL, (width - label) // columns))
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
    if share.new < share.total:
        number = f"{round((share.strength or 0) * 100):>3}"
        return Content.assemble((sign * (wide - 4), style), number, ("!", "$text-error") if share.lapsed else " ")
    readings = [part.reading for part in cell.parts or (cell,) if part.reading]
    left = sum(one.minutes for one in readings if not one.how)
    minutes = f"{left}m" if left else READ if readings else ""
    return Content.assemble((sign * (wide - 4), style), (f"{minutes:>3} ", "$foreground-muted"))


def section_rows(parts: Sequence[MapCell], width: int) -> Content:
    """The sections of a chapter in lines of `width` cells: title, bar, share known, minutes and whether it was read.

    Titles have the room first; a bar is drawn where all of them leave some.
    """
    titles = [Content(safe(part.title)) for part in parts]
    room = width - ROW_CELLS
    longest = max((title.cell_length for title in titles), default=0)
    bar = min(MOST_BAR, room - longest - 1)
    bar = bar if bar >= LEAST_BAR else 0
    name_room = max(1, min(max(longest, 44), room - bar - bool(bar)))
    drawn = []
    for part, title in zip(parts, titles, strict=True):
        name = title.truncate(name_room, ellipsis=True)
        share, reading = part.share, part.reading
        stages = [getattr(share, stage) for stage, _, _ in STAGES]
        known = f"{(share.young + share.mature) / share.total:>6.0%}" if share.new < share.total else " " * 6
        minutes = f"{reading.minutes} min" if reading and reading.minutes else ""
        drawn.append(
            Content.assemble(
                name.pad_right(max(0, name_room - name.cell_length)),
                " " * bool(bar),
                strength(stages, bar),
                (f"{known}{minutes:>8} ", MUTED),
                read_sign(reading).pad_right(1),
            )
        )
    return Content("\n").join(drawn)


def read_sign(reading: Reading | None) -> Content:
    """✓ read or known, ○ while new cards wait for it; nothing where neither was noted."""
    if reading is not None and reading.how:
        return Content.styled(READ, "$text-success")
    return Content.styled(TO_READ if reading is not None and reading.is_waited_for else " ", MUTED)


def reading_words(reading: Reading | None) -> str:
    """`4 min to read · read`: how long, and whether it was done."""
    if reading is None or not reading.minutes:
        return ""
    done = {"read": f" · {READ} read", "known": f" · {READ} declared known"}.get(reading.how or "", "")
    return f"{reading.minutes} min to read{done or (f' · {TO_READ} not read yet' if reading.is_waited_for else '')}"


# The course map: how far each section is, or each helper or lens by chapter; Enter opens the cards of a cell


VIEW_NAMES: Final = dict(zip(MAP_VIEWS, ("by section", "by helper", "by lens"), strict=True))
_SIGNS: Final = {name: (sign, style) for name, sign, style in STAGES}


class CourseMapScreen(StudyScreen[None]):
    """What to do in the cell under the cursor; the map; how far the cell is, and its sections or objectives."""

    CSS_PATH = "course_map.tcss"
    ABOUT = f"{SIGNS_SAID}. {WEAKEST_COUNTS}"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
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
        yield Static(id="call", classes="call", markup=False)
        with ScrollableContainer(id="map", can_focus=False):
            yield HeatMap()
        with Vertical(id="here"):
            yield Static(id="cell", markup=False)
            yield Static(id="counts", markup=False)
            with VerticalScroll(id="objectives", can_focus=False):
                yield Rows(id="sections")
                yield MarkdownView(id="listed")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(HeatMap).focus()
        self.query_one("#map").border_subtitle = SIGNS_SAID

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
            self._show_nothing(f"This course names no {view}. Press v for another view.")

    @on(HeatMap.Moved)
    def _moved(self, event: HeatMap.Moved) -> None:
        cell = event.cell
        if cell is None:
            self._show_nothing("No card belongs here. Press v for another view.")
            return
        reached = cell.share.strength
        facts = [f"strength {reached:.0%}"] if reached is not None and cell.share.new < cell.share.total else []
        facts += [words] if not cell.parts and (words := reading_words(cell.reading)) else []
        if cell.parts:
            facts.append(_chapter_reading(cell.parts))
        title = Content.styled(safe(cell.title), "bold")
        more = "   ".join(facts)
        has_room = title.cell_length + len(more) + 9 <= self.size.width
        self.query_one("#cell", Static).update(title + Content.styled(f"{'   ' if has_room else chr(10)}{more}", MUTED))
        self.query_one("#counts", Static).update(counts(cell))
        self.query_one("#call", Static).update(call_of(cell))
        self.query_one("#sections", Rows).show(cell.parts)
        signs = () if self.has_class("-wide") else (Block(Content.styled(SIGNS_SAID, MUTED)),)
        self.query_one("#listed", MarkdownView).show_blocks((*_objectives(cell), *signs))
        self.query_one("#objectives").scroll_home(animate=False)

    def _show_nothing(self, why: str) -> None:
        self.query_one("#call", Static).update(Content.styled(why, MUTED))
        self.query_one("#cell", Static).update("")
        self.query_one("#counts", Static).update("")
        self.query_one("#sections", Rows).show(())
        self.query_one("#listed", MarkdownView).show("")

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


class Rows(Widget, can_focus=False):
    """The sections of a chapter, drawn anew at each width."""

    DEFAULT_CSS = """
    Rows { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._parts: tuple[MapCell, ...] = ()

    def show(self, parts: tuple[MapCell, ...]) -> None:
        """Show other sections; () takes them away."""
        self._parts = parts
        self.display = bool(parts)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._parts)

    def render(self) -> Content:
        return section_rows(self._parts, self.content_size.width)


def call_of(cell: MapCell) -> Content:
    """The one thing to do in a cell: read what its cards wait for, else practise them."""
    waits = next((part for part in (*cell.parts, cell) if part.is_waited_for), None)
    if waits is not None and waits.reading is not None:
        words = f"Read {waits.title.replace('  ', ' ')} ({waits.reading.minutes} min)"
        return call("r", words, f"It has {counted(waits.share.new, 'card')}.")
    share = cell.share
    if not share.total:
        return call("r", "Read about it", "No card covers it yet.") if cell.section else Content("")
    weak = [f"{getattr(share, name)} {name}" for name in ("lapsed", "learning") if getattr(share, name)]
    words = f"Practise its {counted(share.total, 'card')}" if share.total > 1 else "Practise its card"
    return call("x", words, ", ".join(weak) + " among them." if weak else "")


def _chapter_reading(parts: Sequence[MapCell]) -> str:
    """`4 of 7 sections read, 21 min left`; only the minutes where nothing waits to be read."""
    left = [part for part in parts if part.is_waited_for]
    if left:
        minutes = sum(part.reading.minutes for part in left if part.reading)
        return f"{len(parts) - len(left)} of {counted(len(parts), 'section')} read, {minutes} min left"
    return f"{sum(part.reading.minutes for part in parts if part.reading)} min to read"


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
    parts += [Content.styled(f"{share.due} due", "$foreground-muted")] * bool(share.due)
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
