"""Every released schema comes to the newest one with nothing lost; a migration that fails leaves the file as it was."""

from __future__ import annotations

import re
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import studytui.store.tables  # noqa: F401
from studytui.store import Store, StoreError, backup, doctor, migrate
from studytui.store.records import HEAD
from tests.store.learner import COURSE, DAY, Learner

RELEASED = sorted(Path(__file__).with_name("fixtures").glob("schema-*.sql"))
VERSIONS = Path(migrate.__file__).with_name("migrations") / "versions"


def objects(connection: sqlite3.Connection) -> set[str]:
    """Every table and index, as SQL with spaces evened out; a table's columns in order, its constraints in any."""
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'")
    return {evened(re.sub(r"\s+", " ", sql).replace("( ", "(").replace(" )", ")")) for (sql,) in rows}


def evened(sql: str) -> str:
    """An added column stands behind the constraints in SQLite's text: put these last."""
    if not sql.startswith("CREATE TABLE"):
        return sql
    sql = sql.replace('CREATE TABLE "review"', "CREATE TABLE review")  # SQLite quotes the name of a renamed table
    head, _, body = sql.partition("(")
    clauses = re.split(r", (?![^(]*\))", body.removesuffix(")"))
    last = ("PRIMARY", "UNIQUE", "CONSTRAINT", "FOREIGN")
    return f"{head}({', '.join(sorted(clauses, key=lambda clause: clause.startswith(last)))})"


def restored(dump: Path, path: Path) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    return path


def test_each_migration_has_a_dump_of_the_schema_it_makes() -> None:
    assert [dump.stem.removeprefix("schema-") for dump in RELEASED] == sorted(p.name[:4] for p in VERSIONS.glob("*.py"))
    assert RELEASED[-1].stem.removeprefix("schema-") == HEAD


def test_the_migrations_make_what_the_tables_say(path: Path) -> None:
    migrated = sqlite3.connect(path)
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as declared:
        driver = declared.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        assert objects(migrated) == objects(driver)
    engine.dispose()
    migrated.close()


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
def test_a_released_database_opens_with_all_that_was_in_it(dump: Path, tmp_path: Path, empty_database: Path) -> None:
    path = restored(dump, tmp_path / "study.db")
    learner = Learner(Store.open(path, today=DAY), day=DAY + timedelta(days=1))
    assert learner.store.course_no(COURSE) == 1
    assert doctor.examine(learner.store) == []
    first = learner.card(0)
    assert (first.state.schedule.ease_factor, first.state.schedule.repetitions) == (260, 1)
    assert learner.card(1).state.schedule.lapses == 0
    assert learner.card(2).state.suspended
    due = learner.store.pick("due", 1, learner.day)
    assert due is not None
    learner.store.answer(learner.record(due, 4, review_uid="f" * 28))
    assert doctor.examine(learner.store) == []
    fresh = sqlite3.connect(empty_database)
    assert objects(learner.store.connection) == objects(fresh)
    fresh.close()
    learner.store.close()


@pytest.fixture
def next_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migration to come; returns its file."""
    scripts = tmp_path / "migrations"
    shutil.copytree(VERSIONS.parent, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    script = scripts / "versions" / "9000_to_come.py"
    script.write_text(
        "from alembic import op\n"
        "revision, down_revision = '9000', '" + HEAD + "'\n"
        "def upgrade() -> None:\n"
        "    op.execute('ALTER TABLE course ADD COLUMN colour VARCHAR')\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("studytui.store.migrate.SCRIPTS", scripts)
    monkeypatch.setattr("studytui.store.connection.HEAD", "9000")
    monkeypatch.setattr("studytui.store.store.HEAD", "9000")
    return script


def test_a_migration_is_made_once_after_a_backup(learner: Learner, path: Path, next_schema: Path) -> None:
    learner.answer(0, 4)
    learner.store.close()
    store = Store.open(path, today=DAY)
    assert store.connection.execute("SELECT colour, title FROM course").fetchall() == [(None, "A course")]
    assert store.connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9000",)]
    store.close()
    kept = backup.folder(path) / f"schema-{HEAD}-{DAY}.db"
    assert list(backup.folder(path).iterdir()) == [kept]
    before = sqlite3.connect(kept)
    assert before.execute("SELECT count(*) FROM review").fetchone() == (1,)
    assert before.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    before.close()
    kept.unlink()
    Store.open(path, today=DAY).close()
    assert not kept.exists(), "the second opening has nothing to migrate"


def test_a_migration_that_fails_leaves_the_file_as_it_was(learner: Learner, path: Path, next_schema: Path) -> None:
    learner.answer(0, 4)
    learner.store.close()
    schema = sqlite3.connect(path)
    before = objects(schema)
    schema.close()
    with next_schema.open("a", encoding="utf-8") as script:
        script.write("    op.execute('DROP TABLE card_text')\n    op.execute('DROP TABLE nobody')\n")
    with pytest.raises(StoreError, match="nobody"):
        Store.open(path, today=DAY)
    after = sqlite3.connect(path)
    assert objects(after) == before
    assert after.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    assert after.execute("SELECT count(*) FROM card_text").fetchone() == (10,)
    after.close()
    assert (backup.folder(path) / f"schema-{HEAD}-{DAY}.db").exists()


def test_without_room_for_a_backup_nothing_is_migrated(learner: Learner, path: Path, next_schema: Path) -> None:
    learner.store.close()
    backup.folder(path).write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        Store.open(path, today=DAY)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    connection.close()


@pytest.mark.parametrize("dump", RELEASED[:2], ids=lambda dump: dump.stem)
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE review SET response = CAST(x'22FF22' AS TEXT) WHERE id = 2", ("review", 2)),
        ("UPDATE review SET evidence = x'7B7D' WHERE id = 2", ("review", 2)),
        ("UPDATE review SET study_day = '9999-99-99' WHERE id = 2", ("review", 2)),
        ("UPDATE review SET at_utc = 'noon' WHERE id = 2", ("review", 2)),
        ("UPDATE card_text SET payload = CAST(x'7BFF7D' AS TEXT) WHERE card_id = 3", ("card_text", 3)),
        ("UPDATE card SET kind = x'00' WHERE id = 3", ("card", 3)),
        ("UPDATE course SET title = CAST(x'41FF' AS TEXT)", ("course", 1)),
    ],
)
def test_what_was_damaged_before_there_were_digests_is_not_made_to_look_whole(
    dump: Path, tmp_path: Path, sql: str, found: tuple[str, int]
) -> None:
    path = restored(dump, tmp_path / "study.db")
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()
    store = Store.open(path, today=DAY)
    assert found in {(finding.table, finding.row) for finding in doctor.examine(store) if finding.level == "error"}
    store.close()


def test_after_the_digests_came_every_file_of_a_course_is_read_again(tmp_path: Path) -> None:
    store = Store.open(restored(RELEASED[1], tmp_path / "study.db"), today=DAY)
    assert store.course_files(COURSE) == {}
    store.close()
