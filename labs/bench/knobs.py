"""The knobs of an exercise: each says what it takes, and what it is drawn from.

A knob is a descriptor: on the class it is the knob, on an instance its value in this showing. `complete` draws what was
left open: first what others must be multiples of, then the multiples, so that no product of all values is ever tried.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar, overload

from labs.exercise import Vary, validated
from labs.protocol import Param, ParamError, Params, Scalar

Kind = TypeVar("Kind")
LARGEST_BYTES: Final = 50_000_000
_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp")


class Knob(Generic[Kind]):
    """One knob; `param` is what the bench, the command line and the log know of it."""

    name: str
    divided_by: str | int = ""
    """What its values are multiples of: another knob's name, or a number; '' or 0 of nothing."""

    def __init__(self, param: Param) -> None:
        self.param = param

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.param = replace(self.param, name=name)

    @overload
    def __get__(self, showing: None, owner: type) -> Knob[Kind]: ...
    @overload
    def __get__(self, showing: object, owner: type) -> Kind: ...
    def __get__(self, showing: Any, owner: type) -> Any:
        return self if showing is None else self.read(showing.params_drawn[self.name])

    def read(self, value: Scalar) -> Any:
        """The value as a method of the exercise uses it."""
        return value

    def settled(self, value: Scalar) -> Scalar:
        """The value as it is logged.

        Raises:
            ParamError: it cannot be used.
        """
        return value

    def candidates(self, others: Sequence[int], divisor: int, *, wide: bool) -> Sequence[Scalar]:
        """What to draw from: divisors of all `others`, multiples of `divisor` where that is not 0."""
        _ = others, divisor
        if wide and self.param.choices:
            return self.param.choices
        return self.param.vary or (self.param.default,)


class Whole(Knob[int]):
    """A whole number from `low` to `high`; `multiple_of` is another knob's name, or a number."""

    def __init__(
        self,
        default: int,
        low: int = 0,
        high: int = 0,
        *,
        draw: Iterable[int] = (),
        choices: Sequence[int] = (),
        multiple_of: str | int = "",
        help: str,
    ) -> None:
        lowest, highest = (None, None) if choices else (low, high)
        super().__init__(Param("", "integer", default, help, lowest, highest, tuple(choices), tuple(draw)))
        self.divided_by = multiple_of

    def read(self, value: Scalar) -> int:
        return int(value)

    def candidates(self, others: Sequence[int], divisor: int, *, wide: bool) -> Sequence[Scalar]:
        listed = [
            value for value in super().candidates(others, divisor, wide=wide) if self._goes(value, others, divisor)
        ]
        if listed and not wide:
            return listed
        if self.param.choices:
            return [value for value in self.param.choices if self._goes(value, others, divisor)]
        if not self.param.vary:
            return listed
        assert self.param.low is not None
        assert self.param.high is not None
        low, high = int(self.param.low), int(self.param.high)
        step = divisor or 1
        every = range(-(-low // step) * step, high + 1, step)
        return [value for value in every if self._goes(value, others, divisor)] if others else every

    @staticmethod
    def _goes(value: Scalar, others: Sequence[int], divisor: int) -> bool:
        number = int(value)
        return not (divisor and number % divisor) and all(number and other % number == 0 for other in others)


class Number(Knob[float]):
    """A number from `low` to `high`."""

    def __init__(self, default: float, low: float, high: float, *, draw: Iterable[float] = (), help: str) -> None:
        super().__init__(Param("", "number", default, help, low, high, (), tuple(draw)))

    def read(self, value: Scalar) -> float:
        return float(value)


class OneOf(Knob[str]):
    """One of several words, drawn from `draw`, or from all of them; the first is the default."""

    def __init__(self, *choices: str, draw: Iterable[str] = (), help: str) -> None:
        super().__init__(Param("", "text", choices[0], help, choices=choices, vary=tuple(draw) or choices))


class Text(Knob[str]):
    """Any text, drawn from `draw`; empty unless it is given or drawn."""

    def __init__(self, default: str = "", *, draw: Iterable[str] = (), help: str) -> None:
        super().__init__(Param("", "text", default, help, vary=tuple(draw)))


class Variants(Knob[str]):
    """One of several questions: each choice with what it says in place of the exercise; its `slips` come on top."""

    def __init__(self, choices: Mapping[str, Mapping[str, Any]], *, draw: Iterable[str] = (), help: str) -> None:
        names = tuple(choices)
        super().__init__(Param("", "text", names[0], help, choices=names, vary=tuple(draw) or names))
        self.variants = choices


class Picture(Knob[str]):
    """A picture of the learner's own; empty: one that is drawn."""

    def __init__(self, help: str = "your own PNG, JPEG or WebP; empty: a drawn circuit board") -> None:
        super().__init__(Param("", "path", "", help))

    def settled(self, value: Scalar) -> Scalar:
        return readable_path(str(value), self.name)


def readable_path(text: str, name: str = "picture") -> str:
    """The absolute path of the learner's picture; the empty text stays empty and means the drawn one.

    Quotes around the path, as a terminal puts them on a dropped file, are taken off.

    Raises:
        ParamError: there is no such file, it is no file, too large, empty, or not named as a picture.
    """
    from pathlib import Path

    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if not text:
        return ""
    if "\0" in text:
        raise ParamError(name, "a path has no NUL character in it")
    try:
        path = Path(text).expanduser().absolute()
        if not path.exists():
            raise ParamError(name, f"there is no file {path}")
        if not path.is_file():
            raise ParamError(name, f"{path} is not a file")
        size_bytes = path.stat().st_size
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, ParamError):
            raise
        raise ParamError(name, f"{text[:80]!r} cannot be opened ({error})") from error
    if path.suffix.lower() not in _SUFFIXES:
        raise ParamError(name, f"{path.name} must be a PNG, JPEG or WebP file")
    if not 0 < size_bytes <= LARGEST_BYTES:
        reason = (
            "is empty" if size_bytes == 0 else f"has {size_bytes / 1e6:,.0f} MB; at most {LARGEST_BYTES / 1e6:.0f} MB"
        )
        raise ParamError(name, f"{path.name} {reason}")
    return str(path)


def complete(
    knobs: Mapping[str, Knob[Any]], given: Mapping[str, Scalar], chance: random.Random, vary: Vary, *, wide: bool
) -> Params:
    """A value for every knob: those given, one of each list of `vary`, the rest drawn to go with them.

    `wide` draws from all that the knobs take in place of what they are usually drawn from.

    Raises:
        ParamError: no value goes with the others; the text says which.
    """
    values: Params = dict(given)
    for name, listed in vary.items():
        if not listed:
            raise ParamError(name, "the card varies it over an empty list")
        values.setdefault(name, chance.choice(listed))
    validated([knob.param for knob in knobs.values()], values)
    divisors = {knob.divided_by for knob in knobs.values() if isinstance(knob.divided_by, str)}
    for knob in sorted(knobs.values(), key=lambda knob: knob.name not in divisors):
        if knob.name not in values:
            values[knob.name] = _drawn(knob, knobs, values, chance, wide=wide)
    for knob in knobs.values():
        _check_multiple(knob, values)
    return {name: knob.settled(values[name]) for name, knob in knobs.items()}


def _drawn(
    knob: Knob[Any], knobs: Mapping[str, Knob[Any]], values: Params, chance: random.Random, *, wide: bool
) -> Scalar:
    others = {
        other.name: int(values[other.name])
        for other in knobs.values()
        if other.divided_by == knob.name and other.name in values
    }
    divisor = _divisor(knob, values)
    found = knob.candidates([number for number in others.values() if number], divisor, wide=wide)
    if not found:
        span = (
            f"{knob.param.low:g} to {knob.param.high:g}"
            if knob.param.low is not None and knob.param.high is not None
            else "its choices"
        )
        if others:
            name, shown = next(iter(others)), " and ".join(str(number) for number in others.values())
            raise ParamError(name, f"no {knob.name} of {span} divides {shown}")
        raise ParamError(knob.name, f"no multiple of {divisor} lies within {span}")
    return chance.choice(found)


def _divisor(knob: Knob[Any], values: Params) -> int:
    return (
        int(values[knob.divided_by])
        if isinstance(knob.divided_by, str) and knob.divided_by
        else int(knob.divided_by or 0)
    )


def _check_multiple(knob: Knob[Any], values: Params) -> None:
    divisor = _divisor(knob, values)
    if divisor and int(values[knob.name]) % divisor:
        if isinstance(knob.divided_by, int):
            raise ParamError(knob.name, f"must be a multiple of {divisor}, not {values[knob.name]}")
        raise ParamError(knob.divided_by, f"{divisor} does not divide {knob.name}, {values[knob.name]}")
