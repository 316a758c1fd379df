"""What was learned, as pictures: recall, days, what comes, calibration, grades, hours, hard cards, chapters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Digits, Static

from studytui.domain.sm2 import add_days, grade_label
from studytui.domain.statistics import SURE_WORDS, ConfidenceLevel
from studytui.study.figures import Figures, Recall
from studytui.study.progress import Calibration, Share, Statistics, statistics
from studytui.ui.host import NARROW_OR_WIDE, format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.charts import (
    DATA,
    MUTED,
    STAGES,
    Estimate,
    across,
    below,
    bounds_of,
    calendar,
    calendar_legend,
    columns,
    curve,
    histogram,
    legend,
    lines,
    margin_of,
    spaced,
    strength,
)
from studytui.ui.widgets.panels import Figure, Panel

NO_CONFIDENCE = (
    "No confidence ratings yet. Interviews ask",
    "for one; turn on “Ask confidence” in the",
    "settings (,) for reviews.",
)
NO_REVIEWS: Final = "You see it after your first reviews."
NO_REPEATS: Final = "You see it once cards come again."
BELOW: Final = 0.75
"""A kind of card recalled less often than this is marked."""
ENOUGH: Final = 20
"""Reviews from which on a kind's share, or an hour's, says something."""
CURVE_ROWS: Final = 7
BAR_ROWS: Final = 6
MOST_WEEKS: Final = 26
FEWEST_WEEKS: Final = 10
MOST_ROWS: Final = 8
TILES: Final = 5


class StatisticsScreen(StudyScreen[None]):
    """Read in a thread; every figure is drawn for the width there is."""

    CSS_PATH = "statistics.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc", id="statistics.back", tooltip="Back"),
        Binding("down,j", "scroll_lines(1)", "Scroll", key_display="↓ ↑", id="statistics.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="statistics.up", tooltip="Scroll up"),
        Binding("pagedown,space", "scroll_lines(15)", "Page down", key_display="PgDn", id="statistics.page_down",
                tooltip="Scroll a page down"),
        Binding("pageup", "scroll_lines(-15)", "Page up", show=False, id="statistics.page_up",
                tooltip="Scroll a page up"),
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        yield Static("Statistics", classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static(id="headline", markup=False)
            with Horizontal(id="tiles"):
                for number in range(TILES):
                    with Vertical(classes="tile"):
                        yield Digits(id=f"digits-{number}")
                        yield Static(id=f"word-{number}", markup=False)
            yield Container(id="figures")
        yield KeyBar()

    def on_mount(self) -> None:
        self.read(partial(statistics, host(self).workspace), self._show, self._show_problem)

    def _show_problem(self, error: Exception) -> None:
        text = f"The statistics cannot be read: {format_error(error)}"
        self.query_one("#headline", Static).update(Content(text))
        self.add_class("-failed")

    def _show(self, found: Statistics) -> None:
        told = headline(found)
        brief = [(number, word.removesuffix(" studied")) for number, word in told]
        line = Content.styled(" · ", MUTED).join(Content.assemble((n, "bold"), f" {word}") for n, word in brief)
        self.query_one("#headline", Static).update(line)
        for number, (value, word) in enumerate(told):
            self.query_one(f"#digits-{number}", Digits).update(value)
            self.query_one(f"#word-{number}", Static).update(Content.styled(word, MUTED))
        self.add_class("-known")
        holder = self.query_one("#figures", Container)
        holder.mount_all([Panel(figure) for figure in all_figures(found)])


def headline(found: Statistics) -> list[tuple[str, str]]:
    """The five numbers on top: (number, what it counts)."""
    figures, whole = found.figures, found.board.shares.get("", Share())
    due = sum(one.count for one in figures.weeks)
    recalled = f"{sum(one.recalled for one in figures.weeks) / due:.0%}" if due else "–"
    hours = figures.seconds / 3600
    return [
        (recalled, "recalled"),
        (str(figures.days_studied), f"day{'s' * (figures.days_studied != 1)} studied"),
        (f"{figures.answers:,}", "answers"),
        (f"{hours:.1f}", "hours"),
        (str(whole.young + whole.mature), f"of {whole.total} known"),
    ]


def all_figures(found: Statistics) -> Iterator[Figure]:
    """Every figure, the most asked for first."""
    figures = found.figures
    yield by_week(figures)
    yield by_kind(figures)
    yield days(figures)
    yield coming(figures)
    yield sure_and_right(found.calibration)
    yield minutes(figures)
    yield grades(figures)
    yield hours(figures)
    yield ease(figures)
    yield intervals(figures)
    yield hardest(figures)
    yield confused(figures)
    yield cost(found)
    yield sections(found)


def by_week(figures: Figures) -> Figure:
    """The share recalled when due, week by week, with its interval at 95 %."""
    if not any(week.count for week in figures.weeks):
        return Figure("Recalled when due, by week", lambda _: Content.styled(NO_REPEATS, MUTED))

    def draw(width: int) -> Content:
        shown = figures.weeks[-min(MOST_WEEKS, max(2, (width - 6) // 4)) :]
        found = [estimate(week) for week in shown]
        lowest = min(one.share for one in found if one is not None)
        low = max(0.0, min(0.7, int(lowest * 10 - 0.5) / 10))
        margin = margin_of(low, 1.0, CURVE_ROWS, percent)
        values = [f"{one.share:.0%}"[:-1] if one else "–" for one in found]
        names = [f"{date.fromisoformat(week.of):%-d %b}" for week in shown]
        return lines(
            curve(found, CURVE_ROWS, width, low=low, high=1.0, label=percent),
            below(values, width, margin, "bold"),
            below(names, width, margin),
            Content.styled("● recalled, %   │ interval at 95 %", MUTED),
        )

    note = "  ".join(f"{one.of} {one.share:.0%}" for one in figures.stages if one.share is not None)
    return Figure("Recalled when due, by week", draw, note)


def estimate(one: Recall) -> Estimate | None:
    """A share with its interval; None without a review."""
    if one.share is None or one.interval is None:
        return None
    return Estimate(one.share, *one.interval)


def percent(share: float) -> str:
    """70 %, as the axis has it."""
    return f"{share:.0%}"


def by_kind(figures: Figures) -> Figure:
    """The share recalled by maturity, then by kind of card; what is below three quarters is marked."""
    if not any(one.count for one in figures.kinds):
        return Figure("Recalled by maturity and kind", lambda _: Content.styled(NO_REPEATS, MUTED))

    def draw(width: int) -> Content:
        return lines(
            *(_recall_line(one, width) for one in figures.stages),
            Content(""),
            *(_recall_line(one, width) for one in figures.kinds if one.count),
            Content.styled(f"▼ below {BELOW:.0%}   reviews, and % at 95 %", MUTED),
        )

    return Figure("Recalled by maturity and kind", draw, "right when due")


def _recall_line(one: Recall, width: int) -> Content:
    share = one.share or 0.0
    low, high = one.interval or (0.0, 1.0)
    is_low = one.count >= ENOUGH and share < BELOW
    tail = f" {share:>4.0%} {'▼' if is_low else ' '}{one.count:>6}  {low * 100:>2.0f}–{high * 100:.0f}".ljust(22)
    style = "$warning" if is_low else DATA
    return Content.assemble(f"{one.of:<9} ", across(share, 1.0, max(4, width - 10 - len(tail)), style), (tail, MUTED))


def days(figures: Figures) -> Figure:
    """Answers a day as a calendar, with the days studied in all."""
    if not figures.days:
        return Figure("Answers a day", lambda _: Content.styled(NO_REVIEWS, MUTED))
    counts = {one.day: one.answers for one in figures.days}
    bounds = bounds_of(list(counts.values()))
    weeks = min(MOST_WEEKS, max(FEWEST_WEEKS, (figures.day - figures.days[0].day).days // 7 + 2))

    def draw(width: int) -> Content:
        most = max(figures.days, key=lambda one: one.answers)
        return lines(
            calendar(counts, figures.day, min(weeks, (width - 3) // 3), bounds),
            calendar_legend(bounds),
            Content.styled(f"most: {most.answers} on {most.day:%a} {most.day.day} {most.day:%b}", MUTED),
        )

    average = figures.answers / figures.days_studied
    studied = f"{figures.days_studied} day{'s' * (figures.days_studied != 1)} studied"
    return Figure("Answers a day", draw, f"{studied}, {average:.0f} on average")


def minutes(figures: Figures) -> Figure:
    """Minutes on each of the last days."""
    if not figures.days:
        return Figure("Minutes a day", lambda _: Content.styled(NO_REVIEWS, MUTED))
    by_day = {one.day: one.seconds for one in figures.days}

    def draw(width: int) -> Content:
        count = min(60, width)
        shown = [add_days(figures.day, -back) for back in range(count - 1, -1, -1)]
        values = [round(by_day.get(day, 0.0)) for day in shown]
        names = [
            (at, f"{day.day} {day:%b}") for at, day in enumerate(shown) if day.weekday() == 0 and at < count - 9
        ] + [(count - 1, "today")]
        peak = f"peak {max(values) / 60:.0f} min · {sum(values) / 3600:.1f} hours in {count} days"
        return lines(
            columns(values, BAR_ROWS, style="$success"),
            Content.styled(spaced(names[::2] if names[-1] in names[::2] else [*names[:-1:2], names[-1]], width), MUTED),
            Content.styled(peak, MUTED),
        )

    average = figures.seconds / 60 / figures.days_studied
    return Figure("Minutes a day", draw, f"{average:.0f} on a day studied")


def coming(figures: Figures) -> Figure:
    """What will be due, and what new cards add to it if each is recalled."""
    if not any(figures.due) and not any(figures.from_new):
        return Figure("Due in the next days", lambda _: Content.styled("Nothing is due yet.", MUTED))

    def draw(width: int) -> Content:
        cell = 2 if width < 60 else 3
        count = min(len(figures.due), width // cell)
        ahead = [add_days(figures.day, number) for number in range(count)]
        names = [(number * cell, "today" if not number else f"{day:%a}") for number, day in enumerate(ahead)]
        peak = max(a + b for a, b in zip(figures.due, figures.from_new, strict=True))
        return lines(
            columns(figures.due[:count], BAR_ROWS, cell, above=figures.from_new[:count]),
            Content.styled(spaced(names, width), MUTED),
            Content.assemble(("█", DATA), (" cards you have   ", MUTED), ("▒", DATA), (" from new cards", MUTED)),
            Content.styled(f"peak {peak} a day", MUTED),
        )

    total = sum(figures.due) + sum(figures.from_new)
    return Figure(f"Due in the next {len(figures.due)} days", draw, f"{total / len(figures.due):.0f} a day")


def sure_and_right(found: Calibration) -> Figure:
    """For each confidence what it means and what was right, with the interval; where more is believed than known."""
    title = "How sure, how right"
    if found.brier is None or found.parts is None:
        return Figure(title, lambda _: lines(*(Content.styled(line, MUTED) for line in NO_CONFIDENCE)))

    def draw(width: int) -> Content:
        head = [
            Content.assemble((f"Brier score {found.brier:.3f}", "bold"), f" of {_answers(found)}"),
            Content.styled(f"0 is perfect; always your average: {found.parts.uncertainty:.3f}", MUTED),  # type: ignore[union-attr]
        ]
        scales = [_scale(level, width) for level in found.levels]
        key = Content.styled("┼ you said  ● was right  ─ 95 %", MUTED)
        tail = [_overconfident(found, topic.topic, topic.said, topic.share, width) for topic in found.overconfident[:3]]
        return lines(*head, *scales, key, *(tail or [Content("Too sure in no section.")]))

    return Figure(title, draw, f"{found.reviews} in reviews, {found.rehearsals} in interviews")


def _answers(found: Calibration) -> str:
    return f"{found.answers} answer{'s' * (found.answers != 1)}"


def _overconfident(found: Calibration, section: str, said: float, share: float, width: int) -> Content:
    tail = f"  said {said:.0%}, right {share:.0%}"
    name = _cut(f"too sure in {safe(found.title(section))}", width - 2 - len(tail))
    return Content.assemble(("! ", "bold $text-warning"), name, (tail, MUTED))


def _scale(level: ConfidenceLevel, width: int) -> Content:
    """From 0 to 100 %: the interval, what was right in it, and what the confidence claims."""
    off = level.said - level.share
    clear = not level.interval[0] <= level.said <= level.interval[1]
    sign, word, tone = (
        ("▲", "too sure", "$text-warning")
        if clear and off > 0
        else ("▼", "too modest", "$text-warning")
        if clear
        else ("●", "fits", "$text-success")
    )
    tail = f" {level.share:>4.0%} of {level.count:<5}"
    cells_wide = max(9, min(41, width - 12 - len(tail) - 12))
    low, high = (round(each * (cells_wide - 1)) for each in level.interval)
    cells = ["─" if low <= at <= high else "·" for at in range(cells_wide)]
    cells[round(level.said * (cells_wide - 1))] = "┼"
    cells[round(level.share * (cells_wide - 1))] = "●"
    name = f"{level.confidence} {SURE_WORDS[level.confidence]:<9} "
    return Content.assemble(name, ("".join(cells), "$text-primary"), tail, (f"{sign} {word}", tone))


def grades(figures: Figures) -> Figure:
    """How often each grade was given, to new cards and to cards seen before."""
    if not figures.buttons:
        return Figure("Grades", lambda _: Content.styled(NO_REVIEWS, MUTED))
    all_new = sum(new for _, new, _ in figures.buttons)
    all_seen = sum(seen for _, _, seen in figures.buttons)

    def draw(width: int) -> Content:
        drawn = []
        for title, total, at in (("at first sight", all_new, 1), ("seen before", all_seen, 2)):
            if not total:
                continue
            drawn.append(Content.styled(f"{title} ({total:,})", MUTED))
            for button in figures.buttons:
                share = button[at] / total
                tail = f" {share:>4.0%} {button[at]:>6,}"
                bar = across(share, 1.0, max(4, width - 11 - len(tail)), _grade_tone(button[0]))
                drawn.append(Content.assemble(f"  {grade_label(button[0], four=True):<8} ", bar, (tail, MUTED)))
        return lines(*drawn)

    return Figure("Grades", draw, "scheduled reviews")


def _grade_tone(grade: int) -> str:
    return "$error" if grade < 3 else {3: "$warning", 4: "$success"}.get(grade, DATA)


def hours(figures: Figures) -> Figure:
    """Answers by hour of the day, with the hour at which most is recalled."""
    if not figures.days:
        return Figure("Hours of the day", lambda _: Content.styled(NO_REVIEWS, MUTED))

    def draw(width: int) -> Content:
        cell, gap = (2, 1) if width >= 72 else (2, 0) if width >= 48 else (1, 0)
        names = [(hour * (cell + gap), str(hour)) for hour in range(0, 24, 3)]
        told = [one for one in figures.hours if one.count >= ENOUGH and one.share is not None]
        remark = ""
        if len(told) > 1:
            best, worst = (pick(told, key=lambda one: one.share or 0.0) for pick in (max, min))
            remark = f"most is recalled at {best.of} h ({best.share:.0%}), least at {worst.of} h ({worst.share:.0%})"
        return lines(
            columns([one.answers for one in figures.hours], BAR_ROWS, cell, gap=gap),
            Content.styled(spaced(names, width), MUTED),
            Content.styled(_cut(remark, width), MUTED),
        )

    return Figure("Hours of the day", draw, "answers")


def ease(figures: Figures) -> Figure:
    """How many cards have which ease factor."""
    return _bins("Ease factors", figures.ease, "cards, by ease factor from")


def intervals(figures: Figures) -> Figure:
    """How many cards have which interval."""
    return _bins("Intervals", figures.intervals, "cards, by days")


def _bins(title: str, bins: Sequence[tuple[str, int]], note: str) -> Figure:
    if not any(count for _, count in bins):
        return Figure(title, lambda _: Content.styled(NO_REVIEWS, MUTED))
    names, values = [name for name, _ in bins], [count for _, count in bins]

    def draw(width: int) -> Content:
        return histogram(values, names, BAR_ROWS - 1, min(9, max(5, width // len(values))))

    return Figure(title, draw, note)


def hardest(figures: Figures) -> Figure:
    """The cards missed most often."""
    if not figures.hardest:
        return Figure("Hardest cards", lambda _: Content.styled("No card was missed twice yet.", MUTED))

    def draw(width: int) -> Content:
        return lines(
            *(
                Content.assemble(
                    (f"{one.misses:>3}", "bold"),
                    (f" of {one.answers:<4}{one.section:<5} ", MUTED),
                    _cut(one.title, width - 17),
                )
                for one in figures.hardest[:MOST_ROWS]
            )
        )

    return Figure("Hardest cards", draw, "missed of answers")


def confused(figures: Figures) -> Figure:
    """Wrong options that are chosen most often, with the right ones."""
    if not figures.confused:
        return Figure("Most confused options", lambda _: Content.styled("No wrong option was chosen yet.", MUTED))

    def draw(width: int) -> Content:
        drawn = []
        for one in figures.confused[: MOST_ROWS // 2]:
            drawn += [
                Content.assemble(
                    (f"{one.count:>3}", "bold"), (f"  {one.section:<5}", MUTED), _cut(one.title, width - 10)
                ),
                Content.assemble(("     ✗ ", "$text-error"), _cut(one.option, width - 7)),
                Content.assemble(("     ✓ ", "$text-success"), _cut(one.right, width - 7)),
            ]
        return lines(*drawn)

    return Figure("Most confused options", draw, "times, chosen for the right one")


def cost(found: Statistics) -> Figure:
    """What each chapter took: minutes, answers, and what an answer takes."""
    spent = [one for one in found.figures.chapters if one.answers]
    if not spent:
        return Figure("What each chapter costs", lambda _: Content.styled(NO_REVIEWS, MUTED))
    titles = dict(found.sections)

    def draw(width: int) -> Content:
        most = max(one.seconds for one in spent)
        name = min(43, width - 32)
        drawn = [Content.styled("minutes answers  s each".rjust(width), MUTED)]
        for one in spent:
            tail = f"{one.seconds / 60:>9.0f} {one.answers:>7,} {one.seconds / one.answers:>7.0f}"
            title = _padded(f"{one.of} {safe(titles.get(one.of, ''))}", name)
            bar = across(one.seconds, most, max(4, width - name - 1 - len(tail)))
            drawn.append(Content.assemble(title, " ", bar, (tail, MUTED)))
        return lines(*drawn)

    return Figure(
        "What each chapter costs", draw, f"{sum(one.seconds for one in spent) / 3600:.1f} hours in all", wide=True
    )


def sections(found: Statistics) -> Figure:
    """How far each chapter and section is."""

    def draw(width: int) -> Content:
        name = min(54, width - 24)
        drawn = [
            legend() if width > 56 else Content(""),
            Content.styled(f"{'':{name + 1 + max(8, min(40, width - name - 15))}}  known    due", MUTED),
        ]
        for number, title in (("", "The whole course"), *found.sections):
            share = found.board.shares.get(number, Share())
            known = f"{(share.young + share.mature) / share.total:.0%}" if share.total else ""
            due = f"{share.due}" if share.due else ""
            text = _padded(f"{number} {safe(title)}".strip(), name)
            counts = [getattr(share, stage) for stage, _, _ in STAGES]
            bar = strength(counts, max(8, min(40, width - name - 1 - 14)))
            is_part = "." in number
            drawn.append(Content.assemble((text, "" if is_part else "bold"), " ", bar, (f"{known:>7}{due:>7}", MUTED)))
        return lines(*drawn)

    return Figure("Chapters and sections", draw, "known: young or mature", wide=True)


def _cut(text: str, width: int) -> str:
    """A text of at most `width` cells, on one line."""
    line = Content(" ".join(text.split()))
    return str(line.truncate(max(1, width), ellipsis=True)) if line.cell_length > width else str(line)


def _padded(text: str, width: int) -> str:
    """A text of exactly `width` cells."""
    text = _cut(text, width)
    return text + " " * (width - Content(text).cell_length)
