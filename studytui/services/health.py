"""The examination behind `studytui doctor`, and its repair: the database, the course's files, weights, notes."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Self

from studytui.domain.cards import Course
from studytui.domain.clock import Clock
from studytui.library.errors import CourseError
from studytui.library.loader import load_course
from studytui.library.locate import find_course
from studytui.library.own import OVERRIDES
from studytui.services import course_sync
from studytui.services.clock import SystemClock
from studytui.services.notes import astray
from studytui.services.workspace import DATABASE, Workspace, own_folder
from studytui.store import CourseCopy, Store
from studytui.store.copies import differences, whole_texts
from studytui.store.doctor import Examined, Progress, examine_file, is_to_be_brought_up
from studytui.store.errors import StoreError
from studytui.store.findings import BRING_BACK, Finding
from studytui.store.location import data_folder


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did, in sentences, where the database is kept as it was before, and what is still wrong."""

    backup: Path | None
    done: list[str]
    findings: list[Finding]


@dataclass(slots=True)
class Checkup:
    """A learner's database and the course it is about, examined without writing to either.

    A database of an older version is brought up to date first, or made if there is none.
    """

    database: Path
    root: Path
    course: Course
    own: Path
    now: datetime
    trouble: str = ""
    """Why the database could not be brought up to date."""
    _copies: list[CourseCopy | Finding] | None = field(default=None, init=False)

    @classmethod
    def of(cls, course_dir: Path | None = None, *, clock: Clock | None = None) -> Self:
        """Raises CourseError if there is no course, StoreError if there is no database and none can be made."""
        root = find_course(course_dir)
        now = (clock or SystemClock()).now()
        course = load_course(root)
        checkup = cls(data_folder() / DATABASE, root, course, own_folder(course.id), now)
        if is_to_be_brought_up(checkup.database):
            try:
                Store.open(checkup.database, today=now.date()).close()
            except StoreError as error:
                if not checkup.database.exists():
                    raise
                checkup.trouble = str(error)
        return checkup

    def findings(self, *, progress: Progress | None = None) -> list[Finding]:
        """All findings; none, or only `info`, is a sound installation.

        Raises:
            NewerVersion: a newer version of the app wrote the database.
            StoreError: the database cannot be read at all.
        """
        return self._examine(progress)[1]

    def repair(self, *, progress: Progress | None = None) -> Repaired:
        """Make anew what is only a copy, after a backup; nothing is done to a sound database. Raises as `findings`."""
        from studytui.store.repair import copy_before, repair

        examined, findings = self._examine(progress)
        if all(finding.level == "info" for finding in findings):
            return Repaired(None, [], findings)
        kept = copy_before(self.database, at=self.now)
        copies = [copy for copy in self._from_files() if isinstance(copy, CourseCopy)]
        done = repair(self.database, copies, examined)
        return Repaired(kept, done, self._examine(progress)[1])

    def _examine(self, progress: Progress | None) -> tuple[Examined, list[Finding]]:
        examined = examine_file(self.database, now=self.now, progress=progress)
        findings = examined.findings.all()
        if self.trouble:
            findings.append(Finding("error", f"The database cannot be opened: {self.trouble}", BRING_BACK))
        for copy in self._from_files():
            if isinstance(copy, Finding):
                findings.append(copy)
                continue
            try:
                found = list(differences(self.database, copy, examined.cards))
            except StoreError as error:
                found = [Finding("error", str(error), BRING_BACK)]
            examined.differ |= bool(found)
            findings += found
        return examined, [*findings, *damaged_weights(), *self._notes()]

    def _from_files(self) -> list[CourseCopy | Finding]:
        """Read once: a repair examines twice."""
        if self._copies is None:
            self._copies = list(self._read_files())
        return self._copies

    def _read_files(self) -> Iterator[CourseCopy | Finding]:
        """What the database should hold of course, interview and gates; a finding for a file that is wrong."""
        from studytui.library.quizzes import load_interview
        from studytui.services.audit import recorder
        from studytui.services.audit.gates import load
        from studytui.services.rehearsal import questions

        course, root = self.course, self.root
        sources: list[Callable[[], CourseCopy]] = [
            lambda: course_sync.copy_of(root, course, self.own),
            lambda: questions.copy_of(course, load_interview(root)),
        ]
        sources += [partial(lambda head: recorder.copy_of(course, load(root, head)), head) for head in course.gates]
        for source in sources:
            try:
                yield source()
            except CourseError as error:
                if error.path == OVERRIDES:
                    continue  # told of the notes
                what = f"Cards cannot be compared with their file: {error}"
                yield Finding("error", what, "Mend the file: until then its cards stay as they were.")

    def _notes(self) -> list[Finding]:
        try:
            return astray(self.own, whole_texts(self.database, self.course.id))
        except StoreError as error:
            return [Finding("error", str(error), BRING_BACK)]


def examine(workspace: Workspace) -> list[Finding]:
    """All findings about what an open workspace works on. Raises as `Checkup.findings`."""
    store, clock = workspace.store, workspace.clock
    return Checkup(store.path, workspace.root, workspace.course, workspace.own, clock.now()).findings()


def damaged_weights() -> list[Finding]:
    """Weights files that are missing or not those their cards describe. No tensor is loaded."""
    folder = resources.files("labs") / "models"
    findings = []
    for card in sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name):
        name = card.name.removesuffix(".toml")
        weights = folder / f"{name}.safetensors"
        try:
            expected = tomllib.loads(card.read_text(encoding="utf-8"))["sha256"]
            sound = hashlib.sha256(weights.read_bytes()).hexdigest() == expected
        except (OSError, tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError):
            sound = False
        if not sound:
            findings.append(
                Finding("error", f"The weights of the lab model {name} are damaged.", "Install studytui again.")
            )
    return findings
