"""The hot statements walk indexes: nothing on the way of an answer grows with the number of cards or reviews."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from studytui.domain.queue import Origin, Scope
from studytui.store import Store, reports, statements
from tests.store.learner import DAY

SCOPES = (Scope(), Scope(chapter="2"), Scope(section="2.2"))
ORIGINS: tuple[Origin, ...] = ("due", "new", "reask")


@pytest.fixture
def store(path: Path) -> Store:
    return Store.open(path, today=DAY)


def plan(store: Store, sql: str) -> str:
    named = dict.fromkeys(re.findall(r":(\w+)", sql), 0)
    values = named or (0,) * sql.count("?")
    lines = [row[3] for row in store.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    store.close()
    return "\n".join(lines)


@pytest.mark.parametrize(("origin", "scope", "siblings", "skip"), product(ORIGINS, SCOPES, (True, False), (0, 3)))
def test_a_card_is_picked_from_its_index_in_order(
    store: Store, origin: Origin, scope: Scope, siblings: bool, skip: int
) -> None:
    steps = plan(store, statements.pick(origin, order="due", scope=scope, bury_siblings=siblings, skip=skip))
    assert f"USING INDEX ix_card_{origin} " in steps
    assert "SCAN" not in steps
    assert "TEMP B-TREE" not in steps


@pytest.mark.parametrize("order", ["hardest", "shuffled"])
def test_other_orders_look_at_due_cards_only(store: Store, order: str) -> None:
    sql = statements.pick("due", order=order, scope=Scope(), bury_siblings=True, skip=0)  # type: ignore[arg-type]
    steps = plan(store, sql)
    assert "USING INDEX ix_card_due (course_id=? AND due_on>" in steps
    assert "SCAN" not in steps


@pytest.mark.parametrize(("origin", "scope", "siblings"), product(ORIGINS, SCOPES, (True, False)))
def test_counting_walks_the_index_of_the_origin(store: Store, origin: Origin, scope: Scope, siblings: bool) -> None:
    steps = plan(store, statements.count(origin, scope=scope, bury_siblings=siblings))
    assert re.search(rf"SEARCH c USING (COVERING )?INDEX ix_card_{origin} ", steps)
    assert "SCAN c" not in steps
    assert "SCAN s" not in steps
    assert "TEMP B-TREE FOR ORDER" not in steps


@pytest.mark.parametrize(
    "sql",
    [
        statements.CARD_BY_NO,
        statements.CARD_BY_KEY,
        statements.STATE_BY_NO,
        statements.INSERT_REVIEW,
        statements.UPDATE_STATE,
        statements.NEWEST,
        statements.COURSE_FILES,
    ],
)
def test_rows_are_found_by_key(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert "SCAN" not in steps
    assert "TEMP B-TREE" not in steps


def test_the_days_tally_reads_only_the_rows_it_has_not_seen(store: Store) -> None:
    first, *others = plan(store, statements.DONE_SINCE).splitlines()
    assert first == "SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
    assert all(step.startswith("SEARCH") for step in others)


@pytest.mark.parametrize("sql", [statements.LAST_LIVE, statements.LAST_BEFORE_DAY])
def test_the_log_is_walked_from_its_end_and_only_so_far(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert steps.startswith("SCAN r"), "by row id, backwards"
    assert "TEMP B-TREE" not in steps
    assert sql.endswith("ORDER BY r.id DESC LIMIT 1") or sql.endswith("ORDER BY id DESC LIMIT 1")


def test_what_is_asked_of_a_long_log_is_answered_from_its_index_alone(store: Store) -> None:
    steps = plan(store, reports._SURE)
    assert steps.startswith("SCAN r USING COVERING INDEX ix_review_answers")
    assert "ix_review_card" not in steps


def test_days_studied_are_found_from_one_to_the_next(store: Store) -> None:
    steps = plan(store, reports._STUDIED)
    assert "SCAN r" not in steps
    assert "SCAN review" not in steps
    assert "SEARCH r USING COVERING INDEX ix_review_answers (study_day=? AND action=?)" in steps


def test_a_month_is_read_from_its_first_day_on(store: Store) -> None:
    steps = plan(store, reports._DAILY)
    assert steps.startswith("SEARCH r USING INDEX ix_review_answers (study_day>?)")
