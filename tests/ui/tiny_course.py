"""A small course on the disk and the app running on it, for tests of screens that are not the review."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from textual._context import visible_screen_stack
from textual.pilot import Pilot

from studytui.domain.queue import Scope
from studytui.domain.settings import Settings
from studytui.store import Store
from studytui.study.workspace import Workspace
from studytui.ui.app import StudyApp

HOSTILE = "[bold red]not red[/] [/nope] \x1b[31mESC\x1b]0;title\x07 \u202egnp.exe 👩‍👩‍👧‍👦 宽字符 " + "x" * 10_000

COURSE = """
id = "tiny"
title = "Tiny course"
language = "en"
version = "1"

[[chapter]]
number = 1
title = "First [bold]things[/bold]"
text = "chapters/01.md"
cards = "cards/01.toml"
[[chapter.section]]
id = "1.1"
title = "Patches"
[[chapter.section]]
id = "1.2"
title = "Attention"

[[chapter]]
number = 2
title = "Second things"
text = "chapters/02.md"
cards = "cards/02.toml"
[[chapter.section]]
id = "2.1"
title = "Latents"

[[helper]]
id = "eye"
name = "The eye"
stands_for = "vision encoder"
summary = "It sees."

[[lens]]
id = "eye"
question = "Did the eye fail?"
summary = "It saw nothing."
"""

SYLLABUS = "".join(
    f'[[fact]]\nid = "{section}-01"\nsection = "{section}"\nkind = "fact"\ntext = "Objective of {section}."\n\n'
    for section in ("1.1", "1.2", "2.1")
)

CARDS_1 = """
[[card]]
id = "patch-count"
section = "1.1"
covers = ["1.1-01"]
group = "a"
kind = "numeric"
front = "How many patches?"
answer = 196
back = "14 times 14."
helpers = ["eye"]

[[card]]
id = "patch-what"
section = "1.1"
covers = ["1.1-01"]
group = "b"
kind = "basic"
front = "What is a *patch*?"
back = "A small square."

[[card]]
id = "attention-cloze"
section = "1.2"
covers = ["1.2-01"]
group = "c"
kind = "cloze"
front = "Attention is {{softmax}} of scores."
back = "Row by row."
lens = "eye"
"""

CARDS_2 = """
[[card]]
id = "latent-choice"
section = "2.1"
covers = ["2.1-01"]
group = "d"
kind = "choice"
front = "What is a latent?"
options = [
  { text = "A code", correct = true },
  { text = "A pixel", why = "Pixels are decoded from it." },
  { text = "A label", why = "Nobody named it." },
]
back = "A compressed code."
"""

CHAPTER_1 = (
    "# Chapter 1: First things\n\nBefore all.\n\n## 1.1 Patches\n\nA patch is a square.\n\n"
    + "\n\n".join(f"Line {i} about squares." for i in range(60))
    + "\n\n## 1.2 Attention\n\nScores become weights here.\n"
)
CHAPTER_2 = "# Chapter 2: Second things\n\n## 2.1 Latents\n\nA latent is a code.\n"


@dataclass
class TestClock:
    """A clock that stands until it is moved."""

    __test__ = False
    moment: datetime = datetime(2026, 3, 10, 9, 0, tzinfo=timezone(timedelta(hours=1)))

    def now(self) -> datetime:
        return self.moment


class NoLabs:
    """A lab client that never starts anything."""

    ready = False

    async def start(self) -> None:
        return

    async def close(self) -> None:
        return


def write_course(root: Path, *, cards: str = CARDS_1, chapter: str = CHAPTER_1) -> Path:
    """The course's files below `root`."""
    for folder in ("content/chapters", "content/cards", "quizzes"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    content = root / "content"
    (content / "course.toml").write_text(COURSE, encoding="utf-8")
    (content / "syllabus.toml").write_text(SYLLABUS, encoding="utf-8")
    (content / "cards/01.toml").write_text(cards, encoding="utf-8")
    (content / "cards/02.toml").write_text(CARDS_2, encoding="utf-8")
    (content / "chapters/01.md").write_text(chapter, encoding="utf-8")
    (content / "chapters/02.md").write_text(CHAPTER_2, encoding="utf-8")
    return root


@cache
def _empty_database() -> bytes:
    """A database with the schema and nothing in it; migrating one for every test would take most of its time."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "study.db"
        Store.open(path, today=TestClock().moment.date()).close()
        return path.read_bytes()


def make_home(home: Path) -> Path:
    """A learner's folder with a database in which nothing is, and settings by which new cards wait for no reading and
    the options of a choice are in sight.

    One that has a database stays as it is.
    """
    if not (home / "study.db").exists():
        home.mkdir(exist_ok=True)
        (home / "settings.toml").write_text('read_first = false\noptions = "shown"\n')
        (home / "study.db").write_bytes(_empty_database())
    return home


@dataclass
class Running:
    """The app under test, its keys and what it shows."""

    app: StudyApp
    pilot: Pilot[int]
    workspace: Workspace
    clock: TestClock

    async def press(self, *keys: str) -> None:
        """Press keys, each after all that followed the one before."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text, letter by letter."""
        names = {" ": "space", ":": "colon", ".": "full_stop", "-": "minus", "+": "plus", ",": "comma"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def settle(self) -> None:
        """Wait until no thread of the screen is at work and everything is drawn."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()
        await self.pilot.pause()

    @property
    def screen(self) -> str:
        """The class name of the screen on top."""
        return type(self.app.screen).__name__

    @property
    def text(self) -> str:
        """All that stands on the screen, line by line."""
        visible_screen_stack.set(self.app._background_screens)
        strips = self.app.screen._compositor.render_strips()
        lines = ("".join(part.text for part in strip if part.text.strip(" ")) for strip in strips)
        return "\n".join(line.replace("\xa0", " ") for line in lines if line)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What stands in the database."""
        return self.workspace.store.connection.execute(sql, values).fetchall()

    def no(self, key: str) -> int:
        """The number of a card."""
        card = self.workspace.store.card(self.workspace.course_no, key)
        assert card is not None
        return card.no

    def review(self, key: str, grade: int, *, days_ago: int = 0) -> None:
        """Answer a card as a session would, some days ago."""
        from studytui.domain import sm2
        from studytui.store import CardState, ReviewRecord, Stamp

        card = self.workspace.store.card(self.workspace.course_no, key)
        assert card is not None
        at = self.clock.now() - timedelta(days=days_ago)
        after = CardState(sm2.review(card.state.schedule, grade, on=at.date()))
        stamp = Stamp(at.astimezone(UTC), at.date(), "s")
        self.workspace.store.answer(ReviewRecord(stamp.uid(), card, "review", stamp, grade, after, duration_ms=1000))


@asynccontextmanager
async def running(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    size: tuple[int, int] = (80, 24),
    cards: str = CARDS_1,
    chapter: str = CHAPTER_1,
    settings: Settings | None = None,
    covered: bool = False,
    **options: Any,
) -> AsyncIterator[Running]:
    """The app on the tiny course, drawn and settled; the options of a choice are in sight at once unless `covered`."""
    monkeypatch.setenv("STUDYTUI_HOME", str(make_home(tmp_path / "home")))
    clock = TestClock()
    root = write_course(tmp_path / "course", cards=cards, chapter=chapter)
    settings = replace(settings or Settings(start_labs=False), options="covered" if covered else "shown")
    with Workspace.open(root, clock=clock, settings=settings) as workspace:
        app = StudyApp(workspace, NoLabs(), **options)  # type: ignore[arg-type]
        async with app.run_test(size=size, notifications=True) as pilot:
            run = Running(app, pilot, workspace, clock)
            await run.settle()
            yield run


__all__ = ["HOSTILE", "Running", "Scope", "TestClock", "make_home", "running", "write_course"]
