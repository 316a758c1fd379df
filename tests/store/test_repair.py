"""What is only a copy is made anew from its source, the log is never touched, what cannot be repaired stays named."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studytui.store import CourseCopy, backup, doctor
from studytui.store.doctor import examine_file
from studytui.store.repair import copy_before, repair
from tests.store.learner import COURSE, Learner, compiled, log_ids, stamp
from tests.store.test_doctor import damage, full

__all__ = ["full"]

NOON = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
FILES = CourseCopy(COURSE, "A course", "1", (stamp(),), tuple(compiled(number) for number in range(10)))


def everything(learner: Learner) -> dict[str, list[tuple[object, ...]]]:
    connection = learner.store.connection
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def repaired(learner: Learner, copies: Sequence[CourseCopy] = (FILES,)) -> list[str]:
    path = learner.store.path
    return repair(path, copies, examine_file(path))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE card SET interval_days = 9 WHERE id = 1",
        "UPDATE card SET due_on = '9999-99-99' WHERE id = 1",
        "UPDATE card SET flagged = x'00', ease_factor = 'much' WHERE id = 2",
        "UPDATE card SET last_review_id = NULL",
        "UPDATE card SET has_siblings = 1",
        "UPDATE card SET key = 'card-77' WHERE id = 1",
        "UPDATE card SET course_id = 5 WHERE id = 1",
        "UPDATE card SET archived = 1, position = 12345 WHERE id = 1",
        "UPDATE card SET chapter = x'ff', kind = 3 WHERE id = 1",
        "UPDATE card_text SET payload = 'x' WHERE card_id = 1",
        "UPDATE card_text SET digest = '', line = 99",
        "UPDATE card_text SET path = CAST(x'ff' AS TEXT) WHERE card_id = 1",
        "DELETE FROM card_text",
        "DELETE FROM card WHERE id = 1",
        "DELETE FROM card",
        "UPDATE course SET key = 'curse', title = 'A curse'",
        "UPDATE course SET digest = 'x'",
        "UPDATE source_file SET size = 7",
        "DROP INDEX ix_review_answers; DROP INDEX ix_card_new; CREATE INDEX ix_card_new ON card (kind)",
        "CREATE TRIGGER eater AFTER INSERT ON review BEGIN DELETE FROM review; END; CREATE VIEW look AS SELECT 1",
        'CREATE VIEW "odd "" name" AS SELECT 1',
        "UPDATE alembic_version SET version_num = ''",
        "DELETE FROM alembic_version",
        "UPDATE identity SET digest = '00000000000000000000000000000000'",
    ],
)
def test_a_copy_is_made_anew_so_that_all_is_as_it_was(full: Learner, sql: str) -> None:
    before = everything(full)
    damage(full, sql)
    assert doctor.examine(full.store) != []
    assert repaired(full)
    assert doctor.examine(full.store) == []
    assert everything(full) == before


def test_an_index_that_does_not_fit_its_table_is_made_anew(full: Learner) -> None:
    before = everything(full)
    damage(
        full,
        "PRAGMA writable_schema=ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
        " WHERE name = 'ix_review_card') WHERE name = 'ix_card_new'; PRAGMA writable_schema=RESET",
    )
    assert any(finding.what.startswith("The file is damaged") for finding in doctor.examine(full.store))
    repaired(full)
    assert everything(full) == before


def test_the_databases_lost_identity_is_given_anew(full: Learner) -> None:
    damage(full, "DELETE FROM identity")
    assert repaired(full) == ["The database's identity was written again."]
    assert doctor.examine(full.store) == []


def test_an_answer_that_was_changed_is_left_alone_and_its_card_too(full: Learner) -> None:
    full.sleep()
    full.answer(0, 4)
    damage(
        full, "UPDATE review SET state_after = replace(state_after, '26', '62') WHERE id = (SELECT max(id) FROM review)"
    )
    before = everything(full)
    told = doctor.examine(full.store)
    assert repaired(full) == []
    assert everything(full) == before
    assert doctor.examine(full.store) == told != []


def test_a_state_follows_a_log_with_a_changed_row_before_its_end(full: Learner) -> None:
    full.sleep()
    full.answer(0, 4)
    before = everything(full)
    damage(full, "UPDATE review SET response = '1' WHERE id = 1; UPDATE card SET interval_days = 99 WHERE id = 1")
    repaired(full)
    assert everything(full)["card"] == before["card"]
    assert [finding.row for finding in doctor.examine(full.store)] == [1]


def test_a_card_that_came_back_as_a_new_one_meanwhile_gets_its_schedule_again(full: Learner) -> None:
    before = everything(full)
    damage(full, "UPDATE card SET key = 'card-77' WHERE id = 1")
    full.store.sync_course(COURSE, FILES.title, FILES.version, FILES.files, FILES.cards, anew=True)
    assert full.card(0).state.schedule.is_new, "a second card of this id"
    repaired(full)
    assert full.card(0).no == 1
    assert everything(full) == before
    assert doctor.examine(full.store) == []


def test_what_the_files_do_not_have_is_named_still(full: Learner) -> None:
    damage(full, "UPDATE card SET section = '1.2' WHERE id = 1; UPDATE learner_state SET value = '{}'")
    others = replace(FILES, cards=FILES.cards[1:])
    repaired(full, [others])
    assert [(finding.table, finding.row) for finding in doctor.examine(full.store) if finding.level == "error"] == [
        ("learner_state", 1),
        ("card", 1),
    ]


def test_a_step_that_cannot_be_done_does_not_keep_the_others_from_it(full: Learner) -> None:
    damage(full, "DROP INDEX ix_card_new; UPDATE card SET interval_days = 9 WHERE id = 1")
    damage(full, "UPDATE card_text SET payload = '' WHERE card_id = 1")
    unwritable = replace(FILES, cards=(replace(FILES.cards[0], position=None),))  # type: ignore[arg-type]
    done = repaired(full, [unwritable, FILES])
    assert done[1].startswith("Not done, and nothing of it was written: NOT NULL")
    assert "The index ix_card_new was rebuilt." in done
    assert "The state of 1 card was rebuilt from the log." in done
    assert full.card(0).payload == FILES.cards[0].payload


def test_the_log_is_the_same_after_every_repair(full: Learner) -> None:
    ids = log_ids(full.store)
    before = everything(full)["review"]
    damage(full, "DELETE FROM card; DELETE FROM card_text WHERE card_id < 3; UPDATE course SET key = 'x'")
    repaired(full)
    assert log_ids(full.store) == ids
    assert everything(full)["review"] == before


def test_the_copy_made_before_holds_the_damage(full: Learner, path: Path) -> None:
    damage(full, "UPDATE card SET interval_days = 9 WHERE id = 1")
    kept = copy_before(path, at=NOON)
    assert kept == backup.folder(path) / "unrepaired-20261126T123000000000Z.db"
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT interval_days FROM card WHERE id = 1").fetchone() == (9,)
    assert [entry.name for entry in kept.parent.iterdir()] == [kept.name]
