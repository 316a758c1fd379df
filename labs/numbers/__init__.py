"""Numbers as people type them: read by one grammar, judged by one rule, for cards and labs alike.

`weigh` judges what was typed by a right value, `values` gives every reading, `literal` reads a plain number and
`evaluate` works out a formula. Standard library only. Nothing typed raises, and nothing takes long: letters, depth and
powers are bounded.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from labs.numbers.cursor import CONSTANTS, FUNCTIONS
from labs.numbers.grammar import Parser
from labs.numbers.lexer import Convention, Token, Unreadable, brief, tokens
from labs.numbers.quantity import Mode, Quantity
from labs.numbers.units import Dimensions, Wanted, wanted
from labs.numbers.words import ALONE, ONES, PARTS, SAYS, TENS

__all__ = ["FormulaError", "Weighed", "display", "evaluate", "literal", "values", "weigh"]

_ASK: Final = "Type one number, or say that you don't know."
_NUMBER_WORDS: Final = ONES.keys() | TENS.keys() | PARTS.keys() | ALONE.keys() | CONSTANTS.keys() | {
    "no", "hundred", "thousand", "million", "billion", "dozen"
} | {f"{word}fold" for word in (*ONES, *TENS)}  # fmt: skip
_MEANT: Final = _NUMBER_WORDS | FUNCTIONS.keys() | {"root"}
"""Words that stand for a number or make one."""
_OTHER_BASE: Final = re.compile(r"\W*0(?:[xX][0-9a-fA-F]|[bB][01]|[oO][0-7])")
"""0x100 as programs write it: zero times a hundred would be an answer that nobody means."""
_DECIBEL: Final[Dimensions] = (("dB", 1.0),)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of a typed number.

    `values` are its readings in the unit asked for, the one that was taken first; () where none was judged. `message`
    says what to type where it asks, '' otherwise.
    """

    says: Literal["right", "wrong", "ask"]
    values: tuple[float, ...] = ()
    read_as: str = ""
    message: str = ""


class FormulaError(ValueError):
    """A formula cannot be worked out; the text says why, `position` where, counted from 1."""

    def __init__(self, formula: str, error: Unreadable) -> None:
        super().__init__(f"{error.why}, at letter {error.position + 1} of “{brief(formula)}”.")
        self.position = error.position + 1


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read an answer: its value in the unit asked for, and how that is shown."""

    value: float
    shown: str
    letter: str = ""
    bare: float | None = None
    is_range: bool = False


def weigh(typed: str, *, right: float, slack: float, unit: str = "", question: str = "") -> Weighed:
    """Right if one of the readings lies within `slack` of `right`; an answer that is not one number is not judged.

    `unit` is the unit asked for; the words of `question` may be typed along. Raises nothing.
    """
    want = wanted(unit, question)
    try:
        readings, parts = _readings(typed, want)
    except Unreadable as error:
        return Weighed("ask", message=_asking(typed, error.why))
    near = [reading for reading in readings if abs(reading.value - right) <= slack]
    if len(parts) > 1 and all(_distance(part, right) <= math.log(2) for part in parts):
        return Weighed("ask", message=_asking(typed, "There is more than one number"))
    if near:
        return _taken("right", near[0], readings)
    judged = [reading for reading in readings if not reading.is_range]
    if not judged:
        return Weighed("ask", message=_asking(typed, "That is a range, not a number"))
    closest = min(judged, key=lambda reading: _distance(reading.value, right))
    if len(parts) > 1 and min(_distance(part, right) for part in parts) < _distance(closest.value, right):
        return Weighed("ask", message=_asking(typed, "There is more than one number"))
    if closest.letter and closest.bare is not None and abs(closest.bare - right) <= slack:
        why = f"Read as {closest.shown}, with the “{closest.letter}” for a scale"
        return Weighed("ask", message=_asking(typed, why), read_as=closest.shown)
    return _taken("wrong", closest, readings)


def values(typed: str, unit: str = "", question: str = "") -> tuple[float, ...]:
    """Every reading of an answer in the unit asked for, the most likely first; () if it is not one number."""
    try:
        return tuple(reading.value for reading in _readings(typed, wanted(unit, question))[0])
    except Unreadable:
        return ()


def literal(text: str) -> float | None:
    """The value of a plain number such as 16, 0.5, 1,024 or -1; None for anything else, sums and units included."""
    try:
        found = tokens(text)
    except Unreadable:
        return None
    sign = 1.0
    if found and found[0].kind == "sign" and found[0].text in "+-":
        sign = -1.0 if found[0].text == "-" else 1.0
        found = found[1:]
    if len(found) != 1 or found[0].kind != "number":
        return None
    conventions: tuple[Convention, ...] = ("point", "comma")
    value = next((v for v in map(found[0].digits.value, conventions) if v is not None), None)
    return None if value is None else sign * value


def evaluate(formula: str, names: Mapping[str, float]) -> float:
    """A formula's value: the grammar of answers with names, functions and brackets, without words and units.

    Raises:
        FormulaError: it cannot be worked out; the text names the place.
    """
    try:
        found = tokens(formula, identifiers=True)
        quantity = Parser(found, Wanted("", "number"), Mode(), names).whole()
    except Unreadable as error:
        raise FormulaError(formula, error) from None
    return quantity.value


def display(value: float) -> str:
    """A number as a person writes it: 86,000,000, 0.331, 3.5e-04."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if 1e6 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    if 1e3 <= abs(value) < 1e6:
        text = f"{value:,.{max(0, 5 - math.floor(math.log10(abs(value))))}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.6g}"


# Readings


@dataclass(frozen=True, slots=True)
class _Segment:
    """What stands between two signs of equality; `is_almost` where ≈ parts it from what stands before."""

    tokens: tuple[Token, ...]
    parted_by: str = ""

    @property
    def plain(self) -> Token | None:
        """Its literal, where it is no more than one with words around it."""
        solid = [token for token in self.tokens if token.kind != "word" or token.text.casefold() in _MEANT]
        return solid[0] if len(solid) == 1 and solid[0].kind == "number" else None

    @property
    def has_number(self) -> bool:
        """True if something in it stands for a number."""
        return any(
            token.kind in ("number", "vulgar", "raised")
            or (token.kind == "word" and token.text.casefold() in _NUMBER_WORDS)
            for token in self.tokens
        )

    @property
    def is_range(self) -> bool:
        """Two bare numbers a-b with a < b: 190-200."""
        solid = [token for token in self.tokens if token.kind != "word"]
        if [token.kind for token in solid] != ["number", "sign", "number"] or solid[1].text != "-":
            return False
        low, high = (solid[i].digits.value("either") for i in (0, 2))
        return low is not None and high is not None and low < high

    @property
    def apart(self) -> tuple[float, ...]:
        """The numbers its one literal may be, if the marks in it part numbers: 196 197."""
        found = [token for token in self.tokens if token.kind in ("number", "vulgar")]
        if len(found) != 1 or not found[0].digits.is_ambiguous_list:
            return ()
        return tuple(map(float, found[0].digits.runs))


def _readings(typed: str, want: Wanted) -> tuple[list[_Reading], tuple[float, ...]]:
    """All readings in the unit asked for, and the numbers it may be apart: 196 197.

    Raises:
        Unreadable: it is not one number; the sentence says why.
    """
    found = tokens(typed)
    if not found and not typed.strip():
        raise Unreadable("No answer yet")
    if _OTHER_BASE.match(typed):
        raise Unreadable(f"“{brief(typed)}” is no decimal number")
    numbered = [segment for segment in _segments(found) if segment.has_number]
    if not numbered:
        raise Unreadable(f"No number was found in “{brief(typed)}”")
    readings = _of(numbered[-1], want)
    for earlier, later in itertools.pairwise(numbered):
        if earlier.plain is not None and later.plain is not None:
            readings += _of_two(earlier, later, want)
        elif later.parted_by in "≈~":
            with contextlib.suppress(Unreadable):
                readings += _of(earlier, want)
    return readings, numbered[-1].apart


def _of_two(earlier: _Segment, later: _Segment, want: Wanted) -> list[_Reading]:
    """The readings of a bare number that another follows: 2.9957 ≈ 3.

    Raises:
        Unreadable: they are two numbers: neither are they the same, nor is the second the first one rounded.
    """
    first, second = _of(earlier, want), _of(later, want)
    if {reading.value for reading in first} & {reading.value for reading in second}:
        return []
    assert earlier.plain is not None
    assert later.plain is not None
    digits = max(1, len("".join(later.plain.digits.runs).strip("0")))
    is_rounded = any(float(f"{one.value:.{min(digits, 17)}g}") == two.value for one in first for two in second)
    if later.parted_by != "≈" or not is_rounded:
        raise Unreadable("That is a range, not a number" if later.parted_by == "~" else "There is more than one number")
    return first


def _segments(found: Sequence[Token]) -> Iterator[_Segment]:
    """The parts between = and ≈, and words that say as much; the last one with a number in it is the answer."""
    gathered: list[Token] = []
    parted_by = ""
    for place, token in enumerate(found):
        folded = token.text.casefold() if token.kind == "word" else ""
        is_or_so = folded == "so" and place and found[place - 1].text.casefold() == "or"
        if token.kind in ("equals", "almost") or (folded in SAYS and not is_or_so):
            yield _Segment(tuple(gathered), parted_by)
            gathered, parted_by = [], token.text if token.kind == "almost" else "="
        else:
            gathered.append(token)
    yield _Segment(tuple(gathered), parted_by)


def _of(segment: _Segment, want: Wanted) -> list[_Reading]:
    """The readings of one segment under every convention.

    Raises:
        Unreadable: there is none; why the first failed.
    """
    quantities: list[Quantity] = []
    errors: list[Unreadable] = []
    has_marks = any(set(token.digits.marks) & set(".,") for token in segment.tokens)
    conventions: tuple[Convention, ...] = ("point", "comma") if has_marks else ("point",)
    for convention in conventions:
        _parse(segment, want, Mode(convention), quantities, errors)
    if not quantities and has_marks:
        _parse(segment, want, Mode("either"), quantities, errors)
    if not quantities:
        raise errors[0]
    readings = [
        replace(reading, letter=quantity.letter, bare=quantity.bare, is_range=segment.is_range)
        for quantity in quantities
        for reading in _converted(quantity, want)
    ]
    if not readings:
        raise Unreadable(_mismatch(quantities[0], want))
    return list({(reading.value, reading.shown): reading for reading in readings}.values())


def _parse(segment: _Segment, want: Wanted, mode: Mode, quantities: list[Quantity], errors: list[Unreadable]) -> None:
    """Parse a segment under a convention, again for each other way to read a logarithm or a suffix."""
    parser = Parser(segment.tokens, want, mode)
    try:
        quantities.append(parser.whole())
    except Unreadable as error:
        errors.append(error)
    for is_log_of_ten, is_loose in ((False, True), (True, False), (True, True)):
        if (not is_loose or parser.is_ambiguous) and (not is_log_of_ten or parser.has_log):
            again = replace(mode, is_log_of_ten=is_log_of_ten, is_loose=is_loose)
            with contextlib.suppress(Unreadable):
                quantities.append(Parser(segment.tokens, want, again).whole())


# What a reading means in the unit asked for


def _converted(quantity: Quantity, want: Wanted) -> Iterator[_Reading]:
    """The value in the unit asked for, once or, where the unit leaves it open, twice; none if it measures another."""
    value, dimensions = quantity.value, quantity.dimensions
    if dimensions and dimensions != want.dimensions and not any(exponent < 0 for _, exponent in want.dimensions):
        # What is said to come per second or per picture is a label where no rate is asked for.
        dimensions = tuple((name, exponent) for name, exponent in dimensions if exponent > 0)
    if dimensions:
        if want.asks == "measured" and dimensions == want.dimensions:
            yield _shown(quantity, value / want.factor, want)
        elif want.asks == "ratio" and dimensions == _DECIBEL and abs(value) < 1000:
            yield _shown(quantity, 10 ** (value / 10), want)
        elif not want.text and quantity.typed and dimensions in want.named:
            # No unit is asked for, but the question speaks of this one: 150,528 pixels.
            yield _Reading(quantity.typed[0], display(quantity.typed[0]))
        return
    if quantity.is_percent:
        if want.asks in ("percent", "points"):
            yield _shown(quantity, 100 * value, want)
        elif want.asks in ("number", "ratio", "times"):
            yield _shown(quantity, value, want)
        return
    as_is = _Reading(value, f"{display(value)} {want.text}" if want.is_scaled else display(value))
    if want.asks == "percent":
        yield as_is
        yield _Reading(100 * value, f"{display(value)} = {display(100 * value)}%")
    elif want.is_scaled:
        whole = _shown(quantity, value / want.factor, want)
        yield from (whole, as_is) if quantity.is_scaled else (as_is, whole)
    else:
        yield as_is


def _shown(quantity: Quantity, value: float, want: Wanted) -> _Reading:
    """A value in the unit asked for, shown beside the number and unit that were typed."""
    number, unit = quantity.typed or (100 * quantity.value if quantity.is_percent else quantity.value, "")
    unit = unit or ("%" if quantity.is_percent else "")
    typed = f"{display(number)}{_beside(unit)}"
    asked_in = {"percent": "%", "ratio": ""}.get(want.asks, want.text)
    asked = f"{display(value)}{_beside(asked_in)}"
    if quantity.dimensions and not quantity.typed:
        return _Reading(value, asked)
    return _Reading(value, typed if typed == asked else f"{typed} = {asked}")


def _beside(unit: str) -> str:
    return unit if unit in ("", "%", "‰", "°") else f" {unit}"


def _mismatch(quantity: Quantity, want: Wanted) -> str:
    typed = quantity.typed[1] if quantity.typed else "%" if quantity.is_percent else "the unit that was typed"
    if not want.text:
        return f"“{typed}” is not what is asked for"
    return f"The answer is asked for in {want.text}, not in {typed}"


def _taken(says: Literal["right", "wrong"], taken: _Reading, readings: Sequence[_Reading]) -> Weighed:
    others = (reading.value for reading in readings if reading is not taken and not reading.is_range)
    return Weighed(says, (taken.value, *others), taken.shown)


def _asking(typed: str, why: str) -> str:
    return f"{why}. {_ASK}" if typed.strip() else f"{why}: type a number, or say that you don't know."


def _distance(a: float, b: float) -> float:
    """How far two numbers are apart as factors, so that 150 529 is near 150 528 and far from 529."""
    if a == b:
        return 0.0
    same_sign = a and b and (a > 0) == (b > 0)
    return abs(math.log(abs(a)) - math.log(abs(b))) if same_sign else 1e3 + abs(a - b)
