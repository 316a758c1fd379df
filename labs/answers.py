"""Reading a number the way a person types it: `196 tokens`, `14 x 14 = 196`, `1,024`, `1 024`, `3.5e-4`, `50 %`.

Standard library only: both the labs and the app's numeric cards read answers through this module.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final

_SCALES: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "g": 1e9, "b": 1e9, "billion": 1e9, "t": 1e12}
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_FACTOR: Final = re.compile(rf"\s*({_NUMBER})\s*(%|k\b|m\b|g\b|b\b|t\b|thousand\b|million\b|billion\b)?")
_OPERATOR: Final = re.compile(r"\s*(\*\*|\^|[x*/+-])\s*(?=[\d.+-])")
_SIGNS: Final = str.maketrans("−–—‐‑×·⋅÷", "-----x**/")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_RAISED: Final = re.compile(r"(?<=[\d)])\s*(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_WORDS_BETWEEN: Final = re.compile(
    r"(?<=[\d)])\s*(?!thousand|million|billion)[a-z]{2,}(?:\s+[a-z]{2,})*\s*(?=[x*/+^-]\s*[\d(.])"
)
_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_SUM: Final = re.compile(r"\s*[\d.+-]")
_TIMES: Final = re.compile(r"(?:^|[\d\s)])x$")
_LONGEST: Final = 200
"""Characters read at most; no answer needs more."""


def read_number(text: str) -> float | None:
    """The number an answer means, or None if it holds none.

    Where the answer shows its working (`14 x 14 = 196`) the number after the last equals sign counts; a product,
    quotient, sum or power is worked out, brackets and raised digits (`14² + 1`) included; words around the numbers
    (units, "about") are passed over. A percentage stays in percent.
    """
    text = _RAISED.sub(lambda raised: f"^{raised[1].translate(_SUPERSCRIPTS)}", text[:_LONGEST])
    text = unicodedata.normalize("NFKC", text).casefold()
    text = text.translate(_SIGNS).rstrip(" =≈")
    text = text.rsplit("=", 1)[-1].rsplit("≈", 1)[-1]
    text = re.sub(r"(?<=\d)[,\s_'’](?=\d{3}(?!\d))", "", text)
    text = _without_brackets(_WORDS_BETWEEN.sub("", text))
    start = re.search(r"(?<![\w.])[+-]?\.?\d", text)
    if start is None:
        return None
    return _expression(text[start.start() :])


def _without_brackets(text: str) -> str:
    """Brackets worked out where they take part in a sum; a remark in brackets behind a number stays as it is."""
    position = 0
    while found := _BRACKETS.search(text, position):
        before = text[: found.start()].rstrip()
        takes_part = not before or not before[-1].isalnum() or _TIMES.search(before)
        inside = _expression(found[1]) if takes_part and _SUM.match(found[1]) else None
        if inside is None:
            position = found.end()
        else:
            text, position = f"{text[: found.start()]}{inside!r}{text[found.end() :]}", 0
    return text


def _expression(text: str) -> float | None:
    """A chain of numbers and operators, the usual precedence, as far as it can be read."""
    terms: list[float] = []
    operators: list[str] = []
    position = 0
    while factor := _FACTOR.match(text, position):
        terms.append(float(factor[1]) * _SCALES.get(factor[2] or "", 1.0))
        position = factor.end()
        operator = _OPERATOR.match(text, position)
        if operator is None:
            break
        operators.append(operator[1])
        position = operator.end()
    if not terms:
        return None
    for level in (("**", "^"), ("x", "*", "/"), ("+", "-")):
        index = 0
        while index < min(len(operators), len(terms) - 1):
            if operators[index] in level:
                result = _apply(operators.pop(index), terms[index], terms.pop(index + 1))
                if result is None:
                    return None
                terms[index] = result
            else:
                index += 1
    return terms[0] if math.isfinite(terms[0]) else None


def _apply(operator: str, a: float, b: float) -> float | None:
    try:
        match operator:
            case "**" | "^":
                return float(a**b) if abs(b) < 100 else None
            case "/":
                return a / b
            case "+":
                return a + b
            case "-":
                return a - b
            case _:
                return a * b
    except (ArithmeticError, TypeError):
        return None
