"""What a gate asks for: its items, and their parts to explain, to compute and to give reasons for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import LabLink
from studytui.domain.retention import Spacing
from studytui.domain.rubric import Question

PartKind: TypeAlias = Literal["explain", "compute", "reason"]
PASS_SCORE: Final = 0.75
"""The share of a rubric an answer has to cover where the file names none."""


@dataclass(frozen=True, slots=True)
class Written:
    """Explain from memory, or give the reason: an answer in words, held against a rubric."""

    id: str
    kind: PartKind
    title: str
    question: Question
    pass_score: float = PASS_SCORE
    line: int = 0


@dataclass(frozen=True, slots=True)
class Computed:
    """`count` right answers in a row to problems of a lab, each with numbers of its own."""

    id: str
    title: str
    lab: LabLink
    count: int = 1
    line: int = 0
    kind: PartKind = field(default="compute", init=False)


Part: TypeAlias = Written | Computed


@dataclass(frozen=True, slots=True)
class Item:
    """One foundation: its objectives, the sections that teach it and the parts that show it."""

    id: str
    title: str
    objectives: tuple[str, ...]
    sections: tuple[str, ...]
    parts: tuple[Part, ...]
    lenses: tuple[str, ...] = ()
    line: int = 0

    def key(self, part: Part) -> str:
        """How the log names a part."""
        return f"{self.id}/{part.id}"


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that must be shown before what the gate unlocks. `module` is how that is named on a command line."""

    id: str
    title: str
    unlocks: str
    module: str
    path: str
    items: tuple[Item, ...]
    spacing: Spacing = field(default_factory=Spacing)
    test_out_days: int = 2

    def parts(self) -> Iterable[tuple[Item, Part]]:
        """Every part with its item, in order."""
        return ((item, part) for item in self.items for part in item.parts)
