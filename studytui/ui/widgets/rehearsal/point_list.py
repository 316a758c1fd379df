"""The key points of a rubric with what was found; the learner accepts or changes each with one key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from studytui.domain.rubric import COVERAGES, Coverage
from studytui.services.rehearsal.export import SIGNS
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Row
from studytui.ui.widgets.light_markdown import inline
from studytui.ui.widgets.rehearsal.signs import TONES, UNJUDGED, WORD_CELLS, ShownPoint, number_sign


class PointList(Vertical, can_focus=True):
    """One row a point, told by its sign and word. Not a VerticalScroll, whose keys would scroll it instead of texts."""

    KEYS_OF = "list of points"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Point before", id="points.up", show=False, tooltip="The point before"),
        Binding("down,j", "move(1)", "Next point", id="points.down", show=False, tooltip="The next point"),
        *(
            Binding(key, f"choose('{coverage}')", coverage.capitalize(), key_display=key, id=f"points.{coverage}",
                    tooltip=f"Say yourself that the point is {coverage}; the grader's word is kept beside yours")
            for key, coverage in zip("1234", COVERAGES, strict=True)
        ),
        Binding("space,a", "accept", "As found", key_display="space", id="points.accept",
                tooltip="Accept what the grader found, and go to the next point"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    PointList { height: auto; overflow-y: auto; scrollbar-size-vertical: 1; }
    PointList:focus { background-tint: transparent 0%; }
    """

    @dataclass
    class Moved(Message):
        """Another point is under the cursor."""

        point_id: str

    @dataclass
    class Chosen(Message):
        """The learner judged a point; None accepts what was found."""

        point_id: str
        coverage: Coverage | None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._points: tuple[ShownPoint, ...] = ()
        self._rows: list[Row] = []
        self._open: frozenset[str] = frozenset()
        self._at = 0
        self.is_settled = False

    @property
    def at(self) -> str:
        """The id of the point under the cursor, or ""."""
        return self._points[self._at].id if self._points else ""

    async def show(self, points: Sequence[ShownPoint], *, unjudged: frozenset[str] = frozenset()) -> None:
        """Show the points; `unjudged` ones still wait for the learner's word."""
        same = [point.id for point in points] == [point.id for point in self._points]
        self._points, self._open = tuple(points), unjudged
        if not same:
            self._at = 0
            await self.remove_children()
            self._rows = [Row(index, self._text(point)) for index, point in enumerate(self._points)]
            await self.mount_all(self._rows)
        self._draw()

    def action_move(self, step: int) -> None:
        """Go to another point, round at the ends."""
        if self._points:
            self._go((self._at + step) % len(self._points))

    def action_choose(self, coverage: Coverage) -> None:
        """Judge the point under the cursor."""
        self._choose(coverage)

    def action_accept(self) -> None:
        """Take the grader's word for it."""
        self._choose(None)

    def _choose(self, coverage: Coverage | None) -> None:
        if self._points and not self.is_settled:
            self.post_message(self.Chosen(self.at, coverage))
            self._go(min(self._at + 1, len(self._points) - 1))

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self._draw()
            self.post_message(self.Moved(self.at))

    @on(Row.Clicked)
    def _clicked(self, event: Row.Clicked) -> None:
        event.stop()
        self.focus()
        self._go(event.row.index)

    def _draw(self) -> None:
        for row, point in zip(self._rows, self._points, strict=True):
            at = row.index == self._at
            waiting = point.id in self._open
            sign, word = (UNJUDGED, "judge it") if waiting else (SIGNS[point.coverage], point.coverage)
            marker = f"{'▸' if at else ' '}{number_sign(row.index)} {sign} {word:<{WORD_CELLS}} "
            note = f"grader: {point.found}" if point.is_changed else ""
            if at and point.why and not waiting:
                note = f"{note}; {point.why}" if note else point.why
            row.content = self._text(point).stylize("" if waiting else TONES[point.coverage])
            row.mark(marker, note=safe(note), at=at)

    @staticmethod
    def _text(point: ShownPoint) -> Content:
        text = inline(point.text)
        return text if point.must else text + Content.styled("  (bonus)", "$text-muted")
