"""A log of a million rows: how long the home screen, `stats` and `doctor` take, in seconds of processor time.

Each runs as a process of its own. So much goes to starting it, and so much to each row: with fewer rows the limit is
lower, and what grows faster than the log is found with few of them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studytui.domain.clock import study_day
from studytui.domain.settings import Settings
from studytui.study.progress import dashboard, today_overview
from studytui.study.workspace import DATABASE, SystemClock, Workspace
from tests.benchmarks.databases import studied, write_studied
from tests.benchmarks.peers import terminal_environment
from tests.benchmarks.terminal import Terminal, Vanished
from tests.faults.attack import Attack
from tests.faults.damaged_files import at_home
from tests.store.surroundings import with_root

ROWS: Final = 1_000_000
STUDYTUI: Final = (sys.executable, "-m", "studytui")


@dataclass(frozen=True)
class Limit:
    """Seconds for a process as such, and for a log of a million rows beyond it."""

    start: float
    rows: float

    def of(self, rows: int) -> float:
        return self.start + self.rows * rows / ROWS


LIMITS: Final = {"home": Limit(1.4, 0.1), "stats": Limit(2.0, 2.5), "doctor": Limit(4.0, 26.0)}


def _run(rows: int, seed: int) -> list[str]:
    if rows < ROWS:
        with tempfile.TemporaryDirectory(prefix="studytui-faults-") as folder:
            write_studied(Path(folder), rows)
            return _measured(Path(folder), rows)
    return _measured(studied(rows), rows)


def _measured(home: Path, rows: int) -> list[str]:
    ways: dict[str, Callable[[Path], float]] = {"home": _home, "stats": _stats, "doctor": _doctor}
    failures = []
    for name, way in ways.items():
        limit = LIMITS[name].of(rows)
        try:
            # What another process takes from the machine's caches makes a process slower, never faster.
            took = min(way(home) for _ in range(1 if rows == ROWS else 2))
        except (subprocess.CalledProcessError, Vanished) as error:
            failures.append(f"{name}: {error}")
            continue
        print(f"    {name}: {took:.2f} s of the processor, limit {limit:.2f} s", file=sys.stderr)
        if took > limit:
            failures.append(f"{name} took {took:.2f} s of the processor, more than {limit:.2f} s")
    return failures


def _home(home: Path) -> float:
    """Until the first paint, and what a thread then reads for it."""
    _call_it_backed_up(home)
    environment = terminal_environment(**with_root(), STUDYTUI_HOME=str(home))
    with Terminal(STUDYTUI, environment) as terminal:
        terminal.wait_for(" due")
        painted = _taken_by(terminal.pid)
    with at_home(home), Workspace.open(settings=Settings()) as workspace:
        start = time.process_time()
        today_overview(workspace)
        dashboard(workspace)
        return painted + time.process_time() - start


def _call_it_backed_up(home: Path) -> None:
    """The copy of the day is made once a day and measured elsewhere."""
    copy = home / "backups" / f"daily-{study_day(SystemClock().now())}.db"
    if not copy.exists():
        copy.parent.mkdir(exist_ok=True)
        copy.hardlink_to(home / DATABASE)


def _taken_by(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _stats(home: Path) -> float:
    return _command(home, "stats", "--json")


def _doctor(home: Path) -> float:
    return _command(home, "doctor")


def _command(home: Path, *words: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*STUDYTUI, *words], env=with_root() | {"STUDYTUI_HOME": str(home)}, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


ATTACKS: Final = (Attack("1,000,000-row log: home, stats, doctor", ROWS, 5_000, _run),)
