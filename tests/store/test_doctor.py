"""The examination finds what is wrong, names table and row, goes on after it, and changes nothing."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest

from studytui.errors import NewerVersion, Unreadable
from studytui.store import Store, doctor
from studytui.store.connection import TABLES
from studytui.store.doctor import Defect
from studytui.store.records import state_digest
from tests.store.learner import DAY, Learner, compiled, new_learner, stamp
from tests.store.surroundings import ordinary_user

NOON = datetime(DAY.year, DAY.month, DAY.day, 12, 30, tzinfo=UTC)


def examined(learner: Learner, now: datetime | None = None) -> list[str]:
    return [f"{finding.level}: {finding.what}" for finding in doctor.examine(learner.store, now=now)]


def damage(learner: Learner, sql: str) -> None:
    """As a program would that knows nothing of the rules."""
    connection = learner.store.connection
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA ignore_check_constraints=ON")
    connection.executescript(sql)


@pytest.fixture
def full(learner: Learner) -> Learner:
    """Something in every table, and answers of every kind."""
    learner.answer(0, 4)
    learner.answer(1, 2)
    learner.answer(1, 4)
    learner.act("suspend", 2, suspended=True)
    learner.answer(3, 5)
    learner.undo()
    learner.cram(4, 3)
    learner.sleep()
    learner.answer(0, 4)
    state = ("draft", "question-1", json.dumps({"text": "half a sentence"}), "2026-11-24T12:00:00.000+00:00")
    connection = learner.store.connection
    connection.execute("INSERT INTO learner_state VALUES (?, ?, ?, ?, ?)", (*state, state_digest(*state)))
    content = b"[[override]]\n"
    connection.execute(
        "INSERT INTO own_file VALUES (?, ?, ?)", ("course/overrides.toml", sha256(content).hexdigest(), content)
    )
    assert doctor.examine(learner.store, now=NOON + timedelta(days=2)) == []
    return learner


def test_a_sound_database_has_no_findings(learner: Learner) -> None:
    for number in range(5):
        learner.answer(number, 2)
        learner.answer(number, 4)
    learner.undo()
    seen: list[tuple[int, int]] = []
    assert doctor.examine(learner.store, progress=lambda done, count: seen.append((done, count))) == []
    assert seen == [(11, 11)]


COLUMNS: Final = [
    (table, column.name)
    for table, columns in TABLES.items()
    for column in columns
    if (table, column.name) != ("own_file", "path")  # only backups hold own files, and restore checks their paths
]
KEYS: Final = ("id", "card_id")
WRONG: Final[dict[str, Any]] = {
    "another": lambda value: value + {int: 1000, str: "1", bytes: b"1"}[type(value)] if value is not None else 1,
    "of another type": lambda value: b"\x01" if type(value) is not bytes else 1,
}


@pytest.mark.parametrize(
    ("table", "column", "wrong"),
    [
        (table, column, wrong)
        for table, column in COLUMNS
        for wrong in WRONG
        if wrong == "another" or column not in KEYS  # SQLite itself keeps numbers alone there
    ],
)
def test_a_value_that_is_not_as_it_was_written_is_found_in_its_row(
    full: Learner, table: str, column: str, wrong: str
) -> None:
    damage(full, "")
    connection = full.store.connection
    (row_id, value) = connection.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid LIMIT 1").fetchone()
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (WRONG[wrong](value), row_id))
    found = [finding for finding in doctor.examine(full.store) if finding.level == "error"]
    assert any(finding.table and finding.row is not None for finding in found), found


@pytest.mark.parametrize(
    ("table", "column"), [each for each in COLUMNS if each[1] not in ("id", "card_id", "course_id", "content")]
)
def test_text_that_is_no_utf8_is_named_and_the_rest_is_examined(full: Learner, table: str, column: str) -> None:
    damage(full, f"UPDATE {table} SET {column} = CAST(x'41FF' AS TEXT) WHERE rowid = (SELECT max(rowid) FROM {table})")
    damage(full, "UPDATE card SET flagged = 1 WHERE key = 'card-6'")
    findings = doctor.examine(full.store)
    assert any(finding.table == table and "\\xff" in finding.what for finding in findings), findings
    assert any('"card-6" does not follow' in finding.what for finding in findings), findings


DOES_NOT_FOLLOW = 'error: The state of card "card-0" does not follow from its log.'


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE card SET ease_factor = 999 WHERE key = 'card-0'", [DOES_NOT_FOLLOW]),
        ("UPDATE card SET last_review_id = NULL WHERE key = 'card-0'", [DOES_NOT_FOLLOW]),
        ("UPDATE card SET flagged = 1 WHERE key = 'card-0'", [DOES_NOT_FOLLOW]),
        (
            "UPDATE card SET due_on = '9999-99-99' WHERE key = 'card-0'",
            ["error: Row 1 of card (card \"card-0\") is damaged: due_on is '9999-99-99', not a day or nothing."],
        ),
        (
            "UPDATE review SET grade = 5",
            ['error: Row 1 of review (card "card-0", 2026-11-24) is not as it was written.'],
        ),
        (
            "UPDATE review SET digest = ''",
            ["error: Row 1 of review (card \"card-0\", 2026-11-24) has no digest: digest is '', not a digest."],
        ),
        (
            "UPDATE review SET state_after = '{}'",
            [
                'error: Row 1 of review (card "card-0", 2026-11-24) is not as it was written: state_after is '
                "'{}', not a card's state.",
                'error: The state of card "card-0" cannot be proven: its last rows in review are damaged or lost.',
            ],
        ),
        ("DELETE FROM card_text WHERE card_id = 2", ['error: Card "card-1" has no text.']),
        ("DELETE FROM card WHERE id = 2", ["error: Row 2 of card_text refers to a row of card that is not there."]),
        (
            "DELETE FROM card WHERE id = 1; DELETE FROM card_text WHERE card_id = 1",
            ["error: Row 1 of review refers to a row of card that is not there."],
        ),
        (
            "UPDATE card_text SET payload = replace(payload, '1', '7') WHERE card_id = 2",
            ['error: Row 2 of card_text (card "card-1") is damaged: the text is not as it was compiled.'],
        ),
        (
            "UPDATE card SET section = '1.2' WHERE id = 2",
            ['error: Row 2 of card or of card_text (card "card-1") is damaged: its place is not as it was written.'],
        ),
        (
            "UPDATE card SET has_siblings = 1 WHERE id = 2",
            ['error: Row 2 of card: card "card-1" is wrong about having siblings.'],
        ),
        ("INSERT INTO identity (id, uid) VALUES (2, '')", ["error: Row 2 of identity is damaged: uid is '', not 32 "
         "hexadecimal digits.", "error: The table identity has 2 rows, not one."]),
        ("DELETE FROM identity", ["error: The table identity has 0 rows, not one."]),
        (
            "CREATE TRIGGER eater AFTER INSERT ON review BEGIN DELETE FROM review; END",
            ["error: The trigger eater in the database is none of studytui's."],
        ),
        (
            "CREATE VIEW look AS SELECT * FROM card",
            ["error: The view look in the database is none of studytui's."],
        ),
        ("CREATE TABLE diary (day)", ["error: The table diary in the database is none of studytui's."]),
        ("DROP INDEX ix_card_due", ["error: The index ix_card_due is not there."]),
        (
            "DROP INDEX ix_card_due; CREATE INDEX ix_card_due ON card (course_id)",
            ["error: The index ix_card_due is not declared as studytui declares it."],
        ),
        ("ALTER TABLE card ADD COLUMN colour", ["error: The table card is not declared as studytui declares it."]),
        (
            "UPDATE alembic_version SET version_num = '0002'",
            ["error: Row 1 of alembic_version is damaged: it says 0002 and the tables are those of schema 0004."],
        ),
        (
            "UPDATE alembic_version SET version_num = '0007'",
            ["error: Row 1 of alembic_version is damaged: it says 0007 and the tables are those of schema 0004."],
        ),
        (
            "DELETE FROM alembic_version",
            ["error: Row 1 of alembic_version is damaged: it says nothing and the tables are those of schema 0004."],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_a_way_out(learner: Learner, sql: str, told: list[str]) -> None:
    learner.answer(0, 4)
    damage(learner, sql)
    assert examined(learner) == told
    findings = doctor.examine(learner.store)
    assert all(finding.how_to_fix for finding in findings)
    assert "Run `studytui doctor`" not in " ".join(map(str, findings))


def test_a_table_that_is_not_there_does_not_end_the_examination(full: Learner) -> None:
    damage(full, "DROP TABLE learner_state; UPDATE card SET flagged = 1 WHERE key = 'card-6'")
    told = examined(full)
    assert "error: The table learner_state is not there." in told
    assert 'error: The state of card "card-6" does not follow from its log.' in told


def test_a_file_without_its_version_is_examined_all_the_same(full: Learner) -> None:
    damage(full, "DROP TABLE alembic_version; UPDATE card SET flagged = 1 WHERE key = 'card-6'")
    told = examined(full)
    assert "error: The table alembic_version is not there." in told
    assert 'error: The state of card "card-6" does not follow from its log.' in told


def test_a_newer_schema_is_no_damage(learner: Learner) -> None:
    damage(learner, "UPDATE alembic_version SET version_num = '0007'; ALTER TABLE card ADD COLUMN colour")
    with pytest.raises(NewerVersion, match="0007"):
        doctor.examine(learner.store)


def test_no_database_at_all_is_said(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_bytes(b"Dear diary\n" * 400)
    with pytest.raises(Unreadable, match="no database"):
        doctor.examine_file(path)


@pytest.mark.parametrize("row", [1, 4, 8])
def test_a_row_of_the_log_that_is_gone_is_missed(full: Learner, row: int) -> None:
    damage(full, f"DELETE FROM review WHERE id = {row}")
    told = examined(full)
    if row < 8:
        assert told[0] == f"error: Row {row} of review is missing."
    else:
        assert told == [DOES_NOT_FOLLOW], "the last row leaves no gap, but its card knows of it"


def test_a_changed_row_does_not_put_the_rows_after_it_in_doubt(learner: Learner) -> None:
    for grade in (4, 4, 2, 4):
        learner.answer(0, grade)
        learner.sleep()
    damage(learner, "UPDATE review SET state_after = replace(state_after, '250', '251') WHERE id = 2")
    assert examined(learner) == ['error: Row 2 of review (card "card-0", 2026-11-25) is not as it was written.']


def test_a_row_that_contradicts_the_one_before_is_told_though_it_is_whole(learner: Learner) -> None:
    learner.answer(0, 4)
    card = learner.card(0)
    wrong = replace(card.state, flagged=True)
    learner.sleep()
    learner.store.answer(learner.record(replace(card, state=wrong), 4, after=wrong))
    assert examined(learner) == [
        'error: Row 2 of review (card "card-0", 2026-11-25) starts from a state that the row before does not end with.',
        'error: Row 2 of review (card "card-0", 2026-11-25) does not end where SM-2 leads from a grade of 4.',
    ]


def test_what_is_dated_later_than_now_is_named_until_the_card_is_brought_back(learner: Learner) -> None:
    today = learner.day
    learner.day += timedelta(days=400)
    learner.answer(0, 4)
    learner.day = today
    assert examined(learner) == [], "without a clock nothing is too late"
    row = 'Row 1 of review (card "card-0") is dated 2027-12-29T12:00:00.000+00:00, later than now.'
    assert examined(learner, NOON) == [f"warning: {row}"]
    schedule = replace(learner.card(0).state.schedule, due_on=today)
    learner.act("set_due", 0, schedule=schedule)
    assert examined(learner, NOON) == [f"info: {row}"]


def test_a_day_farther_than_any_interval_is_named(learner: Learner) -> None:
    schedule = replace(learner.card(0).state.schedule, due_on=DAY.replace(year=9999))
    learner.act("set_due", 0, schedule=schedule)
    assert examined(learner, NOON) == [
        'warning: Row 1 of card: card "card-0" is due on 9999-11-24, more than a century from now.'
    ]


@pytest.mark.parametrize("now", [NOON.replace(year=1), datetime.max.replace(tzinfo=UTC)])
def test_a_clock_at_either_end_of_time_does_not_end_the_examination(learner: Learner, now: datetime) -> None:
    learner.answer(0, 4)
    doctor.examine(learner.store, now=now)


def test_the_newest_backup_that_has_a_changed_answer_whole_is_named(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    older = learner.store.back_up(None, at=NOON)
    learner.sleep()
    learner.answer(0, 4)
    damage(learner, "UPDATE review SET response = '\"another\"' WHERE id = 1")
    learner.store.back_up(None, at=NOON + timedelta(days=1))
    (finding,) = doctor.examine(learner.store)
    assert finding.how_to_fix == f"It is whole in {older}; `studytui restore {older}` brings that back."
    damage(learner, "UPDATE review SET response = '\"another\"' WHERE id = 2")
    assert {finding.how_to_fix for finding in doctor.examine(learner.store)} == {
        "No backup has it whole; do not trust this answer."
    }


@pytest.mark.parametrize(
    "name",
    [
        "study (conflicted copy 2026-11-24).db", "study.sync-conflict-20261124-120000-ABCDEFG.db", "study.db (1)",
        "study-LAPTOP.db", "study 2.db", "Study.db.bak", "a conflict.sqlite",
    ],
)  # fmt: skip
def test_a_copy_that_another_program_left_is_named_with_what_only_it_has(
    learner: Learner, path: Path, name: str
) -> None:
    learner.answer(0, 4)
    other = Path(shutil.copy(learner.store.back_up(None, at=NOON), path.with_name(name)))
    (finding,) = doctor.examine(learner.store)
    assert finding.level == "warning"
    assert finding.what.startswith(f"{name} lies beside study.db")
    assert "is in study.db too: remove it" in finding.how_to_fix
    there = Learner(Store.open(other, today=DAY))
    there.numbers = learner.numbers
    there.answer(1, 4)
    there.store.close()
    (finding,) = doctor.examine(learner.store)
    assert "It has 1 row of the log that study.db has not." in finding.what
    assert f'`studytui merge "{other}"` adds them' in finding.how_to_fix


def test_files_that_are_no_copies_are_not_named(learner: Learner, path: Path) -> None:
    for name in ("study.txt", "study.db-note", "conflict.md"):
        path.with_name(name).write_text("SQLite is nice")
    path.with_name("other.db").write_bytes(path.read_bytes())
    path.with_name("study.folder").mkdir()
    assert doctor.examine(learner.store) == []


def test_the_same_fault_on_many_cards_is_capped(learner: Learner) -> None:
    cards = [compiled(number) for number in range(50)]
    learner.store.sync_course("course", "A course", "1", [stamp(content="b")], cards)
    learner.store.connection.execute("UPDATE card SET flagged = 1")
    findings = examined(learner)
    assert len(findings) == 21
    assert findings[-1] == "error: And 30 more of the same kind."


def test_archived_cards_with_a_schedule_are_worth_knowing(learner: Learner) -> None:
    learner.answer(0, 4)
    learner.store.sync_course("course", "A course", "1", [], [])
    assert examined(learner) == ["info: 1 card that was reviewed left the course."]


def spoil_page(learner: Learner, path: Path, name: str, *, offset: int, count: int) -> None:
    connection = learner.store.connection
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + offset % size)
        file.write(b"\xff" * count)


def test_a_damaged_page_is_told_and_the_rest_is_examined(learner: Learner, path: Path) -> None:
    for number in range(10):
        learner.answer(number, 4)
    damage(learner, "UPDATE card SET flagged = 1 WHERE key = 'card-6'")
    spoil_page(learner, path, "ix_review_card", offset=-40, count=30)
    told = examined(learner)
    assert told[0].startswith("error: The file is damaged: ")
    assert 'error: The state of card "card-6" does not follow from its log.' in told
    assert "error" in {finding.level for finding in doctor.examine(learner.store)}


def test_rows_on_a_page_that_cannot_be_read_are_named_and_the_others_examined(tmp_path: Path) -> None:
    learner = new_learner(tmp_path / "study.db", [compiled(number) for number in range(300)])
    for number in range(300):
        learner.answer(number, 4)
    learner.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    learner.store.close()
    content = bytearray((tmp_path / "study.db").read_bytes())
    place = re.search(f"{150:028x}".encode() + rb".{1,8}review", content, re.DOTALL)
    assert place, "in the table, not in its index"
    with closing(sqlite3.connect(tmp_path / "study.db")) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    page = place.start() // size
    content[page * size : (page + 1) * size] = bytes(size)
    (tmp_path / "study.db").write_bytes(content)
    findings = doctor.examine_file(tmp_path / "study.db").findings.all()
    lost = [finding for finding in findings if finding.table == "review" and "cannot be read" in finding.what]
    assert lost, "\n".join(map(str, findings))
    assert lost[0].row is not None
    assert 140 <= lost[0].row <= 151
    assert not any(finding.row and finding.row > 170 for finding in findings if finding.table == "review")


def test_a_finding_is_text_and_json() -> None:
    finding = Defect("warning", "Something is odd.", "Look at it.", "card", 7)
    assert str(finding) == "warning: Something is odd. Look at it."
    assert finding.to_json() == {
        "level": "warning",
        "what": "Something is odd.",
        "how_to_fix": "Look at it.",
        "table": "card",
        "row": 7,
    }


def test_a_database_one_may_only_read_is_examined(full: Learner, path: Path, open_folder: Path) -> None:
    full.store.close()
    kept = Path(shutil.copy(path, open_folder / "study.db"))
    kept.chmod(0o444)
    open_folder.chmod(0o555)
    with ordinary_user():
        assert doctor.examine_file(kept).findings.all() == []
    open_folder.chmod(0o755)
    assert [entry.name for entry in open_folder.iterdir()] == ["study.db"]


def test_the_examination_changes_nothing(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    learner.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    before = path.read_bytes()
    doctor.examine(learner.store)
    learner.store.close()
    assert path.read_bytes() == before
