"""Linting a course: formats, ids and links first, then what makes a card hard to answer or easy to guess."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from pathlib import Path
from typing import Final

from studytui.domain.cards import Card
from studytui.library.course_words import CourseWords
from studytui.library.errors import CourseError
from studytui.library.lint.answers import contradictory_answers
from studytui.library.lint.dated import stale
from studytui.library.lint.gates import broken_gates
from studytui.library.lint.interview import poor_interview
from studytui.library.lint.links import broken_links, misfiled, uncovered
from studytui.library.lint.own import wrong_in, wrong_settings
from studytui.library.lint.recall import poor_quizzes
from studytui.library.lint.report import Finding, Places, Report, about, finding_of
from studytui.library.lint.style import weak_cards
from studytui.library.lint.texts import marred_texts
from studytui.library.lint.wanted import Wanted, wanted
from studytui.library.lint.words import near_words, units_spelt_apart
from studytui.library.loader import card_files, load_course, load_syllabus, read_cards
from studytui.library.own import own_files, read_own_cards
from studytui.library.toml_source import read_text

__all__ = ["Finding", "Report", "Wanted", "check", "finding_of", "readable_cards", "wanted"]

_OBJECTIVE: Final = re.compile(r"(?<!\d)\d++\.\d++-\d++")


def check(root: Path, *, today: date, own: Path | None = None, settings: Path | None = None) -> Report:
    """All findings in a course, in the order of its files. `today` is the day dated lists are held against.

    `own` tells a learner's folder by the course's id: its cards are held against formats, ids and links, and counted
    apart from the course's. `settings` is the learner's settings file.

    Raises:
        CourseError: course.toml or the syllabus cannot be read, so that nothing else can be judged.
    """
    course = load_course(root)
    objectives = load_syllabus(root)
    findings = list(wrong_settings(settings)) if settings is not None else []
    cards: list[Card] = []
    seen: dict[str, str] = {}
    unread: set[str] = set()
    for path in card_files(course):
        try:
            found, errors = read_cards(root, path)
        except CourseError as error:
            findings.append(finding_of(error))
            unread |= _objectives_named(root, path)
            continue
        findings += [finding_of(error) for error in errors]
        unread |= _objectives_named(root, path) if errors else set()
        for card in found:
            if card.id in seen:
                findings.append(about(card, "duplicate-id", f"this id stands in {seen[card.id]} too.", field="id"))
            seen.setdefault(card.id, str(card.source))
        cards += found
    covered = {objective for card in cards for objective in card.covers}
    findings += broken_links(root, course, objectives, cards)
    findings += misfiled(course, cards)
    findings += weak_cards(cards)
    findings += contradictory_answers(cards)
    findings += marred_texts(root, course, cards)
    findings += near_words(cards, CourseWords(root).all())
    findings += units_spelt_apart(cards)
    findings += stale(root, course, cards, today)
    findings += uncovered(root, objectives, covered | unread)
    findings += broken_gates(root, course, objectives, covered | unread)
    findings += poor_quizzes(root, course, objectives)
    findings += poor_interview(root, course, objectives)
    findings = list(map(Places(root).placed, findings))
    if own is not None:
        findings += wrong_in(own, course, objectives, seen)
    return Report(
        cards=len(cards),
        machine_checked=sum(card.is_machine_checked for card in cards),
        objectives=len(objectives),
        objectives_covered=len(covered & {one.id for one in objectives}),
        findings=tuple(sorted(findings, key=lambda finding: (finding.path, finding.line))),
    )


def readable_cards(root: Path, own: Path | None = None) -> list[Card]:
    """The cards of a course, and of a learner's folder with whole paths, that can be read whatever else is wrong.

    Raises:
        CourseError: course.toml cannot be read.
    """
    cards: list[Card] = []
    for path in card_files(load_course(root)):
        with contextlib.suppress(CourseError):
            cards += read_cards(root, path)[0]
    for name in own_files(own) if own is not None else ():
        with contextlib.suppress(CourseError):
            cards += read_own_cards(own or root, name)[0]
    return cards


def _objectives_named(root: Path, path: str) -> set[str]:
    """What a file with an error in it covers in all likelihood: one error is one finding, not one an objective."""
    try:
        return set(_OBJECTIVE.findall(read_text(root, path)))
    except CourseError:
        return set()
