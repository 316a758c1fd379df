"""kill -9 at a random moment of each thing that writes: what was said to be done is there, nothing is there by half."""

from __future__ import annotations

import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from studytui.course.loader import decode
from studytui.domain.settings import Settings
from studytui.store import Store, backup, doctor
from studytui.store.connection import HEAD
from studytui.study.rehearsal import drafts_of
from studytui.study.workspace import Workspace
from tests.benchmarks.courses import write_course
from tests.benchmarks.kill9 import strike_often
from tests.faults.attack import Attack
from tests.store.learner import DAY, Learner, compiled, new_learner

CARDS: Final = 60
WITHIN_S: Final = 0.6
"""A blow falls so long after the first thing was done, at most."""
START_S: Final = 60.0
OLD: Final = Path(__file__).parents[1] / "store/fixtures/schema-0001.sql"


@dataclass(frozen=True)
class Place:
    """A learner's home with a course, and what the deeds need beside it."""

    folder: Path

    @property
    def course(self) -> Path:
        return self.folder / "course"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def database(self) -> Path:
        return self.home / "study.db"


def _make(folder: Path) -> Place:
    place = Place(folder)
    write_course(place.course, CARDS)
    place.home.mkdir()
    (place.home / "settings.toml").write_text("new_per_day = 9999\nreviews_per_day = 9999\n", encoding="utf-8")
    for name, first in (("a.db", 0), ("b.db", 1)):
        learner = new_learner(folder / name, [compiled(number) for number in range(10)])
        for number in range(10):
            learner.store.record_review(learner.record(learner.card(number), 4, review_uid=f"{name}-{first}-{number}"))
        learner.store.close()
    with closing(sqlite3.connect(folder / "old.db")) as old:
        old.executescript(OLD.read_text(encoding="utf-8"))
    return place


def _killed(deed: str, place: Place, chance: random.Random) -> list[str]:
    """What a process said that it had done before the blow."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults._deeds", deed, str(place.course)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"STUDYTUI_HOME": str(place.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    said = b""
    deadline = time.monotonic() + START_S
    blow = None
    while (now := time.monotonic()) < (blow or deadline):
        if select.select([process.stdout], [], [], min((blow or deadline) - now, 0.1))[0]:
            chunk = os.read(process.stdout.fileno(), 65_536)
            if not chunk:
                break
            said += chunk
        if blow is None and said.count(b"\n") > 1:
            blow = time.monotonic() + chance.uniform(0, WITHIN_S)
    process.send_signal(signal.SIGKILL)
    rest, errors = process.communicate()
    if process.returncode != -signal.SIGKILL or errors:
        raise RuntimeError(f"{deed} ended by itself: {errors.decode()[-2000:]}")
    lines = (said + rest).decode().split("\n")[:-1]
    return lines[1:]


@contextmanager
def _at_home(place: Place) -> Iterator[Workspace]:
    before = os.environ.get("STUDYTUI_HOME")
    os.environ["STUDYTUI_HOME"] = str(place.home)
    try:
        with Workspace.open(place.course) as workspace:
            yield workspace
    finally:
        if before is None:
            del os.environ["STUDYTUI_HOME"]
        else:
            os.environ["STUDYTUI_HOME"] = before


def _uids(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {uid for (uid,) in connection.execute("SELECT review_uid FROM review")}


def _unsound(path: Path) -> Iterator[str]:
    store = Store.open(path, today=date(2027, 1, 1))
    yield from (f"doctor of {path.name}: {finding}" for finding in doctor.examine(store) if finding.level == "error")
    store.close()


def _wrong(place: Place, wanted: Callable[[set[str]], bool], what: str) -> Iterator[str]:
    found = _uids(place.database)
    if not wanted(found):
        yield f"{what}, and the log holds {len(found)} rows"


def _after_answers(place: Place, done: list[str]) -> Iterator[str]:
    answered = {line.removeprefix("answered ") for line in done if line.startswith("answered ")}
    yield from _wrong(place, lambda found: answered <= found, f"{len(answered)} answers were saved")


def _after_backups(place: Place, done: list[str]) -> Iterator[str]:
    made = [Path(line.removeprefix("made ")) for line in done if line != "made None"]
    for path in made:
        if not path.exists() and "manual" in path.name:
            yield f"{path.name} was made and is not there"
        elif path.exists():
            with closing(sqlite3.connect(path)) as connection:
                if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    yield f"{path.name} is not whole"


def _after_restores(place: Place, done: list[str]) -> Iterator[str]:
    a, b = _uids(place.folder / "a.db"), _uids(place.folder / "b.db")
    last = a if not done or done[-1].endswith("a.db") else b
    yield from _wrong(place, lambda found: found in (last, b if last is a else a), f"the last was {done[-1:]}")


def _after_merges(place: Place, done: list[str]) -> Iterator[str]:
    a, both = _uids(place.folder / "a.db"), _uids(place.folder / "a.db") | _uids(place.folder / "b.db")
    yield from _wrong(place, lambda found: found in (a, both), f"the last was {done[-1:]}")


def _after_migrations(place: Place, done: list[str]) -> Iterator[str]:
    rows = len(_uids(place.folder / "old.db"))
    for path in place.home.glob("*.db"):
        with closing(sqlite3.connect(path)) as connection:
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if f"migrated {path}" in done and version != HEAD:
            yield f"{path.name} was migrated and is of schema {version}"
        if len(_uids(path)) != rows:
            yield f"{path.name} lost rows"
        yield from _unsound(path)


def _after_own_cards(place: Place, done: list[str]) -> Iterator[str]:
    with _at_home(place) as workspace:
        for line in done:
            if workspace.store.card(workspace.course_no, line.removeprefix("card ")) is None:
                yield f"{line} was written and is not there"


def _after_notes(place: Place, done: list[str]) -> Iterator[str]:
    last = {line.split()[1]: int(line.split()[2]) for line in done}
    with _at_home(place) as workspace:
        for key, number in last.items():
            stored = workspace.store.card(workspace.course_no, key)
            found = re.fullmatch(r"note (\d+)", decode(stored.payload).note) if stored else None
            if found is None or int(found[1]) not in (number, number + 2):
                yield f"the note on {key} was {number} and is {found and found[0]}"


def _after_settings(place: Place, done: list[str]) -> Iterator[str]:
    text = (place.home / "settings.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text).get("new_per_day", Settings().new_per_day)
    last = int(done[-1].split()[1])
    if found not in (last, last % 98 + 1):
        yield f"the setting was {last} and is {found}"


def _after_drafts(place: Place, done: list[str]) -> Iterator[str]:
    last = int(done[-1].split()[1])
    with _at_home(place) as workspace:
        found = drafts_of(workspace).load("question")
        if found is None or found.text not in (f"typed {number} {'x' * 500}" for number in (last, last + 1)):
            yield f"draft {last} was saved and {found and found.text[:20]} is there"


def _after_syncs(place: Place, _: list[str]) -> Iterator[str]:
    text = (place.course / "content/cards/01-part.toml").read_text(encoding="utf-8")
    wanted = re.search(r'back = "(.*?),', text)
    with _at_home(place) as workspace:
        stored = workspace.store.card(workspace.course_no, "bench-0")
        if wanted is None or stored is None or wanted[1] not in stored.payload:
            yield "the card is not as its file has it"
        yield from _unsound(place.database)


@dataclass(frozen=True)
class Deed:
    """What is done over and over, and what is looked at after the blow. `share` of the tries are its own."""

    name: str
    share: int
    after: Callable[[Place, list[str]], Iterator[str]]
    begin_with: str = ""
    """The database that is there before, beside the folder."""


DEEDS: Final = (
    Deed("restore", 60, _after_restores, "b.db"),
    Deed("merge", 60, _after_merges, "a.db"),
    Deed("back_up", 40, _after_backups, "a.db"),
    Deed("answer", 60, _after_answers),
    Deed("migrate", 40, _after_migrations),
    Deed("own_card", 30, _after_own_cards),
    Deed("note", 30, _after_notes),
    Deed("setting", 20, _after_settings),
    Deed("draft", 20, _after_drafts),
    Deed("sync", 40, _after_syncs),
)
SESSIONS: Final = 100
"""Tries that strike `studytui review --plain` itself."""


def _strike(deed: Deed, chance: random.Random) -> list[str]:
    with TemporaryDirectory(prefix="kill-") as name:
        place = _make(Path(name))
        if deed.begin_with:
            shutil.copyfile(place.folder / deed.begin_with, place.database)
        done = _killed(deed.name, place, chance)
        faults = [f"{deed.name}: {fault}" for fault in deed.after(place, done)]
        if deed.name != "migrate":
            faults += [f"{deed.name}: {fault}" for fault in _unsound(place.database)]
        return faults + [f"{deed.name}: {path.name} is left over" for path in place.folder.rglob("*.partial*")]


def kills(tries: int, seed: int) -> list[str]:
    """Strike each deed in turn, by its share."""
    chance = random.Random(seed)
    sessions = tries * SESSIONS // 500
    turns = [deed for deed in DEEDS for _ in range(deed.share)]
    step = len(turns) / max(1, tries - sessions)
    faults = []
    for number in range(tries - sessions):
        faults += _strike(turns[int(number * step)] if step >= 1 else turns[number % len(turns)], chance)
    with TemporaryDirectory(prefix="kill-") as name:
        strikes = strike_often(Path(name), sessions, chance) if sessions else []
    return faults + [fault for strike in strikes for fault in strike.faults]


def wild_clocks(tries: int, seed: int) -> list[str]:
    """Days by a clock that jumps by centuries: the copy of the day stays, and wrong days cost no right one."""
    chance = random.Random(seed)
    faults = []
    for _ in range(tries):
        with TemporaryDirectory(prefix="clock-") as name:
            path = Path(name) / "study.db"
            learner: Learner = new_learner(path, [compiled(0)])
            learner.answer(0, 4)
            right, days = DAY, set()
            for number in range(12):
                right += timedelta(days=chance.randint(1, 20))
                for day in [date(chance.choice((1, 1970, 2099, 9999)), 1, 1 + chance.randrange(28)), right][
                    number % 2 :
                ]:
                    backup.daily(path, today=day)
                    if not (backup.folder(path) / f"daily-{day}.db").exists():
                        faults.append(f"the copy of {day} was made and is not there")
                days.add(right)
            faults += [
                f"the copy of {day} gave way to one of a wrong clock"
                for day in sorted(days)[-backup.DAYS :]
                if not (backup.folder(path) / f"daily-{day}.db").exists()
            ]
            learner.store.close()
    return faults


ATTACKS = (
    Attack("kill -9 in each thing that writes", 500, 3, kills),
    Attack("backups while the clock jumps", 40, 1, wild_clocks),
)
