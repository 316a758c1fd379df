"""`studytui rehearse` for scripts: one answer graded, the questions listed, and what can be wrong with either."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Done, Shell
from tests.rehearsal.tiny_interview import FULL_ANSWER, INTERVIEW, write_interview

GRADE = ("rehearse", "--grade", "int-patches", "--answer-file")
HOSTILE = (
    "def f():\n    return '\x1b[31m\x1b]0;title\x07' # [bold red]not red[/]\n```html\n<script>alert(1)</script>\n```"
)


@pytest.fixture(autouse=True)
def questions(shell: Shell) -> None:
    write_interview(shell.course)


def graded(shell: Shell, tmp_path: Path, answer: str | bytes) -> Any:
    """The answer's grade as JSON; `error` there is whatever stood on standard error."""
    file = tmp_path / "answer.txt"
    file.write_bytes(answer if isinstance(answer, bytes) else answer.encode())
    done = shell.run(*GRADE, str(file), "--json")
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


def refused(done: Done, *said: str) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("studytui: ")
    for words in said:
        assert words in done.err


def test_one_answer_is_graded_point_by_point_and_nothing_is_written(shell: Shell, tmp_path: Path) -> None:
    found = graded(shell, tmp_path, FULL_ANSWER)
    assert set(found) == {"question", "score", "grade", "grader", "points", "notes"}
    assert (found["question"], found["grade"], found["score"]) == ("int-patches", 5, 1.0)
    keys = {"id", "text", "verdict", "confidence", "quote", "why", "weight", "need"}
    assert all(set(point) == keys for point in found["points"])
    split, embed, cost = found["points"]
    assert (split["id"], split["verdict"], split["need"], split["weight"]) == ("split", "covered", "must", 2)
    assert split["quote"] in FULL_ANSWER
    assert embed["verdict"] == "covered"
    assert (cost["id"], cost["need"], cost["weight"]) == ("cost", "bonus", 1)
    assert not (tmp_path / "home/study.db").exists()


def test_what_is_denied_is_not_covered(shell: Shell, tmp_path: Path) -> None:
    found = graded(shell, tmp_path, "Each pixel becomes a token of its own. The embedding is never learned.")
    assert [point["verdict"] for point in found["points"]][:2] == ["contradicted", "contradicted"]
    assert found["score"] == 0


def test_the_same_in_words_and_from_standard_input(shell: Shell) -> None:
    done = shell.run(*GRADE, "-", stdin=FULL_ANSWER)
    assert done.code == 0
    assert "Score 1.00, grade 5." in done.out
    assert "covered       The image is cut into square patches “" in done.out


def test_an_empty_answer_is_nothing_said(shell: Shell, tmp_path: Path) -> None:
    for answer in ("", " \n\t\n"):
        found = graded(shell, tmp_path, answer)
        assert (found["score"], found["grade"]) == (0, 0)
        assert {point["verdict"] for point in found["points"]} == {"missed"}
        assert found["notes"]


def test_twenty_thousand_words_say_how_much_was_read(shell: Shell, tmp_path: Path) -> None:
    filler = "We then talked about many other things of no importance whatever. "
    found = graded(shell, tmp_path, FULL_ANSWER + " " + filler * 2000)
    assert found["points"][0]["verdict"] == "covered"
    assert any("words were read" in note for note in found["notes"])


def test_another_language_is_said_and_not_guessed_at(shell: Shell, tmp_path: Path) -> None:
    german = (
        "Zuerst zerlegt man das Bild; jedes Quadrat wird dann mit einer gelernten Matrix auf einen Vektor abgebildet."
    )
    found = graded(shell, tmp_path, german)
    assert {point["verdict"] for point in found["points"]} == {"missed"}
    assert any("English" in note for note in found["notes"])


def test_pasted_code_and_escapes_are_data(shell: Shell, tmp_path: Path) -> None:
    assert {point["verdict"] for point in graded(shell, tmp_path, HOSTILE)["points"]} == {"missed"}
    done = shell.run(*GRADE, "-", stdin=HOSTILE + "\n" + FULL_ANSWER.replace("square", "\x1b[31msquare"))
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "\x07" not in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--grade", "int-patch", "--answer-file", "-"), "there is no such question. Did you mean int-patches"),
        (("--grade", "int-patches"), "--grade needs --answer-file FILE, or - for standard input."),
        (("--grade", "int-patches", "--answer-file", "missing.txt"), "cannot be read (No such file or directory)"),
        (("--grade", "int-patches", "--answer-file", "/"), "cannot be read (Is a directory)"),
        (("--grade", "int-patches", "--answer-file", "-", "--seven"), "--grade takes one question and no set"),
        (("--grade", "int-patches", "--list"), "--grade takes one question and no set"),
        (("--answer-file", "x.txt"), "--answer-file goes with --grade QUESTION."),
        (("--list", "--weakest"), "--list goes with --chapter, --level, --seven or --question"),
        (("--list", "--chapter", "9"), "no question is in this set"),
        (("--list", "--level", "boss"), "there are engineer, senior, lead"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(shell: Shell, words: tuple[str, ...], said: str) -> None:
    refused(shell.run("rehearse", *words), said)


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfe\xfa patches", "is not UTF-8 text"), (b"a\x00b", "is no text")]
)
def test_a_file_that_is_no_text_is_refused(shell: Shell, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "answer.bin").write_bytes(content)
    refused(shell.run(*GRADE, str(tmp_path / "answer.bin")), said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('phrasings = ["the image is cut', 'patterns = ["(cut"]\nphrasings = ["the image is cut', "regular expression"),
        ('phrasings = ["the image is cut into square patches"]\n', "", "phrasings: this field is missing"),
    ],
)
def test_a_rubric_that_is_wrong_is_named_with_its_line(shell: Shell, old: str, new: str, said: str) -> None:
    assert old in INTERVIEW
    write_interview(shell.course, INTERVIEW.replace(old, new))
    refused(shell.run(*GRADE, "-", stdin=FULL_ANSWER), "quizzes/interview.toml:", "int-patches", said)


def test_the_list_has_every_question_or_those_of_a_set(shell: Shell) -> None:
    rows = json.loads(shell.run("rehearse", "--list", "--json").out)
    assert [row["question"] for row in rows] == ["int-patches", "int-attention", "int-latents"]
    assert set(rows[0]) == {"question", "level", "kind", "sections", "covers", "seven", "ask", "points"}
    lines = shell.run("rehearse", "--list").out.splitlines()
    assert len(lines) == 3
    assert lines[0].split()[:4] == ["int-patches", "engineer", "concept", "1.1"]
    for words, expected in {
        ("--chapter", "2"): ["int-latents"],
        ("--level", "senior"): ["int-attention"],
        ("--seven",): ["int-patches"],
        ("--question", "int-latents"): ["int-latents"],
    }.items():
        rows = json.loads(shell.run("rehearse", "--list", "--json", *words).out)
        assert [row["question"] for row in rows] == expected


def test_a_course_without_questions_says_where_they_stand(shell: Shell) -> None:
    (shell.course / "quizzes/interview.toml").unlink()
    done = shell.run("rehearse", "--list")
    assert (done.code, done.out) == (
        0,
        "This course has no interview questions; they belong in quizzes/interview.toml.\n",
    )
