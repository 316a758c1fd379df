"""Authored and typed text is data: nothing in it may style, move or reprogram the terminal."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BIDI: Final = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LEFT_BY_JSON: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_DELETE: Final = 0x7F
LONGEST_LINE: Final = 10_000


def safe(text: str) -> str:
    """The text with control characters made visible (ESC as ␛) and direction marks shown as ⍇ instead of obeyed.

    Tabs become spaces; lines past 10,000 characters are cut with an ellipsis, so one line cannot stall the screen.
    """
    text = visible(text).expandtabs(4)
    if len(text) > LONGEST_LINE:
        text = "\n".join(
            line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…" for line in text.split("\n")
        )
    return text


def visible(text: str) -> str:
    """The text with control characters and direction marks as signs; tabs, line ends and lengths are kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BIDI.sub("⍇", _CONTROL.sub(_visible, text))


def on_one_line(text: str) -> str:
    """As `visible`, with line ends as ␊ and tabs as ␉: what stands in a text begins no line of ours."""
    return visible(text).replace("\n", "␊").replace("\t", "␉")


def counted(number: int, noun: str) -> str:
    """`1 card`, `3 cards`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def clock_text(seconds: float) -> str:
    """0:07, 12:30."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def storable(text: str) -> str:
    """The text without halves of characters, which no file takes; each becomes a replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def json_text(data: Any, *, ascii_only: bool = False, indent: int | None = 2, to_keep: bool = False) -> str:
    r"""JSON in which control characters and direction marks are escapes (`\u001b`) and letters are letters.

    `ascii_only` escapes every other letter too, for outputs that do not have them; `to_keep` is for files, which hold
    no halves of characters. What JSON does not know (a date, a path) is written as its text.
    """
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent, default=str)
    if to_keep:
        text = storable(text)
    return _LEFT_BY_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == _DELETE:
        return "␡"
    return "␤" if code in (0x2028, 0x2029) else "�"
