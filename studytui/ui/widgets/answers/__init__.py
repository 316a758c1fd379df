"""How the learner answers: one widget a form of answer.

`widget_for` imports the widget's module only when a card of its kind is shown, so that the first card pays for its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studytui.domain.cards import Choice

if TYPE_CHECKING:
    from studytui.services.attempt import Attempt
    from studytui.ui.widgets.answers.base import AnswerWidget


def widget_for(attempt: Attempt) -> AnswerWidget | None:
    """The widget that takes the answer, or None for a card that is only revealed."""
    shown = [option.index for option in attempt.options]
    texts = [option.text for option in sorted(attempt.options, key=lambda option: option.index)]
    match attempt.form:
        case "choice":
            from studytui.ui.widgets.answers.pick import Pick

            body = attempt.asked.card.body if attempt.asked is not None else None
            if isinstance(body, Choice):
                return Pick(texts, shown, right=body.right, whys=[option.why for option in body.options])
            return Pick(texts, shown)
        case "order":
            from studytui.ui.widgets.answers.order import OrderLines

            return OrderLines(texts, shown)
        case "match":
            from studytui.ui.widgets.answers.match import MatchPairs

            return MatchPairs(attempt.lefts, texts, shown)
        case "blanks":
            from studytui.ui.widgets.answers.fill import Fill

            return Fill(attempt.blanks)
        case "number":
            from studytui.ui.widgets.answers.number import Number

            return Number(attempt.unit)
        case "points":
            from studytui.ui.widgets.answers.written import Written

            return Written()
    return None
