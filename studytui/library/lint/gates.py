"""Gates that cannot be passed as they are written: names the course does not have, labs that cannot ask, no card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Final

from labs import catalog
from labs.catalog import Exercise, UnknownExercise
from labs.protocol import ParamError
from studytui.domain.cards import Course, GateHead, Objective
from studytui.domain.gate_parts import Computed, Gate, Item
from studytui.library.errors import CourseError
from studytui.library.lint.report import Finding, finding_of

SEEDS_POSED: Final = 400
"""Showings in which a part has to find as many different problems as passing it and testing out take."""
FEWEST_POSED: Final = 20


def broken_gates(root: Path, course: Course, objectives: Sequence[Objective], covered: Set[str]) -> Iterator[Finding]:
    """Everything wrong with the gates of a course, whose cards cover the objectives in `covered`."""
    from studytui.library.gates import load_gate

    known = {
        "section": {section.id for chapter in course.chapters for section in chapter.sections},
        "objective": {objective.id for objective in objectives},
        "lens": {lens.id for lens in course.lenses},
    }
    for head in course.gates:
        try:
            gate = load_gate(root, head)
        except CourseError as error:
            yield finding_of(error)
            continue
        for item in gate.items:
            yield from _unknown(gate, item, known)
            for objective in item.objectives:
                if objective in known["objective"] and objective not in covered:
                    yield _finding(gate, item, "no-card", f"no card covers {objective}, so it cannot be recalled.")
            for part in item.parts:
                if isinstance(part, Computed):
                    yield from _lab(gate, head, item, part)


def _unknown(gate: Gate, item: Item, known: dict[str, set[str]]) -> Iterator[Finding]:
    points = [
        objective
        for part in item.parts
        if not isinstance(part, Computed)
        for point in part.question.points
        for objective in point.covers
    ]
    named = {"section": item.sections, "objective": (*item.objectives, *points), "lens": item.lenses}
    for what, names in named.items():
        for name in dict.fromkeys(names):
            if name not in known[what]:
                yield _finding(gate, item, f"unknown-{what}", f"the course has no {what} “{name}”.")


def _lab(gate: Gate, head: GateHead, item: Item, part: Computed) -> Iterator[Finding]:
    who = f"{item.id}/{part.id}"
    try:
        exercise = catalog.exercise(part.lab.exercise)
        found = _problems(exercise, part, wanted := part.count * head.test_out_days)
    except UnknownExercise as error:
        yield Finding("unknown-exercise", str(error), gate.path, part.line, who)
    except ParamError as error:
        message = f"{part.lab.exercise} cannot be posed: {error}"
        yield Finding("lab-parameter", message, gate.path, part.line, who)
    else:
        if found < wanted:
            message = f"it can ask only {found} different problems; testing out takes {wanted}."
            yield Finding("few-problems", message, gate.path, part.line, who)


def _problems(exercise: Exercise, part: Computed, wanted: int) -> int:
    """How many different problems the part asks, counted up to `wanted`."""
    seen: set[tuple[str, ...]] = set()
    for seed in range(SEEDS_POSED):
        problem = exercise.pose(catalog.draw(part.lab.vary, part.lab.fixed, seed), seed)
        seen.add((problem.prompt, *sorted(problem.options)))
        if len(seen) >= wanted and seed >= FEWEST_POSED:
            break
    return len(seen)


def _finding(gate: Gate, item: Item, rule: str, message: str) -> Finding:
    return Finding(rule, message, gate.path, item.line, item.id)
