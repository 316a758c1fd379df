"""An answer cut into sentences and clauses, each with the place where it stands. Nothing but white space is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]

SHORTEST_CLAUSE_WORDS: Final = 3
"""A shorter piece belongs to the clause before it."""
LONGEST_CLAUSE_WORDS: Final = 26
"""Dictated answers come without stops; a longer clause is cut at its next “and”, or in the middle."""

_WORD: Final = re.compile(r"[^\W_]+")
_BREAK: Final = re.compile(
    r"""
    (?P<stop>(?<![.!?…])[.!?…]++["')\]”’]*+(?=\s|$))   # a full stop, not the point of 1.5
    | (?P<blank>\n[ \t\r\f\v]*\n)          # an empty line
    | (?P<item>\n(?=[ \t]*(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-z][.)])[ \t]))   # the next item of a list
    """,
    re.VERBOSE,
)
_ABBREVIATION: Final = re.compile(
    r"(?:(?:^|[\s(])(?:e\.?g|i\.?e|vs|cf|approx|resp|fig|eq|dr|mr|ms|al|incl|ca|w\.r\.t)|(?:^|\n)\s{0,9}(?:[a-z]|\d{1,2}))\.$",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(
    r"""
    (?<=[,;:)\]])\s++ | (?<!\s)\s++(?=[(\[])
    | (?:→|⇒|[-=]>)\s*+ | (?<!\s)\s++(?:→|⇒|[-=]>)\s*+ | (?<!\s)\s++[-–—]++\s++ | —
    | (?<!\s)\s++(?=(?:but|while|whereas|whilst|although|though|because|since|which|whose|unless|until|however|instead|therefore
        |thus|hence|so|then|otherwise|and)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AND: Final = re.compile(r"(?<!\s)\s++(?=(?:and|or|plus|also)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence from `start` to `end` and the clauses it is made of, in order; together they hold all its words."""

    start: int
    end: int
    clauses: tuple[Span, ...]


def split(text: str) -> list[Sentence]:
    """The sentences of a text in their order. Every character that is not white space stands in exactly one clause."""
    return [Sentence(start, end, tuple(_clauses(text, start, end))) for start, end in _sentences(text)]


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for found in _BREAK.finditer(text):
        end = found.end() if found["stop"] else found.start()
        if found["stop"] == "." and _ABBREVIATION.search(text, max(0, end - 12), end):
            continue
        if span := _trimmed(text, start, end):
            yield span
        start = end
    if span := _trimmed(text, start, len(text)):
        yield span


def _clauses(text: str, start: int, end: int) -> list[Span]:
    pieces = _cut(text, start, end, _JOINT)
    pieces = [part for piece in pieces for part in _shortened(text, piece)]
    merged: list[Span] = []
    for piece in pieces:
        if merged and (_words(text, piece) < SHORTEST_CLAUSE_WORDS or _words(text, merged[-1]) < SHORTEST_CLAUSE_WORDS):
            merged[-1] = (merged[-1][0], piece[1])
        else:
            merged.append(piece)
    return merged


def _cut(text: str, start: int, end: int, joint: re.Pattern[str]) -> list[Span]:
    """The pieces between joints. What a joint itself consists of (an arrow, a dash) stays with the piece before it."""
    found, here = [], start
    for match in joint.finditer(text, start, end):
        if span := _trimmed(text, here, match.end()):
            found.append(span)
        here = match.end()
    if span := _trimmed(text, here, end):
        found.append(span)
    return found


def _shortened(text: str, piece: Span) -> list[Span]:
    if _words(text, piece) <= LONGEST_CLAUSE_WORDS:
        return [piece]
    parts: list[Span] = []
    for part in _cut(text, *piece, _AND):
        words = list(_WORD.finditer(text, *part))
        start = part[0]
        for at in range(LONGEST_CLAUSE_WORDS, len(words), LONGEST_CLAUSE_WORDS):
            cut = words[at].start()
            if span := _trimmed(text, start, cut):
                parts.append(span)
            start = cut
        if span := _trimmed(text, start, part[1]):
            parts.append(span)
    return parts


def _words(text: str, span: Span) -> int:
    return sum(1 for _ in _WORD.finditer(text, *span))


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
