"""An answer or a rubric's sentence as units of meaning: words and phrases with stem, synonyms, number and negation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from studytui.services.grader.lexicon import Entry, lexicon
from studytui.services.grader.numerals import read_number
from studytui.services.grader.polarity import negations
from studytui.services.grader.stems import stem

_WORD: Final = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b|[^\W\d_]+?(?=n['’]t\b)|[^\W\d_]+|%|²"
)
_NONE: Final = Entry()


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, a phrase of the lexicon or a number, at its place in the text.

    `is_negated` is true inside the scope of a negation (of an odd number of them); `value` is a number's value.
    """

    start: int
    end: int
    text: str
    stem: str
    entry: Entry
    value: float | None = None
    is_function: bool = False
    is_negated: bool = False


def read(text: str, start: int = 0, end: int | None = None) -> list[Unit]:
    """The units of a sentence, which stands in the text from `start` to `end`."""
    known = lexicon()
    matches = list(_WORD.finditer(text, start, len(text) if end is None else end))
    words = [match[0].lower().replace("’", "'") for match in matches]
    stems = [stem(word) for word in words]
    negated = negations(words, text, [(match.start(), match.end()) for match in matches])
    units: list[Unit] = []
    at = 0
    while at < len(words):
        taken, value, entry = 1, None, _NONE
        if number := read_number(words, at):
            value, taken = number
            key = f"#{value:g}"
        else:
            taken = _phrase(stems, at)
            key = " ".join(stems[at : at + taken])
            entry = known.entries.get(tuple(stems[at : at + taken]), _NONE)
        if value is None and taken > 1 and (alone := known.entries.get((stems[at],))) and not entry.groups:
            entry = alone
        units.append(
            Unit(
                start=matches[at].start(),
                end=matches[at + taken - 1].end(),
                text=" ".join(words[at : at + taken]),
                stem=key,
                entry=entry,
                value=value,
                is_function=value is None and taken == 1 and words[at] in known.function_words and not entry.poles,
                is_negated=negated[at],
            )
        )
        at += taken
    return units


def _phrase(stems: Sequence[str], at: int) -> int:
    """How many words the longest phrase of the lexicon takes here; 1 where there is none."""
    for phrase in lexicon().phrases.get(stems[at], ()):
        if tuple(stems[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 1
