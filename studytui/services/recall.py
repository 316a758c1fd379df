"""Free recall and exercises: what there is, how it went the last time, and the learner's notes on an exercise."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from studytui.domain.clock import study_day
from studytui.domain.recall import Prompt, Task
from studytui.files import read_at_most, write_atomically

if TYPE_CHECKING:
    from studytui.services.workspace import Workspace

LARGEST_NOTES: Final = 4_000_000
SCOPE: Final = "recall/"
"""Before the course's id: where the database keeps the results."""


@dataclass(frozen=True, slots=True)
class Result:
    """The last time a prompt was answered: the study day, and how many of its points were said."""

    on: str
    said: int
    of: int

    @classmethod
    def read(cls, noted: Any) -> Self:
        """A result from its JSON; raises one of `learner_state.UNREADABLE` if it is none."""
        return cls(date.fromisoformat(noted["on"]).isoformat(), int(noted["said"]), int(noted["of"]))


@dataclass(frozen=True, slots=True)
class Quizzes:
    """All prompts and exercises of the course, and the last result of each prompt that was answered."""

    prompts: tuple[Prompt, ...]
    tasks: tuple[Task, ...]
    results: dict[str, Result]


def quizzes(workspace: Workspace) -> Quizzes:
    """Everything at once. The schemas are imported here: call it in a thread.

    Raises:
        CourseError: a file cannot be read.
        StoreError: the database cannot be read.
    """
    from studytui.library.recall import load_prompts, load_tasks

    return Quizzes(tuple(load_prompts(workspace.root)), tuple(load_tasks(workspace.root)), results(workspace))


def results(workspace: Workspace) -> dict[str, Result]:
    """The last result of each prompt; one that cannot be read counts as none. Raises StoreError."""
    return workspace.store.states(f"{SCOPE}{workspace.course.id}", Result.read)


def keep_result(workspace: Workspace, prompt: Prompt, said: Sequence[int]) -> None:
    """Note how many points were said today.

    Raises:
        StoreError: it cannot be written; the result before stands.
    """
    now = workspace.clock.now()
    day = study_day(now, workspace.settings.rollover_hour)
    result = Result(day.isoformat(), len(said), len(prompt.points))
    workspace.store.put_state(f"{SCOPE}{workspace.course.id}", prompt.id, asdict(result), at=now)


def notes_file(workspace: Workspace, task: Task) -> Path:
    """Where the learner's notes on an exercise are kept."""
    return workspace.own / "notes" / f"{task.id}.md"


def load_notes(workspace: Workspace, task: Task) -> str:
    """The learner's notes on an exercise; '' if there are none that can be read."""
    try:
        return read_at_most(notes_file(workspace, task), LARGEST_NOTES).decode()
    except (OSError, UnicodeDecodeError):
        return ""


def save_notes(workspace: Workspace, task: Task, text: str) -> None:
    """Keep the learner's notes, all or nothing.

    Raises:
        OSError: they cannot be written, or those that were kept before cannot be read; they stand.
    """
    if text == load_notes(workspace, task):
        return
    path = notes_file(workspace, task)
    with contextlib.suppress(FileNotFoundError):
        try:
            read_at_most(path, LARGEST_NOTES).decode()
        except UnicodeDecodeError:
            raise OSError(errno.EILSEQ, "what stands there is not UTF-8 text", str(path)) from None
    write_atomically(path, text.encode(errors="replace"))
