"""What all answer widgets have in common: they post one response, and show how it was judged."""

from __future__ import annotations

from dataclasses import dataclass

from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from studytui.domain.grading import Response, Verdict


class AnswerWidget(Vertical):
    """Base of the answer widgets. After `settle` it takes no more keys.

    Responses are in the author's order, whatever the shuffle on the screen was.
    """

    DEFAULT_CSS = """
    AnswerWidget { height: auto; }
    """
    is_typed = False
    """True where letters go into a field, so that letter keys are no commands."""
    prompt = ""
    """What to do, in a few words; shown above the grade bar."""

    @dataclass
    class Answered(Message):
        """The learner gave an answer."""

        response: Response

    @dataclass
    class NotYet(Message):
        """What stands in the widget is no answer yet; `what_to_do` says how to give one."""

        what_to_do: str

    @dataclass
    class Changed(Message):
        """What stands in the widget changed before it was handed in."""

        values: list[str]

    settled = False

    def first_focus(self) -> Widget | None:
        """What takes the keys; None if the screen keeps them."""
        return self

    def hand_in(self) -> None:
        """Answer with what stands there now."""
        raise NotImplementedError

    def digit(self, number: int) -> bool:  # noqa: ARG002  for the widgets that take one
        """Take a number key that reached the screen; False if it means nothing here."""
        return False

    def settle(self, verdict: Verdict | None) -> None:  # noqa: ARG002  for the widgets that show it
        """Stop taking keys and show what was right."""
        self.settled = True
        self.can_focus = False
