"""Help over the screen it explains: the keys that work there now, read from its bindings, and what it is about.

Two pages at most on a screen of 80x24.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from textwrap import wrap
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from studytui.ui.keys import GAP, HELP, KeyBar, KeyLine, key_groups
from studytui.ui.widgets.charts import MUTED

KEY_STYLE: Final = "bold $text-primary"
KEY_CELLS: Final = 10
NAME_CELLS: Final = 15


class KeyTable(Widget, can_focus=False):
    """Key, name and what it does, a line each; or `in_a_row` only keys and names, as many on a line as it has room."""

    DEFAULT_CSS = """
    KeyTable { height: auto; width: 1fr; text-wrap: nowrap; }
    """

    def __init__(self, lines: Sequence[KeyLine], *, in_a_row: bool = False) -> None:
        super().__init__(markup=False)
        self._lines = lines
        self._in_a_row = in_a_row

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._drawn(width))

    def render(self) -> Content:
        return Content("\n").join(self._drawn(self.content_size.width))

    def _drawn(self, width: int) -> list[Content]:
        if self._in_a_row:
            return list(_in_a_row(self._lines, width))
        return [drawn for line in self._lines for drawn in _explained(line, width)]


def _explained(line: KeyLine, width: int) -> Iterator[Content]:
    """The key and its name, and beside them what it does."""
    key = f"{line.display} ".ljust(KEY_CELLS)
    name = f"{line.description} ".ljust(NAME_CELLS)
    at = cell_len(key) + cell_len(name)
    first, *more = wrap(line.tooltip, max(20, width - at)) or [""]
    yield Content.assemble((key, KEY_STYLE), name, (first, MUTED))
    rest = [word for part in more for word in part.split()]
    indent = KEY_CELLS + NAME_CELLS
    for part in wrap(" ".join(rest), max(20, width - indent)):
        yield Content.styled(" " * indent + part, MUTED)


def _in_a_row(lines: Iterable[KeyLine], width: int) -> Iterator[Content]:
    """Pairs of key and name one after the other, none of them broken at the end of a line."""
    drawn = Content("")
    for line in lines:
        pair = Content.assemble((line.display, KEY_STYLE), f" {line.description}")
        if drawn and drawn.cell_length + GAP + pair.cell_length > width:
            yield drawn
            drawn = Content("")
        drawn += (" " * GAP if drawn else Content("")) + pair
    yield drawn


class HelpScreen(ModalScreen[None]):
    """The keys of the screen below, those that only move, those of every screen, and what the screen says of itself."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"escape,q,{HELP}", "dismiss(None)", "Close", id="help.close", tooltip="Back to the screen"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="help.down", tooltip="Scroll down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="help.up", tooltip="Scroll up"),
        Binding("pagedown,space", "page(1)", "Next page", id="help.next", tooltip="Scroll a page down"),
        Binding("pageup,b", "page(-1)", "Previous page", show=False, id="help.previous", tooltip="Scroll a page up"),
        Binding("home,g", "top", "Top", show=False, id="help.top", tooltip="To the top"),
        Binding("end,G", "bottom", "End", show=False, id="help.end", tooltip="To the end"),
    ]

    def compose(self) -> ComposeResult:
        below = self.app.screen_stack[-2]
        yield Static("Help", classes="title", markup=False)
        with VerticalScroll(id="help", can_focus=False):
            *here, everywhere = key_groups(self.app, below)
            for group in here:
                if lines := [line for line in group.keys if not line.moves]:
                    yield Static(Content(group.title), classes="heading")
                    yield KeyTable(lines)
            if about := getattr(below, "ABOUT", ""):
                yield Static("Good to know", classes="heading", markup=False)
                yield Static(about, classes="about", markup=False)
            if moving := [line for line in chain.from_iterable(group.keys for group in here) if line.moves]:
                yield Static("Moving", classes="heading", markup=False)
                yield KeyTable(moving, in_a_row=True)
            yield Static(everywhere.title, classes="heading", markup=False)
            yield KeyTable(everywhere.keys, in_a_row=True)
        yield KeyBar()

    def action_scroll(self, lines: int) -> None:
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by what fits on the screen."""
        area = self.query_one("#help")
        area.scroll_relative(y=pages * max(1, area.size.height), animate=False)

    def action_top(self) -> None:
        self.query_one("#help").scroll_home(animate=False)

    def action_bottom(self) -> None:
        self.query_one("#help").scroll_end(animate=False)
