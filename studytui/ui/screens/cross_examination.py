"""The interviewer asks back: one point after another, three statements, and the learner says which one was meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from studytui.domain.cross_examination import OPENING
from studytui.domain.rubric import AskedBack
from studytui.ui.host import safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import BoxScreen


class CrossExaminationScreen(BoxScreen[tuple[AskedBack, ...]]):
    """Answers with what was chosen. Who leaves chooses nothing for the points that are left."""

    DEFAULT_CSS = """
    CrossExaminationScreen > Vertical { width: 96; }
    CrossExaminationScreen Static { margin-bottom: 1; }
    CrossExaminationScreen KeyBar { margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(place + 1), f"choose({place})", f"Statement {place + 1}", id=f"asked_back.{place + 1}",
                    tooltip="This is what you mean; a wrong one takes the point away")
            for place in range(3)
        ),
        Binding("escape", "leave", "Leave", key_display="esc", id="asked_back.leave",
                tooltip="Choose nothing for the points that are left: they are lost"),
    ]  # fmt: skip

    def __init__(self, asked: Sequence[AskedBack]) -> None:
        super().__init__()
        self._asked = list(asked)
        self._at = 0
        self._warned = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="asked-back-head", classes="what", markup=False)
            yield Static(id="asked-back-statements", markup=False)
            yield Static(id="asked-back-hint", classes="muted", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        asked = self._asked[self._at]
        head = f"{OPENING}   {self._at + 1} of {len(self._asked)}"
        self.query_one("#asked-back-head", Static).update(head)
        lines = [
            Content.styled(f"{place}  ", "$text-accent") + Content(safe(statement))
            for place, statement in enumerate(asked.statements, 1)
        ]
        self.query_one("#asked-back-statements", Static).update(Content("\n").join(lines))
        hint = "Escape again leaves: the points that are left are lost." if self._warned else "Choose with 1, 2 or 3."
        self.query_one("#asked-back-hint", Static).update(hint)

    def action_choose(self, place: int) -> None:
        """Take a statement; after the last point the choices go back to where they were asked for."""
        asked = self._asked[self._at]
        if place >= len(asked.statements):
            return
        self._asked[self._at] = replace(asked, chosen=place)
        self._at += 1
        self._warned = False
        if self._at == len(self._asked):
            self.dismiss(tuple(self._asked))
        else:
            self._show()

    def action_leave(self) -> None:
        """Warn once; then the statements that were seen count as not chosen."""
        if self._warned:
            self.dismiss(tuple(self._asked))
        else:
            self._warned = True
            self._show()
