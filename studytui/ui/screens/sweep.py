"""A sweep: a knob of a lab over its values. The learner draws first what will come out; then it is measured."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from studytui.study.bench import HIGHEST, Sweep, save_curve
from studytui.ui.host import NARROW_OR_WIDE, host, safe
from studytui.ui.keys import RUN, KeyBar, page_keys
from studytui.ui.screens import Notice, StudyScreen
from studytui.ui.widgets.card_sheet import VerdictPanel
from studytui.ui.widgets.charts import DATA, MUTED, UPRIGHT, spaced

ROWS = 6


class DrawnCurve(Widget, can_focus=True):
    """A curve that is drawn: digits give the height of one place after the other, arrows change it."""

    DEFAULT_CSS = """
    DrawnCurve { height: 8; width: 100%; max-width: 100; text-wrap: nowrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(height), f"set({height})", f"Height {height}", show=False) for height in range(HIGHEST + 1)),
        Binding("left", "move(-1)", "Previous place", show=False, tooltip="To the place before"),
        Binding("right", "move(1)", "Next place", show=False, tooltip="To the next place"),
        Binding("up", "raise(1)", "Higher", show=False, tooltip="Raise the curve here"),
        Binding("down", "raise(-1)", "Lower", show=False, tooltip="Lower the curve here"),
        Binding("backspace,delete", "clear", "Clear", show=False, tooltip="Take the height here away"),
    ]

    class Drawn(Message):
        """A height was set or taken away."""

    def __init__(self, sweep: Sweep) -> None:
        super().__init__(markup=False)
        self._sweep = sweep
        self._at = 0

    def action_set(self, height: int) -> None:
        self._put(height)
        self.action_move(1)

    def action_raise(self, by: int) -> None:
        here = self._sweep.drawn[self._at]
        before = next((height for height in reversed(self._sweep.drawn[: self._at]) if height is not None), 4)
        self._put(max(0, min(HIGHEST, (before if here is None else here) + by)))

    def action_move(self, places: int) -> None:
        self._at = max(0, min(len(self._sweep.drawn) - 1, self._at + places))
        self.refresh()

    def action_clear(self) -> None:
        self._put(None)
        self.action_move(-1)

    def on_click(self, event: events.Click) -> None:
        self._at = max(0, min(len(self._sweep.drawn) - 1, event.x // self._cell))
        self._put(max(0, min(HIGHEST, round((ROWS - 1 - event.y) / (ROWS - 1) * HIGHEST))))

    def _put(self, height: int | None) -> None:
        self._sweep.drawn[self._at] = height
        self.refresh()
        self.post_message(self.Drawn())

    @property
    def _cell(self) -> int:
        return max(2, self.size.width // len(self._sweep.drawn))

    def render(self) -> Content:
        cell, drawn = self._cell, self._sweep.drawn
        rows = []
        for row in range(ROWS):
            bars = ""
            for height in drawn:
                eighths = 0 if height is None else 1 + round(height / HIGHEST * (ROWS * 8 - 1))
                glyph = UPRIGHT[max(0, min(8, eighths - 8 * (ROWS - 1 - row)))]
                bars += glyph * (cell - 1) + " "
            rows.append(Content.styled(bars, DATA))
        middle = (cell - 1) // 2
        cursor = " " * (self._at * cell + middle) + ("▲" if self.has_focus else " ")
        names = [(at * cell + middle, f"{value:.4g}") for at, value in enumerate(self._sweep.places)]
        labels = Content.styled(spaced(names, cell * len(drawn)), MUTED)
        return Content("\n").join([*rows, Content.styled(cursor, "bold $text-primary"), labels])


class SweepScreen(StudyScreen[None]):
    """One sweep. Escape stops what is measured, then leaves."""

    CSS_PATH = "lab.tcss"
    AUTO_FOCUS = "DrawnCurve"
    HORIZONTAL_BREAKPOINTS = NARROW_OR_WIDE
    ABOUT = (
        "Draw how the answer goes as the knob is turned: its shape counts, from its least value to its greatest. "
        "Then the lab measures the answer at each value."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "measure", "Measure", key_display="enter", id="sweep.measure",
                tooltip="Measure the answer at each value, and show it with your curve"),
        Binding(RUN, "measure_undrawn", "Without a curve", id="sweep.undrawn", tooltip="Measure without a prediction"),
        Binding("p", "save", "Save curve", id="sweep.save", tooltip="Write the curve as SVG and CSV"),
        Binding("escape,q", "leave", "Back", key_display="esc", id="sweep.leave",
                tooltip="Stop the measurement; leave the sweep"),
        *page_keys("sweep"),
    ]  # fmt: skip

    def __init__(self, sweep: Sweep, folder: Path) -> None:
        super().__init__()
        self._sweep = sweep
        self._folder = folder
        self._computing = False

    @property
    def _is_done(self) -> bool:
        return len(self._sweep.measured) == len(self._sweep.posed)

    def compose(self) -> ComposeResult:
        sweep = self._sweep
        places = sweep.places
        knob = next(knob for knob in sweep.exercise.params if knob.name == sweep.knob)
        yield Static(safe(f"Lab · {sweep.exercise.title} · sweep"), classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static(
                Content.assemble(
                    (safe(sweep.knob.replace("_", " ")), "bold"),
                    f" goes from {places[0]:g} to {places[-1]:g} in {len(places)} values; all other knobs stay. ",
                    (safe(f"({knob.help})"), MUTED),
                ),
                id="ask",
            )
            yield Static(
                "How does the answer go? Type a digit from 0 (its least value) to 9 (its greatest) for each place, or "
                "draw with the arrows.",
                id="how",
                markup=False,
            )
            yield DrawnCurve(sweep)
            yield VerdictPanel(id="verdict")
            yield Static(id="said", markup=False)
        yield Notice()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(VerdictPanel).clear()

    async def action_measure(self) -> None:
        if self._sweep.is_drawn:
            self._measure()
        elif not self._computing and not self._is_done:
            self.say("Draw first: digits from 0 to 9 for at least two places. F5 measures without a curve.")

    def action_measure_undrawn(self) -> None:
        self._sweep.drawn = [None] * len(self._sweep.posed)
        self.query_one(DrawnCurve).refresh()
        self._measure()

    def _measure(self) -> None:
        if not self._computing and not self._is_done:
            self._computing = True
            self.say("")
            self.query_one(DrawnCurve).can_focus = False
            self.set_focus(None)
            self.refresh_bindings()
            self.run_worker(self._run(), group="lab", exclusive=True)

    async def _run(self) -> None:
        panel, client = self.query_one(VerdictPanel), host(self).lab_client
        if client is None:
            trouble = "The labs are not running in this window."
        else:
            trouble = await self._sweep.run(client, panel.show_progress)
        self._computing = False
        panel.clear()
        if trouble:
            drawn = self.query_one(DrawnCurve)
            drawn.can_focus = True
            self.set_focus(drawn, scroll_visible=False)
            panel.show_trouble(trouble, then="Enter goes on where it stopped.")
        else:
            await self._show_curve()
        self.refresh_bindings()

    async def _show_curve(self) -> None:
        from studytui.ui.widgets.evidence import CurvePlot

        curve = self._sweep.curve
        least, most = min(self._sweep.measured), max(self._sweep.measured)
        said = f"Measured: from {least:.6g} to {most:.6g} {curve.y_label}. {self._sweep.agreement}"
        self.query_one("#said", Static).update(safe(said.strip()))
        self.query_one("#how").display = False
        self.query_one(DrawnCurve).display = False
        await self.query_one("#sheet").mount(CurvePlot(curve, is_even=True))

    def action_save(self) -> None:
        """Write the curve into the folder of the bench's pictures."""
        name = f"{self._sweep.exercise.name}-sweep-{self._sweep.knob}"
        try:
            saved = save_curve(self._sweep.curve, self._folder, name)
        except OSError as error:
            self.say(f"{self._folder} cannot be written ({error.strerror or error}).", problem=True)
            return
        self.say(f"Saved {', '.join(str(path) for path in saved)}.")

    async def action_leave(self) -> None:
        """Stop the measurement, or leave."""
        client = host(self).lab_client
        if self._computing and client is not None:
            await client.cancel()
        else:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        match action:
            case "measure" | "measure_undrawn":
                return not self._computing and not self._is_done
            case "save":
                return self._is_done
        return True
