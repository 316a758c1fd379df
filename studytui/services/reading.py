"""What the reader shows: a chapter's text by section, its objectives, and the place where reading was left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from studytui.domain.cards import Chapter, Objective
from studytui.store import StoreError

if TYPE_CHECKING:
    from studytui.services.workspace import Workspace

SCOPE: Final = "reading"


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

    @classmethod
    def read(cls, noted: Any) -> Self:
        """A bookmark from its JSON; raises one of `learner_state.UNREADABLE` if it is none."""
        return cls(str(noted["section"]), min(1.0, max(0.0, float(noted["share"]))))


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
        return workspace.store.state(SCOPE, workspace.course.id, Bookmark.read)
    except (StoreError, ValueError):
        return None


def save_bookmark(workspace: Workspace, bookmark: Bookmark) -> None:
    """Note where reading was left. A database that cannot be written loses the place and nothing else."""
    with suppress(StoreError):
        workspace.store.put_state(SCOPE, workspace.course.id, asdict(bookmark), at=workspace.clock.now())


def place_of(chapters: Sequence[Chapter], section: str) -> Chapter | None:
    """The chapter a section belongs to, or the first one."""
    return next((c for c in chapters if any(s.id == section for s in c.sections)), chapters[0] if chapters else None)
