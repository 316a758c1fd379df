"""The words of the field: which mean the same, which are opposites, which exclude one another."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from studytui.services.grader.stems import stem

LEXICON_FILE: Final = Path(__file__).with_name("lexicon.toml")
Stems: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Entry:
    """What the lexicon knows of a word or phrase.

    `groups` are the groups of synonyms it belongs to, `poles` the pairs of opposites with its side (1 or -1), `sides`
    the sets of things that exclude one another with its place in them.
    """

    groups: set[int] = field(default_factory=set)
    poles: dict[int, int] = field(default_factory=dict)
    sides: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries by their stems, the phrases of two words and more by their first stem, and the words of negation."""

    entries: dict[Stems, Entry]
    phrases: dict[str, list[Stems]]
    negators: dict[str, list[tuple[str, ...]]]
    denials: dict[str, list[tuple[str, ...]]]
    no_negators: dict[str, list[tuple[str, ...]]]
    stops: frozenset[str]
    function_words: frozenset[str]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    data = tomllib.loads(LEXICON_FILE.read_text(encoding="utf-8"))
    entries: dict[Stems, Entry] = {}

    def entry(phrase: str) -> Entry:
        return entries.setdefault(tuple(stem(word) for word in words_of(phrase)), Entry())

    for number, group in enumerate(data["same"]["groups"]):
        for phrase in group.split(","):
            entry(phrase).groups.add(number)
    for number, pair in enumerate(data["opposite"]["pairs"]):
        for sign, side in zip((1, -1), pair.split(" / "), strict=True):
            for phrase in side.split(","):
                entry(phrase).poles[number] = sign
    for number, together in enumerate(data["exclusive"]["sets"]):
        for place, side in enumerate(together.split(" / ")):
            for phrase in side.split(","):
                entry(phrase).sides[number] = place
    phrases: dict[str, list[Stems]] = {}
    for stems in entries:
        if len(stems) > 1:
            phrases.setdefault(stems[0], []).append(stems)
    for found in phrases.values():
        found.sort(key=len, reverse=True)
    negation = data["negation"]
    return Lexicon(
        entries=entries,
        phrases=phrases,
        negators=_by_first(negation["forward"]),
        denials=_by_first(negation["sentence"]),
        no_negators=_by_first(negation["not_negating"]),
        stops=frozenset(negation["stops"]),
        function_words=frozenset(data["function"]["words"]),
    )


def words_of(phrase: str) -> list[str]:
    """The words of a phrase of the lexicon; a hyphen parts words, as it does in answers."""
    return phrase.lower().replace("-", " ").replace("n't", " n't").replace("'s", " 's").split()


def _by_first(phrases: list[str]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(words_of(phrase))
        found.setdefault(words[0], []).append(words)
    for rows in found.values():
        rows.sort(key=len, reverse=True)
    return found
