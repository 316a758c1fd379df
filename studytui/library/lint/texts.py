"""What shows in a text that was meant as markup, or was written for another program; and sums that do not come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from studytui.domain.cards import Card, Choice, Cloze, Course, Match, Numeric, Open, Order
from studytui.domain.showing import cloze_text
from studytui.library.errors import CourseError
from studytui.library.lint.numbers import wrong_sums
from studytui.library.lint.report import Finding, about
from studytui.library.markdown import parser
from studytui.library.toml_source import read_text

# A brace that does not open or close another blank; what begins again ends the try, so that time grows with the text.
_BRACE: Final = r"\{(?!\{)|\}(?!\})"
_ANKI: Final = re.compile(rf"\{{\{{c\d++::((?:[^{{}}:]++|:(?!:)|{_BRACE})++)(?:::(?:[^{{}}]++|{_BRACE})*+)?\}}\}}")
_BLANK: Final = re.compile(rf"\{{\{{(?:[^{{}}]++|{_BRACE})++\}}\}}")
_LEFT_ALONE: Final = re.compile(r"\\.|(?:(?<!`)|(?<=\\`))(`++)[^`]++\1|(?<!\$)\$(?=\S)[^$\n]*\S\$|<[^<>\n]*+>")
"""Escapes, code, formulas and links, in which stars mean nothing."""
_STRAY: Final = re.compile(
    r"(?<![\w*])\*\*(?!\*)|(?<!\*)\*\*(?![\w*])|(?<![\w)\]}*])\*(?=\w)|(?<=[\w.]{2})\*(?![\w(\[{*])|`"
)


def marred_texts(root: Path, course: Course, cards: Sequence[Card]) -> Iterator[Finding]:
    """Findings in the texts of cards, then in the chapters."""
    yield from marred_cards(cards)
    for chapter in course.chapters:
        path = f"content/{chapter.text}"
        try:
            text = read_text(root, path)
        except CourseError:
            continue
        for line, mark in _stray_marks(text):
            yield Finding("emphasis", f"“{mark}” has no partner, so it is shown as it is.", path, line)
        for offset, written, value in wrong_sums(text):
            yield Finding("wrong-sum", _sum_message(written, value), path, text.count("\n", 0, offset) + 1)


def marred_cards(cards: Sequence[Card]) -> Iterator[Finding]:
    """Findings in the texts of cards alone."""
    for card in cards:
        yield from _foreign(card)
        for field, text in _texts(card):
            if stray := next(_stray_marks(text), None):
                message = f"“{stray[1]}” has no partner, so it is shown as it is."
                yield about(card, "emphasis", message, field=field)
        for field in ("front", "back"):
            for _, written, value in wrong_sums(_text(card, field)):
                yield about(card, "wrong-sum", _sum_message(written, value), field=field)


def _foreign(card: Card) -> Iterator[Finding]:
    """Blanks in another program's writing, and blanks where none are filled."""
    for field, text in (("front", card.front), ("back", card.back)):
        if anki := _ANKI.search(text):
            message = (
                f"“{anki[0][:60]}” is Anki's way to write a blank; here it is {{{{{anki[1]}}}}}, a hint in `hints`."
            )
            yield about(card, "anki-cloze", message, field=field)
        elif (field == "back" or not isinstance(card.body, Cloze)) and (blank := _BLANK.search(text)):
            message = f"“{blank[0][:60]}” is shown with its braces; only the front of a cloze has blanks."
            yield about(card, "blank-elsewhere", message, field=field)


def _text(card: Card, field: str) -> str:
    if field == "front" and isinstance(card.body, Cloze):
        return cloze_text(card.body, [])
    return str(getattr(card, field))


def _texts(card: Card) -> Iterator[tuple[str, str]]:
    """(field, text) of everything of a card that is shown as Markdown."""
    yield "front", _text(card, "front")
    yield "back", card.back
    yield from ((f"hints.{number}", hint) for number, hint in enumerate(card.hints))
    match card.body:
        case Choice() as body:
            for number, option in enumerate(body.options):
                yield f"options.{number}.text", option.text
                yield f"options.{number}.why", option.why
        case Order() as body:
            yield from ((f"steps.{number}", step) for number, step in enumerate(body.steps))
        case Match() as body:
            yield from ((f"pairs.{number}", " – ".join(pair)) for number, pair in enumerate(body.pairs))
        case Numeric() as body:
            yield from ((f"mistakes.{number}.why", mistake.why) for number, mistake in enumerate(body.mistakes))
        case Open() as body:
            yield from ((f"points.{number}", point) for number, point in enumerate(body.points))


def _stray_marks(text: str) -> Iterator[tuple[int, str]]:
    """(line, mark) of each star or back tick that pairs with none."""
    if "*" not in text and "`" not in text:
        return
    for token in parser().parse(text):
        if token.type != "inline" or token.map is None:
            continue
        for number, line in enumerate(token.content.split("\n")):
            masked = _LEFT_ALONE.sub("", line) if "`" not in token.content or line.count("`") % 2 == 0 else line
            left = "".join(
                part.content for part in parser().parseInline(masked)[0].children or [] if part.type == "text"
            )
            if stray := _STRAY.search(left):
                yield token.map[0] + number + 1, stray[0]


def _sum_message(written: str, value: str) -> str:
    return f"“{written}” does not come out; it is {value}."
