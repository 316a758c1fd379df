"""A chapter's text, cut into its sections by the headings `## 2.1 Title`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studytui.domain.cards import Chapter
from studytui.library.errors import CourseError
from studytui.library.toml_source import read_text

LARGEST_BYTES: Final = 1_000_000
_HEADING: Final = re.compile(r"## +([0-9]{1,4}\.[0-9]{1,4})[ \t]+(\S.*)")
_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})")
DATED: Final = re.compile(r"<!--\s*dated:\s*(\d{4}-\d{2}-\d{2})\s*-->")


@dataclass(frozen=True, slots=True)
class SectionText:
    """One section: its number, its heading, the Markdown below it and the heading's line."""

    id: str
    title: str
    markdown: str
    line: int


def load_chapter(root: Path, chapter: Chapter) -> tuple[str, list[SectionText]]:
    """(the text before the first section, the sections in the order of the file).

    Raises:
        CourseError: the file cannot be read.
    """
    return split_sections(chapter_text(root, chapter))


def chapter_text(root: Path, chapter: Chapter) -> str:
    """The Markdown of a chapter.

    Raises:
        CourseError: the file cannot be read.
    """
    return read_text(root, f"content/{chapter.text}", largest=LARGEST_BYTES)


def split_sections(text: str) -> tuple[str, list[SectionText]]:
    """Cut at the section headings; headings inside fenced code are text."""
    intro: list[str] = []
    found: list[tuple[str, str, int, list[str]]] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading:
            title = heading[2].rstrip()
            found.append((heading[1], title.rstrip("#").rstrip() or title, number, []))
        elif not DATED.fullmatch(line.strip()):
            (found[-1][3] if found else intro).append(line)
    return "\n".join(intro).strip(), [
        SectionText(section, title, "\n".join(lines).strip(), number) for section, title, number, lines in found
    ]


def dated_lines(text: str) -> list[tuple[int, str]]:
    """(line, day) of each list that ages, as its author dated it."""
    return [(number, match[1]) for number, line in enumerate(text.split("\n"), 1) if (match := DATED.search(line))]


__all__ = ["CourseError", "SectionText", "dated_lines", "load_chapter", "split_sections"]
