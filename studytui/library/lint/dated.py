"""Facts that age: cards and lists that carry a day, and are due to be looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from studytui.domain.cards import Card, Course
from studytui.library.chapters import chapter_text, dated_lines
from studytui.library.errors import CourseError
from studytui.library.lint.report import Finding, Level, about

GOOD_FOR_DAYS: Final = 180
"""A list of leading systems is looked at again after half a year."""


def stale(root: Path, course: Course, cards: Sequence[Card], today: date) -> Iterator[Finding]:
    """Warnings for what was dated longer ago than `GOOD_FOR_DAYS`, and errors for days that are none."""
    for card in cards:
        if card.dated and (wrong := _held_against(card.dated, today)):
            level, message = wrong
            yield about(card, "dated", message, field="dated", level=level)
    for chapter in course.chapters:
        path = f"content/{chapter.text}"
        try:
            text = chapter_text(root, chapter)
        except CourseError:
            continue
        for line, day in dated_lines(text):
            if wrong := _held_against(day, today):
                level, message = wrong
                yield Finding("dated", message, path, line, level=level)


def _held_against(text: str, today: date) -> tuple[Level, str] | None:
    try:
        age_days = (today - date.fromisoformat(text)).days
    except ValueError:
        return "error", f"“{text}” is no day."
    if age_days > GOOD_FOR_DAYS:
        return "warning", f"dated {text}, {age_days} days ago; look at it again and set a new date."
    return None
