"""The examination finds what is wrong, says it once, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.store import doctor
from studytui.store.doctor import Finding
from tests.store.learner import Learner, compiled, stamp


def examined(learner: Learner) -> list[str]:
    return [f"{finding.level}: {finding.what}" for finding in doctor.examine(learner.store)]


def test_a_sound_database_has_no_findings(learner: Learner) -> None:
    for number in range(5):
        learner.answer(number, 2)
        learner.answer(number, 4)
    learner.undo()
    seen: list[tuple[int, int]] = []
    assert doctor.examine(learner.store, progress=lambda done, count: seen.append((done, count))) == []
    assert seen == [(11, 11)]


DOES_NOT_FOLLOW = 'error: The state of card "card-0" does not follow from its log.'


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE card SET ease_factor = 999 WHERE key = 'card-0'", [DOES_NOT_FOLLOW]),
        ("UPDATE card SET last_review_id = NULL WHERE key = 'card-0'", [DOES_NOT_FOLLOW]),
        ("UPDATE card SET flagged = 1 WHERE key = 'card-0'", [DOES_NOT_FOLLOW]),
        (
            "UPDATE review SET grade = 5",
            ['error: Row 1 of review (card "card-0", 2026-11-24) is not as it was written.'],
        ),
        (
            "UPDATE review SET state_after = '{}'",
            [
                'error: Row 1 of review (card "card-0", 2026-11-24) is not as it was written.',
                'error: The state of card "card-0" cannot be proven: its last rows in review are damaged or lost.',
            ],
        ),
        ("DELETE FROM card_text WHERE card_id = 2", ['error: Card "card-1" has no text.']),
        (
            "DELETE FROM card WHERE id = 2",
            ["error: Row 2 of card_text refers to a row of card that is not there."],
        ),
        (
            "DELETE FROM card WHERE id = 1; DELETE FROM card_text WHERE card_id = 1",
            ["error: Row 1 of review refers to a row of card that is not there."],
        ),
    ],
)
def test_what_is_wrong_is_told_with_a_way_out(learner: Learner, damage: str, told: list[str]) -> None:
    learner.answer(0, 4)
    learner.store.connection.execute("PRAGMA foreign_keys=OFF")
    learner.store.connection.executescript(damage)
    assert examined(learner) == told
    assert all(finding.how_to_fix for finding in doctor.examine(learner.store))


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


def test_a_damaged_page_is_told(learner: Learner, path: Path) -> None:
    for number in range(10):
        learner.answer(number, 4)
    (page,) = learner.store.connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'ix_review_card'"
    ).fetchone()
    (size,) = learner.store.connection.execute("PRAGMA page_size").fetchone()
    learner.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + size - 40)
        file.write(b"\xff" * 30)
    findings = doctor.examine(learner.store)
    assert findings
    assert all(finding.level == "error" and "damaged" in finding.what for finding in findings)
    assert "restore" in findings[0].how_to_fix


def test_a_finding_is_text_and_json() -> None:
    finding = Finding("warning", "Something is odd.", "Look at it.", "card", 7)
    assert str(finding) == "warning: Something is odd. Look at it."
    assert finding.to_json() == {
        "level": "warning",
        "what": "Something is odd.",
        "how_to_fix": "Look at it.",
        "table": "card",
        "row": 7,
    }


def test_the_examination_changes_nothing(learner: Learner, path: Path) -> None:
    learner.answer(0, 4)
    learner.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    before = path.read_bytes()
    doctor.examine(learner.store)
    learner.store.close()
    assert path.read_bytes() == before
