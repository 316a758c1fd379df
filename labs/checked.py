"""Fields of decoded JSON and of other packages' objects, each checked for its type, its size and its range.

What a lab or a plug-in sends is shown on the learner's screen and kept in the log: it is checked here once, so that
nothing behind this border has to expect anything else than what the protocol says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

Checked = TypeVar("Checked")
LARGEST: Final = 1e100
"""Numbers are at most this far from 0, so that no sum, difference or product of two is infinite."""
LINE: Final = 2_000
TEXT: Final = 20_000
MANY: Final = 500
"""Characters of a line and of a text, and items of a list, at most."""


class ProtocolError(ValueError):
    """What was sent is nothing of the protocol; the text names the field."""


def text(value: object, where: str, most: int = LINE) -> str:
    """A text of at most so many characters; halves of characters in it become replacement characters."""
    if not isinstance(value, str):
        raise ProtocolError(f"{where} must be a text, not {shown(value)}")
    if len(value) > most:
        raise ProtocolError(f"{where} is longer than {most:,} characters")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(value: object, where: str) -> int | float:
    """A finite number within ±`LARGEST`; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProtocolError(f"{where} must be a number, not {shown(value)}")
    if not (-LARGEST <= value <= LARGEST) or (isinstance(value, float) and not math.isfinite(value)):
        raise ProtocolError(f"{where} must be a finite number of at most {LARGEST:.0e}, not {shown(value)}")
    return value


def whole(value: object, where: str) -> int:
    """A whole number within ±`LARGEST`."""
    found = number(value, where)
    if not isinstance(found, int):
        raise ProtocolError(f"{where} must be a whole number, not {shown(value)}")
    return found


def items(value: object, where: str, check: Callable[[object, str], Checked], most: int = MANY) -> tuple[Checked, ...]:
    """A list (or tuple) of at most so many items, each checked."""
    if not isinstance(value, list | tuple):
        raise ProtocolError(f"{where} must be a list, not {shown(value)}")
    if len(value) > most:
        raise ProtocolError(f"{where} has more than {most:,} items")
    return tuple(check(each, f"{where}[{at}]") for at, each in enumerate(value))


def mapping(value: object, where: str, check: Callable[[object, str], Checked], most: int = MANY) -> dict[str, Checked]:
    """A mapping of short names to at most so many values, each checked."""
    if not isinstance(value, Mapping):
        raise ProtocolError(f"{where} must be a table of names, not {shown(value)}")
    if len(value) > most:
        raise ProtocolError(f"{where} has more than {most:,} names")
    return {text(name, f"a name in {where}", 200): check(each, f"{where}.{name}") for name, each in value.items()}


def fields(value: object, where: str, names: tuple[str, ...]) -> Mapping[str, Any]:
    """A mapping that has these fields and no others."""
    if not isinstance(value, Mapping):
        raise ProtocolError(f"{where} must have the fields {', '.join(names)}, and is {shown(value)}")
    if set(value) != set(names):
        odd = sorted(map(str, set(value) ^ set(names)))
        raise ProtocolError(f"{where} must have the fields {', '.join(names)}; see {', '.join(odd)[:80]}")
    return value


def shown(value: object) -> str:
    """A value as a message shows it, whatever it is."""
    if isinstance(value, str | bool | float) or value is None:
        return repr(value)[:60]
    return f"{type(value).__name__}"
