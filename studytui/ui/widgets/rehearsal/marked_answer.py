"""The learner's answer with the words that count for each point marked, numbered and coloured."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from studytui.services.rehearsal.marks import marked
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.light_markdown import Block, layout
from studytui.ui.widgets.rehearsal.signs import MARKS, ShownPoint, number_sign


class MarkedAnswer(Face):
    """An answer as evidence. The quote of the point under the cursor is turned round and can be scrolled to."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._before: Content = Content("")

    def show_answer(self, answer: str, points: Sequence[ShownPoint], at: str = "", *, empty: str = "(nothing)") -> None:
        """Show an answer; `at` is the point whose quote is pointed at."""
        if not answer.strip():
            self._before = Content("")
            self.show_blocks((Block(Content.styled(empty, "italic $text-muted")),))
            return
        numbers = {point.id: number_sign(index) for index, point in enumerate(points)}
        ends: dict[int, str] = {}
        for point in points:
            if point.quote is not None and point.coverage != "missed":
                ends[point.quote.end] = ends.get(point.quote.end, "") + numbers[point.id]
        text, before, place = Content(""), None, 0
        for part, mark in marked(answer, points):
            place += len(part)
            shown = Content(safe(part))
            if mark is not None:
                style = MARKS[mark.coverage]
                if at in mark.points:
                    before = before or text
                    style = f"{style} reverse"
                shown = shown.stylize(style)
                shown += Content.styled(ends.get(place, ""), "bold")
            text += shown
        self._before = before or Content("")
        self._blocks, self._laid = (), None  # the same words with other marks are another answer
        self.show_blocks((Block(text),))

    @property
    def line_pointed_at(self) -> int:
        """The line on which the quote pointed at begins, counted from 0."""
        if not self._before.plain:
            return 0
        return layout((Block(self._before),), max(1, self.content_size.width)).plain.count("\n")
