"""Measured units and what a card's unit asks for: `GB`, `px/frame`, `million parameters`, `%`, `power ratio`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from labs.numbers.words import LABELS, PERCENT, SCALE_SIGNS, SCALE_WORDS

CURRENCIES: Final = frozenset("$€£¥")
Dimensions: TypeAlias = tuple[tuple[str, float], ...]
"""Base dimensions with their exponents, sorted by name; () where nothing is measured."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A measured unit: so many base units of its dimensions."""

    factor: float
    dimensions: Dimensions

    @classmethod
    def of(cls, factor: float, name: str, exponent: float = 1) -> Unit:
        return cls(factor, ((name, exponent),))


def multiplied(a: Dimensions, b: Dimensions, power: float = 1) -> Dimensions:
    """The dimensions of a × b^power."""
    found = dict(a)
    for name, exponent in b:
        found[name] = found.get(name, 0) + exponent * power
    return tuple(sorted((name, exponent) for name, exponent in found.items() if exponent))


_DECIMAL: Final = {"n": 1e-9, "µ": 1e-6, "u": 1e-6, "m": 1e-3, "c": 1e-2, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
                   "P": 1e15}  # fmt: skip
_BINARY: Final = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
_DECIMAL_NAMES: Final = {"nano": 1e-9, "micro": 1e-6, "milli": 1e-3, "centi": 1e-2, "deci": 0.1, "kilo": 1e3,
                         "mega": 1e6, "giga": 1e9, "tera": 1e12, "peta": 1e15}  # fmt: skip
_BINARY_NAMES: Final = {"kibi": 2.0**10, "mebi": 2.0**20, "gibi": 2.0**30, "tebi": 2.0**40}


@cache
def _signs() -> dict[str, tuple[Unit, ...]]:
    """Units by their sign, capitals as they are written; one sign may mean two things."""
    bit = (Unit.of(0.125, "byte"), Unit.of(math.log(2), "nat"))
    found: dict[str, tuple[Unit, ...]] = {
        "B": (Unit.of(1, "byte"),),
        "bit": bit,
        "bits": bit,
        "s": (Unit.of(1, "s"),),
        "h": (Unit.of(3600, "s"),),
        "d": (Unit.of(86_400, "s"),),
        "m": (Unit.of(1, "m"),),
        "px": (Unit.of(1, "px"),),
        "Hz": (Unit.of(1, "s", -1),),
        "fps": (Unit.of(1, "s", -1),),
        "dB": (Unit.of(1, "dB"),),
        "W": (Unit.of(1, "W"),),
        "J": (Unit.of(1, "J"),),
        "V": (Unit.of(1, "V"),),
        "g": (Unit.of(1, "g"),),
        "kg": (Unit.of(1e3, "g"),),
        "°": (Unit.of(math.pi / 180, "angle"),),
        **{sign: (Unit.of(1, sign),) for sign in CURRENCIES},
    }
    for sign, factor in (_DECIMAL | _BINARY).items():
        if factor >= 1e3:
            found[f"{sign}B"] = (Unit.of(factor, "byte"),)
            # Bits are written out.
            found[f"{sign}b"] = found[f"{sign}Byte"] = found[f"{sign}Bytes"] = found[f"{sign}B"]
            found[f"{sign}bit"] = (Unit.of(factor / 8, "byte"),)
            found[f"{sign}Hz"] = (Unit.of(factor, "s", -1),)
            found[f"{sign}px"] = found[f"{sign}pix"] = (Unit.of(factor, "px"),)
            found[f"{sign}W"], found[f"{sign}J"] = (Unit.of(factor, "W"),), (Unit.of(factor, "J"),)
        else:
            found[f"{sign}s"] = (Unit.of(factor, "s"),)
        if factor < 1e6:
            found[f"{sign}m"] = (Unit.of(factor, "m"),)
    found["KB"], found["KHz"] = found["kB"], found["kHz"]
    return found


@cache
def _names() -> dict[str, tuple[Unit, ...]]:
    """Units by their name in small letters, singular and plural."""
    base = {
        "byte": (Unit.of(1, "byte"),),
        "bit": _signs()["bit"],
        "second": (Unit.of(1, "s"),),
        "sec": (Unit.of(1, "s"),),
        "minute": (Unit.of(60, "s"),),
        "min": (Unit.of(60, "s"),),
        "hour": (Unit.of(3600, "s"),),
        "hr": (Unit.of(3600, "s"),),
        "day": (Unit.of(86_400, "s"),),
        "week": (Unit.of(7 * 86_400, "s"),),
        "year": (Unit.of(365.25 * 86_400, "s"),),
        "metre": (Unit.of(1, "m"),),
        "meter": (Unit.of(1, "m"),),
        "inch": (Unit.of(0.0254, "m"),),
        "micron": (Unit.of(1e-6, "m"),),
        "pixel": (Unit.of(1, "px"),),
        "decibel": (Unit.of(1, "dB"),),
        "nat": (Unit.of(1, "nat"),),
        "shannon": (Unit.of(math.log(2), "nat"),),
        "degree": (Unit.of(math.pi / 180, "angle"),),
        "deg": (Unit.of(math.pi / 180, "angle"),),
        "radian": (Unit.of(1, "angle"),),
        "rad": (Unit.of(1, "angle"),),
        "watt": (Unit.of(1, "W"),),
        "joule": (Unit.of(1, "J"),),
        "volt": (Unit.of(1, "V"),),
        "gram": (Unit.of(1, "g"),),
        "hertz": (Unit.of(1, "s", -1),),
        "usd": (Unit.of(1, "$"),),
        "dollar": (Unit.of(1, "$"),),
        "eur": (Unit.of(1, "€"),),
        "euro": (Unit.of(1, "€"),),
        "pound": (Unit.of(1, "£"),),
        "cent": (Unit.of(0.01, "$"), Unit.of(0.01, "€")),
    }
    found = dict(base)
    for name in ("byte", "bit", "second", "sec", "metre", "meter", "pixel", "hertz", "watt", "gram", "joule", "volt"):
        for prefix, factor in (_DECIMAL_NAMES | (_BINARY_NAMES if name in ("byte", "bit") else {})).items():
            found[prefix + name] = tuple(Unit(factor * unit.factor, unit.dimensions) for unit in base[name])
    found |= {f"{name}s": units for name, units in found.items() if not name.endswith("hertz")} | {
        "inches": base["inch"],
    }
    for sign, units in _signs().items():
        if len(sign) > 1:
            found.setdefault(sign.casefold(), units)
    return found


@cache
def _prefixed_labels() -> dict[str, float]:
    """`GFLOPs`, `MMACs`: a prefix on a counting noun that is written so."""
    nouns = ("flop", "flops", "mac", "macs", "op", "ops", "param", "params")
    return {f"{sign}{noun}".casefold(): factor for sign, factor in _DECIMAL.items() for noun in nouns if factor >= 1e3}


def units_of(word: str) -> tuple[Unit, ...]:
    """What a word or sign may measure; () if it is no unit."""
    return _signs().get(word) or _names().get(word.casefold(), ())


def scale_of(word: str) -> float | None:
    """What a scale word or prefix multiplies by, None if it is none: million, M, Ki, GFLOPs."""
    if word in SCALE_SIGNS:
        return SCALE_SIGNS[word]
    folded = word.casefold()
    return SCALE_WORDS.get(folded) or _prefixed_labels().get(folded)


Asks: TypeAlias = Literal["number", "count", "percent", "points", "ratio", "times", "measured"]
"""What a unit asks for: not said, a count, per cent, percentage points, a power ratio, a factor, a measure."""

_WORDS: Final = re.compile(r"[^\W\d_]+|[%°$€£¥/]|\^|²|³|\d+")
_POWERS: Final = {"²": 2.0, "³": 3.0}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a card or a lab asks for.

    `factor` is how many base units, or things, one of the unit is: 1e6 for million parameters, 1e9 for GB.
    `is_scaled` is true where that is a thousand, a million and so on, so that the whole number may be typed as well.
    """

    text: str
    asks: Asks
    factor: float = 1.0
    dimensions: Dimensions = ()
    is_scaled: bool = False
    words: frozenset[str] = frozenset()
    """The unit's words and those of the question, in small letters: they may be typed along."""
    named: frozenset[Dimensions] = frozenset()
    """What is measured by units that the question names."""


@lru_cache(maxsize=256)
def wanted(unit: str, question: str = "") -> Wanted:
    """Read a card's unit; `question` lends the words that may be repeated round the number."""
    words = _WORDS.findall(unit)
    known = frozenset(word.casefold() for word in (*words, *_WORDS.findall(question)) if word[:1].isalpha())
    known |= {form for word in words if word[:1].isalpha() for form in _in_any_number(word.casefold())}
    folded = [word.casefold() for word in words]
    named = frozenset(unit.dimensions for word in known if len(word) > 1 for unit in units_of(word))
    if "%" in words or any(word in PERCENT for word in folded) or folded[:2] == ["per", "cent"]:
        return Wanted(unit, "percent", words=known)
    if "ratio" in folded or (not unit and "ratio" in known):
        return Wanted(unit, "ratio", words=known, named=named)
    factor, is_scaled, sign = 1.0, False, 1.0
    dimensions: Dimensions = ()
    last: Unit | None = None
    for word in words:
        if word in ("/", "per"):
            sign = -1.0
        elif word in _POWERS or word.isdigit():
            exponent = _POWERS.get(word) or float(word)
            if last is not None:
                factor *= last.factor ** (sign * (exponent - 1))
                dimensions = multiplied(dimensions, last.dimensions, sign * (exponent - 1))
        elif (scale := _scale_in_unit(word)) is not None:
            factor, is_scaled = factor * scale, True
        elif found := units_of(word):
            # An information content is asked for in nats or bits alone; bits beside anything else are data.
            last = found[-1] if word.casefold() in ("bit", "bits") and len(words) == 1 else found[0]
            factor *= last.factor**sign
            dimensions = multiplied(dimensions, last.dimensions, sign)
            is_scaled = is_scaled or (last.factor >= 1e3 and last.dimensions == (("byte", 1),))
    if dimensions:
        return Wanted(unit, "measured", factor, dimensions, is_scaled, known)
    asks: Asks = "number"
    if unit:
        asks = "points" if "points" in folded else "times" if set(folded) & {"times", "x", "fold"} else "count"
    return Wanted(unit, asks, factor, (), is_scaled, known, named)


def _in_any_number(word: str) -> Iterator[str]:
    """The singular and the plural of a word that is long enough to be no abbreviation."""
    if len(word) > 3:
        yield f"{word}s"
        if word.endswith("ies"):
            yield f"{word[:-3]}y"
        elif word.endswith("s"):
            yield word[:-1]
            if word.endswith("es"):
                yield word[:-2]


def _scale_in_unit(word: str) -> float | None:
    return SCALE_WORDS.get(word.casefold()) or (
        _prefixed_labels().get(word.casefold()) if word.casefold() not in LABELS else None
    )
