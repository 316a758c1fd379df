"""Judging what was typed or picked on a card: the domain's rules with the labs' reader of numbers."""

from __future__ import annotations

from studytui.domain import showing
from studytui.domain.cards import Card
from studytui.domain.grading import Response, Verdict


def judge(card: Card, response: Response, *, dont_know: bool = False) -> Verdict | None:
    """The verdict on a response, or None where the learner judges (basic) or the lab does (exercise).

    Raises:
        TypeError: if the response is not of the card's kind.
    """
    from labs import numbers  # at the first answer, not before the first card

    return showing.judge(card, response, numbers=numbers, dont_know=dont_know)
