"""Reading and judging what was typed or picked: the domain's rules with the labs' readers of numbers and options."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from studytui.domain import showing
from studytui.domain.cards import Body, Card, Choice, Cloze, Match, Numeric, Open, Order
from studytui.domain.grading import Response, Verdict

AnswerForm: TypeAlias = Literal["reveal", "points", "blanks", "number", "choice", "order", "match"]
"""How an answer is given; "reveal" is compared by the learner, "points" ticked after the answer was said."""
BLANKS_APART: Final = "|"
"""What parts the blanks of a cloze, and the right sides of a match, in one line of text."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to pick, to order or to match with: the author's index and the text."""

    index: int
    text: str


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


def form_of(body: Body) -> AnswerForm:
    """How a card of this body is answered; one that a lab decides has the form of its problem instead."""
    match body:
        case Cloze():
            return "blanks"
        case Numeric():
            return "number"
        case Choice():
            return "choice"
        case Order():
            return "order"
        case Match():
            return "match"
        case Open():
            return "points"
    return "reveal"


def options_of(body: Body) -> tuple[str, ...]:
    """What there is to pick, to order or to match with, in the author's order."""
    match body:
        case Choice():
            return tuple(option.text for option in body.options)
        case Order():
            return body.steps
        case Match():
            return body.rights
    return ()


def read(
    form: AnswerForm, texts: Sequence[str], options: Sequence[Option] = (), lefts: Sequence[str] = ()
) -> tuple[Response, str]:
    """A response from typed lines: one a blank or a left side, else one line; with '' or what to type instead.

    An option is named by its place in `options`, from 1, by its letter or by its text.
    """
    line = texts[0] if texts else ""
    match form:
        case "number":
            return line, ""
        case "blanks":
            return list(texts), ""
        case "choice":
            picked = _option(line, options)
            return picked, "" if picked is not None else _no_option(line, len(options))
        case "order":
            return _order(line, options)
        case "match":
            rights = [_option(text, options) for text in texts]
            missing = next((at for at, right in enumerate(rights) if right is None), None)
            if missing is None:
                return [right for right in rights if right is not None], ""
            return None, f"{lefts[missing]}: {_no_option(texts[missing], len(options))}"
    return None, ""


def judge_line(card: Card, line: str, words: Container[str] = frozenset()) -> Verdict | None:
    """The verdict on one line of text, or None where the learner or the lab judges.

    Options are numbered in the author's order; blanks and right sides are parted by `|`, one for each. What cannot be
    an answer is not judged.
    """
    body = card.body
    form = form_of(body)
    if form in ("reveal", "points"):
        return None
    texts, refusal = _parts(body, line)
    response: Response = None
    if not refusal:
        options = [Option(index, text) for index, text in enumerate(options_of(body))]
        lefts = [left for left, _ in body.pairs] if isinstance(body, Match) else []
        response, refusal = read(form, texts, options, lefts)
    return Verdict(False, 0.0, refusal, asks=True) if refusal else judge(card, response, words)


def _parts(body: Body, line: str) -> tuple[list[str], str]:
    """A line as one text for each blank or left side; with '' or what to type where it has more or fewer."""
    match body:
        case Cloze() if len(body.blanks) > 1:
            count, what = len(body.blanks), "blanks"
            texts = line.split(BLANKS_APART)
        case Match():
            count, what = len(body.pairs), "right sides, in the order of the left ones,"
            texts = line.split(BLANKS_APART) if BLANKS_APART in line else re.split(r"[;,\s]+", line.strip())
        case _:
            return [line], ""
    is_whole = len(texts) == count
    return [text.strip() for text in texts], "" if is_whole else f"Type the {count} {what} parted by {BLANKS_APART}."


def _option(text: str, options: Sequence[Option]) -> int | None:
    """The author's index of the option that was named."""
    from labs.options import read_option

    named = read_option(text, [option.text for option in options])
    return next((option.index for option in options if option.text == named), None)


def _order(line: str, options: Sequence[Option]) -> tuple[Response, str]:
    from labs.options import read_order

    named = read_order(line, [option.text for option in options])
    if named is None:
        numbers = " ".join(str(place) for place in range(1, len(options) + 1))
        return None, f"Type the {len(options)} numbers in the right order, for example {numbers}."
    index_of = {option.text: option.index for option in options}
    return [index_of[text] for text in named], ""


def _no_option(text: str, count: int) -> str:
    what = f"type a number from 1 to {count}."
    return f"“{text.strip()[:40]}” is none of the options: {what}" if text.strip() else what.capitalize()


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
