"""A card at a glance: state, question, answer."""

from __future__ import annotations

from datetime import date

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from studytui.domain.showing import right_answer, show
from studytui.services.card_filter import Entry, states
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face, note_blocks


class CardPreview(Vertical):
    """Shows one entry; or a sentence where there is none."""

    DEFAULT_CSS = """
    CardPreview { height: auto; }
    CardPreview > Static { height: auto; }
    CardPreview > Face { margin-bottom: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="preview-state", markup=False)
        yield Face(id="preview-front")
        yield Face(id="preview-answer")
        yield Face(id="preview-back")
        yield Face(id="preview-note")

    def show(self, entry: Entry, day: date, *, is_asked: bool = False) -> None:
        """Show a card as it is on study day `day`; of one that `is_asked` just now nothing that answers it."""
        card = entry.card
        self.query_one("#preview-state", Static).update(_state_line(entry, day))
        self.query_one("#preview-front", Face).show(show(card, review_uid="", seed=0).question)
        if is_asked:
            self.query_one("#preview-answer", Face).show("*Answer, back and note are shown once you have answered.*")
            return
        answer = right_answer(card)
        self.query_one("#preview-answer", Face).show(f"→ {answer}" if answer else "")
        self.query_one("#preview-back", Face).show(card.back)
        self.query_one("#preview-note", Face).show_blocks(note_blocks(card.note))

    def say(self, text: str) -> None:
        """Show a sentence instead of a card."""
        self.query_one("#preview-state", Static).update(text)
        for face in self.query(Face):
            face.show("")


def _state_line(entry: Entry, day: date) -> Content:
    schedule = entry.state.schedule
    parts = [entry.card.id, ", ".join(states(entry, day))]
    if schedule.due_on:
        parts.append(
            f"due {schedule.due_on:%Y-%m-%d}, interval {schedule.interval_days} d, EF {schedule.ease_factor / 100:.2f}"
        )
    if schedule.lapses:
        parts.append(f"{schedule.lapses} lapses")
    if marks := (*entry.card.helpers, *entry.card.lenses):
        parts.append(" ".join(dict.fromkeys(marks)))
    return Content.styled(safe(" · ".join(parts)), "$text-muted")
