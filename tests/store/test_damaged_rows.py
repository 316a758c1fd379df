"""Whoever reads a damaged row gets a sentence that names it and says what to do; a damaged text is compiled anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from studytui.errors import Damaged, DamagedText, NewerVersion
from studytui.store import Store, StoreError, reports
from studytui.store.connection import connect_to_read, require_known
from studytui.store.log import course_cards, gate_rows, scheduled_reviews
from tests.store.learner import COURSE, DAY, PRISTINE, Learner, compiled, stamp
from tests.store.test_doctor import damage

READERS: dict[str, Callable[[Learner], object]] = {
    "card": lambda learner: learner.store.card_by_no(1),
    "next card": lambda learner: learner.store.pick("due", 1, learner.day),
    "list of cards": lambda learner: reports.cards(learner.store, 1),
    "history": lambda learner: reports.history(learner.store, 1),
    "sitting": lambda learner: reports.session_rows(learner.store, "session"),
    "days": lambda learner: reports.daily(learner.store, 1, DAY),
    "progress": lambda learner: reports.progress(learner.store, 1),
    "failures": lambda learner: reports.forgotten(learner.store, 1, DAY),
    "sure answers": lambda learner: reports.sure_answers(learner.store, 1),
    "coming": lambda learner: learner.store.coming(1, DAY, DAY + timedelta(days=400)),
    "live cards": lambda learner: learner.store.live_cards(1),
    "figures": lambda learner: reports.figures(learner.store, 1),
    "gate": lambda learner: gate_rows(learner.store.path, 1),
    "gate's cards": lambda learner: learner.store.mended(lambda: list(course_cards(learner.store.path, 1))),
    "gate's reviews": lambda learner: scheduled_reviews(learner.store.path, [1]),
    "undo": lambda learner: learner.undo(),
    "act": lambda learner: learner.store.act("flag", {1: PRISTINE}, learner.stamp()),
}


@pytest.fixture
def answered(learner: Learner) -> Learner:
    learner.store.answer(learner.record(learner.card(0), 4, confidence=4, correct=True))
    learner.sleep()
    return learner


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("UPDATE card SET due_on = '9999-99-99' WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET due_on = 5 WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET buried_on = x'00' WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET ease_factor = 20 WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET interval_days = 'long' WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET suspended = 'no' WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET section = x'00' WHERE id = 1", "Row 1 of card"),
        ("UPDATE card SET key = CAST(x'63FF' AS TEXT) WHERE id = 1", "Row 1 of card"),
        ("UPDATE card_text SET line = 'first' WHERE card_id = 1", "Row 1 of card_text"),
        ("UPDATE review SET at_utc = 'noon'", "Row 1 of review"),
        ("UPDATE review SET study_day = 'today'", "Row 1 of review"),
        ("UPDATE review SET state_before = '{}'", "Row 1 of review"),
        ("UPDATE review SET state_after = '[]'", "Row 1 of review"),
        ("UPDATE review SET state_before = CAST(x'7BFF7D' AS TEXT)", "Row 1 of review"),
        ("UPDATE review SET evidence = x'7B7D'", "Row 1 of review"),
        ("UPDATE review SET grade = 'good'", "Row 1 of review"),
        ("UPDATE review SET duration_ms = 'short'", "Row 1 of review"),
        ("UPDATE review SET confidence = x'04'", "Row 1 of review"),
    ],
)
def test_a_reader_names_the_row_or_is_not_about_it(answered: Learner, sql: str, row: str, reader: str) -> None:
    damage(answered, sql)
    try:
        READERS[reader](answered)
    except Damaged as error:
        assert row in str(error), error
        assert error.hint == "Run `studytui doctor`."


@pytest.mark.parametrize("column", ["key", "chapter", "section", "kind", "sibling_group", "position"])
@pytest.mark.parametrize("writer", ["act", "undo"])
def test_a_value_that_the_journal_cannot_hold_is_named_with_its_row(
    answered: Learner, column: str, writer: str
) -> None:
    damage(answered, f"UPDATE card SET {column} = x'00FF' WHERE id = 1")
    with pytest.raises(Damaged, match=rf"^Row 1 of card is damaged: .*{column}") as caught:
        READERS[writer](answered)
    assert caught.value.hint == "Run `studytui doctor`."


def test_where_no_row_is_damaged_an_error_is_a_bug_and_stays_one(learner: Learner) -> None:
    with pytest.raises(ValueError, match="time zone"):
        learner.store.answer(learner.record(learner.card(0), 4, at=learner.now.replace(tzinfo=None)))


@pytest.mark.parametrize("sql", ["UPDATE card_text SET payload = '{}'", "UPDATE card_text SET payload = x'00'"])
@pytest.mark.parametrize("reader", ["card", "next card", "list of cards", "gate's cards"])
def test_a_text_that_is_not_as_compiled_is_never_shown(answered: Learner, sql: str, reader: str) -> None:
    damage(answered, sql)
    with pytest.raises(DamagedText, match=r'text of card "card-0" \(cards/01\.toml:1\)') as caught:
        READERS[reader](answered)
    assert caught.value.hint == "Run `studytui doctor`."


@pytest.mark.parametrize("reader", ["card", "next card", "list of cards", "gate's cards"])
def test_a_damaged_text_is_compiled_anew_where_the_files_are_at_hand(answered: Learner, reader: str) -> None:
    damage(answered, "UPDATE card_text SET payload = '{}'")
    asked = []

    def recompile() -> None:
        asked.append(reader)
        answered.store.sync_course(
            COURSE, "A course", "1", [stamp()], [compiled(number) for number in range(10)], anew=True
        )

    answered.store.recompile = recompile
    READERS[reader](answered)
    assert asked == [reader]
    assert answered.card(0).payload == compiled(0).payload


@pytest.mark.parametrize("sql", ["UPDATE card SET key = 'card-77' WHERE id = 1", "UPDATE card SET course_id = 9"])
def test_a_damaged_card_is_not_taken_for_a_new_one(answered: Learner, sql: str) -> None:
    damage(answered, sql)
    before = answered.store.connection.execute("SELECT * FROM card").fetchall()
    cards = [compiled(number) for number in range(10)]
    with pytest.raises(Damaged, match="Row 1 of card_text is damaged"):
        answered.store.sync_course(COURSE, "A course", "1", [stamp(content="b")], cards)
    assert answered.store.connection.execute("SELECT * FROM card").fetchall() == before


def test_a_damaged_card_is_not_archived(answered: Learner) -> None:
    damage(answered, "UPDATE card SET position = 70 WHERE id = 1")
    with pytest.raises(Damaged, match="Row 1 of card_text is damaged"):
        answered.store.sync_course(COURSE, "A course", "1", [stamp(content="b")], [])


def test_a_damaged_course_is_not_taken_for_a_new_one(answered: Learner) -> None:
    damage(answered, "UPDATE course SET key = 'curse'")
    with pytest.raises(Damaged, match="Row 1 of course is damaged"):
        answered.store.sync_course(COURSE, "A course", "1", [stamp()], [compiled(0)])


def test_an_edited_card_of_a_damaged_row_is_written_anew(answered: Learner) -> None:
    damage(answered, "UPDATE card SET position = 70 WHERE id = 1")
    cards = [compiled(number, payload='{"front": "Better"}') for number in range(10)]
    answered.store.sync_course(COURSE, "A course", "1", [stamp(content="b")], cards)
    assert answered.card(0).payload == '{"front": "Better"}'


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "0000"),
        ("UPDATE alembic_version SET version_num = ''", "alembic_version"),
        ("DELETE FROM alembic_version", "alembic_version"),
        ("UPDATE alembic_version SET version_num = '0004 '", "alembic_version"),
        ("UPDATE alembic_version SET version_num = x'FF'", "alembic_version"),
        ("UPDATE alembic_version SET version_num = CAST(x'30FF' AS TEXT)", "damaged"),
        ("UPDATE alembic_version SET version_num = '0001'", "which studytui did not make"),
        ("UPDATE alembic_version SET version_num = '0002'", "which studytui did not make"),
        ("DROP TABLE review", "no table review"),
        ("DROP TABLE alembic_version", "no table alembic_version"),
    ],
)
def test_a_file_that_says_a_wrong_schema_is_not_opened(learner: Learner, path: Path, sql: str, said: str) -> None:
    damage(learner, sql)
    learner.store.close()
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(path, today=DAY)
    assert caught.value.hint
    assert not isinstance(caught.value, NewerVersion)


@pytest.mark.parametrize("version", ["0000", "", "4", "00004", "x004", "٠٠٠٤"])
def test_only_four_digits_are_a_schema(version: str) -> None:
    with pytest.raises(Damaged):
        require_known(version)


def test_a_column_that_is_gone_is_told(answered: Learner) -> None:
    damage(answered, "ALTER TABLE card_text RENAME COLUMN payload TO pailoat")
    with pytest.raises(Damaged, match="payload"):
        answered.card(0)
    with pytest.raises(Damaged, match="payload"):
        reports.cards(answered.store, 1)


def test_damage_on_the_medium_is_still_called_so(answered: Learner, path: Path) -> None:
    answered.store.close()
    path.write_bytes(path.read_bytes()[:4096])
    with pytest.raises(StoreError) as caught:
        connect_to_read(path)
    assert "restore" in caught.value.hint


def test_a_damaged_row_does_not_stop_the_undo_of_later_ones(answered: Learner) -> None:
    answered.answer(1, 4)
    damage(answered, "UPDATE review SET state_before = '{}' WHERE id = 1")
    assert answered.undo() is not None
    with pytest.raises(Damaged, match="Row 1 of review"):
        answered.undo()


def test_a_damaged_index_is_told_where_a_day_is_read_from_it(answered: Learner, path: Path) -> None:
    connection = answered.store.connection
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_review_answers'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    answered.store.close()
    content = bytearray(path.read_bytes())
    begin = content.index(b"2026-11-24", (page - 1) * size, page * size)
    content[begin + 9] = ord("v")
    path.write_bytes(content)
    store = Store.open(path, today=DAY)
    with pytest.raises(Damaged, match="missing from index ix_review_answers"):
        reports.daily(store, 1, DAY.replace(year=2020))
    store.close()
