"""Whether the words of a sentence stand in an order that English gives them: told from chance orders of the very words.

Each pair of neighbours scores by how often such words follow one another in the course's text. A sentence is held
against all orders of its own words: mean and variance of the score over every directed Hamiltonian cycle through the
words and the sentence's border are exact sums over the pairs (each pair of neighbours is in one of n cycles of n + 1
points, each compatible two of them in one of n (n - 1)), so that no order is drawn at random.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from studytui.study.grader.words import lexicon

ORDER_FILE: Final = Path(__file__).with_name("order.json")
FEWEST: Final = 6
"""Words of the shortest sentence whose order tells anything."""
MOST: Final = 60
"""Words of a longer sentence that are looked at."""
BORDER: Final = "|"
_WORD: Final = re.compile(r"n['’]t\b|[^\W\d_]+?(?=n['’]t\b)|[^\W\d_]+|\d+")
_PRIOR: Final = 4.0
_ENDINGS: Final = (
    ("ing", ("ing", "ings")),
    ("ed", ("ed",)),
    ("ly", ("ly",)),
    ("noun", ("tion", "sion", "ment", "ness", "ity", "ance", "ence", "ism", "ship", "hood", "age", "ture")),
    ("adjective", ("al", "ive", "ous", "ful", "less", "able", "ible", "ic", "ary", "ar")),
    ("doer", ("er", "or", "ist")),
    ("many", ("s",)),
)


def kinds(text: str) -> list[str]:
    """The words of a text as kinds: a function word is its own, another one goes by its ending, a number is #."""
    function_words = lexicon().function_words
    return [_kind(word.lower().replace("’", "'"), function_words) for word in _WORD.findall(text)]


def _kind(word: str, function_words: frozenset[str]) -> str:
    if word in function_words:
        return word
    if word[0].isdigit():
        return "#"
    for name, endings in _ENDINGS:
        if len(word) > 4 and word.endswith(endings) and not word.endswith("ss"):
            return name
    return "plain"


class Order:
    """How often each kind was seen, and each pair of neighbours (“a b”; the border of a sentence is |)."""

    def __init__(self, alone: dict[str, int], pairs: dict[str, int]) -> None:
        self.alone = alone
        self.pairs = pairs
        self._all = sum(alone.values()) or 1
        self._known: dict[tuple[str, str], float] = {}

    def score(self, a: str, b: str) -> float:
        """ln P(b after a) / P(b), with a prior that a kind never seen says nothing."""
        if (known := self._known.get((a, b))) is None:
            share = self.alone.get(b, 1) / self._all
            known = math.log((self.pairs.get(f"{a} {b}", 0) / share + _PRIOR) / (self.alone.get(a, 0) + _PRIOR))
            self._known[a, b] = known
        return known

    def z(self, words: Sequence[str]) -> float | None:
        """How many deviations the order scores above the mean of all orders of these kinds; None for too few words."""
        if len(words) < FEWEST:
            return None
        words = words[:MOST]
        row = [BORDER, *words]
        n = len(row)
        table = [[0.0 if i == j else self.score(a, b) for j, b in enumerate(row)] for i, a in enumerate(row)]
        whole = sum(map(sum, table))
        squares = sum(value * value for line in table for value in line)
        tails = sum(sum(line) ** 2 for line in table)
        heads = sum(sum(line) ** 2 for line in zip(*table, strict=True))
        back = sum(table[i][j] * table[j][i] for i in range(n) for j in range(n))
        mean = whole / (n - 1)
        both = (whole * whole - tails - heads + squares - back) / ((n - 1) * (n - 2))
        variance = squares / (n - 1) + both - mean * mean
        said = sum(table[i][i + 1] for i in range(n - 1)) + table[n - 1][0]
        return (said - mean) / math.sqrt(variance) if variance > 1e-9 else None


def counted(sentences: Sequence[str], *, least: int = 2) -> Order:
    """The order of a text's sentences; a pair seen less often than `least` times is left out."""
    alone: dict[str, int] = {}
    pairs: dict[str, int] = {}
    for sentence in sentences:
        found = kinds(sentence)
        for kind in (*found, BORDER) if found else ():
            alone[kind] = alone.get(kind, 0) + 1
        for a, b in pairwise([BORDER, *found, BORDER]) if found else ():
            pairs[f"{a} {b}"] = pairs.get(f"{a} {b}", 0) + 1
    return Order(alone, {pair: count for pair, count in sorted(pairs.items()) if count >= least})


@lru_cache(maxsize=1)
def order() -> Order:
    """The order learned from the course's texts, read once."""
    data = json.loads(ORDER_FILE.read_text(encoding="utf-8"))
    return Order(data["alone"], data["pairs"])
