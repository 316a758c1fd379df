"""Drafts: whole or not at all, and never in each other's way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from studytui.course.codec import to_json
from studytui.domain.rubric import Submission
from studytui.errors import DiskFull
from studytui.store import Store
from studytui.study.learner_state import Draft, Drafts
from tests.store.surroundings import no_file_beyond

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
HOSTILE = "a\x1b[31m\x00\ud83d\r\n[bold]\u202e" + "word " * 20_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "study.db", today=AT.date())
    yield store
    store.close()


@pytest.fixture
def drafts(store: Store) -> Drafts:
    return Drafts(store, "course")


def put(drafts: Drafts, value: str) -> None:
    """Spoil the draft of q."""
    drafts.store.connection.execute("UPDATE learner_state SET value = ? WHERE name = 'q'", (value,))


def test_what_is_saved_comes_back(drafts: Drafts) -> None:
    draft = Draft.of("q", Submission(HOSTILE, "aloud", 3.5, 60.0, 90, 4), AT, handed_in=True)
    drafts.save(draft)
    assert drafts.load("q") == draft
    assert drafts.load("q").given == Submission(HOSTILE, "aloud", 3.5, 60.0, 90, 4)  # type: ignore[union-attr]
    assert drafts.all() == [draft]
    drafts.drop("q")
    assert drafts.load("q") is None
    drafts.drop("q")


@pytest.mark.parametrize(
    "name",
    ["q/point", "..", "../../outside", "a b", "q.new", "ü" * 20, f"{'q' * 80}/{'p' * 80}", "CON", "'; --", "a\0b"],
)
def test_no_id_meets_another(drafts: Drafts, name: str) -> None:
    drafts.save(Draft.of(name, Submission("mine"), AT))
    drafts.save(Draft.of("other", Submission("other"), AT))
    drafts.save(Draft.of("a", Submission("a"), AT))
    assert drafts.load(name).text == "mine"  # type: ignore[union-attr]
    drafts.drop(name)
    assert [draft.question_id for draft in drafts.all()] == ["a", "other"]


def test_a_refused_write_keeps_the_draft_before(drafts: Drafts) -> None:
    drafts.save(Draft.of("q", Submission("before"), AT))
    with no_file_beyond(0), pytest.raises(DiskFull):
        drafts.save(Draft.of("q", Submission("after"), AT))
    assert drafts.load("q").text == "before"  # type: ignore[union-attr]
    drafts.save(Draft.of("q", Submission("after"), AT))
    assert drafts.load("q").text == "after"  # type: ignore[union-attr]


def damaged(**changes: Any) -> str:
    return json.dumps(to_json(Draft.of("q", Submission("text"), AT)) | changes)


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", '{"question_id": "q"}', "null", '"\\ud83d"', "[" * 100_000, damaged(mode=["written"]),
     damaged(saved_at="2026-03-10T08:00:00"), damaged(seconds_thought=float("nan")), damaged(seconds_answered=1e300),
     damaged(seconds_given=10**400), damaged(confidence=9), damaged(confidence=-1)],
)  # fmt: skip
def test_what_is_no_draft_is_set_aside_and_never_overwritten(drafts: Drafts, value: str) -> None:
    drafts.save(Draft.of("other", Submission("good"), AT))
    drafts.save(Draft.of("q", Submission("text"), AT))
    put(drafts, value)
    assert [draft.question_id for draft in drafts.all()] == ["other"]
    assert drafts.load("q") is None
    drafts.save(Draft.of("q", Submission("new"), AT))
    put(drafts, value)
    assert drafts.load("q") is None
    kept = drafts.store.states("unreadable/drafts/course", str)
    assert list(kept.values()) == [value]


def test_a_draft_with_a_flipped_bit_is_set_aside_as_it_is(drafts: Drafts) -> None:
    drafts.save(Draft.of("q", Submission("dear words"), AT))
    connection = drafts.store.connection
    (value,) = connection.execute("SELECT CAST(value AS BLOB) FROM learner_state").fetchone()
    spoiled = value.replace(b"dear", b"\xe4ear")
    connection.execute("UPDATE learner_state SET value = CAST(? AS TEXT)", (spoiled,))
    assert drafts.all() == []
    assert drafts.load("q") is None
    ((_, kept),) = drafts.store.states("unreadable/drafts/course", str).items()
    assert "\\xe4ear words" in kept


def test_two_courses_do_not_share_drafts(store: Store) -> None:
    one, two = Drafts(store, "one"), Drafts(store, "two")
    one.save(Draft.of("q", Submission("one"), AT))
    assert two.load("q") is None
    two.drop("q")
    assert one.load("q") is not None


def test_two_windows_keep_each_others_drafts(drafts: Drafts, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "study.db", today=AT.date())
    theirs = Drafts(other, "course")
    drafts.save(Draft.of("mine", Submission("a"), AT))
    theirs.save(Draft.of("theirs", Submission("b"), replace(Draft.of("x", Submission(""), AT)).saved_at))
    drafts.save(Draft.of("mine", Submission("a a"), AT))
    assert {draft.question_id: draft.text for draft in theirs.all()} == {"mine": "a a", "theirs": "b"}
    other.close()
