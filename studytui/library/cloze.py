"""A cloze's text: `A {{patch|image patch}} is a token` has one blank with two accepted spellings.

Inside a blank a pair of braces belongs to the spelling (`{{\\frac{q}{d}}}`), and `\\|` is a stroke, where `|` parts the
spellings. Outside, `\\{{` and `\\}}` are two braces.
"""

from __future__ import annotations

from studytui.domain.cards import Blank, Cloze

_NOT_CLOSED = "a blank is not closed: write {{answer}}"


def parse_cloze(front: str) -> Cloze:
    """The texts around the blanks and what each blank accepts.

    Raises:
        ValueError: there is no blank, one is empty, or its braces do not pair.
    """
    segments: list[str] = []
    blanks: list[Blank] = []
    text, at, depth = "", 0, 0
    while at < len(front):
        if front.startswith(("\\{{", "\\}}"), at):
            text += front[at + 1 : at + 3]
            at += 3
        elif front.startswith("{{", at):
            spellings, at = _blank(front, at + 2)
            segments.append(text)
            blanks.append(Blank(spellings))
            text, depth = "", 0
        elif front.startswith("}}", at) and depth < 2:
            raise ValueError(_NOT_CLOSED)
        else:
            depth = max(0, depth + (front[at] == "{") - (front[at] == "}"))
            text += front[at]
            at += 1
    if not blanks:
        raise ValueError("a cloze needs at least one blank, written {{answer}} or {{answer|other spelling}}")
    return Cloze((*segments, text), tuple(blanks))


def _blank(front: str, at: int) -> tuple[tuple[str, ...], int]:
    """The spellings of the blank that begins at `at`, and where the text goes on behind it."""
    spellings, depth = [""], 0
    while at < len(front):
        if front.startswith("\\|", at):
            spellings[-1] += "|"
            at += 2
            continue
        if front.startswith("{{", at) and depth == 0 and spellings[-1]:
            break
        if front.startswith("}}", at) and depth == 0:
            if front.startswith("}", at + 2):
                raise ValueError("a blank has a closing brace too many: pair the braces inside {{…}}")
            accepted = tuple(spelling.strip() for spelling in spellings)
            if not all(accepted):
                raise ValueError("a blank holds an empty spelling")
            return accepted, at + 2
        character = front[at]
        depth += (character == "{") - (character == "}")
        if depth < 0:
            raise ValueError(_NOT_CLOSED)
        if character == "|" and depth == 0:
            spellings.append("")
        else:
            spellings[-1] += character
        at += 1
    raise ValueError(_NOT_CLOSED)
