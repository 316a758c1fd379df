"""Reading which option was picked, and in which order options were put: by text, by number, by letter.

Standard library only: the labs and the app read what was typed through this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 5_000
"""Letters of an answer that are read at most."""
_QUOTES: Final = "\"'`“”„‘’«» "
_NUMBERED: Final = re.compile(
    r"(?:(?:the\s+)?(?:option|answer|choice|number|no|nr|line|step)\b)?[\s.:#(\[]*(\d{1,3}|[a-z])[\s.):\]]*"
)
_PARTED: Final = (
    re.compile(r"[;\n]+"),
    re.compile(r"->|=>|[→⇒>]+"),
    re.compile(r",+"),
    re.compile(r"\s[-–—]+\s|(?<=\d)\s*[-–—]+\s*(?=\d)|(?<=\b[a-z])\s*[-–—]+\s*(?=[a-z]\b)", re.IGNORECASE),
    re.compile(r"\s+"),
)
"""What parts the options of an order, the surest sign first: an option's own text may hold the later ones."""


def read_option(text: str, options: Sequence[str]) -> str | None:
    """The option that was meant, None if it is none.

    By its text in any case, with or without quotes; by its number from 1 (`2`, `2)`, `option 2`); by its letter (`b`).
    """
    folded = _folded(text[:_LONGEST])
    if not folded:
        return None
    for option in options:
        if _folded(option) == folded:
            return option
    if (found := _NUMBERED.fullmatch(folded)) is None:
        return None
    sign = found[1]
    place = int(sign) if sign.isdecimal() else ord(sign) - ord("a") + 1
    return options[place - 1] if 1 <= place <= len(options) else None


def read_order(text: str, options: Sequence[str]) -> list[str] | None:
    """The options in the order that was meant, each once; None if the text is no such order.

    Texts, numbers or letters, separated by `;` `>` `→`, by commas, dashes or blanks; or bare numbers in a row: 31245.
    """
    text = text[:_LONGEST]
    for parted in _PARTED:
        pieces = [piece for piece in parted.split(text) if piece.strip()]
        if len(pieces) == len(options):
            read = [read_option(piece, options) for piece in pieces]
            found = [option for option in read if option is not None]
            if len(set(found)) == len(options):
                return found
    row = _folded(text)
    if len(row) == len(options) <= 9 and row.isalnum() and len(row) > 1:
        found = [option for sign in row if (option := read_option(sign, options)) is not None]
        return found if len(set(found)) == len(options) else None
    return None


def _folded(text: str) -> str:
    """One form for every way to type an option."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES)
    return " ".join(text.split()).strip(_QUOTES).rstrip(" .")


_DASHES: Final = str.maketrans(dict.fromkeys("‐‑–—−", "-"))
