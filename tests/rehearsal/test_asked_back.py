"""The interviewer asks back in a rehearsal: where it is set and in mock interviews, on the screen and line by line."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from textual.widgets import TextArea

from studytui.__main__ import main
from studytui.domain.rubric import Submission
from studytui.domain.settings import Settings
from studytui.store.connection import connect_to_read
from studytui.study.rehearsal import grade_offline
from tests.rehearsal.tiny_interview import INTERVIEW, desk, flat, rehearsing, until, write_interview
from tests.ui.tiny_course import write_course

ASKED = INTERVIEW.replace(
    'contradicts = ["attention grows linearly with the tokens"]\n',
    'contradicts = ["attention grows linearly with the tokens"]\n'
    'contrast = [["twice the tokens, four times the pairs", "twice the tokens, two times the pairs",\n'
    '  "twice the tokens, the same in pairs"]]\n',
)
SAID = "Attention grows with the square of the number of tokens."
RIGHT = "four times the pairs"


def typed_choice(out: str, *, right: bool) -> str:
    """The number of the right statement, or of another one."""
    numbers: dict[str, str] = dict(re.findall(r"^  ([123])\. (twice.*)$", out, re.MULTILINE))
    return next(number for number, text in numbers.items() if (RIGHT in text) == right)


@pytest.mark.parametrize("setting", [True, False])
def test_points_that_decide_are_asked_back_where_it_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: bool
) -> None:
    with desk(tmp_path, monkeypatch, settings=Settings(ask_back=setting), interview=ASKED) as at:
        rehearsal = at.rehearsal("one", "int-attention")
        step = rehearsal.next_step()
        assert step is not None
        grade = grade_offline(step.task.question, Submission(SAID))
        assert len(rehearsal.ask_back(step.task, Submission(SAID), grade)) == setting
        nothing = grade_offline(step.task.question, Submission("I like trains."))
        assert rehearsal.ask_back(step.task, Submission("I like trains."), nothing) == ()
        aloud = Submission(SAID, mode="aloud")
        assert rehearsal.ask_back(step.task, aloud, grade) == ()


def test_a_mock_interview_asks_back_whatever_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch, settings=Settings(ask_back=False), interview=ASKED) as at:
        rehearsal = at.rehearsal("mock", count=3)
        task = next(step.task for step in [rehearsal.next_step()] if step is not None)
        grade = grade_offline(at.entries["int-attention"].question, Submission(SAID))
        assert len(rehearsal.ask_back(task, Submission(SAID), grade)) == 1


@pytest.mark.parametrize("choice", ["1", "2", "3", ""])
def test_plain_asks_back_and_the_log_has_what_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], choice: str
) -> None:
    root, home = write_course(tmp_path / "course"), tmp_path / "home"
    write_interview(root, ASKED)
    home.mkdir()
    (home / "settings.toml").write_text("ask_back = true\nask_confidence_in_rehearsal = false\n", encoding="utf-8")
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    words = ["studytui", "--course", str(root), "rehearse", "--plain", "--question", "int-attention"]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SAID}\n.\n{choice}\n\nn\n"))
    with pytest.raises(SystemExit):
        main()
    out = capfd.readouterr().out
    assert "So you mean: …?" in out
    is_right = bool(choice) and typed_choice(out, right=True) == choice
    assert ("Score 100%" in out) == is_right, out
    connection = connect_to_read(home / "study.db")
    try:
        ((evidence,),) = connection.execute("SELECT evidence FROM review").fetchall()
    finally:
        connection.close()
    asked = json.loads(evidence)["asked_back"]
    assert [one["chosen"] for one in asked] == [int(choice) - 1 if choice else None]


async def test_the_screen_asks_back_before_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, ask_back=True, ask_confidence_in_rehearsal=False, rehearsal_clock=False)
    only = ASKED[ASKED.index('[[question]]\nid = "int-attention"') : ASKED.index('[[question]]\nid = "int-latents"')]
    async with rehearsing(tmp_path, monkeypatch, "down", "enter", settings=settings, interview=only) as run:
        assert run.screen == "QuestionScreen"
        await until(run, lambda: bool(run.app.screen.query(TextArea)))
        run.app.screen.query_one(TextArea).text = SAID
        await run.press("ctrl+d")
        await until(run, lambda: run.screen == "CrossExaminationScreen")
        wrong = re.search(r"([123])  twice the tokens, two times", run.text)
        assert wrong is not None
        await run.press(wrong[1])
        await until(run, lambda: "score 0%" in flat(run))
        assert "○ missed" in flat(run)
