"""The learner's own cards, notes and settings: whether they can be read, and whether they lead where they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from studytui.domain.cards import Card, Course, Objective
from studytui.library.errors import CourseError
from studytui.library.lint.answers import contradictory_answers
from studytui.library.lint.links import broken_card_links
from studytui.library.lint.report import Finding, Places, about, finding_of
from studytui.library.lint.texts import marred_cards
from studytui.library.own import load_overrides, own_files, read_own_cards
from studytui.library.settings_file import read_what_is_right


def wrong_in(
    folder: Path, course: Course, objectives: Sequence[Objective], taken: Mapping[str, str]
) -> Iterator[Finding]:
    """What is wrong in a learner's folder, with whole paths. `taken` tells where the ids of the course stand."""
    seen = dict(taken)
    cards: list[Card] = []
    try:
        names = own_files(folder)
    except CourseError as error:
        yield finding_of(error)
        names = []
    for name in names:
        try:
            found, errors = read_own_cards(folder, name)
        except CourseError as error:
            found, errors = [], [error]
        yield from map(finding_of, errors)
        for card in found:
            if card.id in seen:
                message = f"this id stands in {seen[card.id]} too."
                yield about(card, "duplicate-id", message, field="id")
            seen.setdefault(card.id, str(card.source))
        cards += found
    places = Places(folder)
    rules = (broken_card_links(course, objectives, cards), contradictory_answers(cards), marred_cards(cards))
    yield from (places.placed(finding) for findings in rules for finding in findings)
    try:
        load_overrides(folder)
    except CourseError as error:
        yield finding_of(error)


def wrong_settings(path: Path) -> Iterator[Finding]:
    """What is wrong in a learner's settings."""
    for error in read_what_is_right(path)[1]:
        message = str(error).removeprefix(f"{path}:{error.line}: ")
        yield Finding("settings", message, str(path), max(1, error.line))
