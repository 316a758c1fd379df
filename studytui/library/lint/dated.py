"""Facts that age: cards and lists that carry a day, and are due to be looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from studytui.domain.cards import Card, Course
from studytui.library.chapters import chapter_text, dated_lines
from studytui.library.errors import CourseError
from studytui.library.lint.report import Finding

GOOD_FOR_DAYS: Final = 180
"""A list of leading systems is looked at again after half a year."""


def stale(root: Path, course: Course, cards: Sequence[Card], today: date) -> Iterator[Finding]:
    """Warnings for what was dated longer ago than `GOOD_FOR_DAYS`, and errors for days that are none."""
    for card in cards:
        if card.dated:
            yield from _held_against(card.dated, today, card.source.path, card.source.line, card.id)
    for chapter in course.chapters:
        path = f"content/{chapter.text}"
        try:
            text = chapter_text(root, chapter)
        except CourseError:
            continue
        for line, day in dated_lines(text):
            yield from _held_against(day, today, path, line, "")


def _held_against(text: str, today: date, path: str, line: int, card: str) -> Iterator[Finding]:
    try:
        age_days = (today - date.fromisoformat(text)).days
    except ValueError:
        yield Finding("dated", f"“{text}” is no day.", path, line, card)
        return
    if age_days > GOOD_FOR_DAYS:
        message = f"dated {text}, {age_days} days ago; look at it again and set a new date."
        yield Finding("dated", message, path, line, card, "warning")
