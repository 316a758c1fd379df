"""Study databases of up to a million cards, or with a log of up to a million rows.

Those with many cards have no authored files: compiled cards go straight into the store. The long log is about the
shipped course.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from studytui.course import loader
from studytui.course.loader import find_course, load_course
from studytui.course.user_cards import CourseWords
from studytui.domain import sm2
from studytui.domain.cards import Basic, Card, Source
from studytui.domain.clock import study_day
from studytui.domain.settings import Settings
from studytui.store import CardState, CompiledCard, ReviewRecord, Store, records
from studytui.store.log import LogRow, act_row, answer_row, digest
from studytui.store.records import moment, state_digest, state_values, text_sha256
from studytui.study import course_sync, submissions
from studytui.study.workspace import DATABASE, SystemClock, Workspace
from tests.benchmarks.peers import BENCH, MARKER, ROOT

COURSE: Final = "bench"
SECTIONS: Final = 60
YEARS_OF_LOG: Final = 3
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


def studied(rows: int) -> Path:
    """A learner's folder: the shipped course and its interview, and a log of `rows` rows up to today; kept in .bench.

    All that may stand in a log is in it: reviews, re-asks, acts and what was taken back, each row where SM-2 leads.
    """
    kept = BENCH / f"log-{rows}-{_fingerprint()}"
    if not kept.exists():
        for old in BENCH.glob(f"log-{rows}-*"):
            shutil.rmtree(old)
        unfinished = BENCH / f"log-{rows}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        write_studied(unfinished, rows)
        unfinished.rename(kept)
    return kept


def write_studied(folder: Path, rows: int, *, now: datetime | None = None) -> None:
    """Make the folder that `studied` describes."""
    now = now or SystemClock().now()
    root = find_course()
    course = load_course(root)
    with closing(Store.open(folder / DATABASE, today=now.date())) as store:
        course_sync.bring_up_to_date(store, root, course, folder / "own" / course.id)
        own = folder / "own" / course.id
        words = CourseWords(root, own)
        workspace = Workspace(root, course, 1, store, SystemClock(), Settings(), folder / "none", own, words)
        submissions.sync_questions(workspace, submissions.read_questions(workspace))
        _write_log(store.connection, rows, now)
        _write_small_states(store.connection, now)


def _write_small_states(connection: sqlite3.Connection, now: datetime) -> None:
    changed_at, _ = moment(now)
    for number in range(20):
        row = ("draft", f"question-{number}", json.dumps({"text": "a sentence " * number}), changed_at)
        connection.execute(
            "INSERT INTO learner_state (scope, name, value, changed_at, digest) VALUES (?, ?, ?, ?, ?)",
            (*row, state_digest(*row)),
        )


def _write_log(connection: sqlite3.Connection, rows: int, now: datetime) -> None:
    # One transaction, and no wait for the disk: nothing is lost if this is cut short.
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    connection.execute("BEGIN")
    learner = _Learner([no for (no,) in connection.execute("SELECT id FROM card ORDER BY id")], now)
    made = learner.log(rows)
    while batch := list(islice(made, 10_000)):
        connection.executemany(records.INSERT_REVIEW, ((*row, digest(row)) for row in batch))
    connection.executemany(
        records.UPDATE_STATE, ((*state_values(state), last, no, None) for no, (state, last) in learner.cards.items())
    )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@dataclass
class _Learner:
    """Somebody who answers cards in any order for three years, a third of them new at first."""

    numbers: list[int]
    now: datetime
    cards: dict[int, tuple[CardState, int]] = field(default_factory=dict)

    def log(self, rows: int) -> Iterator[LogRow]:
        chance = random.Random(rows)
        standing: list[tuple[int, int, CardState]] = []
        for row_id in range(1, rows + 1):
            at = self.now - timedelta(seconds=YEARS_OF_LOG * 365 * 86_400 * (rows + 1 - row_id) / rows)
            day = study_day(at)
            reached = len(self.numbers) * min(1.0, 1 / 3 + row_id / rows)
            uid = f"{int(at.timestamp() * 1000):012x}{row_id:016x}"
            about: dict[str, Any] = {"review_uid": uid, "session_uid": f"session-{day}", "at": at, "study_day": day}
            if standing and chance.random() < 0.02:
                undone, no, after = standing.pop()
                before, _ = self.cards[no]
                yield act_row("undo", no, **about, before=before, after=after, undoes=undone)
            else:
                no = self.numbers[int(chance.random() * reached)]
                before, _ = self.cards.get(no, (CardState(), 0))
                standing = [*standing[-2:], (row_id, no, before)]
                row, after = _happened(chance, no, before, about)
                yield row
            self.cards[no] = (after, row_id)


def _happened(chance: random.Random, no: int, before: CardState, about: dict[str, Any]) -> tuple[LogRow, CardState]:
    """An act now and then, else an answer."""
    day = about["study_day"]
    match int(chance.random() * 100):
        case 0:
            after = replace(before, buried_on=day)
            return act_row("bury", no, **about, before=before, after=after), after
        case 1:
            after = replace(before, flagged=not before.flagged)
            return act_row("flag" if after.flagged else "unflag", no, **about, before=before, after=after), after
    grade = chance.choice((2, 3, 4, 4, 4, 5))
    after = replace(before, schedule=sm2.review(before.schedule, grade, on=day))
    is_typed = chance.random() < 0.5
    record = ReviewRecord(
        **about,
        card_no=no,
        action="reask" if before.schedule.is_reask(day) else "review",
        grade=grade,
        suggested_grade=grade if is_typed else None,
        confidence=chance.choice((None, None, 1, 2, 3, 4, 5)),
        duration_ms=int(chance.random() * 30_000),
        hints_used=0,
        correct=grade > 2 if is_typed else None,
        response=json.dumps(f"{chance.random():.6f} tokens" if is_typed else None),
        evidence=json.dumps({"shown": list(range(60))}) if chance.random() < 0.1 else "{}",
        before=before,
        after=after,
        expected_last_review_id=None,
    )
    return answer_row(record), after


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
        payload = loader.encode(card)
        yield CompiledCard(
            key=card.id,
            position=number,
            chapter=card.chapter,
            section=section,
            kind=card.kind,
            sibling_group=card.sibling_group,
            path=card.source.path,
            line=card.source.line,
            sha256=text_sha256(payload),
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
            "at_utc": "reviewed_on || 'T12:00:00.000+00:00'",
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
        rows = connection.execute(f"SELECT id, {', '.join(records.LOG_COLUMNS)} FROM review").fetchall()
        connection.executemany("UPDATE review SET digest = ? WHERE id = ?", ((digest(row[1:]), row[0]) for row in rows))
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
        Path(loader.__file__),
        *sorted((ROOT / "studytui" / "store").rglob("*.py")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
