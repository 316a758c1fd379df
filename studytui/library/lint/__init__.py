"""Linting a course: formats, ids and links first, then what makes a card hard to answer or easy to guess."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from studytui.domain.cards import Card
from studytui.library.errors import CourseError
from studytui.library.lint.dated import stale
from studytui.library.lint.gates import broken_gates
from studytui.library.lint.interview import poor_interview
from studytui.library.lint.links import broken_links, uncovered
from studytui.library.lint.own import wrong_in, wrong_settings
from studytui.library.lint.recall import poor_quizzes
from studytui.library.lint.report import Finding, Report, finding_of
from studytui.library.lint.style import weak_cards
from studytui.library.lint.wanted import Wanted, wanted
from studytui.library.loader import card_files, load_course, load_syllabus, read_cards

__all__ = ["Finding", "Report", "Wanted", "check", "finding_of", "wanted"]


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
    for path in card_files(course):
        try:
            found, errors = read_cards(root, path)
        except CourseError as error:
            findings.append(finding_of(error))
            continue
        findings += [finding_of(error) for error in errors]
        for card in found:
            if card.id in seen:
                findings.append(
                    Finding("duplicate-id", f"this id stands in {seen[card.id]} too.", path, card.source.line, card.id)
                )
            seen.setdefault(card.id, str(card.source))
        cards += found
    findings += broken_links(root, course, objectives, cards)
    findings += weak_cards(cards)
    findings += stale(root, course, cards, today)
    findings += uncovered(root, objectives, cards)
    findings += broken_gates(root, course, objectives, cards)
    findings += poor_quizzes(root, course, objectives)
    findings += poor_interview(root, course, objectives)
    if own is not None:
        findings += wrong_in(own, course, objectives, seen)
    covered = {objective for card in cards for objective in card.covers} & {one.id for one in objectives}
    return Report(
        cards=len(cards),
        machine_checked=sum(card.is_machine_checked for card in cards),
        objectives=len(objectives),
        objectives_covered=len(covered),
        findings=tuple(sorted(findings, key=lambda finding: (finding.path, finding.line))),
    )
