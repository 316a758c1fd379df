"""A quantity: a number, what it measures, and what stood behind it; how quantities are added, multiplied, raised."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from labs.numbers.lexer import Convention, Unreadable
from labs.numbers.units import Dimensions, Unit, multiplied

HIGHEST_POWER: Final = 9
"""Of a unit, at most."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it measures, in base units; `typed` is the number in its unit as it was typed."""

    value: float
    dimensions: Dimensions = ()
    is_percent: bool = False
    """So many hundredths, and said so: 60 % is 0.6."""
    is_scaled: bool = False
    """A scale word stands with it."""
    typed: tuple[float, str] | None = None
    letter: str = ""
    """A small letter that was taken for a scale, such as the m of 86m."""
    bare: float | None = None
    """The number without its suffix, where it has one."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How an ambiguous text is read this time."""

    convention: Convention = "point"
    is_log_of_ten: bool = False
    """`log` is the logarithm to base ten, not the natural one."""
    is_loose: bool = False
    """A function without brackets takes the whole product (ln 1/2), a suffix the whole fraction (1/2 hour)."""


class Suffix:
    """What stands behind a number, as it is gathered."""

    def __init__(self) -> None:
        self.sign = 1.0
        self.last: Unit | None = None
        self._factor = 1.0
        self._scale = 1.0
        self._dimensions: Dimensions = ()
        self._is_percent = False
        self._is_scaled = False
        self._text = ""
        self._letter = ""

    @property
    def is_percent(self) -> bool:
        return self._is_percent

    @property
    def is_empty(self) -> bool:
        return not (self._dimensions or self._is_percent or self._is_scaled)

    def percent(self, sign: str) -> None:
        self._is_percent = True
        self._factor *= 0.01 if sign == "%" else 0.001
        self._text += sign

    def scale(self, factor: float, text: str) -> None:
        self._is_scaled = True
        self._scale *= factor
        self._letter = text if text in ("m", "g", "t", "b") else ""

    def unit(self, unit: Unit, text: str) -> None:
        self.last = unit
        self._factor *= unit.factor**self.sign
        self._dimensions = multiplied(self._dimensions, unit.dimensions, self.sign)
        self._text += f"{'/' if self.sign < 0 and self._text else ''}{text}"

    def power(self, exponent: float, place: int) -> None:
        """Raise the last unit: cm².

        Raises:
            Unreadable: the exponent is beyond any unit's.
        """
        assert self.last is not None
        if not abs(exponent) <= HIGHEST_POWER:
            raise Unreadable("No unit has such a power", place)
        self._factor *= self.last.factor ** (self.sign * (exponent - 1))
        self._dimensions = multiplied(self._dimensions, self.last.dimensions, self.sign * (exponent - 1))
        self._text += {2.0: "²", 3.0: "³"}.get(exponent, f"^{exponent:g}")

    def on(self, quantity: Quantity) -> Quantity:
        """The quantity with this suffix."""
        if self.is_empty:
            return quantity
        number = quantity.value * self._scale
        return Quantity(
            number * self._factor,
            multiplied(quantity.dimensions, self._dimensions),
            self._is_percent,
            self._is_scaled,
            (number, self._text),
            self._letter,
            quantity.value,
        )


def with_number(quantity: Quantity, number: float) -> Quantity:
    """The same suffix on another number."""
    if quantity.bare is None:
        return replace(quantity, value=number)
    if not quantity.bare:
        return quantity
    ratio = number / quantity.bare
    typed = (quantity.typed[0] * ratio, quantity.typed[1]) if quantity.typed else None
    return replace(quantity, value=quantity.value * ratio, typed=typed, bare=number)


def added(left: Quantity, right: Quantity, sign: float, place: int) -> Quantity:
    if left.dimensions != right.dimensions and left.dimensions and right.dimensions:
        raise Unreadable("Different units cannot be added", place)
    return Quantity(
        left.value + sign * right.value,
        left.dimensions or right.dimensions,
        left.is_percent and right.is_percent,
        left.is_scaled or right.is_scaled,
    )


def combined(left: Quantity, right: Quantity, operator: str, place: int) -> Quantity:
    if operator == "*":
        value = finite(lambda: left.value * right.value, place)
    elif operator == "//":
        value = finite(lambda: left.value // right.value, place)
    else:
        value = finite(lambda: left.value / right.value, place)
    return Quantity(
        value,
        multiplied(left.dimensions, right.dimensions, 1 if operator == "*" else -1),
        is_scaled=left.is_scaled or right.is_scaled,
    )


def raised(base: Quantity, exponent: float, place: int) -> Quantity:
    value = finite(lambda: math.pow(base.value, exponent), place)
    return Quantity(value, multiplied((), base.dimensions, exponent), False, base.is_scaled)


def finite(compute: Callable[[], float], place: int) -> float:
    """What is computed, as a finite number.

    Raises:
        Unreadable: it is none.
    """
    try:
        value = float(compute())
    except OverflowError:
        raise Unreadable("That is too large a number", place) from None
    except ZeroDivisionError:
        raise Unreadable("That divides by zero", place) from None
    except (ValueError, ArithmeticError, TypeError):
        raise Unreadable("That is no real number", place) from None
    if not math.isfinite(value):
        raise Unreadable("That is too large a number", place)
    return value


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=0.02)
