"""What was learned, as `studytui stats` prints it, with confidence held against what was really known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.statistics import ConfidenceLevel
from studytui.errors import StoreError
from studytui.study.progress import SURE_WORDS, Calibration, Statistics, statistics
from studytui.ui.host import format_error, host, safe
from studytui.ui.keys import KeyBar
from studytui.ui.widgets.markdown import Block, MarkdownView

SCALE_CELLS = 40
NO_CONFIDENCE = (
    "No answer came with a confidence yet. A rehearsal asks how sure you are before it shows anything; the setting "
    "“Ask confidence” makes reviews ask too."
)


class StatisticsScreen(Screen[None]):
    """Read in a thread; the calibration comes first, since no other screen shows it."""

    CSS_PATH = "statistics.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", key_display="esc", id="statistics.back", tooltip="Back"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="statistics.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="statistics.up", tooltip="Scroll up"),
        Binding("pagedown,space", "scroll_lines(15)", "Page down", show=False, id="statistics.page_down",
                tooltip="Scroll a page down"),
        Binding("pageup", "scroll_lines(-15)", "Page up", show=False, id="statistics.page_up",
                tooltip="Scroll a page up"),
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        yield Static("Statistics", classes="title", markup=False)
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static("Confidence and knowledge", classes="heading", markup=False)
            yield MarkdownView("Counting…", id="calibration")
            yield Static("Everything", classes="heading", markup=False)
            yield MarkdownView(id="totals")
        yield KeyBar()

    def on_mount(self) -> None:
        self._load()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    @work(thread=True, exclusive=True, group="statistics")
    def _load(self) -> None:
        try:
            found = statistics(host(self).workspace)
        except StoreError as error:
            self.app.call_from_thread(self._say, f"The statistics cannot be read: {format_error(error)}")
            return
        self.app.call_from_thread(self._show, found)

    def _say(self, text: str) -> None:
        self.query_one("#calibration", MarkdownView).show_blocks((Block(Content(text)),))

    def _show(self, found: Statistics) -> None:
        if self.is_mounted:
            self.query_one("#calibration", MarkdownView).show_blocks(tuple(calibration_blocks(found.calibration)))
            lines = (Block(Content(safe(line)), kind="code", spaced=False) for line in found.lines())
            self.query_one("#totals", MarkdownView).show_blocks(tuple(lines))


def calibration_blocks(found: Calibration) -> Iterator[Block]:
    """Brier score, a scale for each confidence, and where more is believed than known."""
    if found.brier is None or found.parts is None:
        yield Block(Content(NO_CONFIDENCE))
        return
    yield Block(Content.assemble((f"Brier score {found.brier:.3f}", "bold"), f"  of {found.counted}"))
    meaning = f"0 is perfect, 0.250 a coin; always saying your average would score {found.parts.uncertainty:.3f}."
    yield Block(Content.styled(meaning, "$foreground-muted"), spaced=False)
    for at, level in enumerate(found.levels):
        yield Block(_scale(level), spaced=not at, rest=" " * 14)
    legend = "┼ what the confidence means   ● what was right   ─ where the true share lies, at 95 %"
    yield Block(Content.styled(legend, "$foreground-muted"), spaced=False)
    if not found.overconfident:
        yield Block(Content("In no section with five answers or more is clearly more believed than known."))
    for at, topic in enumerate(found.overconfident):
        text = f"believed {topic.said:.0%}, right {topic.share:.0%} of {topic.count}"
        head = Content.styled("! over-confident  ", "bold $text-warning") + safe(found.title(topic.topic))
        yield Block(head + Content.styled(f"  {text}", "$foreground-muted"), spaced=not at, rest=" " * 18)


def _scale(level: ConfidenceLevel) -> Content:
    """From 0 to 100 %: the interval, what was right in it, and what the confidence claims."""
    low, high = (round(each * SCALE_CELLS) for each in level.interval)
    cells = ["─" if low <= at <= high else "·" for at in range(SCALE_CELLS + 1)]
    cells[round(level.said * SCALE_CELLS)] = "┼"
    cells[round(level.share * SCALE_CELLS)] = "●"
    off = level.said - level.share
    clear = not level.interval[0] <= level.said <= level.interval[1]
    word = ("too sure" if off > 0 else "too modest") if clear else "fits"
    tone = "$text-warning" if clear else "$text-success"
    return Content.assemble(
        f"{level.confidence} {SURE_WORDS[level.confidence]:<9} ",
        ("".join(cells), "$text-primary"),
        f"  {level.share:>4.0%} of {level.count}  ",
        (word, tone),
    )
