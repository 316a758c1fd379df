"""A sentence by its very words and pairs of words: which of a rubric's sentences it resembles, and what that says.

Kernel ridge regression (Saunders, Gammerman & Vovk 1998, eq. 6): with K the likeness of the rubric's sentences to one
another and k that of a span to them, (K + λI)⁻¹ k weighs each sentence so that those that say the same share one vote.
Function words count here, which the comparison by meaning passes over: “only”, “even”, “instead”, “still”.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

_WORD: Final = re.compile(r"[a-z0-9']+")
RIDGE: Final = 0.3


class Surface:
    """The sentences of a rubric (t of them), ready to be compared with."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._count = len(sentences)
        self._standing: dict[str, list[tuple[int, float]]] = {}
        terms = [_terms(sentence) for sentence in sentences]
        for number, found in enumerate(terms):
            for term, share in found.items():
                self._standing.setdefault(term, []).append((number, share))
        kernel = np.stack([self._likeness(found) for found in terms])
        self._inverse = np.linalg.inv(kernel + RIDGE * np.eye(self._count))

    def compare(self, said: str) -> tuple[Array, Array]:
        """(t,) likeness of what was said to each sentence, 0 to 1; (t,) its weight in the regression."""
        likeness = self._likeness(_terms(said))
        return likeness, self._inverse @ likeness

    def _likeness(self, terms: dict[str, float]) -> Array:
        result = np.zeros(self._count)
        for term, share in terms.items():
            for number, standing in self._standing.get(term, ()):
                result[number] += share * standing
        return result


def _terms(text: str) -> dict[str, float]:
    """Words and pairs of neighbouring words, scaled to length 1."""
    words = _WORD.findall(text.lower().replace("’", "'").replace("n't", " not"))
    found: dict[str, float] = {}
    for term in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
        found[term] = found.get(term, 0.0) + 1.0
    length = math.sqrt(sum(count * count for count in found.values())) or 1.0
    return {term: count / length for term, count in found.items()}
