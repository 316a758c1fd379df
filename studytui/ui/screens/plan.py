"""What the coming days cost, and what may be chosen: a break spread over days, today alone, a short sitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from studytui.course.settings import SettingsError
from studytui.errors import CourseError, StoreError
from studytui.study.backlog import Backlog, keep_whole, last_spread, read_backlog, spread_backlog, undo_spread
from studytui.study.plan import (
    MOST_MINUTES,
    DatePlan,
    KeptPlan,
    LoadAhead,
    PlanError,
    date_plan,
    keep_plan,
    kept_plan,
    load_ahead,
    plan_line,
    plan_lines,
    read_goal,
)
from studytui.study.progress import TodayOverview, today_overview, waiting_words
from studytui.study.review import Sitting
from studytui.study.today import choice_of, choose_today
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.screens import StudyScreen
from studytui.ui.widgets.controls import Cycle

SPREAD_DAYS: Final = (3, 5, 7, 14)
MORE_NEW: Final = 10
WHOLE: Final = "the whole course"
MINUTES: Final = (15, 30, 45, 60, 90, 120, 180, 240)
SITTINGS: Final = (Sitting(minutes=10), Sitting(minutes=25), Sitting(cards=20))


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list, and what it does; `said` is what is told once it was done, where `run` does not say it."""

    text: str
    run: Callable[[], str]


class Choices(OptionList):
    """What may be chosen now."""

    DEFAULT_CSS = """
    Choices { border: none; padding: 0; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    Choices:focus { border: none; background-tint: transparent 0%; }
    """
    KEYS_OF = "list of choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Choose", tooltip="Do what the line under the cursor says"),
        Binding("j", "cursor_down", "Down", show=False, tooltip="To the next line"),
        Binding("k", "cursor_up", "Up", show=False, tooltip="To the previous line"),
    ]


class PlanScreen(StudyScreen[None]):
    """Today in numbers, what the set number of new cards will mean, and the choices."""

    CSS_PATH = "plan.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "by_date", "By a date", id="plan.by_date", tooltip="What it takes to be ready by a day"),
        Binding("u", "undo", "Undo", id="plan.undo", tooltip="Undo the spreading over days"),
        Binding(
            "n", "new_per_day", "New a day", id="plan.new_per_day", tooltip="Change how many new cards a day brings"
        ),
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc", id="plan.back", tooltip="Leave this screen"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._choices: list[Choice] = []
        self._can_undo = False

    def compose(self) -> ComposeResult:
        yield Static("Plan", classes="title", markup=False)
        yield Static(id="now", markup=False)
        yield Static(id="break", markup=False)
        yield Static(id="load", markup=False)
        yield Static(id="kept", classes="muted", markup=False)
        yield Choices(id="choices", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Choices).focus()

    def on_screen_resume(self) -> None:
        self._refresh()

    def action_undo(self) -> None:
        """Give the cards that were spread their days back."""
        self._do(self._take_back)

    def action_new_per_day(self) -> None:
        """Change the setting."""
        host(self).open_settings("new_per_day")

    def action_by_date(self) -> None:
        """Choose a day to be ready by."""
        self.app.push_screen(DatePlanScreen())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Only what was spread can be taken back."""
        return self._can_undo if action == "undo" else True

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (place := event.option.id) is not None:
            self._do(self._choices[int(place)].run)

    def _do(self, run: Callable[[], str]) -> None:
        try:
            said = run()
        except StoreError as error:
            self.notify(f"Nothing was changed: {format_error(error)}", severity="error", markup=False)
            return
        if said:
            self.notify(said, markup=False)
            self._refresh()

    def _refresh(self) -> None:
        workspace = host(self).workspace
        try:
            now, found = today_overview(workspace), read_backlog(workspace)
            self._can_undo = last_spread(workspace) is not None
            chosen = choice_of(workspace.store, workspace.course_no, now.day) is not None
        except StoreError as error:
            self.query_one("#now", Static).update(f"The cards cannot be read: {format_error(error)}")
            return
        minutes = f" About {now.minutes} minutes." if now.minutes else ""
        self.query_one("#now", Static).update(safe(now.lock) if now.lock else f"Today: {waiting_words(now)}{minutes}")
        line = self.query_one("#break", Static)
        line.display = found.is_offered
        line.update(f"{found.words} New cards wait while they are spread.")
        self._list(now, found, chosen=chosen)
        self.refresh_bindings()
        self.read(self._days_ahead, self._show, self._show_problem)

    def _list(self, now: TodayOverview, found: Backlog, *, chosen: bool) -> None:
        groups: list[tuple[str, list[Choice]]] = []
        if found.is_offered:
            groups.append(("After a break", [*self._spreads(found)]))
        if not now.lock:
            groups += [("Today only", self._today(now, chosen=chosen)), ("A sitting", self._sittings())]
        self._choices = [choice for _, group in groups for choice in group]
        listed = self.query_one(Choices)
        at = listed.highlighted
        listed.clear_options()
        number = 0
        for title, group in groups:
            listed.add_option(Option(title, disabled=True))
            for choice in group:
                listed.add_option(Option(f"  {choice.text}", id=str(number)))
                number += 1
        if number:
            listed.highlighted = min(at or 1, listed.option_count - 1)

    def _spreads(self, found: Backlog) -> list[Choice]:
        choices = [
            Choice(f"Spread over {days} days: about {found.a_day(days)} a day", partial(self._spread, days))
            for days in SPREAD_DAYS
        ]
        return [*choices, Choice(f"Do it all: {len(found.cards)} now", self._keep_whole)]

    def _today(self, now: TodayOverview, *, chosen: bool) -> list[Choice]:
        new, due = now.counts.new, now.counts.due
        choices = [Choice("No new cards", partial(self._choose, 0, None))] if new else []
        if new > 1 or due > 1:
            fewer = partial(self._choose, now.new_done + new // 2, now.reviews_done + due // 2)
            choices.append(Choice(f"Fewer: {due // 2} due and {new // 2} new", fewer))
        more = partial(self._choose, now.new_done + new + MORE_NEW, None)
        choices.append(Choice(f"More: {MORE_NEW} more new cards", more))
        if chosen:
            choices.append(Choice("As usual", partial(self._choose, None, None)))
        return choices

    def _sittings(self) -> list[Choice]:
        return [
            Choice(f"{one.minutes} minutes" if one.minutes else f"{one.cards} cards", partial(self._sit, one))
            for one in SITTINGS
        ]

    def _spread(self, days: int) -> str:
        done = spread_backlog(host(self).workspace, days)
        return f"{done.words} u undoes it." if done is not None else "Nothing is due."

    def _keep_whole(self) -> str:
        keep_whole(host(self).workspace)
        host(self).open_review()
        return ""

    def _take_back(self) -> str:
        count = undo_spread(host(self).workspace)
        return "Nothing was spread." if count is None else f"Undone: {count} cards are back on their old days."

    def _choose(self, new: int | None, due: int | None) -> str:
        choose_today(host(self).workspace, new=new, due=due)
        return "Today is as usual again." if new is None and due is None else "Set for today only."

    def _sit(self, sitting: Sitting) -> str:
        host(self).open_review(sitting=sitting)
        return ""

    def _days_ahead(self) -> tuple[LoadAhead, str]:
        workspace = host(self).workspace
        return load_ahead(workspace), plan_line(workspace)

    def _show(self, found: tuple[LoadAhead, str]) -> None:
        load, kept = found
        self.query_one("#load", Static).update(f"{load.words}\n{load.curve}")
        self.query_one("#kept", Static).update(kept or "Press b to plan a day to be ready by.")

    def _show_problem(self, error: Exception) -> None:
        self.query_one("#load", Static).update("")
        self.query_one("#kept", Static).update(f"The days ahead cannot be worked out: {format_error(error)}")


# A day to be ready by


class DatePlanScreen(StudyScreen[None]):
    """A day and a part of the course; below, what it takes. Enter reckons, Ctrl+S keeps the day."""

    CSS_PATH = "plan.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next", show=False, id="date_plan.next", tooltip="To the next field"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="date_plan.up", tooltip="To the previous field"),
        Binding("ctrl+s", "keep", "Keep", id="date_plan.keep",
                tooltip="Keep this day, and set the new cards a day it takes"),
        Binding("escape", "dismiss(None)", "Back", key_display="esc", id="date_plan.back", tooltip="Leave this screen"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[KeptPlan, DatePlan] | None = None

    def compose(self) -> ComposeResult:
        workspace = host(self).workspace
        kept = kept_plan(workspace)
        parts = [WHOLE, *(f"chapter {one.number}" for one in workspace.course.chapters)]
        parts += ["gate"] * bool(workspace.course.gates) + ["interview"]
        yield Static("Ready by a day", classes="title", markup=False)
        with Horizontal(classes="field"):
            yield Static("By", classes="name", markup=False)
            yield Input(str(kept.by) if kept else "", placeholder="2027-02-15", compact=True, max_length=10, id="by")
        with Horizontal(classes="field"):
            yield Static("For", classes="name", markup=False)
            yield Cycle(parts, (kept.goal if kept else "") or WHOLE, id="part")
        with Horizontal(classes="field"):
            yield Static("At most", classes="name", markup=False)
            most = kept.most_minutes if kept else MOST_MINUTES
            yield Cycle([f"{one} minutes a day" for one in MINUTES], f"{most} minutes a day", id="minutes")
        with VerticalScroll(id="result"):
            yield Static(id="lines", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.call_after_refresh(self._reckon)

    @on(Input.Submitted)
    @on(Cycle.Turned)
    def _reckon(self) -> None:
        text = self.query_one(Input).value.strip()
        self._found = None
        if not text:
            self._tell("Type the day as YYYY-MM-DD, then press Enter.")
            return
        try:
            by = date.fromisoformat(text)
        except ValueError:
            self._tell(f"✗ “{safe(text)}” is not a day; write it as YYYY-MM-DD, for example 2027-02-15.")
            return
        part = self.query_one("#part", Cycle).value
        minutes = int(self.query_one("#minutes", Cycle).value.split()[0])
        self._tell("Working it out…")
        wanted = KeptPlan(by, "" if part == WHOLE else part, minutes)
        self.read(
            partial(self._planned, wanted), self._show, self._show_problem, expect=(PlanError, StoreError, CourseError)
        )

    def action_keep(self) -> None:
        """Keep the day, and set the new cards a day."""
        if self._found is None:
            self.notify("Type a day first, and press Enter.", severity="warning")
            return
        kept, plan = self._found
        workspace = host(self).workspace
        try:
            keep_plan(workspace, kept)
            if plan.new_per_day:
                workspace.save_settings(new_per_day=plan.new_per_day)
        except (StoreError, SettingsError) as error:
            self.notify(f"Not saved: {format_error(error)}", severity="error", markup=False)
            return
        self.notify(f"Saved: {workspace.settings.new_per_day} new cards a day. Home shows how the plan is going.")
        self.dismiss(None)

    def _planned(self, wanted: KeptPlan) -> tuple[KeptPlan, DatePlan]:
        workspace = host(self).workspace
        goal = read_goal(workspace, wanted.goal)
        return wanted, date_plan(workspace, wanted.by, goal, most_minutes=wanted.most_minutes)

    def _show(self, found: tuple[KeptPlan, DatePlan]) -> None:
        self._found = found
        self._tell(safe("\n".join(plan_lines(found[1], host(self).workspace.settings.new_per_day))))

    def _show_problem(self, error: Exception) -> None:
        text = str(error).removeprefix("--by ") if isinstance(error, PlanError) else format_error(error)
        self._tell(f"✗ {text}")

    def _tell(self, text: str) -> None:
        self.query_one("#lines", Static).update(text)
