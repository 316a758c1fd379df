"""Kill -9 while drafts, bookmark and results are written, while old files are taken in, while own files come back.

What was acknowledged must be there, whole; what was under way may be there, whole, or not at all.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from studytui.domain.settings import Settings
from studytui.store import Store, backup
from studytui.study import learner_state
from studytui.study.rehearsal import drafts_of
from studytui.study.workspace import Workspace
from tests.faults.attack import Attack
from tests.store.surroundings import with_root
from tests.store.test_migrations import RELEASED, restored
from tests.ui.tiny_course import TestClock, make_home, write_course

AT: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
PROMPTS: Final = 7
START_S: Final = 60.0

WRITE = """
import sys
from itertools import count
from pathlib import Path
from studytui.domain.cards import Source
from studytui.domain.cards import Prompt
from studytui.domain.rubric import Submission
from studytui.study import learner_state
from studytui.study.learner_state import Draft
from studytui.study.rehearsal import drafts_of
from studytui.study.workspace import Workspace
from tests.faults.small_states import PROMPTS, words
from tests.ui.tiny_course import TestClock
with Workspace.open(Path(sys.argv[1]), clock=TestClock()) as workspace:
    now = workspace.clock.now()
    for n in count(int(sys.argv[2])):
        drafts_of(workspace).save(Draft.of("q", Submission(words(n)), now))
        print("draft", n, flush=True)
        learner_state.save_bookmark(workspace, learner_state.Bookmark(str(n), 0.5))
        print("bookmark", n, flush=True)
        prompt = Prompt(f"p{n % PROMPTS}", "1.1", ("1.1-01",), "", "", ("point",) * 9, Source("", 1))
        learner_state.save_recall_result(workspace, prompt, range(n))
        print("recall", n, flush=True)
"""
TAKE_IN = """
import sys
from pathlib import Path
from studytui.study.workspace import Workspace
from tests.ui.tiny_course import TestClock
print("begun", flush=True)
Workspace.open(Path(sys.argv[1]), clock=TestClock()).close()
print("open", flush=True)
"""
RESTORE = """
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from studytui.store import backup
home, backups = Path(sys.argv[1]), [Path(path) for path in sys.argv[3:]]
for n in count(int(sys.argv[2])):
    at = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(seconds=n)
    backup.restore(backups[n % 2], home / "study.db", at=at, own=home / "own")
    print("restored", n, flush=True)
"""


def words(n: int) -> str:
    """A text that tells its number at both ends, of any length up to some pages."""
    return f"{n} " + "word " * (n * 977 % 4000) + str(n)


def kill_while_writing(tries: int, seed: int) -> list[str]:
    """Bookmark, draft and result in turn, as fast as they go; killed after some hundredths of a second."""
    dice = random.Random(seed)
    failures: list[str] = []
    with _home() as (root, home):
        number = 1
        for attempt in range(tries):
            said = _killed(WRITE, root, number, home=home, after_s=dice.uniform(0.0, 0.4))
            written = {kind: [int(n) for name, n in said if name == kind] for kind in ("draft", "bookmark", "recall")}
            with _opened(root) as workspace:
                problems = list(_missing(workspace, written))
            failures += [f"try {attempt}: {problem}" for problem in problems]
            number = max((n for numbers in written.values() for n in numbers), default=number) + 2
    return failures


def _missing(workspace: Workspace, written: dict[str, list[int]]) -> Iterator[str]:
    """What is not as it was acknowledged; the write that was under way may be there as well."""
    draft, bookmark = drafts_of(workspace).load("q"), learner_state.load_bookmark(workspace)
    results = learner_state.results(workspace)
    for n in written["draft"][-1:]:
        if draft is None or draft.text not in (words(n), words(n + 1)):
            yield f"draft {n} was acknowledged; there is {draft and draft.text[:20]!r}"
    for n in written["bookmark"][-1:]:
        if bookmark is None or int(bookmark.section) not in (n, n + 1):
            yield f"bookmark {n} was acknowledged; there is {bookmark}"
    for n in written["recall"][-PROMPTS + 1 :]:
        found = results.get(f"p{n % PROMPTS}")
        if found is None or found.said not in (n, n + PROMPTS):
            yield f"result {n} was acknowledged; there is {found}"
    rows = workspace.store.connection.execute("PRAGMA quick_check(1)").fetchall()
    if rows != [("ok",)]:
        yield f"the database is damaged: {rows}"


def kill_while_taking_in(tries: int, seed: int) -> list[str]:
    """The first start on a home of before: migration, small states, moving their files."""
    dice = random.Random(seed)
    failures: list[str] = []
    for attempt in range(tries):
        with _home() as (root, home):
            (home / "study.db").unlink(missing_ok=True)
            restored(RELEASED[0], home / "study.db")
            results = {f"p{n}": {"on": "2026-03-01", "said": n, "of": 50} for n in range(50)}
            old: dict[str, Any] = {
                "recall.json": {"tiny": results},
                "reading.json": {"tiny": {"section": "1.2", "share": 0.5}},
                "judge-consent.json": ["http://one/v1/chat/completions"],
            }
            for name, data in old.items():
                (home / name).write_text(json.dumps(data), encoding="utf-8")
            for _ in range(2):
                _killed(TAKE_IN, root, home=home, after_s=dice.uniform(0.0, 1.5))
            with _opened(root) as workspace:
                if len(learner_state.results(workspace)) != 50 or learner_state.load_bookmark(workspace) is None:
                    failures.append(f"try {attempt}: not all was taken in")
                if workspace.notices:
                    failures.append(f"try {attempt}: {workspace.notices}")
            kept = {path.name: json.loads(path.read_text()) for path in (home / "backups/imported").iterdir()}
            if kept != old or any((home / name).exists() for name in old):
                failures.append(f"try {attempt}: kept are {sorted(kept)}")
    return failures


def kill_while_restoring(tries: int, seed: int) -> list[str]:
    """Two backups in turn, each with own files: every file is of one of them, whole, and a restore brings all back."""
    dice = random.Random(seed)
    failures: list[str] = []
    with _home() as (root, home):
        copies = []
        for which in ("a", "b"):
            for name, content in _own(which).items():
                path = home / "own/tiny" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            with _opened(root) as workspace:
                learner_state.save_bookmark(workspace, learner_state.Bookmark(which))
                copies.append(workspace.backup(home / f"{which}.backup"))
        number = 0
        for attempt in range(tries):
            said = _killed(RESTORE, home, number, *copies, home=home, after_s=dice.uniform(0.0, 0.5))
            number += len(said) + 1
            store = Store.open(home / "study.db", today=AT.date(), own=home / "own")
            section = store.state("reading", "tiny", lambda value: str(value["section"]))
            store.close()
            files = {name: (home / "own/tiny" / name).read_bytes() for name in _own("a")}
            torn = [name for name, content in files.items() if content not in (_own("a")[name], _own("b")[name])]
            if torn or section not in ("a", "b"):
                failures.append(f"try {attempt}: torn {torn}, bookmark {section}")
            if attempt % 5 == 4:
                backup.restore(copies[0], home / "study.db", at=datetime.now(UTC), own=home / "own")
                if {name: (home / "own/tiny" / name).read_bytes() for name in _own("a")} != _own("a"):
                    failures.append(f"try {attempt}: a whole restore brought not all files back")
    return failures


def _own(which: str) -> dict[str, bytes]:
    return {
        "overrides.toml": f"# {which}\n".encode() * 20_000,
        "notes/one.md": f"{which} one\n".encode() * 5_000,
        "notes/two.md": f"{which} two\n".encode() * 5_000,
    }


@contextmanager
def _home() -> Iterator[tuple[Path, Path]]:
    """A course and a home of their own; STUDYTUI_HOME names the home meanwhile."""
    before = os.environ.get("STUDYTUI_HOME")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        make_home(home)
        os.environ["STUDYTUI_HOME"] = str(home)
        try:
            yield write_course(Path(name) / "course"), home
        finally:
            if before is None:
                del os.environ["STUDYTUI_HOME"]
            else:
                os.environ["STUDYTUI_HOME"] = before


def _opened(root: Path) -> Workspace:
    return Workspace.open(root, clock=TestClock(), settings=Settings())


def _killed(script: str, *arguments: object, home: Path, after_s: float) -> list[tuple[str, ...]]:
    """Run a script, kill it some time after its first line, and return the whole lines it printed, as words."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=with_root() | {"STUDYTUI_HOME": str(home)},
    )
    assert process.stdout
    assert process.stderr
    ready = select.select([process.stdout], [], [], START_S)[0]
    printed = os.read(process.stdout.fileno(), 65_536) if ready else b""
    end = time.monotonic() + after_s
    while (left := end - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], left)[0]:
            more = os.read(process.stdout.fileno(), 65_536)
            if not more:
                break
            printed += more
    process.send_signal(signal.SIGKILL)
    rest, errors = process.communicate(timeout=START_S)
    if errors:
        raise AssertionError(errors.decode())
    lines = (printed + rest).decode().splitlines(keepends=True)
    return [tuple(line.split()) for line in lines if line.endswith("\n")]


ATTACKS: Final = (
    Attack("kill -9 while drafts, bookmark, results are written", 100, 2, kill_while_writing),
    Attack("kill -9 at the first start on a home of before", 20, 1, kill_while_taking_in),
    Attack("kill -9 while own files are restored", 60, 1, kill_while_restoring),
)
