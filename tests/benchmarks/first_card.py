"""From the start of the process to the first card on a terminal, with 10,000 cards and reviews; and memory there."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.courses import studied
from tests.benchmarks.peers import BENCH, DECK, MARKER, anki_base, peer_binary, terminal_environment
from tests.benchmarks.report import Row, paired
from tests.benchmarks.terminal import Terminal

CARDS: Final = 10_000
SETTLED_S: Final = 2.0


def first_card(rounds: int) -> list[Row]:
    """`studytui review` beside `clanki review`, alternating."""
    ours, theirs = [], []
    _warm_up()
    for _ in range(rounds):
        ours.append(_ours()[0])
        theirs.append(_theirs()[0])
    return [paired("first_card", ours, theirs, unit="s", limit=0.75, peer_name="clanki", cards=CARDS)]


def memory(rounds: int) -> list[Row]:
    """Resident memory of the app at its first card; clanki's is told for comparison and bounds nothing."""
    _warm_up()
    ours = [_ours()[1] for _ in range(min(rounds, 3))]
    return [
        Row("memory", median(ours), "MB", 90.0, detail={"cards": CARDS, "ours_mb": ours, "clanki_mb": _theirs()[1]})
    ]


def _warm_up() -> None:
    """Not counted: compile byte code, fill the page cache, make the day's backup."""
    _ours(linger_s=SETTLED_S)
    _theirs(linger_s=SETTLED_S)


def _ours(*, linger_s: float = 0.0) -> tuple[float, float]:
    course, home = studied(CARDS)
    command: list[str | Path] = [Path(sys.executable).with_name("studytui"), "--course", course, "review"]
    with Terminal(command, terminal_environment(STUDYTUI_HOME=str(home))) as terminal:
        measured = terminal.wait_for(MARKER), terminal.memory_mb()
        time.sleep(linger_s)
    return measured


def _theirs(*, linger_s: float = 0.0) -> tuple[float, float]:
    environment = terminal_environment(ANKI_BASE=str(anki_base(CARDS)), XDG_CONFIG_HOME=str(BENCH / "clanki-config"))
    with Terminal([peer_binary("clanki"), "review", DECK], environment) as terminal:
        measured = terminal.wait_for(MARKER), terminal.memory_mb()
        time.sleep(linger_s)
    return measured
