"""The lint of interview questions and labelled sentences: each rule provoked, with file, line and field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from studytui.course.lint import Report, check
from tests.ui.tiny_course import write_course

TODAY = date(2026, 11, 30)
INTERVIEW, TUNED, MEASURED = "quizzes/interview.toml", "quizzes/grader/tune-a.toml", "quizzes/grader/held-out-a.toml"


def point(name: str, need: str = "must") -> str:
    return f"""
[[question.point]]
id = "{name}"
text = "The {name} matters"
need = "{need}"
phrasings = ["it is the {name} that counts", "without a {name} nothing works"]
contradicts = ["the {name} plays no part"]
covers = ["1.1-01"]
"""


def probe(name: str) -> str:
    return f'\n[[question.probe]]\nwhen_missing = "{name}"\nask = "What about the {name}?"\nmodel = "It matters."\n'


QUESTION = (
    """[[question]]
id = "int-cut"
sections = ["1.1"]
covers = ["1.1-01"]
level = "engineer"
kind = "debugging"
lens = "eye"
think_seconds = 20
answer_seconds = 120
ask = "Why does the cut fail?"
model = "The grid, the edge and the scale matter."
"""
    + point("grid")
    + point("edge")
    + point("scale", "bonus")
    + '\n[[question.mistake]]\nsays = "It is the colour."\ncorrection = "It is the grid."\n'
    + probe("grid")
    + probe("edge")
)


def pair(says: str = "You need a grid for it.", point: str = "grid", question: str = "int-cut") -> str:
    return f'[[pair]]\nquestion = "{question}"\npoint = "{point}"\nsays = "{says}"\nlabel = "covered"\n'


def linted(tmp_path: Path, interview: str = QUESTION, **files: str) -> Report:
    root = write_course(tmp_path / "course")
    (root / "quizzes/grader").mkdir()
    for path, text in ({INTERVIEW: interview} | files).items():
        (root / path).write_text(text, encoding="utf-8")
    return check(root, today=TODAY)


def line_of(text: str, mark: str, nth: int = 1) -> int:
    """The line on which the nth such mark stands."""
    return text[: [at for at in range(len(text)) if text.startswith(mark, at)][nth - 1]].count("\n") + 1


def test_a_sound_question_with_its_sentences_is_clean(tmp_path: Path) -> None:
    report = linted(tmp_path, **{TUNED: pair(), MEASURED: pair("Only a grid makes that work.")})
    assert [str(finding) for finding in report.findings] == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "field", "at", "words"),
    [
        ('sections = ["1.1"]', 'sections = ["1.9"]', "unknown-section", "sections", "sections =", "no section “1.9”"),
        ('covers = ["1.1-01"]\nlevel', 'covers = ["1.1-77"]\nlevel', "unknown-objective", "covers", "covers =",
         "no objective “1.1-77”"),
        ('lens = "eye"', 'lens = "nose"', "unknown-lens", "lens", "lens =", "no lens “nose”"),
        ('covers = ["1.1-01"]\n\n[[question.mistake]]', 'covers = ["8.8-88"]\n\n[[question.mistake]]',
         "unknown-objective", "point.2.covers", 'covers = ["8.8-88"]', "no objective “8.8-88”"),
        (point("scale", "bonus"), "", "thin-rubric", "point", "[[question]]", "3 to 8 key points, not 2"),
        (point("scale", "bonus"), "".join(point(f"p{n}") for n in range(7)), "thin-rubric", "point", "[[question]]",
         "3 to 8 key points, not 9"),
        ('need = "must"', 'need = "bonus"', "thin-rubric", "point", "[[question]]", "no point is a must"),
        ('\n[[question.mistake]]\nsays = "It is the colour."\ncorrection = "It is the grid."\n', "", "thin-rubric",
         "mistake", "[[question]]", "no common mistake"),
        (probe("edge"), "", "thin-rubric", "probe", "[[question]]", "2 or 3 follow-ups, not 1"),
        (', "without a edge nothing works"', "", "thin-rubric", "point.1.phrasings",
         'phrasings = ["it is the edge', "at least two ways"),
        ('contradicts = ["the edge plays no part"]\n', "", "thin-rubric", "point.1.contradicts",
         'id = "edge"', "would contradict it"),
        ("without a edge nothing works", "without a grid, nothing works!", "twice-said", "point.1.phrasings",
         "phrasings = [\"it is the edge", "is also in phrasings of the point “grid”"),
        ("the edge plays no part", "it is the edge that counts", "twice-said", "point.1.contradicts",
         'contradicts = ["it is the edge', "is also in phrasings of the point “edge”"),
        ("without a edge nothing works", "why does the cut fail", "answer-in-question", "point.1.phrasings",
         'phrasings = ["it is the edge', "is in the question"),
        ('when_missing = "edge"', 'when_missing = "grid"', "twice-said", "probe.1.when_missing",
         'ask = "What about the edge?"', "has a follow-up already"),
        # What cannot be read at all: nothing can be rehearsed until it is fixed.
        (point("grid") + point("edge") + point("scale", "bonus"), "", "schema", "point", "[[question]]", "missing"),
        ('need = "bonus"', 'patterns = ["(open"]', "schema", "point.2.patterns", "patterns =",
         "is not a regular expression"),
        ('need = "bonus"', "patterns = ['a(?=b)']", "schema", "point.2.patterns", "patterns =", "look-around"),
        ('need = "bonus"', "patterns = ['(a)b\\1']", "schema", "point.2.patterns", "patterns =", "back-reference"),
        ('when_missing = "edge"', 'when_missing = "rim"', "schema", "probe.1.when_missing", 'when_missing = "rim"',
         "no point “rim”"),
        ('level = "engineer"', 'level = "boss"', "schema", "level", "level =", "'engineer', 'senior' or 'lead'"),
        ('need = "bonus"', "weight = 4", "schema", "point.2.weight", "weight =", "less than or equal to 3"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_field(
    tmp_path: Path, *, old: str, new: str, rule: str, field: str, at: str, words: str
) -> None:
    text = QUESTION.replace(old, new)
    assert text != QUESTION
    report = linted(tmp_path, text)
    found = next(finding for finding in report.findings if finding.rule == rule)
    # A key that is missing is looked for on the line of its table, one above its first key.
    missing = at in ('id = "edge"', 'ask = "What about the edge?"')
    assert (found.path, found.line, found.card) == (INTERVIEW, line_of(text, at) - missing, "int-cut")
    assert found.field == field
    assert words in found.message


def test_questions_written_in_one_line_are_found_in_the_first(tmp_path: Path) -> None:
    inline = (
        'question = [{ id = "int-a", sections = ["1.9"], covers = ["1.1-01"], level = "lead", kind = "design", '
        'think_seconds = 5, answer_seconds = 60, ask = "Why?", model = "So.", '
        'point = [{ id = "p", text = "So", phrasings = ["so it is"] }] }]\n'
    )
    found = linted(tmp_path, inline).findings
    assert {finding.line for finding in found} == {1}
    assert "unknown-section" in {finding.rule for finding in found}


def test_a_question_of_the_same_id_is_named(tmp_path: Path) -> None:
    (found,) = linted(tmp_path, QUESTION + QUESTION).findings
    assert (found.rule, found.line) == ("schema", line_of(QUESTION + QUESTION, "id = ", 5))
    assert (found.field, found.message) == ("id", "line 1 has this id, too.")


@pytest.mark.parametrize(
    ("files", "rule", "path", "line", "words"),
    [
        ({TUNED: pair(point="rim")}, "schema", TUNED, 3, "there is no point “rim”"),
        ({MEASURED: pair(question="int-cu")}, "schema", MEASURED, 2, "there is no point “grid”"),
        ({TUNED: pair().replace("covered", "maybe")}, "schema", TUNED, 5, "not 'maybe'"),
        ({TUNED: pair() + pair().replace("covered", "contradicted")}, "twice-said", TUNED, 9,
         f"this sentence is also in {TUNED}:1"),
        ({TUNED: pair(), MEASURED: pair("you need a grid for it")}, "leaked-pair", MEASURED, 4,
         f"this sentence is also in {TUNED}:1"),
        ({MEASURED: pair("It is the grid that counts.")}, "leaked-pair", MEASURED, 4, "it measures nothing"),
    ],
)  # fmt: skip
def test_a_labelled_sentence_that_is_wrong_or_leaked_is_named(
    tmp_path: Path, *, files: dict[str, str], rule: str, path: str, line: int, words: str
) -> None:
    (found,) = linted(tmp_path, **files).findings
    assert (found.rule, found.path, found.line) == (rule, path, line)
    assert words in found.message
