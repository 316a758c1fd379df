"""The board: the whole, and below it each item with its parts and its retention, by sign, word and date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from studytui.domain.gate import State
from studytui.services.audit.standing import Standing
from studytui.services.audit.words import SIGNS, item_line, part_line, retention_short
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Row

What: TypeAlias = Literal["gate", "item", "part", "retention"]
TONES: Final[dict[State, str]] = {"ready": "$text-success", "vague": "$text-warning", "unseen": "$text-muted"}
_KIND_CELLS: Final = 9
_TITLE_CELLS: Final = 42


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the board. `item` is "" for the whole; `key` is that of a part."""

    what: What
    state: State
    text: Content
    item: str = ""
    key: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """What the row is about, whatever its state."""
        return self.what, self.item, self.key


class BoardList(VerticalScroll, can_focus=True):
    """One row a part. Enter acts on the row under the cursor."""

    KEYS_OF = "board"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Row before", id="board.up", show=False, tooltip="The row before"),
        Binding("down,j", "move(1)", "Next row", id="board.down", show=False, tooltip="The next row"),
        Binding("home,g", "move(-999)", "First row", id="board.first", show=False, tooltip="The first row"),
        Binding("end,G", "move(999)", "Last row", id="board.last", show=False, tooltip="The last row"),
        Binding("enter,space", "choose", "Answer", key_display="enter", id="board.choose",
                tooltip="Answer the part; on an item all its parts; on retention bring its cards forward"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    BoardList { height: 1fr; padding: 0 1; }
    BoardList:focus { background-tint: transparent 0%; }
    """

    @dataclass
    class Moved(Message):
        """Another row is under the cursor."""

        line: Line

    @dataclass
    class Chosen(Message):
        """Enter was pressed, or the row under the cursor was clicked."""

        line: Line

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[Line, ...] = ()
        self._rows: list[Row] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        yield from ()

    @property
    def at(self) -> Line | None:
        """The row under the cursor."""
        return self._lines[self._at] if self._lines else None

    async def show(self, standing: Standing) -> None:
        """Show where the learner stands; the cursor stays on what it was on."""
        lines = tuple(lines_of(standing))
        names = [line.name for line in lines]
        if names != [line.name for line in self._lines]:
            self._at = 0
            await self.remove_children()
            self._rows = [Row(place, line.text) for place, line in enumerate(lines)]
            await self.mount_all(self._rows)
        self._lines = lines
        self._draw()
        self.post_message(self.Moved(lines[self._at]))

    def action_move(self, step: int) -> None:
        """Go up or down, no further than the ends."""
        self._go(max(0, min(len(self._lines) - 1, self._at + step)))

    def action_choose(self) -> None:
        """Act on the row under the cursor."""
        if self.at is not None:
            self.post_message(self.Chosen(self.at))

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        self.focus()
        if event.row.index == self._at:
            self.action_choose()
        else:
            self._go(event.row.index)

    def _go(self, at: int) -> None:
        if self._lines and at != self._at:
            self._at = at
            self._draw()
            self.post_message(self.Moved(self._lines[at]))

    def _draw(self) -> None:
        for row, line in zip(self._rows, self._lines, strict=True):
            at = row.index == self._at
            indent = "" if line.what in ("gate", "item") else "   "
            row.content = line.text
            row.mark(f"{'▸' if at else ' '} {indent}{SIGNS[line.state]} ", at=at)


def lines_of(standing: Standing) -> Iterator[Line]:
    """The rows of the board, the whole first."""
    verdict = standing.verdict
    whole: State = "ready" if verdict.is_ready else "unseen" if verdict.is_untouched else "vague"
    opened = "open" if verdict.is_ready else "opened without passing" if standing.is_open else "locked"
    yield Line("gate", whole, Content.styled(safe(f"{standing.gate.unlocks}: {opened}"), "bold"))
    for number, item in enumerate(verdict.items, 1):
        title = Content.styled(safe(f"{number}  {item.item.title}"), "bold")
        yield Line("item", item.state, _row(title, safe(item_line(item)), item.state), item.item.id)
        for part in item.parts:
            text = Content(f"{part.part.kind:<{_KIND_CELLS}}{_cut(safe(part.part.title))}")
            yield Line("part", part.state, _row(text, part_line(part), part.state), item.item.id, part.key)
        state, words = item.retention.state, retention_short(item.retention)
        text = Content(f"{'recall':<{_KIND_CELLS}}") + Content.styled(safe(words), TONES[state])
        yield Line("retention", state, text, item.item.id)


def _row(text: Content, words: str, state: State) -> Content:
    return text + Content("  ") + Content.styled(words, TONES[state])


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_CELLS else f"{title[: _TITLE_CELLS - 1]}…"
