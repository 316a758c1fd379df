"""A cloze's text: `A {{patch|image patch}} is a token` has one blank with two accepted spellings."""

from __future__ import annotations

import re
from typing import Final

from studytui.domain.cards import Blank, Cloze

_BLANK: Final = re.compile(r"\{\{((?:(?!\{\{|\}\}).)*+)\}\}", re.DOTALL)


def parse_cloze(front: str) -> Cloze:
    """The texts around the blanks and what each blank accepts.

    Raises:
        ValueError: there is no blank, one is empty, or a bracket is left open.
    """
    parts = _BLANK.split(front)
    segments, fills = parts[::2], parts[1::2]
    if not fills:
        raise ValueError("a cloze needs at least one blank, written {{answer}} or {{answer|other spelling}}")
    if any("{{" in text or "}}" in text for text in parts):
        raise ValueError("a blank is not closed: write {{answer}}")
    blanks = []
    for fill in fills:
        accepted = tuple(spelling.strip() for spelling in fill.split("|"))
        if not all(accepted):
            raise ValueError("a blank holds an empty spelling")
        blanks.append(Blank(accepted))
    return Cloze(tuple(segments), tuple(blanks))
