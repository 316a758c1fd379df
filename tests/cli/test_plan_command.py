"""The load of the coming days, on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from studytui.study.reading import begin_unread
from studytui.study.review import Answer, open_session
from studytui.study.workspace import Workspace
from tests.cli.command import Shell
from tests.ui.tiny_course import TestClock

SOON = datetime.now(UTC).date() + timedelta(days=20)


def test_the_plan_as_json(shell: Shell) -> None:
    found = json.loads(shell.run("plan", "--by", str(SOON), "--json").out)
    assert found["reachable"] is True
    assert found["new_per_day"] >= 1
    assert 19 <= len(found["days"]) <= 21
    assert set(found["days"][0]) == {"date", "due", "new", "answers", "minutes"}
    assert 0 < found["known_on_the_day"] <= 1


def test_the_plan_in_words(shell: Shell) -> None:
    shown = shell.run("plan", "--by", str(SOON)).out
    assert f"Ready for the course by {SOON}: " in shown
    assert f"Known on {SOON}: " in shown
    assert "a day: about " in shell.run("plan").out


def test_a_bad_date_is_one_sentence_and_code_2(shell: Shell) -> None:
    for words in (["--by", "soon"], ["--by", "2020-01-01"], ["--by", str(SOON), "--for", "chapter", "99"]):
        ended = shell.run("plan", *words)
        assert ended.code == 2
        assert ended.out == ""
        assert ended.err.count("\n") == 1
        assert ended.err.startswith("studytui: plan: ")


def test_a_date_that_is_kept(shell: Shell) -> None:
    assert "Saved: " in shell.run("plan", "--by", str(SOON), "--keep").out
    assert f"by {SOON}" in shell.run("plan").out
    assert shell.run("plan", "--forget").out == "No date is saved.\n"
    assert f"by {SOON}" not in shell.run("plan").out


def test_due_tells_a_script_whether_something_is_due(shell: Shell) -> None:
    nothing = shell.run("due", "--exit-code")
    assert nothing.code == 1
    assert nothing.out.startswith("0 due, 4 new")
    assert shell.run("due").code == 0
    assert shell.run("due", "--prompt").out == ""
    make_due(shell)
    assert shell.run("due", "--exit-code").code == 0
    assert shell.run("due", "--prompt").out == "1 due\n"
    assert shell.run("due", "--prompt", "--exit-code").code == 0
    assert json.loads(shell.run("due", "--json", "--exit-code").out)["due"] == 1


def make_due(shell: Shell) -> None:
    """One card, met yesterday and due today."""
    with Workspace.open(shell.course, clock=TestClock(datetime.now(UTC) - timedelta(days=1))) as workspace:
        session = open_session(workspace)
        turn = session.next()
        assert turn is not None
        session.answer(turn, 4, Answer())


def test_a_reminder_for_every_system(shell: Shell) -> None:
    shown = shell.run("remind", "--print", "--at", "7:30").out
    for word in (
        "systemctl --user enable",
        "OnCalendar=*-*-* 07:30:00",
        "launchctl",
        "30 7 * * * studytui",
        "--prompt",
    ):
        assert word in shown
    assert shell.run("remind", "--at", "25:00").code == 2


def test_today_alone(shell: Shell) -> None:
    assert shell.run("today").out.startswith("0 due, 4 new")
    assert shell.run("today", "--new", "2").out.startswith("0 due, 2 new")
    assert shell.run("due").out.startswith("0 due, 2 new")
    assert shell.run("today", "--as-usual").out.startswith("0 due, 4 new")


def test_spreading_what_is_due(shell: Shell) -> None:
    assert shell.run("spread").out == "0 cards are overdue.\n"
    assert shell.run("spread", "5").out == "Nothing is due; nothing was moved.\n"
    assert shell.run("spread", "--undo").code == 2
    assert shell.run("spread", "1").code == 2
    make_due(shell)
    assert "1 card spread over 3 days. New cards wait until " in shell.run("spread", "3").out
    assert shell.run("due").out.startswith("1 due, 0 new")
    assert "New cards come again." in shell.run("spread", "--undo").out
    assert shell.run("due").out.startswith("1 due, 3 new")
    assert shell.run("doctor").code == 0


def test_a_sitting_has_an_end(shell: Shell) -> None:
    ended = shell.run("review", "--plain", "--cards", "1", stdin=":x\n3\n:x\n3\n")
    assert "Done: 1 answer. 1 card done." in ended.out


def test_sections_are_declared_known_and_unread_again(shell: Shell) -> None:
    long = " ".join(["many words"] * 30)
    path = shell.course / "content/chapters/01.md"
    path.write_text(f"# One\n\n## 1.1 Patches\n\n{long}\n\n## 1.2 Attention\n\n{long}\n", encoding="utf-8")
    with Workspace.open(shell.course) as workspace:
        begin_unread(workspace)
    assert unread(shell) == ["1.1", "1.2"]
    assert shell.run("known", "1.1").out == "1 section is known; 1 of the course is still unread.\n"
    assert unread(shell) == ["1.2"]
    assert shell.run("known", "1", "--not").out == "2 sections are unread again.\n"
    assert unread(shell) == ["1.1", "1.2"]
    assert shell.run("known", "all").out == "3 sections are known.\n"
    wrong = shell.run("known", "9.9")
    assert (wrong.code, wrong.err) == (2, "studytui: known “9.9”: the course has no such section or chapter.\n")


def unread(shell: Shell) -> list[str]:
    return [row["id"] for row in json.loads(shell.run("known", "--json").out) if row["unread"]]
