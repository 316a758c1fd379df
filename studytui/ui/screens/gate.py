"""The board: the whole, and below it each item with its parts and its retention, by sign, word and date."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from studytui.domain.cards import Course, GateHead
from studytui.domain.gate import Computed, Item, ItemVerdict, Part, PartVerdict, State
from studytui.domain.plain_text import counted
from studytui.domain.rubric import SIGNS
from studytui.errors import CourseError, ReportError, StoreError
from studytui.study.card_actions import set_due_together, take_back
from studytui.study.gate import (
    STATUS_SIGNS,
    GateAnswer,
    GateRecorder,
    GateStatus,
    NoGate,
    cards_to_move,
    gate_head,
    gate_line,
    gate_status,
    item_line,
    part_line,
    path_lines,
    remade,
    retention_line,
    retention_short,
    section_name,
    shortened,
)
from studytui.study.next_steps import NextSteps, gate_standing, next_steps
from studytui.study.reports import judged
from studytui.ui.host import NARROW_OR_WIDE, format_error, host, safe
from studytui.ui.keys import KeyBar, line_keys, page_keys
from studytui.ui.screens import Notice, StudyScreen
from studytui.ui.widgets.evidence import EvidenceView
from studytui.ui.widgets.judged_answer import TONES, MarkedAnswer, number_sign
from studytui.ui.widgets.markdown import Block, MarkdownView, Row, RowList, inline
from studytui.ui.widgets.panels import call

What: TypeAlias = Literal["gate", "item", "part", "retention"]
STATUS_TONES: Final[dict[State, str]] = {
    "ready": "$text-success",
    "vague": "$text-warning",
    "unseen": "$foreground-muted",
}
_KIND_CELLS: Final = 9
_TITLE_CELLS: Final = 42


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the board. `item` is "" for the whole; `key` is that of a part."""

    what: What
    state: State
    text: Content
    item: str = ""
    key: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """What the row is about, whatever its state."""
        return self.what, self.item, self.key


class BoardList(VerticalScroll, RowList, can_focus=True):
    """One row a part. Enter acts on the row under the cursor."""

    KEYS_OF = "board"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous row", id="board.up", show=False, tooltip="The previous row"),
        Binding("down,j", "move(1)", "Next row", id="board.down", show=False, tooltip="The next row"),
        Binding("home,g", "move(-999)", "First row", id="board.first", show=False, tooltip="The first row"),
        Binding("end,G", "move(999)", "Last row", id="board.last", show=False, tooltip="The last row"),
        Binding("enter,space", "choose", "Answer", key_display="enter", id="board.choose",
                tooltip="Answer the part; on an item all its parts; on retention bring its cards forward"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    BoardList { height: 1fr; padding: 0 1; }
    BoardList:focus { background-tint: transparent 0%; }
    """

    GOES_ROUND = False

    @dataclass
    class Chosen(Message):
        """Enter was pressed, or the row under the cursor was clicked."""

        line: Line

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = []
        self._lines: tuple[Line, ...] = ()

    @property
    def at(self) -> Line | None:
        """The row under the cursor."""
        return self._lines[self.cursor] if self._lines else None

    async def show(self, standing: GateStatus) -> None:
        """Show where the learner stands; the cursor stays on what it was on."""
        lines = tuple(lines_of(standing))
        if [line.name for line in lines] != [line.name for line in self._lines]:
            await self.replace(line.text for line in lines)
        self._lines = lines
        for row, line in zip(self.rows, lines, strict=True):
            row.content = line.text
        self.draw()
        self.post_message(self.Moved())

    def action_choose(self) -> None:
        if self.at is not None:
            self.post_message(self.Chosen(self.at))

    def clicked(self, row: Row) -> None:
        if row.index == self.cursor:
            self.action_choose()
        else:
            self.go_to(row.index)

    def marker(self, place: int) -> str:
        line = self._lines[place]
        return f" {'' if line.what in ('gate', 'item') else '   '}{STATUS_SIGNS[line.state]} "


def lines_of(standing: GateStatus) -> Iterator[Line]:
    """The rows of the board, the whole first."""
    verdict = standing.verdict
    whole: State = "ready" if verdict.is_ready else "unseen" if verdict.is_untouched else "vague"
    opened = "open" if verdict.is_ready else "opened without passing" if standing.is_open else "locked"
    yield Line("gate", whole, Content.styled(safe(f"{standing.gate.unlocks}: {opened}"), "bold"))
    for number, item in enumerate(verdict.items, 1):
        title = Content.styled(safe(f"{number}  {item.item.title}"), "bold")
        yield Line("item", item.state, _row(title, safe(item_line(item)), item.state), item.item.id)
        for part in item.parts:
            text = Content(f"{part.part.kind:<{_KIND_CELLS}}{_cut(safe(part.part.title))}")
            yield Line("part", part.state, _row(text, part_line(part), part.state), item.item.id, part.key)
        state, words = item.retention.state, retention_short(item.retention)
        text = Content(f"{'recall':<{_KIND_CELLS}}") + Content.styled(safe(words), STATUS_TONES[state])
        yield Line("retention", state, text, item.item.id)


def _row(text: Content, words: str, state: State) -> Content:
    return text + Content("  ") + Content.styled(words, STATUS_TONES[state])


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_CELLS else f"{title[: _TITLE_CELLS - 1]}…"


# What stands behind a row of the board, in short: what was said, what was missing, the days, the cards


_MUTED: Final = "$foreground-muted"


def behind(standing: GateStatus, line: Line, course: Course) -> tuple[Block, ...]:
    """What to show for a row."""
    if line.what == "gate":
        return tuple(_whole(standing, course))
    item = standing.verdict.item(line.item)
    match line.what:
        case "item":
            return tuple(_item(item, course))
        case "retention":
            return tuple(retention_blocks(standing, item))
    part = next(part for part in item.parts if part.key == line.key)
    return tuple(_part(standing, part))


def _whole(standing: GateStatus, course: Course) -> Iterator[Block]:
    yield Block(Content.styled(safe(gate_line(standing)), "bold"))
    if (override := standing.log.override) is not None:
        yield Block(Content(safe(f"Opened without passing on {override.day}: {override.reason}")))
    if steps := list(path_lines(standing, course)):
        yield _heading("Fastest route")
        for step in steps:
            yield Block(Content(safe(step)), "· ", "  ", spaced=False)


def _item(item: ItemVerdict, course: Course) -> Iterator[Block]:
    yield Block(Content.styled(safe(item.item.title), "bold"))
    sections = "; ".join(section_name(course, each) for each in item.item.sections)
    yield Block(Content(safe(f"Taught in {sections}. r opens it.")))
    for part in item.parts:
        if part.state == "vague":
            yield from _missing(part)
    if item.retention.state != "ready":
        yield Block(Content(safe(f"Recall: {retention_line(item.retention)}.")))


def _part(standing: GateStatus, part: PartVerdict) -> Iterator[Block]:
    question = f"{part.part.count} right in a row, each with other numbers" if isinstance(part.part, Computed) else ""
    yield Block(Content.styled(safe(part.part.title), "bold"))
    yield Block(inline(question) if isinstance(part.part, Computed) else inline(part.part.question.ask))
    answers = standing.log.of(part.key)
    if not answers:
        yield Block(Content.styled("Not asked yet. Enter asks it.", _MUTED))
        return
    days = ", ".join(f"{answer.day} {'✓' if answer.passed else '✗'}" for answer in answers[-6:])
    yield Block(Content.styled(f"Answered: {days}. e shows all of it.", _MUTED))
    if part.state == "vague":
        yield from _missing(part)
    elif part.last is not None:
        yield Block(Content.assemble(("You said: ", "bold"), safe(shortened(part.last.said, 400))))


def _missing(part: PartVerdict) -> Iterator[Block]:
    last = part.last
    assert last is not None
    yield _heading(part.part.title)
    yield Block(Content.assemble(("You said: ", "bold"), safe(shortened(last.said, 300)) or "nothing"), spaced=False)
    for text in last.missing:
        yield Block(inline(text), "○ ", "  ", spaced=False)


def retention_blocks(standing: GateStatus, item: ItemVerdict) -> Iterator[Block]:
    """The objectives of an item, when each was recalled, and the cards that hold them."""
    retention = item.retention
    yield Block(Content(safe(f"{retention_line(retention)}.")))
    if retention.test_out_days:
        days = ", ".join(map(str, retention.test_out_days))
        yield Block(Content(f"All parts right on {days}; {standing.gate.test_out_days} such days count as recalled."))
    rows = [tuple(Content.styled(head, "bold") for head in ("objective", "recalled on", "cards"))]
    due = {card.key: card.due_on for card in standing.recalled}
    for one in retention.objectives:
        cards = Content(", ").join(
            Content.styled(f"✗ {safe(key)}", "$text-warning") if key in one.lapsed else Content(safe(key))
            for key in one.cards
        )
        sign = "✓ " if one.is_met else "○ "
        rows.append((Content(sign + one.objective), Content(", ".join(map(str, one.spaced)) or "–"), cards))
    yield Block(Content(""), kind="table", rows=tuple(rows))
    steps = [step for step in standing.path.cards if any(step.key in one.cards for one in retention.objectives)]
    if steps and retention.state != "ready":
        yield _heading("Cards to recall next")
        for step in steps:
            where = "suspended" if step.suspended else f"due {due[step.key]}" if due[step.key] else "new"
            yield Block(Content(safe(f"{step.on}  {step.key} ({where})")), "· ", "  ", spaced=False)
        yield Block(Content.styled("f brings them forward, u undoes it.", _MUTED))


def _heading(text: str) -> Block:
    return Block(Content.styled(safe(text), "bold $text-primary"))


# The board of a gate: its items by part, what is behind each, and the way to ready


def what_now(found: GateStatus, steps: NextSteps) -> Content:
    """The part of the gate to answer next; and what the cards ask for first, as home and the summary say it."""
    standing = gate_standing(found)
    words = f"Answer “{standing.step}”" if standing.step else "Answer the parts again"
    if found.verdict.is_ready:
        said = Content.styled(f"{standing.sign} {safe(standing.words)}", "bold $text-success")
    else:
        said = call("a", words)
    if steps.now.do in {"review", "read"}:
        said += Content.styled(f"\nToday: {safe(steps.now.words)}", _MUTED)
    return said


class AuditScreen(StudyScreen[None]):
    """Everything on it comes from the log and is read anew whenever the screen is returned to."""

    CSS_PATH = "board.tcss"
    AUTO_FOCUS = "BoardList"
    SCROLLS = "#behind"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "run_all", "All", id="audit.all",
                tooltip="Answer every part that is not ready, one after the other; leave and go on whenever you like"),
        Binding("e", "evidence", "Evidence", id="audit.evidence",
                tooltip="Every answer to the part: its words, its points, the lab's number and picture"),
        Binding("f", "forward", "Forward", id="audit.forward",
                tooltip="Bring the cards that are to be recalled forward to the first day that counts"),
        Binding("u", "undo", "Undo", id="audit.undo", tooltip="Put the cards brought forward back on their days"),
        Binding("r", "reread", "Reread", id="audit.reread", show=False, tooltip="Read the item's section again"),
        Binding("l", "lab", "Lab", id="audit.lab", show=False, tooltip="Practise on the part's lab; nothing is logged"),
        Binding("p", "report", "Report", id="audit.report",
                tooltip="Write what there is as Markdown and as an HTML page, with the labs' figures"),
        Binding("n", "next_gate", "Next gap audit", id="audit.next", show=False, tooltip="The course's next gap audit"),
        Binding("escape,q", "app.leave(True)", "Back", key_display="esc", id="audit.back",
                tooltip="Leave; every answer is saved"),
        *page_keys("audit"),
    ]  # fmt: skip

    def __init__(self, gate: str = "") -> None:
        super().__init__()
        self._gate_name = gate
        self._standing: GateStatus | None = None
        self._moved: list[str] = []
        self._queue: deque[tuple[Item, Part]] = deque()
        self._reporting = False

    def compose(self) -> ComposeResult:
        yield Static("Gap audit", id="title", classes="title", markup=False)
        yield Static(id="call", classes="call", markup=False)
        with Container(id="body"):
            yield BoardList(id="board")
            with VerticalScroll(id="behind", can_focus=False):
                yield MarkdownView("Reading the log…", id="what")
        yield Notice()
        yield KeyBar()

    def on_screen_resume(self) -> None:
        self._load()

    # Reading

    @property
    def _head(self) -> GateHead:
        return gate_head(host(self).workspace.course, self._gate_name)

    def _load(self) -> None:
        self.read(
            lambda: (gate_status(host(self).workspace, self._head), next_steps(host(self).workspace)),
            self._show,
            self._show_problem,
            expect=(StoreError, CourseError, NoGate),
        )

    def _show_problem(self, error: Exception) -> None:
        if isinstance(error, StoreError):
            self.ask_again("The gap audit cannot be read", error, self._load)
        else:
            self.query_one("#what", MarkdownView).show("")
            self.say(f"✗ {format_error(error)}", problem=True)

    async def _show(self, read: tuple[GateStatus, NextSteps]) -> None:
        found, steps = read
        self._standing = found
        self.query_one("#call", Static).update(what_now(found, steps))
        self.query_one("#title", Static).update(safe(found.gate.title))
        await self.query_one(BoardList).show(found)
        self.refresh_bindings()

    @on(BoardList.Moved)
    def _show_behind(self) -> None:
        line = self.query_one(BoardList).at
        if self._standing is not None and line is not None:
            course = host(self).workspace.course
            self.query_one("#what", MarkdownView).show_blocks(behind(self._standing, line, course))
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
        recorder = GateRecorder(host(self).workspace, self._standing.gate)
        more = len(self._queue)
        if isinstance(part, Computed):
            from studytui.ui.screens.gate_part import ComputedScreen

            self.app.push_screen(ComputedScreen(recorder, item, part, more=more), self._go_on)
        else:
            from studytui.ui.screens.gate_part import WrittenScreen

            self.app.push_screen(WrittenScreen(recorder, item, part, more=more), self._go_on)

    # What is behind it

    def action_evidence(self) -> None:
        """All answers to the part, or all days of the retention part."""
        line = self.query_one(BoardList).at
        if self._standing is None or line is None or line.what not in ("part", "retention"):
            return

        item = self._standing.verdict.item(line.item)
        if line.what == "retention":
            self.app.push_screen(RetentionScreen(self._standing, item))
        elif self._standing.log.of(line.key):
            self.app.push_screen(EvidenceScreen(self._standing, line.key))
        else:
            self.say("There is no answer to this part yet. Enter asks it.")

    def action_reread(self) -> None:
        line = self.query_one(BoardList).at
        if self._standing is None or line is None:
            return
        sections = self._standing.verdict.item(line.item).item.sections if line.item else self._standing.path.sections
        host(self).open_reader(sections[0] if sections else None)

    def action_lab(self) -> None:
        line = self.query_one(BoardList).at
        if self._standing is None or line is None:
            return
        for item, part in self._standing.gate.parts():
            if item.key(part) == line.key and isinstance(part, Computed):
                host(self).open_lab(part.lab.exercise, dict(part.lab.fixed))

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
        days = cards_to_move(found, only)
        if not days:
            self.say("No card needs to be brought forward: they all come up by themselves.")
            return
        try:
            self._moved.append(set_due_together(host(self).workspace, days))
        except StoreError as error:
            self.say(f"✗ {format_error(error)}", problem=True)
            return
        self.say(f"{counted(len(days), 'card')} brought forward, the first to {min(days.values())}. u undoes it.")
        self._load()

    def action_undo(self) -> None:
        if not self._moved:
            return
        try:
            count = take_back(host(self).workspace, self._moved[-1])
        except StoreError as error:
            self.say(f"✗ {format_error(error)}", problem=True)
            return
        self._moved.pop()
        self.say(f"{counted(count, 'card')} back on the old day.")
        self._load()

    # Writing it down

    def action_report(self) -> None:
        """Write the report; the labs run again for the figures, and keys work meanwhile."""
        if self._standing is not None and not self._reporting:
            self._reporting = True
            self.run_worker(self._report(self._standing), group="report", exclusive=True)

    async def _report(self, found: GateStatus) -> None:
        from studytui.study.gate import deciding, measured_again
        from studytui.study.reports import save_gate

        def progress(done: int, of: int) -> None:
            self.say(f"Running the labs again for their figures: {done} of {of}")

        try:
            figures = {}
            if any(True for _ in deciding(found)):
                self.say("Running the labs again for their figures…")
                figures = await measured_again(found, progress, host(self).lab_client)
            paths = save_gate(host(self).workspace, found, figures)
        except ReportError as error:
            self.say(f"✗ {error}", problem=True)
        else:
            self.say(f"Saved {paths[0]} and {paths[1].name}.")
        finally:
            self._reporting = False

    def action_next_gate(self) -> None:
        heads = host(self).workspace.course.gates
        at = heads.index(self._head)
        self._gate_name = heads[(at + 1) % len(heads)].id
        self._load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
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


# What is behind a part: every answer given to it, one at a time; and the days and cards behind a retention part


class EvidenceScreen(StudyScreen[None]):
    """The newest answer first; the lab runs again for its picture only when it is asked to."""

    CSS_PATH = "part.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)", "Older", key_display="←", id="evidence.older", tooltip="The previous answer"),
        Binding("right,l", "turn(1)", "Newer", key_display="→", id="evidence.newer", tooltip="The next answer"),
        Binding("p", "picture", "Picture", id="evidence.picture",
                tooltip="Run the lab again from the seed in the log and show all it measured"),
        Binding("escape,q,e", "leave", "Back", key_display="esc", id="evidence.back", tooltip="Back to the board"),
        *line_keys("evidence"),
    ]  # fmt: skip

    def __init__(self, standing: GateStatus, key: str) -> None:
        super().__init__()
        self._answers = standing.log.of(key)
        self._at = len(self._answers) - 1
        self._remaking = False

    def compose(self) -> ComposeResult:
        yield Static(id="title", classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield Static(id="head", markup=False)
            yield MarkdownView(id="asked-then")
            yield Static("Your answer", classes="heading", markup=False)
            yield MarkedAnswer(id="answer")
            yield MarkdownView(id="judgement")
            yield EvidenceView(id="evidence")
        yield Notice()
        yield KeyBar()

    async def on_mount(self) -> None:
        await self._show()

    @property
    def _answer(self) -> GateAnswer:
        return self._answers[self._at]

    async def action_turn(self, step: int) -> None:
        at = self._at + step
        if 0 <= at < len(self._answers) and not self._remaking:
            self._at = at
            await self._show()

    def action_picture(self) -> None:
        if self._answer.computation is not None and not self._remaking:
            self._remaking = True
            self.say("The lab runs again…")
            self.run_worker(self._run(), group="lab", exclusive=True)

    async def _run(self) -> None:
        client = host(self).lab_client
        try:
            if client is None:
                self.say("The labs are not running in this window.")
                return
            found = await remade(client, self._answer)
        finally:
            self._remaking = False
        self.say(found.message)
        if found.evidence is not None:
            view = self.query_one(EvidenceView)
            await view.show(found.evidence)
            self.call_after_refresh(view.scroll_visible, animate=False, top=True)

    async def action_leave(self) -> None:
        """Stop the lab, or go back."""
        client = host(self).lab_client
        if self._remaking and client is not None:
            await client.cancel()
        else:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action, parameters:
            case "turn", (-1,):
                return self._at > 0
            case "turn", _:
                return self._at < len(self._answers) - 1
            case "picture", _:
                return self._answer.computation is not None
        return True

    async def _show(self) -> None:
        answer = self._answer
        when = answer.at.astimezone(host(self).workspace.clock.now().tzinfo)
        title = f"{answer.title} · answer {self._at + 1} of {len(self._answers)}"
        self.query_one("#title", Static).update(safe(title))
        day = "" if when.date() == answer.day else f" (study day {answer.day})"
        head = f"{when:%Y-%m-%d %H:%M}{day} · {judged(answer)} · course version {answer.course_version}"
        self.query_one("#head", Static).update(Content.styled(safe(head), "bold"))
        self.query_one("#asked-then", MarkdownView).show(answer.ask)
        self.query_one(MarkedAnswer).show_answer(answer.answer, answer.points)
        self.query_one("#judgement", MarkdownView).show_blocks(tuple(judgement(answer)))
        await self.query_one(EvidenceView).remove_children()
        self.query_one("#sheet").scroll_home(animate=False)
        self.say("")
        self.refresh_bindings()


class RetentionScreen(StudyScreen[None]):
    """The days and cards behind an item's retention part."""

    CSS_PATH = "part.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,e,enter", "dismiss(None)", "Back", key_display="esc", id="retention.back", tooltip="Back"),
        *line_keys("retention"),
    ]

    def __init__(self, standing: GateStatus, item: ItemVerdict) -> None:
        super().__init__()
        self._standing = standing
        self._item = item

    def compose(self) -> ComposeResult:
        yield Static(safe(f"{self._item.item.title} · what was recalled when"), classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            face = MarkdownView()
            face.show_blocks((*retention_blocks(self._standing, self._item), *self._reviews()))
            yield face
        yield KeyBar()

    def _reviews(self) -> Iterator[Block]:
        keys = {key for one in self._item.retention.objectives for key in one.cards}
        yield Block(Content.styled("Every scheduled review of these cards", "bold $text-primary"))
        rows = [tuple(Content.styled(head, "bold") for head in ("card", "graded on"))]
        for card in self._standing.recalled:
            if card.key in keys:
                days = ", ".join(f"{day} {'new again' if grade is None else grade}" for day, grade in card.reviews)
                rows.append((Content(safe(card.key)), Content(days or "never")))
        yield Block(Content(""), kind="table", rows=tuple(rows))


def judgement(answer: GateAnswer) -> Iterator[Block]:
    """What was found in an answer: its points, or what the lab measured."""
    notes = {dispute.point_id: dispute for dispute in answer.disputes}
    for index, point in enumerate(answer.points):
        bonus = "" if point.must else "  (bonus)"
        word = Content.styled(f"{SIGNS[point.coverage]} {point.coverage}", TONES[point.coverage])
        line = (
            Content(f"{number_sign(index)} ")
            + word
            + "  "
            + inline(point.text)
            + Content.styled(bonus, "$foreground-muted")
        )
        yield Block(line, "  ", " " * 6, spaced=False)
        if (dispute := notes.get(point.id)) is not None:
            text = Content.styled(safe(f"disputed on {dispute.at:%Y-%m-%d}: {dispute.note}"), "italic")
            yield Block(text, " " * 6, " " * 6, spaced=False)
    if answer.computation is not None:
        sign = "✓" if answer.passed else "✗"
        tone = "$text-success" if answer.passed else "$text-error"
        yield Block(
            Content.styled(safe(f"{sign} Measured: {answer.computation.right}. {answer.computation.message}"), tone)
        )
        for step in answer.computation.derivation:
            yield Block(Content(safe(step)), "  ", "  ", "code", spaced=False)
        versions = "  ".join(f"{name} {version}" for name, version in answer.computation.versions.items())
        where = f"{answer.computation.exercise}, seed {answer.computation.seed}  {versions}"
        yield Block(Content.styled(safe(where), "$foreground-muted"))
