"""Every key of the screen below, from its bindings, and how the app is meant to be used."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from studytui.ui.keys import HELP, KeyGroup, key_groups
from studytui.ui.screens.help_text import TOPICS
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.light_markdown import Block

KEY_CELLS = 14


class Keys(Face):
    """Keys on the left, what they do beside them."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        super().__init__()
        self.show_blocks(blocks)


class HelpScreen(ModalScreen[None]):
    """Help over the screen it explains."""

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
        with VerticalScroll(id="help", can_focus=False):
            for group in key_groups(self.app, below):
                yield Static(Content(group.title), classes="heading")
                yield Keys(_blocks(group))
            for title, text in TOPICS:
                yield Static(Content(title), classes="heading")
                yield Static(text, markup=False, classes="topic")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "Help"

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by what fits on the screen, less two lines to keep the eye's place."""
        area = self.query_one("#help")
        area.scroll_relative(y=pages * max(1, area.size.height - 2), animate=False)

    def action_top(self) -> None:
        """Scroll to the top."""
        self.query_one("#help").scroll_home(animate=False)

    def action_bottom(self) -> None:
        """Scroll to the end."""
        self.query_one("#help").scroll_end(animate=False)


def _blocks(group: KeyGroup) -> tuple[Block, ...]:
    blocks = []
    for key in group.keys:
        text = Content(key.description)
        if key.tooltip:
            text += Content.styled(f"  {key.tooltip}", "$text-muted")
        first = key.display.ljust(KEY_CELLS)
        blocks.append(Block(text, first, " " * KEY_CELLS, spaced=False))
    return tuple(blocks)
