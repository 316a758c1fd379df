"""The hot statements walk indexes: nothing on the way of an answer grows with the number of cards or reviews."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from studytui.domain.queue import Origin, Scope
from studytui.store import Store, records, reports
from tests.store.learner import DAY

SCOPES = (Scope(), Scope(chapter="2"), Scope(section="2.2"))
ORIGINS: tuple[Origin, ...] = ("due", "new")


@pytest.fixture
def store(path: Path) -> Store:
    return Store.open(path, today=DAY)


def plan(store: Store, sql: str) -> str:
    named = dict.fromkeys(re.findall(r":(\w+)", sql), 0)
    values = named or (0,) * sql.count("?")
    lines = [row[3] for row in store.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    store.close()
    return "\n".join(lines)


@pytest.mark.parametrize(("origin", "scope", "siblings"), product(ORIGINS, SCOPES, (True, False)))
def test_a_card_is_picked_from_its_index_in_order(store: Store, origin: Origin, scope: Scope, siblings: bool) -> None:
    steps = plan(store, records.pick(origin, order="due", scope=scope, bury_siblings=siblings))
    walks_an_index_in_order(steps, origin)
    if siblings:
        only_its_siblings_are_looked_at(steps)


@pytest.mark.parametrize(("origin", "scope"), product((*ORIGINS, "reask"), SCOPES))
def test_waiting_cards_are_listed_from_their_index_in_order(store: Store, origin: Origin, scope: Scope) -> None:
    walks_an_index_in_order(plan(store, records.waiting(origin, scope=scope, bury_siblings=True)), origin)


def walks_an_index_in_order(steps: str, origin: Origin) -> None:
    assert f"USING INDEX ix_card_{origin} " in steps
    assert "SCAN c" not in steps
    assert "SCAN s" not in steps
    assert "TEMP B-TREE" not in steps


def test_new_cards_behind_due_siblings_are_found_without_looking_at_all(store: Store) -> None:
    steps = plan(store, records.NEW_BEHIND_DUE)
    assert re.search("SEARCH c USING INDEX ix_card_(new|siblings) ", steps)
    only_its_siblings_are_looked_at(steps)


def only_its_siblings_are_looked_at(steps: str) -> None:
    """For each card the few of its group, not all that are due."""
    found = [step for step in steps.splitlines() if step.startswith(("SEARCH s", "SCAN s"))]
    assert set(found) == {"SEARCH s USING INDEX ix_card_siblings (course_id=? AND sibling_group=?)"}


def test_the_days_ahead_are_read_from_the_index_of_due_cards(store: Store) -> None:
    steps = plan(store, records.COMING)
    walks_an_index_in_order(steps, "due")
    only_its_siblings_are_looked_at(steps)


@pytest.mark.parametrize("order", ["hardest", "shuffled"])
def test_other_orders_look_at_due_cards_only(store: Store, order: str) -> None:
    sql = records.pick("due", order=order, scope=Scope(), bury_siblings=True)  # type: ignore[arg-type]
    steps = plan(store, sql)
    assert "USING INDEX ix_card_due (course_id=? AND due_on>" in steps
    assert "SCAN c" not in steps
    assert "SCAN s" not in steps


@pytest.mark.parametrize(("origin", "scope", "siblings"), product(ORIGINS, SCOPES, (True, False)))
def test_counting_walks_the_index_of_the_origin(store: Store, origin: Origin, scope: Scope, siblings: bool) -> None:
    steps = plan(store, records.count(origin, scope=scope, bury_siblings=siblings))
    assert re.search(rf"SEARCH c USING (COVERING )?INDEX ix_card_{origin} ", steps)
    assert "SCAN c" not in steps
    assert "TEMP B-TREE FOR ORDER" not in steps
    if siblings:
        only_its_siblings_are_looked_at(steps)


@pytest.mark.parametrize(
    "sql",
    [
        records.CARD_BY_NO,
        records.CARD_BY_KEY,
        records.STATE_BY_NO,
        records.INSERT_REVIEW,
        records.UPDATE_STATE,
        records.NEWEST,
        records.COURSE_FILES,
    ],
)
def test_rows_are_found_by_key(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert "SCAN" not in steps
    assert "TEMP B-TREE" not in steps


def test_the_days_tally_reads_only_the_rows_it_has_not_seen(store: Store) -> None:
    first, *others = plan(store, records.DAY_SINCE).splitlines()
    assert first == "SEARCH r USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
    assert all(step.startswith("SEARCH") for step in others)


@pytest.mark.parametrize("sql", [records.LAST_LIVE, records.LAST_BEFORE_DAY])
def test_the_log_is_walked_from_its_end_and_only_so_far(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert steps.startswith("SCAN r"), "by row id, backwards"
    assert "TEMP B-TREE" not in steps
    assert "ORDER BY r.id DESC LIMIT 1" in sql or "ORDER BY id DESC LIMIT 1" in sql


def test_a_learners_pace_is_read_from_the_end_of_the_log(store: Store) -> None:
    steps = plan(store, records.RECENT_TIMES)
    assert "SEARCH r USING INTEGER PRIMARY KEY (rowid>?)" in steps
    assert "TEMP B-TREE" not in steps


def test_what_is_asked_of_a_long_log_is_answered_from_its_index_alone(store: Store) -> None:
    steps = plan(store, reports._SURE)
    assert steps.startswith("SCAN r USING COVERING INDEX ix_review_answers")
    assert "ix_review_card" not in steps


@pytest.mark.parametrize("sql", [reports._DAILY, reports._FORGOTTEN])
def test_a_month_is_read_from_its_first_day_on(store: Store, sql: str) -> None:
    assert re.match(r"SEARCH r USING (COVERING )?INDEX ix_review_answers \(study_day>\?\)", plan(store, sql))
