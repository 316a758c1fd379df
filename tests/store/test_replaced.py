"""Another program puts its own file in the database's place: nothing is written into it, and all answers stay."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from studytui.errors import Busy, KeptBeside, Replaced
from studytui.store import Store, StoreError, backup, doctor, wal
from studytui.store.backup import go_on
from studytui.store.connection import connect, connect_to_read
from tests.store.learner import DAY, Learner
from tests.store.surroundings import with_root

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
Arrival = Callable[[Path, Path], None]


def renamed(new: Path, path: Path) -> None:
    Path(shutil.copyfile(new, path.with_name("arriving"))).replace(path)


def written_over(new: Path, path: Path) -> None:
    shutil.copyfile(new, path)


def removed(_: Path, path: Path) -> None:
    path.unlink()


def cut_short(_: Path, path: Path) -> None:
    os.truncate(path, 5000)


def emptied(_: Path, path: Path) -> None:
    os.truncate(path, 0)


def garbled(_: Path, path: Path) -> None:
    path.write_bytes(b"noise" * 5000)


ARRIVALS = [renamed, written_over, removed, cut_short, emptied, garbled]


@pytest.fixture
def new(learner: Learner, path: Path, tmp_path: Path) -> Path:
    """The same database after a day on another machine, closed; here and there the first card was answered before."""
    learner.answer(0, 4)
    learner.store._checkpoint()
    (tmp_path / "elsewhere").mkdir()
    there = tmp_path / "elsewhere" / "study.db"
    shutil.copyfile(path, there)
    other = replace(learner, store=Store.open(there, today=DAY), numbers=count(10**9))
    for number in (1, 2):
        other.answer(number, 4)
    other.store.close()
    assert not wal.log_of(there).exists()
    return there


def uids(path: Path) -> set[str]:
    with closing(connect_to_read(path)) as connection:
        return {uid for (uid,) in connection.execute("SELECT review_uid FROM review")}


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def examined(path: Path) -> list[doctor.Defect]:
    store = Store.open(path, today=DAY)
    findings = doctor.examine(store)
    store.close()
    return findings


@pytest.mark.parametrize("answers", [1, 70])
@pytest.mark.parametrize("arrive", ARRIVALS)
def test_nothing_is_written_into_the_new_file_and_ours_is_kept(
    learner: Learner, path: Path, new: Path, arrive: Arrival, answers: int
) -> None:
    """Seventy answers are more than what stays in the log."""
    for number in range(answers):
        learner.answer(number % 10, 2)
    ours = uids(path)
    record = learner.record(learner.card(5), 4)
    arrive(new, path)
    before = content(path)
    told: list[None] = []
    learner.store.on_replaced = lambda: told.append(None)
    with pytest.raises(Replaced, match="Nothing was written"):
        learner.store.record_review(record)
    assert told
    with pytest.raises(KeptBeside) as caught:
        learner.store.close()
    assert content(path) == before
    (kept,) = backup.folder(path).glob("kept-*.db")
    assert str(kept) in str(caught.value)
    assert uids(kept) == ours
    assert examined(kept) == []
    assert not wal.log_of(path).exists()
    assert not wal.path_of(path).exists()


@pytest.mark.parametrize("answers", [0, 1, 70])
@pytest.mark.parametrize("arrive", [renamed, written_over])
def test_going_on_joins_both(learner: Learner, path: Path, new: Path, arrive: Arrival, answers: int) -> None:
    backup.daily(path, today=DAY)
    for number in range(answers):
        learner.answer(number % 10, 2)
    both = uids(path) | uids(new)
    arrive(new, path)
    with pytest.raises(Replaced):
        learner.answer(5, 4)
    kept = learner.store.keep_beside()
    assert go_on(kept, path) == 2
    learner.store.reopen()
    assert uids(path) == both
    assert learner.store.arrival is None
    learner.answer(5, 4)
    assert doctor.examine(learner.store) == []
    learner.store.close()
    replaced = next(backup.folder(path).glob("replaced-*.db"))
    assert uids(replaced) == uids(new)


@pytest.mark.parametrize("arrive", [removed, cut_short, emptied, garbled])
def test_where_no_database_is_going_on_puts_ours_back(learner: Learner, path: Path, new: Path, arrive: Arrival) -> None:
    learner.answer(3, 4)
    ours = uids(path)
    arrive(new, path)
    kept = learner.store.keep_beside()
    if path.exists():
        with pytest.raises(Busy, match="still being written"):
            go_on(kept, path)
        os.utime(path, (1, 1))
    assert go_on(kept, path) == 0
    learner.store.reopen()
    assert uids(path) == ours
    assert doctor.examine(learner.store) == []


def test_a_new_file_that_another_window_has_open_is_not_replaced(learner: Learner, path: Path, new: Path) -> None:
    renamed(new, path)
    kept = learner.store.keep_beside()
    other = Store.open(path, today=DAY)
    before = uids(path)
    with pytest.raises(Busy):
        go_on(kept, path)
    assert uids(path) == before
    other.close()


def test_readers_do_not_mix_the_old_log_with_the_new_file(learner: Learner, path: Path, new: Path) -> None:
    learner.answer(3, 4)
    written_over(new, path)
    for connecting in (connect, connect_to_read):
        with pytest.raises(Replaced):
            connecting(path)
    with pytest.raises(KeptBeside):
        learner.store.close()


def test_the_same_content_in_another_place_is_no_replacement(learner: Learner, path: Path, new: Path) -> None:
    learner.answer(3, 4)
    renamed(path, path)
    learner.answer(4, 4)
    written_over(path, path.with_name("copy"))
    written_over(path.with_name("copy"), path)
    learner.answer(5, 4)
    path.chmod(0o600)
    learner.answer(6, 4)
    assert doctor.examine(learner.store) == []
    learner.store.close()
    assert len(uids(path)) == 5


def test_a_log_that_lost_its_name_costs_no_answer(learner: Learner, path: Path) -> None:
    for number in range(3):
        learner.answer(number, 4)
    wal.log_of(path).unlink()
    learner.answer(3, 4)
    learner.store.close()
    assert len(uids(path)) == 4
    assert examined(path) == []


def test_another_log_in_place_of_ours_is_a_replacement(learner: Learner, path: Path, new: Path) -> None:
    learner.answer(3, 4)
    ours = uids(path)
    other = Store.open(new, today=DAY)
    replace(learner, store=other, numbers=count(2 * 10**9)).answer(7, 4)
    Path(shutil.copyfile(wal.log_of(new), path.with_name("arriving"))).replace(wal.log_of(path))
    with pytest.raises(Replaced):
        learner.answer(4, 4)
    with pytest.raises(KeptBeside):
        learner.store.close()
    assert uids(next(backup.folder(path).glob("kept-*.db"))) == ours
    other.close()


def test_another_window_of_ours_is_no_replacement(learner: Learner, path: Path) -> None:
    other = replace(learner, store=Store.open(path, today=DAY), numbers=count(10**9))
    for turn in range(80):
        (learner, other)[turn % 2].answer(turn % 10, 2)
        if turn % 20 == 0:
            other.store._checkpoint()
    assert doctor.examine(learner.store) == []
    learner.store.close()
    other.answer(0, 2)
    other.store.close()
    assert not wal.log_of(path).exists()
    assert len(uids(path)) == 81


def test_a_merge_in_another_window_is_no_replacement(learner: Learner, path: Path, new: Path) -> None:
    from studytui.store.merge import merge_file

    learner.answer(3, 4)
    other = Store.open(path, today=DAY)
    assert merge_file(other.connection, new) == 2
    learner.answer(4, 4)
    assert doctor.examine(learner.store) == []
    other.close()


def test_an_answer_taken_out_of_the_open_database_is_noticed(learner: Learner, path: Path) -> None:
    learner.answer(3, 4)
    with closing(connect(path)) as connection:
        connection.execute("UPDATE card SET last_review_id = NULL")
        connection.execute("DELETE FROM review")
    with pytest.raises(Replaced, match="lacks answers"):
        learner.answer(4, 4)
    with pytest.raises(KeptBeside):
        learner.store.close()


KILLED = """
import os, signal, sys
from itertools import count
from pathlib import Path
from studytui.store import Store
from tests.store.learner import DAY, Learner
learner = Learner(Store.open(Path(sys.argv[1]), today=DAY), numbers=count(int(sys.argv[3]) * 10**9))
for number in range(int(sys.argv[2])):
    learner.answer(number % 10, 2)
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(path: Path, answers: int, machine: int = 5) -> None:
    """A process answers so often and is killed."""
    words = [sys.executable, "-c", KILLED, str(path), str(answers), str(machine)]
    assert subprocess.run(words, env=with_root(), check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize("answers", [1, 63, 70])
@pytest.mark.parametrize("arrive", [renamed, written_over])
def test_a_log_left_by_a_killed_process_is_not_applied_to_the_file_that_arrived(
    learner: Learner, path: Path, new: Path, arrive: Arrival, answers: int
) -> None:
    learner.store.close()
    killed(path, answers)
    assert wal.log_of(path).stat().st_size
    arrive(new, path)
    store = Store.open(path, today=DAY)
    assert doctor.examine(store) == []
    assert uids(path) == uids(new)
    arrived = store.arrival
    assert arrived is not None
    assert arrived.log is not None
    assert arrived.log.parent == backup.folder(path)
    assert arrived.kept is not None
    assert len(uids(arrived.kept)) == answers + 1
    assert f"{answers} answer" in arrived.sentence()
    assert str(arrived.kept) in arrived.sentence()
    store.close()
    assert examined(arrived.kept) == []
    again = Store.open(path, today=DAY)
    assert again.arrival is None, "it is told once"
    again.close()


def test_a_log_left_by_a_killed_process_is_applied_to_its_own_file(learner: Learner, path: Path) -> None:
    learner.store.close()
    killed(path, 70)
    shutil.copyfile(path, path.with_name("moved.db"))
    shutil.copyfile(wal.log_of(path), wal.log_of(path.with_name("moved.db")))
    for place in (path, path.with_name("moved.db")):
        store = Store.open(place, today=DAY)
        assert store.arrival is None
        assert len(uids(place)) == 70
        assert doctor.examine(store) == []
        store.close()


def test_a_log_without_its_database_is_kept(learner: Learner, path: Path) -> None:
    """The database went, and with it what only it held; what the journal has is there."""
    learner.store.close()
    killed(path, 3)
    path.unlink()
    store = Store.open(path, today=DAY)
    assert store.arrival is not None
    assert store.arrival.log is not None
    assert store.arrival.kept is not None
    assert len(uids(store.arrival.kept)) == 3
    store.close()


def test_a_file_that_lost_its_log_is_told_what_it_lacks(learner: Learner, path: Path) -> None:
    learner.store.close()
    killed(path, 3)
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink()
    store = Store.open(path, today=DAY)
    assert store.arrival is not None
    assert store.arrival.answers == 3
    store.close()


def test_a_rollback_journal_of_another_file_is_not_applied(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    learner.store.close()
    before = path.read_bytes()
    with closing(sqlite3.connect(path.with_name("other.db"), isolation_level=None)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("INSERT INTO t VALUES (1)")
        other.execute("PRAGMA cache_size = 0")
        other.execute("BEGIN")
        other.execute("UPDATE t SET a = zeroblob(9000)")
        shutil.copyfile(path.with_name("other.db-journal"), Path(f"{path}-journal"))
        other.execute("ROLLBACK")
    assert Path(f"{path}-journal").stat().st_size
    store = Store.open(path, today=DAY)
    assert len(uids(path)) == 1
    assert store.arrival is not None
    store.close()
    assert path.read_bytes()[2048:] == before[2048:]


def test_a_link_is_looked_through(learner: Learner, path: Path, new: Path, tmp_path: Path) -> None:
    learner.store.close()
    (tmp_path / "synced").mkdir()
    target = tmp_path / "synced" / "study.db"
    path.rename(target)
    path.symlink_to(target)
    linked = replace(learner, store=Store.open(path, today=DAY))
    linked.answer(3, 4)
    renamed(new, target)
    with pytest.raises(Replaced):
        linked.answer(4, 4)
    kept = linked.store.keep_beside()
    assert kept.parent == path.parent / "backups"
    go_on(kept, path)
    assert path.is_symlink()
    assert len(uids(target)) == 4


def test_a_full_disk_loses_nothing_when_the_file_was_replaced(
    learner: Learner, path: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.answer(3, 4)
    renamed(new, path)
    backup.folder(path).write_text("a file where the folder should be")
    with pytest.raises(StoreError):
        learner.store.close()
    assert content(path) == content(new)
    assert len(wal.read(path)) == 2


def test_a_file_that_arrives_with_its_own_log_is_opened_with_it(learner: Learner, path: Path, new: Path) -> None:
    """As where the whole folder is synchronised, and both machines were switched off."""
    learner.store.close()
    killed(path, 3)
    killed(new, 2, machine=6)
    theirs = uids(copied(new, new.with_name("copy.db")))
    for name in (path, wal.log_of(path)):
        other = new if name == path else wal.log_of(new)
        Path(shutil.copyfile(other, path.with_name("arriving"))).replace(name)
    store = Store.open(path, today=DAY)
    assert uids(path) == theirs
    assert len(theirs) == 5
    assert store.arrival is not None
    assert store.arrival.log is None
    assert store.arrival.answers == 3
    assert doctor.examine(store) == []
    store.close()


def test_the_log_of_another_machine_alone_is_not_applied(learner: Learner, path: Path, new: Path) -> None:
    learner.answer(3, 4)
    learner.store.close()
    ours = uids(path)
    killed(new, 2)
    shutil.copyfile(wal.log_of(new), wal.log_of(path))
    store = Store.open(path, today=DAY)
    assert uids(path) == ours
    assert store.arrival is not None
    assert store.arrival.log is not None
    assert doctor.examine(store) == []
    store.close()


def copied(path: Path, copy: Path) -> Path:
    """A copy of a database and its log."""
    shutil.copyfile(wal.log_of(path), wal.log_of(Path(shutil.copyfile(path, copy))))
    return copy
