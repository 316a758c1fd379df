"""Markdown of a card face as one piece of terminal text, wrapped to a width.

Textual's Markdown widget mounts a widget a paragraph and takes 54 ms to import; a card face is a few lines. Here the
text becomes blocks once, and the blocks become lines for whatever width the screen has. The parser is imported at the
first text that holds more than simple emphasis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from studytui.course.markdown import MARKUP, PLAIN_STARS, parser
from studytui.ui.host import safe

if TYPE_CHECKING:
    from markdown_it.token import Token


_EMPHASIS: Final = re.compile(r"(?<![^\s(])(\*\*|\*)(?=\w)([^\W_](?:[\w ,.:;×-]*[^\W_])?)\1(?=[\s.,;:?!)]|$)")
"""Emphasis that reads the same in every Markdown: whole words, with nothing in them that could be markup."""
_PLACEHOLDER: Final = re.compile("([\ue000-\ue0ff])")
_STYLES: Final = {"strong": "bold", "em": "italic", "s": "strike"}
_CODE: Final = "$text-accent"
_HEADING: Final = "bold $text-primary"
_QUOTE: Final = "$foreground-muted"
_BAR: Final = "▌ "
_NARROWEST: Final = 8
"""Below this many cells text is laid out as if there were that many, and clipped."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a listing, a rule or a table with what stands left of it on its first and its other lines."""

    content: Content
    first: str = ""
    rest: str = ""
    kind: str = "text"
    spaced: bool = True
    rows: tuple[tuple[Content, ...], ...] = field(default=())


def placeholder(index: int) -> str:
    """The character that stands for the `index`-th insert (a blank of a cloze) in the text given to `parse`."""
    return chr(0xE000 + index)


def parse(text: str, inserts: Sequence[Content] = ()) -> tuple[Block, ...]:
    """Blocks of an authored text; `placeholder(i)` becomes `inserts[i]`, whatever markup stands around it."""
    text = safe(text)
    if MARKUP.search(PLAIN_STARS.sub("", _EMPHASIS.sub("", text))) is None:
        paragraphs = [
            " ".join(line.strip() for line in part.split("\n")) for part in re.split(r"\n\s*\n", text.strip())
        ]
        return tuple(Block(_emphasised(part, inserts)) for part in paragraphs if part)
    return _Reader(inserts).read(parser().parse(text))


def inline(text: str) -> Content:
    """A short text (an option, a step) on one paragraph; block markup is left as it was typed."""
    text = " ".join(safe(text).split("\n"))
    if MARKUP.search(PLAIN_STARS.sub("", text)) is None:
        return Content(text)
    return Content("").join(_inline(parser().parseInline(text), ()))


def layout(blocks: Sequence[Block], width: int) -> Content:
    """The blocks as lines no wider than `width` cells."""
    lines: list[Content] = []
    for number, block in enumerate(blocks):
        if number and block.spaced:
            within_quote = block.rest.startswith(_BAR) and blocks[number - 1].rest.startswith(_BAR)
            lines.append(Content.styled(_BAR.rstrip(), _QUOTE) if within_quote else Content(""))
        room = max(_NARROWEST, width - Content(block.rest).cell_length)
        for at, line in enumerate(_lines(block, room)):
            lines.append(Content.styled(block.rest if at else block.first, _QUOTE) + line)
    return Content("\n").join(lines)


def _lines(block: Block, width: int) -> list[Content]:
    match block.kind:
        case "rule":
            return [Content.styled("─" * width, _QUOTE)]
        case "code":
            return [part for line in block.content.split("\n", allow_blank=True) for part in line.fold(width)]
        case "table":
            return _table(block.rows, width)
    return [part for line in block.content.split("\n", allow_blank=True) for part in line.wrap(width)]


def _table(rows: tuple[tuple[Content, ...], ...], width: int) -> list[Content]:
    columns = len(rows[0])
    natural = [max(row[i].cell_length for row in rows) for i in range(columns)]
    room = max(columns * 4, width - 3 * (columns - 1))
    widths = list(natural)
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    lines: list[Content] = []
    for number, row in enumerate(rows):
        cells = [cell.wrap(widths[i]) if cell else [Content("")] for i, cell in enumerate(row)]
        for at in range(max(len(cell) for cell in cells)):
            parts = [cell[at] if at < len(cell) else Content("") for cell in cells]
            padded = [part.pad_right(max(0, widths[i] - part.cell_length)) for i, part in enumerate(parts)]
            lines.append(Content(" │ ").join(padded))
        if number == 0:
            lines.append(Content("─┼─".join("─" * each for each in widths)))
    return lines


class _Reader:
    """Walks markdown-it's flat tokens and keeps what stands left of a block: quote bars, list markers, indents."""

    def __init__(self, inserts: Sequence[Content]) -> None:
        self.inserts = inserts
        self.blocks: list[Block] = []
        self.prefixes: list[str] = []
        self.numbers: list[int | None] = []
        self.marker = ""
        self.opens_list = False
        self.heading = False
        self.rows: list[tuple[Content, ...]] | None = None
        self.row: list[Content] = []

    def read(self, tokens: Sequence[Token]) -> tuple[Block, ...]:
        hidden = False
        for token in tokens:
            match token.type:
                case "paragraph_open":
                    hidden = token.hidden
                case "inline":
                    self._text(Content("").join(_inline(token.children or [], self.inserts)), tight=hidden)
                case "fence" | "code_block":
                    self.prefixes.append("  ")
                    self._add(_filled(token.content.rstrip("\n"), _CODE, self.inserts), kind="code")
                    self.prefixes.pop()
                case "hr":
                    self._add(Content(""), kind="rule")
                case "heading_open" | "heading_close":
                    self.heading = token.nesting == 1
                    hidden = False
                case kind if kind.startswith(("table", "tr")):
                    self._table(kind)
                case _:
                    self._container(token)
        return tuple(self.blocks)

    def _container(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self.prefixes.append(_BAR)
            case "bullet_list_open" | "ordered_list_open":
                self.numbers.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
                self.opens_list = len(self.numbers) == 1
            case "list_item_open":
                number = self.numbers[-1]
                self.marker = "• " if number is None else f"{number}. "
                self.numbers[-1] = None if number is None else number + 1
                self.prefixes.append(" " * len(self.marker))
            case "blockquote_close" | "list_item_close":
                self.prefixes.pop()
                self.marker = ""
            case "bullet_list_close" | "ordered_list_close":
                self.numbers.pop()

    def _table(self, kind: str) -> None:
        match kind:
            case "table_open":
                self.rows = []
            case "tr_open":
                self.row = []
            case "tr_close" if self.rows is not None:
                self.rows.append(tuple(self.row))
            case "table_close" if self.rows is not None:
                self._add(Content(""), kind="table", rows=tuple(self.rows))
                self.rows = None

    def _text(self, content: Content, *, tight: bool) -> None:
        if self.rows is not None:
            self.row.append(content)
            return
        self._add(content.stylize(_HEADING) if self.heading else content, spaced=not tight or self.opens_list)
        self.opens_list = False

    def _add(
        self, content: Content, *, kind: str = "text", spaced: bool = True, rows: tuple[tuple[Content, ...], ...] = ()
    ) -> None:
        rest = "".join(self.prefixes)
        first = rest[: len(rest) - len(self.marker)] + self.marker if self.marker else rest
        self.marker = ""
        self.blocks.append(Block(content, first, rest, kind, spaced, rows))


def _inline(tokens: Sequence[Token], inserts: Sequence[Content]) -> Iterator[Content]:
    styles: list[str] = []
    target = ""
    for token in tokens:
        style = " ".join(styles)
        match token.type:
            case "text" | "text_special":
                yield _filled(token.content, style, inserts)
            case "code_inline":
                yield _filled(token.content, f"{style} {_CODE}".strip(), inserts)
            case "softbreak":
                yield Content(" ")
            case "hardbreak":
                yield Content("\n")
            case "image":
                yield Content.styled(f"[picture: {token.content}]", "italic")
            case "link_open":
                target = str(token.attrGet("href") or "")
                styles.append("underline")
            case "link_close":
                styles.pop()
                yield Content.styled(f" ({target})", _QUOTE)
            case "inline":
                yield from _inline(token.children or [], inserts)
            case opened if opened.endswith("_open"):
                styles.append(_STYLES[opened.removesuffix("_open")])
            case closed if closed.endswith("_close"):
                styles.pop()


def _emphasised(text: str, inserts: Sequence[Content]) -> Content:
    """A paragraph whose only markup is simple emphasis, without the parser, whose import the first card would feel."""
    parts = []
    at = 0
    for match in _EMPHASIS.finditer(text):
        parts.append(_filled(text[at : match.start()], "", inserts))
        parts.append(_filled(match[2], _STYLES["strong" if match[1] == "**" else "em"], inserts))
        at = match.end()
    return Content("").join([*parts, _filled(text[at:], "", inserts)])


def _filled(text: str, style: str, inserts: Sequence[Content]) -> Content:
    parts = [Content.styled(part, style) if style else Content(part) for part in _PLACEHOLDER.split(text)]
    for at, part in enumerate(parts):
        if len(part.plain) == 1 and 0 <= (index := ord(part.plain) - 0xE000) < len(inserts):
            parts[at] = inserts[index]
    return Content("").join(parts)


# One side of a card: authored Markdown as lines that fit, in a single widget


class MarkdownView(Widget):
    """A side of a card. Hidden while it has nothing to show."""

    DEFAULT_CSS = """
    MarkdownView { height: auto; text-wrap: nowrap; text-overflow: clip; }
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


class Row(MarkdownView):
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


class RowList(Widget):
    """Rows with a cursor, to be mixed into a container: keys move it, and a click puts it on a row.

    `marker` and `note` say how a row looks; the cursor is drawn here.
    """

    GOES_ROUND: ClassVar[bool] = True
    """From the last row on to the first one; else the cursor stays at the ends."""
    rows: list[Row]
    cursor: int = 0

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

    def marker(self, place: int) -> str:
        """What stands between the cursor and a row's text."""
        raise NotImplementedError

    def note(self, place: int) -> str:  # noqa: ARG002  for the lists that have one
        """What stands below a row."""
        return ""

    def compose(self) -> ComposeResult:
        self.draw()
        yield from self.rows

    async def replace(self, texts: Iterable[Content]) -> None:
        """Show other rows, with the cursor on the first one."""
        self.cursor = 0
        await self.remove_children()
        self.rows = [Row(at, text) for at, text in enumerate(texts)]
        await self.mount_all(self.rows)

    def draw(self) -> None:
        """Bring markers, notes and cursor up to date."""
        for place, row in enumerate(self.rows):
            at = place == self.cursor
            row.mark(f"{'▸' if at else ' '}{self.marker(place)}", note=self.note(place), at=at)

    def go_to(self, place: int) -> None:
        """Put the cursor on a row."""
        if place != self.cursor:
            self.cursor = place
            self.draw()
            self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        if count := len(self.rows):
            place = self.cursor + step
            self.go_to(place % count if self.GOES_ROUND else max(0, min(count - 1, place)))

    def clicked(self, row: Row) -> None:
        """Take a click on a row."""
        self.go_to(self.rows.index(row))

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        self.clicked(event.row)
