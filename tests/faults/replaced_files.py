"""Another file in the database's place while a session has it open, or right after it was killed: nobody's answers go.

The session is the app's own, `studytui review --plain`, in a process of its own; so is the other machine's.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from studytui.store import Store, doctor
from tests.faults.attack import Attack
from tests.store.surroundings import with_root
from tests.ui.tiny_course import write_course

ANSWER: Final = ":x\n4\n"
CARDS: Final = "".join(
    f'[[card]]\nid = "card-{number}"\nsection = "1.1"\ncovers = ["1.1-01"]\ngroup = "g{number}"\nkind = "basic"\n'
    f'front = "Question {number}?"\nback = "Answer {number}."\n'
    for number in range(30)
)


class Session:
    """`review --plain` on one machine."""

    def __init__(self, course: Path, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studytui", "--course", str(course), "review", "--plain"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=with_root() | {"STUDYTUI_HOME": str(home)},
        )

    def answer(self, times: int) -> None:
        """Answer so many cards, and wait until each is said to be saved and the next one is asked."""
        assert self.process.stdin
        self._hear(b"Press Enter")
        for _ in range(times):
            self.process.stdin.write(ANSWER.encode())
            self.process.stdin.flush()
            self._hear(b"Saved: ", b"Press Enter")

    def _hear(self, *texts: bytes) -> None:
        assert self.process.stdout
        said = b""
        while not all(text in said for text in texts):
            chunk = os.read(self.process.stdout.fileno(), 4096)
            if not chunk:
                raise RuntimeError(f"the session ended: {said.decode()[-1000:]}")
            said += chunk

    def ends(self, typed: str) -> str:
        out, _ = self.process.communicate(typed.encode(), timeout=120)
        return out.decode()

    def is_killed(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def uids(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {uid for (uid,) in connection.execute("SELECT review_uid FROM review")}


def rename(new: Path, path: Path) -> None:
    Path(shutil.copyfile(new, path.with_name("arriving"))).replace(path)


def write_over(new: Path, path: Path) -> None:
    shutil.copyfile(new, path)


def write_over_in_blocks(new: Path, path: Path) -> None:
    """As `rsync --inplace` does."""
    content = new.read_bytes()
    with path.open("r+b") as file:
        for at in range(0, len(content), 4096):
            file.seek(at)
            if file.read(4096) != content[at : at + 4096]:
                file.seek(at)
                file.write(content[at : at + 4096])
        file.truncate(len(content))


def remove(_: Path, path: Path) -> None:
    path.unlink()


def cut_short(_: Path, path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 2048 * 2048)


def empty(_: Path, path: Path) -> None:
    os.truncate(path, 0)


Arrival = Callable[[Path, Path], None]
WHOLE: Final[tuple[Arrival, ...]] = (rename, write_over, write_over_in_blocks)
ARRIVALS: Final[tuple[Arrival, ...]] = (*WHOLE, remove, cut_short, empty)


@dataclass(frozen=True)
class Try:
    """What happens: `before` and `lately` are answers before the other machine's copy and since."""

    arrive: Arrival
    before: int
    lately: int
    there: int
    killed: bool
    then: str

    def __str__(self) -> str:
        how = f"{self.arrive.__name__} {'after kill -9' if self.killed else f'then {self.then!r}'}"
        return f"{how}, {self.before}+{self.lately} answers here and {self.there} there"


def chosen(number: int, chance: random.Random) -> Try:
    """Every way in turn, with and without a kill, each with any number of answers."""
    killed = number % 3 == 2
    arrivals = WHOLE if killed else ARRIVALS
    return Try(
        arrivals[number // 3 % len(arrivals)] if killed else arrivals[(number - number // 3) % len(arrivals)],
        before=chance.randint(0, 6),
        lately=chance.randint(1 if killed else 0, 12),
        there=chance.randint(1, 6),
        killed=killed,
        then=chance.choice(("1\n4\n", "2\n", "")),
    )


def faults_of(what: Try, folder: Path) -> list[str]:
    """Do it; what went wrong, in words."""
    course, here, there = write_course(folder / "course", cards=CARDS), folder / "here", folder / "there"
    for home in (here, there):
        home.mkdir()
        (home / "settings.toml").write_text("new_per_day = 99\nread_first = false\n", encoding="utf-8")
    path = here / "study.db"
    first = Session(course, here)
    first.answer(what.before)
    first.ends(":q\nq\n")
    shutil.copyfile(path, there / "study.db")
    other = Session(course, there)
    other.answer(what.there)
    other.ends(":q\nq\n")
    theirs = uids(there / "study.db")
    session = Session(course, here)
    session.answer(what.lately)
    if what.killed:
        session.is_killed()
        ours = uids_after_kill(path, folder)
        what.arrive(there / "study.db", path)
        said = Session(course, here).ends(":q\nq\n")
    else:
        ours = uids(path)
        what.arrive(there / "study.db", path)
        arrived = path.read_bytes() if path.exists() else None
        said = session.ends(f"{ANSWER}{what.then}")
    faults = [said.strip().splitlines()[-1]] if "Traceback" in said else []
    databases = [file for file in here.rglob("*.db") if not file.name.startswith("unread-") and file.stat().st_size]
    found = {}
    for file in databases:
        try:
            found[file] = uids(file)
        except sqlite3.DatabaseError:
            if not (file == path and what.arrive is cut_short):
                faults.append(f"{file.name} is no database")
    if lost := ours - set().union(*found.values()):
        faults.append(f"{len(lost)} answers given here are nowhere")
    is_whole = what.arrive in WHOLE
    if is_whole and not theirs <= found.get(path, set()):
        faults.append("answers given there are not in the file")
    if not what.killed and what.then != "1\n4\n" and (path.read_bytes() if path.exists() else None) != arrived:
        faults += ["the new file was written"] if not is_whole or found.get(path) != theirs else []
    if not what.killed and what.then == "1\n4\n" and is_whole and not ours | theirs < found.get(path, set()):
        faults.append("going on did not join both and save the answer")
    for file in [*here.glob("backups/kept-*.db"), *([path] if is_whole else [])]:
        store = Store.open(file, today=date(2027, 1, 1))
        faults += [f"doctor of {file.name}: {one}" for one in doctor.examine(store) if one.level == "error"]
        store.close()
    faults += [f"{left.name} is left" for left in here.glob("study.db-*")]
    return [f"{what}: {fault}" for fault in faults]


def uids_after_kill(path: Path, folder: Path) -> set[str]:
    """What a killed session had saved, read from copies of the file and its log."""
    place = folder / "as it was"
    place.mkdir()
    for ending in ("", "-wal"):
        shutil.copyfile(f"{path}{ending}", f"{place / 'study.db'}{ending}")
    return uids(place / "study.db")


def replaced(tries: int, seed: int) -> list[str]:
    """Every kind of arrival in turn."""
    chance = random.Random(seed)
    faults = []
    for number in range(tries):
        with TemporaryDirectory(prefix="replaced-") as name:
            faults += faults_of(chosen(number, chance), Path(name))
    return faults


ATTACKS = (Attack("another file in the open database's place", 40, 2, replaced),)
