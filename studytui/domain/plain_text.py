"""Authored and typed text is data: nothing in it may style, move or reprogram the terminal."""

from __future__ import annotations

import re
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI: Final = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
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


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"
