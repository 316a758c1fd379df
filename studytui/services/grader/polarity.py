"""Which words of a sentence are denied: the scope of not, never, without, instead of, “it is not true that”."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from studytui.services.grader.lexicon import lexicon

LONGEST_SCOPE_WORDS: Final = 9
SHORT_SCOPE_WORDS: Final = 4
_OF_A_NOUN: Final = frozenset(
    {"no", "without", "instead", "rather", "unlike", "except", "lack", "lacks", "lacking", "minus", "free", "avoid",
     "avoids", "avoiding", "as", "apart", "ignore", "ignores", "ignoring", "excluding"}
)  # fmt: skip
"""Negators that deny the noun phrase after them, not the whole rest of the clause."""


def negations(words: Sequence[str], text: str, places: Sequence[tuple[int, int]]) -> list[bool]:
    """For each word whether an odd number of negations reach it. `places` are the words' places in the text."""
    known = lexicon()
    count = [0] * len(words)
    at = 0
    while at < len(words):
        if taken := _taken(known.no_negators, words, at):
            at += taken
            continue
        if taken := _taken(known.denials, words, at):
            for inside in range(at + taken, len(words)):
                if words[inside] == "but" and inside > at + taken + 1:
                    break
                count[inside] += 1
            at += taken
            continue
        if taken := _taken(known.negators, words, at):
            reach = SHORT_SCOPE_WORDS if words[at] in _OF_A_NOUN else LONGEST_SCOPE_WORDS
            for inside in range(at + taken, min(len(words), at + taken + reach)):
                if words[inside] in known.stops or _parted(text, places, inside):
                    break
                count[inside] += 1
            at += taken
            continue
        at += 1
    return [number % 2 == 1 for number in count]


def _taken(table: dict[str, list[tuple[str, ...]]], words: Sequence[str], at: int) -> int:
    for phrase in table.get(words[at], ()):
        if tuple(words[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _parted(text: str, places: Sequence[tuple[int, int]], at: int) -> bool:
    """True if a comma, colon, semicolon, dash or bracket stands before the word."""
    gap = text[places[at - 1][1] : places[at][0]] if at else ""
    return any(mark in gap for mark in ",;:()—–") or " - " in gap
