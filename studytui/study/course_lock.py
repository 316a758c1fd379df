"""Whether the gate of another course locks one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from studytui.course.loader import find_course, load_course
from studytui.errors import CourseError
from studytui.study.modules import RegisteredModule, all_registered

if TYPE_CHECKING:
    from studytui.store import Store
    from studytui.study.gate import GateStatus
    from studytui.study.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a course is locked: in a sentence, and how to open it in another."""

    reason: str
    how: str

    def __str__(self) -> str:
        return f"{self.reason} {self.how}"


def lock_of(workspace: Workspace) -> Lock | None:
    """Why the gate of another course keeps the workspace's course locked today; None if none does.

    Costs next to nothing where no module was noted.

    Raises:
        StoreError: the database cannot be read.
    """
    store, course, day = workspace.store, workspace.course, workspace.today()
    locks = (_lock(store, entry, day) for entry in all_registered(store) if entry.course == course.id)
    return next((lock for lock in locks if lock is not None), None)


def _lock(store: Store, entry: RegisteredModule, day: date) -> Lock | None:
    from studytui.store.log import gate_rows
    from studytui.study.gate import gate_key, gate_line, gate_of, gate_status_at, read_log

    number = store.course_no(gate_key(entry.gate_course, entry.gate))
    if number is not None and read_log(gate_rows(store.path, number)).override is not None:
        return None
    option = f" --course {entry.root}" if entry.root else ""
    try:
        root = find_course(Path(entry.root) if entry.root else None)
        course = load_course(root)
        head = next((each for each in course.gates if each.id == entry.gate), None)
        if head is None or course.id != entry.gate_course:
            return None
        found: GateStatus = gate_status_at(store, course.id, gate_of(root, head), day)
    except CourseError as error:
        return Lock(
            f"This course waits for the gap audit “{entry.gate}”, which cannot be read: {error}",
            f"Put that course back, or say where it is now: `studytui --course FOLDER module {entry.gate}`.",
        )
    if found.is_open:
        return None
    return Lock(gate_line(found), f"`studytui{option} module {head.module}` says what is missing.")
