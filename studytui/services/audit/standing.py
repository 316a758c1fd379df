"""Where a learner stands at a gate: the verdict of the log, the shortest path, and what to say of it in a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from studytui.domain.cards import GateHead
from studytui.domain.gate import GateVerdict, verdict
from studytui.domain.gate_parts import Gate
from studytui.domain.gate_path import Path, shortest_path
from studytui.domain.retention import Recalled
from studytui.services.audit.evidence import GateLog, read_log
from studytui.services.audit.gates import gate_key, gate_of, head_of
from studytui.services.workspace import Workspace
from studytui.store import Store
from studytui.store.gate_log import CourseCard, course_cards, gate_rows, scheduled_reviews


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate with everything the log says about it. `cards` are those that cover its objectives, by their key."""

    gate: Gate
    verdict: GateVerdict
    path: Path
    log: GateLog
    recalled: tuple[Recalled, ...]
    cards: dict[str, CourseCard] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """What the gate unlocks is open: it is ready, or was opened without being passed."""
        return self.verdict.is_ready or self.log.override is not None


def standing(workspace: Workspace, head: GateHead | None = None) -> Standing:
    """Where the learner stands at a gate, the course's first one if none is named. Call it in a thread.

    Raises:
        NoGate: the course declares none.
        CourseError: the gate's file is missing or wrong.
        StoreError: the database cannot be read.
    """
    gate = gate_of(workspace, head or head_of(workspace.course))
    return standing_at(workspace.store, workspace.course.id, gate, workspace.today())


def standing_at(store: Store, course_id: str, gate: Gate, day: date) -> Standing:
    """Where the learner stands at a gate of any course the database knows.

    Raises:
        StoreError: the database cannot be read.
    """
    number = store.course_no(gate_key(course_id, gate.id))
    log = read_log(gate_rows(store, number)) if number is not None else GateLog()
    course_no = store.course_no(course_id)
    objectives = {objective for item in gate.items for objective in item.objectives}
    found = _covering(course_cards(store, course_no) if course_no is not None else [], objectives)
    reviews = scheduled_reviews(store, [card.no for card, _ in found])
    recalled = tuple(
        Recalled(card.key, covers, reviews[card.no], card.due_on, card.suspended) for card, covers in found
    )
    verdicts = verdict(gate, (answer.as_attempt() for answer in log.answers), recalled, day)
    return Standing(
        gate, verdicts, shortest_path(verdicts, recalled), log, recalled, {card.key: card for card, _ in found}
    )


def _covering(cards: Iterable[CourseCard], objectives: set[str]) -> list[tuple[CourseCard, tuple[str, ...]]]:
    """The cards that cover one of the objectives, with what they cover."""
    found = []
    for card in cards:
        data: dict[str, Any] = json.loads(card.payload)
        covers = tuple(str(each) for each in data.get("covers", ()))
        if objectives.intersection(covers):
            found.append((card, covers))
    return found
