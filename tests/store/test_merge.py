"""Two machines went on from one database: whichever is brought into the other, every answer is there and replays."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from studytui.errors import Unreadable
from studytui.store import CardState, Store, StoreError, backup, doctor, wal
from studytui.store.merge import merge_file
from tests.examples import examples
from tests.store.learner import DAY, Learner, compiled, log_ids, new_learner, stamp

CARDS = 4
IN_MEMORY = Path("/dev/shm")
"""Where a durable commit costs nothing."""


def another(learner: Learner, path: Path, machine: int) -> Learner:
    """The same learner at a copy of the database on another machine."""
    learner.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    shutil.copyfile(learner.store.path, path)
    return replace(learner, store=Store.open(path, today=DAY), numbers=count(machine * 10**9))


def uids(store: Store) -> set[str]:
    return {uid for (uid,) in store.connection.execute("SELECT review_uid FROM review")}


def states(store: Store) -> list[tuple[str, CardState]]:
    cards = (store.card(1, f"card-{number}") for number in range(CARDS))
    return [(card.key, card.state) for card in cards if card is not None]


def brought_in(source: Learner, target: Learner) -> int:
    """Merge one database into another, both open."""
    return merge_file(target.store.connection, source.store.path)


@pytest.fixture
def pair(learner: Learner, tmp_path: Path) -> Iterator[tuple[Learner, Learner]]:
    """Two machines with one day of answers in common."""
    for number in range(3):
        learner.answer(number, 4)
    (tmp_path / "other").mkdir()
    other = another(learner, tmp_path / "other" / "study.db", 2)
    learner.day = other.day = DAY + timedelta(days=1)
    yield learner, other
    other.store.close()


def test_answers_of_both_are_there_in_the_order_of_time(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.answer(0, 4)
    theirs.sleep()
    theirs.answer(0, 5)
    mine.sleep(7)
    mine.answer(0, 4)
    assert brought_in(theirs, mine) == 1
    assert brought_in(mine, theirs) == 2
    assert uids(mine.store) == uids(theirs.store)
    assert mine.card(0).state == theirs.card(0).state
    days = [day for (day,) in mine.store.connection.execute("SELECT study_day FROM review ORDER BY id")]
    assert days == sorted(days)
    assert mine.card(0).state.schedule.repetitions == 4
    assert doctor.examine(mine.store) == doctor.examine(theirs.store) == []


def test_the_second_time_nothing_comes_in(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    theirs.answer(1, 4)
    assert [brought_in(theirs, mine), brought_in(theirs, mine)] == [1, 0]


def test_the_first_answer_of_a_day_makes_the_second_one_a_re_ask(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.answer(0, 2)
    theirs.day = mine.day
    theirs.store.answer(theirs.record(theirs.card(0), 4, at=theirs.now + timedelta(hours=1)))
    brought_in(theirs, mine)
    rows = mine.store.connection.execute("SELECT action, grade FROM review ORDER BY id DESC LIMIT 2").fetchall()
    assert rows == [("reask", 4), ("review", 2)]
    assert doctor.examine(mine.store) == []


def test_what_both_took_back_is_taken_back_once(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.undo()
    theirs.undo()
    assert brought_in(theirs, mine) == 0
    assert mine.card(2).state == CardState()
    assert doctor.examine(mine.store) == []


def test_tags_that_two_machines_gave_one_card_are_all_there(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.act("tag", 0, tags="exam")
    theirs.sleep()
    theirs.act("tag", 0, tags="weak")
    theirs.act("tag", 1, tags="weak")
    theirs.undo()
    assert brought_in(theirs, mine) == 3
    assert mine.card(0).state.tags == "exam weak"
    assert mine.card(1).state.tags == ""
    assert doctor.examine(mine.store) == []


def test_taking_back_an_answer_leaves_the_other_machines_answer_to_the_card(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.answer(2, 5)
    for _ in range(2):
        theirs.undo()
        theirs.sleep()
    assert brought_in(theirs, mine) == 2
    assert mine.card(2).state.schedule.repetitions == 1
    assert mine.card(1).state == CardState()
    assert doctor.examine(mine.store) == []


def test_a_card_that_only_the_other_machine_has_comes_along(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    theirs.store.sync_course(
        "course", "A course", "2", [stamp("own.toml", "c"), stamp()], [compiled(77, path="own.toml")]
    )
    theirs.answer(77, 4)
    brought_in(theirs, mine)
    card = mine.card(77)
    assert card.state == theirs.card(77).state
    assert card.payload == theirs.card(77).payload
    assert doctor.examine(mine.store)[0].level == "info", "it waits in the archive for its course"


def test_a_damaged_row_does_not_come_in_as_a_sound_one(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    theirs.answer(0, 4)
    theirs.store.connection.execute("UPDATE review SET grade = 5 WHERE id = (SELECT max(id) FROM review)")
    assert brought_in(theirs, mine) == 0


def test_nothing_is_worked_out_from_a_damaged_log(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.answer(0, 4)
    theirs.store.answer(theirs.record(theirs.card(1), 4, at=theirs.now - timedelta(hours=1)))
    mine.store.connection.execute("UPDATE review SET response = 'x' WHERE id = (SELECT max(id) FROM review)")
    before = log_ids(mine.store)
    with pytest.raises(Unreadable, match="damaged"):
        brought_in(theirs, mine)
    assert log_ids(mine.store) == before


def test_only_a_sound_database_of_this_app_is_taken_in(pair: tuple[Learner, Learner], tmp_path: Path) -> None:
    mine, _ = pair
    other = tmp_path / "notes.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    connection.close()
    before = log_ids(mine.store)
    for source in (other, tmp_path / "none.db"):
        with pytest.raises(StoreError):
            merge_file(mine.store.connection, source)
    assert log_ids(mine.store) == before


def test_an_older_schema_is_taken_in_too(pair: tuple[Learner, Learner], tmp_path: Path) -> None:
    mine, _ = pair
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript((Path(__file__).with_name("fixtures") / "schema-0001.sql").read_text(encoding="utf-8"))
    (rows,) = old.execute("SELECT count(*) FROM review").fetchone()
    old.close()
    known = len(uids(mine.store))
    added = merge_file(mine.store.connection, tmp_path / "old.db")
    assert added > 0
    assert len(uids(mine.store)) == known + added <= known + rows
    assert doctor.examine(mine.store) == []


def test_a_clock_that_was_wrong_once_moves_nothing_far(pair: tuple[Learner, Learner]) -> None:
    mine, theirs = pair
    mine.store.answer(mine.record(mine.card(0), 4, at=mine.now.replace(year=9000)))
    mine.answer(1, 4)
    theirs.sleep()
    theirs.answer(2, 5)
    brought_in(theirs, mine)
    assert mine.card(2).state.schedule.repetitions == 2
    assert doctor.examine(mine.store) == []


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["answer", "answer", "answer", "undo", "bury", "suspend", "sleep", "cram", "reset", "tag"]),
        st.integers(0, CARDS - 1),
        st.integers(0, 5),
    ),
    max_size=14,
)


def live(learner: Learner, steps: Iterable[Step], minutes: Iterator[int]) -> None:
    """Do what the steps say, each a little later than the one before."""
    for what, number, grade in steps:
        at = learner.now + timedelta(minutes=next(minutes))
        if what == "sleep":
            learner.sleep(1 + grade)
        elif what == "undo":
            learner.store.undo(1, learner.stamp(at))
        elif what in ("answer", "cram"):
            beside: dict[str, Any] = {"action": "cram"} if what == "cram" else {}
            learner.store.answer(learner.record(learner.card(number), grade, at=at, **beside))
        else:
            marks: dict[str, dict[str, Any]]
            marks = {"bury": {"buried_on": learner.day}, "suspend": {"suspended": True}, "reset": {}}
            marks |= {"tag": {"tags": f"exam{grade}"}}
            state = CardState() if what == "reset" else replace(learner.card(number).state, **marks[what])
            learner.store.act(what, {learner.card(number).no: state}, learner.stamp(at))  # type: ignore[arg-type]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(common=STEPS, mine=STEPS, theirs=STEPS)
@example(common=[], mine=[("answer", 3, 0), ("undo", 0, 0)], theirs=[("answer", 3, 0)])
def test_whatever_two_machines_did_both_ways_lead_to_the_same_cards(
    common: list[Step], mine: list[Step], theirs: list[Step], empty_database: Path
) -> None:
    with TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as name:
        folder = Path(name)
        shutil.copyfile(empty_database, folder / "study.db")
        here = new_learner(folder / "study.db", [compiled(number) for number in range(CARDS)])
        live(here, common, count(1))
        (folder / "there").mkdir()
        there = another(here, folder / "there" / "study.db", 2)
        live(here, mine, count(100, 2))
        live(there, theirs, count(101, 2))
        both = uids(here.store) | uids(there.store)
        copy = here.store.back_up(folder / "copy.db", at=here.now)
        brought_in(there, here)
        merge_file(there.store.connection, copy)
        for learner in (here, there):
            assert doctor.examine(learner.store) == []
            # An act that both took back is taken back once: of the second undo nothing is left to say.
            lost = both - uids(learner.store)
            assert not lost or "undo" in {what for what, _, _ in (*mine, *theirs)}
        assert states(here.store) == states(there.store)
        for learner in (here, there):
            learner.store.close()


def test_the_journal_gives_back_the_answers_since_a_backup(learner: Learner, path: Path, tmp_path: Path) -> None:
    learner.answer(0, 4)
    copy = backup.daily(path, today=DAY)
    assert copy is not None
    assert [line.card for line in wal.read(path)] == ["card-0"]
    learner.answer(1, 2)
    learner.undo()
    learner.answer(2, 5)
    assert len(wal.read(path)) == 4
    again = Store.open(Path(shutil.copy(copy, tmp_path / "again.db")), today=DAY)
    from studytui.store.merge import merge

    again.connection.execute("BEGIN IMMEDIATE")
    assert merge(again.connection, wal.read(path)) == 3
    again.connection.execute("COMMIT")
    assert states(again) == states(learner.store)
    assert doctor.examine(again) == []
    again.close()


def test_a_line_cut_short_spoils_no_other(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    with wal.path_of(path).open("ab") as file:
        file.write(b'\n["cut sho')
    learner.answer(1, 4)
    assert len(wal.read(path)) == 2
    assert (
        wal.last_uid(path)
        == learner.store.connection.execute("SELECT review_uid FROM review ORDER BY id DESC LIMIT 1").fetchone()[0]
    )


def test_the_newest_line_is_found_however_long_it_is(learner: Learner, path: Path) -> None:
    assert wal.last_uid(path) is None
    learner.answer(0, 4)
    record = learner.record(learner.card(1), 4, response="x" * 100_000)
    learner.store.answer(record)
    assert wal.last_uid(path) == record.review_uid
