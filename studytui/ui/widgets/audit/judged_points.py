"""The points of an answer with what the grader found: to be looked at and disputed, not to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from studytui.domain.rubric import COVERAGES
from studytui.services.audit.evidence import Answered, JudgedPoint
from studytui.services.rehearsal.export import SIGNS
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Row
from studytui.ui.widgets.light_markdown import inline
from studytui.ui.widgets.rehearsal.signs import TONES, ShownPoint, number_sign

_WORD_CELLS: Final = max(len(word) for word in COVERAGES)


class JudgedPoints(VerticalScroll, can_focus=True):
    """One row a point, its quote marked in the answer while the cursor is on it."""

    KEYS_OF = "list of points"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Point before", id="judged.up", show=False, tooltip="The point before"),
        Binding("down,j", "move(1)", "Next point", id="judged.down", show=False, tooltip="The next point"),
        Binding("d", "dispute", "Dispute", id="judged.dispute",
                tooltip="Say why a point is judged wrongly. It is noted beside the verdict, which stays as it is"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    JudgedPoints { height: auto; }
    JudgedPoints:focus { background-tint: transparent 0%; }
    """

    @dataclass
    class Moved(Message):
        """Another point is under the cursor."""

        point_id: str

    @dataclass
    class Disputed(Message):
        """The learner does not agree with the point under the cursor."""

        point: JudgedPoint

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._answer: Answered | None = None
        self._rows: list[Row] = []
        self._at = 0

    @property
    def at(self) -> str:
        """The id of the point under the cursor, or ""."""
        return self._answer.points[self._at].id if self._answer and self._answer.points else ""

    async def show(self, answer: Answered) -> None:
        """Show the points of an answer, with what was disputed of them."""
        if self._answer is None or self._answer.uid != answer.uid:
            self._at = 0
            await self.remove_children()
            self._rows = [Row(index, inline(point.text)) for index, point in enumerate(answer.points)]
            await self.mount_all(self._rows)
        self._answer = answer
        self._draw()

    def action_move(self, step: int) -> None:
        """Go to another point, round at the ends."""
        if self._rows:
            self._go((self._at + step) % len(self._rows))

    def action_dispute(self) -> None:
        """Say that the point under the cursor is judged wrongly."""
        if self._answer is not None and self._answer.points:
            self.post_message(self.Disputed(self._answer.points[self._at]))

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        self.focus()
        self._go(event.row.index)

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self._draw()
            self.post_message(self.Moved(self.at))

    def _draw(self) -> None:
        assert self._answer is not None
        notes = {dispute.point_id: dispute.note for dispute in self._answer.disputes}
        for row, point in zip(self._rows, self._answer.points, strict=True):
            at = row.index == self._at
            bonus = Content("") if point.must else Content.styled("  (bonus)", "$text-muted")
            row.content = (inline(point.text) + bonus).stylize(TONES[point.coverage])
            marker = f"{'▸' if at else ' '}{number_sign(row.index)} {SIGNS[point.coverage]} "
            note = f"disputed: {notes[point.id]}" if point.id in notes else point.why if at else ""
            row.mark(f"{marker}{point.coverage:<{_WORD_CELLS}} ", note=safe(note), at=at)


def shown_points(points: Sequence[JudgedPoint]) -> tuple[ShownPoint, ...]:
    """The points as the marked answer takes them."""
    return tuple(
        ShownPoint(point.id, point.text, point.must, point.coverage, None, point.quote, point.why) for point in points
    )
