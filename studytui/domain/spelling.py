"""Whether two spellings mean the same short answer: case, hyphens, plural, articles, one slip of a finger."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_DASHES: Final = re.compile(r"[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d_/-]+")
_NOT_WORD: Final = re.compile(r"[^\w\s.+×]", re.UNICODE)
_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_ARTICLES: Final = frozenset({"a", "an", "the"})
_AMERICAN: Final = (
    (re.compile(r"isation\b"), "ization"),
    (re.compile(r"ise\b"), "ize"),
    (re.compile(r"ising\b"), "izing"),
    (re.compile(r"ised\b"), "ized"),
    (re.compile(r"our\b"), "or"),
    (re.compile(r"ours\b"), "ors"),
    (re.compile(r"elled\b"), "eled"),
    (re.compile(r"elling\b"), "eling"),
)
SHORTEST_WITH_SLIP: Final = 5
"""Below this length one changed letter makes another word (GAN, VAN), so no slip is forgiven."""


def fold(text: str) -> str:
    """One form for every spelling one would type: lower case, no punctuation, hyphens as spaces, singular words."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    text = _DASHES.sub(" ", text)
    text = _NOT_WORD.sub("", text).strip(" .")
    for pattern, american in _AMERICAN:
        text = pattern.sub(american, text)
    words = text.split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(_singular(word) for word in words)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def same(answer: str, accepted: Iterable[str]) -> bool:
    """True if the answer is one of the accepted spellings, give or take what `fold` forgives and the spaces."""
    folded = fold(answer)
    joined = folded.replace(" ", "")
    if not joined:
        return False
    return any(joined == fold(spelling).replace(" ", "") for spelling in accepted)


def one_slip(answer: str, accepted: Iterable[str]) -> str:
    """The accepted spelling the answer misses by one letter (changed, left out, added or swapped), or ''."""
    typed = fold(answer).replace(" ", "")
    for spelling in accepted:
        meant = fold(spelling).replace(" ", "")
        if min(len(typed), len(meant)) >= SHORTEST_WITH_SLIP and not _has_digit(meant) and _within_one(typed, meant):
            return spelling
    return ""


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _within_one(a: str, b: str) -> bool:
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )
