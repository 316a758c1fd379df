"""Next card and durable answer: beside Anki's Rust backend at 100,000 cards, and how ours grows up to a million."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.databases import database, fresh_copy
from tests.benchmarks.peers import BENCH, DECK, ROOT, anki_base, run_peer
from tests.benchmarks.report import Row, paired

CARDS: Final = 100_000
SMALL: Final = 1_000
LARGE: Final = 1_000_000
ANSWERS: Final = 150
"""Answers a round; the daily limits and the smallest course allow no more."""
LEAST_ROUNDS: Final = 4


def next_card(rounds: int) -> list[Row]:
    """Ours beside Anki's, alternating; once without siblings, as Anki's basic notes are, and once with.

    With siblings each answer counts again what is left of the day, which Anki's notes here never need: twice the time
    is allowed.
    """
    alone = fresh_copy(database(CARDS), "alone")
    collection = BENCH / "runs" / "collection.anki2"
    for old in collection.parent.glob("collection.*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copy(anki_base(CARDS) / "User 1" / "collection.anki2", collection)
    ours: list[float] = []
    with_siblings: list[float] = []
    theirs: list[float] = []
    for _ in range(max(rounds, LEAST_ROUNDS)):
        ours.append(_ours(alone))
        theirs.append(median(json.loads(run_peer("answer_cards.py", str(collection), DECK, str(ANSWERS)))))
        with_siblings.append(_ours(fresh_copy(database(CARDS, group_size=2), "paired"), "--daily-limits"))
    answers = ANSWERS * len(ours)
    return [
        paired("next_card", ours, theirs, unit="ms", limit=1.0, peer_name="anki", cards=CARDS, answers=answers),
        paired(
            "next_card_siblings",
            with_siblings,
            theirs,
            unit="ms",
            limit=2.0,
            peer_name="anki",
            cards=CARDS,
            answers=answers,
        ),
    ]


def growth(rounds: int) -> list[Row]:
    """Ours at a million cards beside ours at a thousand."""
    large = fresh_copy(database(LARGE), "large")
    at_small: list[float] = []
    at_large: list[float] = []
    for _ in range(max(rounds, LEAST_ROUNDS)):
        at_small.append(_ours(fresh_copy(database(SMALL), "small")))
        at_large.append(_ours(large))
    large.unlink()
    return [
        paired(
            "next_card_growth", at_large, at_small, unit="ms", limit=1.3, peer_name=f"ours at {SMALL:,}", cards=LARGE
        )
    ]


def _ours(path: Path, *options: str) -> float:
    """Median milliseconds of a round."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.answer_cards", path, str(ANSWERS), *options],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    milliseconds: list[float] = json.loads(done.stdout)
    return median(milliseconds)
