"""Links that lead nowhere: sections, objectives, helpers, lenses, lab exercises; and objectives without a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Final

from labs import catalog
from labs.catalog import UnknownExercise
from labs.protocol import ParamError
from studytui.domain.cards import Card, Course, Objective
from studytui.library.chapters import load_chapter
from studytui.library.errors import CourseError
from studytui.library.lint.report import Finding, about, finding_of
from studytui.library.loader import SYLLABUS_FILE
from studytui.library.toml_source import read

SEEDS_POSED: Final = 5


def broken_links(
    root: Path, course: Course, objectives: Sequence[Objective], cards: Sequence[Card]
) -> Iterator[Finding]:
    """Everything a card or chapter names that the course does not have."""
    yield from broken_card_links(course, objectives, cards)
    for chapter in course.chapters:
        try:
            _, sections = load_chapter(root, chapter)
        except CourseError as error:
            yield finding_of(error)
            continue
        titles = {section.id: section.title for section in chapter.sections}
        written = {section.id for section in sections if section.markdown}
        path = f"content/{chapter.text}"
        for wanted in chapter.sections:
            if wanted.id not in written:
                yield Finding(
                    "missing-text", f"section {wanted.id} has no text under a heading “## {wanted.id} …”.", path, 1
                )
        for section in sections:
            if section.id not in titles:
                yield Finding("unknown-section", f"course.toml has no section {section.id}.", path, section.line)
            elif section.title != titles[section.id]:
                message = f"the heading says “{section.title}”, course.toml “{titles[section.id]}”."
                yield Finding("other-heading", message, path, section.line)


def broken_card_links(course: Course, objectives: Sequence[Objective], cards: Sequence[Card]) -> Iterator[Finding]:
    """Everything a card names that the course or the labs do not have."""
    known = _known(course, objectives)
    for card in cards:
        for rule, field, message in _unknown(known, card):
            yield about(card, rule, message, field=field)


def unknown_links(course: Course, objectives: Sequence[Objective], card: Card) -> Iterator[tuple[str, str]]:
    """(field, message) for everything one card names that the course or the labs do not have."""
    for _, field, message in _unknown(_known(course, objectives), card):
        yield field, message


def _known(course: Course, objectives: Sequence[Objective]) -> dict[str, set[str]]:
    return {
        "section": {section.id for chapter in course.chapters for section in chapter.sections},
        "objective": {objective.id for objective in objectives},
        "helper": {helper.id for helper in course.helpers},
        "lens": {lens.id for lens in course.lenses},
    }


def _unknown(known: dict[str, set[str]], card: Card) -> Iterator[tuple[str, str, str]]:
    """(rule, field, message)"""
    named = {
        "section": ("section", (card.section,)),
        "objective": ("covers", card.covers),
        "helper": ("helpers", card.helpers),
        "lens": ("lens", card.lenses),
    }
    for what, (field, ids) in named.items():
        for one in ids:
            if one not in known[what]:
                yield f"unknown-{what}", field, f"the course has no {what} “{one}”."
    if card.lab is None:
        return
    try:
        exercise = catalog.exercise(card.lab.exercise)
        for seed in range(SEEDS_POSED):
            exercise.pose(catalog.draw(card.lab.vary, card.lab.fixed, seed), seed)
    except UnknownExercise as error:
        yield "unknown-exercise", "lab", str(error)
    except ParamError as error:
        yield "lab-parameter", "lab", f"{card.lab.exercise} cannot be posed: {error}"


def uncovered(root: Path, objectives: Sequence[Objective], covered: Set[str]) -> Iterator[Finding]:
    """Objectives that no card covers, at their line in the syllabus."""
    places = read(root, SYLLABUS_FILE).places.get("fact", [])
    for objective, place in zip(objectives, places, strict=False):
        if objective.id not in covered:
            yield Finding("uncovered", f"no card covers objective {objective.id}.", SYLLABUS_FILE, place.line)


def misfiled(course: Course, cards: Sequence[Card]) -> Iterator[Finding]:
    """Cards that stand in the file of another chapter than that of their section."""
    home = {section.id: f"content/{chapter.cards}" for chapter in course.chapters for section in chapter.sections}
    for card in cards:
        if (file := home.get(card.section, card.source.path)) != card.source.path:
            yield about(card, "misfiled", f"section {card.section} has its cards in {file}.", field="section")
