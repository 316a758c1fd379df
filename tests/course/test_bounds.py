"""Values legal in type and absurd in size, or empty to the eye, are refused where they are read, with their line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from labs import numbers
from studytui.course.lint import check
from studytui.course.loader import load_cards, load_course
from studytui.course.schema import is_blank
from studytui.domain.cards import Numeric
from studytui.domain.verdict import Reading
from studytui.errors import CourseError
from tests.ui.tiny_course import CARDS_1, COURSE, write_course

FILE = "content/cards/01.toml"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u200b", "\u2028\u2029", "\ufeff", "\u202e\u2066", "\u00ad", "\u3164", "\u2800\u115f", "\ufe0f",
     "\U000e0101", "\u180e", "\u0000\u0007\u0085", "\u3000\u00a0\u2009", "\u2062\u034f"],
    ids=ascii,
)  # fmt: skip
def test_what_nobody_can_see_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(text + "a")


@pytest.mark.parametrize(
    "text", ["a", "\u2713", "\U0001f600", "\U0001fae9", "\u0e34", "-", "\ue0a0", "\u200bx"], ids=ascii
)
def test_what_can_be_seen_is_not(text: str) -> None:
    assert not is_blank(text)


ZEROS = "1" + "0" * 350


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("answer = 196", f"answer = {ZEROS}", 9, "finite number"),
        ("answer = 196", f"answer = -{ZEROS}", 9, "finite number"),
        ("answer = 196", "answer = " + "9" * 401, 9, "a number has more than 400 characters"),
        ("answer = 196", "answer = 1e101", 9, "finite number"),
        ("answer = 196", "answer = nan", 9, "finite number"),
        ("answer = 196", "answer = 0x" + "f" * 390, 9, "finite number"),
        ("answer = 196", f"answer = 1\ntolerance = {ZEROS}", 10, "finite number"),
        ("answer = 196", "answer = 1\ntolerance = nan", 10, "finite number"),
        ("answer = 196", "answer = 1\ntolerance_percent = inf", 10, "finite number"),
        ("answer = 196", f'answer = 1\nmistakes = [\n {{ value = {ZEROS}, why = "x" }},\n]', 11, "finite number"),
        ("answer = 196", f'answer = 1\nlab = {{ exercise = "x", set = {{ a = {ZEROS} }} }}', 10, "finite number"),
        ("answer = 196", 'answer = 1\nlab = { exercise = "x", vary = { a = [1, inf] } }', 10, "finite number"),
        ('front = "How many patches?"', 'front = "   "', 8, "can be seen"),
        ('front = "How many patches?"', 'front = "\\u200b\\u2028\\ufeff"', 8, "can be seen"),
        ('front = "How many patches?"', 'front = """\n\u2028\u200b\n"""', 8, "can be seen"),
        ('front = "How many patches?"', f'front = "{"x" * 100_001}"', 8, "at most 100000 characters"),
        ('helpers = ["eye"]', 'helpers = ["\\u200b"]', 11, "can be seen"),
        ('helpers = ["eye"]', 'hints = [\n"a",\n"\\u202e",\n]', 13, "can be seen"),
        ("{{softmax}}", "{{softmax|\u200b}}", 28, "can be seen"),
        ('section = "1.1"', 'section = "\u0661.\u0661"', 4, "not of the form"),
        ('section = "1.1"', f'section = "{"1" * 5000}.1"', 4, "not of the form"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_beyond_measure_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, said: str
) -> None:
    root = write_course(tmp_path, cards=CARDS_1)
    assert before in CARDS_1
    (root / FILE).write_text(CARDS_1.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CourseError, match=said) as caught:
        load_cards(root, FILE)
    assert (caught.value.path, caught.value.line) == (FILE, line)
    assert len(str(caught.value)) < 400
    findings = check(root, today=date(2026, 3, 1)).findings
    assert (FILE, line) in {(finding.path, finding.line) for finding in findings}


@pytest.mark.parametrize("answer", ["1e100", "-1e100", "1e-320", "0", "1" + "0" * 100])
@pytest.mark.parametrize("bounds", ["", "tolerance = 1e100", "tolerance_percent = 100"])
def test_the_largest_numbers_are_judged(tmp_path: Path, answer: str, bounds: str) -> None:
    root = write_course(tmp_path)
    (root / FILE).write_text(CARDS_1.replace("answer = 196", f"answer = {answer}\n{bounds}"), encoding="utf-8")
    card = load_cards(root, FILE)[0]
    assert isinstance(card.body, Numeric)
    for typed in ("1", "1e100", "-1e300", "9" * 500, "1/0", "10^400"):
        card.body.check(typed, Reading(numbers))


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('cards = "cards/01.toml"', 'cards = "\\u0000"', 11),
        ('cards = "cards/01.toml"', 'cards = "../../x.toml"', 11),
        ('cards = "cards/01.toml"', 'cards = "/etc/passwd"', 11),
        ('cards = "cards/01.toml"', "cards = 'c:\\x.toml'", 11),
        ('cards = "cards/01.toml"', "cards = '..\\x.toml'", 11),
        ('cards = "cards/01.toml"', f'cards = "{"x" * 300}"', 11),
        ('cards = "cards/01.toml"', 'cards = "a\\nb"', 11),
        ('text = "chapters/01.md"', 'text = "\\u202e"', 10),
        ('cards = "cards/02.toml"', 'cards = "cards/01.toml"', 23),
        ('cards = "cards/02.toml"', 'cards = "cards/./01.toml"', 23),
        ("number = 2", "number = 1", 20),
        ("number = 2", f"number = {ZEROS}", 20),
        ('title = "Tiny course"', 'title = "\\u200b"', 3),
        ('id = "1.2"', f'id = "{"1" * 5000}.2"', 16),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_course_that_names_what_cannot_be_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, line: int
) -> None:
    root = write_course(tmp_path)
    assert before in COURSE
    (root / "content/course.toml").write_text(COURSE.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        load_course(root)
    assert (caught.value.path, caught.value.line) == ("content/course.toml", line)


def test_a_back_in_which_nothing_can_be_seen_is_an_empty_back(tmp_path: Path) -> None:
    root = write_course(tmp_path, cards=CARDS_1.replace("14 times 14.", "\u200b"))
    assert load_cards(root, FILE)[0].back == ""
    assert "empty-back" in {finding.rule for finding in check(root, today=date(2026, 3, 1)).findings}
