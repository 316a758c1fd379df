"""Formulas in the notation of papers: worked out, and printed with their numbers.

    Formula("⌊height / p⌋ × ⌊width / p⌋").value({"height": 300, "width": 200, "p": 16})  ->  216

Signs: + − × · / ^ ² ³ ⁴ √ ( ) ⌊ ⌋ ⌈ ⌉; functions: min max exp ln log2 log10 round abs; comparisons = ≠ < > ≤ ≥, joined
by `and` and `or`. Nothing of Python is evaluated: a formula is parsed once into functions of its names.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

Names: TypeAlias = Mapping[str, Any]
Term: TypeAlias = Callable[[Names], Any]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d²³⁴]\w*?(?=[²³⁴]|\b|$))|(?P<text>'[^']*')|(?P<sign>//|.))"
)
FUNCTIONS: Final[Mapping[str, Callable[..., float]]] = {
    "min": min,
    "max": max,
    "exp": math.exp,
    "ln": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "round": round,
    "abs": abs,
}
_POWERS: Final = {"²": 2, "³": 3, "⁴": 4}
_COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "≠": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "≤": operator.le,
    "≥": operator.ge,
}
_BRACKETS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "(": (")", lambda value: value),
    "⌊": ("⌋", math.floor),
    "⌈": ("⌉", math.ceil),
}


class FormulaError(ValueError):
    """A formula cannot be read, or names something that is not there."""


class Formula:
    """One formula. `names` are those it needs; `condition` is the part after ` if `, '' without one."""

    def __init__(self, text: str) -> None:
        self.text, _, self.condition = text.partition(" if ")
        self.names: frozenset[str]
        names: set[str] = set()
        self._value = _Parser(self.text, names).whole()
        self._holds = _Parser(self.condition, names).whole() if self.condition not in ("", "apart") else None
        self.names = frozenset(names)

    def value(self, names: Names) -> float:
        """What it comes to.

        Raises:
            FormulaError: a name is not there.
            ArithmeticError, ValueError: it has no value there: a division by zero, the logarithm of nothing.
        """
        found: float = self._value(names)
        return found

    def holds(self, names: Names) -> bool:
        """True if it has no condition, or the condition holds."""
        return self._holds is None or bool(self._holds(names))

    def worked(self, names: Names, written: Callable[[Any], str]) -> str:
        """The formula with numbers in place of the names."""

        def put(match: re.Match[str]) -> str:
            name = match["name"]
            if name is None or name in FUNCTIONS:
                return match[0]
            number = written(names[name])
            shown = f"({number})" if number.startswith(("-", "−")) else number
            return match[0].replace(name, shown)

        return _TOKEN.sub(put, self.text)


@cache
def formula(text: str) -> Formula:
    """The formula, parsed once."""
    return Formula(text)


class _Parser:
    """Recursive descent; each method gives a function from names to the value of what it read."""

    def __init__(self, text: str, names: set[str]) -> None:
        self._text = text
        self._tokens = [match for match in _TOKEN.finditer(text) if match[0].strip()]
        self._at = 0
        self._names = names

    def whole(self) -> Term:
        term = self._either()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return term

    def _peek(self) -> str:
        return self._tokens[self._at][0].strip() if self._at < len(self._tokens) else ""

    def _take(self, *signs: str) -> str:
        """The next token if it is one of the signs, else ''."""
        found = self._peek()
        if found in signs and found:
            self._at += 1
            return found
        return ""

    def _unexpected(self) -> FormulaError:
        return FormulaError(f"“{self._text}”: {self._peek() or 'its end'!r} is not expected there")

    def _either(self) -> Term:
        left = self._both()
        while self._take("or"):
            left = _either(left, self._both())
        return left

    def _both(self) -> Term:
        left = self._comparison()
        while self._take("and"):
            left = _both(left, self._comparison())
        return left

    def _comparison(self) -> Term:
        left = self._sum()
        if sign := self._take(*_COMPARED):
            return _applied(_COMPARED[sign], left, self._sum())
        return left

    def _sum(self) -> Term:
        left = self._product()
        while sign := self._take("+", "−", "-"):
            left = _applied(operator.add if sign == "+" else operator.sub, left, self._product())
        return left

    def _product(self) -> Term:
        left = self._signed()
        while sign := self._take("×", "·", "*", "/"):
            left = _applied(operator.truediv if sign == "/" else operator.mul, left, self._signed())
        return left

    def _signed(self) -> Term:
        if self._take("−", "-"):
            return _applied(lambda value: -value, self._signed())
        return self._power()

    def _power(self) -> Term:
        base = self._primary()
        while sign := self._take(*_POWERS):
            base = _applied(operator.pow, base, lambda _, power=_POWERS[sign]: power)  # type: ignore[misc]
        return _applied(operator.pow, base, self._signed()) if self._take("^") else base

    def _primary(self) -> Term:
        if self._at >= len(self._tokens):
            raise self._unexpected()
        token = self._tokens[self._at]
        if sign := self._take(*_BRACKETS):
            closing, rounded = _BRACKETS[sign]
            inner = self._sum()
            self._expect(closing)
            return _applied(rounded, inner)
        if self._take("√"):
            return _applied(math.sqrt, self._primary())
        self._at += 1
        if (number := token["number"]) is not None:
            digits = number.replace(",", "")
            constant: Any = int(digits) if digits.isdecimal() else float(digits)
            return lambda _: constant
        if token["text"] is not None:
            words = token["text"][1:-1]
            return lambda _: words
        if (name := token["name"]) is None:
            self._at -= 1
            raise self._unexpected()
        return self._call(name) if self._take("(") else self._named(name)

    def _call(self, name: str) -> Term:
        if name not in FUNCTIONS:
            raise FormulaError(f"“{self._text}”: there is no function {name}")
        terms = [self._sum()]
        while self._take(","):
            terms.append(self._sum())
        self._expect(")")
        return _applied(FUNCTIONS[name], *terms)

    def _named(self, name: str) -> Term:
        self._names.add(name)

        def read(names: Names) -> Any:
            try:
                return names[name]
            except KeyError:
                raise FormulaError(f"“{self._text}”: there is no {name}, only {', '.join(sorted(names))}") from None

        return read

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected()


def _applied(function: Callable[..., Any], *terms: Term) -> Term:
    match terms:
        case (one,):
            return lambda names: function(one(names))
        case (left, right):
            return lambda names: function(left(names), right(names))
    return lambda names: function(*(term(names) for term in terms))


def _either(left: Term, right: Term) -> Term:
    return lambda names: left(names) or right(names)


def _both(left: Term, right: Term) -> Term:
    return lambda names: left(names) and right(names)


def written(value: Any, digits: int = 4) -> str:
    """A number as a lab prints it, with at least so many digits that count: 1,024, 0.07780, 12.34."""
    if isinstance(value, str):
        return value
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}".replace("-", "−")


def plain(value: Any, digits: int = 4) -> str:
    """A number that goes into a formula: as short as it can be without another value, else as it is printed."""
    short = f"{value:.{digits}g}" if isinstance(value, float) and 1e-4 <= abs(value) < 1e6 else ""
    return short.replace("-", "−") if short and float(short) == value else written(value, digits)


def equation(text: str, names: Names, digits: int = 4, show: Callable[[Any, int], str] = plain) -> str:
    """`rows × columns = 14 × 14 = 196`, with as many digits as make it true as it is printed."""
    one = formula(text)
    exact = float(one.value(names))
    for count in range(digits, 13):
        worked = one.worked(names, lambda value, count=count: show(value, count))  # type: ignore[misc]
        result = written(exact, digits)
        if written(float(formula(worked).value({})), digits) == result:
            break
    steps = [one.text, worked, result]
    return " = ".join(step for at, step in enumerate(steps) if at == 0 or step != steps[at - 1])
