"""A note on a point that the learner holds to be judged wrongly."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from studytui.services.audit.evidence import JudgedPoint
from studytui.ui.text import safe

LONGEST_NOTE = 500


class DisputeScreen(ModalScreen[str | None]):
    """Answers with the note, or None."""

    DEFAULT_CSS = """
    DisputeScreen { align: center middle; }
    DisputeScreen > Vertical {
        width: 72; max-width: 100%; height: auto; padding: 1 2; border: round $primary; background: $surface;
    }
    DisputeScreen Static { margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", tooltip="Note nothing")]

    def __init__(self, point: JudgedPoint) -> None:
        super().__init__()
        self._point = point

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(safe(f"{self._point.text}: {self._point.coverage}"), markup=False)
            yield Static(
                "Why is that judged wrongly? Your note is kept beside the verdict and stands in the report. The "
                "verdict stays; answering the part again, in other words, is what changes it.",
                markup=False,
            )
            yield Input(placeholder="I did say it: …", max_length=LONGEST_NOTE)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip() or None)
