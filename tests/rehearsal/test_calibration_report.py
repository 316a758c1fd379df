"""Confidence from reviews and rehearsals together, in `studytui stats` and for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.study.progress import calibration, statistics
from studytui.study.review import Answer, open_session
from tests.rehearsal.tiny_interview import Desk, desk


def review(at: Desk, confidence: int | None, grade: int, correct: bool | None = None) -> None:
    from studytui.domain.verdict import Verdict

    session = open_session(at.workspace)
    turn = session.next()
    assert turn is not None
    verdict = None if correct is None else Verdict(correct, float(correct), "")
    session.answer(turn, grade, Answer(confidence=confidence, verdict=verdict))


def test_nothing_said_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        review(at, None, 5)
        found = calibration(at.workspace)
        assert found.answers == 0
        assert found.brier is None
        assert found.to_json()["levels"] == []
        assert "no confidence ratings yet" in next(found.lines())


def test_reviews_and_rehearsals_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        review(at, 5, 5, correct=True)
        review(at, 5, 5, correct=False)  # graded easy by the learner, but the check found it wrong
        review(at, 1, 2)  # nothing checked it: graded again is not right
        rehearsal = at.rehearsal("chapter", "2")
        at.answer(rehearsal, rehearsal.next_step(), "covered", confidence=3)
        found = calibration(at.workspace)
        assert (found.reviews, found.rehearsals) == (3, 1)
        assert found.brier == pytest.approx((0.1**2 + 0.9**2 + 0.1**2 + 0.5**2) / 4)
        levels = {level["confidence"]: (level["answers"], level["correct"]) for level in found.to_json()["levels"]}
        assert levels == {1: (1, 0), 3: (1, 1), 5: (2, 1)}
        assert statistics(at.workspace).to_json()["calibration"] == found.to_json()


def test_an_answer_taken_back_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("chapter", "2")
        at.answer(rehearsal, rehearsal.next_step(), "missed", confidence=5)
        assert calibration(at.workspace).answers == 1
        rehearsal.undo()
        assert calibration(at.workspace).answers == 0


def test_over_confident_sections_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        for _ in range(5):
            rehearsal = at.rehearsal("one", "int-latents")
            at.answer(rehearsal, rehearsal.next_step(), "missed", confidence=5)
        found = calibration(at.workspace)
        assert found.to_json()["overconfident"] == [
            {"section": "2.1", "title": "Latents", "answers": 5, "said": 0.9, "share": 0.0, "gap": 0.9}
        ]
        assert any("Too sure in 2.1 Latents: said 90%, right 0% of 5." in line for line in found.lines())
