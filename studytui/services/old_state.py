"""Small states that stood in files beside the database: taken into it once, then moved to the backups.

An entry that the database has already stands. What was taken in is remembered by the hash of its file, so that the same
file, brought again by another window or a sync program, brings back no draft that was dropped since.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from studytui.files import read_at_most, write_atomically
from studytui.services import reading, recall
from studytui.services import registered_modules as modules
from studytui.services.rehearsal import drafts
from studytui.store import Store, StoreError
from studytui.store.learner_state import UNREADABLE, State

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


def take_in(store: Store, home: Path, *, at: datetime) -> list[str]:
    """Take in the files below `home` and move them away; a sentence for each of which this failed or some is damaged.

    Nothing here keeps the app from opening. What is not taken in stays where it is, for the next start.
    """
    found = [each for name, reader in _files(home) if (each := _read(home, name, reader)) is not None]
    try:
        store.import_states({str(each): (each.sha256, each.states) for each in found if each.sha256}, at=at)
    except StoreError as error:
        return [f"Your drafts, bookmark and results of before are not taken in yet: {error} {error.hint}".strip()]
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
    return State(f"{recall.SCOPE}{course}", prompt, asdict(recall.Result.read(noted)))


def _bookmarks(_: Path, data: Any) -> Iterator[Entry]:
    for course, noted in data.items():
        yield partial(_bookmark, course, noted)


def _bookmark(course: str, noted: Any) -> State:
    return State(reading.SCOPE, course, asdict(reading.Bookmark.read(noted)))


def _modules(_: Path, data: Any) -> Iterator[Entry]:
    for noted in data:
        yield partial(_module, noted)


def _module(noted: Any) -> State:
    entry = modules.Registered.read(noted)
    return State(modules.SCOPE, entry.name, asdict(entry))


def _consents(_: Path, data: Any) -> Iterator[Entry]:
    for address in data:
        yield partial(_consent, address)


def _consent(address: Any) -> State:
    if not isinstance(address, str):
        raise TypeError("no address")
    from studytui.services.judge_consent import SCOPE

    return State(SCOPE, address, True)


def _draft(name: Path, data: Any) -> Iterator[Entry]:
    yield partial(_one_draft, unquote(name.parent.name), data)


def _one_draft(course_key: str, data: Any) -> State:
    draft = drafts.Draft.read(data)
    return State(f"{drafts.SCOPE}{course_key}", draft.question_id, draft.to_json())
