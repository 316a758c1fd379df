"""The first and the last answer to a question, beside each other where there is room, and point by point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.services.rehearsal.attempts import Attempt
from studytui.services.rehearsal.questions import Entry
from studytui.ui.breakpoints import NARROW_OR_WIDE
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.light_markdown import Block, inline
from studytui.ui.widgets.rehearsal.past_answer import PastAnswer
from studytui.ui.widgets.rehearsal.signs import coverage_text


class CompareScreen(Screen[None]):
    """Two answers that stand; nothing can be changed here."""

    CSS_PATH = "history.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,c", "dismiss(None)", "Back", key_display="esc", id="compare.back", tooltip="Back"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="compare.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="compare.up", tooltip="Scroll up"),
        Binding("pagedown,space", "scroll_lines(10)", "Page down", show=False, id="compare.page_down",
                tooltip="Scroll a page down"),
        Binding("pageup", "scroll_lines(-10)", "Page up", show=False, id="compare.page_up",
                tooltip="Scroll a page up"),
    ]  # fmt: skip

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        self._first, self._last = entry.standing[0], entry.standing[-1]

    def compose(self) -> ComposeResult:
        change = round((self._last.score - self._first.score) * 100)
        title = (
            f"First and last of {len(self._entry.standing)} answers · {change:+d} points · {self._entry.question.id}"
        )
        yield Static(safe(title), classes="title", markup=False)
        with VerticalScroll(id="points", can_focus=False):
            face = Face()
            face.show_blocks(tuple(compared(self._first, self._last)))
            yield face
        with Container(id="pair"):
            for name, attempt in (("First · ", self._first), ("Last · ", self._last)):
                with Vertical(classes="side"):
                    yield PastAnswer(attempt, with_points=False, title=name)
        yield KeyBar()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll the answers."""
        self.query_one("#pair").scroll_relative(y=lines, animate=False)


def compared(first: Attempt, last: Attempt) -> Iterator[Block]:
    """Each point with both verdicts; one that the rubric did not have yet, or has no longer, has a dash."""
    before = {point.id: point for point in first.points}
    after = {point.id: point for point in last.points}
    dash = Content.styled("–", "$text-muted")
    rows = [tuple(Content.styled(name, "bold") for name in ("point", "first", "last"))]
    for point_id in dict.fromkeys([*after, *before]):
        one, two = before.get(point_id), after.get(point_id)
        shown = two or one
        if shown is not None:
            rows.append(
                (
                    inline(shown.text),
                    coverage_text(one.coverage) if one else dash,
                    coverage_text(two.coverage) if two else dash,
                )
            )
    yield Block(Content(""), kind="table", rows=tuple(rows))
