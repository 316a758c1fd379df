"""Which gates a course declares, and what each of them asks."""

from __future__ import annotations

from pathlib import Path

from studytui.domain.cards import Course, GateHead
from studytui.domain.gate_parts import Gate
from studytui.services.workspace import Workspace


class NoGate(Exception):
    """The course declares no such gate; the text names those it has."""


_read: dict[tuple[Path, GateHead], tuple[tuple[int, int], Gate]] = {}
"""Gates by their file and declaration, with size and time of the file when it was read."""


def head_of(course: Course, name: str = "") -> GateHead:
    """The gate of an id or of the module it unlocks; the first one for "".

    Raises:
        NoGate: there is none of that name.
    """
    if not course.gates:
        raise NoGate(f"“{course.title}” declares no gate; a course does so by [[gate]] in its course.toml.")
    if not name:
        return course.gates[0]
    folded = name.strip().casefold()
    for head in course.gates:
        if folded in (head.id.casefold(), head.module.casefold(), head.unlocks.casefold()):
            return head
    known = ", ".join(f"{head.module} ({head.title})" for head in course.gates)
    raise NoGate(f"There is no gate before “{name}”; there are: {known}.")


def gate_of(workspace: Workspace, head: GateHead) -> Gate:
    """What a gate asks. Schemas are imported the first time and whenever its file changed: call it in a thread.

    Raises:
        CourseError: the gate's file is missing or wrong.
    """
    return load(workspace.root, head)


def load(root: Path, head: GateHead) -> Gate:
    """The gate of the course in a folder; see `gate_of`.

    Raises:
        CourseError: the gate's file is missing or wrong.
    """
    from studytui.library.gates import gate_file, load_gate

    try:
        stat = (root / gate_file(head)).stat()
        stamp = (stat.st_size, stat.st_mtime_ns)
    except OSError:
        return load_gate(root, head)
    known = _read.get((root, head))
    if known is None or known[0] != stamp:
        known = _read[root, head] = (stamp, load_gate(root, head))
    return known[1]


def gate_key(course_id: str, gate_id: str) -> str:
    """The key under which the database keeps a gate: its parts are the cards of a course of their own."""
    return f"{course_id}/gate:{gate_id}"
