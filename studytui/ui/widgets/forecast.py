"""Cards due on the next days, as bars with their numbers."""

from __future__ import annotations

from datetime import date
from typing import Final

from textual.content import Content
from textual.widget import Widget

from studytui.domain.sm2 import add_days

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
NARROWEST: Final = 4
WIDEST: Final = 8
BUSY: Final = 9_999
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class Forecast(Widget):
    """One bar a day, today first; as many days as fit. Before the numbers are known only the days are drawn."""

    DEFAULT_CSS = """
    Forecast { height: 6; min-height: 4; }
    """

    def __init__(self, day: date, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._day = day
        self._due: tuple[int, ...] | None = None

    def show(self, day: date, due: tuple[int, ...] | None) -> None:
        """Draw the cards due from `day` on; None where they are not known yet."""
        if (day, due) != (self._day, self._due):
            self._day, self._due = day, due
            self.refresh()

    def render(self) -> Content:
        width, height = self.content_size
        due = self._due if self._due is not None else (0,) * 14
        column = min(WIDEST, max(NARROWEST, width // max(1, len(due))))
        due = due[: max(1, width // column)]
        rows = max(1, height - 2)
        lines = bars(due, rows, column, numbers=self._due is not None)
        names = [_name(add_days(self._day, i), i, column) for i in range(len(due))]
        return Content("\n").join([*lines, Content.styled("".join(names), "$text-muted")])


def bars(due: tuple[int, ...], rows: int, column: int, *, numbers: bool = True) -> list[Content]:
    """`rows` lines of bars and above each bar its number, `column` cells a day."""
    most = max(due, default=0)
    full = [-(-count * rows * 8 // most) if most else 0 for count in due]
    lines = []
    for row in range(rows, -1, -1):
        cells = []
        for count, eighths in zip(due, full, strict=True):
            filled = min(8, max(0, eighths - row * 8))
            top = -(-eighths // 8)
            if row == top and numbers:
                style = "bold" if count else "$text-muted"
                cells.append(Content.styled(_number(count).center(column - 1) + " ", style))
            else:
                cells.append(Content.styled(EIGHTHS[filled] * (column - 1) + " ", "$text-primary"))
        lines.append(Content("").join(cells))
    return lines


def _number(count: int) -> str:
    return str(count) if count < 1000 else f"{min(count, BUSY) // 1000}k"


def _name(day: date, index: int, column: int) -> str:
    if index == 0 and column > 5:
        return "today".center(column - 1) + " "
    name = str(day.day) if column < 5 else f"{DAYS[day.weekday()]}{' ' * (column > 5)}{day.day}"
    return name.center(column - 1) + " "
