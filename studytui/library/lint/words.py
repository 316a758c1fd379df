"""Words that are taken for one another: a blank beside another word of the course, a unit spelt in two ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from studytui.domain.cards import Card, Cloze, Numeric
from studytui.domain.spelling import SHORTEST_WITH_SLIP, fold, is_one_letter_off
from studytui.domain.word_forms import is_english, singular
from studytui.library.lint.report import Finding, about

_LONGEST_LIST: Final = 3
_LONG_UNITS: Final = {
    "byte": "B", "kilobyte": "kB", "megabyte": "MB", "gigabyte": "GB", "terabyte": "TB", "pixel": "px",
    "percent": "%", "per cent": "%", "second": "s", "sec": "s", "millisecond": "ms", "minute": "min", "hour": "h",
    "millimeter": "mm", "centimeter": "cm", "meter": "m", "decibel": "dB", "gigaflop": "GFLOP", "hertz": "Hz",
    "frame per second": "fps", "dollar": "$", "degree": "°", "nat": "nat",
}  # fmt: skip
_SHORT: Final = {short.casefold(): short for short in _LONG_UNITS.values()}


def near_words(cards: Sequence[Card], course_words: Iterable[str]) -> Iterator[Finding]:
    """A warning for each blank whose word is one letter from another of the course: that slip is not forgiven."""
    known = sorted({word for word in course_words if word.isascii()})
    lengths: dict[int, list[str]] = defaultdict(list)
    for word in known:
        lengths[len(word)].append(word)
    for card in cards:
        if not isinstance(card.body, Cloze):
            continue
        for blank in card.body.blanks:
            word = singular(blank.accepted[0].casefold())
            if len(word) < SHORTEST_WITH_SLIP or not word.isalpha():
                continue
            candidates = (one for size in range(len(word) - 1, len(word) + 3) for one in lengths[size])
            own = {fold(spelling) for spelling in blank.accepted}
            near = dict.fromkeys(singular(one) for one in candidates if is_one_letter_off(singular(one), word))
            if found := [one for one in near if fold(one) not in own]:
                listed = ", ".join(f"“{one}”" for one in found[:_LONGEST_LIST])
                message = f"“{blank.accepted[0]}” is one letter from {listed}: a slip that makes it is wrong."
                yield about(card, "near-word", message, field="front", level="warning")


def units_spelt_apart(cards: Sequence[Card]) -> Iterator[Finding]:
    """A warning for each unit that most cards spell in another way, or that looks misspelt."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in _units(cards):
        spelt[_one_unit(unit)][unit] += 1
    words = {word for unit in spelt for word in unit.split()}
    for card in cards:
        if not isinstance(card.body, Numeric) or not (unit := card.body.unit):
            continue
        ways = spelt[_one_unit(unit)]
        usual = max(ways, key=lambda way: (ways[way], way in _SHORT.values(), way))
        if unit != usual:
            message = f"“{unit}” is spelt “{usual}” on {_cards(ways[usual])}."
            yield about(card, "unit", message, field="unit", level="warning")
        elif meant := _meant(unit, words):
            message = f"“{unit}” looks misspelt; another card has “{meant}”."
            yield about(card, "unit", message, field="unit", level="warning")


def _units(cards: Sequence[Card]) -> Iterator[str]:
    yield from (card.body.unit for card in cards if isinstance(card.body, Numeric) and card.body.unit)


def _one_unit(unit: str) -> str:
    """One name for every spelling of a unit: GB for gigabytes, patch for patches."""
    folded = fold(unit) or unit
    return _SHORT.get(unit.casefold()) or _LONG_UNITS.get(folded) or folded


def _meant(unit: str, words: Iterable[str]) -> str:
    """The word of another unit that a word no English has misses by one letter."""
    for word in fold(unit).split():
        if len(word) >= SHORTEST_WITH_SLIP and not is_english(word):
            return next((other for other in words if is_english(other) and is_one_letter_off(word, other)), "")
    return ""


def _cards(count: int) -> str:
    return f"{count} other card{'s' * (count != 1)}"
