"""Why a card is due when it is: the derivation of its schedule, step by step, from its own history."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.services.card_story import CRAMMED, Event, Story, story
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.light_markdown import Block

COLUMNS = ("day", "grade", "EF before", "EF after", "interval", "due on")


class WhyDueScreen(Screen[None]):
    """The same columns as `studytui schedule` prints, with the rule that gave each interval below."""

    CSS_PATH = "why_due.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w,enter", "dismiss(None)", "Back", key_display="esc", id="why.back", tooltip="Back"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="why.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="why.up", tooltip="Scroll up"),
    ]

    def __init__(self, card_no: int) -> None:
        super().__init__()
        self._card_no = card_no

    def compose(self) -> ComposeResult:
        yield Static("Why is this due today?", classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield Static(id="card", classes="muted", markup=False)
            yield Static(id="why", markup=False)
            yield Face(id="steps")
            yield Static(
                "SM-2: EF + 0.10 − (5−q)(0.08 + 0.02 (5−q)) for grades 3 to 5, never below 1.30; below 3 it stays.  "
                "I(1) = 1 d, I(2) = 6 d, I(n) = ⌈I(n−1) × EF⌉. An answer below 4 is asked again the same day.",
                classes="muted", markup=False,
            )  # fmt: skip
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    @work(thread=True, exclusive=True, group="story")
    def _load(self) -> None:
        try:
            found = story(host(self).workspace, self._card_no)
        except (StoreError, LookupError) as error:
            self.app.call_from_thread(self.query_one("#why", Static).update, sentence(error))
            return
        self.app.call_from_thread(self._show, found)

    def _show(self, found: Story) -> None:
        self.query_one("#card", Static).update(safe(f"{found.entry.card.id} · {found.entry.title}"))
        self.query_one("#why", Static).update(safe(found.why))
        self.query_one("#steps", Face).show_blocks(tuple(steps(found.events)))


def steps(events: tuple[Event, ...]) -> list[Block]:
    """A table of what moved the schedule, each row followed by its rule."""
    if not events:
        return [Block(Content("No answer yet. After the first one, each step of the derivation stands here."))]
    head = tuple(Content.styled(name, "bold") for name in COLUMNS)
    rows, notes = [head], []
    for event in events:
        due = event.after.due_on
        cells = (
            f"{event.day:%Y-%m-%d}",
            f"{event.grade}" if event.grade is not None and event.what != CRAMMED else event.what,
            f"{event.before.ease_factor / 100:.2f}",
            f"{event.after.ease_factor / 100:.2f}",
            f"{event.after.interval_days} d",
            f"{due:%Y-%m-%d}" if due else "new",
        )
        style = "strike $text-muted" if event.undone else ""
        rows.append(tuple(Content.styled(cell, style) if style else Content(cell) for cell in cells))
        if event.undone:
            notes.append(f"{event.day:%Y-%m-%d}: taken back.")
        elif event.what == "asked again":
            notes.append(f"{event.day:%Y-%m-%d}: asked again on the same day; moves nothing.")
        elif event.what == CRAMMED:
            notes.append(f"{event.day:%Y-%m-%d}: extra study, graded {event.grade}; moves nothing.")
        elif event.reason:
            notes.append(f"{event.day:%Y-%m-%d}: {event.reason}")
    return [Block(Content(""), kind="table", rows=tuple(rows))] + [
        Block(Content.styled(note, "$text-muted"), spaced=not at) for at, note in enumerate(notes)
    ]
