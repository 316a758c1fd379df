"""What makes a card poor: no reason on the back, a give-away option, an answer in the question, a twin elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from studytui.domain.cards import Card, Choice, Cloze
from studytui.domain.showing import right_answer
from studytui.domain.spelling import fold
from studytui.library.lint.report import Finding, about

LONGEST_FRONT: Final = 600
"""Characters; a scenario needs room, a question that fills the screen is several questions."""
GIVE_AWAY_RATIO: Final = 1.6
"""A right option longer than every wrong one by this factor is picked for its length alone."""
TWIN_FRONTS: Final = 90.0
TWIN_WHOLE: Final = 82.0
"""Similarity (0 to 100) of fronts, and of fronts with answers and backs, from which two cards ask the same."""
_YES_NO: Final = re.compile(
    r"^(is|are|does|do|did|can|could|should|will|would|has|have|was|were)\b[^.!?]*\?$", re.IGNORECASE
)
_CODE_OR_MARK: Final = re.compile(r"[*_`$]+")


def weak_cards(cards: Sequence[Card]) -> Iterator[Finding]:
    """Findings on single cards, then pairs that ask the same."""
    for card in cards:
        yield from _alone(card)
    yield from _twins(cards)


def _alone(card: Card) -> Iterator[Finding]:
    if not card.back:
        yield about(card, "empty-back", "the back is empty; it gives the reason.", field="back")
    elif fold(card.back) == fold(right_answer(card)):
        yield about(card, "bare-back", "the back only repeats the answer; it gives the reason.", field="back")
    if len(card.front) > LONGEST_FRONT:
        yield about(
            card, "long-front", f"the front has {len(card.front)} characters; at most {LONGEST_FRONT}.", field="front"
        )
    if card.kind in ("basic", "open", "choice") and _YES_NO.match(card.front.strip().rpartition("\n")[2]):
        yield about(card, "yes-no", "a yes/no question is answered by a coin; ask for the thing itself.", field="front")
    match card.body:
        case Choice() as body:
            yield from _options(card, body)
        case Cloze() as body:
            around = fold(" ".join(body.segments)).split()
            for blank in body.blanks:
                words = fold(blank.accepted[0]).split()
                if _holds(around, words) and not all(len(word) < 4 or word.isdigit() for word in words):
                    message = f"“{blank.accepted[0]}” stands in the text around the blank."
                    yield about(card, "answer-in-question", message, field="front")


def _options(card: Card, body: Choice) -> Iterator[Finding]:
    right = body.options[body.right]
    wrong = [option for option in body.options if not option.correct]
    for number, option in enumerate(body.options):
        if not option.correct and not option.why:
            message = f"the wrong option “{option.text[:40]}” has no why."
            yield about(card, "no-reason", message, field=f"options.{number}.why")
    if len(right.text) > 24 and len(right.text) > GIVE_AWAY_RATIO * max(len(option.text) for option in wrong):
        yield about(card, "give-away", "the right option is by far the longest.", field="options")
    front, answer = fold(card.front).split(), fold(right.text).split()
    if len(answer) > 1 and _holds(front, answer) and not any(_holds(front, fold(o.text).split()) for o in wrong):
        yield about(card, "answer-in-question", "the right option stands in the question.", field="front")


def _twins(cards: Sequence[Card]) -> Iterator[Finding]:
    from rapidfuzz import fuzz

    texts = [(card, _plain(card.front), _plain(f"{card.front} {right_answer(card)} {card.back}")) for card in cards]
    for (card, front, whole), (other, other_front, other_whole) in combinations(texts, 2):
        if _differ_by_lab(card, other) or not front or not other_front:
            continue
        if fuzz.token_sort_ratio(front, other_front, score_cutoff=TWIN_FRONTS) and fuzz.token_sort_ratio(
            whole, other_whole, score_cutoff=TWIN_WHOLE
        ):
            yield about(other, "near-duplicate", f"asks nearly the same as {card.id} ({card.source}).", field="front")


def _differ_by_lab(card: Card, other: Card) -> bool:
    """Two exercises are told apart by what their labs pose, not by the words around it."""
    return card.kind == other.kind == "exercise" and card.lab != other.lab


def _plain(text: str) -> str:
    return " ".join(_CODE_OR_MARK.sub("", text).casefold().split())


def _holds(text: Sequence[str], words: Sequence[str]) -> bool:
    return f" {' '.join(words)} " in f" {' '.join(text)} "
