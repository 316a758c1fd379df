"""A table of cards that draws only the lines in sight, so ten thousand cards filter and scroll at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from studytui.study.cards import CardEntry, card_states
from studytui.study.pictures import front_of
from studytui.ui.host import host, safe
from studytui.ui.widgets.markdown import MarkdownView, note_blocks
from studytui.ui.widgets.panels import PicturePlace

HEADER_LINES = 1
MARK = "✓"
SIGN_CELLS = 3
"""Where a row has its mark, its flag and the sign of its state; a click there marks it."""
STATE_CELLS: Final = (13, 5, 8, 10)
"""State, section, kind and due day."""
QUESTION_CELLS: Final = 44
LEAST_CELLS: Final = sum(STATE_CELLS) + len(STATE_CELLS) + QUESTION_CELLS
"""The width at which the beginning of a question can be told from others; what is more goes to the id first."""
ID_CELLS: Final = (12, 28)
SIGNS = {
    "archived": "▫",
    "locked": "×",
    "suspended": "‖",
    "buried": "▿",
    "repeat": "↻",
    "due": "●",
    "new": "○",
    "lapsed": "▂",
    "learning": "▃",
    "young": "▅",
    "mature": "▇",
}


class CardTable(ScrollView, can_focus=True):
    """One line a card: sign and state, section, kind, due day, id, beginning of the question."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "card-table--header", "card-table--cursor", "card-table--line", "card-table--new", "card-table--lapsed",
        "card-table--learning", "card-table--young", "card-table--mature", "card-table--due", "card-table--marked",
    }  # fmt: skip
    DEFAULT_CSS = """
    CardTable { overflow-x: hidden; }
    CardTable > .card-table--header { text-style: bold; color: $text-primary; }
    CardTable > .card-table--new { color: $foreground-muted; }
    CardTable > .card-table--lapsed { color: $text-error; }
    CardTable > .card-table--learning { color: $text-warning; }
    CardTable > .card-table--young, CardTable > .card-table--due { color: $text-primary; }
    CardTable > .card-table--mature { color: $text-success; }
    CardTable > .card-table--marked { background: $primary 12%; color: $text-primary; }
    CardTable > .card-table--cursor { background: $block-cursor-blurred-background; text-style: bold; }
    CardTable:focus > .card-table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next card", show=False, tooltip="To the next card"),
        Binding("up,k", "move(-1)", "Previous card", show=False, tooltip="To the previous card"),
        Binding("space", "mark", "Mark", id="cards.mark",
                tooltip="Mark the card, or not, and go on to the next; keys that change cards then change all marked"),
        Binding("A", "mark_all", "Mark all", show=False, id="cards.mark_all",
                tooltip="Mark all cards listed, or none of them"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="A page on"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="A page back"),
        Binding("home,g", "to(0)", "First card", show=False, tooltip="To the first card"),
        Binding("end,G", "to(-1)", "Last card", show=False, tooltip="To the last card"),
        Binding("enter", "open", "Card info", show=False, tooltip="All about the card: objectives, state, history"),
    ]  # fmt: skip

    KEYS_OF = "table of cards"

    cursor: reactive[int] = reactive(0)

    @dataclass
    class Moved(Message):
        """The cursor is on another card, or on none."""

        entry: CardEntry | None

    @dataclass
    class Marked(Message):
        """Other cards are marked."""

    @dataclass
    class Opened(Message):
        """A card was chosen."""

        entry: CardEntry

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: Sequence[CardEntry] = ()
        self._day = date.min
        self.marked: dict[int, None] = {}
        """Numbers of the marked cards, those that a filter hides too, in the order of marking."""

    @property
    def entry(self) -> CardEntry | None:
        """The card under the cursor."""
        return self._entries[self.cursor] if 0 <= self.cursor < len(self._entries) else None

    @property
    def entries(self) -> Sequence[CardEntry]:
        """The cards listed."""
        return self._entries

    def show(self, entries: Sequence[CardEntry], day: date) -> None:
        """Show other cards; the cursor stays on its card, or at its line if that card is gone."""
        no = self.entry.no if self.entry else None
        self._entries, self._day = entries, day
        self.virtual_size = Size(self.size.width, len(entries) + HEADER_LINES)
        at = next((i for i, entry in enumerate(entries) if entry.no == no), self.cursor)
        self.cursor = max(0, min(at, len(entries) - 1))
        self.refresh()
        self._reveal()
        self.post_message(self.Moved(self.entry))

    def watch_cursor(self) -> None:
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self.entry))

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._entries) - 1))

    def action_move(self, lines: int) -> None:
        self.cursor += lines

    def action_page(self, pages: int) -> None:
        self.cursor += pages * max(1, self.size.height - HEADER_LINES - 1)

    def action_to(self, line: int) -> None:
        """Move to a line, counted from the end if negative."""
        self.cursor = line if line >= 0 else len(self._entries) + line

    def action_mark(self) -> None:
        if self.entry is not None:
            self._turn_mark(self.entry.no)
            self.cursor += 1

    def action_mark_all(self) -> None:
        """Mark all cards listed; if all of them are, unmark them."""
        listed = dict.fromkeys(entry.no for entry in self._entries)
        if listed.keys() <= self.marked.keys():
            self.mark(no for no in self.marked if no not in listed)
        else:
            self.mark([*self.marked, *listed])

    def mark(self, numbers: Iterable[int]) -> None:
        """Let these cards be marked, and no others."""
        self.marked = dict.fromkeys(numbers)
        self.refresh()
        self.post_message(self.Marked())

    def _turn_mark(self, no: int) -> None:
        self.mark([one for one in self.marked if one != no] if no in self.marked else [*self.marked, no])

    def action_open(self) -> None:
        if self.entry is not None:
            self.post_message(self.Opened(self.entry))

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y - HEADER_LINES
        if event.y < HEADER_LINES or line >= len(self._entries):
            return
        if event.x < SIGN_CELLS or event.ctrl:
            self._turn_mark(self._entries[line].no)
        elif line == self.cursor and event.chain == 2:
            self.action_open()
        self.cursor = line

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._entries) + HEADER_LINES)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < HEADER_LINES:
            style = self.get_component_rich_style("card-table--header")
            return _strip(_columns(width, "    state", "sect", "kind", "due", "id", "question"), width, style)
        line = y - HEADER_LINES + self.scroll_offset.y
        if line >= len(self._entries):
            return Strip.blank(width, self.rich_style)
        entry = self._entries[line]
        part = "cursor" if line == self.cursor else "marked" if entry.no in self.marked else "line"
        part = f"card-table--{part}"
        words = card_states(entry, self._day)
        style = self.get_component_rich_style(part)
        return _strip(self._row(entry, words, width), width, style, self._sign_style(words[0], style))

    def _sign_style(self, state: str, line: Style) -> Style:
        """The line's own, with the colour of the state where that has one."""
        part = f"card-table--{state}"
        if part not in self.COMPONENT_CLASSES:
            return line
        return line + Style(color=self.get_component_rich_style(part).color)

    def _row(self, entry: CardEntry, words: Sequence[str], width: int) -> str:
        sign = SIGNS.get(words[0], " ")
        flag = "*" if entry.state.flagged else "!" if entry.state.leech else " "
        due_on = entry.state.schedule.due_on
        due = f"{due_on:%Y-%m-%d}" if due_on else "–"
        mark = MARK if entry.no in self.marked else " "
        state = f"{mark}{flag}{sign} {words[0]}"
        tags = "".join(f"#{tag} " for tag in entry.state.tags.split())
        return _columns(width, state, entry.card.section, entry.card.kind, due, entry.card.id, tags + safe(entry.title))

    def _reveal(self) -> None:
        height = max(1, self.size.height - HEADER_LINES)
        top = round(self.scroll_offset.y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)


def _columns(width: int, *texts: str) -> str:
    """State, section, kind, due day, id and question in `width` cells; the id only where there is room."""
    *narrow, key, title = texts
    id_cells = min(ID_CELLS[1], width - LEAST_CELLS - 1)
    cells = [*zip(narrow, STATE_CELLS, strict=True), (key, id_cells if id_cells >= ID_CELLS[0] else 0)]
    left = " ".join(_fit(text, room) for text, room in cells if room)
    return f"{left} {_fit(title, max(1, width - len(left) - 1))}"


def _fit(text: str, cells: int) -> str:
    content = Content(text).truncate(cells, ellipsis=True)
    return content.plain + " " * max(0, cells - content.cell_length)


def _strip(text: str, width: int, style: Style, sign: Style | None = None) -> Strip:
    text = text.replace("\n", " ")
    parts = [Segment(text[:SIGN_CELLS], sign or style), Segment(text[SIGN_CELLS:], style)]
    return Strip(parts).adjust_cell_length(width, style)


# A card at a glance: state, question, answer


class CardPreview(Vertical):
    """Shows one entry; or a sentence where there is none."""

    DEFAULT_CSS = """
    CardPreview { height: auto; }
    CardPreview > Static { height: auto; }
    CardPreview > MarkdownView { margin-bottom: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="preview-state", markup=False)
        yield MarkdownView(id="preview-front")
        yield PicturePlace(id="preview-pictures")
        yield MarkdownView(id="preview-answer")
        yield MarkdownView(id="preview-back")
        yield MarkdownView(id="preview-note")

    def show(self, entry: CardEntry, day: date, *, is_asked: bool = False) -> None:
        """Show a card as it is on study day `day`; of one that `is_asked` just now nothing that answers it."""
        card = entry.card
        self.query_one("#preview-state", Static).update(_state_line(entry, day))
        front = front_of(card, card.question, host(self).workspace.media(card))
        self.query_one("#preview-front", MarkdownView).show(front.text)
        self.call_later(self.query_one(PicturePlace).show, front.pictures)
        if is_asked:
            self.query_one("#preview-answer", MarkdownView).show(
                "*Answer, back and note are shown once you have answered.*"
            )
            return
        answer = card.body.right_answer
        self.query_one("#preview-answer", MarkdownView).show(f"→ {answer}" if answer else "")
        self.query_one("#preview-back", MarkdownView).show(card.back)
        self.query_one("#preview-note", MarkdownView).show_blocks(note_blocks(card.note))

    def say(self, text: str) -> None:
        """Show a sentence instead of a card."""
        self.query_one("#preview-state", Static).update(text)
        self.call_later(self.query_one(PicturePlace).show, ())
        for face in self.query(MarkdownView):
            face.show("")


def _state_line(entry: CardEntry, day: date) -> Content:
    schedule = entry.state.schedule
    parts = [entry.card.id, ", ".join(card_states(entry, day))]
    if schedule.due_on:
        ease = f"ease {schedule.ease_factor / 100:.2f}"
        parts.append(f"due {schedule.due_on:%Y-%m-%d}, interval {schedule.interval_days} d, {ease}")
    if schedule.lapses:
        parts.append(f"missed {schedule.lapses}×")
    if marks := (*entry.card.helpers, *entry.card.lenses):
        parts.append(" ".join(dict.fromkeys(marks)))
    if tags := entry.tags:
        parts.append(" ".join(f"#{tag}" for tag in tags))
    return Content.styled(safe(" · ".join(parts)), "$foreground-muted")
