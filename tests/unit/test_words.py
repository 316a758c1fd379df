"""Words typed into blanks: the cases of tests/cases/*.toml, and what holds for every text."""

from __future__ import annotations

import tomllib
from collections.abc import Container
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import numbers
from studytui.domain.cards import Blank, Cloze
from studytui.domain.spelling import OTHER_WAYS, fold, one_slip, same
from studytui.domain.verdict import Reading, Verdict


def check_cloze(body: Cloze, typed: list[str], course_words: Container[str] = frozenset()) -> Verdict:
    return body.check(typed, Reading(numbers, course_words))


CASES = [
    pytest.param(case, id=f"{case['accept'][0]}/{case['typed']}")
    for file in ("words.toml", "more_words.toml")
    for kind in tomllib.loads((Path(__file__).parents[1] / "cases" / file).read_text(encoding="utf-8"))["kind"]
    for case in kind["cases"]
]


def cloze(sentence: str, *accepted: tuple[str, ...]) -> Cloze:
    return Cloze(tuple(sentence.split("___")), tuple(map(Blank, accepted)))


@pytest.mark.parametrize("case", CASES)
def test_what_is_typed_into_a_blank_is_judged_as_the_cases_say(case: dict[str, object]) -> None:
    body = cloze(str(case["sentence"]), tuple(case["accept"]))  # type: ignore[arg-type]
    verdict = check_cloze(body, [str(case["typed"])])
    assert (verdict.asks, verdict.correct) == (False, case["right"]), verdict.message


def test_a_card_of_three_blanks_says_which_one_is_missing() -> None:
    body = cloze("A ___, a ___ and a ___.", ("patch",), ("token",), ("KL",))
    verdict = check_cloze(body, ["patches", "token", "MSE"])
    assert not verdict.correct
    assert verdict.score == pytest.approx(2 / 3)
    assert verdict.message == "2 of 3 blanks: “KL” is missing."
    assert [part.correct for part in verdict.parts] == [True, True, False]
    assert check_cloze(body, ["patch", "no", "no"]).message == "1 of 3 blanks: “token” and “KL” are missing."


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ([], "Type what belongs in every blank, or say that you don't know."),
        ([" ", "\u200b", "  "], "Type what belongs in every blank, or say that you don't know."),
        (["patch", "", "KL"], "Blank 2 is empty: type what belongs there, or say that you don't know."),
        (["", "token", ""], "Blanks 1 and 3 are empty: type what belongs there, or say that you don't know."),
        (
            ["a" * 10_000, "token", "KL"],
            "Blank 1 holds 10,000 characters: type a few words, or say that you don't know.",
        ),
    ],
)
def test_an_empty_blank_or_a_flood_is_asked_again_and_not_judged(typed: list[str], says: str) -> None:
    verdict = check_cloze(cloze("A ___, a ___ and a ___.", ("patch",), ("token",), ("KL",)), typed)
    assert (verdict.says, verdict.correct, verdict.message) == ("ask", False, says)


def test_one_empty_blank_alone_is_asked_for_in_the_singular() -> None:
    assert check_cloze(cloze("A ___.", ("patch",)), [""]).message.startswith("Type what belongs in the blank,")


def test_the_words_of_the_course_make_a_slip_another_word() -> None:
    body = cloze("Cut into ___.", ("tubelet",))
    assert check_cloze(body, ["tublet"]).correct
    assert not check_cloze(body, ["tublet"], course_words={"tublet"}).correct


def test_the_next_blank_typed_along_does_not_count() -> None:
    body = cloze("A ___ ___ reads.", ("vision",), ("encoder",))
    assert check_cloze(body, ["vision encoder", "vision encoder"]).correct
    assert not check_cloze(body, ["encoder", "vision"]).correct


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_spellings_are_the_same_both_ways_round(one: str, other: str) -> None:
    assert same(one, [other]) == same(other, [one]) or "/" in one + other or "(" in one + other


WORDS = st.sampled_from(
    ["the", "a", "patch", "patches", "16", "x", "×", "16x16", "-", "-1", "√", "sqrt(d)", "latent", "space", "adding",
     "addition", "[x]", "tokens", ">", "<", "<=", "≤", "→", "->", "!", "%", ")", "$x$", "\\frac{a}{b}", "resnet",
     "three", "σ", "ᾱ", ".", ";", "colour", "centre", "i.i.d.", "1e-4", "noise"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=6).map(" ".join), st.lists(WORDS, max_size=6).map(" ".join))
def test_two_spellings_of_the_course_are_the_same_both_ways_round(one: str, other: str) -> None:
    assert same(one, [other]) == same(other, [one]) or "(" in one + other
    assert fold(fold(one)) == fold(one)


@pytest.mark.parametrize("way", OTHER_WAYS, ids=" ".join)
def test_a_term_takes_every_other_way_to_say_it(way: tuple[str, ...]) -> None:
    for other in OTHER_WAYS[way]:
        assert same(" ".join(other), [" ".join(way)])


def test_a_narrower_term_does_not_take_the_broader_one() -> None:
    assert same("large language model", ["language model"])
    assert not same("language model", ["large language model"])


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_judging_a_blank_never_raises_and_takes_the_answer_itself(
    typed: str, accepted: str, before: str, after: str
) -> None:
    body = Cloze((before, after), (Blank((accepted,)),))
    check_cloze(body, [typed])
    one_slip(typed, [accepted], before=before, after=after)
    if accepted.strip() and not check_cloze(body, [accepted]).asks:
        assert check_cloze(body, [accepted]).correct
