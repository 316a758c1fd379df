"""What was right and what was not: in words and signs, never by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from studytui.course.pictures import without
from studytui.domain.cards import BLANK, BODIES, Cloze, Kind
from studytui.domain.verdict import Verdict
from studytui.study.attempt import Attempt
from studytui.study.pictures import Side, back_of, front_of
from studytui.ui.host import host, safe
from studytui.ui.widgets.answers import AnswerWidget, widget_for
from studytui.ui.widgets.markdown import Block, MarkdownView, inline, note_blocks, placeholder
from studytui.ui.widgets.panels import PicturePlace

if TYPE_CHECKING:
    from labs.protocol import Evidence


_BAR_CELLS = 20


class VerdictPanel(MarkdownView):
    """The verdict in a line, its parts below where the answer widget does not show them itself."""

    DEFAULT_CSS = """
    VerdictPanel { margin: 1 0 0 0; padding: 0 1; border-left: outer $panel; }
    VerdictPanel.-right { border-left: outer $success; }
    VerdictPanel.-wrong { border-left: outer $error; }
    VerdictPanel.-open { border-left: outer $warning; }
    """

    def show_verdict(self, verdict: Verdict, kind: Kind, *, suggestion: str = "") -> None:
        """Say whether the answer was right, part by part, and which grade is suggested, if one is."""
        partly = not verdict.correct and verdict.score > 0
        word = "Right" if verdict.correct else "Partly right" if partly else "Not quite"
        sign, style = ("✓", "bold $text-success") if verdict.correct else ("✗", "bold $text-error")
        message = verdict.message if verdict.message not in ("Right.", "Not that.") else ""
        if verdict.correct and message.startswith("Right"):
            message = message.removeprefix("Right").lstrip(" .")
        message = message[:1].upper() + message[1:]
        head = Content.assemble((f"{sign} {word}.", style), " ", inline(message), ("  " if message else ""))
        if verdict.read_as:
            head += Content.styled(f"Read as {safe(verdict.read_as)}.  ", "$foreground-muted")
        blocks = [Block(head + Content.styled(f"Suggested: {suggestion}" if suggestion else "", "$foreground-muted"))]
        if not BODIES[kind].shows_its_parts:
            blocks += [self._part(verdict, at) for at in range(len(verdict.parts))]
        self._set(blocks, "-right" if verdict.correct else "-wrong")

    def show_trouble(self, message: str, *, then: str = "Compare with the answer below and grade yourself.") -> None:
        """Say why there is no verdict, and what to do: without another word, that the learner grades."""
        head = Content.styled("! Not checked. ", "bold $text-warning") + Content(safe(message))
        self._set([Block(head), *([Block(Content(safe(then)), spaced=False)] if then else [])], "-open")

    def show_progress(self, fraction: float, words: str) -> None:
        """Say how far the lab is: `▰▰▰▰▱▱▱▱  50 %  encoding patches`."""
        done = round(max(0.0, min(1.0, fraction)) * _BAR_CELLS)
        bar = f"{'▰' * done}{'▱' * (_BAR_CELLS - done)}  {round(fraction * 100):d} %  {words}".rstrip()
        self._set([Block(Content(safe(f"{bar}  (esc stops it)")))], "-open")

    def clear(self) -> None:
        self._set([], "")

    def _set(self, blocks: list[Block], state: str) -> None:
        self.set_classes([state] if state else [])
        self.show_blocks(tuple(blocks))

    def _part(self, verdict: Verdict, at: int) -> Block:
        part = verdict.parts[at]
        number = f"{at + 1} " if len(verdict.parts) > 1 else ""
        sign, style = ("✓", "$text-success") if part.correct else ("✗", "$text-error")
        given = Content(safe(part.given)) if part.given.strip() else Content("—")
        line = Content.assemble((f"{sign} {number}", style), "your answer: ", given)
        if part.given.strip() != part.right:
            line += Content.assemble((" · correct: ", "$foreground-muted"), (safe(part.right), "bold"))
        return Block(line, rest="    ", spaced=False)


# The table a review happens on: the card's faces, the answer, the verdict, and what a lab showed beside them


class ReviewSheet(Container):
    """Shows one attempt. On a wide screen evidence stands in a column of its own, else below the answer."""

    _front = Side("")
    answer: AnswerWidget | None = None
    """Takes the learner's answer; None for a card that is only revealed."""

    class Scrolled(Message):
        """What is in sight may be another part of the page, or the page another one."""

    def on_mount(self) -> None:
        for part in (self, self.query_one("#main"), self.query_one("#side")):
            for changed in ("scroll_y", "virtual_size"):
                self.watch(part, changed, self._scrolled, init=False)

    def on_resize(self) -> None:
        self._scrolled()

    def _scrolled(self) -> None:
        self.call_after_refresh(self.post_message, self.Scrolled())

    def below(self) -> tuple[int, int, str]:
        """Lines below what is in sight, lines that do not fit at once, and "evidence" if the ones below are only that.

        Where evidence has a column of its own, the column with more counts.
        """
        if not self.screen.has_class("-wide"):
            below, side = round(self.max_scroll_y - self.scroll_y), self.query_one("#side")
            in_sight = self.scroll_y + self.size.height
            only = side.display and bool(below) and side.virtual_region.y <= in_sight
            return below, self.max_scroll_y, "evidence" if only else ""
        parts = [("", self.query_one("#main")), ("evidence", self.query_one("#side"))]
        found = [(round(part.max_scroll_y - part.scroll_y), part.max_scroll_y, what) for what, part in parts]
        return max(found[:1] if not parts[1][1].display else found)

    def compose(self) -> ComposeResult:
        with Vertical(id="main"):
            yield MarkdownView(id="front")
            yield Vertical(id="pictures")
            yield PicturePlace(id="front-pictures")
            yield MarkdownView(id="hints")
            yield VerdictPanel(id="verdict")
            yield Vertical(id="answer")
            yield MarkdownView(id="back")
            yield PicturePlace(id="back-pictures")
            yield MarkdownView(id="note")
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
        folder = host(self).workspace.media(attempt.turn.card)
        self._front = front_of(attempt.turn.card, attempt.question, folder)
        await self.query_one("#front-pictures", PicturePlace).show(self._front.pictures)
        await self.query_one("#back-pictures", PicturePlace).show(())
        await self.query_one("#side").remove_children()
        self.answer = widget_for(attempt)
        await self._replace_answer(self.answer, covered=attempt.covered)
        await self._ask_for_pictures(attempt)
        self.show_front(attempt, [])
        self.show_hints(attempt)
        self._scroller().scroll_home(animate=False)

    def show_front(self, attempt: Attempt, typed: Sequence[str]) -> None:
        """The question; the blanks of a cloze hold what is typed, and once judged what is right."""
        card = attempt.turn.card
        if not isinstance(card.body, Cloze):
            self._face("front").show(self._front.text)
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
        self._face("front").show(without(text, self._front.links), fills)

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
        back = back_of(attempt.turn.card, host(self).workspace.media(attempt.turn.card))
        self._face("back").show(back.text)
        if back.pictures:
            self.call_later(self.query_one("#back-pictures", PicturePlace).show, back.pictures)
        self._face("note").show_blocks(note_blocks(attempt.turn.card.note))
        self.call_after_refresh(self._bring_answer_into_view)

    async def ask_points(self, attempt: Attempt) -> None:
        """Let the learner tick the points of an open card, beside what was written."""
        from studytui.ui.widgets.answers import Tick

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
        takes = self.answer is not None and not self.answer.settled and self.query_one("#answer").display
        target = self.answer.first_focus() if self.answer is not None and takes else None
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

    def uncover(self) -> None:
        """Bring the options into sight."""
        self.query_one("#answer").display = True

    async def _ask_for_pictures(self, attempt: Attempt) -> None:
        """Let a lab draw what its question shows, while the question is read."""
        slot = self.query_one("#pictures")
        await slot.remove_children()
        slot.display = attempt.shows_something
        if slot.display:
            from studytui.ui.widgets.question_pictures import QuestionPictures

            shown = QuestionPictures()
            await slot.mount(shown)
            self.run_worker(shown.show_look(attempt, host(self).lab_client), group="look")

    async def _replace_answer(self, widget: AnswerWidget | None, *, covered: bool) -> None:
        slot = self.query_one("#answer")
        await slot.remove_children()
        slot.display = widget is not None and not covered
        if widget is not None:
            await slot.mount(widget)

    def _face(self, name: str) -> MarkdownView:
        return self.query_one(f"#{name}", MarkdownView)


def hints_text(attempt: Attempt) -> str:
    """The hints taken so far, as Markdown."""
    return "\n\n".join(f"**Hint {n}.** {hint}" for n, hint in enumerate(attempt.hints_shown, 1))
