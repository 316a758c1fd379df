"""Judging what was typed or picked on a card: the domain's rules with the labs' reader of numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container
from pathlib import Path
from typing import Final

from studytui.domain import showing
from studytui.domain.cards import Card, Choice, Cloze, Match, Numeric, Order
from studytui.domain.grading import Response, Verdict

BLANKS_APART: Final = "|"
"""What parts the blanks of a cloze, and the right sides of a match, in one line of text."""


class NoCard(LookupError):
    """The course has no card of that id; the text names the ones that look like it."""


def judge(
    card: Card, response: Response, words: Container[str] = frozenset(), *, dont_know: bool = False
) -> Verdict | None:
    """The verdict on a response, or None where the learner judges (basic) or the lab does (exercise).

    `words` are the course's: a slip that makes one of them is not forgiven.

    Raises:
        TypeError: if the response is not of the card's kind.
    """
    from labs import numbers  # at the first answer, not before the first card

    return showing.judge(card, response, numbers=numbers, course_words=words, dont_know=dont_know)


def judge_text(card: Card, text: str, words: Container[str] = frozenset()) -> Verdict | None:
    """The verdict on a line of text, or None where the learner or the lab judges.

    Options, steps and right sides are named by their text, their number in the author's order, or their letter; blanks
    and right sides are parted by `|`, one for each. What names none is not judged.
    """
    response = _read(card, text)
    if response is None and text.strip() and (what := _wanted(card)):
        return Verdict(False, 0.0, f"“{' '.join(text.split())[:40]}” is none: {what}", asks=True)
    return judge(card, response, words)


def _wanted(card: Card) -> str:
    """What a line of text must hold to be a response; '' where any text is one."""
    match card.body:
        case Cloze() as body:
            return f"type the {len(body.blanks)} blanks, parted by |, or say that you don't know."
        case Choice() as body:
            return f"give a number from 1 to {len(body.options)}, or say that you don't know."
        case Order() as body:
            return f"give the numbers from 1 to {len(body.steps)} in their order, or say that you don't know."
        case Match() as body:
            return f"give the {len(body.pairs)} right sides in the order of the left ones, or say that you don't know."
    return ""


def _read(card: Card, text: str) -> Response:
    """The response that a line of text is, in the author's order; None where it is none."""
    from labs.options import read_option, read_order

    match card.body:
        case Numeric():
            return text
        case Cloze() as body:
            blanks = [blank.strip() for blank in text.split(BLANKS_APART)] if len(body.blanks) > 1 else [text]
            return blanks if len(blanks) == len(body.blanks) else None
        case Choice() as body:
            return _place(read_option(text, options := [option.text for option in body.options]), options)
        case Order() as body:
            order = read_order(text, body.steps)
            return None if order is None else [body.steps.index(step) for step in order]
        case Match() as body:
            pieces = text.split(BLANKS_APART) if BLANKS_APART in text else re.split(r"[;,\s]+", text.strip())
            rights = [_place(read_option(piece, body.rights), body.rights) for piece in pieces]
            found = [right for right in rights if right is not None]
            return found if len(found) == len(rights) == len(body.pairs) else None
    return None


def _place(option: str | None, options: list[str] | tuple[str, ...]) -> int | None:
    return None if option is None else options.index(option)


def find_card(root: Path, own: Path | None, card_id: str) -> Card:
    """The card of that id, from the course's files and the learner's own; no database is opened.

    Raises:
        NoCard: there is none; CourseError: a file cannot be read.
    """
    from studytui.library.loader import card_files, load_course
    from studytui.library.own import own_files
    from studytui.services.course_sync import load_file

    known: list[str] = []
    for path in card_files(load_course(root)) + (own_files(own) if own else []):
        for card in load_file(root, own or root, path):
            if card.id == card_id:
                return card
            known.append(card.id)
    close = difflib.get_close_matches(card_id[:100], known, n=3)
    hint = f"Did you mean {' or '.join(close)}?" if close else "See `studytui cards`."
    raise NoCard(f"There is no card “{' '.join(card_id.split())[:60]}”. {hint}")
