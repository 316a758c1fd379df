"""The knobs of a lab exercise: each its name, a field, and what it takes."""

from __future__ import annotations

import contextlib
import importlib
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from labs.catalog import UnknownExercise
from labs.protocol import LARGEST, Param, ParamError
from studytui.domain.sm2 import grade_label
from studytui.domain.verdict import format_number
from studytui.errors import StoreError
from studytui.study.attempt import SAY_SO, Attempt
from studytui.study.bench import Bench, Run, number_in, save_pictures
from studytui.study.next_steps import note_lab
from studytui.ui.host import NARROW_OR_WIDE, host, safe
from studytui.ui.keys import HINT, KNOBS, RUN, KeyBar, page_keys, tape_keys
from studytui.ui.screens import PickScreen, ProblemLine, StudyScreen
from studytui.ui.widgets.answers import AnswerWidget, widget_for
from studytui.ui.widgets.card_sheet import VerdictPanel, hints_text
from studytui.ui.widgets.charts import Mark, number_line
from studytui.ui.widgets.controls import Cycle
from studytui.ui.widgets.evidence import EvidenceView
from studytui.ui.widgets.markdown import Block, MarkdownView
from studytui.ui.widgets.panels import Figure, Panel
from studytui.ui.widgets.question_pictures import QuestionPictures

if TYPE_CHECKING:
    from labs.protocol import Params, Problem


DRAWN = "random"
"""What a knob shows that is left to the draw."""


class KnobForm(Vertical):
    """Says Turned when a knob may be set: at Enter, and when its field is left. An empty one leaves it to the draw."""

    DEFAULT_CSS = """
    KnobForm { height: auto; border-top: solid $panel-lighten-2; }
    KnobForm Horizontal { height: 1; }
    KnobForm .name { width: 18; text-style: bold; }
    KnobForm Input { width: 26; margin-right: 1; }
    KnobForm Cycle { margin-right: 1; }
    KnobForm .meaning { width: 1fr; height: auto; padding-left: 18; margin-bottom: 1; color: $foreground-muted; }
    """

    @dataclass
    class Turned(Message):
        """A knob was turned, or its field left; `texts` says what stands there."""

    def compose(self) -> ComposeResult:
        yield Static("Knobs  (k; empty = random each run)", classes="heading", markup=False)
        yield Vertical(id="rows")
        yield ProblemLine()

    async def offer(self, bench: Bench) -> None:
        """Show the knobs of an exercise."""
        rows = self.query_one("#rows", Vertical)
        rows.styles.height = "auto"
        await rows.remove_children()
        await rows.mount_all(list(_rows(bench)))

    def texts(self) -> dict[str, str]:
        """What stands in the knobs by name, '' where a knob is left to the draw."""
        fields = {control.id or "": control.value for control in self.query(Input)}
        cycles = {cycle.id or "": "" if cycle.value == DRAWN else cycle.value for cycle in self.query(Cycle)}
        return {name.removeprefix("knob-"): text for name, text in (fields | cycles).items()}

    def complain(self, text: str) -> None:
        """Show why the knobs cannot stand as they are; '' when they can."""
        self.query_one(ProblemLine).complain(text)

    def focus_first(self) -> None:
        """Give the keys to the first knob."""
        for control in self.query("Input, Cycle"):
            control.focus()
            break

    @on(Input.Submitted)
    @on(Input.Blurred)
    @on(Cycle.Turned)
    def _turned(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Turned())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()


def _rows(bench: Bench) -> Iterator[Widget]:
    """A knob's name and control, and below them whole what it is and takes."""
    for knob in bench.knobs:
        yield Horizontal(
            Label(safe(knob.name.replace("_", " ")), classes="name", markup=False),
            _control(knob, bench.texts.get(knob.name, "")),
        )
        yield Static(safe(bench.meaning(knob)), classes="meaning", markup=False)


def _control(knob: Param, text: str) -> Input | Cycle:
    if knob.choices:
        return Cycle((DRAWN, *(str(choice) for choice in knob.choices)), text or DRAWN, id=f"knob-{knob.name}")
    placeholder = "path of a picture" if knob.kind == "path" else DRAWN
    return Input(text, compact=True, placeholder=placeholder, id=f"knob-{knob.name}")


# Earlier runs side by side: the parameters that differ, prediction, measured value, distance


MOST_RUNS = 8


class RunTable(MarkdownView):
    """Hidden until there are two runs to compare."""

    def show_rows(self, rows: Sequence[dict[str, str]]) -> None:
        """Show the runs, newest first."""
        self.display = len(rows) > 1
        if len(rows) < 2:
            self.show_blocks(())
            return
        head = tuple(Content.styled(safe(name.replace("_", " ")), "bold") for name in rows[0])
        lines = tuple(tuple(Content(safe(cell)) for cell in row.values()) for row in rows[:MOST_RUNS])
        title = Block(Content.styled("Runs compared", "bold $text-primary"))
        self.show_blocks((title, Block(Content(""), kind="table", spaced=False, rows=(head, *lines))))


# The lab bench: predict first, then the model computes; turn the knobs and compare the runs


PICTURES: Path = Path("studytui-pictures")
_AGAIN = "Your prediction still counts: enter computes again, n asks with other numbers."
_ONCE_MORE = "r computes again, n asks with other numbers."


class LabScreen(StudyScreen[None]):
    """One exercise. What the worker does never blocks a key; Escape cancels it, then leaves."""

    CSS_PATH = "lab.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "go_on", "Predict / next", key_display="enter", id="lab.go_on", show=False,
                tooltip="Hand in the prediction; after the result, the next numbers"),
        Binding("n", "new_numbers", "New numbers", id="lab.new", tooltip="Ask again with other numbers"),
        Binding(RUN, "run", "Run", id="lab.run", tooltip="Compute without a prediction"),
        Binding(KNOBS, "knobs", "Knobs", id="lab.knobs", tooltip="Change the knobs"),
        Binding("s", "sweep", "Sweep", id="lab.sweep",
                tooltip="A knob over its values: draw how the answer goes, then measure it"),
        Binding("w", "another_picture", "Other picture", id="lab.other",
                tooltip="The same numbers, with another picture and other chance"),
        Binding("y", "copy_command", "Copy command", id="lab.copy", show=False,
                tooltip="Copy the command line that asks the same"),
        Binding("c", "code", "Code", id="lab.code", tooltip="Show or hide the code that ran"),
        Binding("p", "save_pictures", "Save picture", id="lab.save", tooltip="Write the pictures as PNG files"),
        Binding(HINT, "hint", "Hint", id="lab.hint", tooltip="One more hint"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="lab.leave",
                tooltip="Stop the computation; leave a field; leave the lab"),
        *tape_keys("lab"),
        *page_keys("lab"),
    ]  # fmt: skip

    def __init__(self, exercise: str, params: Params | None = None, *, problem: Problem | None = None) -> None:
        super().__init__()
        self._exercise = exercise
        self._params = params
        self._posed = problem
        self._bench: Bench | None = None
        self._attempt = Attempt()
        self._computing = False
        self._with_code = False

    def compose(self) -> ComposeResult:
        with Horizontal(classes="title"):
            yield Static(id="title", markup=False)
            yield Static(id="which", markup=False)
        with Container(id="bench"):
            with Vertical(id="work"):
                yield MarkdownView(id="prompt")
                yield QuestionPictures(id="pictures")
                yield MarkdownView(id="hints")
                yield Vertical(id="prediction")
                yield VerdictPanel(id="verdict")
                yield Static(id="grade", classes="muted", markup=False)
                yield KnobForm(id="knobs")
            with Vertical(id="result"):
                yield Panel(id="what")
                yield Panel(id="axis")
                yield RunTable(id="runs")
                yield Static(id="of_run", classes="muted", markup=False)
                yield EvidenceView(id="evidence")
        yield KeyBar()

    async def on_mount(self) -> None:
        title = self.query_one("#title", Static)
        try:
            self._bench = Bench.of(self._exercise, self._params, self._posed)
        except UnknownExercise as error:
            title.update(safe(f"Lab · {self._exercise}"))
            self.query_one(VerdictPanel).show_trouble(str(error), then="")
            return
        title.update(safe(f"Lab · {self._bench.exercise.title}"))
        sections = ", ".join(self._bench.exercise.sections)
        which = f"{self._exercise} · goes with {sections}" if sections else self._exercise
        self.query_one("#which", Static).update(safe(which))
        await self.query_one(KnobForm).offer(self._bench)
        if measured_on := safe(self._bench.exercise.measured_on):
            told = f"{measured_on[0].upper()}{measured_on[1:]}."
            wrapped = Figure("It is measured on", lambda width: Content("\n".join(textwrap.wrap(told, width))))
            self.query_one("#what", Panel).show(wrapped)
        await self._ask()
        self.run_worker(_import_what_shows_results, thread=True, group="imports")

    @property
    def bench(self) -> Bench:
        """The bench; only asked for once the exercise is known."""
        assert self._bench is not None
        return self._bench

    @property
    def _answer(self) -> AnswerWidget | None:
        return next(iter(self.query(AnswerWidget)), None)

    async def _ask(self, *, takes_keys: bool = True) -> None:
        """Put the problem on the bench, with nothing predicted; the answer's field takes the keys, or they stay."""
        self._attempt = Attempt(problem=self.bench.problem)
        slot = self.query_one("#prediction", Vertical)
        await slot.remove_children()
        self.query_one(VerdictPanel).clear()
        self._say("#grade", "")
        self._say("#of_run", f"Still shown: run {len(self.bench.runs)}." if self.bench.runs else "")
        self.query_one("#hints", MarkdownView).show("")
        self.query_one("#hints").display = False
        with contextlib.suppress(StoreError):
            note_lab(host(self).workspace, self._exercise)
        self.query_one(RunTable).show_rows(self.bench.compared())
        self._place("")
        self.query_one("#what").display = bool(self.bench.exercise.measured_on) and not self.bench.runs
        self.query_one("#prompt", MarkdownView).show(self._attempt.question)
        shown = self.query_one(QuestionPictures)
        self.run_worker(shown.show_look(self._attempt, host(self).lab_client), group="look")
        if self.bench.problem is None:
            self.query_one(VerdictPanel).show_trouble(self.bench.trouble, then="Change a knob (k) to go on.")
            return
        widget = widget_for(self._attempt)
        assert widget is not None
        await slot.mount(widget)
        if takes_keys:
            self.set_focus(widget.first_focus(), scroll_visible=False)
        self.refresh_bindings()

    @on(AnswerWidget.Answered)
    def _answered(self, event: AnswerWidget.Answered) -> None:
        if self.bench.problem is None or self._computing:
            return
        if refusal := self._attempt.answer(event.response):
            self._refuse(refusal)
        else:
            self._compute()

    @on(AnswerWidget.Changed)
    def _typed(self, event: AnswerWidget.Changed) -> None:
        self._place(event.values[0] if event.values else "")

    def _place(self, prediction: str, run: Run | None = None) -> None:
        """The prediction on a line of numbers, and the measurement beside it; nothing where neither is a number."""
        panel, problem = self.query_one("#axis", Panel), self._attempt.problem
        marks = []
        measured = run.evidence.value if run is not None else None
        if problem is not None:
            typed = number_in(prediction, problem, near=measured)
            if typed is not None and abs(typed) <= LARGEST:
                marks.append(Mark(typed, "▼", f"you: {format_number(typed)}", "$text-primary"))
            if run is not None and isinstance(measured, int | float):
                marks.append(Mark(float(measured), "◆", f"measured: {format_number(float(measured))}", "$text-success"))
        panel.display = bool(marks)
        if marks and problem is not None:
            title = "Where you put it" if run is None else "You and the measurement"
            is_share = problem.unit == "%"
            panel.show(Figure(title, lambda width: number_line(marks, width, is_share=is_share), safe(problem.unit)))

    @on(AnswerWidget.NotYet)
    def _not_yet(self, event: AnswerWidget.NotYet) -> None:
        self._refuse(event.what_to_do)

    def _refuse(self, what_to_do: str) -> None:
        """Say what to type instead; the field stays."""
        self._say("#grade", what_to_do.replace(SAY_SO, "compute without a prediction (F5)"))

    async def action_run(self) -> None:
        if self._bench is not None and not self._computing:
            await self._take_knobs()
            if self.bench.problem is not None:
                self._attempt.withdraw()
                self._compute()

    def _compute(self) -> None:
        self._computing = True
        self._say("#grade", "")
        self.query_one(VerdictPanel).clear()
        self.set_focus(None)
        self.refresh_bindings()
        self.run_worker(self._measure(self._attempt), group="lab", exclusive=True)

    async def _measure(self, attempt: Attempt) -> None:
        predicted = attempt.is_answered

        def progress(fraction: float, words: str) -> None:
            if self._attempt is attempt and self._computing:
                self.query_one(VerdictPanel).show_progress(fraction, words)

        refusal = await attempt.measure(host(self).lab_client, progress)
        self._computing = False
        self.query_one(VerdictPanel).clear()
        self.refresh_bindings()
        if attempt.measured is not None:
            await self._show_run(self.bench.add(attempt))
            if attempt.trouble:
                self.query_one(VerdictPanel).show_trouble(attempt.trouble, then="")
            return
        attempt.withdraw()
        if refusal:
            self._refuse(refusal)
        else:
            self.query_one(VerdictPanel).show_trouble(attempt.trouble, then=_AGAIN if predicted else _ONCE_MORE)
        if self._answer is not None:
            self.set_focus(self._answer.first_focus(), scroll_visible=False)

    async def _show_run(self, run: Run) -> None:
        panel = self.query_one(VerdictPanel)
        self._say("#of_run", "")
        if self._answer is not None:
            self._answer.settle(run.verdict)
        if run.verdict is not None and run.suggested_grade is not None:
            panel.show_verdict(run.verdict, "exercise", suggestion=grade_label(max(2, run.suggested_grade), four=True))
            off = f"  ·  off by {run.distance}" if run.distance and not run.verdict.correct else ""
            self._say("#grade", f"Measured: {run.measured}{off}")
        else:
            panel.clear()
            self._say("#grade", f"Measured: {run.measured}")
        self._place(run.prediction, run)
        self.query_one("#what").display = False
        self.query_one(RunTable).show_rows(self.bench.compared())
        await self.query_one(EvidenceView).show(run.evidence, with_code=self._with_code)
        if not self.has_class("-wide"):
            self.remove_class("-knobs")
            self.call_after_refresh(self.query_one("#bench").scroll_to_widget, panel, animate=False, top=True)

    def _say(self, selector: str, text: str) -> None:
        line = self.query_one(selector, Static)
        line.update(safe(text))
        line.display = bool(text)

    async def action_go_on(self) -> None:
        """Hand in what stands there; after the result, ask with new numbers."""
        if self._bench is None or self._computing:
            return
        answer = self._answer
        if answer is not None and not answer.settled:
            answer.hand_in()
        else:
            await self.action_new_numbers()

    async def action_new_numbers(self) -> None:
        """Ask again; knobs that are set stay. What was computed before would give the new answer away: it goes."""
        if self._bench is not None and not self._computing:
            self.bench.texts |= self.query_one(KnobForm).texts()
            self.bench.pose()
            await self._ask()
            self._say("#of_run", "")
            await self.query_one(EvidenceView).remove_children()
            self.query_one(KnobForm).complain(self.bench.trouble)

    async def action_another_picture(self) -> None:
        """Ask with the same numbers and everything else drawn anew."""
        if self._bench is not None and self.bench.problem is not None and not self._computing:
            await self._take_knobs()
            self.bench.another_picture()
            await self._ask()
            self._say("#of_run", "")
            await self.query_one(EvidenceView).remove_children()

    def action_copy_command(self) -> None:
        """Put the command line that asks the same into the clipboard."""
        if self._bench is not None and self.bench.problem is not None:
            self.app.copy_to_clipboard(self.bench.command)
            self.notify(f"Copied: {self.bench.command}", markup=False)

    async def action_sweep(self) -> None:
        """Sweep the knob that has the keys, else the only one there is, else the one that is picked."""
        if self._bench is None or self.bench.problem is None or self._computing:
            return
        focused = (self.focused.id or "") if self.focused is not None else ""
        await self._take_knobs()
        knobs = {knob.name: knob for knob in self.bench.sweepable}
        if not knobs:
            self._say("#grade", "There is nothing to sweep here: the answer or the knobs are no numbers.")
        elif (name := focused.removeprefix("knob-")) in knobs or len(knobs) == 1:
            self._sweep(name if name in knobs else next(iter(knobs)))
        else:
            told = {name: Content(safe(f"{name.replace('_', ' ')}  {knob.help}")) for name, knob in knobs.items()}
            self.app.push_screen(PickScreen("Sweep which knob?", told), self._sweep)

    def _sweep(self, knob: str | None) -> None:
        if knob is None:
            return
        from studytui.ui.screens.sweep import SweepScreen

        try:
            sweep = self.bench.sweep(knob)
        except ParamError as error:
            self._say("#grade", f"{error}.")
        else:
            self.app.push_screen(SweepScreen(sweep, PICTURES))

    def action_knobs(self) -> None:
        """Show the knobs, where there was no room for them before, and go to the first one."""
        self.add_class("-knobs")
        self.call_after_refresh(self.query_one(KnobForm).focus_first)

    async def action_code(self) -> None:
        self._with_code = not self._with_code
        if self._bench is not None and self.bench.runs:
            await self.query_one(EvidenceView).show(self.bench.runs[-1].evidence, with_code=self._with_code)

    def action_save_pictures(self) -> None:
        """Write the newest run's pictures into the folder `studytui-pictures` of where the app was started."""
        if self._bench is None or not self.bench.runs:
            return
        try:
            saved = save_pictures(self.bench.runs[-1].evidence, PICTURES, self._exercise)
        except OSError as error:
            self.notify(f"{PICTURES} cannot be written ({error.strerror or error}).", severity="error", markup=False)
            return
        text = f"Saved {', '.join(str(path) for path in saved)}." if saved else "This run has no picture."
        self.notify(text, markup=False)

    def action_hint(self) -> None:
        """Show one more hint; it costs the suggested grade."""
        if self._bench is None or self.bench.problem is None:
            return
        if self._attempt.next_hint() is None:
            self._say("#grade", "There are no more hints.")
        self.query_one("#hints", MarkdownView).show(hints_text(self._attempt))
        self.query_one("#hints").display = bool(self._attempt.hints_used)

    async def action_leave(self) -> None:
        """Stop the computation, or leave the field, or leave the lab."""
        client = host(self).lab_client
        if self._computing and client is not None:
            await client.cancel()
        elif not self.leave_field():
            self.dismiss()

    def scrolled(self) -> list[Widget]:
        return [self.query_one("#result" if self.has_class("-wide") else "#bench")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        ran = self._bench is not None and bool(self._bench.runs)
        match action:
            case "run" | "new_numbers":
                return not self._computing
            case "code" | "save_pictures":
                return ran
            case "hint":
                return self._bench is not None and self._bench.problem is not None and not self._computing
        return True

    @on(KnobForm.Turned)
    async def _turned(self) -> None:
        # While a run computes, its problem stays; what was turned meanwhile counts for the next.
        if self._bench is not None and not self._computing:
            await self._take_knobs()

    async def _take_knobs(self) -> None:
        """Ask anew if the knobs stand otherwise than in the question; the keys stay where they are."""
        texts = self.query_one(KnobForm).texts()
        if all(self.bench.texts.get(name, "") == text for name, text in texts.items()):
            return
        self.bench.turn(texts)
        self.query_one(KnobForm).complain(self.bench.trouble)
        if self.bench.trouble:
            return
        in_answer = self.focused is not None and self.query_one("#prediction") in self.focused.ancestors
        await self._ask(takes_keys=in_answer)


def _import_what_shows_results() -> None:
    """While the question is read, so that the first result is shown without a pause."""
    for name in (
        "PIL.PngImagePlugin",
        "studytui.ui.widgets.evidence",
        "textual.highlight",
    ):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
