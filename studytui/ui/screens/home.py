"""Cards due on the next days, as bars with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studytui.domain.cards import Course
from studytui.domain.queue import Scope
from studytui.domain.sm2 import add_days
from studytui.errors import StoreError, shortened
from studytui.study.card_actions import ClockAhead, bring_back, clock_ahead, take_back
from studytui.study.next_steps import NextSteps, next_steps, now_step
from studytui.study.progress import Dashboard, Share, TodayOverview, dashboard, today_overview
from studytui.study.reading import reading_minutes
from studytui.study.review import FORECAST_DAYS, open_session
from studytui.ui.editing import edit_file
from studytui.ui.host import SHORT_OR_TALL, format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.charts import (
    CALENDAR_CELL,
    DAYS,
    MUTED,
    STAGES,
    bounds_of,
    calendar,
    calendar_legend,
    histogram,
    legend,
    lines,
    strength,
)
from studytui.ui.widgets.panels import Figure, Panel

NARROWEST: Final = 4
WIDEST: Final = 8


class Forecast(Widget):
    """One bar a day, today first; as many days as fit. Before the numbers are known only the days are drawn."""

    DEFAULT_CSS = """
    Forecast { height: 6; min-height: 4; }
    """

    def __init__(self, day: date, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._day = day
        self._due: tuple[int, ...] | None = None
        self._from_new: tuple[int, ...] = ()

    def show(self, day: date, due: tuple[int, ...] | None, from_new: tuple[int, ...] = ()) -> None:
        """Draw the cards due from `day` on, and what new ones add; None where they are not known yet."""
        if (day, due, from_new) != (self._day, self._due, self._from_new):
            self._day, self._due, self._from_new = day, due, from_new
            self.refresh()

    def render(self) -> Content:
        width, height = self.content_size
        if self._due is not None and not any(self._due) and not any(self._from_new):
            return Content.styled("Nothing is due yet. It fills as you answer new cards.", "$foreground-muted")
        due = self._due if self._due is not None else (0,) * FORECAST_DAYS
        column = min(WIDEST, max(NARROWEST, width // max(1, len(due))))
        due = due[: max(1, width // column)]
        names = [_name(add_days(self._day, i), i, column) for i in range(len(due))]
        rows = max(1, height - 2)
        if self._due is None:
            days = "".join(name.center(column - 1) + " " for name in names)
            return Content("\n" * (rows + 1)) + Content.styled(days, MUTED)
        return histogram(due, names, rows, column, above=self._from_new[: len(due)])


def _name(day: date, index: int, column: int) -> str:
    if index == 0 and column > 5:
        return "today"
    return str(day.day) if column < 5 else f"{DAYS[day.weekday()]}{' ' * (column > 5)}{day.day}"


# The whole course and its chapters with their progress, to start a review of one from


EVERYTHING = ""


class ScopeList(OptionList):
    """One row for everything and one a chapter. Rows stay in place when the numbers come in."""

    DEFAULT_CSS = """
    ScopeList { height: auto; border: none; padding: 0; background: transparent; text-wrap: nowrap; }
    ScopeList:focus { border: none; background-tint: transparent 0%; }
    """

    KEYS_OF = "list of chapters"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Start", tooltip="Review everything, or the chapter under the cursor; or read")
    ]

    @dataclass
    class Chosen(Message):
        """A row was chosen for review."""

        scope: Scope

    def __init__(self, course: Course, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._titles = {EVERYTHING: "Everything"} | {
            str(chapter.number): f"{chapter.number}  {safe(chapter.title)}" for chapter in course.chapters
        }
        self._shares: dict[str, Share] | None = None
        self._minutes: Mapping[str, int] = {}
        self._drawn: tuple[object, ...] | None = None
        for key in self._titles:
            self.add_option(Option(self._titles[key], id=f"chapter-{key}"))
        self.highlighted = 0

    @property
    def chapter(self) -> str:
        """The number of the chapter under the cursor, "" for everything."""
        return list(self._titles)[self.highlighted or 0]

    def show(self, shares: dict[str, Share], minutes: Mapping[str, int] | None = None) -> None:
        """Fill in the numbers; `minutes` to read each chapter stand where no card of it was met."""
        self._shares = shares
        self._minutes = minutes or {}
        self._draw()

    @on(events.Resize)
    def _resized(self) -> None:
        self._draw()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(Scope(chapter=self.chapter)))

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or self._drawn == (width, self._shares, self._minutes):
            return
        self._drawn = (width, self._shares, self._minutes)
        for index, (key, title) in enumerate(self._titles.items()):
            share = self._shares.get(key, Share()) if self._shares is not None else None
            self.replace_option_prompt_at_index(index, row(title, share, width, self._minutes.get(key, 0)))


TAIL_CELLS: Final = 15
TITLE_CELLS: Final = 44
BAR_CELLS: Final = (8, 18)


def row(title: str, share: Share | None, width: int, minutes: int = 0) -> Content:
    """Title, bar, cards due and share known on one line of `width` cells; the title has room first, the bar the rest.

    Blank behind the title where the numbers are not known yet. Where no card was met, `minutes` to read it take the
    place of the bar.
    """
    least, most = BAR_CELLS
    name = Content(title)
    room = width - TAIL_CELLS - 1
    title_room = max(1, min(max(TITLE_CELLS, name.cell_length), room - least))
    bar_room = max(0, min(most, room - title_room))
    title_room = max(1, room - bar_room)
    name = name.truncate(title_room, ellipsis=True)
    name = name.pad_right(max(0, title_room - name.cell_length))
    counts = None if share is None else [getattr(share, stage) for stage, _, _ in STAGES]
    is_unmet = minutes and share is not None and share.total and share.new == share.total
    bar = Content.styled(f"{minutes} min".rjust(bar_room), MUTED) if is_unmet else strength(counts, bar_room)
    line = Content.assemble(name, " ", bar, (tail(share), MUTED))
    return line.truncate(width) if line.cell_length > width else line


def tail(share: Share | None) -> str:
    """What stands behind a bar: due and known, or how many cards where none was met."""
    if share is None:
        return " " * TAIL_CELLS
    if not share.total:
        return "no cards yet".rjust(TAIL_CELLS)
    if share.new == share.total:
        return f"{share.total} card{'s' * (share.total != 1)}".rjust(TAIL_CELLS)
    due = f"{share.due} due" if share.due else ""
    return f"{due:>9}{(share.young + share.mature) / share.total:>6.0%}"


# The sections of a chapter with their progress, where the screen has room for them


class SectionBars(Widget):
    """Bars of the sections of one chapter, or of the whole course."""

    DEFAULT_CSS = """
    SectionBars { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self, course: Course, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._course = course
        self._chapter = ""
        self._shares: dict[str, Share] | None = None

    def show(self, chapter: str, shares: dict[str, Share] | None) -> None:
        """Show the sections of a chapter ("" for all); shares by section, None while they are not known."""
        if (chapter, shares) != (self._chapter, self._shares):
            self._chapter, self._shares = chapter, shares
            self.refresh(layout=True)

    @on(events.Resize)
    def _resized(self) -> None:
        self.refresh()

    def render(self) -> Content:
        width = max(20, self.content_size.width)
        shares = self._shares
        return Content("\n").join(
            row(
                f"{section.id} {safe(section.title)}",
                None if shares is None else shares.get(section.id, Share()),
                width,
            )
            for chapter in self._course.chapters
            if self._chapter in {"", str(chapter.number)}
            for section in chapter.sections
        )


# The first screen: what waits today, how the course stands, what comes; Enter starts


WATCH_SECONDS: Final = 2
"""How often the study day is looked at: a screen left open for days, or a machine that slept, shows the new one."""
PROBLEM_LINES: Final = 3
FEWEST_WEEKS: Final = 10
ASIDE_CELLS: Final = (44, 66)
"""What stands beside the chapters: the cells it needs, and those it has use for."""
FRAME_CELLS: Final = 7
"""Frame, padding and gap around the rows of a part that stands beside another."""
SCROLLBAR_CELLS: Final = 2
LONGEST_TITLE: Final = 60
"""A longer title is cut rather than that nothing stands beside it."""
BESIDE: Final = (("a", "Gap audit", "gate"), ("i", "Interview", "interview"), ("l", "Labs", "lab"))
"""What stands beside the cards, with the key that opens it."""
HOW_IT_WORKS: Final = Content.assemble(
    ("How it works\n", "bold"),
    ("1", "bold $text-primary"), " Read a short section.  ",
    ("2", "bold $text-primary"), " Answer its cards.  ",
    ("3", "bold $text-primary"), " Come back tomorrow.\n",
    ("Know a section already? i in the reader says so, and its cards come at once.", MUTED),
)  # fmt: skip


def _cells_of(titles: Sequence[str]) -> int:
    """The width of a framed list in which each row has its title whole, the shortest bar and the counts."""
    longest = max((Content(safe(title)).cell_length for title in titles), default=0)
    return min(LONGEST_TITLE, longest) + 1 + BAR_CELLS[0] + TAIL_CELLS + FRAME_CELLS


class Framed(Vertical):
    """A part of the screen: under a heading, or in a frame that says it where there is room."""

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(Static(title, classes="heading", markup=False), id=id, classes="framed")
        self.border_title = Content(title)


def answers(counts: Mapping[date, int], day: date) -> Figure:
    """Answers a day as a calendar; with the days studied, which a missed one does not undo."""
    bounds = bounds_of(list(counts.values()))
    since = (day - min(counts)).days // 7 + 2

    def draw(width: int) -> Content:
        weeks = max(1, min(max(FEWEST_WEEKS, since), (width - 3) // CALENDAR_CELL))
        return lines(calendar(counts, day, weeks, bounds), calendar_legend(bounds))

    return Figure("Answers a day", draw, f"{len(counts)} day{'s' * (len(counts) != 1)} studied")


class HomeScreen(StudyScreen[None]):
    """Counts first, from the database's indexes; statistics follow from a thread and fill places already laid out."""

    CSS_PATH = "home.tcss"
    VERTICAL_BREAKPOINTS = SHORT_OR_TALL
    ABOUT = (
        "Due cards come first, then new ones, up to the limits in the settings. A card graded below Good comes back "
        "the same day, after 5, 10 and 20 other cards, three times at most. Each answer is on the disk before the next "
        "card appears, so leaving is always safe. For pipes and screen readers there is studytui review --plain."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read", "Read", id="home.read", tooltip="Read the course, at the chapter marked"),
        Binding("b", "browse", "Cards", id="home.browse", tooltip="Find, suspend, edit and look at cards"),
        Binding("m", "map", "Map", id="home.map", tooltip="Progress by section, helper and lens"),
        Binding("x", "extra", "Practise", id="home.extra", tooltip="Practise any cards; schedules stay unchanged"),
        Binding("n", "new_card", "New card", show=False, id="home.new_card", tooltip="Write a card of your own"),
        Binding(
            "f",
            "recall",
            "Recall",
            show=False,
            id="home.recall",
            tooltip="Answer from memory with the book closed; work out an exercise",
        ),
        Binding(
            "i",
            "rehearse",
            "Interview",
            id="home.rehearse",
            tooltip="Answer interview questions, aloud or in writing",
        ),
        Binding(
            "a",
            "audit",
            "Gap audit",
            show=False,
            id="home.audit",
            tooltip="What the next module takes for granted, item by item",
        ),
        Binding("l", "labs", "Labs", id="home.labs", tooltip="Choose a lab and try it"),
        Binding(
            "p",
            "plan",
            "Plan",
            id="home.plan",
            tooltip="What the coming days cost; today alone; after a break; a short sitting",
        ),
        Binding(
            "s",
            "statistics",
            "Statistics",
            id="home.statistics",
            tooltip="Totals, sections, and how well your confidence fits what you know",
        ),
        Binding("comma", "settings", "Settings", key_display=",", id="home.settings", tooltip="Change the settings"),
        Binding(
            "t",
            "to_today",
            "Bring back",
            show=False,
            id="home.to_today",
            tooltip="Make cards due today that a wrong clock dated too far ahead",
        ),
        Binding(
            "u", "undo", "Undo", show=False, id="home.undo", tooltip="Put the cards brought to today back on their days"
        ),
        Binding(
            "e",
            "mend",
            "Fix",
            show=False,
            id="home.mend",
            tooltip="Open the file that cannot be read, at its line",
        ),
        Binding("f5", "refresh", "Refresh", show=False, id="home.refresh", tooltip="Refresh the figures"),
        Binding("q", "app.leave", "Quit", id="home.quit", tooltip="Leave; every answer is already saved"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._today: TodayOverview | None = None
        self._dashboard: Dashboard | None = None
        self._ahead: ClockAhead | None = None
        self._brought_back = ""

    def compose(self) -> ComposeResult:
        workspace = host(self).workspace
        day = workspace.today()
        yield Static(id="title", classes="title", markup=False)
        with Vertical(id="today"):
            yield Static(id="advice", markup=False)
            yield Static(id="counts", markup=False)
            yield Static(id="load", markup=False)
            gates = Static(id="audit", markup=False)
            gates.display = False
            yield gates
        yield Static(id="clock", markup=False)
        problems = Static(id="problems", markup=False)
        problems.display = bool(workspace.problems)
        yield problems
        with Container(id="body"):
            with Vertical(id="chapters"):
                with Framed("Progress", id="progress"):
                    yield ScopeList(workspace.course, id="scopes")
                    yield Static(legend(), id="legend", markup=False)
                with Framed("Sections", id="sections-frame"), VerticalScroll(id="sections", can_focus=False):
                    yield SectionBars(workspace.course, id="bars")
            yield Static(HOW_IT_WORKS, id="how", markup=False)
            with Vertical(id="aside"):
                with Framed("Due in the next two weeks", id="coming"):
                    yield Forecast(day, id="forecast")
                yield Panel(id="answers")
                with Framed("Beside the cards", id="beside"):
                    yield Static(id="steps", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ScopeList).focus()
        self.set_class(bool(host(self).workspace.course.gates), "-gated")
        self._lay_out()
        self.set_interval(WATCH_SECONDS, self._watch_day)

    def on_screen_resume(self) -> None:
        self.action_refresh()

    def action_refresh(self) -> None:
        """Read the counts now and the statistics in a thread."""
        workspace = host(self).workspace
        self._show_problems()
        try:
            self._today = today_overview(workspace)
        except StoreError as error:
            self._ask_again(error)
            return
        self._show_today()
        self.call_after_refresh(self._load)

    @on(ScopeList.Chosen)
    def _review(self, event: ScopeList.Chosen) -> None:
        state, scope = self._today, event.scope
        if state is not None and state.to_read is not None and not self._waits_in(scope):
            unread = [one for one in state.unread if scope.holds(one.partition(".")[0], one)]
            if unread and (scope.chapter or state.brings_new):
                host(self).open_reader(unread[0])
                return
        host(self).open_review(scope)

    def _waits_in(self, scope: Scope) -> bool:
        """Whether a review of a scope would show a card now."""
        try:
            return open_session(host(self).workspace, scope).counts.total > 0
        except StoreError:
            return True

    @on(ScopeList.OptionHighlighted)
    def _show_sections(self) -> None:
        shares = self._dashboard.shares if self._dashboard else None
        self.query_one(SectionBars).show(self.query_one(ScopeList).chapter, shares)

    def action_read(self) -> None:
        """Read the chapter the cursor is on, or where reading was left."""
        number = self.query_one(ScopeList).chapter
        chapters = host(self).workspace.course.chapters
        chapter = next((each for each in chapters if str(each.number) == number), None)
        host(self).open_reader(chapter.sections[0].id if chapter and chapter.sections else None)

    def action_browse(self) -> None:
        """Look through the cards of what the cursor is on."""
        number = self.query_one(ScopeList).chapter
        host(self).open_browser(f"chapter:{number} " if number else "")

    def action_map(self) -> None:
        """How far each part of the course is."""
        host(self).open_course_map()

    def action_plan(self) -> None:
        """The load of the coming days, and what may be chosen for today."""
        host(self).open_plan()

    def action_extra(self) -> None:
        """Choose what to study beside the schedule."""
        number = self.query_one(ScopeList).chapter
        host(self).open_extra(f"chapter:{number} " if number else "")

    def action_new_card(self) -> None:
        """Write a card of one's own."""
        host(self).open_new_card()

    def action_recall(self) -> None:
        """Free recall, and exercises for pen and paper."""
        host(self).open_recall()

    def action_rehearse(self) -> None:
        """Choose interview questions to rehearse."""
        host(self).open_rehearsal()

    def action_audit(self) -> None:
        """Open the board of the course's gate."""
        host(self).open_gate()

    def action_labs(self) -> None:
        """Choose a lab."""
        host(self).choose_lab()

    def action_statistics(self) -> None:
        """What was learned, and how well confidence fits it."""
        host(self).open_statistics()

    def action_settings(self) -> None:
        """Change the settings."""
        host(self).open_settings()

    def action_to_today(self) -> None:
        """Make the cards due today that were answered while the clock was ahead."""
        if self._ahead is None:
            return
        count = len(self._ahead.cards)
        try:
            self._brought_back = bring_back(host(self).workspace, self._ahead)
        except StoreError as error:
            self.notify(f"Nothing was changed: {format_error(error)}", severity="error", markup=False)
            return
        self._ahead = None
        self.notify(f"{count} card{'s are' if count > 1 else ' is'} due today. u undoes it.", markup=False)
        self.action_refresh()

    def action_undo(self) -> None:
        """Give the cards that were brought to today their days back, except those answered since."""
        if not self._brought_back:
            return
        try:
            count = take_back(host(self).workspace, self._brought_back)
        except StoreError as error:
            self.notify(f"Nothing was undone: {format_error(error)}", severity="error", markup=False)
            return
        self._brought_back = ""
        self.notify(f"Undone: {count} card{'s' * (count != 1)} brought to today.", markup=False)
        self.action_refresh()

    def action_mend(self) -> None:
        """Open the first file that cannot be read in the learner's editor, and read it again."""
        workspace = host(self).workspace
        first = workspace.problems[0]
        if problem := edit_file(self.app, workspace, first.file, first.line):
            self.notify(safe(problem), severity="warning", timeout=15, markup=False)
        self.action_refresh()

    def _load(self) -> None:
        self.read(self._numbers, self._show_numbers, self._ask_again)

    def _numbers(self) -> tuple[Dashboard, ClockAhead | None, NextSteps, list[str]]:
        from studytui.study.plan import home_lines

        workspace = host(self).workspace
        return dashboard(workspace), clock_ahead(workspace), next_steps(workspace, self._today), home_lines(workspace)

    def _show_numbers(self, found: tuple[Dashboard, ClockAhead | None, NextSteps, list[str]]) -> None:
        loaded, ahead, steps, load = found
        self._show_dashboard(loaded)
        self._show_clock(ahead)
        self._show_steps(steps, loaded)
        self._show_load(load)

    def _show_steps(self, steps: NextSteps, loaded: Dashboard) -> None:
        """What stands beside the cards: in a panel where there is room; else the gate alone, in a line."""
        gate, line = steps.of("gate"), self.query_one("#audit", Static)
        line.display = gate is not None
        if gate is not None:
            line.update(Content.styled(f"{gate.sign} {safe(gate.words)} (a)", MUTED))
        rows: list[Content] = []
        for key, name, each in (
            (key, name, found) for key, name, part in BESIDE if (found := steps.of(part)) is not None
        ):
            rows.append(
                Content.assemble((key, "bold $text-primary"), f"  {name}  ", (f"{each.sign} {safe(each.words)}", MUTED))
            )
            if each.step:
                rows.append(Content.assemble(("   → ", "$text-primary"), safe(each.step)))
        course = host(self).workspace.course
        for number in loaded.weak:
            section, share = course.section(number), loaded.shares[number]
            known = (share.young + share.mature) / (share.total - share.new)
            name = f"{number} {safe(section.title) if section else ''}"
            rows.append(Content.assemble(("   weak  ", "$text-warning"), name, (f"  {known:.0%} known", MUTED)))
        self.query_one("#steps", Static).update(lines(*rows))
        self.set_class(bool(rows), "-steps")

    def _ask_again(self, error: Exception) -> None:
        self.ask_again("The study database cannot be read", error, self.action_refresh)

    def _watch_day(self) -> None:
        workspace = host(self).workspace
        day = workspace.today()
        if self._today is not None and self._today.day != day and self.is_current:
            self.action_refresh()

    def _show_today(self) -> None:
        state = self._today
        if state is None:
            return
        counts = state.counts
        due = f"today of {state.overdue} overdue" if state.overdue > counts.due else "due"
        parts = [(counts.due, due), (counts.new, "new"), (counts.reask, "to repeat")]
        line = Content("   ").join(
            Content.styled(str(number), "bold $text-primary" if number else "$foreground-muted") + Content(f" {name}")
            for number, name in parts
        )
        done = state.reviews_done + state.new_done
        if state.questions_due:
            asked = f"   {state.questions_due} interview question{'s' * (state.questions_due > 1)} due (i)"
            line += Content.styled(asked, "$text-warning")
        if done:
            line += Content.styled(f"   ✓ {done} done today", "$text-success")
        self.query_one("#counts", Static).update(line)
        weakest = self._dashboard.weakest if self._dashboard else ""
        step = now_step(state, worst_section=weakest)
        waits = step.do in {"review", "read"}
        call = Content.styled("▶ Enter  ", "bold $text-primary") if waits else Content("")
        said = call + Content.styled(safe(step.words), "bold" if waits else MUTED)
        if step.then:
            indent = " " * (call.cell_length if step.do == "read" else 0)
            said += Content.styled(f"\n{indent}{safe(step.then)}", "" if step.do == "read" else MUTED)
        self.query_one("#advice", Static).update(said)
        is_first = bool(state.unread) and not host(self).workspace.store.has_answers
        self.set_class(is_first, "-first")
        self.query_one("#counts", Static).display = not (is_first and step.do == "read")
        self._show_title()

    def _show_problems(self) -> None:
        problems = host(self).workspace.problems
        line = self.query_one("#problems", Static)
        line.display = bool(problems)
        if problems:
            more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
            room = PROBLEM_LINES * (self.size.width - 2) - len(more) - 40  # some of it goes where lines are broken
            message = shortened(safe(problems[0].message), max(room, 40))
            line.update(Content.styled(f"✗ {message}{more} (e opens it)", "$text-error"))
        self.refresh_bindings()

    def _show_title(self) -> None:
        state, numbers = self._today, self._dashboard
        if state is None:
            return
        left = Content.styled(safe(host(self).workspace.course.title), "bold")
        right = f"{state.day:%a} {state.day.day} {state.day:%b}"
        if numbers is not None and numbers.answered:
            days = len(numbers.answered)
            more = "" if state.day in numbers.answered else " · not studied yet today"
            right = f"{days} day{'s' * (days > 1)} studied{more} · {right}"
        room = max(0, self.size.width - 2 - left.cell_length - len(right))
        self.query_one("#title", Static).update(left + Content(" " * room) + Content.styled(right, "$foreground-muted"))

    def _show_dashboard(self, loaded: Dashboard) -> None:
        if self._today is None:
            return
        self._dashboard = loaded
        self.query_one(ScopeList).show(loaded.shares, self._minutes_left())
        self._show_sections()
        self.query_one(Forecast).show(self._today.day, loaded.forecast.due, loaded.forecast.from_new)
        self.set_class(bool(loaded.answered), "-studied")
        if loaded.answered:
            self.query_one("#answers", Panel).show(answers(loaded.answered, self._today.day))
        self._show_today()

    def _minutes_left(self) -> dict[str, int]:
        """Minutes to read what is unread, by chapter, and of all under the key of everything."""
        minutes = reading_minutes(host(self).workspace)
        found: dict[str, int] = {}
        for section in self._today.unread if self._today else ():
            for key in (EVERYTHING, section.partition(".")[0]):
                found[key] = found.get(key, 0) + minutes.get(section, 0)
        return found

    def _show_clock(self, ahead: ClockAhead | None) -> None:
        self._ahead = ahead
        line = self.query_one("#clock", Static)
        line.display = ahead is not None
        text = f"! {ahead.words} Wrong clock? t: due today" if ahead else ""
        line.update(Content.styled(text, "$text-warning"))

    def _show_load(self, lines: list[str]) -> None:
        line = self.query_one("#load", Static)
        line.display = bool(lines)
        line.update(Content.styled("\n".join(safe(each) for each in lines), "$text-warning"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A course without gates has no audit; cards are brought back, and given back, only where there are any; where
        all can be read there is nothing to mend."""
        workspace = host(self).workspace
        match action:
            case "audit":
                return bool(workspace.course.gates)
            case "mend":
                return bool(workspace.problems)
            case "to_today":
                return self._ahead is not None
            case "undo":
                return bool(self._brought_back)
        return True

    def _lay_out(self) -> None:
        """Two columns where the chapters' titles leave room for a second one, which then gives way to the sections'."""
        course = host(self).workspace.course
        chapters = [f"{chapter.number}  {chapter.title}" for chapter in course.chapters]
        sections = [f"{section.id} {section.title}" for chapter in course.chapters for section in chapter.sections]
        room = self.size.width - 2
        least, most = ASIDE_CELLS
        is_wide = room >= _cells_of(chapters) + least
        self.set_class(is_wide, "-wide")
        self.set_class(not is_wide, "-narrow")
        aside = min(most, room * 2 // 5, room - _cells_of([*chapters, *sections]) - SCROLLBAR_CELLS)
        self.query_one("#aside").styles.width = max(least, aside) if is_wide else None

    def on_resize(self) -> None:
        self._lay_out()
        self._show_title()
        self._show_problems()
