"""Everything that can go wrong with the file, really provoked: a typed error with a hint, and nothing half done.

Permissions, limits and /proc are those of Linux, where the project's tests run.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studytui.errors import DiskFull, NewerVersion, ReadOnly, Unreadable
from studytui.store import Store, StoreError
from studytui.store.connection import connect_to_read
from tests.store.learner import DAY, PRISTINE, Learner, log_ids
from tests.store.surroundings import no_file_beyond, ordinary_user


def fails_to_open(path: Path, kind: type[StoreError], text: str | None = None) -> StoreError:
    with pytest.raises(kind, match=text) as caught:
        Store.open(path, today=DAY)
    assert caught.value.hint
    return caught.value


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(b"Dear diary, today I learned about patches.\n" * 100)
    before = path.read_bytes()
    fails_to_open(path, Unreadable, "no database")
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["study.db"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file(learner: Learner, path: Path, share: float) -> None:
    for number in range(10):
        learner.answer(number, 4)
    learner.store.close()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(Unreadable) as caught:
        store = Store.open(path, today=DAY)
        try:
            store.connection.execute("PRAGMA cache_size=0")
            for number in range(10):
                store.card(1, f"card-{number}")
                store.undo(1, learner.stamp())
        finally:
            store.close()
    assert "restore" in caught.value.hint


def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    connection.close()
    before = path.read_bytes()
    fails_to_open(path, Unreadable, "another program")
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["study.db"]


def test_a_database_of_a_newer_version_is_not_touched(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    error = fails_to_open(path, NewerVersion, "9999")
    assert "Update studytui" in error.hint
    assert path.read_bytes() == before


def test_a_folder_inside_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    fails_to_open(tmp_path / "file" / "study.db", ReadOnly, "cannot be made")


def test_a_folder_in_the_databases_place(tmp_path: Path) -> None:
    (tmp_path / "study.db").mkdir()
    fails_to_open(tmp_path / "study.db", Unreadable)


def test_a_file_system_that_takes_no_files() -> None:
    fails_to_open(Path("/proc/studytui/study.db"), ReadOnly)
    fails_to_open(Path("/proc/study.db"), ReadOnly)


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_folder_and_file_that_cannot_be_written(open_folder: Path, empty_database: Path, mode: str) -> None:
    path = open_folder / "study.db"
    path.write_bytes(empty_database.read_bytes())
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={mode}").fetchone()
    connection.close()
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with ordinary_user():
        fails_to_open(path, ReadOnly)
    open_folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_and_no_file_yet(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with ordinary_user():
        fails_to_open(open_folder / "study.db", ReadOnly)
        fails_to_open(open_folder / "deeper" / "study.db", ReadOnly, "cannot be made")
    open_folder.chmod(0o755)
    assert list(open_folder.iterdir()) == []


def test_a_connection_to_read_makes_and_writes_nothing(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ReadOnly):
        connect_to_read(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    connection = connect_to_read(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM review")
    connection.close()


def test_a_full_disk_keeps_the_database_as_it_was(learner: Learner) -> None:
    learner.answer(0, 4)
    connection = learner.store.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskFull) as caught:
        for number in range(1, 10):
            before = log_ids(learner.store)
            learner.answer(number, 4)
    assert "nothing is lost" in caught.value.hint
    assert log_ids(learner.store) == before
    assert learner.card(number).state == PRISTINE
    connection.execute(f"PRAGMA max_page_count={pages + 100}")
    learner.answer(number, 4)
    assert len(log_ids(learner.store)) == len(before) + 1


def test_a_write_the_system_cuts_short_can_be_done_again(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    record = learner.record(learner.card(1), 4)
    with no_file_beyond(Path(f"{path}-wal").stat().st_size + 1000), pytest.raises(DiskFull) as caught:
        learner.store.answer(record)
    assert caught.value.hint
    assert len(log_ids(learner.store)) == 1
    learner.store.answer(record)
    learner.store.close()
    store = Store.open(path, today=DAY)
    assert len(log_ids(store)) == 2
    store.close()


@pytest.mark.parametrize("changes", [{"duration_ms": 2**70}, {"review_uid": "half \ud800"}])
def test_a_value_that_sqlite_cannot_hold_is_said_and_the_answer_may_be_given_again(
    learner: Learner, changes: dict[str, Any]
) -> None:
    record = learner.record(learner.card(1), 4)
    with pytest.raises(StoreError, match="The database cannot hold this"):
        learner.store.answer(replace(record, **changes))
    assert log_ids(learner.store) == []
    assert learner.card(1).state == PRISTINE
    learner.store.answer(record)
    assert len(log_ids(learner.store)) == 1


def test_halves_of_characters_in_an_answer_reach_the_log_as_replacement_characters(learner: Learner) -> None:
    record = learner.record(learner.card(1), 4, response="a\udcff", evidence={"why": "\ud800"})
    learner.store.answer(record)
    assert learner.store.connection.execute("SELECT response, evidence FROM review").fetchall() == [
        ('"a�"', '{"why": "�"}')
    ]
