"""Cards as the database keeps them: JSON that is read back without schemas, for the first card must not wait."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from studytui.domain.cards import (
    Basic,
    Blank,
    Body,
    Card,
    Choice,
    Cloze,
    Exercise,
    LabLink,
    Match,
    Mistake,
    Numeric,
    Open,
    Option,
    Order,
    Source,
)

FORMAT: Final = 3
"""Part of each file's fingerprint: a new format makes every file be compiled again."""


def encode(card: Card) -> str:
    """The card as one line of JSON; what is empty is left out."""
    data = {name: value for name, value in asdict(card).items() if value not in ("", (), None, {})}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def decode(payload: str) -> Card:
    """The card of a payload.

    Raises:
        KeyError, ValueError, TypeError: the payload was not made by `encode`.
    """
    data: dict[str, Any] = json.loads(payload)
    lab = data.get("lab")
    return Card(
        id=data["id"],
        section=data["section"],
        covers=tuple(data.get("covers", ())),
        kind=data["kind"],
        front=data.get("front", ""),
        back=data.get("back", ""),
        body=_body(data["kind"], data.get("body", {})),
        source=Source(**data["source"]),
        helpers=tuple(data.get("helpers", ())),
        lenses=tuple(data.get("lenses", ())),
        tags=tuple(data.get("tags", ())),
        hints=tuple(data.get("hints", ())),
        group=data.get("group", ""),
        lab=LabLink(lab["exercise"], lab["fixed"], {k: tuple(v) for k, v in lab["vary"].items()}) if lab else None,
        dated=data.get("dated", ""),
        note=data.get("note", ""),
    )


def _body(kind: str, data: dict[str, Any]) -> Body:
    match kind:
        case "cloze":
            return Cloze(tuple(data["segments"]), tuple(Blank(tuple(b["accepted"])) for b in data["blanks"]))
        case "choice":
            return Choice(tuple(Option(**option) for option in data["options"]))
        case "order":
            return Order(tuple(data["steps"]))
        case "match":
            return Match(tuple((left, right) for left, right in data["pairs"]), tuple(data["extra"]))
        case "numeric":
            mistakes = tuple(Mistake(**mistake) for mistake in data.pop("mistakes"))
            return Numeric(**data | {"accept": tuple(data["accept"])}, mistakes=mistakes)
        case "exercise":
            return Exercise()
        case "open":
            return Open(tuple(data["points"]))
    return Basic()
