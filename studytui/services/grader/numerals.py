"""Numbers in an answer, written in digits or in words: 1,024, 16x16, 95%, two hundred and fifty-six, half, threefold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_UNITS: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS: Final = {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES: Final = {
    "hundred": 100, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mio": 1e6, "billion": 1e9, "b": 1e9, "bn": 1e9,
}  # fmt: skip
_ALONE: Final = {
    "half": 0.5, "halves": 0.5, "halved": 0.5, "halve": 0.5, "quarter": 0.25, "third": 1 / 3, "thirds": 1 / 3,
    "twice": 2.0, "double": 2.0, "doubles": 2.0, "doubled": 2.0, "doubling": 2.0, "triple": 3.0, "triples": 3.0,
    "thrice": 3.0, "quadruple": 4.0, "quadruples": 4.0, "dozen": 12.0, "twofold": 2.0, "threefold": 3.0, "fourfold": 4.0,
    "fivefold": 5.0, "sixfold": 6.0, "eightfold": 8.0, "tenfold": 10.0, "sixteenfold": 16.0,
}  # fmt: skip
_JOINING_SCALES: Final = frozenset({"hundred", "thousand", "million", "billion"})


def read_number(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """The number that begins at a word, and how many words it takes; None where none begins.

    “one” alone is a pronoun more often than a number and counts as none.
    """
    word = words[at]
    if word[0].isdigit() or (word[0] == "." and word[1:].isdigit()):
        return _digits(words, at)
    if word in _ALONE:
        return _ALONE[word], 1
    if word in ("a", "one") and at + 1 < len(words) and words[at + 1] in _JOINING_SCALES:
        return _spoken(words, at)
    if (word in _UNITS and word != "one") or word in _TENS:
        return _spoken(words, at)
    return None


def _digits(words: Sequence[str], at: int) -> tuple[float, int] | None:
    text = words[at].replace(",", "")
    try:
        value = float(text)
    except ValueError:
        return None
    taken = 1
    while at + taken < len(words) and (scale := _SCALES.get(words[at + taken])):
        value *= scale
        taken += 1
    if at + taken < len(words) and words[at + taken] == "%":
        taken += 1
    return value, taken


def _spoken(words: Sequence[str], at: int) -> tuple[float, int]:
    total, present, here = 0.0, 0.0, at
    last = 1e12
    while here < len(words):
        word = words[here]
        small = 1.0 if word == "a" and here == at else _UNITS.get(word, _TENS.get(word))
        if small is not None and (present == 0 or _fits(present, small, last)):
            present += small
            last = 10 if small in _TENS.values() else 1
        elif word in _JOINING_SCALES and here > at:
            scale = _SCALES[word]
            if scale == 100:
                present = max(present, 1) * 100
            else:
                total, present = total + max(present, 1) * scale, 0.0
            last = 100
        elif word == "and" and last == 100 and here + 1 < len(words) and (words[here + 1] in _UNITS | _TENS):
            pass
        else:
            break
        here += 1
    return total + present, here - at


def _fits(present: float, small: float, last: float) -> bool:
    return small < last and (last == 100 or (last == 10 and small < 10)) and present > 0
