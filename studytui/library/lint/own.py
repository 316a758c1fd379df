"""The learner's own cards and notes: whether they can be read, and whether they lead where they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from studytui.domain.cards import Card, Course, Objective
from studytui.library.errors import CourseError
from studytui.library.lint.answers import contradictory_answers
from studytui.library.lint.links import broken_card_links
from studytui.library.lint.report import Finding, Places, about, finding_of
from studytui.library.lint.texts import marred_cards
from studytui.library.loader import read_cards
from studytui.library.own import PREFIX, load_overrides, own_files


def wrong_in(
    folder: Path, course: Course, objectives: Sequence[Objective], taken: Mapping[str, str]
) -> Iterator[Finding]:
    """What is wrong in a learner's folder, with whole paths. `taken` tells where the ids of the course stand."""
    seen = dict(taken)
    cards: list[Card] = []
    for name in own_files(folder):
        try:
            found, errors = read_cards(folder, name.removeprefix(PREFIX))
        except CourseError as error:
            found, errors = [], [error]
        yield from (_at(folder, finding_of(error)) for error in errors)
        for card in found:
            if card.id in seen:
                message = f"this id stands in {seen[card.id]} too."
                yield _at(folder, about(card, "duplicate-id", message, field="id"))
            seen.setdefault(card.id, str(card.source))
        cards += found
    places = Places(folder)
    rules = (broken_card_links(course, objectives, cards), contradictory_answers(cards), marred_cards(cards))
    yield from (_at(folder, places.placed(finding)) for findings in rules for finding in findings)
    try:
        load_overrides(folder)
    except CourseError as error:
        yield _at(folder, finding_of(error))


def _at(folder: Path, finding: Finding) -> Finding:
    return replace(finding, path=str(folder / finding.path.removeprefix(PREFIX)))
