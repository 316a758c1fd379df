"""The statistics as one page of HTML: its pictures are SVG in the page, nothing is loaded, everything typed escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from math import ceil
from typing import Final

from studytui import __version__
from studytui.domain.plain_text import safe
from studytui.domain.sm2 import add_days
from studytui.domain.statistics import STAGES, SURE_WORDS
from studytui.study.figures import Figures, Recall
from studytui.study.progress import Calibration, Share, Statistics

WIDTH: Final = 640
ROW: Final = 22
TALL: Final = 150
LETTER, GAP = 7, 6
"""What a letter of a name and the blank between two names take."""
MOST_WEEKS: Final = 26
MOST_DAYS: Final = 90
GRADE_WORDS: Final = {0: "Blackout", 1: "Wrong", 2: "Again", 3: "Hard", 4: "Good", 5: "Easy"}
_STYLE: Final = """
:root { color-scheme: light dark; --page: #FBFAF7; --text: #1D2329; --muted: #5B6167; --line: #D6D2C8;
  --data: #0A63A8; --right: #1D7A45; --partly: #8F5F00; --wrong: #B3262F; }
@media (prefers-color-scheme: dark) { :root { --page: #11161C; --text: #D8DEE6; --muted: #95A0AB; --line: #2C3743;
  --data: #4FA3E3; --right: #5CC489; --partly: #E3B341; --wrong: #F0717B; } }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif;
  background: var(--page); color: var(--text); }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem } p { margin: .3rem 0 }
p.muted, figcaption { color: var(--muted); font-size: .9rem } .totals b { font-size: 1.3rem }
svg { width: 100%; height: auto; display: block } figure { margin: 0 }
text { fill: var(--text); font: 12px system-ui, sans-serif } text.muted { fill: var(--muted) }
.data { fill: var(--data) } .more { fill: var(--data); fill-opacity: .4 } .right { fill: var(--right) }
.partly { fill: var(--partly) } .wrong { fill: var(--wrong) } .none { fill: var(--line) }
.axis { stroke: var(--line) } .curve { stroke: var(--data); fill: none; stroke-width: 2 }
.spread { stroke: var(--data); stroke-opacity: .45; stroke-width: 5 }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
td, th { text-align: left; padding: .15rem .5rem .15rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top } td.n, th.n { text-align: right }
"""
_STAGE_CLASSES: Final = {"mature": "right", "young": "data", "learning": "partly", "lapsed": "wrong", "new": "none"}


def statistics_page(found: Statistics, title: str) -> str:
    """The whole page; `title` is the course's."""
    return "\n".join(_page(found, title)) + "\n"


def _page(found: Statistics, title: str) -> Iterator[str]:
    figures, whole = found.figures, found.board.shares.get("", Share())
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f"<title>{_text(title)}: statistics</title>"
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    yield f"<h1>{_text(title)}</h1>"
    yield f'<p class="muted">Statistics of {found.day:%A}, {found.day.day} {found.day:%B %Y}</p>'
    known = whole.young + whole.mature
    yield (
        f'<p class="totals"><b>{figures.days_studied}</b> days studied · <b>{figures.answers:,}</b> answers · '
        f"<b>{figures.seconds / 3600:.1f}</b> hours · <b>{known}</b> of {whole.total} cards known</p>"
    )
    if not figures.days:
        yield "<p>The pictures come after your first reviews.</p>"
    else:
        yield from _pictures(found)
    yield from _sections(found)
    yield f'<p class="muted">studytui {escape(__version__)}</p></body></html>'


def _pictures(found: Statistics) -> Iterator[str]:
    figures = found.figures
    weeks = [week for week in figures.weeks[-MOST_WEEKS:] if week.count]
    if weeks:
        yield _figure(
            "Recalled when due, by week", _curve(weeks), "The bar through a point: where the share lies, at 95 %."
        )
        yield _figure("Recalled by maturity", _shares(figures.stages), "")
        yield _figure("Recalled by kind of card", _shares([one for one in figures.kinds if one.count]), "")
    yield _figure("Answers a day", _calendar(figures), "A column a week; stronger where more was answered.")
    yield _figure("Minutes a day", _minutes(figures), f"The last {MOST_DAYS} days.")
    if figures.due:
        names = [f"{(add_days(figures.day, at)):%a}" for at in range(len(figures.due))]
        drawn = _columns(figures.due, names, above=figures.from_new)
        yield _figure("Due in the next days", drawn, "Lighter: what new cards will add.")
    if found.calibration.levels:
        yield _figure("How sure, how right", _sure(found.calibration), "Bar: what was right. Line: what was said.")
    yield _figure("Grades given to cards seen before", _grades(figures), "")
    yield _figure(
        "Answers by hour of the day",
        _columns([one.answers for one in figures.hours], [one.of for one in figures.hours]),
        "",
    )
    yield _figure("Ease factors", _columns([n for _, n in figures.ease], [name for name, _ in figures.ease]), "Cards.")
    yield _figure(
        "Intervals in days",
        _columns([n for _, n in figures.intervals], [name for name, _ in figures.intervals]),
        "Cards.",
    )
    if figures.hardest:
        rows = [(f"{one.misses} of {one.answers}", one.section, one.title) for one in figures.hardest]
        yield _table("Hardest cards", ("missed", "section", "card"), rows)
    if figures.confused:
        chosen = [(str(one.count), one.section, one.title, one.option, one.right) for one in figures.confused]
        yield _table("Most confused options", ("times", "section", "card", "chosen", "right"), chosen)
    titles = dict(found.sections)
    cost = [
        (f"{one.of} {titles.get(one.of, '')}", f"{one.seconds / 60:.0f}", f"{one.answers:,}")
        for one in figures.chapters
        if one.answers
    ]
    yield _table("What each chapter costs", ("chapter", "minutes", "answers"), cost)


def _sections(found: Statistics) -> Iterator[str]:
    yield "<h2>Chapters and sections</h2><table>"
    yield "<tr><th>section</th><th></th><th class=n>known</th><th class=n>due</th></tr>"
    for number, title in (("", "The whole course"), *found.sections):
        share = found.board.shares.get(number, Share())
        at, parts = 0.0, []
        for stage in reversed(STAGES):
            wide = 160 * getattr(share, stage) / share.total if share.total else 0.0
            parts.append(f'<rect class="{_STAGE_CLASSES[stage]}" x="{at:.1f}" y="2" width="{wide:.1f}" height="12"/>')
            at += wide
        counts = ", ".join(f"{getattr(share, stage)} {stage}" for stage in reversed(STAGES))
        bar = f'<svg viewBox="0 0 160 16" style="width:10rem" role="img"><title>{counts}</title>{"".join(parts)}</svg>'
        known = f"{(share.young + share.mature) / share.total:.0%}" if share.total else ""
        yield (
            f"<tr><td>{_text(f'{number} {title}'.strip())}</td><td>{bar}</td><td class=n>{known}</td>"
            f"<td class=n>{share.due or ''}</td></tr>"
        )
    yield "</table>"


def _figure(title: str, drawn: str, caption: str) -> str:
    below = f"<figcaption>{_text(caption)}</figcaption>" if caption else ""
    return f"<h2>{_text(title)}</h2><figure>{drawn}{below}</figure>"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{_text(title)}</h2><table><tr>{head}</tr>{body}</table>"


def _svg(height: float, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img">{"".join(parts)}</svg>'


def _label(x: float, y: float, text: str, anchor: str = "start", muted: bool = False) -> str:
    style = ' class="muted"' if muted else ""
    return f'<text{style} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_text(text)}</text>'


def _curve(weeks: Sequence[Recall]) -> str:
    lowest = min(one.share or 0.0 for one in weeks)
    low = max(0.0, min(0.7, int(lowest * 10 - 0.5) / 10))
    left, wide = 46, (WIDTH - 60) / len(weeks)

    def up(share: float) -> float:
        return 12 + TALL * (1 - max(0.0, share - low) / (1 - low))

    parts, points = [], []
    for number in range(round(low * 10), 11):
        parts.append(
            f'<line class="axis" x1="{left}" x2="{WIDTH}" y1="{up(number / 10):.1f}" y2="{up(number / 10):.1f}"/>'
        )
        parts.append(_label(left - 6, up(number / 10) + 4, f"{number * 10} %", "end", True))
    step = max(1, len(weeks) // 9)
    for at, one in enumerate(weeks):
        x = left + wide * (at + 0.5)
        below, above = one.interval or (0.0, 1.0)
        points.append(f"{x:.1f},{up(one.share or 0):.1f}")
        parts.append(f'<line class="spread" x1="{x:.1f}" x2="{x:.1f}" y1="{up(below):.1f}" y2="{up(above):.1f}"/>')
        tip = f"<title>{one.recalled} of {one.count}, {one.share:.0%}</title>"
        parts.append(f'<circle class="data" cx="{x:.1f}" cy="{up(one.share or 0):.1f}" r="4">{tip}</circle>')
        if (len(weeks) - 1 - at) % step == 0:
            monday = date.fromisoformat(one.of)
            parts.append(_label(x, TALL + 32, f"{monday.day} {monday:%b}", "middle", True))
    return _svg(TALL + 40, [*parts, f'<polyline class="curve" points="{" ".join(points)}"/>'])


def _shares(found: Sequence[Recall]) -> str:
    rows = []
    for one in found:
        low, high = one.interval or (0.0, 1.0)
        rows.append(
            (one.of, one.share or 0.0, f"{one.share or 0:.0%} of {one.count:,} ({low:.0%} to {high:.0%})", "data")
        )
    return _bars(rows)


def _bars(rows: Sequence[tuple[str, float, str, str]], marks: Sequence[float] = ()) -> str:
    """Bars to the right: (name, share of the whole width, words behind, colour)."""
    left, room, parts = 110, 330, []
    for at, (name, share, words, style) in enumerate(rows):
        y = at * ROW
        parts.append(_label(0, y + 15, name))
        parts.append(f'<rect class="{style}" x="{left}" y="{y + 4}" width="{room * share:.1f}" height="14"/>')
        if marks:
            x = left + room * marks[at]
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 1}" y2="{y + 21}" stroke="currentColor" stroke-width="2"/>'
            )
        parts.append(_label(left + room + 10, y + 15, words, muted=True))
    return _svg(len(rows) * ROW + 2, parts)


def _columns(values: Sequence[int], names: Sequence[str], *, above: Sequence[int] = (), style: str = "data") -> str:
    uppers = list(above) or [0] * len(values)
    most = max((a + b for a, b in zip(values, uppers, strict=True)), default=0) or 1
    wide, parts = WIDTH / max(1, len(values)), []
    step = ceil((max(map(len, names), default=0) * LETTER + GAP) / wide)
    for at, (value, more) in enumerate(zip(values, uppers, strict=True)):
        x, tall, top = at * wide, TALL * value / most, TALL * more / most
        parts.append(_column(style, x, wide, 16 + TALL - tall, tall))
        if more:
            parts.append(_column("more", x, wide, 16 + TALL - tall - top, top))
        if len(values) <= 30 and value + more:
            parts.append(_label(x + wide / 2, 12 + TALL - tall - top, f"{value + more:,}", "middle"))
        if at % step == step // 2 and names[at]:
            parts.append(_label(x + wide / 2, TALL + 32, names[at], "middle", True))
    return _svg(TALL + 40, parts)


def _column(style: str, x: float, wide: float, y: float, tall: float) -> str:
    return f'<rect class="{style}" x="{x + wide * 0.1:.1f}" y="{y:.1f}" width="{wide * 0.8:.1f}" height="{tall:.1f}"/>'


def _minutes(figures: Figures) -> str:
    by_day = {one.day: one.seconds for one in figures.days}
    shown = [add_days(figures.day, -back) for back in range(MOST_DAYS - 1, -1, -1)]
    names = [f"{day.day} {day:%b}" for day in shown]
    return _columns([round(by_day.get(day, 0.0) / 60) for day in shown], names, style="right")


def _calendar(figures: Figures) -> str:
    counts = {one.day: one.answers for one in figures.days}
    most = max(counts.values())
    side, weeks, left = 16, 2 * MOST_WEEKS, 30
    monday = add_days(figures.day, -figures.day.weekday())
    first = max(add_days(monday, -7 * (weeks - 1)), add_days(figures.days[0].day, -figures.days[0].day.weekday()))
    cell = min(side, (WIDTH - left) / ((monday - first).days // 7 + 1))
    parts = [_label(0, 24 + row * cell + cell - 4, name, muted=True) for row, name in ((0, "Mo"), (2, "We"), (4, "Fr"))]
    month = 0
    for number in range((figures.day - first).days + 1):
        day = add_days(first, number)
        x, y = left + (day - first).days // 7 * cell, 20 + day.weekday() * cell
        count = counts.get(day, 0)
        look = f'class="data" fill-opacity="{0.25 + 0.75 * count / most:.2f}"' if count else 'class="none"'
        tip = f"<title>{day:%a} {day.day} {day:%b}: {count}</title>"
        parts.append(
            f'<rect {look} x="{x:.1f}" y="{y:.1f}" width="{cell - 2:.1f}" height="{cell - 2:.1f}">{tip}</rect>'
        )
        if day.weekday() == 0 and day.month != month:
            month = day.month
            parts.append(_label(x, 14, f"{day:%b}", muted=True))
    return _svg(24 + 7 * cell, parts)


def _sure(found: Calibration) -> str:
    rows = [
        (f"{one.confidence} {SURE_WORDS[one.confidence]}", one.share, f"{one.share:.0%} right of {one.count}", "data")
        for one in found.levels
    ]
    return _bars(rows, [one.said for one in found.levels])


def _grades(figures: Figures) -> str:
    total = sum(seen for _, _, seen in figures.buttons) or 1
    styles = {3: "partly", 4: "right", 5: "data"}
    return _bars(
        [
            (GRADE_WORDS[grade], seen / total, f"{seen / total:.0%}, {seen:,} times", styles.get(grade, "wrong"))
            for grade, _, seen in figures.buttons
        ]
    )


def _text(text: str) -> str:
    return escape(safe(text))
