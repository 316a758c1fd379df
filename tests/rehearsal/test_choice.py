"""Which questions a set holds, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studytui.study.rehearsal import QuestionChoice, question_choices, select_questions, weakness
from studytui.study.submissions import read_questions, sync_questions
from tests.rehearsal.tiny_interview import INTERVIEW, desk, write_interview


def test_sets_without_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        found = at.entries.values()
        day = at.clock.now().date()

        def ids(kind: str, value: str = "", **options: int) -> list[str]:
            return [entry.question.id for entry in select_questions(QuestionChoice(kind, value, **options), found, day)]  # type: ignore[arg-type]

        assert ids("due") == []
        assert ids("new") == ["int-patches", "int-attention", "int-latents"]
        assert ids("new", count=2) == ["int-patches", "int-attention"]
        assert ids("seven") == ["int-patches"]
        assert ids("chapter", "1") == ["int-patches", "int-attention"]
        assert ids("level", "lead") == ["int-latents"]
        assert ids("weakest") == []
        assert ids("one", "int-latents") == ["int-latents"]
        assert ids("one", "nobody") == []


def test_what_was_missed_is_due_again_and_weakest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("one", "int-attention")
        at.answer(rehearsal, rehearsal.next_step(), "covered")
        rehearsal = at.rehearsal("one", "int-latents")
        at.answer(rehearsal, rehearsal.next_step(), "missed")
        rehearsal = at.rehearsal("one", "int-patches")
        at.answer(rehearsal, rehearsal.next_step(), "partly", "partly", "missed")
        found = at.entries
        today = at.clock.now().date()
        due = select_questions(QuestionChoice("due"), found.values(), today)
        assert [entry.question.id for entry in due] == ["int-patches", "int-latents"]
        weakest = select_questions(QuestionChoice("weakest"), found.values(), today)
        assert [entry.question.id for entry in weakest] == ["int-patches", "int-latents"]
        assert weakness(found["int-attention"]) == 0
        tomorrow = select_questions(QuestionChoice("due"), found.values(), today + timedelta(days=1))
        assert len(tomorrow) == 3


def test_due_ones_come_first_in_a_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("one", "int-attention")
        at.answer(rehearsal, rehearsal.next_step(), "missed")
        found = select_questions(QuestionChoice("chapter", "1"), at.entries.values(), at.clock.now().date())
        assert [entry.question.id for entry in found] == ["int-attention", "int-patches"]


def test_a_mock_interview_spreads_over_chapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        found = list(at.entries.values())
        copies = [
            replace(entry, question=replace(entry.question, id=f"{entry.question.id}-{number}"))
            for entry in found
            for number in range(4)
        ]
        orders = set()
        for seed in range(20):
            picked = select_questions(QuestionChoice("mock", count=4), copies, at.clock.now().date(), seed=seed)
            assert len({entry.question.id for entry in picked}) == 4
            assert {entry.chapter for entry in picked} == {"1", "2"}
            assert picked == select_questions(QuestionChoice("mock", count=4), copies, at.clock.now().date(), seed=seed)
            orders.add(tuple(entry.question.id for entry in picked))
        assert len(orders) > 10
        assert len(select_questions(QuestionChoice("mock", count=50), copies, at.clock.now().date())) == 12


def test_a_question_that_left_the_course_is_not_asked_and_keeps_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("one", "int-latents")
        at.answer(rehearsal, rehearsal.next_step(), "covered")
        write_interview(at.workspace.root, INTERVIEW.split('[[question]]\nid = "int-latents"')[0])
        _, report = sync_questions(at.workspace, read_questions(at.workspace))
        assert report is not None
        assert report.archived == 1
        assert [
            e.question.id for e in select_questions(QuestionChoice("new"), at.entries.values(), at.clock.now().date())
        ] == [
            "int-patches",
            "int-attention",
        ]
        assert len(at.entries["int-latents"].attempts) == 1


def test_an_unchanged_file_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        assert sync_questions(at.workspace, read_questions(at.workspace)) == (at.course_no, None)


def test_every_chapter_and_level_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        offered = question_choices(at.workspace.course)
        assert {choice.value for choice in offered if choice.kind == "chapter"} == {"1", "2"}
        assert {choice.value for choice in offered if choice.kind == "level"} == {"engineer", "senior", "lead"}
        assert {"due", "new", "seven", "weakest", "mock"} <= {choice.kind for choice in offered}
        titles = [choice.title(at.workspace.course) for choice in offered]
        assert len(set(titles)) == len(titles)
        assert "Mock interview: 5 questions in 15 minutes" in titles
        least = QuestionChoice("mock", count=1, minutes=1)
        assert least.title(at.workspace.course) == "Mock interview: 1 question in 1 minute"
