"""Interview questions as the database keeps them: JSON that is read back without schemas."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from studytui.domain.rubric import CommonMistake, Point, Probe, Question

FORMAT: Final = 3
"""Part of the file's fingerprint: a new format makes it be compiled again."""

_LISTS: Final = ("phrasings", "contradicts", "patterns", "covers", "says", "denies", "near")


def encode(question: Question) -> str:
    """The question as one line of JSON."""
    return json.dumps(asdict(question), ensure_ascii=False, separators=(",", ":"))


def decode(payload: str) -> Question:
    """The question of a payload.

    Raises:
        KeyError, ValueError, TypeError: the payload was not made by `encode`.
    """
    data: dict[str, Any] = json.loads(payload)
    for name in ("sections", "covers", "lenses"):
        data[name] = tuple(data[name])
    return Question(
        **data
        | {
            "points": tuple(_point(point) for point in data["points"]),
            "mistakes": tuple(CommonMistake(**mistake) for mistake in data["mistakes"]),
            "probes": tuple(Probe(**probe) for probe in data["probes"]),
        }
    )


def _point(data: dict[str, Any]) -> Point:
    lists = {name: tuple(data.get(name, ())) for name in _LISTS}
    return Point(**data | lists)
