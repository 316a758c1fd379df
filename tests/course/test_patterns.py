"""Patterns of rubrics: found as Python would find them, never for long, and refused where they could take long."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studytui.course.quizzes import MOST_CHARACTERS, PatternError, compiled, load_interview
from studytui.domain.rubric import Point, Question
from studytui.study.grader import MOST_CHARACTERS as MOST_READ
from studytui.study.grader import grade
from tests.quick import quickest

ROOT = Path(__file__).parents[2]
NAMES_AND_NUMBERS = [
    r"\b196\b", r"14\s*(?:x|×|by|times)\s*14", r"soft-?max", r"(?:cls|class)[- ]token", r"\bO\(n(?:\^2|²)\)",
    r"224\s*/\s*16", r"quadratic(?:ally)?", r"^no\b", r"\d+(?:[.,]\d+)*\s*(?:million|m\b)", r"VQ-?(?:VAE|GAN)",
    r"(?i)sigmoid|info ?nce", r"learn(?:ed|t) (?:position|embedding)s?", r"\w+ed\b.{0,40}\btoken",
    r"tubelet|3-?d patch",
]  # fmt: skip


def sentences() -> Iterator[str]:
    """All that the repository has of answers: labelled sentences and model answers."""

    def walk(value: Any) -> Iterator[str]:
        match value:
            case str():
                yield value
            case dict():
                for key, each in value.items():
                    if key not in ("id", "point", "question") or not isinstance(each, str):
                        yield from walk(each)
            case list():
                for each in value:
                    yield from walk(each)

    for path in sorted((ROOT / "quizzes").rglob("*.toml")):
        yield from walk(tomllib.loads(path.read_text(encoding="utf-8")))


def shipped() -> list[str]:
    return [pattern for question in load_interview(ROOT) for point in question.points for pattern in point.patterns]


def test_names_and_numbers_are_found_where_python_finds_them() -> None:
    texts = list(sentences())
    assert len(texts) > 4_000
    hits = 0
    for pattern in [*NAMES_AND_NUMBERS, *shipped()]:
        ours, pythons = compiled(pattern), re.compile(pattern, re.IGNORECASE)
        for text in texts:
            found, expected = ours.search(text), pythons.search(text)
            assert (found and found.span()) == (expected and expected.span()), (pattern, text)
            hits += found is not None
    assert hits > 200


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*b", r"(?:a?){200}a{200}", r"(\s+)*x", r".*.*.*=.*"])
def test_a_pattern_that_backtracks_in_python_takes_no_time(pattern: str) -> None:
    text = ("a" * 40 + " " * 40) * (MOST_READ // 80)
    assert quickest(lambda: compiled(pattern).search(text), 1) < 1


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"a(?=b)", "look-around"), (r"(?<!a)b", "look-around"), (r"(a)\1", "back-reference"),
        (r"a{2000}", "repetitions"), (r"(?>a+)b", "look-around"), ("(open", "missing )"), ("[z-a]", "range"),
        ("x" * (MOST_CHARACTERS + 1), "longer than"), ("(((a{60}){30}){30}){30}", "repetitions"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_to_a_time_is_refused_in_a_sentence(
    pattern: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PatternError, match=re.escape(words)):
        compiled(pattern)
    assert capfd.readouterr() == ("", "")


def question(*patterns: str) -> Question:
    return Question(
        id="q",
        ask="How many?",
        model="196",
        points=(Point("n", "there are 196 patches", ("196 patches",), patterns=patterns),),
    )


def test_an_answer_that_a_pattern_names_is_covered_with_its_words_quoted() -> None:
    (verdict,) = grade(question(r"14 ?[x×] ?14"), "Größe: it is 14×14 of them, I think.").verdicts
    assert verdict.found == "covered"
    assert verdict.quote is not None
    assert verdict.quote.text == "14×14"


@pytest.mark.parametrize(
    "unit", ["a", " ", "a ", "\n", "!", "a\n", "(", "; ", "I do not know ", "if ", "1,", "e.g. ", "→ "]
)
def test_no_answer_holds_the_grader_up(unit: str) -> None:
    grade(question(), "a warm-up, which loads the word vectors once")
    asked = replace(question(r"(a+)+$", r"(\s+)+x"))
    assert quickest(lambda: grade(asked, unit * (200_000 // len(unit)) + "\0"), 10) < 10
