"""Files that people write, mutated: the course's, the learner's own cards and notes, the settings.

Each try reads the mutated file in every way the app has, opens the course, and saves a note, a card and a setting. It
fails on a traceback, on an error without a file or (of a course file) a line, on a standstill, on another note, card or
setting changed, and on a sentence that could reach a terminal's controls.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest import mock

from studytui.course import settings
from studytui.course.lint import check
from studytui.course.loader import load_cards, load_chapter, load_course, load_syllabus, read_cards
from studytui.course.quizzes import load_gate, load_interview, load_pairs, load_prompts, load_tasks
from studytui.course.settings import SettingsError
from studytui.course.user_cards import CardOverride, add_card, load_overrides, read_own_cards, save_override
from studytui.domain.cards import GateHead
from studytui.domain.plain_text import safe
from studytui.domain.settings import Settings
from studytui.errors import CourseError
from studytui.study.review import open_session
from studytui.study.workspace import Workspace
from tests.faults._mutations import mutated
from tests.faults.attack import Attack
from tests.gate.course import write_gated
from tests.rehearsal.tiny_interview import INTERVIEW
from tests.ui.tiny_course import CARDS_1, TestClock

SECONDS: Final = 5.0
"""A try that takes longer is a standstill."""
_TODAY: Final = date(2026, 3, 1)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NO_LINE: Final = ("missing", "cannot be read", "waits for")
"""Sentences about a file as a whole have no line to name."""

OTHER_KINDS: Final = """
[[card]]
id = "steps"
section = "1.2"
covers = ["1.2-01"]
kind = "order"
front = "In which order?"
steps = ["one", "two", "three"]
back = "So."

[[card]]
id = "pairs"
section = "1.2"
covers = ["1.2-01"]
kind = "match"
front = "Which belongs to which?"
pairs = [["a", "b"], ["c", "d"]]
extra = ["e"]
back = "So."

[[card]]
id = "lab"
section = "1.1"
covers = ["1.1-01"]
kind = "exercise"
lab = { exercise = "patches.count", set = { image_size = 224 }, vary = { patch_size = [14, 16] } }
back = "So."

[[card]]
id = "open"
section = "1.1"
covers = ["1.1-01"]
kind = "open"
front = "Why, in your words?"
points = ["one", "two"]
back = "So."
hints = ["a hint"]
tags = ["tag"]
dated = "2026-02-01"
"""
PROMPTS: Final = """
[[prompt]]
id = "recall-1"
section = "1.1"
covers = ["1.1-01"]
ask = "What is a patch?"
answer = "A square."
points = ["A square of pixels", "One token"]
"""
TASKS: Final = """
[[exercise]]
id = "ex-1"
section = "1.1"
covers = ["1.1-01"]
level = "easy"
minutes = 10
task = "Cut a picture."
strong = ["Names the grid", "Names the token"]
traps = ["Forgets the crop"]
worked = "14 by 14."
"""
WORDINGS: Final = """
[[wording]]
question = "int-patches"
point = "split"
says = ["it is chopped into tiles"]
denies = ["it goes in as a whole"]
near = ["a picture has many pixels"]
"""
PAIRS: Final = """
[[pair]]
question = "int-patches"
point = "split"
says = "The picture is sliced into little squares."
label = "covered"
"""
NOTES = r'''# my notes
[[override]]
id = "patch-what"  # the first
note = """
A docstring opens with \""" in Python.
"""

# about the count
[[override]]
id = 'patch-count'
note = 'my only note on it # not a comment'
front = "How many?"

[[override]]
id = "attention-cloze"
note = """ends in quotes"""""
'''
NOTES += "back = '''\nMine.\n[[override]]\n'''\n"
OWN: Final = """# mine
[[card]]
id = "own-a"
section = "1.1"
covers = ["1.1-01"]
kind = "basic"
front = '''
Why?
[[card]]'''
back = "So."

[[card]]  # second
id = "own-b"
section = "2.1"
covers = ["2.1-01"]
kind = "cloze"
front = "A {{latent}} is small."
"""
SETTINGS: Final = """# mine
new_per_day = 7  # few

theme = 'nord'
bury_siblings = false
judge_url = "http://localhost:1/v1"
leech_lapses = 5
"""


class Standstill(BaseException):
    """The time of a try is over. No exception that code under test may take for its own."""


def _write(folder: Path) -> None:
    root, own = folder / "course", folder / "home/own/tiny"
    write_gated(root)
    texts = {
        root / "content/cards/01.toml": CARDS_1 + OTHER_KINDS,
        root / "quizzes/interview.toml": INTERVIEW,
        root / "quizzes/recall.toml": PROMPTS,
        root / "quizzes/exercises.toml": TASKS,
        root / "quizzes/wordings/a.toml": WORDINGS,
        root / "quizzes/grader/tune-a.toml": PAIRS,
        own / "overrides.toml": NOTES,
        own / "cards/own.toml": OWN,
        folder / "home/settings.toml": SETTINGS,
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class _Bench:
    """A course and a learner's home, and what is tried on them after a file of theirs was mutated."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        self.home = folder / "home"
        self.own = self.home / "own/tiny"
        self.settings = self.home / "settings.toml"
        _write(folder)
        with self.opened():
            pass
        self.files = sorted(
            path for path in (*self.root.rglob("*"), *self.home.rglob("*")) if path.suffix in (".toml", ".md")
        )
        self.texts = {path: path.read_bytes() for path in self.files}
        self.database = (self.home / "study.db").read_bytes()
        self.failures: list[str] = []

    def opened(self) -> Workspace:
        """The workspace, with its settings from the file."""
        return Workspace.open(self.root, clock=TestClock())

    def restore(self) -> None:
        """All files as they were, and the database as it was after the first start."""
        for path, data in self.texts.items():
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
        for path in self.home.glob("study.db*"):
            path.unlink()
        (self.home / "study.db").write_bytes(self.database)

    def try_one(self, random: Random, number: int) -> None:
        """Mutate one file and do everything with it."""
        path = random.choice(self.files)
        data = mutated(self.texts[path], random)
        path.write_bytes(data)
        for work in (self._read, self._open, self._save_note, self._save_card, self._save_setting):
            start = time.monotonic()
            try:
                with _limited():
                    work()
            except Standstill:
                self._fail(number, path, f"{work.__name__} took more than {SECONDS:g} s")
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(last.filename).name}:{last.lineno}"
                self._fail(number, path, f"{work.__name__}: {type(error).__name__} at {where}: {str(error)[:200]!r}")
            else:
                if time.monotonic() - start > SECONDS:
                    self._fail(number, path, f"{work.__name__} took more than {SECONDS:g} s")

    def _fail(self, number: int, path: Path, what: str) -> None:
        self.failures.append(f"try {number}, {path.name}: {what}")

    def _told(self, error: Exception) -> None:
        """An error that may be raised, if its sentence says where and could be printed."""
        text = str(error)
        assert not _CONTROL.search(safe(text)), f"a control character is left in {text[:200]!r}"
        assert len(text) < 2000, f"{len(text)} characters are no sentence"
        if isinstance(error, CourseError):
            assert error.path, f"no file is named by {text[:200]!r}"
            assert error.line or any(each in text for each in _NO_LINE), f"no line is named by {text[:200]!r}"
        elif isinstance(error, SettingsError):
            assert str(self.settings) in text

    def _attempt(self, work: Callable[..., Any], *arguments: Any) -> bool:
        try:
            work(*arguments)
        except (CourseError, SettingsError) as error:
            self._told(error)
            return False
        return True

    def _tell_all(self, read: Callable[[Path, str], tuple[Any, list[CourseError]]], root: Path, path: str) -> None:
        for error in read(root, path)[1]:
            self._told(error)

    def _read(self) -> None:
        """Everything that reads."""
        root = self.root
        self._attempt(load_course, root)
        for load in (load_syllabus, load_interview, load_prompts, load_tasks):
            self._attempt(load, root)
        self._attempt(load_pairs, root, "tune")
        for path in ("content/cards/01.toml", "content/cards/02.toml"):
            self._attempt(load_cards, root, path)
            self._attempt(self._tell_all, read_cards, root, path)
        self._attempt(self._tell_all, read_own_cards, self.own, "own/cards/own.toml")
        self._attempt(load_overrides, self.own)
        self._attempt(load_gate, root, _GATE)
        self._attempt(lambda: [load_chapter(root, chapter) for chapter in load_course(root).chapters])
        for error in settings.read_what_is_right(self.settings)[1]:
            self._told(error)
        self._attempt(lambda: [str(finding) for finding in self._findings()])

    def _findings(self) -> Iterator[str]:
        for finding in check(self.root, today=_TODAY, own=self.own, settings=self.settings).findings:
            assert finding.path, finding
            assert finding.line >= 1, finding
            assert not _CONTROL.search(safe(str(finding)))
            yield str(finding)

    def _open(self) -> None:
        """The course opens with what can be read: only course.toml and everything at once may keep it from that."""
        with self.opened() as workspace:
            assert len(workspace.course.chapters) >= 1
            for problem in workspace.problems:
                assert problem.file.is_absolute()
                assert not _CONTROL.search(safe(problem.message))
            session = open_session(workspace)
            assert session.counts.new >= 0
            session.next()

    def _save_note(self) -> None:
        """A note on one card, and then without it."""
        path = self.own / "overrides.toml"
        quoted = 'new """ note\n[[override]]'
        for mine in (
            CardOverride("patch-count", note=quoted),
            CardOverride("latent-choice", note="x"),
            CardOverride("patch-what"),
        ):
            before, data = _or_none(load_overrides, self.own), path.read_bytes()
            if not self._attempt(save_override, self.own, mine):
                assert path.read_bytes() == data, "a refused note changed the file"
                continue
            assert before is not None, "a note was saved into a file that cannot be read"
            after = load_overrides(self.own)
            assert after.get(mine.id, CardOverride(mine.id)) == mine, "the note is not what was saved"
            assert _without(after, mine.id) == _without(before, mine.id), "another note changed"

    def _save_card(self) -> None:
        path = self.own / "cards/own.toml"
        row = {"id": "own-new", "section": "1.1", "covers": ["1.1-01"], "kind": "basic", "front": "New?", "back": '"""'}
        before, data = _or_none(read_own_cards, self.own, "own/cards/own.toml"), path.read_bytes()
        if not self._attempt(add_card, self.own, row):
            assert path.read_bytes() == data, "a refused card changed the file"
            return
        assert before is not None, "a card was saved into a file that cannot be read"
        cards, errors = read_own_cards(self.own, "own/cards/own.toml")
        assert not errors
        assert {card.id for card in cards} == {card.id for card in before[0]} | {"own-new"}
        assert {card.front for card in cards} == {card.front for card in before[0]} | {"New?"}

    def _save_setting(self) -> None:
        before, problems = settings.read_what_is_right(self.settings)
        data = self.settings.read_bytes()
        for name, value in (("leech_lapses", 9), ("show_timer", False), ("theme", Settings().theme)):
            change: dict[str, Any] = {name: value}
            changed = replace(before, **change)
            if not self._attempt(settings.write, self.settings, changed, name):
                assert problems, "a sound file was refused"
                assert self.settings.read_bytes() == data, "a refused setting changed the file"
                continue
            unchanged = self.settings.read_bytes() == data
            before, problems = settings.read_what_is_right(self.settings)
            data = self.settings.read_bytes()
            assert before == changed, "another setting changed"
            assert unchanged or not problems, "a file that is wrong was changed"


_GATE: Final = GateHead("first", "The small audit", "Module 9", "9", "audit.toml", 2, 3, 2)


def _without(notes: dict[str, CardOverride], key: str) -> list[CardOverride]:
    return [note for name, note in notes.items() if name != key]


def _or_none(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except CourseError:
        return None


@contextmanager
def _limited() -> Iterator[None]:
    """Raises Standstill inside once the time is over; only the main thread can be stopped so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise Standstill

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def mutate(tries: int, seed: int) -> list[str]:
    """Mutate a file, do everything with it, put it back; `tries` times."""
    random = Random(seed)
    with TemporaryDirectory() as name, mock.patch.dict(os.environ, {"STUDYTUI_HOME": f"{name}/home"}):
        bench = _Bench(Path(name))
        for number in range(tries):
            bench.try_one(random, number)
            bench.restore()
        return bench.failures


ATTACKS = [Attack("course, own and settings files mutated", tries=20_000, quick=16, run=mutate)]
