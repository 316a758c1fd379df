"""Study databases of up to a million cards, without authored files: compiled cards go straight into the store."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from studytui.domain.cards import Basic, Card, Source
from studytui.library import compiled
from studytui.services.clock import SystemClock
from studytui.store import CompiledCard, Store
from tests.benchmarks.peers import BENCH, MARKER, ROOT

COURSE: Final = "bench"
SECTIONS: Final = 60
DAYS: Final = 20
"""The due dates of the cards that were seen are spread over so many days up to today."""


def database(cards: int, *, group_size: int = 1) -> Path:
    """A database with `cards` cards, half of them due, half new, and a log row for each that was seen; kept in .bench.

    `group_size` cards are siblings of each other; 1 makes none.
    """
    kept = BENCH / f"cards-{cards}-{group_size}-{_fingerprint()}.db"
    if not kept.exists():
        for old in BENCH.glob(f"cards-{cards}-{group_size}-*"):
            old.unlink()
        unfinished = kept.with_suffix(".unfinished")
        today = SystemClock().now().date()
        store = Store.open(unfinished, today=today)
        try:
            store.sync_course(COURSE, "Benchmark", "1", [], list(_cards(cards, group_size)))
            course_no = store.course_no(COURSE)
        finally:
            store.close()
        assert course_no is not None
        _make_half_due(unfinished, course_no, cards // 2, today)
        unfinished.rename(kept)
    return kept


def fresh_copy(kept: Path, name: str) -> Path:
    """A copy to answer cards in, on the same disk as the kept one."""
    folder = BENCH / "runs"
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{name}.db*"):
        old.unlink()
    return Path(shutil.copy(kept, folder / f"{name}.db"))


def _cards(count: int, group_size: int) -> Iterator[CompiledCard]:
    for number in range(count):
        section = f"{number % SECTIONS // 10 + 1}.{number % 10 + 1}"
        card = Card(
            id=f"bench-{number}",
            section=section,
            covers=(f"{section}-01",),
            kind="basic",
            front=f"{MARKER} {number}: which **shape** leaves the encoder?",
            back=f"One token a patch, {number} numbers wide.",
            body=Basic(),
            source=Source("cards/bench.toml", number + 1),
            group=f"group-{number // group_size}",
        )
        payload = compiled.encode(card)
        yield CompiledCard(
            key=card.id,
            position=number,
            chapter=card.chapter,
            section=section,
            kind=card.kind,
            sibling_group=card.sibling_group,
            path=card.source.path,
            line=card.source.line,
            sha256=f"{number:064x}",
            payload=payload,
        )


def _make_half_due(path: Path, course_no: int, seen: int, today: date) -> None:
    """Give the first `seen` cards a schedule and the review that led to it."""
    state = (
        "json_object('ease_factor', 250, 'interval_days', {interval}, 'repetitions', {repetitions}, 'lapses', 0, "
        "'due_on', {due}, 'reviewed_on', {reviewed}, 'reask_on', null, 'suspended', json('false'), "
        "'buried_on', null, 'flagged', json('false'), 'leech', json('false'))"
    )
    before = state.format(interval=0, repetitions=0, due="null", reviewed="null")
    after = state.format(interval=1, repetitions=1, due="due_on", reviewed="reviewed_on")
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN")
        connection.execute(
            "UPDATE card SET interval_days = 1, repetitions = 1, due_on = date(?, '-' || (position % ?) || ' days'),"
            " reviewed_on = date(?, '-' || (position % ? + 1) || ' days') WHERE course_id = ? AND position < ?",
            (today.isoformat(), DAYS, today.isoformat(), DAYS, course_no, seen),
        )
        columns = [row[1] for row in connection.execute("PRAGMA table_info(review)")]
        values = {
            "review_uid": "printf('%012x%016x', position, position)",
            "card_id": "id",
            "action": "'review'",
            "session_uid": "'bench'",
            "at_utc": "reviewed_on || 'T12:00:00.000000+00:00'",
            "utc_offset_minutes": "0",
            "study_day": "reviewed_on",
            "grade": "4",
            "duration_ms": "5000",
            "hints_used": "0",
            "response": "'null'",
            "evidence": "'{}'",
            "state_before": before,
            "state_after": after,
        }
        assert set(values) <= set(columns), columns
        connection.execute(
            f"INSERT INTO review ({', '.join(values)}) SELECT {', '.join(values.values())} FROM card"
            " WHERE course_id = ? AND position < ? ORDER BY due_on, position",
            (course_no, seen),
        )
        connection.execute(
            "UPDATE card SET last_review_id = (SELECT review.id FROM review WHERE review.card_id = card.id)"
            " WHERE course_id = ? AND position < ?",
            (course_no, seen),
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _fingerprint() -> str:
    """Of the code that decides what such a database looks like; another one makes the kept ones stale."""
    digest = hashlib.sha256()
    for path in [
        Path(__file__),
        Path(compiled.__file__),
        *sorted((ROOT / "studytui" / "store").rglob("*.py")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
