"""`studytui cram`, line by line."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import Shell


def due(shell: Shell) -> dict[str, int]:
    found: dict[str, int] = json.loads(shell.run("due", "--json").out)
    return found


def test_cards_are_studied_line_by_line_and_stay_new(shell: Shell) -> None:
    done = shell.run("cram", "--section", "1.2", "--plain", stdin="softmax\n\n")
    assert done.code == 0
    assert "1 card to practise; schedules stay unchanged." in done.out
    assert "[attention-cloze] 1.2 · practice" in done.out
    assert "good (no change)" in done.out
    assert "You knew every card." in done.out
    assert due(shell)["new"] == 4
    assert due(shell)["new_done"] == 0


def test_with_count_the_grades_are_reviews(shell: Shell) -> None:
    done = shell.run("cram", "--lens", "eye", "--count", "--plain", stdin="softmax\n3\n")
    assert "grades count as reviews" in done.out
    assert "good (tomorrow)" in done.out
    assert due(shell)["new"] == 3
    assert due(shell)["new_done"] == 1


def test_undo_works_line_by_line(shell: Shell) -> None:
    done = shell.run("cram", "id:patch", "--plain", stdin=":x\n1\n:x\nu\n:q\n")
    assert "Undone: " in done.out


@pytest.mark.parametrize("words", [["--forgotten", "today"], ["--forgotten", "week"], ["--hardest", "5"]])
def test_nothing_of_that_kind_is_no_error(shell: Shell, words: list[str]) -> None:
    done = shell.run("cram", *words, "--plain")
    assert done.code == 0
    assert "No card matches now." in done.out


def test_forgotten_cards_are_found(shell: Shell) -> None:
    shell.run("review", "--section", "1.2", "--plain", stdin="wrong\n1\nq\n")
    done = shell.run("cram", "--forgotten", "today", "--plain", stdin="q\n")
    assert "[attention-cloze]" in done.out
    assert "Stopped after 0 answers" in done.out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--section", "7"], "No card has the section “7”; there are 1, 1.1, 1.2, 2, 2.1."),
        (["--helper", "ear"], "No card has the helper “ear”; there are eye."),
        (["--tag", "x"], "No card has the tag “x”"),
        (["kind:essay"], "There is no kind “essay”"),
    ],
)
def test_a_name_the_course_does_not_have_ends_with_code_2(shell: Shell, words: list[str], text: str) -> None:
    done = shell.run("cram", *words, "--plain")
    assert done.code == 2
    assert text in done.err


def test_without_a_terminal_the_app_says_what_to_use(shell: Shell) -> None:
    done = shell.run("cram")
    assert done.code == 2
    assert "use `studytui cram --plain`" in done.err


def test_stats_tell_objectives_unless_told_to_be_brief(shell: Shell) -> None:
    assert "1.1-01 Objective of 1.1." in shell.run("stats").out
    assert "1.1-01" not in shell.run("stats", "--brief").out
    data = json.loads(shell.run("stats", "--json").out)
    assert [one["state"] for one in data["objectives"]] == ["new", "new", "new"]
    assert data["totals"]["lapsed"] == 0
