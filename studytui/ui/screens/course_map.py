"""The course map: how far each section is, or each helper or lens by chapter; Enter opens the cards of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.library.errors import CourseError
from studytui.services.course_map import VIEWS, Cell, course_map
from studytui.services.mastery import WEAKEST_COUNTS, Mastery, mastery
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import ProblemScreen
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.cycle import Cycle
from studytui.ui.widgets.heat_map import HeatMap
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.light_markdown import Block, inline
from studytui.ui.widgets.progress import STAGES, legend

VIEW_NAMES: Final = dict(zip(VIEWS, ("by section", "by helper", "by lens"), strict=True))
_SIGNS: Final = {name: (sign, style) for name, sign, style in STAGES}


class CourseMapScreen(Screen[None]):
    """The map above; below it the cell under the cursor: its cards by stage, and each of its objectives."""

    CSS_PATH = "course_map.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "View", id="map.view", tooltip="By section, by helper, by lens"),
        Binding("r", "read", "Read", id="map.read", tooltip="Read the section, or the chapter, of the cell"),
        Binding("x", "cram", "Extra study", id="map.cram", tooltip="Study the cards of the cell beside the schedule"),
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
            yield Face(id="listed")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(HeatMap).focus()

    def on_screen_resume(self) -> None:
        self._load()

    @work(thread=True, exclusive=True, group="map")
    def _load(self) -> None:
        try:
            found = mastery(host(self).workspace)
        except (CourseError, StoreError) as error:
            self.app.call_from_thread(self._failed, error)
        else:
            self.app.call_from_thread(self._show, found)

    def _failed(self, error: Exception) -> None:
        def answered(retry: bool | None) -> None:
            if retry:
                self._load()
            elif self.is_current:  # a second Esc may have left it meanwhile
                self.dismiss(None)

        self.app.push_screen(ProblemScreen("The course map cannot be drawn", error), answered)

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
            self.query_one("#listed", Face).show("")
            return
        reached = cell.share.strength
        strength = Content.styled(f"  strength {reached:.0%}" if reached is not None else "", "$text-muted")
        self.query_one("#cell", Static).update(Content(safe(cell.title)) + strength)
        self.query_one("#counts", Static).update(counts(cell))
        self.query_one("#listed", Face).show_blocks(tuple(_objectives(cell)))
        self.query_one("#objectives").scroll_home(animate=False)

    @on(HeatMap.Opened)
    def _opened(self, event: HeatMap.Opened) -> None:
        host(self).open_browser(f"{event.cell.filter_text} ")

    def action_view(self) -> None:
        """Go on to the next way of looking at the course."""
        self.query_one("#view", Cycle).action_turn(1)
        self.query_one(HeatMap).focus()

    def action_read(self) -> None:
        """Read where the cell's cards come from."""
        cell = self.query_one(HeatMap).cell
        if cell is not None:
            host(self).open_reader(cell.section or None)

    def action_cram(self) -> None:
        """Study the cell's cards beside the schedule."""
        cell = self.query_one(HeatMap).cell
        if cell is not None:
            host(self).open_extra(f"{cell.filter_text} ")

    def action_page(self, pages: int) -> None:
        """Scroll the objectives."""
        area = self.query_one("#objectives")
        area.scroll_relative(y=pages * max(1, area.size.height - 1), animate=False)


def counts(cell: Cell) -> Content:
    """The cell's cards by stage, and what is due."""
    share = cell.share
    if not share.total:
        return Content.styled("No card covers this yet. n in the list of cards writes one.", "$text-muted")
    parts = [Content.styled(f"{share.total} card{'s' * (share.total != 1)}:", "bold")]
    parts += [
        Content.assemble((sign, style), f" {count} {name}")
        for name, (sign, style) in _SIGNS.items()
        if (count := getattr(share, name))
    ]
    parts.append(Content.styled(f"{share.due} due", "$text-muted"))
    return Content("  ").join(parts)


def _objectives(cell: Cell) -> Iterator[Block]:
    if not cell.objectives:
        yield Block(Content.styled("No objective belongs to these cards.", "$text-muted"))
        return
    yield Block(Content.styled(WEAKEST_COUNTS, "$text-muted"))
    for one in cell.objectives:
        sign = _SIGNS[one.state][0] if one.state else " "
        head = f"{sign} {one.state or 'no card':<8}  {one.objective.id:<7} "
        spread = [f"{getattr(one.share, name)} {name}" for name in _SIGNS if getattr(one.share, name)]
        text = inline(one.objective.text)
        if len(spread) > 1:
            text += Content.styled(f"  ({', '.join(spread)})", "$text-muted")
        yield Block(text, first=head, rest=" " * len(head), spaced=False)
