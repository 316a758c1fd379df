"""`studytui try`: right, wrong or ask, how it was read and why; nothing is logged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Shell
from tests.ui.tiny_course import CARDS_1, write_course

MORE = """
[[card]]
id = "two-blanks"
section = "1.2"
covers = ["1.2-01"]
kind = "cloze"
front = "A {{patch}} has {{768}} numbers."
back = "16 × 16 × 3."

[[card]]
id = "steps"
section = "1.1"
covers = ["1.1-01"]
kind = "order"
front = "Order the steps."
steps = ["cut", "flatten", "project"]
back = "So."

[[card]]
id = "pairs"
section = "1.1"
covers = ["1.1-01"]
kind = "match"
front = "Match."
pairs = [["eye", "sees"], ["bridge", "passes on"]]
back = "So."

[[card]]
id = "fresh"
section = "1.1"
covers = ["1.1-01"]
kind = "numeric"
front = "Cut {side} px into patches of {patch} px: how many to a side?"
vary = { side = [224, 336], patch = [14, 28] }
answer = "side / patch"
mistakes = [{ value = "(side / patch) ** 2", why = "That is all {(side / patch) ** 2} of them." }]
back = "{side} / {patch} = **{side / patch}**."

[[card]]
id = "said"
section = "1.1"
covers = ["1.1-01"]
kind = "open"
front = "Explain."
points = ["a", "b"]
back = "So."

[[card]]
id = "count-lab"
section = "1.1"
covers = ["1.1-01"]
kind = "exercise"
front = "Count."
lab = { exercise = "patches.count", set = { image_size = 224, patch_size = 16 } }
back = "So."

[[card]]
id = "broken-lab"
section = "1.1"
covers = ["1.1-01"]
kind = "exercise"
front = "Count."
lab = { exercise = "patches.count", set = { image_size = 225, patch_size = 16 } }
back = "So."
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    return Shell(write_course(tmp_path / "course", cards=CARDS_1 + MORE), monkeypatch, capsys)


def tried(shell: Shell, card: str, *answers: str, more: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
    done = shell.run("try", card, *(word for text in answers for word in ("--answer", text)), "--json", *more)
    assert done.err == ""
    return done.code, [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize(
    ("card", "answer", "says", "read_as"),
    [
        ("patch-count", "14²", "right", "196"),
        ("patch-count", "196 patches", "right", "196"),
        ("patch-count", "197", "wrong", "197"),
        ("patch-count", "-196", "wrong", "-196"),
        ("patch-count", "", "ask", ""),
        ("patch-count", "hhl", "ask", ""),
        ("patch-count", "196 or 197", "ask", ""),
        ("fresh", "16", "right", "16"),
        ("fresh", "256", "wrong", "256"),
        ("attention-cloze", "softmax", "right", ""),
        ("attention-cloze", "sigmoid", "wrong", ""),
        ("attention-cloze", "", "ask", ""),
        ("two-blanks", "patch | 768", "right", ""),
        ("two-blanks", "patch|16·16·3", "right", ""),
        ("two-blanks", "patch | 769", "wrong", ""),
        ("two-blanks", "patch", "ask", ""),
        ("latent-choice", "1", "right", ""),
        ("latent-choice", "“a code”", "right", ""),
        ("latent-choice", "(b)", "wrong", ""),
        ("latent-choice", "4", "ask", ""),
        ("latent-choice", "", "ask", ""),
        ("steps", "1 2 3", "right", ""),
        ("steps", "cut > flatten > project", "right", ""),
        ("steps", "3-2-1", "wrong", ""),
        ("steps", "1 2", "ask", ""),
        ("pairs", "1 2", "right", ""),
        ("pairs", "passes on | sees", "wrong", ""),
        ("pairs", "1", "ask", ""),
        ("said", "everything", "ask", ""),
        ("patch-what", "a square", "ask", ""),
    ],
)
def test_an_answer_to_every_kind_of_card(shell: Shell, card: str, answer: str, says: str, read_as: str) -> None:
    code, (found,) = tried(shell, card, answer)
    assert list(found) == ["says", "read_as", "message", *["numbers"] * (card == "fresh")]
    assert (found["says"], found["read_as"]) == (says, read_as)
    assert found["message"]
    assert code == {"right": 0, "wrong": 1, "ask": 2}[says]


def test_each_answer_has_its_line_and_the_worst_decides_the_code(shell: Shell) -> None:
    code, found = tried(shell, "patch-count", "196", "197", "14x14")
    assert [one["says"] for one in found] == ["right", "wrong", "right"]
    assert code == 1
    code, found = tried(shell, "patch-count", "196", "?", "197")
    assert [one["says"] for one in found] == ["right", "ask", "wrong"]
    assert code == 2


def test_as_many_answers_as_blanks_are_one_answer(shell: Shell) -> None:
    assert tried(shell, "two-blanks", "patch", "768")[1][0]["says"] == "right"
    assert [one["says"] for one in tried(shell, "two-blanks", "patch | 768", "a | b")[1]] == ["right", "wrong"]


def test_a_card_that_draws_says_its_numbers_and_the_seed_chooses_them(shell: Shell) -> None:
    code, (found,) = tried(shell, "fresh", "16")
    assert (code, found["numbers"]) == (0, {"side": 224, "patch": 14})
    done = shell.run("try", "fresh", "--answer", "8", "--seed", "1")
    assert (done.code, done.out) == (0, "right: Read as 8. Asked with side = 224, patch = 28.\n")


def test_a_lab_decides_on_the_numbers_of_the_seed(shell: Shell) -> None:
    code, found = tried(shell, "count-lab", "14 × 14", "197", "many")
    assert [one["says"] for one in found] == ["right", "wrong", "ask"]
    assert "class token" in found[1]["message"]
    assert code == 2


def test_a_person_reads_the_question_of_a_lab_and_a_sentence(shell: Shell) -> None:
    done = shell.run("try", "count-lab", "--answer", "many", "--seed", "3")
    question, sentence = done.out.splitlines()
    assert "224 × 224" in question
    assert sentence == "ask: No number was found in “many”. Type one number, or say that you don't know."
    done = shell.run("try", "patch-count", "--answer", "14²")
    assert (done.code, done.out) == (0, "right: Read as 196.\n")


def test_nothing_is_logged_and_no_database_is_made(shell: Shell, tmp_path: Path) -> None:
    tried(shell, "patch-count", "196")
    assert not list((tmp_path / "home").rglob("*.db*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("patch-cuont", "--answer", "1"), "There is no card “patch-cuont”. Did you mean patch-count or"),
        (("\x1b[31m", "--answer", "1"), "There is no card"),
        (("x" * 10_000, "--answer", "1"), "There is no card"),
        (("broken-lab", "--answer", "1"), "broken-lab: its lab cannot ask a question"),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(shell: Shell, words: tuple[str, ...], said: str) -> None:
    done = shell.run("try", *words)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert len(done.err) < 300
    assert "\x1b" not in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "answer", ["9" * 400, "a" * 10_000, "\x1b]0;title\x07", "[bold]196[/]", "caf\udce9", "½" * 300]
)
def test_no_bytes_of_an_answer_break_anything(shell: Shell, answer: str) -> None:
    for card in ("patch-count", "two-blanks", "latent-choice", "steps", "pairs"):
        code, (found,) = tried(shell, card, answer)
        assert found["says"] in ("ask", "wrong")
        assert code in (1, 2)
        assert len(found["message"]) < 300
        done = shell.run("try", card, "--answer", answer)
        assert "\x1b" not in done.out
