"""Modules behind gates: which folder holds them, and whether a course that is opened is locked by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from studytui.library.errors import CourseError
from studytui.library.loader import load_course
from studytui.library.locate import find_course

if TYPE_CHECKING:
    from studytui.domain.cards import Course
    from studytui.services.audit.standing import Standing
    from studytui.store import Store

FILE: Final = "modules.json"


class NoteError(Exception):
    """Which folder holds a module cannot be noted; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A module's course and its folder, and the gate that has to be passed before: of which course, in which folder.

    `root` is "" for the course that comes with the app, wherever that is installed.
    """

    course: str
    folder: str
    gate: str
    gate_course: str
    root: str


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a course is locked: in a sentence, and how to open it in another."""

    reason: str
    how: str

    def __str__(self) -> str:
        return f"{self.reason} {self.how}"


def register(data_folder: Path, entry: Registered) -> None:
    """Note where a module is; a gate unlocks one module, so an earlier note of it is replaced.

    Raises:
        NoteError: the note cannot be written.
    """
    path = data_folder / FILE
    kept = [each for each in _read(path) if (each.gate_course, each.gate) != (entry.gate_course, entry.gate)]
    draft = path.with_suffix(".new")
    try:
        draft.write_text(json.dumps([asdict(each) for each in (*kept, entry)]), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise NoteError(f"{path} cannot be written ({error.strerror or error}).") from error


def registered(data_folder: Path, gate_course: str, gate: str) -> Registered | None:
    """The module that was noted for a gate."""
    entries = _read(data_folder / FILE)
    return next((each for each in entries if (each.gate_course, each.gate) == (gate_course, gate)), None)


def lock_of(store: Store, course: Course, day: date) -> Lock | None:
    """Why a course is locked on a study day, or None if it is not. Costs nothing where no module was ever noted.

    Raises:
        StoreError: the database cannot be read.
    """
    path = store.path.parent / FILE
    if not path.exists():
        return None
    locks = (_lock(store, entry, day) for entry in _read(path) if entry.course == course.id)
    return next((lock for lock in locks if lock is not None), None)


def _lock(store: Store, entry: Registered, day: date) -> Lock | None:
    from studytui.services.audit.evidence import read_log
    from studytui.services.audit.gates import gate_key, load
    from studytui.services.audit.standing import standing_at
    from studytui.services.audit.words import gate_line
    from studytui.store.gate_log import gate_rows

    number = store.course_no(gate_key(entry.gate_course, entry.gate))
    if number is not None and read_log(gate_rows(store, number)).override is not None:
        return None
    option = f" --course {entry.root}" if entry.root else ""
    try:
        root = find_course(Path(entry.root) if entry.root else None)
        course = load_course(root)
        head = next((each for each in course.gates if each.id == entry.gate), None)
        if head is None or course.id != entry.gate_course:
            return None
        found: Standing = standing_at(store, course.id, load(root, head), day)
    except CourseError as error:
        return Lock(
            f"This course waits for the gate “{entry.gate}”, which cannot be read: {error}",
            f"Put that course back, or say where it is now: `studytui --course FOLDER module {entry.gate}`.",
        )
    if found.is_open:
        return None
    return Lock(gate_line(found), f"`studytui{option} module {head.module}` says what is missing.")


def _read(path: Path) -> list[Registered]:
    """What was noted; a note that cannot be read is none."""
    try:
        return list(_entries(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _entries(data: Any) -> Iterator[Registered]:
    for row in data:
        yield Registered(**{name: str(row[name]) for name in ("course", "folder", "gate", "gate_course", "root")})
