"""Free recall and exercises: what there is, how it went the last time, and the learner's notes on an exercise."""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from studytui.domain.clock import study_day
from studytui.domain.recall import Prompt, Task
from studytui.files import read_at_most, write_atomically
from studytui.services.workspace import Workspace

RESULTS: Final = "recall.json"
LARGEST_NOTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Result:
    """The last time a prompt was answered: the study day, and how many of its points were said."""

    on: str
    said: int
    of: int


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
    """
    from studytui.library.recall import load_prompts, load_tasks

    return Quizzes(tuple(load_prompts(workspace.root)), tuple(load_tasks(workspace.root)), results(workspace))


def results(workspace: Workspace) -> dict[str, Result]:
    """The last result of each prompt; a file that cannot be read counts as none."""
    try:
        return {key: Result(**noted) for key, noted in _noted(workspace).get(workspace.course.id, {}).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep_result(workspace: Workspace, prompt: Prompt, said: Sequence[int]) -> None:
    """Note how many points were said today. A folder that cannot be written loses the note and nothing else."""
    day: date = study_day(workspace.clock.now(), workspace.settings.rollover_hour)
    try:
        noted = _noted(workspace)
    except (OSError, ValueError):
        noted = {}
    result = Result(day.isoformat(), len(said), len(prompt.points))
    here = results(workspace) | {prompt.id: result}
    noted[workspace.course.id] = {key: asdict(one) for key, one in here.items()}
    path = workspace.store.path.parent / RESULTS
    draft = path.with_suffix(".new")
    try:
        draft.write_text(json.dumps(noted), encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)


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


def _noted(workspace: Workspace) -> dict[str, Any]:
    try:
        noted: Any = json.loads((workspace.store.path.parent / RESULTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(noted, dict):
        raise ValueError("the note of the results holds no table")  # noqa: TRY004
    return noted
