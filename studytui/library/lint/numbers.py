"""Numbers and sums as they stand in authored sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_NUMBER: Final = r"(?:\d{1,3}(?:[,\u202f]\d{3})+|\d+)(?:\.\d+)?"
_SCALES: Final = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9,
}  # fmt: skip
_SCALE: Final = r"(?:thousand|million|billion|trillion|[kKMG](?!\w))"
_STATED: Final = re.compile(rf"(?<![\w.,^])([-−]?{_NUMBER})(?:\s*({_SCALE}|%))?")
_RATIO: Final = re.compile(r"(?<![\w.,^/])(\d+)\s*/\s*(\d+)(?![\w/])")
_VULGAR: Final = {
    "½": 1 / 2,
    "⅓": 1 / 3,
    "⅔": 2 / 3,
    "¼": 1 / 4,
    "¾": 3 / 4,
    "⅕": 1 / 5,
    "⅖": 2 / 5,
    "⅛": 1 / 8,
    "⅙": 1 / 6,
}
_WORDS: Final = {
    "none": 0, "zero": 0, "no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4,
    "thirds": 2 / 3, "once": 1, "twice": 2, "double": 2,
}  # fmt: skip
_WORD: Final = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)
_RESULT: Final = re.compile(r"[=≈]\s*\**([^=≈]*)")
_OPERATOR: Final = r"\s*(?:[×·+−/÷^]|(?<!\*)\*(?!\*)|(?<=\d)\s*x\s*(?=\d)|(?<=\s)-(?=\s)|(?<=\d)-(?=\d))\s*"
_SUM: Final = re.compile(
    rf"(?<![\w.,^(×·+−/÷√=–*-])(?<![×·+−/÷√=(–*-]\s)({_NUMBER}(?:{_OPERATOR}{_NUMBER})+)\s*(?:=|≈)\s*\**"
    rf"({_NUMBER})(?!\d)\s*({_SCALE}|%)?(?!\(|\s*(?:[×·+−/÷^²³√]|\*(?!\*)|-\s?\d|x\s*\d))(?!,\d|\.\d|\d)"
)
_TOKEN: Final = re.compile(rf"{_NUMBER}|[×x*·+−/÷^-]")
_LEVELS: Final = ("^", "×x*·/÷", "+−-")


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
    found += [(text.index(sign), Stated(sign, value, 1e-3)) for sign, value in _VULGAR.items() if sign in text]
    found += [
        (match.start(), Stated(match[0], float(_WORDS[match[0].casefold()]), 1e-3)) for match in _WORD.finditer(text)
    ]
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
    plain = re.sub(r"[,\u202f]", "", digits).replace("−", "-")
    factor = _SCALES.get(scale, 1.0)
    decimals = len(plain.partition(".")[2])
    rounding = 0.5 * 10.0**-decimals * factor if decimals or factor > 1 else 1e-9
    return Stated(
        text.strip(), float(plain) * factor, max(rounding, 0.5 if scale == "%" and not decimals else 0.0), scale == "%"
    )


def _value_of(expression: str) -> tuple[float, float] | None:
    """The value of a chain of numbers, the usual order kept, and its relative blur from rounded numbers in it."""
    tokens = _TOKEN.findall(expression)
    values = [_stated(token, token, "").value for token in tokens[::2]]
    blur = sum(_blur(token) for token in tokens[::2])
    operators = tokens[1::2]
    try:
        for level in _LEVELS:
            at = 0
            while at < len(operators):
                if operators[at] not in level:
                    at += 1
                    continue
                operator, right = operators.pop(at), values.pop(at + 1)
                values[at] = _applied(operator, values[at], right)
    except (ArithmeticError, ValueError):
        return None
    return values[0], blur + 1e-9


def _applied(operator: str, a: float, b: float) -> float:
    match operator:
        case "^":
            return a**b if abs(b) < 64 else float("nan")
        case "/" | "÷":
            return a / b
        case "+":
            return a + b
        case "−" | "-":
            return a - b
    return a * b


def _blur(token: str) -> float:
    decimals = len(token.partition(".")[2])
    value = float(token.replace(",", "").replace("\u202f", ""))
    return 0.5 * 10.0**-decimals / value if decimals and value else 0.0
