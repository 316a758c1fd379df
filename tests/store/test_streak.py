"""Study days in a row: read from the log's end, by sample where that is enough, and right in a log in disorder."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studytui.store import log
from tests.examples import examples
from tests.store.learner import DAY, Learner, compiled, new_learner


def row(learner: Learner, day: date = DAY) -> tuple[int, bool]:
    return learner.store.days_in_a_row([learner.course_no], day)


def answered_on(learner: Learner, *days_ago: int) -> None:
    for before in days_ago:
        learner.day = DAY - timedelta(days=before)
        learner.answer(before % 10, 4)


def test_a_day_that_is_not_over_does_not_break_the_row(learner: Learner) -> None:
    assert row(learner) == (0, False)
    answered_on(learner, 4, 2, 1)
    assert row(learner) == (2, False)
    answered_on(learner, 0)
    assert row(learner) == (3, True)


def test_only_reviews_that_stand_count(learner: Learner) -> None:
    answered_on(learner, 2, 1)
    learner.day = DAY
    learner.act("flag", 5, flagged=True)
    learner.cram(5, 4)
    assert row(learner) == (2, False)
    learner.answer(6, 4)
    assert row(learner) == (3, True)
    learner.undo()
    assert row(learner) == (2, False)
    assert learner.store.days_in_a_row([learner.course_no + 1], DAY) == (0, False)


def test_the_row_is_not_counted_for_ever(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LONGEST", 3)
    monkeypatch.setattr(log, "CHUNK_ROWS", 4)
    answered_on(learner, *range(9, -1, -1))
    assert row(learner) == (3, True)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.integers(0, 9), max_size=60),
    disorder=st.booleans(),
    chunk=st.integers(12, 80),
    sample=st.integers(1, 12),
)
def test_any_log_gives_what_all_of_its_days_give(
    tmp_path_factory: pytest.TempPathFactory, days: list[int], disorder: bool, chunk: int, sample: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "CHUNK_ROWS", chunk if not disorder else 100)
        patch.setattr(log, "SAMPLE_EVERY", sample)
        learner = new_learner(Path(tmp_path_factory.mktemp("streak") / "study.db"), [compiled(n) for n in range(10)])
        learner.store.connection.execute("PRAGMA synchronous = OFF")
        answered_on(learner, *(days if disorder else sorted(days, reverse=True)))
        studied = {DAY - timedelta(days=before) for before in days}
        length, at = 0, DAY if DAY in studied else DAY - timedelta(days=1)
        while at in studied:
            length, at = length + 1, at - timedelta(days=1)
        # Answers of one day to one card after another are reviews and re-asks; each day has one review at least.
        assert row(learner) == (length, DAY in studied)
        learner.store.close()
