"""How long the next card and its durable answer take, by the number of cards, beside the bare cost of a commit.

python -m tests.store.measure_answers [--folder DIR] [--rounds N] CARDS...

DIR must be on a real disk: in memory a durable commit costs nothing. The sizes take turns, so that a busy disk is busy
for all of them; each line gives the median over the rounds of the median of 500 answers, in milliseconds.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

from studytui.store import CardState, Store
from studytui.store.connection import connect
from tests.store.learner import DAY, Learner

ANSWERS: Final = 500
WARM_UP: Final = 20

_CARDS: Final = (
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :cards - 1)"
    " INSERT INTO card (id, course_id, key, position, chapter, section, kind, sibling_group, has_siblings, archived,"
    " ease_factor, interval_days, repetitions, lapses, due_on, suspended, flagged, leech)"
    " SELECT i + 1, 1, 'card-' || i, i, i % 6, (i % 6) || '.' || (i % 10), 'basic', 'group-' || i, 0, 0, 250, 6, 2, 0,"
    " iif(i < :cards / 2, date(:day, -(i % 20) || ' days'), NULL), 0, 0, 0 FROM n"
)
_TEXTS: Final = (
    "INSERT INTO card_text SELECT id, 'cards/01.toml', id, printf('%064x', id), printf('%400s', id) FROM card"
)
_LOG: Final = (
    "INSERT INTO review (review_uid, card_id, action, session_uid, at_utc, utc_offset_minutes, study_day, grade,"
    " duration_ms, hints_used, response, evidence, state_before, state_after) SELECT printf('%028x', id), id, 'review',"
    " 'before', due_on || 'T12:00:00.000+00:00', 0, due_on, 4, 5000, 0, 'null', '{}', :state, :state FROM card"
    " WHERE due_on IS NOT NULL ORDER BY due_on, id"
)
_LAST: Final = (
    "UPDATE card SET last_review_id = (SELECT r.id FROM review r WHERE r.card_id = card.id) WHERE due_on IS NOT NULL"
)


def make(path: Path, cards: int) -> Path:
    """A database of so many cards, half of them due with one review each, half new."""
    Store.open(path, today=DAY).close()
    connection = connect(path)
    connection.execute("BEGIN")
    connection.execute("INSERT INTO course (id, key, title, version) VALUES (1, 'course', 'A course', '1')")
    connection.execute(_CARDS, {"cards": cards, "day": DAY.isoformat()})
    connection.execute(_TEXTS)
    connection.execute(_LOG, {"state": CardState().to_json()})
    connection.execute(_LAST)
    connection.execute("COMMIT")
    connection.close()
    return path


def answer(path: Path) -> float:
    """Milliseconds for the median next card and answer, due and new ones in turn."""
    learner = Learner(Store.open(path, today=DAY))
    prefix = f"{time.time_ns() // 1_000_000:012x}"
    milliseconds = []
    for number in range(WARM_UP + ANSWERS):
        started = time.perf_counter()
        card = learner.store.pick("due" if number % 2 else "new", 1, DAY)
        assert card is not None, "there are fewer cards than answers"
        learner.store.answer(learner.record(card, 4, review_uid=f"{prefix}{number:016x}"))
        milliseconds.append((time.perf_counter() - started) * 1000)
    learner.store.close()
    return median(milliseconds[WARM_UP:])


def commit(path: Path) -> float:
    """Milliseconds for the median commit of one small row with the same pragmas: what the disk alone takes."""
    connection = connect(path)
    connection.execute("CREATE TABLE tick (id INTEGER PRIMARY KEY, at REAL)")
    milliseconds = []
    for number in range(WARM_UP + ANSWERS):
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO tick (at) VALUES (?)", (number,))
        connection.execute("COMMIT")
        milliseconds.append((time.perf_counter() - started) * 1000)
    connection.close()
    return median(milliseconds[WARM_UP:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("cards", type=int, nargs="+")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wanted.folder, prefix=".measure-") as name:
        folder = Path(name)
        kept = {cards: make(folder / f"{cards}.db", cards) for cards in wanted.cards}
        answers: dict[int, list[float]] = {cards: [] for cards in kept}
        commits = []
        for number in range(wanted.rounds):
            commits.append(commit(folder / f"commit-{number}.db"))
            for cards, path in kept.items():
                answers[cards].append(answer(Path(shutil.copy(path, folder / f"run-{number}.db"))))
                (folder / f"run-{number}.db").unlink()
    print(f"SQLite {sqlite3.sqlite_version}, commit of one row: {median(commits):.3f} ms")
    for cards, found in answers.items():
        print(f"{cards:>9} cards: {median(found):.3f} ms (best round {min(found):.3f})")


if __name__ == "__main__":
    main()
