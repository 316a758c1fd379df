"""Objectives with an idea for a lab: those whose exercise exists, and those that still want one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labs import catalog
from studytui.domain.cards import Card, Objective


@dataclass(frozen=True, slots=True)
class Wanted:
    """An objective with a lab idea. `exercises` are those that serve it, `linked` the cards that run one of them."""

    objective: str
    idea: str
    exercises: tuple[str, ...]
    linked: tuple[str, ...]

    @property
    def is_served(self) -> bool:
        """True if an exercise exists for it."""
        return bool(self.exercises)

    def __str__(self) -> str:
        state = (
            f"linked by {', '.join(self.linked)}" if self.linked else "no card links it" if self.exercises else "wanted"
        )
        names = ", ".join(self.exercises) or "no exercise yet"
        return f"{self.objective}  {names}  ({state}): {self.idea}"

    def to_json(self) -> dict[str, Any]:
        """Keys: objective, idea, exercises, linked."""
        return asdict(self)


def wanted(objectives: Sequence[Objective], cards: Sequence[Card]) -> list[Wanted]:
    """Every objective with a lab idea, in the order of the syllabus."""
    serving: dict[str, list[str]] = {}
    for exercise in catalog.exercises():
        for covered in exercise.covers:
            serving.setdefault(covered, []).append(exercise.name)
    found = []
    for objective in objectives:
        if not objective.lab:
            continue
        exercises = tuple(serving.get(objective.id, ()))
        linked = tuple(
            card.id for card in cards if objective.id in card.covers and card.lab and card.lab.exercise in exercises
        )
        found.append(Wanted(objective.id, objective.lab, exercises, linked))
    return found
