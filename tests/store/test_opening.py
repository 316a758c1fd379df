"""A database that is missing, empty or not as studytui made it: said, never silently begun anew or believed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studytui.errors import NoDatabase, NotKept, Unreadable
from studytui.store import Store, StoreError, backup, doctor, records, schema, wal
from studytui.store.records import HEAD
from studytui.store.wal import remove_left_overs
from tests.store.learner import DAY, Learner, log_ids
from tests.store.surroundings import no_file_beyond, with_root

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def opens(path: Path) -> list[int]:
    store = Store.open(path, today=DAY)
    ids = log_ids(store)
    store.close()
    return ids


@pytest.mark.parametrize("leave", ["nothing", "an empty file", "a dangling link"])
def test_a_missing_database_beside_backups_is_never_a_fresh_start(learner: Learner, path: Path, leave: str) -> None:
    learner.answer(0, 4)
    learner.store.daily_backup()
    learner.answer(1, 4)
    learner.store.close()
    newest = learner.store.back_up(None, at=AT)
    os.utime(newest, (2**31, 2**31))
    path.unlink()
    if leave == "an empty file":
        path.touch()
    elif leave == "a dangling link":
        path.symlink_to(path.with_name("gone.db"))
    before = sorted(file.name for file in path.parent.iterdir())
    with pytest.raises(NoDatabase) as caught:
        Store.open(path, today=DAY)
    assert caught.value.newest == newest
    assert f"studytui restore {newest}" in caught.value.hint
    assert "to start again" in caught.value.hint
    assert sorted(file.name for file in path.parent.iterdir()) == before
    backup.restore(newest, path, at=AT)
    assert len(opens(path)) == 2


def test_a_backup_that_is_damaged_is_not_the_one_that_is_named(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    good = learner.store.daily_backup()
    learner.store.close()
    bad = backup.folder(path) / "daily-2026-11-25.db"
    bad.write_bytes(b"noise" * 1000)
    path.unlink()
    with pytest.raises(NoDatabase) as caught:
        Store.open(path, today=DAY)
    assert caught.value.newest == good
    assert good is not None
    good.unlink()
    assert opens(path) == [], "there is nothing to bring back"


def test_a_database_without_answers_in_the_place_of_one_with_answers_is_told(
    learner: Learner, path: Path, empty_database: Path, tmp_path: Path
) -> None:
    learner.answer(0, 4)
    learner.store.daily_backup()
    learner.store.close()
    other = tmp_path / "new" / "other.db"
    Store.open(other, today=DAY).close()
    shutil.copyfile(other, path)
    with pytest.raises(NoDatabase, match="no answer"):
        Store.open(path, today=DAY)


def test_a_backup_without_answers_that_was_brought_back_on_purpose_opens(learner: Learner, path: Path) -> None:
    empty = learner.store.back_up(None, at=AT)
    learner.answer(0, 4)
    learner.store.close()
    backup.restore(empty, path, at=AT)
    assert opens(path) == []


def test_starting_afresh_keeps_the_backups_in_a_folder_of_their_own(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.daily_backup()
    assert copy is not None
    learner.store.close()
    path.write_bytes(b"")
    earlier = backup.start_afresh(path, at=AT)
    assert (earlier / copy.name).exists()
    store = Store.open(path, today=DAY)
    assert store.arrival is None
    assert log_ids(store) == []
    store.close()
    assert opens(path) == []


ADDITIONS = {
    "a trigger that ignores": "CREATE TRIGGER t BEFORE INSERT ON review BEGIN SELECT raise(ignore); END",
    "a trigger that deletes": "CREATE TRIGGER t AFTER INSERT ON review BEGIN DELETE FROM review; END",
    "a view": "CREATE VIEW v AS SELECT * FROM review",
    "a table": "CREATE TABLE notes (id INTEGER PRIMARY KEY)",
    "a column": "ALTER TABLE card ADD COLUMN colour VARCHAR",
    "an index": "CREATE UNIQUE INDEX one_a_day ON review (study_day)",
    "a lost index": "DROP INDEX ix_review_card",
}


@pytest.mark.parametrize("addition", ADDITIONS.values(), ids=ADDITIONS)
def test_what_studytui_did_not_make_is_refused(learner: Learner, path: Path, addition: str, tmp_path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    before = path.read_bytes()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(addition)
        connection.commit()
    with pytest.raises(Unreadable, match="could not be trusted") as caught:
        backup.restore(copy, path, at=AT)
    assert caught.value.hint
    assert path.read_bytes() == before
    shutil.copyfile(copy, tmp_path / "opened.db")
    with pytest.raises(Unreadable, match="could not be trusted"):
        Store.open(tmp_path / "opened.db", today=DAY)


@pytest.mark.parametrize("said", ["", "0000", "00020", "head", "abcd"])
def test_a_schema_that_never_was_is_refused(learner: Learner, path: Path, said: str) -> None:
    learner.store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (said,))
        connection.commit()
    with pytest.raises(StoreError) as caught:
        Store.open(path, today=DAY)
    assert caught.value.hint


def test_the_fingerprints_are_those_of_the_migrations() -> None:
    from studytui.store.migrate import revisions

    assert records.FINGERPRINTS.keys() == revisions()
    assert HEAD in records.FINGERPRINTS
    for revision, fingerprint in records.FINGERPRINTS.items():
        made = schema.made_by_migrations(revision)
        assert made is not None
        assert schema.fingerprint(made) == fingerprint


def test_a_new_database_is_as_the_migrations_make_it(tmp_path: Path) -> None:
    from studytui.store import migrate

    made, migrated = tmp_path / "made.db", tmp_path / "migrated.db"
    schema.bring_up_to_date(made)
    migrate.to_head(migrated)
    with closing(sqlite3.connect(made)) as one, closing(sqlite3.connect(migrated)) as other:
        assert schema.read(one) == schema.read(other)
        for table in (name for kind, name in schema.read(one) if kind == "table" and name != "identity"):
            assert (
                one.execute(f"SELECT * FROM {table}").fetchall() == other.execute(f"SELECT * FROM {table}").fetchall()
            )
        ids = [each.execute("SELECT id, uid, digest FROM identity").fetchall() for each in (one, other)]
        assert all(digest == records.identity_digest(uid) for ((_, uid, digest),) in ids)
        assert ids[0][0][1] != ids[1][0][1]


def test_a_new_home_waits_for_no_migrations(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path; from studytui.store import Store;"
        f"Store.open(Path({str(tmp_path / 'study.db')!r}), today=date(2026, 1, 1)).close();"
        "print(sys.modules.keys() & {'alembic', 'sqlalchemy', 'sqlmodel'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("trigger", [ADDITIONS["a trigger that ignores"], ADDITIONS["a trigger that deletes"]])
def test_saved_is_said_only_when_the_row_is_there(learner: Learner, path: Path, trigger: str) -> None:
    """Even where the trigger comes while the database is open."""
    learner.answer(0, 4)
    learner.store.connection.execute(trigger)
    before = learner.card(1).state
    with pytest.raises(NotKept):
        learner.answer(1, 4)
    assert learner.card(1).state == before
    learner.store.connection.execute("DROP TRIGGER t")
    learner.answer(1, 4)
    assert len(log_ids(learner.store)) == 2
    assert doctor.examine(learner.store) == []


def test_an_index_that_lost_a_row_is_seen_before_a_backup_is_believed(learner: Learner, path: Path) -> None:
    for number in range(5):
        learner.answer(number, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_review_card'").fetchone()
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'ix_review_card'", (f"{sql} WHERE id < 3",))
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute("REINDEX ix_review_card")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'ix_review_card'", (sql,))
        connection.execute("PRAGMA writable_schema = RESET")
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    with pytest.raises(Unreadable, match="damaged"):
        backup.restore(copy, path, at=AT)


def test_restoring_follows_a_link(learner: Learner, path: Path, tmp_path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.answer(1, 4)
    learner.store.close()
    synced = tmp_path / "synced" / "answers.db"
    synced.parent.mkdir()
    path.rename(synced)
    path.symlink_to(synced)
    kept = backup.restore(copy, path, at=AT)
    assert path.is_symlink()
    assert kept is not None
    assert kept.parent == path.parent / "backups"
    assert [file.name for file in synced.parent.iterdir()] == ["answers.db"]
    assert len(opens(path)) == len(opens(synced)) == 1


def test_what_killed_processes_left_half_made_goes_at_the_next_start(learner: Learner, path: Path) -> None:
    learner.store.close()
    folder = backup.folder(path)
    folder.mkdir(exist_ok=True)
    dead, alive = 2**22 - 3, os.getpid()
    gone = [
        path.with_name(f"study.db.{dead}.abcd1234.partial"),
        folder / f"daily-2026-01-01.db.{dead}.abcd1234.partial",
        folder / f"daily-2026-01-01.db.{dead}.abcd1234.partial-journal",
        folder / f"daily-2026-01-01.db.{dead}.abcd1234.partial-wal",
    ]
    old = [path.with_name("study.db.restoring.abcd1234.partial"), path.with_name("study.db.restoring")]
    stay = [folder / f"daily-2026-01-01.db.{alive}.abcd1234.partial", folder / "partial.txt"]
    for file in (*gone, *old, *stay):
        file.write_text("")
    for file in old:
        os.utime(file, (0, 0))
    Store.open(path, today=DAY).close()
    assert not [file for file in (*gone, *old) if file.exists()]
    assert all(file.exists() for file in stay)


def test_a_folder_that_is_not_there_has_nothing_left_over(tmp_path: Path) -> None:
    remove_left_overs(tmp_path / "none")


def test_a_copy_cut_short_leaves_nothing(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    before = sorted(file.name for file in path.parent.rglob("*"))
    with no_file_beyond(10_000), pytest.raises(StoreError):
        backup.restore(copy, path, at=AT)
    assert sorted(file.name for file in path.parent.rglob("*")) == before


def test_what_restoring_moved_away_is_thinned_but_not_what_only_it_holds(learner: Learner, path: Path) -> None:
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    unique = []
    for number in range(8):
        learner = replace(learner, store=Store.open(path, today=DAY))
        if number < 2:
            learner.answer(number, 4)
        learner.store.close()
        kept = backup.restore(copy, path, at=AT + timedelta(minutes=number))
        assert kept is not None
        os.utime(kept, (number, number))
        unique.append(kept)
    left = sorted(backup.folder(path).glob("replaced-*.db"))
    assert left == [*unique[:2], *unique[3:]]
    assert len(left) == 2 + backup.MOVED


def test_unread_files_are_thinned(learner: Learner, path: Path) -> None:
    copy = learner.store.back_up(None, at=AT)
    learner.store.close()
    for number in range(9):
        path.write_bytes(b"noise" * 1000)
        kept = backup.restore(copy, path, at=AT + timedelta(minutes=number))
        assert kept is not None
        os.utime(kept, (number, number))
    assert len(list(backup.folder(path).glob("unread-*"))) == backup.MOVED


def test_after_a_restore_of_a_damaged_database_the_answers_since_are_offered(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    copy = learner.store.daily_backup()
    assert copy is not None
    learner.answer(1, 4)
    learner.answer(2, 4)
    learner.store.close()
    path.write_bytes(b"noise" * 1000)
    backup.restore(copy, path, at=AT)
    store = Store.open(path, today=DAY)
    assert store.arrival is not None
    assert store.arrival.answers == 2
    assert store.arrival.kept is not None
    assert store.merge(store.arrival.kept, at=AT) == 2
    assert len(log_ids(store)) == 3
    assert doctor.examine(store) == []
    store.close()


def test_restoring_on_purpose_brings_nothing_back_by_itself(learner: Learner, path: Path) -> None:
    copy = learner.store.back_up(None, at=AT)
    learner.answer(1, 4)
    learner.store.close()
    backup.restore(copy, path, at=AT)
    store = Store.open(path, today=DAY)
    assert store.arrival is None
    store.close()
    assert not wal.path_of(path).exists()


SPECIAL = ("study.db", "study.db-wal", "study.db-shm", "study.db-journal", "study.answers.jsonl", "backups/other.db")
OPEN_AND_LOOK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from datetime import UTC, datetime
from pathlib import Path
from studytui.store import Store, StoreError, backup, doctor
from tests.store.learner import COURSE, DAY, Learner
path = Path(sys.argv[1])
def study():
    store = Store.open(path, today=DAY)
    learner = Learner(store, store.course_no(COURSE))
    learner.answer(0, 4)
    store.close()
at = datetime(2027, 1, 1, tzinfo=UTC)
for do in (study, lambda: doctor.examine_file(path), lambda: backup.restore(Path(sys.argv[2]), path, at=at)):
    try:
        do()
    except StoreError as error:
        assert error.hint
        print(error)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
@pytest.mark.parametrize("target", ["pipe", "folder", "/dev/zero"])
@pytest.mark.parametrize("name", SPECIAL)
def test_what_is_no_file_is_named_where_a_file_belongs_and_never_waited_for(
    learner: Learner, path: Path, tmp_path: Path, name: str, target: str
) -> None:
    learner.store.back_up(tmp_path / "copy.db", at=learner.now)
    learner.store.close()
    place = path.parent / name
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    if target == "pipe":
        os.mkfifo(place)
    elif target == "folder":
        place.mkdir()
    else:
        place.symlink_to(target)
    done = subprocess.run(
        [sys.executable, "-c", OPEN_AND_LOOK, str(path), str(tmp_path / "copy.db")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=with_root(),
    )
    assert done.returncode == 0, done.stderr
    is_moved_away = (name, target) == ("study.db-journal", "folder")
    if name.startswith("study.db") and not is_moved_away:
        assert done.stdout.count("is a folder, a pipe or a device, not a file.") == 3
    else:
        assert not done.stdout


def test_a_log_belongs_to_its_file_while_a_reader_holds_the_checkpoint_up(tmp_path: Path) -> None:
    """The file's first page then counts pages that are in the log alone."""
    path = tmp_path / "study.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value BLOB)")
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.execute("BEGIN")
    begun_on = wal.mark(writer, 0)
    writer.executemany("INSERT INTO t (value) VALUES (zeroblob(3000))", [()] * 40)
    writer.execute("COMMIT")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchone()
        writer.execute("UPDATE t SET value = randomblob(3000) WHERE id = 40")
        writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as alone,
            pytest.raises(sqlite3.DatabaseError, match="malformed"),
        ):
            alone.execute("SELECT count(*) FROM t")
        assert wal.mark_of(path) == begun_on
        assert wal.belongs(path)
    writer.close()
