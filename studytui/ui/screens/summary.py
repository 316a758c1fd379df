"""The end of a session: what was done, how well, how long it took, and what comes tomorrow."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.services.overview import Summary, advice, summary, today
from studytui.store.errors import StoreError
from studytui.ui.host import host
from studytui.ui.problems import sentence
from studytui.ui.text import safe
from studytui.ui.widgets.grade_bar import grade_label
from studytui.ui.widgets.key_bar import KeyBar

_BAR_CELLS = 30


class SummaryScreen(Screen[bool | None]):
    """Answers True if the last grade is to be taken back; the review then goes on."""

    CSS_PATH = "summary.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,escape,q", "dismiss(False)", "Done", key_display="enter", id="summary.done",
                tooltip="Back to where the review was started"),
        Binding("u", "dismiss(True)", "Undo", id="summary.undo", tooltip="Take back the last grade and go on"),
    ]  # fmt: skip

    def __init__(self, session_uid: str) -> None:
        super().__init__()
        self._session_uid = session_uid

    def compose(self) -> ComposeResult:
        yield Static("Session", classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static(id="head", markup=False)
            yield Static(id="numbers", markup=False)
            yield Static(id="grades", markup=False)
            yield Static(id="leeches", markup=False)
            yield Static(id="next", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    @work(thread=True, exclusive=True, group="summary")
    def _load(self) -> None:
        workspace = host(self).workspace
        try:
            found = summary(workspace, self._session_uid)
        except StoreError as error:
            self.app.call_from_thread(self._show_problem, sentence(error))
            return
        self.app.call_from_thread(self._show, found)

    def _show(self, found: Summary) -> None:
        workspace = host(self).workspace
        now = today(workspace)
        done = found.reviews + found.reasks + found.crammed
        head = "All done for today." if not now.counts.total else f"{now.counts.total} cards are left today."
        self.query_one("#head", Static).update(head if done else f"Nothing was due here. {head}")
        if done:
            self.query_one("#numbers", Static).update(self._numbers(found))
            self.query_one("#grades", Static).update(_grades(found, four=workspace.settings.grade_keys == "four"))
        if found.leeches:
            names = ", ".join(safe(key) for key in found.leeches)
            text = f"Leeches, now suspended: {names}. Reword them or split them in two; resume them in the browser."
            self.query_one("#leeches", Static).update(text)
        tomorrow = f"Tomorrow: {found.due_tomorrow} card{'s' * (found.due_tomorrow != 1)} due."
        self.query_one("#next", Static).update(f"{tomorrow}\n{advice(now)}")

    def _numbers(self, found: Summary) -> str:
        parts = [f"{found.reviews} review{'s' * (found.reviews != 1)}"] if found.reviews or not found.crammed else []
        if found.crammed:
            parts.append(f"{found.crammed} beside the schedule, {found.crammed_passed} of them recalled")
        if found.new:
            parts.append(f"{found.new} of them new")
        if found.reasks:
            parts.append(f"{found.reasks} asked again")
        minutes, seconds = divmod(round(found.seconds), 60)
        parts.append(f"{minutes} min {seconds:02d} s")
        if found.accuracy is not None:
            parts.append(f"{found.accuracy:.0%} recalled")
        return "  ·  ".join(parts)

    def _show_problem(self, text: str) -> None:
        self.query_one("#head", Static).update(f"The session is saved, but it cannot be summed up: {text}")


def _grades(found: Summary, *, four: bool) -> Content:
    most = max(found.grades.values(), default=1)
    lines = []
    for grade, count in found.grades.items():
        label = grade_label(grade, four=four)
        bar = "█" * max(1, round(count / most * _BAR_CELLS))
        lines.append(Content.assemble(f"{label:<9}", (bar, "$text-primary"), f" {count}"))
    return Content("\n").join(lines)
