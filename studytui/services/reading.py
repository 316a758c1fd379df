"""What the reader shows: a chapter's text by section, its objectives, and the place where reading was left."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from studytui.domain.cards import Chapter, Objective
from studytui.services.workspace import Workspace

BOOKMARKS: Final = "reading.json"


@dataclass(frozen=True, slots=True)
class Passage:
    """One section's text as Markdown, with its heading. The text before the first section has the id ""."""

    section: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where reading was left: the section and how much of it lay above the screen, 0 to 1."""

    section: str
    share: float = 0.0


def passages(workspace: Workspace, chapter: Chapter) -> list[Passage]:
    """The text of a chapter, section by section.

    Raises:
        CourseError: the file cannot be read.
    """
    from studytui.library.chapters import load_chapter

    intro, sections = load_chapter(workspace.root, chapter)
    found = [Passage("", intro)] if intro.strip() else []
    return found + [Passage(s.id, f"## {s.id} {s.title}\n\n{s.markdown}") for s in sections]


def objectives(workspace: Workspace) -> dict[str, list[Objective]]:
    """The learning objectives of each section.

    Raises:
        CourseError: the syllabus cannot be read.
    """
    from studytui.library.loader import load_syllabus

    found: defaultdict[str, list[Objective]] = defaultdict(list)
    for objective in load_syllabus(workspace.root):
        found[objective.section].append(objective)
    return dict(found)


def load_bookmark(workspace: Workspace) -> Bookmark | None:
    """Where reading of this course was left; None if it never was, or the note of it cannot be read."""
    try:
        noted = _notes(workspace)[workspace.course.id]
        return Bookmark(str(noted["section"]), min(1.0, max(0.0, float(noted["share"]))))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_bookmark(workspace: Workspace, bookmark: Bookmark) -> None:
    """Note where reading was left. A folder that cannot be written loses the place and nothing else."""
    try:
        notes = _notes(workspace)
    except (OSError, ValueError):
        notes = {}
    path = _path(workspace)
    draft = path.with_suffix(".new")
    try:
        draft.write_text(json.dumps(notes | {workspace.course.id: asdict(bookmark)}), encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)


def place_of(chapters: Sequence[Chapter], section: str) -> Chapter | None:
    """The chapter a section belongs to, or the first one."""
    return next((c for c in chapters if any(s.id == section for s in c.sections)), chapters[0] if chapters else None)


def _notes(workspace: Workspace) -> dict[str, Any]:
    notes: Any = json.loads(_path(workspace).read_text(encoding="utf-8"))
    if not isinstance(notes, dict):
        raise ValueError("the note of the reading place holds no table")  # noqa: TRY004
    return notes


def _path(workspace: Workspace) -> Path:
    return workspace.store.path.parent / BOOKMARKS
