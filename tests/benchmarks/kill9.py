"""kill -9 at random moments of a session: every answer that the learner saw saved is in the log, and the file is sound.

The session is the app's own (`studytui review --plain`) with all answers waiting in its pipe, so that it writes as fast
as it can and the blow falls between any two instructions. Every tenth blow hits a learner's first start.
"""

from __future__ import annotations

import os
import random
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from studytui.store import Store, doctor
from studytui.study.workspace import SystemClock
from tests.benchmarks.courses import write_course
from tests.benchmarks.peers import BENCH, ROOT
from tests.benchmarks.report import Row

CARDS: Final = 600
STRIKES_A_HOME: Final = 10
MOST_CARDS: Final = 24
FIRST_START_S: Final = 1.6
START_S: Final = 0.4
WITHIN_CARD_S: Final = 0.003

KEYS: Final = ("1", "2", "3", "4", "", "u")
KEY_WEIGHTS: Final = (2, 2, 6, 2, 2, 1)
GIVE_UP_S: Final = 30.0

_SHOWN: Final = re.compile(r"^\[[\w-]+\] ", re.MULTILINE)
_EVENT: Final = re.compile(r"^\[(?P<shown>[\w-]+)\]|(?P<saved>Saved:)|(?P<undone>Undone:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Strike:
    """What one kill left: what the learner had seen happen, and what is wrong with the file (nothing, it is hoped)."""

    seen: tuple[tuple[str, str], ...]
    """What the session reported, in order: ("answer", "bench-3"), ("undo", "")."""
    shown: int
    faults: tuple[str, ...]


def kill9(_: int, *, kills: int, seed: int) -> list[Row]:
    """Strike `kills` times and count the strikes after which anything was wrong."""
    BENCH.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=BENCH, prefix="kill-") as folder:
        strikes = strike_often(Path(folder), kills, random.Random(seed))
    faulty = [strike for strike in strikes if strike.faults]
    for strike in faulty:
        print(f"kill9: {'; '.join(strike.faults)}", file=sys.stderr)
    detail = {
        "kills": kills,
        "seed": seed,
        "answers_seen_saved": sum(len(strike.seen) for strike in strikes),
        "kills_before_the_first_card": sum(strike.shown == 0 for strike in strikes),
        "faults": [fault for strike in faulty for fault in strike.faults],
    }
    return [Row("kill9", float(len(faulty)), f"faulty of {kills}", 0.0, detail=detail)]


def strike_often(folder: Path, kills: int, chance: random.Random) -> list[Strike]:
    """`kills` strikes, each ten on one learner's folder, the first of them while it is being made."""
    course = folder / "course"
    write_course(course, CARDS)
    strikes = []
    for number in range(kills):
        home = folder / f"home-{number // STRIKES_A_HOME}"
        first = not home.exists()
        if first:
            home.mkdir()
            (home / "settings.toml").write_text("new_per_day = 9999\nreviews_per_day = 9999\n", encoding="utf-8")
        strikes.append(strike(course, home, chance, first_start=first))
    return strikes


def strike(course: Path, home: Path, chance: random.Random, *, first_start: bool = False) -> Strike:
    """Start a session, kill it at a random moment and compare what it said with what the file holds."""
    before = _log(home / "study.db")
    cards = 0 if first_start or chance.random() < 0.1 else chance.randint(1, MOST_CARDS)
    delay_s = chance.uniform(0, WITHIN_CARD_S if cards else FIRST_START_S if first_start else START_S)
    said = _said_until_killed(course, home, chance, cards=cards, delay_s=delay_s)
    seen: list[tuple[str, str]] = []
    shown = ""
    cards_shown = 0
    for event in _EVENT.finditer(said):
        if event["shown"]:
            shown, cards_shown = event["shown"], cards_shown + 1
        else:
            seen.append(("answer", shown) if event["saved"] else ("undo", ""))
    return Strike(tuple(seen), cards_shown, tuple(_faults(home / "study.db", before, seen)))


def _said_until_killed(course: Path, home: Path, chance: random.Random, *, cards: int, delay_s: float) -> str:
    """Everything the session printed; the blow falls `delay_s` after it showed so many cards."""
    answers = "".join(f"\n{chance.choices(KEYS, KEY_WEIGHTS)[0]}\n" for _ in range(MOST_CARDS * 4))
    process = subprocess.Popen(
        [sys.executable, "-m", "studytui", "--course", course, "review", "--plain"],
        cwd=ROOT,
        env=os.environ | {"STUDYTUI_HOME": str(home), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin and process.stdout
    said = b""
    with process, process.stdin, process.stdout:
        process.stdin.write(answers.encode())
        process.stdin.flush()
        said, ended = _read(process, said, cards, time.monotonic() + GIVE_UP_S)
        if not ended:
            said, ended = _read(process, said, sys.maxsize, time.monotonic() + delay_s)
        process.send_signal(signal.SIGKILL)
        if not ended:
            said += process.stdout.read()
    text = said.decode("utf-8", "replace")
    if ended or len(_SHOWN.findall(text)) < cards:
        raise RuntimeError(f"the session ended before it was killed:\n{text[-2000:]}")
    return text


def _read(process: subprocess.Popen[bytes], said: bytes, cards: int, until: float) -> tuple[bytes, bool]:
    """Read on until so many cards were shown or the time is over; True if the session closed its output."""
    assert process.stdout
    while len(_SHOWN.findall(said.decode("utf-8", "replace"))) < cards and (left := until - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], left)[0]:
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                return said, True
            said += chunk
    return said, False


def _faults(path: Path, before: list[tuple[str, str]], seen: list[tuple[str, str]]) -> list[str]:
    """What is wrong with the file after a kill, in plain words."""
    faults = []
    after = _log(path)
    new = after[len(before) :]
    if after[: len(before)] != before:
        faults.append("rows of an earlier session changed")
    if [(action, card if action == "answer" else "") for action, card in new[: len(seen)]] != seen:
        faults.append(f"seen saved {seen[-3:]}, but the log ends with {new[-3:]}")
    if len(new) > len(seen) + 1:
        faults.append(f"{len(new) - len(seen)} rows more than were seen saved; one can be on its way, no more")
    if path.exists():
        with closing(sqlite3.connect(path)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        if said != ["ok"]:
            faults.append(f"integrity_check: {said}")
    with closing(Store.open(path, today=SystemClock().now().date())) as store:
        faults += [f"doctor: {finding}" for finding in doctor.examine(store)]
    return faults


def _log(path: Path) -> list[tuple[str, str]]:
    """(answer or undo or another action, card) of each row of the log, oldest first; empty before there is one."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'review'").fetchone():
            return []
        rows = connection.execute(
            "SELECT CASE WHEN action IN ('review', 'reask') THEN 'answer' ELSE action END, key"
            " FROM review JOIN card ON card.id = card_id ORDER BY review.id"
        )
        return [(action, key) for action, key in rows]
