"""Answers that contradict their own card: its back, its listed mistakes, its hints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from studytui.domain.cards import Card, Choice, Cloze, Numeric
from studytui.domain.grading import format_number
from studytui.domain.spelling import fold
from studytui.library.lint.numbers import Stated, equation_results, numbers_in
from studytui.library.lint.report import Finding, about

_BOLD: Final = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_OUTRIGHT: Final = re.compile(r"(?:=|≈|\bis)\s*\**\s*([-−]?\S+)")
"""Where a hint says what something is; a small number or a half elsewhere stands for many things."""


def contradictory_answers(cards: Sequence[Card]) -> Iterator[Finding]:
    """Findings on every card whose answer another of its fields contradicts or gives away."""
    for card in cards:
        if isinstance(card.body, Numeric):
            yield from _against_the_back(card, card.body)
            yield from _against_the_mistakes(card, card.body)
        for number, hint in enumerate(card.hints):
            if given := _given_away(card, hint):
                message = f"“{given}” is the answer; a hint leads to it."
                yield about(card, "answer-in-hint", message, field=f"hints.{number}")


def _against_the_back(card: Card, body: Numeric) -> Iterator[Finding]:
    """A back with results, in bold or behind an equals sign, has the answer among them."""
    bold = [stated for text in _BOLD.findall(card.back) for stated in numbers_in(text)]
    results = bold or [*equation_results(card.back), *numbers_in(card.back)]
    if not bold and not equation_results(card.back):
        return
    if not any(_is_answer(stated, body) for stated in results):
        shown = (bold or equation_results(card.back))[0].text
        message = f"{format_number(body.answer, body.unit)} is not what the back says: {shown}."
        yield about(card, "answer-not-in-back", message, field="answer")


def _against_the_mistakes(card: Card, body: Numeric) -> Iterator[Finding]:
    slack = _slack(body)
    for number, mistake in enumerate(body.mistakes):
        if abs(mistake.value - body.answer) <= slack + 1e-9 * max(1.0, abs(body.answer)):
            is_answer = mistake.value == body.answer
            why = "is the answer itself" if is_answer else f"is right within the tolerance of {slack:g}"
            message = f"{format_number(mistake.value)} {why}, so that nobody is told of the mistake."
            yield about(card, "mistake-is-right", message, field=f"mistakes.{number}.value")


def _given_away(card: Card, hint: str) -> str:
    """What of the answer a hint says outright; '' if nothing."""
    match card.body:
        case Numeric() as body:
            is_small = abs(body.answer) < 10 and float(body.answer * 4).is_integer()
            said = " ; ".join(_OUTRIGHT.findall(hint)) if is_small else hint
            return next((stated.text for stated in numbers_in(said) if stated.is_exactly(body.answer)), "")
        case Cloze() as body:
            spellings = [spelling for blank in body.blanks for spelling in blank.accepted]
            return next((spelling for spelling in spellings if _says(hint, spelling)), "")
        case Choice() as body:
            text = body.options[body.right].text
            return text if _says(hint, text) else ""
    return ""


def _says(text: str, phrase: str) -> bool:
    said, words = fold(text).split(), fold(phrase).split()
    return bool(words) and any(said[at : at + len(words)] == words for at in range(len(said) - len(words) + 1))


def _slack(body: Numeric) -> float:
    return max(body.tolerance, abs(body.answer) * body.tolerance_percent / 100)


def _is_answer(stated: Stated, body: Numeric) -> bool:
    """True if the number as it is written may be the rounded answer, or its fraction where the answer is in percent."""
    slack = _slack(body)
    factors = (1.0, 100.0, 0.01) if body.unit == "%" or stated.is_percent else (1.0,)
    return any(abs(stated.value * k - body.answer) <= slack + stated.rounding * k + 1e-9 for k in factors)
