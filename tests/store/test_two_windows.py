"""Two apps on one file: both write, none loses an answer, and a lock that is held too long is told."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from studytui.errors import Busy, StaleCard
from studytui.store import Store
from studytui.store.records import HEAD
from tests.store.learner import DAY, PRISTINE, Learner, log_ids
from tests.store.surroundings import with_root

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""

ANSWER = """
import sys
from itertools import count
from pathlib import Path
from studytui.store import Store
from tests.store.learner import DAY, Learner
first = int(sys.argv[2])
learner = Learner(Store.open(Path(sys.argv[1]), today=DAY), numbers=count(first * 1000))
print("open", flush=True)
sys.stdin.readline()
for _ in range(40):
    for number in range(first, first + 5):
        learner.answer(number, 2)
learner.store.close()
"""

OPEN = """
import sys
from pathlib import Path
from studytui.store import Store
from tests.store.learner import DAY
print("ready", flush=True)
sys.stdin.readline()
Store.open(Path(sys.argv[1]), today=DAY).close()
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that waits for a line after it has said it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=with_root(),
    )
    assert process.stdout
    assert process.stdout.readline().strip() in {"held", "open", "ready"}
    return process


def go(processes: list[subprocess.Popen[str]]) -> None:
    """Let all of them on at once and wait for their good end."""
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_a_lock_held_by_another_process_is_told_and_nothing_is_lost(learner: Learner, path: Path) -> None:
    learner.store.connection.execute("PRAGMA busy_timeout=100")
    record = learner.record(learner.card(0), 4)
    holder = start(HOLD, path)
    with pytest.raises(Busy) as caught:
        learner.store.answer(record)
    assert "nothing is lost" in caught.value.hint
    assert not learner.store.connection.in_transaction
    assert learner.card(0).state == PRISTINE, "reading goes on"
    go([holder])
    learner.store.answer(record)
    assert learner.card(0).state == record.after


def test_a_short_lock_is_waited_for(learner: Learner, path: Path) -> None:
    holder = start(HOLD, path)
    release = threading.Timer(0.3, go, [[holder]])
    release.start()
    learner.answer(0, 4)
    release.join()
    assert len(log_ids(learner.store)) == 1


def test_two_processes_answer_at_once_and_every_answer_is_there(learner: Learner, path: Path) -> None:
    go([start(ANSWER, path, 0), start(ANSWER, path, 5)])
    assert len(log_ids(learner.store)) == 400
    assert learner.store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_second_to_answer_a_card_is_told(learner: Learner, path: Path) -> None:
    other = replace(learner, store=Store.open(path, today=DAY))
    mine, theirs = learner.card(0), other.card(0)
    other.store.answer(other.record(theirs, 5))
    with pytest.raises(StaleCard, match="another window"):
        learner.store.answer(learner.record(mine, 2))
    assert learner.card(0).state.schedule.ease_factor == 260
    other.store.close()


def test_processes_that_make_the_database_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    go([start(OPEN, path) for _ in range(3)])
    store = Store.open(path, today=DAY)
    assert store.connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    store.close()
