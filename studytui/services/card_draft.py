"""A card as a form or a command line takes it: a text for each field, a line for each element of a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Final

from studytui.domain.cards import KINDS, Kind
from studytui.library.errors import CourseError

OWN_PREFIX: Final = "own-"
_WORD: Final = re.compile(r"[a-z0-9]+")
_ID_LETTERS: Final = 40


@dataclass(frozen=True, slots=True)
class DraftField:
    """One field: what it is called, how it is written, which kinds have it and which cannot do without it.

    `lines` is how many lines a form gives it; one for a field that holds a line.
    """

    name: str
    title: str
    how: str = ""
    kinds: tuple[Kind, ...] = KINDS
    required: bool = False
    lines: int = 1

    def needed_by(self, kind: Kind) -> bool:
        """True if a card of that kind cannot be without it."""
        return kind in self.kinds and (self.required or (self.name == "lab" and kind == "exercise")) and not (
            self.name == "front" and kind == "exercise"
        )  # fmt: skip


FIELDS: Final = (
    DraftField("section", "Section", "2.2", required=True),
    DraftField("covers", "Objectives", "2.2-03, or 03 within the section", required=True),
    DraftField("front", "Front", "the question; a cloze has its blanks in {{answer|other spelling}}", lines=4,
               required=True),
    DraftField("options", "Options", "* the right one, wrong ones as: text :: why it is wrong", ("choice",), True, 5),
    DraftField("steps", "Steps", "one a line, in the right order", ("order",), True, 5),
    DraftField("pairs", "Pairs", "left = right; = right, for one that belongs to none", ("match",), True, 5),
    DraftField("answer", "Answer", "a number", ("numeric",), True),
    DraftField("unit", "Unit", "tokens", ("numeric",)),
    DraftField("tolerance", "Tolerance", "as far off as this is right", ("numeric",)),
    DraftField("tolerance_percent", "Tolerance in %", "as far off as this is right", ("numeric",)),
    DraftField("accept", "Also accept", "14 x 14, one a line", ("numeric",), lines=2),
    DraftField("mistakes", "Known mistakes", "14 :: that is one side, one a line", ("numeric",), lines=3),
    DraftField("points", "Points", "what an answer must say, one a line", ("open",), True, 4),
    DraftField("lab", "Lab", "patches.count image_size=224 patch_size=14|16; several values are drawn from"),
    DraftField("back", "Back", "the answer with its reason", lines=4),
    DraftField("hints", "Hints", "one a line", lines=2),
    DraftField("helpers", "Helpers", "eye patch"),
    DraftField("lens", "Lenses", "eye, where it is about a failure"),
    DraftField("tags", "Tags", "words of your own"),
    DraftField("group", "Group", "cards of one group are not shown on one day"),
    DraftField("dated", "Dated", "2026-11-01, the day a fact that ages was true"),
    DraftField("id", "Id", "made from the front if empty; the schedule hangs on it"),
)  # fmt: skip


def fields_of(kind: Kind) -> tuple[DraftField, ...]:
    """The fields of a kind, in the order they are asked for."""
    return tuple(field for field in FIELDS if kind in field.kinds)


def missing(kind: Kind, texts: Mapping[str, str]) -> list[DraftField]:
    """The fields that a card of this kind needs and that are still empty."""
    return [field for field in fields_of(kind) if field.needed_by(kind) and not texts.get(field.name, "").strip()]


def row_of(kind: Kind, texts: Mapping[str, str], taken: Container[str] = ()) -> dict[str, Any]:
    """The table of a card from the texts of its fields; empty ones are left out. `taken` are ids that are in use.

    Raises:
        CourseError: a text cannot be read as what its field holds; the schemas judge the rest.
    """
    given = {field.name: texts.get(field.name, "").strip() for field in fields_of(kind)}
    row: dict[str, Any] = {
        "id": given["id"] or own_id(given["front"] or given["back"], taken),
        "section": given["section"],
        "covers": [_objective(word, given["section"]) for word in _words(given["covers"])],
        "kind": kind,
    }
    for name, text in given.items():
        if text and name not in row:
            row |= _READERS[name](name, text) if name in _READERS else {name: text}
    return row


def own_id(front: str, taken: Container[str] = ()) -> str:
    """An id from the first words of a text: own-how-many-patches, with a number where that is taken."""
    plain = unicodedata.normalize("NFKD", front).encode("ascii", "ignore").decode().lower()
    slug = "-".join(_WORD.findall(plain))[:_ID_LETTERS].rstrip("-") or "card"
    number = 1
    while (name := f"{OWN_PREFIX}{slug}{f'-{number}' if number > 1 else ''}") in taken:
        number += 1
    return name


def _objective(word: str, section: str) -> str:
    return f"{section}-{word.zfill(2)}" if word.isdigit() else word


def _words(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text.strip()) if text.strip() else []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _options(name: str, text: str) -> dict[str, Any]:
    options: list[dict[str, Any]] = []
    for line in _lines(text):
        words, _, why = (part.strip() for part in line.removeprefix("*").partition("::"))
        options.append(
            {"text": words} | ({"correct": True} if line.startswith("*") else {}) | ({"why": why} if why else {})
        )
    if not any(option.get("correct") for option in options):
        raise CourseError("begin the line of the right option with *.", field=name)
    return {name: options}


def _pairs(name: str, text: str) -> dict[str, Any]:
    pairs, extra = [], []
    for line in _lines(text):
        left, equals, right = (part.strip() for part in line.partition("="))
        if not equals or not right:
            raise CourseError(f"“{line[:40]}” is no pair; write left = right.", field=name)
        if left:
            pairs.append([left, right])
        else:
            extra.append(right)
    return {name: pairs} | ({"extra": extra} if extra else {})


def _mistakes(name: str, text: str) -> dict[str, Any]:
    found = []
    for line in _lines(text):
        value, _, why = (part.strip() for part in line.partition("::"))
        found.append({"value": _number(name, value), "why": why})
    return {name: found}


def _lab(name: str, text: str) -> dict[str, Any]:
    exercise, *settings = text.split()
    link: dict[str, Any] = {"exercise": exercise}
    for setting in settings:
        knob, equals, value = setting.partition("=")
        if not equals or not value:
            raise CourseError(f"“{setting}” sets nothing; write image_size=224.", field=name)
        values = [_scalar(one) for one in value.split("|")]
        where = "vary" if len(values) > 1 else "set"
        link[where] = link.get(where, {}) | {knob: values if where == "vary" else values[0]}
    return {name: link}


def _scalar(text: str) -> int | float | bool | str:
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _number(name: str, text: str) -> int | float:
    value = _scalar(text.replace(",", ""))
    if isinstance(value, bool | str):
        raise CourseError(f"“{text[:40]}” is no number.", field=name)
    return value


_READERS: Final[dict[str, Callable[[str, str], dict[str, Any]]]] = {
    "options": _options,
    "pairs": _pairs,
    "mistakes": _mistakes,
    "lab": _lab,
    **dict.fromkeys(("steps", "accept", "points", "hints"), lambda name, text: {name: _lines(text)}),
    **dict.fromkeys(("helpers", "lens", "tags"), lambda name, text: {name: _words(text)}),
    **dict.fromkeys(("answer", "tolerance", "tolerance_percent"), lambda name, text: {name: _number(name, text)}),
}
