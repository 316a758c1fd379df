"""Modules behind gates: which folder holds them, as the learner's state keeps it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias
from urllib.parse import unquote

from studytui.course.codec import from_json, to_json
from studytui.domain.cards import Chapter, Objective, Prompt, Task
from studytui.domain.rubric import Mode, Submission, word_count
from studytui.files import read_at_most, write_atomically
from studytui.store import Store, StoreError
from studytui.store.learner_state import UNREADABLE, State
from studytui.study.modules import MODULES, RegisteredModule

if TYPE_CHECKING:
    from studytui.store import Store
    from studytui.study.workspace import Workspace


# What the reader shows: a chapter's text by section, its objectives, and the place where reading was left


CONSENTS: Final = "judge-consent"
BOOKMARKS: Final = "reading"


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
        bookmark = from_json(cls, noted)
        return replace(bookmark, share=min(1.0, max(0.0, bookmark.share)))


def passages(workspace: Workspace, chapter: Chapter) -> list[Passage]:
    """The text of a chapter, section by section.

    Raises:
        CourseError: the file cannot be read.
    """
    from studytui.course.loader import load_chapter

    intro, sections = load_chapter(workspace.root, chapter)
    found = [Passage("", intro)] if intro.strip() else []
    return found + [Passage(s.id, f"## {s.id} {s.title}\n\n{s.markdown}") for s in sections]


def objectives(workspace: Workspace) -> dict[str, list[Objective]]:
    """The learning objectives of each section.

    Raises:
        CourseError: the syllabus cannot be read.
    """
    from studytui.course.loader import load_syllabus

    found: defaultdict[str, list[Objective]] = defaultdict(list)
    for objective in load_syllabus(workspace.root):
        found[objective.section].append(objective)
    return dict(found)


def load_bookmark(workspace: Workspace) -> Bookmark | None:
    """Where reading of this course was left; None if it never was, or the note of it cannot be read."""
    try:
        return workspace.store.state(BOOKMARKS, workspace.course.id, Bookmark.read)
    except (StoreError, ValueError):
        return None


def save_bookmark(workspace: Workspace, bookmark: Bookmark) -> None:
    """Note where reading was left. A database that cannot be written loses the place and nothing else."""
    with suppress(StoreError):
        workspace.store.put_state(BOOKMARKS, workspace.course.id, to_json(bookmark), at=workspace.clock.now())


def latest_section(workspace: Workspace) -> str:
    """The section that was read or reviewed last; the first one of the course where neither was. "" if it has none.

    Raises:
        StoreError: the database cannot be read.
    """
    bookmark = load_bookmark(workspace)
    places = [(workspace.store.state_changed(BOOKMARKS, workspace.course.id), bookmark.section)] if bookmark else []
    if (answered := workspace.store.last_answered(workspace.course_no)) is not None:
        places.append(answered)
    known = [section.id for chapter in workspace.course.chapters for section in chapter.sections]
    found = [section for _, section in sorted(places, reverse=True) if section in known]
    return next(iter([*found, *known]), "")


def place_of(chapters: Sequence[Chapter], section: str) -> Chapter | None:
    """The chapter a section belongs to, or the first one."""
    return next((c for c in chapters if any(s.id == section for s in c.sections)), chapters[0] if chapters else None)


# Free recall and exercises: what there is, how it went the last time, and the learner's notes on an exercise


LARGEST_NOTES: Final = 4_000_000
RECALL_RESULTS: Final = "recall/"
"""Before the course's id: where the database keeps the results."""


@dataclass(frozen=True, slots=True)
class RecallResult:
    """The last time a prompt was answered: the study day, and how many of its points were said."""

    on: str
    said: int
    of: int

    @classmethod
    def read(cls, noted: Any) -> Self:
        """A result from its JSON; raises one of `learner_state.UNREADABLE` if it is none."""
        result = from_json(cls, noted)
        return replace(result, on=date.fromisoformat(result.on).isoformat())


@dataclass(frozen=True, slots=True)
class Quizzes:
    """All prompts and exercises of the course, and the last result of each prompt that was answered."""

    prompts: tuple[Prompt, ...]
    tasks: tuple[Task, ...]
    results: dict[str, RecallResult]


def read_quizzes(workspace: Workspace) -> Quizzes:
    """Everything at once. The schemas are imported here: call it in a thread.

    Raises:
        CourseError: a file cannot be read.
        StoreError: the database cannot be read.
    """
    from studytui.course.quizzes import load_prompts, load_tasks

    return Quizzes(tuple(load_prompts(workspace.root)), tuple(load_tasks(workspace.root)), results(workspace))


def results(workspace: Workspace) -> dict[str, RecallResult]:
    """The last result of each prompt; one that cannot be read counts as none. Raises StoreError."""
    return workspace.store.states(f"{RECALL_RESULTS}{workspace.course.id}", RecallResult.read)


def save_recall_result(workspace: Workspace, prompt: Prompt, said: Sequence[int]) -> None:
    """Note how many points were said today.

    Raises:
        StoreError: it cannot be written; the result before stands.
    """
    result = RecallResult(workspace.today().isoformat(), len(said), len(prompt.points))
    scope = f"{RECALL_RESULTS}{workspace.course.id}"
    workspace.store.put_state(scope, prompt.id, to_json(result), at=workspace.clock.now())


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
            raise OSError(errno.EILSEQ, "it is not UTF-8 text", str(path)) from None
    write_atomically(path, text.encode(errors="replace"))


# Answers under way, kept in the database while they are typed: whatever ends the app, they are there again


DRAFTS: Final = "drafts/"
"""Before a course's key: where the database keeps its drafts."""
LONGEST_SECONDS: Final = 1_000_000_000
SURE_LEVELS: Final = range(1, 6)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it stood when it was saved. `question_id` is the follow-up's own for a probe.

    `handed_in` answers wait only for their grade: those of a mock interview that was cut short, for instance.
    """

    question_id: str
    text: str
    mode: Mode
    saved_at: datetime
    seconds_thought: float = 0.0
    seconds_answered: float = 0.0
    seconds_given: int | None = None
    confidence: int | None = None
    handed_in: bool = False

    @classmethod
    def of(cls, question_id: str, given: Submission, saved_at: datetime, *, handed_in: bool = False) -> Self:
        """The draft of an answer."""
        return cls(
            question_id,
            given.answer,
            given.mode,
            saved_at,
            given.seconds_thought,
            given.seconds_answered,
            given.seconds_given,
            given.confidence,
            handed_in,
        )

    @classmethod
    def read(cls, data: Any) -> Self:
        """A draft from its JSON; raises one of `learner_state.UNREADABLE` if it is none."""
        draft = from_json(cls, data)
        times = (draft.seconds_thought, draft.seconds_answered, draft.seconds_given or 0)
        is_right = draft.saved_at.tzinfo is not None and draft.confidence in {None, *SURE_LEVELS}
        if not is_right or not all(0 <= seconds < LONGEST_SECONDS for seconds in times):
            raise ValueError("not a draft")
        return draft

    @property
    def given(self) -> Submission:
        """The draft as an answer."""
        return Submission(
            self.text, self.mode, self.seconds_thought, self.seconds_answered, self.seconds_given, self.confidence
        )

    @property
    def words(self) -> int:
        return word_count(self.text)


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of the questions of a course, or of a gate, that the database knows under `course_key`."""

    store: Store
    course_key: str

    @property
    def scope(self) -> str:
        """Under which the database keeps them."""
        return f"{DRAFTS}{self.course_key}"

    def save(self, draft: Draft) -> None:
        """Keep a draft, durably.

        Raises:
            StoreError: the database refuses; the draft before stands.
        """
        self.store.put_state(self.scope, draft.question_id, to_json(draft), at=draft.saved_at)

    def load(self, question_id: str) -> Draft | None:
        """The draft of a question, or None. What cannot be read is set aside, not overwritten.

        Raises:
            StoreError: the database refuses.
        """
        try:
            return self.store.state(self.scope, question_id, Draft.read)
        except ValueError:
            self.store.set_state_aside(self.scope, question_id)
            return None

    def all(self) -> list[Draft]:
        """Every draft that can be read, the oldest first. Raises StoreError."""
        return sorted(self.store.states(self.scope, Draft.read).values(), key=lambda draft: draft.saved_at)

    def drop(self, question_id: str) -> None:
        """The answer is in the log: its draft may go. One that cannot be deleted stays."""
        with contextlib.suppress(StoreError):
            self.store.delete_state(self.scope, question_id)


# Small states that stood in files beside the database: taken into it once, then moved to the backups


FOLDER: Final = "imported"
"""Where in the folder of the backups the files are kept."""
LARGEST_BYTES: Final = 64_000_000

Entry: TypeAlias = Callable[[], State]
"""Makes one state; raises one of UNREADABLE if it cannot be read."""
Reader: TypeAlias = Callable[[Path, Any], Iterable[Entry]]
"""The entries of a file, from its path and its JSON."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a file at `name` below the home holds, and why not all of it can be read."""

    name: Path
    sha256: str
    states: tuple[State, ...]
    problem: str = ""

    def __str__(self) -> str:
        """Its name as text, whatever bytes it has."""
        return os.fsencode(self.name).decode(errors="backslashreplace")


def import_old_state(store: Store, home: Path, *, at: datetime) -> list[str]:
    """Take in the files below `home` and move them away; a sentence for each of which this failed or some is damaged.

    Nothing here keeps the app from opening. What is not taken in stays where it is, for the next start.
    """
    found = [each for name, reader in _files(home) if (each := _read(home, name, reader)) is not None]
    try:
        store.import_states({str(each): (each.sha256, each.states) for each in found if each.sha256}, at=at)
    except StoreError as error:
        return [f"Your earlier drafts, bookmark and results are not taken over yet: {error} {error.hint}".strip()]
    said = []
    for each in found:
        try:
            kept = _moved(home, each)
        except OSError as error:
            said.append(f"{each} in {home} cannot be moved to the backups ({error.strerror or error}).")
        else:
            if each.problem:
                said.append(
                    f"{each} in {home} is damaged ({each.problem}). It is kept in {kept.parent.relative_to(home)}."
                )
    for folder in (*(home / "drafts").glob("*/"), home / "drafts"):
        with contextlib.suppress(OSError):
            folder.rmdir()
    return said


def _files(home: Path) -> Iterator[tuple[Path, Reader | None]]:
    """Paths below the home with their readers; without one a file is only moved."""
    readers: dict[str, Reader] = {
        "recall.json": _results,
        "reading.json": _bookmarks,
        "modules.json": _modules,
        "judge-consent.json": _consents,
    }
    for name, reader in readers.items():
        if os.path.lexists(home / name):
            yield Path(name), reader
    for path in sorted(home.glob("drafts/*/*")):
        yield path.relative_to(home), _draft if path.suffix == ".json" else None


def _read(home: Path, name: Path, reader: Reader | None) -> _Found | None:
    """What the file holds; None if it is gone, as another window takes it in."""
    if reader is None:
        return _Found(name, "", ())
    try:
        data = read_at_most(home / name, LARGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _Found(name, "", (), error.strerror or str(error))
    states: list[State] = []
    damaged = 0
    try:
        for entry in reader(name, json.loads(data.decode("utf-8", "surrogatepass"))):
            try:
                states.append(_storable(entry()))
            except UNREADABLE:
                damaged += 1
    except UNREADABLE:
        damaged += 1
    problem = f"{damaged} of its entries cannot be read" if states and damaged else "not as it was written"
    return _Found(name, hashlib.sha256(data).hexdigest(), tuple(states), problem if damaged else "")


def _storable(state: State) -> State:
    """Raises ValueError for a name with half of a character, which the database does not take."""
    f"{state.scope}{state.name}".encode()
    return state


def _moved(home: Path, found: _Found) -> Path:
    """Move a file to the backups and return its place there; a link is followed and taken away."""
    source = home / found.name
    kept = home / "backups" / FOLDER / found.name
    if os.path.lexists(kept):
        kept = home / "backups" / FOLDER / (found.sha256[:8] or "other") / found.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        if source.is_symlink():
            write_atomically(kept, read_at_most(source, LARGEST_BYTES))
            source.unlink()
        else:
            shutil.move(source, kept)
    except FileNotFoundError:
        if os.path.lexists(source):
            raise
    return kept


def _results(_: Path, data: Any) -> Iterator[Entry]:
    for course, results in data.items():
        for prompt, noted in results.items():
            yield partial(_result, course, prompt, noted)


def _result(course: str, prompt: str, noted: Any) -> State:
    return State(f"{RECALL_RESULTS}{course}", prompt, to_json(RecallResult.read(noted)))


def _bookmarks(_: Path, data: Any) -> Iterator[Entry]:
    for course, noted in data.items():
        yield partial(_bookmark, course, noted)


def _bookmark(course: str, noted: Any) -> State:
    return State(BOOKMARKS, course, to_json(Bookmark.read(noted)))


def _modules(_: Path, data: Any) -> Iterator[Entry]:
    for noted in data:
        yield partial(_module, noted)


def _module(noted: Any) -> State:
    entry = RegisteredModule.read(noted)
    return State(MODULES, entry.name, to_json(entry))


def _consents(_: Path, data: Any) -> Iterator[Entry]:
    for address in data:
        yield partial(_consent, address)


def _consent(address: Any) -> State:
    if not isinstance(address, str):
        raise TypeError("no address")
    return State(CONSENTS, address, True)


def _draft(name: Path, data: Any) -> Iterator[Entry]:
    yield partial(_one_draft, unquote(name.parent.name), data)


def _one_draft(course_key: str, data: Any) -> State:
    draft = Draft.read(data)
    return State(f"{DRAFTS}{course_key}", draft.question_id, to_json(draft))
