"""The model answer of a question, and below it what weak answers say."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from studytui.domain.rubric import Question
from studytui.ui.widgets.card_face import Face
from studytui.ui.widgets.light_markdown import Block, inline


class ModelAnswer(Vertical):
    """Shown beside the learner's answer, or below it."""

    DEFAULT_CSS = """
    ModelAnswer { height: auto; }
    ModelAnswer Face { margin-bottom: 1; }
    """

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        yield Static("A model answer", classes="heading", markup=False)
        yield Face(self._question.model)
        if self._question.mistakes:
            yield Static("Common mistakes", classes="heading", markup=False)
            face = Face()
            face.show_blocks(tuple(self._mistakes()))
            yield face

    def _mistakes(self) -> Iterator[Block]:
        for mistake in self._question.mistakes:
            yield Block(Content.styled("“", "$text-muted") + inline(mistake.says) + "”", "✗ ", "  ", spaced=False)
            yield Block(inline(mistake.correction), "→ ", "  ", spaced=False)
