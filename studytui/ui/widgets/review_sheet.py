"""The table a review happens on: the card's faces, the answer, the verdict, and what a lab showed beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget

from studytui.domain.cards import Cloze
from studytui.domain.grading import Verdict
from studytui.domain.showing import BLANK
from studytui.services.attempt import Attempt
from studytui.ui.text import safe
from studytui.ui.widgets.answers import widget_for
from studytui.ui.widgets.answers.base import AnswerWidget
from studytui.ui.widgets.card_face import Face, note_blocks
from studytui.ui.widgets.light_markdown import placeholder
from studytui.ui.widgets.verdict_panel import VerdictPanel

if TYPE_CHECKING:
    from labs.protocol import Evidence


class ReviewSheet(Container):
    """Shows one attempt. On a wide screen evidence stands in a column of its own, else below the answer."""

    answer: AnswerWidget | None = None
    """Takes the learner's answer; None for a card that is only revealed."""

    def compose(self) -> ComposeResult:
        with Vertical(id="main"):
            yield Face(id="front")
            yield Face(id="hints")
            yield VerdictPanel(id="verdict")
            yield Vertical(id="answer")
            yield Face(id="back")
            yield Face(id="note")
        yield Vertical(id="side")

    @property
    def verdict(self) -> VerdictPanel:
        return self.query_one(VerdictPanel)

    async def ask(self, attempt: Attempt) -> None:
        """Put a card on the table, with nothing known of the answer."""
        self.remove_class("-evidence")
        self.verdict.clear()
        self._face("back").show("")
        self._face("note").show("")
        await self.query_one("#side").remove_children()
        self.answer = widget_for(attempt)
        await self._replace_answer(self.answer)
        self.show_front(attempt, [])
        self.show_hints(attempt)
        self._scroller().scroll_home(animate=False)

    def show_front(self, attempt: Attempt, typed: Sequence[str]) -> None:
        """The question; the blanks of a cloze hold what is typed, and once judged what is right."""
        card = attempt.turn.card
        if not isinstance(card.body, Cloze):
            self._face("front").show(attempt.question)
            return
        fills = []
        for index, blank in enumerate(card.body.blanks):
            if attempt.is_answered and self.verdict.display:
                fills.append(Content.styled(safe(blank.accepted[0]), "bold underline"))
            elif index < len(typed) and typed[index]:
                fills.append(Content.styled(safe(typed[index]), "underline $text-warning"))
            else:
                number = str(index + 1) if len(card.body.blanks) > 1 else ""
                fills.append(Content.styled(f"{number}{BLANK}", "$text-warning"))
        # A character that stands for a blank must not come from the author's text.
        segments = ["".join("�" if "\ue000" <= c <= "\ue0ff" else c for c in text) for text in card.body.segments]
        text = segments[0] + "".join(placeholder(i) + segment for i, segment in enumerate(segments[1:]))
        self._face("front").show(text, fills)

    def show_hints(self, attempt: Attempt) -> None:
        """The hints taken so far."""
        self._face("hints").show(hints_text(attempt))

    def show_verdict(self, attempt: Attempt, verdict: Verdict, *, suggestion: str) -> None:
        """The answer was judged."""
        self.verdict.show_verdict(verdict, attempt.turn.card.kind, suggestion=suggestion)
        if self.answer is not None:
            self.answer.settle(verdict)
        self.show_front(attempt, [])

    def show_trouble(self, message: str) -> None:
        """There is no verdict; the learner grades."""
        self.verdict.show_trouble(message)
        if self.answer is not None:
            self.answer.settle(None)

    def reveal(self, attempt: Attempt) -> None:
        """Show the back and the learner's note, and bring them and the verdict into view."""
        self._face("back").show(attempt.turn.card.back)
        self._face("note").show_blocks(note_blocks(attempt.turn.card.note))
        self.call_after_refresh(self._bring_answer_into_view)

    async def ask_points(self, attempt: Attempt) -> None:
        """Let the learner tick the points of an open card, beside what was written."""
        from studytui.ui.widgets.answers.tick import Tick

        if self.answer is not None:
            self.answer.settle(None)
        self.answer = Tick(attempt.points)
        await self.query_one("#answer").mount(self.answer)
        self.answer.focus(scroll_visible=False)

    async def show_evidence(self, evidence: Evidence) -> None:
        """What the lab computed, in the side column or below."""
        from studytui.ui.widgets.evidence import EvidenceView

        view = EvidenceView()
        side = self.query_one("#side")
        await side.remove_children()
        await side.mount(view)
        await view.show(evidence)
        self.add_class("-evidence")

    def focus_answer(self) -> None:
        """Give the keys to the answer widget, if it takes any."""
        target = self.answer.first_focus() if self.answer is not None and not self.answer.settled else None
        self.screen.set_focus(target, scroll_visible=False)

    def scroll_pages(self, pages: float) -> None:
        """Scroll by a share of the page; the ends for more than a hundred."""
        target = self._scroller()
        if abs(pages) > 100:
            target.scroll_to(y=0 if pages < 0 else target.max_scroll_y, animate=False)
        else:
            target.scroll_relative(y=round(pages * target.size.height) or (1 if pages > 0 else -1), animate=False)

    def _bring_answer_into_view(self) -> None:
        scroller = self._scroller()
        if scroller.max_scroll_y:
            target = self.verdict if self.verdict.display else self._face("back")
            scroller.scroll_to(y=target.virtual_region_with_margin.y, animate=False)

    def _scroller(self) -> Widget:
        return self.query_one("#main") if self.screen.has_class("-wide") else self

    async def _replace_answer(self, widget: AnswerWidget | None) -> None:
        slot = self.query_one("#answer")
        await slot.remove_children()
        slot.display = widget is not None
        if widget is not None:
            await slot.mount(widget)

    def _face(self, name: str) -> Face:
        return self.query_one(f"#{name}", Face)


def hints_text(attempt: Attempt) -> str:
    """The hints taken so far, as Markdown."""
    return "\n\n".join(f"**Hint {n}.** {hint}" for n, hint in enumerate(attempt.hints_shown, 1))
