"""What is recalled and worked out beside the cards: prompts for free recall, and exercises for pen and paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from studytui.domain.cards import Source

Level: TypeAlias = Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to answer from memory, a model answer, and the points by which the learner judges."""

    id: str
    section: str
    covers: tuple[str, ...]
    ask: str
    answer: str
    points: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Task:
    """A task to work out, what a strong answer contains, the usual weak moves, and one worked answer."""

    id: str
    section: str
    covers: tuple[str, ...]
    level: Level
    minutes: int
    task: str
    strong: tuple[str, ...]
    traps: tuple[str, ...]
    worked: str
    source: Source
