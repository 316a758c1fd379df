"""One side of a card: authored Markdown as lines that fit, in a single widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from studytui.ui.text import safe
from studytui.ui.widgets.light_markdown import Block, layout, parse


class Face(Widget):
    """A side of a card. Hidden while it has nothing to show."""

    DEFAULT_CSS = """
    Face { height: auto; text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._blocks: tuple[Block, ...] = parse(text)
        self._laid: tuple[int, Content] | None = None

    @property
    def plain(self) -> str:
        """The text as it would stand on an endless line, for tests and screen readers."""
        return layout(self._blocks, 10_000).plain

    def show(self, text: str, inserts: Sequence[Content] = ()) -> None:
        """Show an authored text; see `light_markdown.parse` for the inserts."""
        self.show_blocks(parse(text, inserts))

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        """Show blocks made elsewhere; none hides the widget."""
        if blocks == self._blocks and self._laid is not None:
            return
        self._blocks, self._laid = blocks, None
        self.display = bool(blocks)
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return self._at(width).plain.count("\n") + 1

    def render(self) -> Content:
        return self._at(self.content_size.width)

    def _at(self, width: int) -> Content:
        if self._laid is None or self._laid[0] != width:
            self._laid = (width, layout(self._blocks, width))
        return self._laid[1]


def note_blocks(note: str) -> tuple[Block, ...]:
    """The learner's own note, marked as theirs; none for no note."""
    if not note:
        return ()
    return (Block(Content.styled("✎ Your note", "bold $text-accent")), *parse(note))


class Row(Face):
    """One line of a list one can pick from: a marker, a text that hangs beside it, and a note below."""

    DEFAULT_CSS = """
    Row { padding: 0 1; }
    Row.-at { background: $block-cursor-blurred-background; }
    Row.-right { color: $text-success; }
    Row.-wrong { color: $text-error; }
    """

    @dataclass
    class Clicked(Message):
        """The row was clicked."""

        row: Row

    def __init__(self, index: int, content: Content, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.index = index
        self.content = content

    def mark(self, marker: str, *, note: str = "", at: bool = False, right: bool | None = None) -> None:
        """Set the marker and how the row stands: under the cursor, right or wrong (told by the marker as well)."""
        indent = " " * Content(marker).cell_length
        blocks = [Block(self.content, first=marker, rest=indent)]
        if note:
            blocks.append(Block(Content.styled(safe(note), "italic"), indent, indent, spaced=False))
        self.show_blocks(tuple(blocks))
        self.set_class(at, "-at")
        self.set_class(right is True, "-right")
        self.set_class(right is False, "-wrong")
        if at and self.is_mounted:
            self.scroll_visible(animate=False)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Clicked(self))
