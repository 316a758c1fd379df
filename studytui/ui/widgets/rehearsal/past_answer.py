"""An answer from the log: when, how well, in what time, the words that counted, the points, the follow-ups."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from studytui.services.rehearsal.attempts import Attempt
from studytui.services.rehearsal.export import attempt_words
from studytui.ui.host import host
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.light_markdown import Block, inline
from studytui.ui.widgets.rehearsal.marked_answer import MarkedAnswer
from studytui.ui.widgets.rehearsal.signs import coverage_text, number_sign, points_of_attempt


class PastAnswer(Vertical):
    """One answer, nothing of which can be changed any more."""

    DEFAULT_CSS = """
    PastAnswer { height: auto; margin-bottom: 1; }
    PastAnswer > Static { text-style: bold; }
    PastAnswer > MarkedAnswer { margin: 0 0 1 2; }
    PastAnswer > PastAnswer { margin-left: 2; }
    """

    def __init__(self, attempt: Attempt, *, with_points: bool = True, title: str = "") -> None:
        super().__init__()
        self._attempt = attempt
        self._with_points = with_points
        self._title = title

    def compose(self) -> ComposeResult:
        attempt = self._attempt
        when = attempt.at.astimezone(host(self).workspace.clock.now().tzinfo)
        head = f"{self._title}{when:%Y-%m-%d %H:%M} · {attempt_words(attempt)}"
        yield Static(safe(head + (" · taken back" if attempt.undone else "")), markup=False)
        answer = MarkedAnswer()
        empty = "(said aloud; no notes)" if attempt.given.mode == "aloud" else "(nothing)"
        answer.show_answer(attempt.given.answer, points_of_attempt(attempt), empty=empty)
        yield answer
        if self._with_points:
            face = Face()
            face.show_blocks(tuple(self._points()))
            yield face
        for probe in attempt.probes:
            yield Face(probe.ask)
            yield PastAnswer(probe, title="Follow-up · ")

    def _points(self) -> Iterator[Block]:
        for index, point in enumerate(points_of_attempt(self._attempt)):
            line = Content(f"{number_sign(index)} ") + coverage_text(point.coverage) + " " + inline(point.text)
            if point.is_changed:
                line += Content.styled(f"  (grader: {point.found})", "$text-muted")
            yield Block(line, "  ", " " * 20, spaced=False)
