"""The interviewer asks back: what is drawn, what a wrong choice costs, how often a part may be retaken, the odds."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from studytui.course.lint_contrast import MOST, Contrast, contrasts, cues
from studytui.course.loader import find_course, load_course
from studytui.course.quizzes import load_gate, load_interview
from studytui.domain.cross_examination import answered, ask_back, chance_to_pass
from studytui.domain.gate import Item, PartAttempt, Written, may_answer_on
from studytui.domain.rubric import AnswerGrade, AskedBack, Point, PointVerdict
from studytui.store.doctor import examine
from studytui.study.gate import GateAnswer, GateRecorder, gate_status, grade_written
from studytui.study.workspace import Workspace
from tests.gate.course import AUDIT, GOOD_PATCHES, POOR, gated, later, recorder_of, workspace_at, write_gated
from tests.gate.test_screens import to, write

ROOT = find_course()
DAY = date(2026, 3, 10)
ASKED = AUDIT.replace(
    'contradicts = ["a patch is a single pixel"]\n',
    'contradicts = ["a patch is a single pixel"]\n'
    'contrast = [["a patch is a square", "a patch is a pixel", "a patch is a word"],\n'
    '  ["the image is cut up", "the image is sorted", "the image is blurred"]]\n',
).replace(
    '"a trained matrix maps it to an embedding"]\n',
    '"a trained matrix maps it to an embedding"]\n'
    'contrast = [["the layer is learned", "the layer is fixed", "the layer is random"],\n'
    '  ["one matrix for all", "one matrix for each", "no matrix for any"]]\n',
)


def parts() -> list[Written]:
    gate = load_gate(ROOT, load_course(ROOT).gates[0])
    return [part for _, part in gate.parts() if isinstance(part, Written)]


# The odds, computed from the rubrics of the course's own gate: eight parts, each retaken once


@pytest.mark.parametrize(
    ("who", "right", "least", "most"),
    [
        ("a guesser", 1 / 3, 0.0, 0.001),
        ("a reader of cues", MOST, 0.0, 0.001),
        ("a knower", 0.95, 0.95, 1.0),
    ],
)
def test_the_whole_gate_is_passed_by_who_knows_alone(who: str, right: float, least: float, most: float) -> None:
    chance = 1.0
    for part in parts():
        chance *= chance_to_pass(part.question, part.pass_score, right)
    assert least < chance < most, who


def test_the_chance_is_that_of_many_candidates_drawn() -> None:
    part, chance = parts()[1], random.Random(4)
    passed = 0
    for _ in range(4000):
        grade = grade_of(part)
        asked = [
            AskedBack(point.id, point.contrast[0], 0, 0 if chance.random() < 0.6 else 1)
            for point in part.question.points
        ]
        passed += answered(grade, asked).score >= part.pass_score
    assert passed / 4000 == pytest.approx(chance_to_pass(part.question, part.pass_score, 0.6, tries=1), abs=0.04)


def grade_of(part: Written) -> AnswerGrade:
    verdicts = tuple(PointVerdict(point.id, "covered", 1.0) for point in part.question.points)
    return AnswerGrade(part.question, "said", verdicts, "offline")


def test_every_point_of_the_gate_can_be_asked_twice_and_no_cue_tells() -> None:
    points = [point for part in parts() for point in part.question.points]
    assert all(len(point.contrast) >= 2 for point in points)
    sets = contrasts([*(part.question for part in parts()), *load_interview(ROOT)])
    assert max(cues(sets).values()) <= MOST, cues(sets)


@pytest.mark.parametrize(
    ("cue", "right", "wrong"),
    [
        ("the longest", "the patch is cut along a fixed grid", "it is not"),
        ("most capital letters", "The CLS token", "the cls token"),
        ("its words (naive Bayes)", "it usually helps", "it always helps"),
    ],
)
def test_a_cue_that_tells_is_found(cue: str, right: str, wrong: str) -> None:
    sets = [Contrast(f"q{number % 10}", (right, wrong, wrong)) for number in range(30)]
    assert cues(sets)[cue] > 0.9


# Drawing and retaking


def test_statements_not_yet_shown_come_first_and_their_order_is_drawn() -> None:
    point = Point("p", "text", ("so",), contrast=(("a", "b", "c"), ("d", "e", "f")))
    chance = random.Random(1)
    first = ask_back([point], [], chance)[0]
    assert first.statements[first.right] in ("a", "d")
    for _ in range(5):
        assert ask_back([point], ["a"], chance)[0].statements[0] in "def"
        assert set(ask_back([point], ["d", "a"], chance)[0].statements) == set("def")
    assert len({ask_back([point], ["a"], chance)[0].right for _ in range(50)}) == 3
    assert ask_back([Point("q", "text", ("so",))], [], chance) == ()


def attempt(no: int, day: date, *, passed: bool = False, asked: bool = True) -> PartAttempt:
    return PartAttempt(no, "a/b", day, passed, asked_back=asked)


def test_a_part_that_failed_is_retaken_once_and_then_waits_two_days() -> None:
    first, second = attempt(1, DAY), attempt(2, DAY)
    assert may_answer_on([]) is None
    assert may_answer_on([attempt(1, DAY, asked=False), attempt(2, DAY, asked=False)]) is None
    assert may_answer_on([first]) is None
    assert may_answer_on([first, second]) == DAY + timedelta(days=2)
    assert may_answer_on([first, second, attempt(3, DAY + timedelta(days=2))]) is None
    assert may_answer_on([first, attempt(2, DAY, passed=True), attempt(3, DAY)]) is None


# In the log and on the screen


def asked_at(workspace: Workspace, text: str, right: bool) -> GateAnswer:
    """Answer the part, and every point that is asked back, as the screen does."""
    recorder: GateRecorder = recorder_of(workspace)
    item, part = next((item, part) for item, part in recorder.gate.parts() if item.key(part) == "patches/tell")
    assert isinstance(item, Item)
    assert isinstance(part, Written)
    grade = grade_written(part, text)
    asked = recorder.ask_back(item, part, grade)
    chosen = [replace(one, chosen=one.right if right else (one.right + 1) % 3) for one in asked]
    return recorder.written(item, part, grade, chosen)


def test_a_wrong_choice_takes_the_point_and_all_is_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with workspace_at(tmp_path, monkeypatch, write_gated(tmp_path / "course", audit=ASKED)) as workspace:
        failed = asked_at(workspace, GOOD_PATCHES, right=False)
        assert not failed.passed
        assert failed.score == 0
        assert len(failed.asked_back) == 2
        assert all(one.said and not one.is_right for one in failed.asked_back)
        assert "asked back, you chose" in failed.points[0].why
        again = asked_at(workspace, GOOD_PATCHES, right=True)
        assert again.passed
        shown = {one.statements[one.right] for one in failed.asked_back}
        assert not shown & {one.statements[one.right] for one in again.asked_back}, "other statements"
        assert gate_status(workspace).verdict.item("patches").parts[0].state == "ready"
        assert not examine(workspace.store)


def test_an_answer_that_does_not_pass_is_not_asked_back_and_uses_up_no_retake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_at(tmp_path, monkeypatch, write_gated(tmp_path / "course", audit=ASKED)) as workspace:
        recorder = recorder_of(workspace)
        item, part = next((item, part) for item, part in recorder.gate.parts() if item.key(part) == "patches/tell")
        assert isinstance(part, Written)
        for _ in range(3):
            assert asked_at(workspace, POOR, right=True).asked_back == ()
        assert recorder.waits_until(item, part) is None
        asked_at(workspace, GOOD_PATCHES, right=False)
        assert recorder.waits_until(item, part) is None
        asked_at(workspace, GOOD_PATCHES, right=False)
        until = recorder.waits_until(item, part)
        assert until == workspace.today() + timedelta(days=2)
        later(workspace, 2)
        assert recorder.waits_until(item, part) is None


async def test_the_screen_asks_back_and_a_part_that_failed_twice_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch, audit=ASKED) as run:
        await run.press("a")
        for _ in range(2):
            await to(run, "Explain patches")
            await run.press("enter")
            await write(run, GOOD_PATCHES)
            await run.settle()
            assert run.screen == "CrossExaminationScreen"
            assert "So you mean: …?   1 of 2" in run.text
            await run.press("escape")
            assert "Escape again leaves" in run.text
            await run.press("escape")
            await run.settle()
            assert "Not passed: 0% of the rubric" in run.text
            assert "Asked back, you lost 2 points" in run.text
            await run.press("escape")
            await run.settle()
            assert run.screen == "AuditScreen"
        await to(run, "Explain patches")
        await run.press("enter")
        await write(run, GOOD_PATCHES)
        assert "answer it again on 2026-03-12" in run.text
        assert len(run.rows("SELECT id FROM review")) == 2
        ((evidence,), _) = run.rows("SELECT evidence FROM review")
        assert [one["chosen"] for one in json.loads(evidence)["asked_back"]] == [None, None]


async def test_who_knows_goes_through_with_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gated(tmp_path, monkeypatch, audit=ASKED) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        await write(run, GOOD_PATCHES)
        await run.settle()
        right = ("a patch is a square", "the image is cut up", "the layer is learned", "one matrix for all")
        for _ in range(2):
            assert run.screen == "CrossExaminationScreen"
            line = next(line for line in run.text.splitlines() if any(one in line for one in right))
            key = next(each for each in line if each in "123")
            await run.press(key)
        await run.settle()
        assert "✓ Passed: 100% of the rubric" in run.text
