"""What is behind a part: every answer given to it, one at a time; and the days and cards behind a retention part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studytui.domain.gate import ItemVerdict
from studytui.services.audit.evidence import Answered
from studytui.services.audit.figures import remade
from studytui.services.audit.report import judged
from studytui.services.audit.standing import Standing
from studytui.services.rehearsal.export import SIGNS
from studytui.ui.host import host
from studytui.ui.text import safe
from studytui.ui.widgets.audit.behind import retention_blocks
from studytui.ui.widgets.audit.judged_points import shown_points
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.evidence import EvidenceView
from studytui.ui.widgets.key_bar import KeyBar
from studytui.ui.widgets.light_markdown import Block, inline
from studytui.ui.widgets.rehearsal.marked_answer import MarkedAnswer
from studytui.ui.widgets.rehearsal.signs import TONES, number_sign


class EvidenceScreen(Screen[None]):
    """The newest answer first; the lab runs again for its picture only when it is asked to."""

    CSS_PATH = "part.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)", "Older", key_display="←", id="evidence.older", tooltip="The answer before"),
        Binding("right,l", "turn(1)", "Newer", key_display="→", id="evidence.newer", tooltip="The answer after"),
        Binding("p", "picture", "Picture", id="evidence.picture",
                tooltip="Run the lab again from the seed in the log and show all it measured"),
        Binding("escape,q,e", "leave", "Back", key_display="esc", id="evidence.back", tooltip="Back to the board"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="evidence.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="evidence.up", tooltip="Scroll up"),
    ]  # fmt: skip

    def __init__(self, standing: Standing, key: str) -> None:
        super().__init__()
        self._is_gone = False
        self._answers = standing.log.of(key)
        self._at = len(self._answers) - 1
        self._remaking = False

    def compose(self) -> ComposeResult:
        yield Static(id="title", classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            yield Static(id="head", markup=False)
            yield Face(id="asked-then")
            yield Static("Your answer", classes="heading", markup=False)
            yield MarkedAnswer(id="answer")
            yield Face(id="judgement")
            yield EvidenceView(id="evidence")
        yield Static(id="notice", markup=False)
        yield KeyBar()

    def on_unmount(self) -> None:
        self._is_gone = True

    async def on_mount(self) -> None:
        await self._show()

    @property
    def _answer(self) -> Answered:
        return self._answers[self._at]

    async def action_turn(self, step: int) -> None:
        """To an older or a newer answer."""
        at = self._at + step
        if 0 <= at < len(self._answers) and not self._remaking:
            self._at = at
            await self._show()

    def action_picture(self) -> None:
        """Run the lab again."""
        if self._answer.computation is not None and not self._remaking:
            self._remaking = True
            self._say("The lab runs again…")
            self.run_worker(self._run(), group="lab", exclusive=True)

    async def _run(self) -> None:
        client = host(self).lab_client
        try:
            if client is None:
                self._say("The labs are not running in this window.")
                return
            found = await remade(client, self._answer)
        finally:
            self._remaking = False
        self._say(found.message)
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

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing now are not shown."""
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
        self.query_one("#asked-then", Face).show(answer.ask)
        self.query_one(MarkedAnswer).show_answer(answer.answer, shown_points(answer.points))
        self.query_one("#judgement", Face).show_blocks(tuple(judgement(answer)))
        await self.query_one(EvidenceView).remove_children()
        self.query_one("#sheet").scroll_home(animate=False)
        self._say("")
        self.refresh_bindings()

    def _say(self, text: str) -> None:
        if not self._is_gone:
            line = self.query_one("#notice", Static)
            line.update(safe(text))
            line.set_class(bool(text), "-shown")


class RetentionScreen(Screen[None]):
    """The days and cards behind an item's retention part."""

    CSS_PATH = "part.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,e,enter", "dismiss(None)", "Back", key_display="esc", id="retention.back", tooltip="Back"),
        Binding("down,j", "scroll_lines(1)", "Down", show=False, id="retention.down", tooltip="Scroll down"),
        Binding("up,k", "scroll_lines(-1)", "Up", show=False, id="retention.up", tooltip="Scroll up"),
    ]

    def __init__(self, standing: Standing, item: ItemVerdict) -> None:
        super().__init__()
        self._standing = standing
        self._item = item

    def compose(self) -> ComposeResult:
        yield Static(safe(f"{self._item.item.title} · what was recalled when"), classes="title", markup=False)
        with VerticalScroll(id="sheet"):
            face = Face()
            face.show_blocks((*retention_blocks(self._standing, self._item), *self._reviews()))
            yield face
        yield KeyBar()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#sheet").scroll_relative(y=lines, animate=False)

    def _reviews(self) -> Iterator[Block]:
        keys = {key for one in self._item.retention.objectives for key in one.cards}
        yield Block(Content.styled("Every scheduled review of these cards", "bold $text-primary"))
        rows = [tuple(Content.styled(head, "bold") for head in ("card", "graded on"))]
        for card in self._standing.recalled:
            if card.key in keys:
                days = ", ".join(f"{day} {'new again' if grade is None else grade}" for day, grade in card.reviews)
                rows.append((Content(safe(card.key)), Content(days or "never")))
        yield Block(Content(""), kind="table", rows=tuple(rows))


def judgement(answer: Answered) -> Iterator[Block]:
    """What was found in an answer: its points, or what the lab measured."""
    notes = {dispute.point_id: dispute for dispute in answer.disputes}
    for index, point in enumerate(answer.points):
        bonus = "" if point.must else "  (bonus)"
        word = Content.styled(f"{SIGNS[point.coverage]} {point.coverage}", TONES[point.coverage])
        line = (
            Content(f"{number_sign(index)} ") + word + "  " + inline(point.text) + Content.styled(bonus, "$text-muted")
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
        yield Block(Content.styled(safe(where), "$text-muted"))
