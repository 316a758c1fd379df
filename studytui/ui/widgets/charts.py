"""Figures drawn as text: pure functions that give `Content`, each line of the width that was asked for.

Height and signs carry the meaning, colour repeats it: all can be read without colours. `Content` is assembled, never
parsed: a figure costs less than a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from textual.content import Content

from studytui.domain.sm2 import add_days

MUTED: Final = "$foreground-muted"
DATA: Final = "$primary"
UPRIGHT: Final = " ▁▂▃▄▅▆▇█"
LEVEL: Final = "▇"
BEYOND: Final = "▒"
"""The upper layer of a stacked bar."""
POINT, SPREAD = "●", "│"
CALENDAR: Final = ("·", "▂", "▃", "▅", "▇")
CALENDAR_CELL: Final = 3
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

STAGES: Final = (
    ("mature", "▇", "$success"),
    ("young", "▅", "$primary"),
    ("learning", "▃", "$warning"),
    ("lapsed", "▂", "$error"),
    ("new", "·", MUTED),
)
"""Height means strength: the stages of a card, the most settled first."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with the bounds of its interval, all 0 to 1."""

    share: float
    low: float
    high: float


def lines(*content: Content) -> Content:
    """Several lines as one text."""
    return Content("\n").join(content)


# How far some cards are


def strength(counts: Sequence[int] | None, width: int) -> Content:
    """The stages as parts of `width` cells, in the order of `STAGES`; a stage that has any card has at least one cell.

    Blank where the numbers are not known (None), the sign of new where there is no card.
    """
    if counts is None:
        return Content(" " * max(0, width))
    if not sum(counts) or width < len(STAGES):
        return Content.styled("·" * max(0, width), MUTED)
    return Content("").join(
        Content.styled(glyph * cells, style)
        for cells, (_, glyph, style) in zip(split(counts, width), STAGES, strict=True)
        if cells
    )


def legend() -> Content:
    """What the heights mean."""
    return Content("   ").join(
        Content.styled(glyph, style) + Content.styled(f" {name}", MUTED) for name, glyph, style in STAGES
    )


def split(counts: Sequence[int], width: int) -> list[int]:
    """Shares of `width` in whole cells: largest remainders, none that counts left without a cell."""
    total = sum(counts)
    cells = [max(1, count * width // total) if count else 0 for count in counts]
    while sum(cells) > width:
        cells[cells.index(max(cells))] -= 1
    by_remainder = sorted(range(len(counts)), key=lambda i: counts[i] * width % total, reverse=True)
    for index in by_remainder * len(counts):
        if sum(cells) >= width:
            break
        cells[index] += 1 if counts[index] else 0
    return cells


# Bars


def across(value: float, most: float, width: int, style: str = DATA) -> Content:
    """A bar to the right, a little lower than its row; what is more than nothing shows."""
    cells = min(width, max(1, round(width * value / most))) if most > 0 and value > 0 else 0
    return Content.styled(LEVEL * cells, style) + Content(" " * (width - cells))


def columns(
    values: Sequence[int], rows: int, cell: int = 1, *, above: Sequence[int] = (), gap: int = 0, style: str = DATA
) -> Content:
    """Upright bars of `cell` cells, `gap` between them, the tallest `rows` high; `above` stands on top of each."""
    uppers = list(above) or [0] * len(values)
    most = max((value + more for value, more in zip(values, uppers, strict=True)), default=0)
    parts = []
    for row in range(rows - 1, -1, -1):
        line = []
        for value, more in zip(values, uppers, strict=True):
            eighths = ceil(value * rows * 8 / most) if most else 0
            top = ceil((value + more) * rows / most) if most and more else 0
            here = min(8, max(0, eighths - row * 8))
            if not here and row < top:
                line.append(Content.styled(BEYOND * cell + " " * gap, style))
            else:
                line.append(Content.styled(UPRIGHT[here] * cell + " " * gap, style))
        parts.append(Content("").join(line))
    return lines(*parts)


def histogram(
    values: Sequence[int],
    names: Sequence[str],
    rows: int,
    cell: int,
    *,
    above: Sequence[int] = (),
    style: str = DATA,
) -> Content:
    """Upright bars with their numbers on top and their names below, each in `cell` cells, one of them a gap; `above`
    stands on top of each and counts in its number."""
    uppers = list(above) or [0] * len(values)
    totals = [value + more for value, more in zip(values, uppers, strict=True)]
    most = max(totals, default=0)
    drawn = []
    for row in range(rows, -1, -1):
        parts = []
        for value, total in zip(values, totals, strict=True):
            here = min(8, max(0, (ceil(value * rows * 8 / most) if most else 0) - row * 8))
            if row == (ceil(total * rows / most) if most else 0):
                parts.append(Content.styled(short(total).center(cell - 1) + " ", "bold" if total else MUTED))
            else:
                is_above = not here and total > value and row * most < total * rows
                parts.append(Content.styled((BEYOND if is_above else UPRIGHT[here]) * (cell - 1) + " ", style))
        drawn.append(Content("").join(parts))
    below = "".join(name[: cell - 1].center(cell - 1) + " " for name in names)
    return lines(*drawn, Content.styled(below, MUTED))


def short(number: int) -> str:
    """At most four characters: 999, 1k, 12k."""
    return str(number) if number < 1000 else f"{min(number, 999_999) // 1000}k"


# A line over time


def curve(
    values: Sequence[Estimate | None], rows: int, width: int, *, low: float, high: float, label: Callable[[float], str]
) -> Content:
    """Estimates from left to right: a point each, its interval upright through it, a line between; None is a gap.

    The axis at the left has round marks; the lines are `width` cells wide.
    """
    marks = ticks(low, high, max(2, rows // 2))
    margin = max(len(label(mark)) for mark in marks) + 2
    room = max(len(values), width - margin)
    centres = [place(index, len(values), room) for index in range(len(values))]

    def row_of(value: float) -> int:
        return round((rows - 1) * (high - min(high, max(low, value))) / (high - low))

    cells = [[" "] * room for _ in range(rows)]
    dots = [[0] * room for _ in range(rows)]
    for (one, x), (other, to) in pairwise(zip(values, centres, strict=True)):
        if one is not None and other is not None:
            _draw_line(dots, 2 * x, _dot(one.share, low, high, rows), 2 * to, _dot(other.share, low, high, rows))
    for y in range(rows):
        for x in range(room):
            if dots[y][x]:
                cells[y][x] = chr(0x2800 + dots[y][x])
    for value, x in zip(values, centres, strict=True):
        if value is not None:
            for y in range(row_of(value.high), row_of(value.low) + 1):
                cells[y][x] = SPREAD
            cells[row_of(value.share)][x] = POINT
    at_row = {row_of(mark): label(mark) for mark in marks}
    drawn = []
    for y in range(rows):
        name = at_row.get(y, "").rjust(margin - 2)
        edge = " ┤" if y in at_row else " │"
        body = Content("").join(
            Content.styled(cell, MUTED if cell == SPREAD else DATA if cell != " " else "") for cell in cells[y]
        )
        drawn.append(Content.styled(name + edge, MUTED) + body)
    return lines(*drawn)


def below(names: Sequence[str], width: int, margin: int, style: str = MUTED) -> Content:
    """Names under the points of a `curve` whose axis takes `margin` cells: each, or every second, or every third."""
    room = max(len(names), width - margin)
    longest = max(map(len, names), default=0)
    step = next((step for step in range(1, len(names)) if step * room // len(names) > longest), len(names))
    last = (len(names) - 1) % max(1, step)
    at = [(place(index, len(names), room), name) for index, name in enumerate(names) if index % step == last]
    return Content.styled(" " * margin + spaced(at, room), style)


def spaced(names: Sequence[tuple[int, str]], width: int) -> str:
    """Each name centred at its place, with a blank between two; where they have no room the later one stays."""
    line, begin = "", width + 1
    for at, name in reversed(names):
        start = min(max(0, at - (len(name) - 1) // 2), width - len(name))
        if name and start >= 0 and start + len(name) < begin:
            line = name + line.rjust(width - start - len(name))
            begin = start
    return line.rjust(width)


def place(index: int, count: int, room: int) -> int:
    """The cell in which point `index` of `count` stands: the middle of its part of the room."""
    return min(room - 1, int((index + 0.5) * room / max(1, count)))


def margin_of(low: float, high: float, rows: int, label: Callable[[float], str]) -> int:
    """The cells that the axis of a `curve` takes."""
    return max(len(label(mark)) for mark in ticks(low, high, max(2, rows // 2))) + 2


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers (1, 2, 2.5 or 5 of a power of ten apart) from `low` to `high`."""
    if high <= low:
        return [low]
    step = 10 ** floor(log10((high - low) / max(1, most)))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        first = ceil(low / (step * factor) - 1e-9)
        last = floor(high / (step * factor) + 1e-9)
        if last - first + 1 <= most:
            return [round(number * step * factor, 9) for number in range(first, last + 1)] or [low]
    return [low]


# A number on a line


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on a line of numbers, with its sign and what is said of it."""

    value: float
    sign: str
    words: str
    style: str


NEAR: Final = 3.0
"""Positive values whose ratio is below this stand on an even line, others on one of powers of ten."""
SMALLEST: Final = 1e-90
"""A step that is smaller is not drawn."""


def number_line(marks: Sequence[Mark], width: int, *, is_share: bool = False) -> Content:
    """Each mark in a line of its own over one axis. A share in percent stands on 0 to 100."""
    values = [mark.value for mark in marks]
    low, high, stops, is_log = _span(values, is_share=is_share, most=max(2, width // 10))

    def column(value: float) -> int:
        share = log10(value / low) / log10(high / low) if is_log else (value - low) / (high - low)
        return min(width - 1, max(0, round(share * (width - 1))))

    rows = []
    for mark in marks:
        at = column(mark.value)
        fits = at + len(mark.words) + 2 <= width
        text = f"{mark.sign} {mark.words}" if fits else f"{mark.words} {mark.sign}"
        rows.append(Content.styled(" " * (at if fits else max(0, at + 1 - len(text))) + text, mark.style))
    at_stop = {column(stop) for stop in stops}
    axis = "".join("┼" if place in at_stop else "─" for place in range(width))
    labels = spaced([(column(stop), f"{stop:g}") for stop in stops], width)
    return lines(*rows, Content.styled(axis, MUTED), Content.styled(labels, MUTED))


def _span(values: Sequence[float], *, is_share: bool, most: int) -> tuple[float, float, list[float], bool]:
    """Both ends of a line that holds the values, its round numbers, and whether it goes by powers of ten."""
    least, greatest = min(values), max(values)
    if is_share and least >= 0 and greatest <= 100:
        return 0.0, 100.0, ticks(0, 100, most), False
    if least > SMALLEST and (len(values) == 1 or greatest / least >= NEAR):
        powers = range(floor(log10(least) - 0.7), ceil(log10(greatest) + 0.7) + 1)
        stops = [10.0**power for power in powers]
        return stops[0], stops[-1], stops[:: -(-len(stops) // most)], True
    size = max(abs(least), abs(greatest)) or 1.0
    spread = max((greatest - least) or size, 1e-9 * size, SMALLEST)
    low, high = least - spread, greatest + spread
    return low, high, [stop for stop in ticks(low, high, most) if low <= stop <= high], False


def _dot(value: float, low: float, high: float, rows: int) -> int:
    """In quarters of a row from the top; the middle of the row its point is drawn in."""
    return round((rows - 1) * 4 * (high - min(high, max(low, value))) / (high - low)) + 1


_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def _draw_line(dots: list[list[int]], x: int, y: int, to_x: int, to_y: int) -> None:
    steps = max(abs(to_x - x), abs(to_y - y), 1)
    for step in range(steps + 1):
        at_x, at_y = x + (to_x - x) * step // steps, y + round((to_y - y) * step / steps)
        dots[min(at_y // 4, len(dots) - 1)][at_x // 2] |= _BITS[at_y % 4][at_x % 2]


# Days as a calendar


def bounds_of(counts: Sequence[int]) -> tuple[int, int, int]:
    """Round numbers from which on a day counts as fuller: about a third, two thirds and all of a full day."""
    ordered = sorted(count for count in counts if count)
    full = ordered[int(len(ordered) * 0.9)] if ordered else 3
    steps = sorted({max(2, _round(full * share)) for share in (0.35, 0.65, 0.95)})
    while len(steps) < 3:
        steps.append(steps[-1] + 1)
    return steps[0], steps[1], steps[2]


def _round(number: float) -> int:
    return int(number) if number < 10 else round(number / 5) * 5


def calendar(counts: Mapping[date, int], last: date, weeks: int, bounds: tuple[int, int, int]) -> Content:
    """A column a week, a row a day, `3 · weeks + 3` cells wide: taller where more was done, months below."""
    first = add_days(last, -(last.weekday() + 7 * (weeks - 1)))
    drawn = []
    for weekday, name in enumerate(DAYS):
        parts = [Content.styled(f"{name if weekday % 2 == 0 else '':<3}", MUTED)]
        for week in range(weeks):
            day = add_days(first, 7 * week + weekday)
            if day > last:
                parts.append(Content(" " * CALENDAR_CELL))
                continue
            level = level_of(counts.get(day, 0), bounds)
            parts.append(Content.styled(CALENDAR[level] * 2 + " ", DATA if level else MUTED))
        drawn.append(Content("").join(parts))
    months, seen = [], -1
    for week in range(weeks):
        monday = add_days(first, 7 * week)
        if monday.month != seen:
            seen = monday.month
            months.append((CALENDAR_CELL * week + 1, f"{monday:%b}"))
    return lines(*drawn, Content.styled("   " + spaced(months, CALENDAR_CELL * weeks), MUTED))


def level_of(count: int, bounds: tuple[int, int, int]) -> int:
    """0 for nothing, 1 to 4 for more and more."""
    return 0 if not count else 1 + sum(count >= bound for bound in bounds)


def calendar_legend(bounds: tuple[int, int, int]) -> Content:
    """What the heights of a calendar mean, in numbers, on one line."""
    low, middle, high = bounds
    names = ("none", f"1–{low - 1}", f"{low}–{middle - 1}", f"{middle}–{high - 1}", f"{high}+")
    return Content("  ").join(
        Content.styled(glyph * 2, DATA if level else MUTED) + Content.styled(f" {name}", MUTED)
        for level, (glyph, name) in enumerate(zip(CALENDAR, names, strict=True))
    )
