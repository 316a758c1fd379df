"""Numbers and sums as they stand in authored sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from labs.numbers import values

_NUMBER: Final = r"(?:\d{1,3}(?:[,\u202f]\d{3})+|\d+)(?:\.\d+)?"
_SCALE: Final = r"(?:thousand|million|billion|trillion|[kKMG](?!\w))"
_STATED: Final = re.compile(rf"(?<![\w.,^])([-−]?{_NUMBER})(?:\s*({_SCALE}|%))?")
_RATIO: Final = re.compile(r"(?<![\w.,^/])(\d+)\s*/\s*(\d+)(?![\w/])")
_VULGAR: Final = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_WORD: Final = re.compile(r"\b[A-Za-z]{3,}\b")
_RESULT: Final = re.compile(r"[=≈]\s*\**([^=≈]*)")
_OPERATOR: Final = r"\s*(?:[×·+−/÷^]|(?<!\*)\*(?!\*)|(?<=\d)\s*x\s*(?=\d)|(?<=\s)-(?=\s)|(?<=\d)-(?=\d))\s*"
_SUM: Final = re.compile(
    rf"(?<![\w.,^(×·+−/÷√=–*-])(?<![×·+−/÷√=(–*-]\s)({_NUMBER}(?:{_OPERATOR}{_NUMBER})+)\s*(?:=|≈)\s*\**"
    rf"({_NUMBER})(?!\d)\s*({_SCALE}|%)?(?!\(|\s*(?:[×·+−/÷^²³√]|\*(?!\*)|-\s?\d|x\s*\d))(?!,\d|\.\d|\d)"
)
_LITERAL: Final = re.compile(_NUMBER)


class Stated(NamedTuple):
    """A number as it is written: its text, its value, and half a unit of its last digit."""

    text: str
    value: float
    rounding: float
    is_percent: bool = False

    def is_exactly(self, value: float) -> bool:
        """True if the number is that value, not one near it."""
        return abs(self.value - value) <= 1e-9 * abs(value)


def numbers_in(text: str) -> list[Stated]:
    """Every number of a text in order, in digits, as a fraction or as a word."""
    found = [(match.start(), _stated(match[0], match[1], match[2] or "")) for match in _STATED.finditer(text)]
    found += [
        (match.start() - 1, Stated(match[0], int(match[1]) / int(match[2]), 1e-3))
        for match in _RATIO.finditer(text)
        if int(match[2])
    ]
    for pattern in (_VULGAR, _WORD):
        for match in pattern.finditer(text):
            if read := values(match[0]):
                found.append((match.start(), Stated(match[0], read[0], 1e-3)))
    return [stated for _, stated in sorted(found, key=lambda one: one[0])]


def equation_results(text: str) -> list[Stated]:
    """The number that follows each equals sign."""
    return [found[0] for match in _RESULT.finditer(text) if (found := numbers_in(match[1]))]


def wrong_sums(text: str) -> Iterator[tuple[int, str, str]]:
    """(offset, the sum as written, what it comes to) for each sum of plain numbers that does not come out."""
    for match in _SUM.finditer(text):
        result = _value_of(match[1])
        if result is None:
            continue
        value, blur = result
        stated = _stated(match[0], match[2], match[3] or "")
        factors = (1.0, 100.0) if stated.is_percent else (1.0,)
        is_rounded = any(sign in match[1] for sign in "./÷")
        rounding = max(1.02 * stated.rounding, 0.51 if is_rounded and "." not in match[2] else 0.0)
        if not any(abs(value * k - stated.value) <= rounding + abs(value * k) * blur for k in factors):
            yield match.start(), " ".join(match[0].replace("**", "").split()), f"{value:.6g}"


def _stated(text: str, digits: str, scale: str) -> Stated:
    decimals = len(digits.partition(".")[2])
    value, factor = _value(digits), _value(f"1 {scale}") if scale and scale != "%" else 1.0
    rounding = 0.5 * 10.0**-decimals * factor if decimals or factor > 1 else 1e-9
    return Stated(
        text.strip(), value * factor, max(rounding, 0.5 if scale == "%" and not decimals else 0.0), scale == "%"
    )


def _value(text: str) -> float:
    """The value of a number with its scale; infinite for digits that are too many to be one."""
    read = values(text)
    return read[0] if read else math.inf


def _value_of(expression: str) -> tuple[float, float] | None:
    """The value of a chain of numbers, the usual order kept, and its relative blur from rounded numbers in it."""
    read = values(expression)
    return (read[0], sum(map(_blur, _LITERAL.findall(expression))) + 1e-9) if read else None


def _blur(digits: str) -> float:
    decimals = len(digits.partition(".")[2])
    value = _value(digits)
    return 0.5 * 10.0**-decimals / value if decimals and value else 0.0
