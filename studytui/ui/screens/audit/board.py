"""The board of a gate: its items by part, what is behind each, and the way to ready."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.cards import GateHead
from studytui.domain.gate_parts import Computed, Item, Part
from studytui.library.errors import CourseError
from studytui.services.audit.forward import Moved, bring_forward
from studytui.services.audit.gates import NoGate, head_of
from studytui.services.audit.recorder import Recorder
from studytui.services.audit.standing import Standing, standing
from studytui.services.card_acts import take_back
from studytui.store.errors import StoreError
from studytui.ui.breakpoints import NARROW_OR_WIDE
from studytui.ui.host import host
from studytui.ui.problems import ProblemScreen, sentence
from studytui.ui.text import safe
from studytui.ui.widgets.audit.behind import behind
from studytui.ui.widgets.audit.board_list import BoardList, Line
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.key_bar import KeyBar


class AuditScreen(Screen[None]):
    """Everything on it comes from the log and is read anew whenever the screen is returned to."""

    CSS_PATH = "board.tcss"
    AUTO_FOCUS = "BoardList"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "run_all", "All", id="audit.all",
                tooltip="Answer every part that is not ready, one after the other; leave and go on whenever you like"),
        Binding("e", "evidence", "Evidence", id="audit.evidence",
                tooltip="Every answer to the part: its words, its points, the lab's number and picture"),
        Binding("f", "forward", "Forward", id="audit.forward",
                tooltip="Bring the cards that are to be recalled forward to the first day that counts"),
        Binding("u", "undo", "Undo", id="audit.undo", tooltip="Give the cards brought forward their days back"),
        Binding("r", "reread", "Reread", id="audit.reread", show=False, tooltip="Read the item's section again"),
        Binding("l", "lab", "Lab", id="audit.lab", show=False, tooltip="Practise on the part's lab; nothing is logged"),
        Binding("p", "report", "Report", id="audit.report",
                tooltip="Write what there is as Markdown and as an HTML page, with the labs' figures"),
        Binding("n", "next_gate", "Next gate", id="audit.next", show=False, tooltip="The course's next gate"),
        Binding("escape,q", "app.leave(True)", "Back", key_display="esc", id="audit.back",
                tooltip="Leave; every answer is saved"),
        Binding("pagedown", "scroll_behind(0.9)", "Page down", show=False, id="audit.page_down",
                tooltip="Scroll what is behind the row"),
        Binding("pageup", "scroll_behind(-0.9)", "Page up", show=False, id="audit.page_up",
                tooltip="Scroll what is behind the row back"),
    ]  # fmt: skip

    def __init__(self, gate: str = "") -> None:
        super().__init__()
        self._is_gone = False
        self._gate_name = gate
        self._standing: Standing | None = None
        self._moved: list[Moved] = []
        self._queue: deque[tuple[Item, Part]] = deque()
        self._reporting = False

    def compose(self) -> ComposeResult:
        yield Static("Audit", id="title", classes="title", markup=False)
        with Container(id="body"):
            yield BoardList(id="board")
            with VerticalScroll(id="behind", can_focus=False):
                yield Face("Reading the log…", id="what")
        yield Static(id="notice", markup=False)
        yield KeyBar()

    def on_unmount(self) -> None:
        self._is_gone = True

    def on_screen_resume(self) -> None:
        self._load()

    # Reading

    @property
    def _head(self) -> GateHead:
        return head_of(host(self).workspace.course, self._gate_name)

    @work(thread=True, exclusive=True, group="standing")
    def _load(self) -> None:
        try:
            found = standing(host(self).workspace, self._head)
        except (CourseError, StoreError, NoGate) as error:
            self.app.call_from_thread(self._show_problem, error)
            return
        self.app.call_from_thread(self.call_later, self._show, found)

    def _show_problem(self, error: Exception) -> None:
        if isinstance(error, StoreError):
            self.app.push_screen(ProblemScreen("The audit cannot be read", error), self._try_again)
        elif not self._is_gone:
            self.query_one("#what", Face).show("")
            self._say(f"✗ {sentence(error)}", problem=True)

    def _try_again(self, again: bool | None) -> None:
        if again:
            self._load()

    async def _show(self, found: Standing) -> None:
        if self._is_gone:
            return
        self._standing = found
        self.query_one("#title", Static).update(safe(found.gate.title))
        await self.query_one(BoardList).show(found)
        self.refresh_bindings()

    @on(BoardList.Moved)
    def _show_behind(self, event: BoardList.Moved) -> None:
        if self._standing is not None:
            course = host(self).workspace.course
            self.query_one("#what", Face).show_blocks(behind(self._standing, event.line, course))
            self.query_one("#behind").scroll_home(animate=False)
            self.refresh_bindings()

    # Answering

    @on(BoardList.Chosen)
    def _chosen(self, event: BoardList.Chosen) -> None:
        line = event.line
        match line.what:
            case "gate":
                self.action_run_all()
            case "retention":
                self._forward(line)
            case _:
                self._run(self._parts_of(line))

    def action_run_all(self) -> None:
        """Answer what is not ready; where all parts are, answer them again, which can test it out."""
        found = self._standing
        if found is None:
            return
        items, day = found.verdict.items, found.verdict.day
        left = [item for item in items if any(part.state != "ready" for part in item.parts)]
        left = left or [item for item in items if item.state != "ready"] or list(items)
        self._run([(item.item, part.part) for item in left for part in item.to_ask(day)])

    def _parts_of(self, line: Line) -> list[tuple[Item, Part]]:
        assert self._standing is not None
        item = self._standing.verdict.item(line.item)
        if line.what == "part":
            return [(item.item, part.part) for part in item.parts if part.key == line.key]
        return [(item.item, part.part) for part in item.to_ask(self._standing.verdict.day)]

    def _run(self, parts: list[tuple[Item, Part]]) -> None:
        self._queue = deque(parts)
        self._go_on(True)

    def _go_on(self, finished: bool | None) -> None:
        """The next part of those chosen, unless the learner left one."""
        if not finished or not self._queue or self._standing is None:
            self._queue.clear()
            return
        item, part = self._queue.popleft()
        recorder = Recorder(host(self).workspace, self._standing.gate)
        more = len(self._queue)
        if isinstance(part, Computed):
            from studytui.ui.screens.audit.computed import ComputedScreen

            self.app.push_screen(ComputedScreen(recorder, item, part, more=more), self._go_on)
        else:
            from studytui.ui.screens.audit.written import WrittenScreen

            self.app.push_screen(WrittenScreen(recorder, item, part, more=more), self._go_on)

    # What is behind it

    def action_evidence(self) -> None:
        """All answers to the part, or all days of the retention part."""
        line = self.query_one(BoardList).at
        if self._standing is None or line is None or line.what not in ("part", "retention"):
            return
        from studytui.ui.screens.audit.evidence import EvidenceScreen, RetentionScreen

        item = self._standing.verdict.item(line.item)
        if line.what == "retention":
            self.app.push_screen(RetentionScreen(self._standing, item))
        elif self._standing.log.of(line.key):
            self.app.push_screen(EvidenceScreen(self._standing, line.key))
        else:
            self._say("There is no answer to this part yet. Enter asks it.")

    def action_reread(self) -> None:
        """Open the reader at the section that teaches the item."""
        line = self.query_one(BoardList).at
        if self._standing is None or line is None:
            return
        sections = self._standing.verdict.item(line.item).item.sections if line.item else self._standing.path.sections
        host(self).open_reader(sections[0] if sections else None)

    def action_lab(self) -> None:
        """Open the bench of the part's lab."""
        line = self.query_one(BoardList).at
        if self._standing is None or line is None:
            return
        for item, part in self._standing.gate.parts():
            if item.key(part) == line.key and isinstance(part, Computed):
                host(self).open_lab(part.lab.exercise, dict(part.lab.fixed))

    def action_scroll_behind(self, pages: float) -> None:
        """Scroll by a share of the page."""
        area = self.query_one("#behind")
        area.scroll_relative(y=round(pages * area.size.height), animate=False)

    # Cards

    def action_forward(self) -> None:
        """Bring the cards of the item under the cursor forward, or of all items."""
        self._forward(self.query_one(BoardList).at)

    def _forward(self, line: Line | None) -> None:
        found = self._standing
        if found is None or line is None:
            return
        only = None
        if line.item:
            only = [key for one in found.verdict.item(line.item).retention.objectives for key in one.cards]
        try:
            moved = bring_forward(host(self).workspace, found, only)
        except StoreError as error:
            self._say(f"✗ {sentence(error)}", problem=True)
            return
        if moved is None:
            self._say("No card has to be brought forward: what is to be recalled comes by itself.")
            return
        self._moved.append(moved)
        first = min(step.on for step in moved.steps)
        count = len(moved.steps)
        self._say(f"{count} card{'s' * (count != 1)} brought forward, the first to {first}. u takes it back.")
        self._load()

    def action_undo(self) -> None:
        """Give the cards their days back."""
        if not self._moved:
            return
        try:
            count = take_back(host(self).workspace, self._moved[-1].uid)
        except StoreError as error:
            self._say(f"✗ {sentence(error)}", problem=True)
            return
        self._moved.pop()
        self._say(f"{count} card{'s' * (count != 1)} given the old day back.")
        self._load()

    # Writing it down

    def action_report(self) -> None:
        """Write the report; the labs run again for the figures, and keys work meanwhile."""
        if self._standing is not None and not self._reporting:
            self._reporting = True
            self.run_worker(self._report(self._standing), group="report", exclusive=True)

    async def _report(self, found: Standing) -> None:
        from studytui.services.audit.figures import deciding, measured_again
        from studytui.services.audit.report import Report, ReportError, save

        workspace = host(self).workspace

        def progress(done: int, of: int) -> None:
            self._say(f"Running the labs again for their figures: {done} of {of}")

        try:
            figures = {}
            if any(True for _ in deciding(found)):
                self._say("Running the labs again for their figures…")
                figures = await measured_again(found, progress, host(self).lab_client)
            paths = save(Report.of(workspace, found, figures))
        except ReportError as error:
            self._say(f"✗ {error}", problem=True)
        else:
            self._say(f"Saved {paths[0]} and {paths[1].name}.")
        finally:
            self._reporting = False

    def action_next_gate(self) -> None:
        """Go to the course's next gate."""
        heads = host(self).workspace.course.gates
        at = heads.index(self._head)
        self._gate_name = heads[(at + 1) % len(heads)].id
        self._load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that mean nothing now are not shown."""
        found = self._standing
        line = self.query_one(BoardList).at if self.is_mounted else None
        match action:
            case "evidence":
                return line is not None and line.what in ("part", "retention")
            case "lab":
                return line is not None and line.what == "part"
            case "undo":
                return bool(self._moved)
            case "run_all" | "report" | "reread":
                return found is not None
            case "forward":
                return found is not None and not found.verdict.is_ready
            case "next_gate":
                return len(host(self).workspace.course.gates) > 1
        return True

    def _say(self, text: str, *, problem: bool = False) -> None:
        if self._is_gone:
            return
        line = self.query_one("#notice", Static)
        line.update(safe(text))
        line.set_class(bool(text), "-shown")
        line.set_class(problem, "-problem")
