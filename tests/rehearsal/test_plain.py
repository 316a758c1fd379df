"""The rehearsal line by line, as a pipe and a screen reader meet it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from studytui.__main__ import main
from studytui.store.connection import connect_to_read
from tests.rehearsal.judge_server import judge_server, verdicts
from tests.rehearsal.tiny_interview import drafts_at, write_interview
from tests.ui.tiny_course import write_course

Run = Callable[..., "Ended"]


class Ended:
    """How a command ended and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], home: Path) -> Run:
    root = write_course(tmp_path / "course")
    write_interview(root)
    monkeypatch.setenv("STUDYTUI_HOME", str(home))

    def go(*words: str, stdin: str = "", command: str = "rehearse") -> Ended:
        monkeypatch.setattr(sys, "argv", ["studytui", "--course", str(root), command, *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capfd.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    return go


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    connection = connect_to_read(home / "study.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


ONE = ("--plain", "--question", "int-attention")


def test_a_session_from_question_to_scorecard(run: Run, home: Path) -> None:
    typed = lines(".aloud", "my notes", ".", "4", "1=covered", "", "n")
    found = run(*ONE, stdin=typed)
    assert found.code == 0
    for text in ("Question 1 of 1 [int-attention]", "What does attention cost?", "0:00 to think, 1:00 to answer",
                 "A model answer: It grows with the square", "✓ covered", "Score 100%, grade 5 of 5",
                 "Saved: grade 5, due again on", "Done: 1 question, score 100%"):  # fmt: skip
        assert text in found.out, text
    assert rows(home, "SELECT action, grade, confidence FROM review") == [("review", 5, 4)]
    assert rows(home, "SELECT evidence ->> 'mode', evidence ->> 'answer' FROM review") == [("aloud", "my notes")]
    assert run(command="doctor").code == 0


def test_an_answer_ends_with_a_lone_full_stop_or_with_the_input(run: Run, home: Path) -> None:
    found = run(*ONE, stdin="first line\n\n . not the end\nlast")
    assert found.code == 0
    assert rows(home, "SELECT json_extract(evidence, '$.answer') FROM review") == [
        ("first line\n\n . not the end\nlast",)
    ]
    assert drafts_at(home) == []


def test_nothing_said_is_asked_about(run: Run, home: Path) -> None:
    found = run(*ONE, stdin=lines(".", "n", ".", "y", "", ""))
    assert found.out.count("You wrote nothing. Leave it empty?") == 2
    assert "nothing was said" in found.out
    assert rows(home, "SELECT grade FROM review") == [(0,)]


def test_no_input_at_all_records_nothing(run: Run, home: Path) -> None:
    found = run(*ONE, stdin="")
    assert found.code == 0
    assert "Stopped." in found.out
    assert rows(home, "SELECT count(*) FROM review") == [(0,)]


def test_leaving_keeps_a_draft_that_comes_first_the_next_time(run: Run, home: Path) -> None:
    assert run(*ONE, stdin=lines("half of it", ".q")).code == 0
    assert [(draft.question_id, draft.text) for draft in drafts_at(home)] == [("int-attention", "half of it")]
    found = run(*ONE, stdin=lines("the rest", ".", "", ""))
    assert "Your draft comes first, 3 words" in found.out
    assert rows(home, "SELECT json_extract(evidence, '$.answer') FROM review") == [("half of it\nthe rest",)]


def test_time_that_is_over_is_said_and_nothing_is_lost(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from studytui.cli import plain

    ticks = count(step=40)
    monkeypatch.setattr(plain, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))
    found = run(*ONE, stdin=lines("slow words", "and more", ".", "3", ""))
    assert "4 words in 2:00 of 1:00." in found.out
    assert "The time was over before; all that you wrote is kept." in found.out
    assert rows(home, "SELECT json_extract(evidence, '$.answer') FROM review") == [("slow words\nand more",)]


def test_skip_and_start_over(run: Run, home: Path) -> None:
    found = run("--plain", "--chapter", "1", stdin=lines("wrong page", ".new", "right page", ".skip", ".skip"))
    assert found.code == 0
    assert rows(home, "SELECT count(*) FROM review") == [(0,)]
    (draft,) = drafts_at(home)
    assert draft.text == "right page"


def test_a_mock_interview_judges_at_the_end(run: Run, home: Path) -> None:
    typed = lines(".aloud", ".", "3", ".aloud", ".", "3", ".aloud", ".", "3")
    found = run("--plain", "--minutes", "9", "--count", "3", stdin=typed)
    assert found.code == 0
    assert found.out.index("Question 3 of 3") < found.out.index("A model answer")
    assert found.out.count("Your answer to [") == 3
    assert "9:00 of the interview are left." in found.out
    assert rows(home, "SELECT count(*) FROM review") == [(3,)]


def test_without_anything_due_new_questions_come(run: Run) -> None:
    found = run("--plain", "--count", "1", stdin="")
    assert "Nothing is due." in found.out
    assert "New questions. 1 question." in found.out


def test_missed_cards_come_forward_and_back(run: Run, home: Path) -> None:
    found = run("--plain", "--question", "int-latents", stdin=lines(".aloud", ".", "", "", "y", "u"))
    assert "Missed, and due later: 1 card of 1 objective." in found.out
    assert "They are due today." in found.out
    assert "1 card has its day back." in found.out
    assert rows(home, "SELECT action FROM review ORDER BY id") == [("review",), ("set_due",), ("undo",)]
    assert run(command="doctor").code == 0


def test_export_writes_both_files(run: Run, tmp_path: Path) -> None:
    found = run(*ONE, "--export", str(tmp_path / "out"), stdin=lines(".aloud", ".", "", "1=cov", ""))
    assert found.code == 0
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".html", ".md"]
    (tmp_path / "file").write_text("")
    found = run(*ONE, "--export", str(tmp_path / "file"), stdin=lines(".aloud", ".", "", "", ""))
    assert found.code == 2
    assert "cannot be written" in found.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--plain", "--question", "nobody"), "--question nobody: The course has no such question."),
        (("--plain", "--chapter", "7"), "--chapter 7: This chapter has no questions yet."),
        (("--plain", "--level", "boss"), "--level boss: there are engineer, senior, lead."),
        (("--plain", "--seven", "--new"), "--seven and --new name different sets; give one of them."),
        (("--seven",), "the app needs a terminal; use `studytui rehearse --plain`"),
        (("--export", "x"), "--export goes with --plain"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_code_2(run: Run, words: tuple[str, ...], said: str) -> None:
    found = run(*words)
    assert found.code == 2
    assert said in found.err
    assert found.out == ""


def test_escapes_typed_are_shown_as_signs(run: Run, home: Path) -> None:
    found = run(*ONE, stdin="\x1b[31mred \u202e [bold]x\n.\n\n\n")
    assert "\x1b" not in found.out
    assert rows(home, "SELECT json_extract(evidence, '$.answer') FROM review") == [("\x1b[31mred \u202e [bold]x",)]
    again = run(*ONE, stdin=lines("\x1b[31mdraft", ".q"))
    assert "\x1b" not in run(*ONE, stdin=lines(".q")).out + again.out


def test_the_judge_is_asked_only_after_a_yes(run: Run, home: Path) -> None:
    home.mkdir(exist_ok=True)
    good = verdicts({"id": "square", "verdict": "covered", "quote": "tokens squared", "why": ""})
    with judge_server(good) as at:
        settings = f'judge_url = "{at.url}"\njudge_model = "tiny"\nask_confidence_in_rehearsal = false\n'
        (home / "settings.toml").write_text(settings, encoding="utf-8")
        found = run(*ONE, stdin=lines("tokens squared", ".", "n", ""))
        assert "this would be sent there" in found.out
        assert "Nothing was sent." in found.out
        assert at.seen == []
        found = run(*ONE, stdin=lines("tokens squared", ".", "y", ""))
        assert "✓ covered: Attention grows with the square of the number of tokens — “tokens squared”" in found.out
        found = run(*ONE, stdin=lines("tokens squared", ".", ""))
        assert "Send it" not in found.out
        assert len(at.seen) == 2
    assert rows(home, "SELECT json_extract(evidence, '$.grader') LIKE 'tiny at%' FROM review ORDER BY id") == [
        (0,), (1,), (1,),
    ]  # fmt: skip


def test_stats_and_due_know_of_rehearsals(run: Run) -> None:
    import json

    run(*ONE, stdin=lines(".aloud", ".", "5", "", ""))
    found = json.loads(run("--json", command="stats").out)
    assert found["calibration"]["answers"] == 1
    assert found["calibration"]["brier"] == 0.81
    assert found["streak_days"] == 1
    assert "Brier score 0.810" in run(command="stats").out
    assert json.loads(run("--json", command="due").out)["questions_due"] == 1
