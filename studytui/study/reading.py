"""Which sections were read or are known, how long each takes to read, and which bring no new cards until then.

Kept with the learner's state, by the id of the course: a row for each section, and one for the study day on which a
home began with nothing read. A home without one has been studied in for longer, and all its sections count as known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from studytui.course.loader import load_chapter
from studytui.domain.cards import Chapter, Course
from studytui.domain.queue import Scope
from studytui.errors import CourseError, StoreError

if TYPE_CHECKING:
    from studytui.study.workspace import Workspace

How: TypeAlias = Literal["read", "known"]

BEGAN: Final = "began-unread/"
"""Before the course's id: the study days on which a home of this course began with nothing read."""
SECTIONS: Final = "sections/"
"""Before the course's id: the sections that were read or declared known, and those that are unread again: a row that
was only taken away would come back with another machine's answers."""
UNREAD: Final = "unread"
WORDS_A_MINUTE: Final = 200
FEWEST_WORDS: Final = 20
"""A section with fewer words has nothing to read."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A section that is to be read: how long that takes, and how many new cards a day may take from it."""

    section: str
    title: str
    minutes: int
    new: int = 0

    @property
    def name(self) -> str:
        """Its number and title."""
        return f"{self.section} {self.title}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a section stands: whole minutes to read it (0: nothing to read), and whether that was done.

    `how` is None where neither was noted; then `is_waited_for` tells whether new cards wait for it to be read.
    """

    minutes: int
    how: How | None
    is_waited_for: bool = False


def readings(workspace: Workspace) -> dict[str, Reading]:
    """How each section of the course stands.

    Raises:
        StoreError: the database cannot be read.
    """
    done, minutes, unread = read_or_known(workspace), reading_minutes(workspace), set(unread_sections(workspace))
    return {
        section.id: Reading(minutes.get(section.id, 0), done.get(section.id), section.id in unread)
        for chapter in workspace.course.chapters
        for section in chapter.sections
    }


def begin_unread(workspace: Workspace) -> None:
    """Let the course begin with nothing read where nothing of it was answered yet; for fronts in which one can read.

    Where that cannot be noted, all of it counts as known.
    """
    store, name = workspace.store, f"{BEGAN}{workspace.course.id}"
    with suppress(StoreError):
        if not store.states(name, bool) and not store.answered_before(workspace.course_no, date.max):
            store.put_state(name, workspace.today().isoformat(), True, at=workspace.clock.now())


def unread_sections(workspace: Workspace) -> tuple[str, ...]:
    """The sections that bring no new cards yet: they have a text, and were neither read nor declared known.

    None with the setting off, and in a home that was studied in before there was the rule, also if its answers were
    merged into this one.

    Raises:
        StoreError: the database cannot be read.
    """
    return _not_read(workspace) if workspace.settings.read_first and _began(workspace) else ()


def _began(workspace: Workspace) -> bool:
    """True where the course began with nothing read, and no answer is from before that day."""
    store, name = workspace.store, f"{BEGAN}{workspace.course.id}"
    days = []
    for noted in store.states(name, bool):
        with suppress(ValueError):
            days.append(date.fromisoformat(noted))
    return bool(days) and not store.answered_before(workspace.course_no, min(days))


def _not_read(workspace: Workspace) -> tuple[str, ...]:
    done = read_or_known(workspace)
    words = section_words(workspace)
    return tuple(
        section.id
        for chapter in workspace.course.chapters
        for section in chapter.sections
        if section.id not in done and words.get(section.id, 0) >= FEWEST_WORDS
    )


def read_or_known(workspace: Workspace) -> dict[str, How]:
    """The sections that were read or declared known, and which of the two.

    Raises:
        StoreError: the database cannot be read.
    """
    found = workspace.store.states(f"{SECTIONS}{workspace.course.id}", _how)
    return {section: how for section, how in found.items() if how is not None}


def _how(noted: Any) -> How | None:
    how = noted["how"]
    return None if how == UNREAD else "read" if how == "read" else "known"


def mark(workspace: Workspace, sections: Iterable[str], how: How) -> tuple[str, ...]:
    """Note sections as read or known; returns those that were not yet. A note that is there stays as it is.

    Raises:
        StoreError: the note cannot be written.
    """
    done = read_or_known(workspace)
    fresh = tuple(section for section in sections if section not in done)
    _note(workspace, fresh, how)
    return fresh


def unmark(workspace: Workspace, sections: Iterable[str]) -> None:
    """Let sections be unread again.

    Raises:
        StoreError: it cannot be written.
    """
    done = read_or_known(workspace)
    _note(workspace, [section for section in sections if section in done], UNREAD)


def _note(workspace: Workspace, sections: Iterable[str], how: str) -> None:
    value = {"how": how, "on": workspace.today().isoformat()}
    for section in sections:
        workspace.store.put_state(f"{SECTIONS}{workspace.course.id}", section, value, at=workspace.clock.now())


def next_unread(workspace: Workspace, unread: Sequence[str]) -> Unread | None:
    """The first section to read, in the order of the course; None where nothing is unread.

    Raises:
        StoreError: the database cannot be read.
    """
    if not unread:
        return None
    section = workspace.course.section(unread[0])
    scope, bury = Scope(section=unread[0]), workspace.settings.bury_siblings
    new = workspace.store.unseen(workspace.course_no, workspace.today(), scope, bury_siblings=bury)
    return Unread(unread[0], section.title if section else "", minutes_of(workspace, unread[:1]), new)


def minutes_of(workspace: Workspace, sections: Collection[str]) -> int:
    """Whole minutes to read sections, at least one where there is a text."""
    found = reading_minutes(workspace)
    return sum(found.get(section, 0) for section in sections)


def reading_minutes(workspace: Workspace) -> dict[str, int]:
    """Whole minutes to read each section of the course that has a text."""
    words = section_words(workspace)
    return {section: -(-count // WORDS_A_MINUTE) for section, count in words.items() if count >= FEWEST_WORDS}


def section_words(workspace: Workspace) -> dict[str, int]:
    """Words of each section's text; a chapter that cannot be read has none. Some milliseconds, the first time."""
    found: dict[str, int] = {}
    for chapter in workspace.course.chapters:
        path = workspace.root / "content" / chapter.text
        try:
            stamp = path.stat()
        except (OSError, ValueError):
            continue
        found.update(_words(workspace.root, chapter, stamp.st_mtime_ns, stamp.st_size))
    return found


@lru_cache(64)
def _words(root: Path, chapter: Chapter, mtime_ns: int, size: int) -> dict[str, int]:
    """Remembered for a file as it is: its time of change and size are part of what is asked."""
    del mtime_ns, size
    try:
        _, sections = load_chapter(root, chapter)
    except CourseError:
        return {}
    return {section.id: len(section.markdown.split()) for section in sections}


def named_sections(course: Course, names: Iterable[str]) -> tuple[str, ...]:
    """The sections that names mean: of a section (2.4), of a chapter (2), or "all".

    Raises:
        LookupError: the course has none of such a name; the text says so.
    """
    found: list[str] = []
    for name in names:
        here = [
            section.id
            for chapter in course.chapters
            for section in chapter.sections
            if name in {section.id, str(chapter.number), "all"}
        ]
        if not here:
            raise LookupError(f"“{name}”: the course has no such section or chapter.")
        found += [section for section in here if section not in found]
    return tuple(found)
