"""The examination behind `studytui doctor`, and its repair: the database, the course's files, weights, notes."""

from __future__ import annotations

import asyncio
import hashlib
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Self

from labs import catalog
from labs.catalog import UnknownExercise
from labs.protocol import ParamError, Problem
from studytui.course.lint_cards import Finding, about
from studytui.course.loader import find_course, load_course
from studytui.course.user_cards import OVERRIDES
from studytui.domain.cards import Card, Course, Numeric
from studytui.domain.clock import Clock
from studytui.domain.verdict import format_number
from studytui.errors import CourseError, StoreError
from studytui.files import data_folder
from studytui.store import CourseCopy, Store
from studytui.store.doctor import (
    BRING_BACK,
    Defect,
    Examined,
    Progress,
    differences,
    examine_file,
    is_to_be_brought_up,
    whole_texts,
)
from studytui.study import course_sync
from studytui.study.card_actions import orphaned_overrides
from studytui.study.labs import LabClient, MissingLibrary, Solved
from studytui.study.workspace import DATABASE, SystemClock, Workspace, own_folder


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did, in sentences, where the database is kept as it was before, and what is still wrong."""

    backup: Path | None
    done: list[str]
    findings: list[Defect]


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
    _copies: list[CourseCopy | Defect] | None = field(default=None, init=False)

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

    def findings(self, *, progress: Progress | None = None) -> list[Defect]:
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

    def _examine(self, progress: Progress | None) -> tuple[Examined, list[Defect]]:
        examined = examine_file(self.database, now=self.now, progress=progress)
        findings = examined.findings.all()
        if self.trouble:
            findings.append(Defect("error", f"The database cannot be opened: {self.trouble}", BRING_BACK))
        for copy in self._from_files():
            if isinstance(copy, Defect):
                findings.append(copy)
                continue
            try:
                found = list(differences(self.database, copy, examined.cards))
            except StoreError as error:
                found = [Defect("error", str(error), BRING_BACK)]
            examined.differ |= bool(found)
            findings += found
        return examined, [*findings, *damaged_weights(), *self._notes()]

    def _from_files(self) -> list[CourseCopy | Defect]:
        """Read once: a repair examines twice."""
        if self._copies is None:
            self._copies = list(self._read_files())
        return self._copies

    def _read_files(self) -> Iterator[CourseCopy | Defect]:
        """What the database should hold of course, interview and gates; a finding for a file that is wrong."""
        from studytui.course.quizzes import load_interview
        from studytui.study import gate, submissions

        course, root = self.course, self.root
        sources: list[Callable[[], CourseCopy]] = [
            lambda: course_sync.copy_of(root, course, self.own),
            lambda: submissions.questions_copy(course, load_interview(root)),
        ]
        sources += [
            partial(lambda head: gate.gate_copy(course, gate.gate_of(root, head)), head) for head in course.gates
        ]
        for source in sources:
            try:
                yield source()
            except CourseError as error:
                if error.path == OVERRIDES:
                    continue  # told of the notes
                what = f"Cards cannot be compared with their file: {error}"
                yield Defect("error", what, "Fix the file: until then its cards stay as they were.")

    def _notes(self) -> list[Defect]:
        try:
            return orphaned_overrides(self.own, whole_texts(self.database, self.course.id))
        except StoreError as error:
            return [Defect("error", str(error), BRING_BACK)]


def examine(workspace: Workspace) -> list[Defect]:
    """All findings about what an open workspace works on. Raises as `Checkup.findings`."""
    store, clock = workspace.store, workspace.clock
    return Checkup(store.path, workspace.root, workspace.course, workspace.own, clock.now()).findings()


def damaged_weights() -> list[Defect]:
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
                Defect("error", f"The weights of the lab model {name} are damaged.", "Install studytui again.")
            )
    return findings


# Numeric cards beside the labs they link: the answer an author wrote, held against what the models compute


_SEEDS = range(8)
"""Some showings: an answer that is written down needs a lab that asks the same each time."""


def linked(cards: Sequence[Card]) -> list[Card]:
    """The cards whose answer a lab can compute."""
    return [card for card in cards if isinstance(card.body, Numeric) and card.lab is not None]


def contradicted(cards: Sequence[Card], *, progress: Callable[[int, int], None]) -> tuple[list[Finding], str]:
    """Findings where a card's own lab gives another answer, and why nothing was compared, or ''.

    It starts the labs' worker and takes some 10 seconds for the shipped course; `progress` is told how many of how many
    cards are done.
    """
    return asyncio.run(_contradicted(linked(cards), progress))


async def _contradicted(cards: Sequence[Card], progress: Callable[[int, int], None]) -> tuple[list[Finding], str]:
    findings: list[Finding] = []
    lab = LabClient()
    try:
        for number, card in enumerate(cards):
            progress(number, len(cards))
            problem, wrong = _posed(card)
            if problem is None:
                findings += wrong
                continue
            outcome = await lab.solve(problem)
            if isinstance(outcome, MissingLibrary):
                return findings, outcome.message
            if not isinstance(outcome, Solved):
                findings.append(about(card, "lab-failed", outcome.message, field="lab"))
                continue
            findings += _compared(card, problem, outcome.evidence.value)
    finally:
        await lab.close()
    progress(len(cards), len(cards))
    return findings, ""


def _posed(card: Card) -> tuple[Problem | None, list[Finding]]:
    """The problem of a card's lab; without one, why: links that cannot be posed are found by the lint."""
    assert card.lab is not None
    try:
        exercise = catalog.exercise(card.lab.exercise)
        posed = [exercise.pose(card.lab.fixed, seed, card.lab.vary) for seed in _SEEDS]
    except (UnknownExercise, ParamError):
        return None, []
    if len({problem.prompt for problem in posed}) > 1:
        message = f"{card.lab.exercise} asks something else each time; `set` what the answer depends on."
        return None, [about(card, "lab-varies", message, field="lab")]
    return posed[0], []


def _compared(card: Card, problem: Problem, value: object) -> Iterator[Finding]:
    assert isinstance(card.body, Numeric)
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield about(
            card, "lab-contradicts", f"{problem.exercise} answers “{value}”, which is not a number.", field="lab"
        )
        return
    body, measured = card.body, float(value)
    if body.unit == "%" != problem.unit:
        measured *= 100
    slack = max(
        body.tolerance,
        abs(body.answer) * body.tolerance_percent / 100,
        problem.tolerance,
        abs(measured) * problem.tolerance_percent / 100,
    )
    if abs(measured - body.answer) > slack + 1e-9 * max(1.0, abs(body.answer)):
        right = format_number(measured, problem.unit)
        message = f"{format_number(body.answer, body.unit)} is not what {problem.exercise} computes: {right}."
        yield about(card, "lab-contradicts", message, field="answer")
