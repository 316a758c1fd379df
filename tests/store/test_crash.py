"""A process killed while it answers: every answer it was told is safe is there, none is there by half."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studytui.store import Store, doctor
from tests.store.learner import DAY, Learner
from tests.store.surroundings import with_root

ANSWER_FOR_EVER = """
import sys
from itertools import count, cycle
from pathlib import Path
from studytui.store import Store
from tests.store.learner import DAY, Learner
learner = Learner(Store.open(Path(sys.argv[1]), today=DAY), numbers=count(int(sys.argv[2])))
for number in cycle(range(10)):
    print(learner.answer(number, 2), flush=True)
"""
ROUNDS = 5


@pytest.mark.parametrize("answers", [1, 137])
def test_killed_while_answering(learner: Learner, path: Path, answers: int) -> None:
    learner.store.close()
    acknowledged: list[int] = []
    for start in range(ROUNDS):
        process = subprocess.Popen(
            [sys.executable, "-c", ANSWER_FOR_EVER, str(path), str(start * 10**6)],
            stdout=subprocess.PIPE,
            text=True,
            env=with_root(),
        )
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(answers)]
        process.send_signal(signal.SIGKILL)
        # What was read ahead with a line is in the stream's own buffer, which communicate() passes over.
        acknowledged += [int(line) for line in (*lines, *process.stdout) if line.endswith("\n")]
        process.stdout.close()
        process.wait(timeout=30)
    store = Store.open(path, today=DAY)
    written = [row_id for (row_id,) in store.connection.execute("SELECT id FROM review ORDER BY id")]
    assert set(acknowledged) <= set(written)
    assert len(acknowledged) >= ROUNDS * answers
    assert len(written) - len(acknowledged) <= ROUNDS, "at most the answer under way when each was killed"
    assert doctor.examine(store) == []
    store.close()
