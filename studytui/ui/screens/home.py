"""The first screen: what waits today, how the course stands, what comes; Enter starts."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.library.errors import shortened
from studytui.services.audit.home import home_line
from studytui.services.card_acts import take_back
from studytui.services.clock_ahead import ClockAhead, bring_back, clock_ahead
from studytui.services.dashboard import Dashboard, dashboard
from studytui.services.overview import Today, advice, today
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import NARROW_OR_WIDE, SHORT_OR_TALL
from studytui.ui.editing import edit_file
from studytui.ui.host import host
from studytui.ui.problems import ProblemScreen, sentence
from studytui.ui.text import safe
from studytui.ui.widgets.forecast import Forecast
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.progress import legend
from studytui.ui.widgets.scope_list import ScopeList
from studytui.ui.widgets.section_bars import SectionBars

WATCH_SECONDS: Final = 2
"""How often the study day is looked at: a screen left open for days, or a machine that slept, shows the new one."""
PROBLEM_LINES: Final = 3


class HomeScreen(Screen[None]):
    """Counts first, from the database's indexes; statistics follow from a thread and fill places already laid out."""

    CSS_PATH = "home.tcss"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    VERTICAL_BREAKPOINTS = SHORT_OR_TALL
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read", "Read", id="home.read", tooltip="Read the course, at the chapter marked"),
        Binding("b", "browse", "Cards", id="home.browse", tooltip="Find, suspend, edit and look at cards"),
        Binding("m", "map", "Map", id="home.map", tooltip="How far each section, helper and lens is"),
        Binding("x", "extra", "Extra", id="home.extra", tooltip="Study beyond what is due; moves no schedule"),
        Binding("n", "new_card", "New card", show=False, id="home.new_card", tooltip="Write a card of your own"),
        Binding(
            "f",
            "recall",
            "Recall",
            show=False,
            id="home.recall",
            tooltip="Answer from memory with the book closed; work an exercise out",
        ),
        Binding(
            "i",
            "rehearse",
            "Interview",
            id="home.rehearse",
            tooltip="Rehearse interview questions, aloud or in writing",
        ),
        Binding(
            "a",
            "audit",
            "Audit",
            show=False,
            id="home.audit",
            tooltip="What the next module takes for granted, item by item",
        ),
        Binding("l", "labs", "Labs", id="home.labs", tooltip="Choose a lab and try it"),
        Binding(
            "s",
            "statistics",
            "Statistics",
            show=False,
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
            tooltip="Make the cards due today that a clock ahead of time sent far away",
        ),
        Binding(
            "u", "undo", "Undo", show=False, id="home.undo", tooltip="Give the cards brought to today their days back"
        ),
        Binding(
            "e",
            "mend",
            "Mend",
            show=False,
            id="home.mend",
            tooltip="Open the file that cannot be read, at its line",
        ),
        Binding("f5", "refresh", "Refresh", show=False, id="home.refresh", tooltip="Read the numbers again"),
        Binding("q", "app.leave", "Quit", id="home.quit", tooltip="Leave; every answer is already saved"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._today: Today | None = None
        self._dashboard: Dashboard | None = None
        self._ahead: ClockAhead | None = None
        self._brought_back = ""

    def compose(self) -> ComposeResult:
        workspace = host(self).workspace
        day = workspace.today()
        yield Static(id="title", classes="title", markup=False)
        with Vertical(id="today"):
            yield Static(id="counts", markup=False)
            yield Static(id="advice", markup=False)
            yield Static(id="clock", markup=False)
            gates = Static(id="audit", markup=False)
            gates.display = bool(workspace.course.gates)
            yield gates
            problems = Static(id="problems", markup=False)
            problems.display = bool(workspace.problems)
            yield problems
        with Container(id="body"):
            with Vertical(id="chapters"):
                yield Static("Progress", classes="heading", markup=False)
                yield ScopeList(workspace.course, id="scopes")
                yield Static(legend(), id="legend", markup=False)
                yield Static("Sections", classes="heading", id="sections-heading", markup=False)
                with VerticalScroll(id="sections", can_focus=False):
                    yield SectionBars(workspace.course, id="bars")
            with Vertical(id="coming"):
                yield Static("Due in the next two weeks", classes="heading", markup=False)
                yield Forecast(day, id="forecast")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ScopeList).focus()
        self.set_class(bool(host(self).workspace.course.gates), "-gated")
        self.set_interval(WATCH_SECONDS, self._watch_day)

    def on_screen_resume(self) -> None:
        self.action_refresh()

    def action_refresh(self) -> None:
        """Read the counts now and the statistics in a thread."""
        workspace = host(self).workspace
        self._show_problems()
        try:
            self._today = today(workspace)
        except StoreError as error:
            self._ask_again(error)
            return
        self._show_today()
        self.call_after_refresh(self._load)

    @on(ScopeList.Chosen)
    def _review(self, event: ScopeList.Chosen) -> None:
        host(self).open_review(event.scope)

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
            self.notify(f"Nothing was changed: {sentence(error)}", severity="error", markup=False)
            return
        self._ahead = None
        self.notify(f"{count} card{'s are' if count > 1 else ' is'} due today. u takes it back.", markup=False)
        self.action_refresh()

    def action_undo(self) -> None:
        """Give the cards that were brought to today their days back, except those answered since."""
        if not self._brought_back:
            return
        try:
            count = take_back(host(self).workspace, self._brought_back)
        except StoreError as error:
            self.notify(f"Nothing was taken back: {sentence(error)}", severity="error", markup=False)
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

    @work(thread=True, exclusive=True, group="dashboard")
    def _load(self) -> None:
        workspace = host(self).workspace
        try:
            loaded = dashboard(workspace)
            ahead = clock_ahead(workspace)
            gates = home_line(workspace) if workspace.course.gates else ""
        except StoreError as error:
            self.app.call_from_thread(self._ask_again, error)
        else:
            self.app.call_from_thread(self._show_dashboard, loaded)
            self.app.call_from_thread(self._show_clock, ahead)
            self.app.call_from_thread(self._show_gates, gates)

    def _ask_again(self, error: StoreError) -> None:
        def answered(retry: bool | None) -> None:
            if retry:
                self.action_refresh()

        self.app.push_screen(ProblemScreen("The study database cannot be read", error), answered)

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
            Content.styled(str(number), "bold $text-primary" if number else "$text-muted") + Content(f" {name}")
            for number, name in parts
        )
        done = state.reviews_done + state.new_done
        if state.questions_due:
            asked = f"   {state.questions_due} question{'s' * (state.questions_due > 1)} to rehearse (i)"
            line += Content.styled(asked, "$text-warning")
        if done:
            line += Content.styled(f"   ✓ {done} done today", "$text-success")
        self.query_one("#counts", Static).update(line)
        weakest = self._dashboard.weakest if self._dashboard else ""
        self.query_one("#advice", Static).update(Content.styled(advice(state, worst_section=weakest), "$text-muted"))
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
        if numbers is not None and numbers.streak.days:
            days = numbers.streak.days
            more = "" if numbers.streak.studied_today else " · not studied yet today"
            right = f"{days} day{'s' * (days > 1)} in a row{more} · {right}"
        room = max(0, self.size.width - 2 - left.cell_length - len(right))
        self.query_one("#title", Static).update(left + Content(" " * room) + Content.styled(right, "$text-muted"))

    def _show_dashboard(self, loaded: Dashboard) -> None:
        if not self.is_mounted or self._today is None:
            return
        self._dashboard = loaded
        self.query_one(ScopeList).show(loaded.shares)
        self._show_sections()
        self.query_one(Forecast).show(self._today.day, loaded.forecast)
        self._show_today()

    def _show_clock(self, ahead: ClockAhead | None) -> None:
        self._ahead = ahead
        if self.is_mounted:
            line = self.query_one("#clock", Static)
            line.display = ahead is not None
            text = f"! {ahead.words} Clock right? t: due today" if ahead else ""
            line.update(Content.styled(text, "$text-warning"))

    def _show_gates(self, line: str) -> None:
        if self.is_mounted:
            self.query_one("#audit", Static).update(Content.styled(safe(f"{line} (a)"), "$text-muted"))

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

    def on_resize(self) -> None:
        self._show_title()
        self._show_problems()
