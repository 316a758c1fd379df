"""From an answer that was handed in to the row of the log, and back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from studytui.domain.rubric import Coverage, Submission
from studytui.domain.settings import Settings
from studytui.store import StoreError, doctor
from studytui.store.doctor import examine
from studytui.study.learner_state import Draft
from studytui.study.progress import dashboard, today_overview
from studytui.study.review import open_session
from tests.rehearsal.tiny_interview import FULL_ANSWER, desk, graded


def test_an_answer_is_one_durable_row_with_its_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("one", "int-patches")
        step = rehearsal.next_step()
        assert step is not None
        rehearsal.hand_in(step.task, Submission(FULL_ANSWER, "written", 4.0, 61.0, 120, confidence=4))
        step = rehearsal.next_step()
        assert step is not None
        grade = graded(step, "covered", "missed", "missed").choose("embed", "partly")
        rehearsal.record(step.task, step.given, grade)  # type: ignore[arg-type]
        ((action, given, suggested, sure, ms, correct, response, session, before, after),) = at.rows(
            "SELECT action, grade, suggested_grade, confidence, duration_ms, correct, response, session_uid,"
            " state_before, state_after FROM review"
        )
        assert (action, given, suggested, sure, ms, correct) == ("review", 4, 3, 4, 65_000, 1)
        assert json.loads(response) == FULL_ANSWER
        assert session == rehearsal.uid
        assert json.loads(before)["due_on"] is None
        assert json.loads(after)["due_on"] == "2026-03-11"
        (evidence,) = at.evidence
        assert evidence["answer"] == FULL_ANSWER
        assert (evidence["mode"], evidence["seconds_given"]) == ("written", 120)
        assert (evidence["seconds_thought"], evidence["seconds_answered"]) == (4.0, 61.0)
        assert evidence["rehearsal"]["kind"] == "one"
        assert [(p["id"], p["found"], p["chosen"]) for p in evidence["points"]] == [
            ("split", "covered", None),
            ("embed", "missed", "partly"),
            ("cost", "missed", None),
        ]
        assert evidence["points"][0]["quote"] == {"start": 0, "end": 9, "text": "The image"}
        assert doctor.examine(at.workspace.store) == []


def test_a_question_is_scheduled_by_sm_2_and_never_reviewed_as_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch) as at:
        for days, due in ((1, "2026-03-11"), (6, "2026-03-17"), (0, "2026-03-17")):
            rehearsal = at.rehearsal("one", "int-attention")
            at.answer(rehearsal, rehearsal.next_step(), "partly" if not days else "covered")
            if days:
                at.clock.moment += timedelta(days=1 if days == 1 else 6)
            assert at.rows("SELECT due_on FROM card WHERE key = 'int-attention'")[0][0] <= due or not days
        # The failure on 17 March is asked again the same day, and that moves nothing.
        rehearsal = at.rehearsal("due")
        before = at.rows("SELECT interval_days, due_on FROM card WHERE key = 'int-attention'")
        at.answer(rehearsal, rehearsal.next_step(), "covered")
        assert at.rows("SELECT action FROM review ORDER BY id")[-1] == ("reask",)
        assert at.rows("SELECT interval_days, due_on FROM card WHERE key = 'int-attention'") == before
        session = open_session(at.workspace)
        shown = set()
        while turn := session.next():
            shown.add(turn.card.id)
            session.answer(turn, 5, __import__("studytui.study.review", fromlist=["Answer"]).Answer())
        assert shown == {"patch-count", "patch-what", "attention-cloze", "latent-choice"}
        assert examine(at.workspace.store) == []


def test_a_probe_follows_for_the_most_important_missed_point_and_moves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("seven")
        recorded = at.answer(rehearsal, rehearsal.next_step(), "missed", "missed", "missed")
        assert recorded.probe is not None
        assert recorded.probe.question.ask == "Into what is the image cut?"
        state = at.rows("SELECT ease_factor, interval_days, due_on, reask_on FROM card WHERE key = 'int-patches'")
        step = rehearsal.next_step()
        assert step is not None
        assert step.task.is_probe
        at.answer(rehearsal, step, "covered", answer="Into squares.")
        assert rehearsal.next_step() is None
        assert at.rows("SELECT action, grade FROM review ORDER BY id") == [("review", 0), ("cram", 5)]
        assert state == at.rows(
            "SELECT ease_factor, interval_days, due_on, reask_on FROM card WHERE key = 'int-patches'"
        )
        (attempt,) = at.entries["int-patches"].attempts
        assert [probe.given.answer for probe in attempt.probes] == ["Into squares."]
        assert doctor.examine(at.workspace.store) == []


def test_undo_takes_back_the_answer_with_its_probe_and_keeps_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("seven")
        at.answer(rehearsal, rehearsal.next_step(), "missed", "missed", "missed", answer="I typed this.")
        at.answer(rehearsal, rehearsal.next_step(), "covered")
        assert [step.action for step in rehearsal.undo()] == ["cram", "review"]
        assert rehearsal.recorded == []
        assert at.rows("SELECT due_on, last_review_id IS NOT NULL FROM card WHERE key = 'int-patches'") == [(None, 1)]
        draft = at.drafts.load("int-patches")
        assert draft is not None
        assert (draft.text, draft.handed_in) == ("I typed this.", True)
        assert at.entries["int-patches"].standing == ()
        assert len(at.entries["int-patches"].attempts) == 1
        assert rehearsal.undo() == []
        assert doctor.examine(at.workspace.store) == []


def test_a_write_that_fails_leaves_everything_to_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("seven")
        step = rehearsal.next_step()
        assert step is not None
        rehearsal.hand_in(step.task, Submission("kept"))
        step = rehearsal.next_step()
        assert step is not None
        with monkeypatch.context() as patch:
            patch.setattr(at.workspace.store, "record_review", _full)
            with pytest.raises(StoreError):
                rehearsal.record(step.task, step.given, graded(step))  # type: ignore[arg-type]
        assert at.drafts.load("int-patches").text == "kept"
        assert rehearsal.next_step() == step
        rehearsal.record(step.task, step.given, graded(step))  # type: ignore[arg-type]
        assert at.drafts.load("int-patches") is None


def test_a_mock_interview_judges_at_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("mock", count=3, minutes=10)
        asked = []
        while (step := rehearsal.next_step()) and step.do == "ask":
            rehearsal.began(step.task)
            asked.append(step.task.question.id)
            rehearsal.hand_in(step.task, Submission(f"answer to {step.task.question.id}", seconds_answered=30))
        assert len(asked) == 3
        assert at.rows("SELECT count(*) FROM review") == [(0,)]
        assert {draft.question_id for draft in at.drafts.all()} == set(asked)
        judged = []
        while step := rehearsal.next_step():
            if step.task.is_probe:
                rehearsal.skip(step.task)
                continue
            assert step.given is not None
            assert step.given.answer == f"answer to {step.task.question.id}"
            judged.append(step.task.question.id)
            rehearsal.record(step.task, step.given, graded(step))
        assert judged == asked
        assert at.drafts.all() == []


def test_a_mock_interview_ends_with_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("mock", count=3, minutes=1)
        assert rehearsal.seconds_left == 60
        step = rehearsal.next_step()
        assert step is not None
        rehearsal.hand_in(step.task, Submission("slow", seconds_thought=20, seconds_answered=45))
        assert rehearsal.seconds_left == -5
        step = rehearsal.next_step()
        assert step is not None
        assert step.do == "judge"
        assert rehearsal.out_of_time == "The time of the interview is over: 2 questions were not asked."
        rehearsal.record(step.task, step.given, graded(step))  # type: ignore[arg-type]
        rehearsal.skip(step.task)
        step = rehearsal.next_step()
        assert step is None or step.task.is_probe


def test_a_skipped_question_uses_the_time_of_the_interview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("mock", count=3, minutes=1)
        for left in (10, -40):
            step = rehearsal.next_step()
            assert step is not None
            rehearsal.skip(step.task, 50)
            assert rehearsal.seconds_left == left
        assert rehearsal.next_step() is None
        assert rehearsal.unasked == 1


def test_without_a_clock_a_mock_interview_has_no_end_but_its_last_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch, settings=Settings(rehearsal_clock=False)) as at:
        rehearsal = at.rehearsal("mock", count=2, minutes=1)
        for _ in range(2):
            step = rehearsal.next_step()
            assert step is not None
            assert (step.do, rehearsal.seconds_left) == ("ask", None)
            rehearsal.hand_in(step.task, Submission("slow", seconds_answered=500))
        assert rehearsal.unasked == 0


def test_answers_put_off_wait_as_drafts_and_are_judged_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("mock", count=2, minutes=10)
        for _ in range(2):
            step = rehearsal.next_step()
            assert step is not None
            rehearsal.hand_in(step.task, Submission("waiting", seconds_answered=5, confidence=2))
        rehearsal.put_off()
        assert rehearsal.next_step() is None
        at.drafts.save(Draft.of("int-latents", Submission("half a sent"), at.clock.now()))
        again = at.rehearsal("drafts")
        waiting = [draft.question_id for draft in at.drafts.all() if draft.handed_in]
        judged = 0
        while (step := again.next_step()) and step.do == "judge":
            assert step.given is not None
            assert step.given.confidence == 2
            points: list[Coverage] = ["covered"] * len(step.task.question.points)
            again.record(step.task, step.given, graded(step, *points))
            judged += 1
        assert judged == len(waiting)


def test_a_follow_up_under_way_is_offered_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("seven")
        recorded = at.answer(rehearsal, rehearsal.next_step(), "missed", "covered", "missed")
        assert recorded.probe is not None
        at.drafts.save(Draft.of(recorded.probe.question.id, Submission("into sq"), at.clock.now()))
        step = at.rehearsal("drafts").next_step()
        assert step is not None
        assert step.task.is_probe
        assert step.task.probe_of == at.entries["int-patches"].attempts[0].review_uid


def test_halves_of_characters_and_escapes_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("one", "int-latents")
        typed = "broken \ud83d and \x1b[31mred\x1b[0m \x00 [bold]x[/bold] 你好"
        at.answer(rehearsal, rehearsal.next_step(), "covered", answer=typed)
        assert at.evidence[0]["answer"] == typed.replace("\ud83d", "�")
        assert at.entries["int-latents"].attempts[0].given.answer == typed.replace("\ud83d", "�")


def test_a_rehearsal_counts_for_the_streak_and_shows_on_the_home_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch) as at:
        assert dashboard(at.workspace).streak.days == 0
        rehearsal = at.rehearsal("one", "int-latents")
        at.answer(rehearsal, rehearsal.next_step(), "covered")
        assert dashboard(at.workspace).streak.days == 1
        assert today_overview(at.workspace).questions_due == 0
        assert today_overview(at.workspace).counts.due == 0
        at.clock.moment += timedelta(days=1)
        assert today_overview(at.workspace).questions_due == 1


def _full(*_: object) -> None:
    raise StoreError("The disk is full.", hint="Make room.")
