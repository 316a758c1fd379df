"""Copies that can be trusted, thinned without losing the last, and brought back whole."""

from __future__ import annotations

import os
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studytui.errors import Busy, DiskFull, NewerVersion, ReadOnly, Unreadable
from studytui.store import Store, StoreError, backup, doctor
from tests.store.learner import DAY, PRISTINE, Learner, log_ids
from tests.store.surroundings import no_file_beyond, ordinary_user

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def answers_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        (count,) = connection.execute("SELECT count(*) FROM review").fetchone()
        return int(count)
    finally:
        connection.close()


def opened(learner: Learner, path: Path) -> Learner:
    return replace(learner, store=Store.open(path, today=DAY))


def test_a_copy_is_a_whole_database(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    assert copy == path.parent / "backups" / "manual-20261124T120000000000Z.db"
    again = opened(learner, copy)
    assert again.card(0) == learner.card(0)
    assert doctor.examine(again.store) == []
    again.store.close()


def test_a_copy_goes_where_it_is_told(learner: Learner, tmp_path: Path) -> None:
    learner.answer(0, 4)
    named = learner.store.back_up(tmp_path / "new folder" / "mine.db", at=AT)
    assert answers_in(named) == 1
    (tmp_path / "usb").mkdir()
    assert learner.store.back_up(tmp_path / "usb", at=AT).parent == tmp_path / "usb"
    assert [file.name for file in named.parent.iterdir()] == ["mine.db"]


def test_a_copy_overwrites_nothing(learner: Learner, path: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("Dear diary")
    for target in (path, tmp_path / "diary.txt"):
        with pytest.raises(StoreError, match="there already"):
            learner.store.back_up(target, at=AT)
    assert (tmp_path / "diary.txt").read_text() == "Dear diary"


def test_a_copy_that_cannot_be_written_is_told(learner: Learner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadOnly):
        learner.store.back_up(tmp_path / "file" / "copy.db", at=AT)
    with pytest.raises(ReadOnly):
        learner.store.back_up(Path("/proc/copy.db"), at=AT)


def test_a_copy_on_a_full_disk_is_told_and_leaves_nothing(learner: Learner) -> None:
    with no_file_beyond(10_000), pytest.raises(DiskFull):
        learner.store.daily_backup()
    assert list(backup.folder(learner.store.path).iterdir()) == []


def test_the_daily_copy_is_made_once_a_day_in_any_thread(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    made: list[Path | None] = []
    thread = threading.Thread(target=lambda: made.append(learner.store.daily_backup()))
    thread.start()
    for number in range(1, 10):
        learner.answer(number, 4)
    thread.join()
    assert made == [path.parent / "backups" / f"daily-{DAY}.db"]
    assert made[0] is not None
    assert 1 <= answers_in(made[0]) <= 10
    assert learner.store.daily_backup() is None
    learner.store.close()
    tomorrow = Store.open(path, today=DAY + timedelta(days=1))
    assert tomorrow.daily_backup() == path.parent / "backups" / f"daily-{DAY + timedelta(days=1)}.db"
    tomorrow.close()


def test_a_damaged_database_does_not_push_out_good_copies(learner: Learner, path: Path) -> None:
    good = learner.store.daily_backup()
    (page,) = learner.store.connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'card'").fetchone()
    learner.store.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 2048 : page * 2048] = b"\xff" * 2048
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="damaged"):
        backup.daily(path, today=DAY + timedelta(days=1))
    assert list(backup.folder(path).iterdir()) == [good]


def test_daily_copies_are_thinned_and_others_left_alone(learner: Learner, path: Path) -> None:
    others = [learner.store.back_up(None, at=AT), backup.before_migration(path, "0001", today=DAY)]
    strange = backup.folder(path) / "daily-my-own.db"
    strange.write_text("")
    cut_short = backup.folder(path) / "daily-2026-01-01.db.abc.partial"
    cut_short.write_text("")
    os.utime(cut_short, (0, 0))
    days = [DAY - timedelta(days=n) for n in range(240)]
    for day in reversed(days):
        backup.daily(path, today=day)
    found = set(backup.folder(path).iterdir())
    daily = {path for path in found if path.stem.removeprefix("daily-").replace("-", "").isdigit()}
    assert {path.name for path in daily} == {f"daily-{day}.db" for day in backup.kept_days(days)}
    assert found - daily == {*others, strange}


@given(st.sets(st.dates(date(2020, 1, 1), date(2027, 1, 1)), min_size=1))
def test_thinning_keeps_the_last_week_and_never_all_too_much(days: set[date]) -> None:
    kept = backup.kept_days(days)
    assert kept <= days
    assert set(sorted(days, reverse=True)[: backup.DAYS]) <= kept
    pauses = (max(days) - min(days)).days // backup.LONGEST_PAUSE
    assert len(kept) <= (backup.DAYS + backup.WEEKS + backup.MONTHS) * (1 + pauses)
    assert backup.kept_days(kept) == kept


def test_days_of_a_clock_that_was_ahead_push_no_right_one_out() -> None:
    right = {DAY - timedelta(days=n) for n in range(backup.DAYS)}
    wrong = {date(year, 1, day) for year in (1970, 2099, 9999) for day in range(1, 20)}
    assert right <= backup.kept_days(right | wrong)


def test_copies_before_migrations_are_kept_five_at_a_time(learner: Learner, path: Path) -> None:
    for number in range(8):
        copy = backup.before_migration(path, f"{number:04}", today=DAY)
        os.utime(copy, (number, number))
    copy = backup.before_migration(path, "0008", today=DAY)
    assert sorted(file.name[7:11] for file in copy.parent.iterdir()) == ["0004", "0005", "0006", "0007", "0008"]


def test_restoring_brings_everything_back_and_keeps_what_was_there(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.answer(1, 4)
    learner.store.close()
    kept = backup.restore(copy, path, at=AT)
    assert kept is not None
    assert (answers_in(path), answers_in(kept), answers_in(copy)) == (1, 2, 1)
    restored = opened(learner, path)
    assert restored.card(1).state == PRISTINE
    assert doctor.examine(restored.store) == []
    restored.answer(1, 4)
    restored.store.close()
    assert not list(path.parent.glob("*.restoring*"))


def test_restoring_into_an_empty_folder(learner: Learner, tmp_path: Path) -> None:
    copy = learner.store.back_up(None, at=AT)
    target = tmp_path / "new home" / "study.db"
    assert backup.restore(copy, target, at=AT) is None
    opened(learner, target).store.close()


def test_a_copied_file_in_write_ahead_mode_can_be_restored(learner: Learner, path: Path, tmp_path: Path) -> None:
    learner.answer(0, 4)
    learner.store.close()
    source = tmp_path / "copied by hand.db"
    source.write_bytes(path.read_bytes())
    path.unlink()
    backup.restore(source, path, at=AT)
    assert answers_in(path) == 1


def test_what_a_crash_left_in_the_log_is_kept_not_applied_to_the_backup(learner: Learner, path: Path) -> None:
    """After a crash the file has a write-ahead log beside it."""
    copy = learner.store.back_up(None, at=AT)
    learner.answer(0, 4)
    crashed = path.parent / "crashed"
    crashed.mkdir()
    for ending in ("", "-wal"):
        (crashed / f"study.db{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
    kept = backup.restore(copy, crashed / "study.db", at=AT)
    assert kept is not None
    assert (answers_in(crashed / "study.db"), answers_in(kept)) == (0, 1)
    assert not (crashed / "study.db-wal").exists()


def test_a_database_in_use_is_not_replaced(learner: Learner, path: Path) -> None:
    copy = learner.store.back_up(None, at=AT)
    learner.answer(0, 4)
    with pytest.raises(Busy):
        backup.restore(copy, path, at=AT)
    learner.answer(1, 4)
    assert len(log_ids(learner.store)) == 2
    assert not list(path.parent.glob("*.restoring*"))


def test_a_damaged_database_makes_way_and_is_kept(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    path.write_bytes(b"noise" * 1000)
    kept = backup.restore(copy, path, at=AT)
    assert kept is not None
    assert kept.read_bytes() == b"noise" * 1000
    assert answers_in(path) == 1


def test_only_a_sound_backup_of_this_app_is_restored(learner: Learner, path: Path, tmp_path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    before = path.read_bytes()
    noise, cut, empty = tmp_path / "noise.db", tmp_path / "cut.db", tmp_path / "empty.db"
    noise.write_bytes(b"noise" * 1000)
    cut.write_bytes(copy.read_bytes()[:20_000])
    empty.write_bytes(b"")
    for source in (noise, cut, empty):
        with pytest.raises(Unreadable):
            backup.restore(source, path, at=AT)
    newer = sqlite3.connect(copy)
    with newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(NewerVersion):
        backup.restore(copy, path, at=AT)
    with pytest.raises(StoreError, match="no file"):
        backup.restore(tmp_path / "none.db", path, at=AT)
    with pytest.raises(StoreError, match="itself"):
        backup.restore(path, path, at=AT)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_backup_on_a_medium_one_may_only_read(learner: Learner, open_folder: Path, mode: str) -> None:
    learner.answer(0, 4)
    medium, home = open_folder / "medium", open_folder / "home"
    copy = learner.store.back_up(medium / "study.db", at=AT)
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={mode}").fetchone()
    connection.close()
    home.mkdir()
    for path, permissions in ((copy, 0o444), (medium, 0o555), (home, 0o777)):
        path.chmod(permissions)
    with ordinary_user():
        backup.restore(copy, home / "study.db", at=AT)
        assert answers_in(home / "study.db") == 1
    medium.chmod(0o755)


def test_copies_of_a_clock_that_was_ahead_count_for_nothing_and_stay(learner: Learner, path: Path) -> None:
    ahead = [date(2099, 1, day) for day in range(1, 8)]
    for day in ahead:
        backup.daily(path, today=day)
    for number in range(30):
        today = DAY + timedelta(days=number)
        assert backup.daily(path, today=today) is not None
        assert (backup.folder(path) / f"daily-{today}.db").exists()
    found = {date.fromisoformat(copy.stem.removeprefix("daily-")) for copy in backup.folder(path).iterdir()}
    assert found == {*ahead, *backup.kept_days(DAY + timedelta(days=number) for number in range(30))}


def test_a_clock_that_went_back_loses_no_copy(learner: Learner, path: Path) -> None:
    for number in range(3):
        backup.daily(path, today=DAY + timedelta(days=number))
    made = backup.daily(path, today=date(1970, 1, 1))
    assert made is not None
    assert len(list(backup.folder(path).iterdir())) == 4


def test_a_copy_made_before_its_day_gives_way_to_the_days_own(learner: Learner, path: Path) -> None:
    tomorrow = DAY + timedelta(days=1)
    early = backup.daily(path, today=tomorrow)
    learner.answer(0, 4)
    assert backup.daily(path, today=tomorrow) == early
    assert early is not None
    assert answers_in(early) == 1
    learner.sleep()
    learner.answer(1, 4)
    assert backup.daily(path, today=tomorrow) is None, "an answer of the day itself does not make its copy too old"


@given(st.lists(st.dates(date(1970, 1, 1), date(2200, 1, 1)), min_size=1, max_size=40))
def test_thinning_never_removes_the_copy_just_made(days: list[date]) -> None:
    kept: set[date] = set()
    for today in days:
        past = {day for day in kept | {today} if day <= today}
        kept = {day for day in kept if day > today} | backup.kept_days(past)
        assert today in kept


def test_the_days_copy_is_made_when_an_answer_is_given_in_a_thread(learner: Learner, path: Path) -> None:
    troubles: list[StoreError] = []
    learner.store.back_up_daily(troubles.append)
    learner.answer(0, 4)
    learner.answer(1, 4)
    learner.sleep()
    learner.undo()
    learner.store.close()
    names = sorted(copy.name for copy in backup.folder(path).iterdir())
    assert names == [f"daily-{DAY}.db", f"daily-{DAY + timedelta(days=1)}.db"]
    assert troubles == []


def test_a_copy_that_fails_in_its_thread_is_told_and_costs_no_answer(learner: Learner, path: Path) -> None:
    troubles: list[StoreError] = []
    learner.store.back_up_daily(troubles.append)
    backup.folder(path).write_text("a file where the folder should be")
    learner.answer(0, 4)
    learner.store.close()
    assert [type(trouble) for trouble in troubles] == [ReadOnly]
    assert answers_in(path) == 1
