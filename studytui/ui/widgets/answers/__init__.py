"""How the learner answers: one widget a kind of card.

`widget_for` imports the widget's module only when a card of its kind is shown, so that the first card pays for its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from studytui.domain.cards import Choice, Cloze, Match, Numeric, Open, Order
from studytui.domain.showing import Showing

if TYPE_CHECKING:
    from labs.protocol import Problem
    from studytui.ui.widgets.answers.base import AnswerWidget


def widget_for(showing: Showing) -> AnswerWidget | None:
    """The widget for a card, or None for one that is only revealed (basic) or posed by a lab (exercise)."""
    match showing.card.body:
        case Choice() as body:
            from studytui.ui.widgets.answers.pick import Pick

            texts, whys = [option.text for option in body.options], [option.why for option in body.options]
            return Pick(texts, showing.permutation, right=body.right, whys=whys)
        case Order() as body:
            from studytui.ui.widgets.answers.order import OrderLines

            return OrderLines(body.steps, showing.permutation)
        case Match() as body:
            from studytui.ui.widgets.answers.match import MatchPairs

            return MatchPairs([left for left, _ in body.pairs], body.rights, showing.permutation)
        case Cloze() as body:
            from studytui.ui.widgets.answers.fill import Fill

            return Fill(len(body.blanks))
        case Numeric() as body:
            from studytui.ui.widgets.answers.number import Number

            return Number(body.unit)
        case Open():
            from studytui.ui.widgets.answers.written import Written

            return Written()
    return None


def widget_for_problem(problem: Problem) -> AnswerWidget:
    """The widget for what a lab asks. It answers with the words the lab expects, not with an index."""
    match problem.answer_type:
        case "choice":
            from studytui.ui.widgets.answers.pick import Pick

            return Pick(problem.options, range(len(problem.options)))
        case "order":
            from studytui.ui.widgets.answers.order import OrderLines

            return OrderLines(problem.options, range(len(problem.options)))
    from studytui.ui.widgets.answers.number import Number

    return Number(problem.unit)
