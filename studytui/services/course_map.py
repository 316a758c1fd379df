"""The course as a map of cells: chapter by section, or helper or lens by chapter, each with how far its cards are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from studytui.domain.cards import Course
from studytui.services.card_filter import Entry, parse
from studytui.services.dashboard import Share
from studytui.services.mastery import Mastery, ObjectiveStanding, share_of

View: TypeAlias = Literal["section", "helper", "lens"]
VIEWS: Final[tuple[View, ...]] = ("section", "helper", "lens")
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Cell:
    """Some cards of the course: what they have in common, how to find them, how far they and their objectives are."""

    title: str
    filter_text: str
    share: Share
    objectives: tuple[ObjectiveStanding, ...]
    section: str
    """Where to read about them: a section's number."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the map; None where the course has nothing."""

    title: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class CourseMap:
    """The cells under their headings; the first column sums up the row."""

    view: View
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def course_map(course: Course, mastery: Mastery, view: View) -> CourseMap:
    """The map of a course, seen in one of the ways of `VIEWS`."""
    match view:
        case "section":
            return _by_section(course, mastery)
        case "helper":
            return _by_mark(course, mastery, view, [(one.id, one.name, one.name) for one in course.helpers])
        case "lens":
            return _by_mark(course, mastery, view, [(one.id, one.id, one.question) for one in course.lenses])


def _by_mark(course: Course, mastery: Mastery, view: View, marks: Iterable[tuple[str, str, str]]) -> CourseMap:
    """A row for each (id, name, title) of the helpers or lenses, a column for each chapter."""
    rows = []
    for key, name, title in marks:
        cells = [_cell(mastery, title, f"{view}:{key}", "")]
        for chapter in course.chapters:
            first = chapter.sections[0].id if chapter.sections else ""
            wanted = f"{view}:{key} chapter:{chapter.number}"
            cells.append(_cell(mastery, f"{title}  in chapter {chapter.number}", wanted, first))
        rows.append(Row(name, tuple(cell if cell.share.total else None for cell in cells)))
    return CourseMap(view, (ALL, *(str(chapter.number) for chapter in course.chapters)), tuple(rows))


def _by_section(course: Course, mastery: Mastery) -> CourseMap:
    places = sorted({_place(section.id) for chapter in course.chapters for section in chapter.sections})
    rows = []
    for chapter in course.chapters:
        here = {_place(section.id): section for section in chapter.sections}
        first = chapter.sections[0].id if chapter.sections else ""
        title = f"Chapter {chapter.number}  {chapter.title}"
        cells: list[Cell | None] = [_cell(mastery, title, f"chapter:{chapter.number}", first)]
        for place in places:
            section = here.get(place)
            cells.append(
                _cell(mastery, f"{section.id}  {section.title}", f"section:{section.id}", section.id)
                if section
                else None
            )
        rows.append(Row(f"{chapter.number}  {chapter.title}", tuple(cells)))
    return CourseMap("section", (ALL, *(f".{place}" for place in places)), tuple(rows))


def _cell(mastery: Mastery, title: str, filter_text: str, section: str) -> Cell:
    """The cards a filter finds; the objectives of its sections, or of its cards where it names no section."""
    wanted = parse(filter_text)
    entries = [entry for entry in mastery.entries if wanted.matches(entry, mastery.day)]
    belongs = _belongs(filter_text, entries)
    objectives = tuple(one for one in mastery.objectives.values() if belongs(one))
    return Cell(title, filter_text, share_of(entries, mastery.today), objectives, section)


def _belongs(filter_text: str, entries: Iterable[Entry]) -> Callable[[ObjectiveStanding], bool]:
    key, _, value = filter_text.partition(":")
    if key == "section":
        return lambda one: one.objective.section == value
    if key == "chapter":
        return lambda one: one.objective.section.partition(".")[0] == value
    covered = {objective for entry in entries for objective in entry.card.covers}
    return lambda one: one.objective.id in covered


def _place(section: str) -> int:
    return int(section.partition(".")[2])
