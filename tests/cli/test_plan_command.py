"""The load of the coming days, on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.cli.command import Shell

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
    assert "Kept: " in shell.run("plan", "--by", str(SOON), "--keep").out
    assert f"by {SOON}" in shell.run("plan").out
    assert shell.run("plan", "--forget").out == "No date is kept.\n"
    assert f"by {SOON}" not in shell.run("plan").out
