"""The state of a course's gates in the one line that the home screen has for it."""

from __future__ import annotations

from studytui.services.workspace import Workspace


def home_line(workspace: Workspace) -> str:
    """The first gate that is not ready, else the last one; "" without gates. Call it in a thread.

    Raises:
        StoreError: the database cannot be read.
    """
    from studytui.library.errors import CourseError
    from studytui.services.audit.standing import standing
    from studytui.services.audit.words import gate_line

    line = ""
    for head in workspace.course.gates:
        try:
            found = standing(workspace, head)
        except CourseError as error:
            return f"The audit cannot be read: {error}"
        line = gate_line(found)
        if not found.verdict.is_ready:
            break
    return line
