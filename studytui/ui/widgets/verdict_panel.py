"""What was right and what was not: in words and signs, never by colour alone."""

from __future__ import annotations

from textual.content import Content

from studytui.domain.cards import Kind
from studytui.domain.grading import Verdict
from studytui.ui.text import safe
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.light_markdown import Block, inline

_BAR_CELLS = 20
_SHOWN_BY_THE_WIDGET: frozenset[Kind] = frozenset({"choice", "order", "match", "open"})


class VerdictPanel(Face):
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
        word = "Right" if verdict.correct else "Partly right" if partly else "Not right"
        sign, style = ("✓", "bold $text-success") if verdict.correct else ("✗", "bold $text-error")
        message = verdict.message if verdict.message not in ("Right.", "Not that.") else ""
        if verdict.correct and message.startswith("Right"):
            message = message.removeprefix("Right").lstrip(" .")
        message = message.removeprefix("Not right: ")
        message = message[:1].upper() + message[1:]
        head = Content.assemble((f"{sign} {word}.", style), " ", inline(message), ("  " if message else ""))
        if verdict.read_as:
            head += Content.styled(f"Read as {safe(verdict.read_as)}.  ", "$text-muted")
        blocks = [Block(head + Content.styled(f"Suggested: {suggestion}" if suggestion else "", "$text-muted"))]
        if kind not in _SHOWN_BY_THE_WIDGET:
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
        given = Content(safe(part.given)) if part.given.strip() else Content.styled("nothing", "italic")
        line = Content.assemble((f"{sign} {number}", style), "you: ", given)
        if part.given.strip() != part.right:
            line += Content.assemble(("  →  ", "$text-muted"), (safe(part.right), "bold"))
        return Block(line, rest="    ", spaced=False)
