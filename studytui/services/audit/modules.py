"""Modules behind gates: which folder holds them, and whether a course that is opened is locked by one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from studytui.library.errors import CourseError
from studytui.library.loader import load_course
from studytui.library.locate import find_course

if TYPE_CHECKING:
    from studytui.domain.cards import Course
    from studytui.services.audit.standing import Standing
    from studytui.store import Store

SCOPE: Final = "modules"


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

    @classmethod
    def read(cls, noted: Any) -> Self:
        """What was registered from its JSON; raises one of `learner_state.UNREADABLE` if it is nothing."""
        texts = {name: str(noted[name]) for name in ("course", "folder", "gate", "gate_course", "root")}
        if any("\0" in text for text in texts.values()):
            raise ValueError("no folder has such a name")
        return cls(**texts)

    @property
    def name(self) -> str:
        """Under which the database keeps it: a gate unlocks one module."""
        return f"{self.gate_course}/{self.gate}"


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a course is locked: in a sentence, and how to open it in another."""

    reason: str
    how: str

    def __str__(self) -> str:
        return f"{self.reason} {self.how}"


def register(store: Store, entry: Registered, *, at: datetime) -> None:
    """Note where a module is; an earlier note of the same gate is replaced.

    Raises:
        StoreError: the note cannot be written.
    """
    store.put_state(SCOPE, entry.name, asdict(entry), at=at)


def registered(store: Store, gate_course: str, gate: str) -> Registered | None:
    """The module that was noted for a gate. Raises StoreError."""
    return next((each for each in _all(store) if (each.gate_course, each.gate) == (gate_course, gate)), None)


def lock_of(store: Store, course: Course, day: date) -> Lock | None:
    """Why a course is locked on a study day, or None if it is not. Costs next to nothing where no module was noted.

    Raises:
        StoreError: the database cannot be read.
    """
    locks = (_lock(store, entry, day) for entry in _all(store) if entry.course == course.id)
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


def _all(store: Store) -> list[Registered]:
    """What was noted; a note that cannot be read is none."""
    return list(store.states(SCOPE, Registered.read).values())
